"""A connection that breaks: the real server program, cut off after so many bytes in or out.

As a script, in place of git-receive-pack or git-upload-pack: `python wire.py IN OUT PROGRAM FOLDER`.
-1: as many as there are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading


def main() -> None:
    """Pass bytes on, and be gone after the last that may pass."""
    most_in, most_out, program, folder = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5]
    server = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin and server.stdout

    def cut() -> None:
        server.kill()
        os._exit(128)

    def copy(source: int, target: int, most: int) -> None:
        done = 0
        while data := os.read(source, 1 << 16 if most < 0 else max(1, min(1 << 16, most - done))):
            if 0 <= most <= done:
                cut()
            os.write(target, data)
            done += len(data)
            if 0 <= most <= done:
                cut()
        if target != 1:
            os.close(target)

    into = threading.Thread(target=copy, args=(0, server.stdin.fileno(), most_in), daemon=True)
    into.start()
    copy(server.stdout.fileno(), 1, most_out)
    os._exit(server.wait())


if __name__ == "__main__":
    main()
