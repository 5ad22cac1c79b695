"""Work that is too long for a hook: done in a child of its own, which outlives it.

The child is a copy of this process, so nothing is started anew; it has no terminal, no pipe of the
agent's and a session of its own, so nobody waits for it and nobody ends it with the hook.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def ask(work: Callable[[], str], seconds: float, failed: Callable[[BaseException], None]) -> str:
    """What the work answers within so many seconds; nothing if it takes longer or fails."""
    import select
    import time

    out, into = os.pipe()
    if os.fork() == 0:
        os.close(out)
        _work(work, into, failed)
    os.close(into)
    ends, said = time.monotonic() + seconds, b""
    try:
        while select.select([out], [], [], max(0.0, ends - time.monotonic()))[0]:
            part = os.read(out, 65536)
            if not part:
                return said.decode("utf-8", "replace")
            said += part
        failed(TimeoutError(f"no answer within {seconds:g} seconds; it goes on without"))
        return ""
    finally:
        os.close(out)


def detach(work: Callable[[], str], failed: Callable[[BaseException], None]) -> None:
    """Let the work be done; nobody waits for it."""
    if os.fork() == 0:
        _work(work, None, failed)


def _work(
    work: Callable[[], str], into: int | None, failed: Callable[[BaseException], None]
) -> None:
    """Be the child: never returns."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        said = work().encode("utf-8", "replace")
        while into is not None and said:
            said = said[os.write(into, said) :]
    except BrokenPipeError:
        pass  # the hook had no time to hear it
    except BaseException as error:  # noqa: BLE001 (a hook never fails: it is written down)
        failed(error)
    finally:
        os._exit(0)
