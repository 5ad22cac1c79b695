"""Merge one record of two heads: three-way by rule, contested places by `unite_place`.

No vectors are compared here and nothing is stored: `unite` does that. The first head's spelling
and order of keys stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tractatus_merge.core.model import in_force
from tractatus_merge.core.model.conflict import FIELD, Conflict, Side, Writer
from tractatus_merge.core.plans.document_type import Policy
from tractatus_merge.core.plans.unite_place import (
    Answers,
    Precedence,
    merge_answered,
    merge_answered_twice,
    merge_diverged,
    merge_whole,
)
from tractatus_merge.core.rules.base import Contest, Merge
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, same
from tractatus_merge.core.values.places import element_id, get, has_parent, is_keyed, put
from tractatus_merge.value import Value, field, replace


class Version(Value):
    """What one head says of a record: value, open conflicts, answers that the other lacks.

    `blame(path, value)`: who published that value there, of those the base does not know.
    """

    value: Json
    conflicts: tuple[Conflict, ...] = ()
    answers: Mapping[Path, Answers] = field(default_factory=dict)
    blame: Callable[[Path, Json], tuple[Writer, ...]] = lambda *_: ()


class Joined(Value):
    """The value, and all conflicts now open on the record."""

    value: Json
    conflicts: tuple[Conflict, ...]


def agreement(one: Json, other: Json) -> Json:
    """What two values have in common: the base of two versions whose base nobody knows.

    So nothing counts as taken away, what only one has is an addition, and where they differ
    a person is asked.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: agreement(one[key], other[key]) for key in one if key in other}
        return {key: value for key, value in both.items() if value is not MISSING}
    if is_keyed(one) and is_keyed(other):
        there = {element_id(item): item for item in other}
        return [agreement(i, there[element_id(i)]) for i in one if element_id(i) in there]
    if isinstance(one, list) and isinstance(other, list):
        known = {canonical(item) for item in other}
        return [item for item in one if canonical(item) in known]
    return one if same(one, other) else MISSING


def join(
    policy: Policy,
    instruction: str | None,
    was: Version | None,
    heads: tuple[Version, Version],
    who: Precedence,
) -> Joined:
    """The record of two heads that both changed it since `was` (None: no common version known)."""
    return _Joining(policy, instruction, was, heads, who).joined()


class _Joining:
    """One record in the making; lives for one call of `join`."""

    def __init__(
        self,
        policy: Policy,
        instruction: str | None,
        was: Version | None,
        heads: tuple[Version, Version],
        who: Precedence,
    ) -> None:
        self.policy, self.instruction, self.was, self.who = policy, instruction, was, who
        self.first, self.second = heads
        values = (self.first.value, self.second.value)
        self.raw = Merge(was.value if was else agreement(*values), *values)
        self.merge = self.raw
        self.after: dict[Path, Conflict] = {}

    def joined(self) -> Joined:
        """The conflicts that are open already, then the rules for the rest."""
        whole = self._whole()
        for path in self._paths(lambda conflict: conflict.kind != FIELD):
            if not self._answers(path):
                self._settle(path, self._whole_record(path))
        for path in self._places():
            self._place(path)
        merged = self.policy.rule((), self.merge)
        value = merged.value
        for contest in (*whole, *merged.contests):
            if contest.path not in self.after or self._is_late(contest):
                at = contest.path
                below = [self.after.pop(p) for p in list(self.after) if p[: len(at)] == at]
                opened = in_force.absorbed(self._new_conflict(contest), below)
                value = put(value, at, opened.force.value)
                self.after[at] = opened
        known = {_text(c) for head in (self.first, self.second) for c in head.conflicts}
        found = [
            c if _text(c) in known else replace(c, severity=self.policy.severity(value, c.path))
            for c in self.after.values()
            if c.sides
        ]
        return Joined(value, tuple(found))

    def _is_late(self, contest: Contest) -> bool:
        """Whether one head edited what a person of the other retired, without knowing it."""
        path = contest.path
        if contest.kind == FIELD or self.after[path].sides:
            return False
        answered_by = [path in head.answers for head in (self.first, self.second)]
        late = self.first if answered_by[1] else self.second
        untouched = same(get(late.value, path), get(self.raw.base, path))
        return untouched and answered_by.count(True) == 1

    def _paths(self, wanted: Callable[[Conflict], bool]) -> list[Path]:
        heads = (self.first, self.second)
        return sorted({c.path for head in heads for c in head.conflicts if wanted(c)})

    def _answers(self, path: Path) -> bool:
        return path in self.first.answers or path in self.second.answers

    def _whole(self) -> list[Contest]:
        """The contests of the record as a whole."""
        sides = (self._edited(head) for head in (self.first, self.second))
        merged = self.policy.rule((), Merge(self.raw.base, *sides))
        return [contest for contest in merged.contests if contest.kind != FIELD]

    def _edited(self, head: Version) -> Json:
        """A head's value with an edit shown at each place where a new one waits.

        An edit that waits is an edit too: else retiring would win over it without a word.
        """
        value = head.value
        before = {c.path: c for c in self.was.conflicts} if self.was else {}
        for conflict in head.conflicts:
            path, was = conflict.path, before.get(conflict.path)
            known = [side.value for side in was.all_sides] if was else []
            new = [s.value for s in conflict.sides if not any(same(s.value, v) for v in known)]
            is_old = same(get(self.raw.base, path), conflict.force.value)
            if conflict.kind == FIELD and path and is_old and new and has_parent(value, path):
                value = put(value, path, new[0])
        return value

    def _whole_record(self, path: Path) -> Conflict:
        """A conflict of the whole record; a head that does not know it may stand for its value."""
        found = [self._at(head, path) for head in (self.first, self.second)]
        one, other = found
        if one is None or other is None:
            known = one or other
            assert known is not None
            head = self.second if other is None else self.first
            stands = self.policy.stance(self.raw.base, self._edited(head), path)
            value = get(head.value, path)
            side = Side(known.force.base, value, self._authors(head, path, known.kind))
            alone = replace(known, force=side, sides=()) if stands else known
            one, other = (one or alone), (other or alone)
        kind = next(c.kind for c in (one, other) if c.kind != FIELD)
        return replace(merge_whole(one, other, self.who), kind=kind)

    def _places(self) -> list[Path]:
        """Where the heads' conflicts and answers meet: the topmost places, each with all below."""
        paths = {*self._paths(lambda c: c.kind == FIELD), *self.first.answers, *self.second.answers}
        near = {self._nearest(path) for path in paths} - self.after.keys()
        return sorted(p for p in near if not any(p[:n] in near for n in range(len(p))))

    def _nearest(self, path: Path) -> Path:
        while not (has_parent(self.first.value, path) and has_parent(self.second.value, path)):
            path = path[:-1]
        return path

    def _place(self, path: Path) -> None:
        """Settle one place: by who changed it, else by the algebra."""
        one, other = self._conflict_at(self.first, path), self._conflict_at(self.second, path)
        answers = self.first.answers.get(path), self.second.answers.get(path)
        changed = [self._has_changed(head, path) for head in (self.first, self.second)]
        if not all(changed):
            head = self.second if changed[1] else self.first
            self._settle(path, replace(self._conflict_at(head, path), sides=()))
            self.after.update({c.path: c for c in _below(head.conflicts, path)})
            return
        was = self._conflict_at(self.was, path) if self.was else None
        if answers[0] and answers[1]:
            found = merge_answered_twice(one, other, (answers[0], answers[1]), self.who)
        elif answers[0]:
            found = merge_answered(was, one, other, answers[0])
        elif answers[1]:
            found = merge_answered(was, other, one, answers[1])
        else:
            found = merge_diverged(was, *self._by_rule(path, one, other), self.who)
        self._settle(path, found)

    def _has_changed(self, head: Version, path: Path) -> bool:
        """Whether a head's place differs from what it was; where that is unknown, yes."""
        if self.was is None or path in head.answers:
            return True
        there, before = (_below(v.conflicts, path) for v in (head, self.was))
        alike = [_text(c) for c in there] == [_text(c) for c in before]
        return not (alike and same(get(head.value, path), get(self.was.value, path)))

    def _by_rule(self, path: Path, one: Conflict, other: Conflict) -> tuple[Conflict, Conflict]:
        """Both heads with what the field's rule makes of their values, where it can."""
        base = self.raw.base
        values = (get(base, path), one.force.value, other.force.value)
        alike = any(same(a, b) for a, b in zip(values, (*values[1:], values[0]), strict=True))
        if alike or not path or not has_parent(base, path):
            return one, other
        ours = self.first.value
        before, theirs = (put(ours, path, value) for value in (values[0], values[2]))
        merged = self.policy.rule((), Merge(before, ours, theirs))
        if merged.contests:
            return one, other
        value = get(merged.value, path)
        both = (*one.force.writers, *other.force.writers)
        return (
            replace(one, force=replace(one.force, value=value).joined(both)),
            replace(other, force=replace(other.force, value=value).joined(both)),
        )

    def _settle(self, path: Path, conflict: Conflict) -> None:
        """Note a conflict, and hide its place from the rules."""
        self.after[path] = conflict
        sides = (self.merge.base, self.merge.ours, self.merge.theirs)
        value = conflict.force.value
        self.merge = Merge(*(put(s, path, value) if has_parent(s, path) else s for s in sides))

    def _conflict_at(self, head: Version, path: Path) -> Conflict:
        """What a head says at a place, as one conflict there; with no sides: not contested."""
        here = get(head.value, path)
        found = _below(head.conflicts, path)
        exact = next((conflict for conflict in found if conflict.path == path), None)
        if exact is None:
            base = here if found else get(self.raw.base, path)
            for conflict in found:
                base = put(base, conflict.path[len(path) :], conflict.force.base)
            wrote = self._authors(head, path)
            exact = Conflict("", FIELD, self.instruction, path, "", Side(base, here, wrote), ())
        return in_force.absorbed(exact, [c for c in found if c.path != path])

    def _new_conflict(self, contest: Contest) -> Conflict:
        """The conflict that a contest opens: one side in force, the other waits."""
        path, base = contest.path, contest.merge.base
        one = Side(base, contest.merge.ours, self._authors(self.first, path, contest.kind))
        other = Side(base, contest.merge.theirs, self._authors(self.second, path, contest.kind))
        by = [path in head.answers for head in (self.first, self.second)]
        force = self.who.of(one, other) if by[0] == by[1] else one if by[0] else other
        sides = (other if force is one else one,)
        return Conflict("", contest.kind, self.instruction, path, "", force, sides)

    def _at(self, head: Version, path: Path) -> Conflict | None:
        return next((conflict for conflict in head.conflicts if conflict.path == path), None)

    def _authors(self, head: Version, path: Path, kind: str = FIELD) -> tuple[Writer, ...]:
        """Who wrote a head's value; for an edit against a retirement: the editors."""
        value = get(head.value, path)
        if kind == FIELD or not same(get(self.raw.base, path), value):
            return head.blame(path, value)
        return tuple(
            sorted({writer.session: writer for writer in head.blame((), head.value)}.values())
        )


def _below(conflicts: Iterable[Conflict], path: Path) -> list[Conflict]:
    """The conflicts of places at or below a path; one of a whole record only where it stands."""
    return [
        c for c in conflicts
        if c.path == path or (c.kind == FIELD and c.path[: len(path)] == path)
    ]  # fmt: skip


def _text(conflict: Conflict) -> str:
    return canonical(conflict.to_json())
