"""Instructions that a commit not of ours took out of the history: ours never take one out."""

from __future__ import annotations

from collections.abc import Iterator

from tractatus_merge.core.model.state import INSTRUCTIONS, Entry
from tractatus_merge.git.log import LOG, entries_of
from tractatus_merge.git.store import GitStore
from tractatus_merge.value import replace


def removals(store: GitStore) -> Iterator[Entry]:
    """Commits without our trailers that took instructions out, with those that are not back yet."""
    head = store.head()
    if head is None:
        return
    there = {key for key in store.load(head) if key[0] == INSTRUCTIONS}
    for entry in entries_of(store.git.stream(*LOG, "--diff-filter=D", head, "--")):
        gone = [key for key in entry.changes if key[0] == INSTRUCTIONS and key not in there]
        if gone and not entry.time:
            yield replace(entry, changes=tuple(gone))
