"""The merge of one record with its open conflicts: three-way by rule, contested places by algebra.

No ids are given here, no vectors ticked, nothing is stored: `merge` does that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tractatus_merge.core.model.conflict import FIELD, Conflict, Side, Writer, conflict_id
from tractatus_merge.core.model.in_force import absorbed, simplified, with_change, with_supporter
from tractatus_merge.core.model.resolutions import Closing
from tractatus_merge.core.plans.document_type import Policy
from tractatus_merge.core.plans.incoming import Seen
from tractatus_merge.core.rules.base import Contest, Merge
from tractatus_merge.core.values.equality import Json, Path, same
from tractatus_merge.core.values.places import get, has_parent, put
from tractatus_merge.value import Value, field, replace


class Contested(Value):
    """Everything about one record that is not its value."""

    instruction: str | None
    conflicts: tuple[Conflict, ...] = ()
    closings: tuple[Closing, ...] = ()
    seen: Seen = field(default_factory=Seen)


class MergedRecord(Value):
    """The value, all conflicts now open on the record, and which of them this merge touched.

    `answered` are the resolutions by which a side of this merge was settled already.
    """

    value: Json
    conflicts: tuple[Conflict, ...]
    touched: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()


def merge_record(
    policy: Policy,
    merge: Merge,
    about: Contested,
    *,
    writer: Callable[[Path], Writer],
    blame: Callable[[Path, Json], tuple[Writer, ...]],
) -> MergedRecord:
    """Merge a session's record into the head's; the head's open conflicts go in and come out.

    `writer(path)` is who brings theirs, `blame(path, value)` who published ours.
    """
    base, ours, theirs = merge.base, merge.ours, merge.theirs
    after: dict[Path, Conflict] = {}
    for conflict in about.conflicts:
        if conflict.kind != FIELD:
            after[conflict.path] = _with_stance(policy, conflict, merge, about.seen, writer)
            theirs = put(theirs, conflict.path, get(base, conflict.path))
    opening = _Opening(policy, about, writer, blame)
    for path, below in _by_affected_place(about.conflicts, base, theirs).items():
        contested = below[0] if below[0].path == path else opening.above(path, below, ours)
        x, y = get(base, path), get(theirs, path)
        if not same(x, y):
            seen = any(conflict.id in about.seen.conflicts for conflict in below)
            arriving = Merge(put(ours, path, x), ours, put(ours, path, y))
            contested = (
                None if seen else _joined(policy, contested, arriving, writer)
            ) or with_change(contested, x, y, writer(path), seen=seen)
            ours, theirs = put(ours, path, contested.force.value), put(theirs, path, x)
        after[path] = contested
    late, theirs, answered = _late_changes(about, Merge(base, ours, theirs))
    merged = policy.rule((), Merge(base, ours, theirs))
    value = merged.value
    whole = _whole(policy, about, merge)
    for contest in (*late, *whole, *merged.contests):
        if contest.path not in after:
            below = [after.pop(path) for path in list(after) if _is_below(path, contest.path)]
            opened = absorbed(opening.of(contest, value), below)
            value = put(value, opened.path, opened.force.value)
            after[opened.path] = opened
    before = {conflict.path: conflict.to_json() for conflict in about.conflicts}
    conflicts = tuple(conflict for conflict in after.values() if conflict.sides)
    touched = [c.id for c in conflicts if not same(before.get(c.path), c.to_json())]
    return MergedRecord(value, conflicts, tuple(touched), answered)


def _joined(
    policy: Policy, conflict: Conflict, merge: Merge, writer: Callable[[Path], Writer]
) -> Conflict | None:
    """The conflict with a change in force that its rule can merge into the value in force.

    None where a person is needed for that, and where the change moves a value that stands here.
    """
    before = get(merge.base, conflict.path)
    if any(same(before, side.value) for side in conflict.all_sides):
        return None
    merged = policy.rule((), merge)
    if merged.contests:
        return None
    force = conflict.force.joined([writer(conflict.path)])
    force = replace(force, value=get(merged.value, conflict.path))
    return simplified(replace(conflict, force=force))


def _whole(policy: Policy, about: Contested, merge: Merge) -> list[Contest]:
    """The contests of the record as a whole, which see every edit: also those of contested places.

    An edit that waits as a side counts as ours, if theirs did not know of it.
    """
    ours = merge.ours
    for conflict in about.conflicts:
        unseen = conflict.kind == FIELD and conflict.id not in about.seen.conflicts
        if unseen and same(get(merge.base, conflict.path), get(ours, conflict.path)):
            ours = put(ours, conflict.path, conflict.sides[0].value)
    merged = policy.rule((), Merge(merge.base, ours, merge.theirs))
    return [contest for contest in merged.contests if contest.kind != FIELD]


def _is_below(path: Path, above: Path) -> bool:
    return path[: len(above)] == above


def _with_stance(
    policy: Policy, conflict: Conflict, merge: Merge, seen: Seen, writer: Callable[[Path], Writer]
) -> Conflict:
    """A whole-record conflict after this session: it may stand for one of the values."""
    before, value = get(merge.base, conflict.path), get(merge.theirs, conflict.path)
    knew = conflict.id in seen.conflicts and same(before, value)
    if knew or not policy.stance(merge.base, merge.theirs, conflict.path):
        return conflict
    return with_supporter(conflict, value, writer(conflict.path))


def _by_affected_place(
    conflicts: Iterable[Conflict], base: Json, theirs: Json
) -> dict[Path, list[Conflict]]:
    """The open conflicts by the place at which theirs meets them.

    That is their own place, but where theirs took away or replaced what is above it: there.
    """
    met: dict[Path, list[Conflict]] = {}
    for conflict in conflicts:
        if conflict.kind == FIELD:
            place = _nearest(conflict.path, theirs)
            untouched = same(get(base, place), get(theirs, place))
            met.setdefault(conflict.path if untouched else place, []).append(conflict)
    return met


def _nearest(path: Path, *values: Json) -> Path:
    """The place, or the nearest above it, that all the values can have."""
    while not all(has_parent(value, path) for value in values):
        path = path[:-1]
    return path


def _late_changes(about: Contested, merge: Merge) -> tuple[list[Contest], Json, tuple[str, ...]]:
    """Changes to places that a person settled after the copy was made: each a contest of its own.

    The person's answer stands, however it reads: also where it is the very value the copy had. A
    side that the person saw is settled by that answer (its id comes back): it is not asked again.
    """
    contests: list[Contest] = []
    answered: list[str] = []
    theirs = merge.theirs
    for closing in about.closings:
        if closing.id in about.seen.resolutions:
            continue
        path = _nearest(closing.path, merge.ours, theirs)
        x, y, ours = (get(value, path) for value in (merge.base, theirs, merge.ours))
        if same(x, y) or same(y, ours):
            continue
        if path == closing.path and closing.answers(Merge(x, ours, y)):
            answered.append(closing.id)
            theirs = put(theirs, path, x)
        else:
            kind = closing.kind if path == closing.path else FIELD
            contests.append(Contest(path, Merge(x, ours, y), kind))
            theirs = put(theirs, path, x)
    return contests, theirs, tuple(answered)


class _Opening(Value):
    """Opens conflicts on one record."""

    policy: Policy
    about: Contested
    writer: Callable[[Path], Writer]
    blame: Callable[[Path, Json], tuple[Writer, ...]]

    def of(self, contest: Contest, record: Json) -> Conflict:
        """The conflict that a contest opens: ours in force, theirs waiting."""
        sides = contest.merge
        late = same(sides.base, sides.ours) and contest.kind == FIELD
        waiting = Side(sides.base, sides.theirs, (self.writer(contest.path),), proposal=late)
        force = Side(sides.base, sides.ours, self._authors(contest, record))
        return replace(self._at(contest.path, record, force), kind=contest.kind, sides=(waiting,))

    def above(self, path: Path, below: Iterable[Conflict], record: Json) -> Conflict:
        """The open conflicts below a place, as one at that place."""
        here = base = get(record, path)
        for conflict in below:
            base = put(base, conflict.path[len(path) :], conflict.force.base)
        return absorbed(self._at(path, record, Side(base, here, self.blame(path, here))), below)

    def _at(self, path: Path, record: Json, force: Side) -> Conflict:
        instruction = self.about.instruction
        closings = [closing.id for closing in self.about.closings if closing.path == path]
        name = conflict_id(instruction, path, closings)
        severity = self.policy.severity(record, path)
        return Conflict(name, FIELD, instruction, path, severity, force, ())

    def _authors(self, contest: Contest, record: Json) -> tuple[Writer, ...]:
        """Who wrote the value in force; for an edit against a retirement: the editors."""
        ours = contest.merge.ours
        if contest.kind == FIELD or not same(contest.merge.base, ours):
            return self.blame(contest.path, ours)
        last = {writer.session: writer for writer in self.blame((), record)}
        return tuple(sorted(last.values()))
