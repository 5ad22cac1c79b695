"""The lock in front of the loop: a courtesy, by which writers line up instead of racing.

Nothing depends on it. Who does not get it in time goes on without it, and so may whoever cannot ask
for it: the commit of the store is what keeps two writers apart. Decision 27 has what each lock can
promise; which ones there are, `factory` knows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from tractatus_merge.system import locks

Tell = Callable[[str], object]
"""How a line is said to who waits."""


class Lock(Protocol):
    """One line's lock, as one process sees it."""

    def held(self, wait: float, tell: Tell) -> AbstractContextManager[bool]:
        """Hold it for a while; yields whether it was got within `wait` seconds. Never an error.

        Who holds it, and why it is done without, is told.
        """
        ...


class Flock:
    """The kernel's lock on a file: for the writers of one machine, in the order they came."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def held(self, wait: float, tell: Tell) -> AbstractContextManager[bool]:
        """See Lock. The kernel lets it go when its holder dies."""
        del tell
        return locks.locked(self._path, wait)


class NoLock:
    """Nobody waits for anybody: whoever is too late plans again."""

    def held(self, wait: float, tell: Tell) -> AbstractContextManager[bool]:
        """See Lock."""
        del wait, tell
        return nullcontext(enter_result=False)
