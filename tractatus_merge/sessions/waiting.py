"""Who waits to be merged by another's command: what a session asks, and what it is answered.

Ends that come at once need not each load all that merges. Whoever keeps the lock leads: it takes
the requests that wait, merges them behind its own, and answers. Each file appears whole.

| in `waiting/` | what |
| --- | --- |
| lock | kept by who leads, until its end |
| asked/ID | a request: what the session has sealed, by a second name (a hard link) |
| taken/ID | the same, while a leader is at work on it |
| answered/ID | what came of it |
| bases/DIGEST | the history after it, which becomes the base of each folder |

A request is withdrawn or taken, never both: the kernel lets one of the two happen. While the lock
is free, no leader is at work, and what is in `taken` is as good as asked. Decision 50. Standard
library only, and of it little at import.
"""

from __future__ import annotations

import contextlib
import os
import time

from tractatus_merge.system import files, jsonl, locks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

_LEFT = {"asked": 3600.0, "taken": 3600.0, "answered": 3600.0, "bases": 60.0}
"""Seconds after which a file is nobody's: who waited is dead, and merged as any who ended is."""


class Waiting:
    """The folder in which those wait who share a state."""

    def __init__(self, state: str | Path) -> None:
        self.folder = os.path.join(state, "waiting")
        self.lock = os.path.join(self.folder, "lock")

    def lead(self) -> bool:
        """Keep the lock, unless another has it: then False."""
        return locks.keep(self.lock)

    @property
    def leads(self) -> bool:
        """Whether this process leads."""
        return locks.is_kept(self.lock)

    def step_down(self) -> None:
        """Let the next one lead."""
        locks.let_go(self.lock)

    def ask(self, session: str, sealed: str) -> None:
        """Put the file of a request into sight; OSError where the disk has no second names."""
        self.forget(session)
        path = self._path("asked", session)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.link(sealed, path)

    def withdraw(self, session: str) -> bool:
        """Take a request back; False where a leader has taken it, and may be merging it now."""
        with contextlib.suppress(OSError):
            os.unlink(self._path("asked", session))
            return True
        return not os.path.exists(self._path("taken", session))

    def asked(self) -> list[tuple[str, str]]:
        """The requests that nobody has answered, in the order of their coming: id and file.

        For who leads: what an earlier leader took and left is among them.
        """
        found = [
            (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name, entry.path)
            for place in ("taken", "asked")
            for entry in self._entries(place)
        ]
        return [(name, path) for _, name, path in sorted(found)]

    def take(self, session: str) -> bool:
        """Take a request, so that it cannot be withdrawn; False where it was withdrawn."""
        taken = self._path("taken", session)
        os.makedirs(os.path.dirname(taken), exist_ok=True)
        with contextlib.suppress(OSError):
            os.rename(self._path("asked", session), taken)
        return os.path.exists(taken)

    def answer(self, session: str, answer: dict[str, Any]) -> None:
        """Say what came of a request."""
        files.replace(self._path("answered", session), jsonl.dump(answer))
        self._unlink("taken", session)

    def answered(self, session: str) -> dict[str, Any]:
        """What came of a request; empty where nobody has answered, or not this account."""
        path = self._path("answered", session)
        try:
            if os.stat(path, follow_symlinks=False).st_uid != os.geteuid():
                return {}
        except OSError:
            return {}
        return jsonl.load(path)

    def put_base(self, data: bytes) -> str:
        """Put a history where `base` finds it; its digest."""
        name = files.digest(data)
        path = self._path("bases", name)
        if not os.path.exists(path):
            files.replace(path, data)
        return name

    def base(self, digest: str) -> str:
        """The file of such a history."""
        return self._path("bases", digest)

    def forget(self, session: str) -> None:
        """Take away what was asked and answered for a session."""
        for place in ("asked", "taken", "answered"):
            self._unlink(place, session)

    def tidy(self) -> None:
        """Take away what those left who were killed before they read it. For who leads."""
        for place, left in _LEFT.items():
            for entry in self._entries(place):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < time.time() - left:
                        os.unlink(entry.path)

    def _path(self, place: str, name: str) -> str:
        return f"{self.folder}/{place}/{name}"

    def _entries(self, place: str) -> Iterator[os.DirEntry[str]]:
        with contextlib.suppress(OSError):
            yield from os.scandir(f"{self.folder}/{place}")

    def _unlink(self, place: str, name: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._path(place, name))
