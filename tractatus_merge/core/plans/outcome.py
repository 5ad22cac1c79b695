"""What a merge did, as ids and as a log message. Nothing is decided here.

The ids are those that the instructions have now, after renames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    Entry,
    State,
)
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.value import Value, field

if TYPE_CHECKING:
    from tractatus_merge.core.model.findings import Finding


class Outcome(Value):
    """What a merge did, by the ids the instructions have now.

    `answered` are resolutions: a person saw a side that this session brings, and answered then.
    `reopened` are conflicts that are open again, as an undo leaves them.
    """

    added: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    header: bool = False
    notes: tuple[Finding, ...] = ()
    answered: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The outcome in one word: clean, conflicts or nothing."""
        if self.conflicts:
            return "conflicts"
        done = self.added or self.edited or self.retired or self.header
        return "clean" if done else "nothing"


def merge_outcome(
    incoming: Incoming,
    is_retired: Callable[[Json], bool],
    renames: Mapping[str, str],
    conflicts: tuple[str, ...] = (),
    notes: tuple[Finding, ...] = (),
) -> Outcome:
    """What a session brought, by the ids its instructions have after the merge."""
    edited = incoming.edited()
    retired = [
        name
        for name in edited
        if is_retired(incoming.copy[name].content) and not is_retired(incoming.base[name].content)
    ]
    return Outcome(
        added=tuple(renames.get(name, name) for name in incoming.added()),
        edited=_now(renames, [name for name in edited if name not in retired]),
        retired=_now(renames, retired),
        kept=tuple(incoming.absent()),
        renamed=renames,
        conflicts=conflicts,
        notes=notes,
        header=not same(incoming.base_header, incoming.copy_header),
    )


def _now(renames: Mapping[str, str], names: Iterable[str]) -> tuple[str, ...]:
    """What records are called now, each once."""
    return tuple(dict.fromkeys(renames.get(name, name) for name in names))


def union_outcome(
    before: State, after: State, is_retired: Callable[[Json], bool], renames: Mapping[str, str]
) -> Outcome:
    """What a union brought to one of its heads."""
    added: list[str] = []
    edited: list[str] = []
    retired: list[str] = []
    for name in after.names(INSTRUCTIONS):
        texts = before.get(INSTRUCTIONS, name), after.get(INSTRUCTIONS, name) or ""
        if texts[0] is None:
            added.append(name)
        elif texts[0] != texts[1]:
            old, new = Record(texts[0]).content, Record(texts[1]).content
            gone = is_retired(new) and not is_retired(old)
            if not same(old, new):
                (retired if gone else edited).append(name)
    return Outcome(
        added=tuple(added),
        edited=tuple(edited),
        retired=tuple(retired),
        renamed=renames,
        conflicts=newly_open(before, after),
        header=before.get(DOCUMENT, HEADER) != after.get(DOCUMENT, HEADER),
    )


def newly_open(before: State, after: State) -> tuple[str, ...]:
    """The open conflicts that are new or changed since the state before."""
    names = after.names(CONFLICTS)
    return tuple(n for n in names if after.get(CONFLICTS, n) != before.get(CONFLICTS, n))


def message(session: str, outcome: Outcome) -> str:
    """The log message of a merge that was given none."""
    counts = (
        (len(outcome.added), "added"),
        (len(outcome.edited), "edited"),
        (len(outcome.retired), "retired"),
        (len(outcome.renamed), "renamed"),
        (len(outcome.conflicts), "in conflict"),
    )
    what = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"Merge session {session}: {what or 'header'}"


class Plan(Value):
    """What to commit: the new state, the log entry, and what to tell. `entry` None: nothing."""

    state: State
    entry: Entry | None
    outcome: Outcome = field(default_factory=Outcome)


def later(now: str, than: str) -> str:
    """A hybrid clock: now, but not before what it follows. Both ISO 8601 in UTC.

    One clock that is wrong must not set all others: what is more than a day to come is not
    followed, unless our own clock is the one that stands still.
    """
    if than <= now or now < _SET:
        return max(now, than)
    to_come = datetime.fromisoformat(than) - datetime.fromisoformat(now)
    return than if to_come <= DRIFT else now


DRIFT = timedelta(days=1)
"""By how much the clocks of those who share a line may differ, wrong time zones included."""
_SET = "2025-01-01T00:00:00.000Z"
"""A clock before this one was never set: the program is younger."""
