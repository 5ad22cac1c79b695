"""Explain the merge of a record: place by place, with the rule that settled it.

Made from the values alone, so that it tells the same before a merge and long after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tractatus_merge.core.rules.base import Merge, Rule
from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import get, leaves
from tractatus_merge.value import Value


class Step(Value):
    """One place that a session changed: what it was, what the session made of it, what it is now.

    `how`: new, taken, both, rule, conflict (ours stands, theirs waits) or kept (absent here).
    `rule` names the rule, where one spoke.
    """

    instruction: str | None
    path: Path
    how: str
    base: Json
    theirs: Json
    value: Json
    rule: str = ""


def explain(
    instruction: str | None, rule: Rule, merge: Merge, value: Json, contested: Iterable[Path]
) -> list[Step]:
    """The steps of one record's merge: `value` is what it made of the three."""
    if merge.base is MISSING:
        return [Step(instruction, (), "new", MISSING, merge.theirs, value)]
    merged = rule((), merge)
    rules = {settlement.path: settlement.rule for settlement in merged.settled}
    places = [*contested, *(contest.path for contest in merged.contests)]
    steps = []
    for path, base, theirs in leaves(merge.base, merge.theirs):
        inside = [place for place in rules if place[: len(path)] == path]
        waits = any(place[: len(path)] == path or path[: len(place)] == place for place in places)
        for place in inside or [path]:
            now = get(value, place)
            how = "rule" if inside else _how(base, get(merge.ours, path), theirs, now, waits=waits)
            before, after = get(merge.base, place), get(merge.theirs, place)
            steps.append(Step(instruction, place, how, before, after, now, rules.get(place, "")))
    return steps


def _how(base: Json, ours: Json, theirs: Json, now: Json, *, waits: bool) -> str:
    if same(ours, theirs):
        return "both"
    if waits and not same(now, theirs):
        return "conflict"
    return "taken" if same(ours, base) or same(now, theirs) else "kept"
