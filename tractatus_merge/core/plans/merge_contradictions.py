"""The contradictions that a merge brings about: those that follow from a change of each side.

Only what was changed counts. A contradiction that stands without one side's change is the other
side's own matter, or nobody's: whoever edits a note is not asked about a port.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tractatus_merge.core.model.findings import (
    TWIN,
    FindContradictions,
    Finding,
    is_known,
    without_repeats,
)
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.places import get, has_parent, leaves, put
from tractatus_merge.value import Value

Content = dict[str, Json]
Without = Mapping[str, Content | None]
"""The instructions that a side changed, each as it would be without that; None: not there."""

_Pair = tuple[str, Content | None, str, Content | None]


class Change(Value):
    """What one side made of an instruction, and what the other side says."""

    base: Content | None
    said: Content
    other: Content

    def taken_from(self, after: Content) -> Content | None:
        """What the merge has, without this change; None where it is the whole instruction.

        Where the other side's word stands, there is nothing to take away.
        """
        if self.base is None:
            return None
        content: Json = after
        for path, old, new in leaves(self.base, self.said):
            here = get(after, path)
            stands = same(here, new) or not same(here, get(self.other, path))
            if stands and has_parent(content, path):
                content = put(content, path, old)
        return dict(content)


def merge_findings(
    head: State,
    after: State,
    incoming: Incoming,
    names: Iterable[tuple[str, str]],
    find: FindContradictions,
) -> tuple[list[Finding], list[Finding]]:
    """The contradictions that a session's merge brings about, and the twins that it notes.

    `names` are the session's instructions, each with an id that the session knows it by; `after`
    is what they are published in.
    """
    if not incoming.complete:
        return [], []
    theirs: dict[str, Content | None] = {}
    for name, own in names:
        was, said = _content(incoming.base.get(own)), incoming.copy[own].content
        rest = theirs.get(name) or after.content(name)
        theirs[name] = Change(was, said, head.content(name)).taken_from(rest)
    ours = {
        name: Change(
            _content(base),
            record.content,
            _content(incoming.copy.get(name)) or record.content,
        ).taken_from(after.content(name))
        for name, base, record in _moved(incoming.base, head)
    }
    found = brought_about((theirs, ours), after, [head], find)
    conflicts = [finding for finding in found if finding.code != TWIN]
    return conflicts, [finding for finding in found if finding.code == TWIN]


def brought_about(
    sides: tuple[Without, Without], after: State, heads: Iterable[State], find: FindContradictions
) -> list[Finding]:
    """The findings that follow from a change of each side, and are known in none of the heads.

    One finding for one disagreement: where the texts contradict, parameters only repeat it.
    """
    known = list(heads)
    contents = [{name: after.content(name) for name in side} for side in sides]
    found = [
        finding
        for finding in find(contents[0], contents[1])
        if is_known(known, finding) or _needs_both(finding, sides, after, find)
    ]
    return [finding for finding in without_repeats(found) if not is_known(known, finding)]


def _needs_both(
    finding: Finding, sides: tuple[Without, Without], after: State, find: FindContradictions
) -> bool:
    """Whether the finding follows from a change of the one side and one of the other."""
    for one, other in (finding.ids, finding.ids[::-1]):
        if one in sides[0] and other in sides[1]:
            here, there = after.content(one), after.content(other)
            alone = ((one, sides[0][one], other, there), (one, here, other, sides[1][other]))
            if not any(_holds(finding, pair, find) for pair in alone):
                return True
    return False


def _holds(finding: Finding, pair: _Pair, find: FindContradictions) -> bool:
    one, here, other, there = pair
    if here is None or there is None:
        return False
    return any(item.id == finding.id for item in find({one: here}, {other: there}))


def _content(record: Record | None) -> Content | None:
    return record.content if record else None


def _moved(bases: Mapping[str, Record], head: State) -> Iterator[tuple[str, Record | None, Record]]:
    """The head's records that are others than the session's base, each with that."""
    for name, text in head.texts(INSTRUCTIONS).items():
        base = bases.get(name)
        if base is None or base.text != text:
            record = Record(text)
            if base is None or not same(base.content, record.content):
                yield name, base, record
