"""A line of an older layout turned into the newest one, by a version that changes no record.

It depends on its parent alone: turned in two clones, a line is the same to the byte.
"""

from __future__ import annotations

from typing import NamedTuple

from tractatus_merge.core.model.needs import GIT_LAYOUT_SINCE
from tractatus_merge.core.model.state import Entry, Version
from tractatus_merge.errors import ContentionError
from tractatus_merge.git.access import store_of
from tractatus_merge.git.tree import NEWEST
from tractatus_merge.repository.line import NOBODY, Repository

COMMAND = "tractatus-merge migrate --layout"
UPGRADE = f"pip install --upgrade 'tractatus-merge>={GIT_LAYOUT_SINCE}'"
"""What to type wherever an older program works on a line that was turned."""
_ATTEMPTS = 100
"""So often may others be faster."""


class Turned(NamedTuple):
    """The head, and whether it was turned just now."""

    head: Version
    now: bool


def is_old(repo: Repository, version: Version) -> bool:
    """Whether a version is of an older layout."""
    return store_of(repo).layout(version) < NEWEST


def turn(repo: Repository) -> Turned:
    """Lay the head out anew; what older versions hold stays where it is.

    Raises:
        RequestError: the history is not kept in git.
        NewerNeeded: this program may not write in it; HistoryMoved: it went elsewhere.
        ContentionError: others write without a pause.
    """
    store = store_of(repo)
    for _ in range(_ATTEMPTS):
        state = repo.head()
        assert state.version is not None
        if not is_old(repo, state.version):
            return Turned(state.version, now=False)
        repo.must_be_writable()
        entry = Entry(f"Turn to git layout {NEWEST}", author=NOBODY, time=state.time)
        version = store.commit(state.version, state, entry, layout=NEWEST)
        if version is not None:
            return Turned(version, now=True)
    raise ContentionError("others publish without a pause.", hint=COMMAND)
