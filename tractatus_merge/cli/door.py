"""The one place where an error becomes an exit code, whatever verb it comes from.

An end that is asked for plainly is done without the command group: to load that takes as long as
the merge.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from tractatus_merge.cli import plain
from tractatus_merge.cli.terminal.output import complain, talk
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.errors import ReadOnly, TractatusError
from tractatus_merge.system import plain_file


def run(words: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    try:
        return _run(words)
    except OSError as error:
        from tractatus_merge.repository import workspace

        if workspace.is_walled(error, os.environ):
            complain(ReadOnly(str(error.filename), str(error.strerror)))
        else:
            talk(f"error: {error.strerror or error}: {error.filename or ''}")
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                from shlex import quote  # a full disk is rare

                place = quote(str(Path(error.filename or ".").absolute().parent))
                talk(f"  df {place}   (make room, and type the same command again)")
        return 3
    except Exception as error:  # noqa: BLE001 (a bug: one line for people, the rest into a file)
        talk(f"bug: {type(error).__name__}: {error} (written to {_crash_log()})")
        return 70


def _run(words: Sequence[str]) -> int:
    try:
        asked = plain.end(words)
        if asked is not None:
            from tractatus_merge.cli import ending

            return ending.perform(*asked)
        from tractatus_merge.cli import verbs  # click, and what is in it

        return verbs.run(words)
    except TractatusError as error:
        complain(error)
        return error.exit_code
    except JsonError as error:
        talk(f"error: this cannot be written: {error.why}.")
        return 2
    except KeyboardInterrupt:
        talk("stopped")
        return 130
    except SystemExit as exit_:
        return int(exit_.code or 0)


def _crash_log() -> Path:
    home = os.environ.get("XDG_STATE_HOME")
    folder = Path(home) if home else Path("~/.local/state").expanduser()
    path = folder / "tractatus-merge" / "crash.log"
    with contextlib.suppress(OSError):
        import traceback  # a bug is rare

        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(plain_file.open_end(path), "ab") as file:
            file.truncate(0)
            file.write(traceback.format_exc().encode("utf-8", "backslashreplace"))
    return path
