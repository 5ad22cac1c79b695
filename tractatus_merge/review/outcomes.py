"""How outcomes read: lines for people and the keys of the JSON contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.instructions import rounded_numbers
from tractatus_merge.system.printable import clean, escaped, muted

if TYPE_CHECKING:
    from tractatus_merge.core.model.conflict import Conflict
    from tractatus_merge.instructions.rounded_numbers import Place
    from tractatus_merge.sessions.publish import Merged


def printed(merged: Merged) -> tuple[str, str]:
    """An outcome as a command prints it: for people, and as JSON."""
    lines = "\n".join("\n".join(map(clean, line.split("\n"))) for line in merged_lines(merged))
    return muted(lines), escaped(json_text.dump(merged_json(merged)))


def merged_json(merged: Merged) -> dict[str, Any]:
    """The JSON of refresh, merge, end and abandon."""
    outcome = merged.outcome
    return {
        "session": merged.session.id,
        "outcome": outcome.status,
        "head": merged.head.version,
        "added": list(outcome.added),
        "edited": list(outcome.edited),
        "retired": list(outcome.retired),
        "kept": list(outcome.kept),
        "renamed": dict(outcome.renamed),
        "header": outcome.header,
        "conflicts": list(outcome.conflicts),
        "answered": list(outcome.answered),
        **_rounded_json(merged.rounded),
        **_plan_json(merged),
        "notes": [finding.sentence for finding in outcome.notes],
    }


def _rounded_json(places: tuple[Place, ...]) -> dict[str, Any]:
    """The numbers that were left as they are, where there are such."""
    if not places:
        return {}
    from tractatus_merge.core.values.paths import shown  # mostly there is none

    return {"rounded": [f"{name} {shown(path)}" for name, path in places]}


def _plan_json(merged: Merged) -> dict[str, Any]:
    """How a merge that was only planned would come to its result."""
    if merged.planned is None:
        return {}
    from tractatus_merge.review.render import step_json  # only who looks ahead pays for it

    steps = [step_json(step) for step in merged.steps]
    return {"dry_run": True, "steps": steps, "heard": list(merged.heard)}


def merged_lines(merged: Merged) -> list[str]:
    """What a merge did, and what to type next."""
    # who merged has them
    from tractatus_merge.core.model.conflict import MEANING
    from tractatus_merge.core.model.open_conflicts import open_conflicts

    outcome = merged.outcome
    opened = [c for c in open_conflicts(merged.planned or merged.head) if c.id in outcome.conflicts]
    waiting = {conflict.instruction for conflict in opened}
    word = "nothing to merge" if outcome.status == "nothing" else outcome.status
    lines = [f"session {merged.session.id}: {word}"]
    for word, names in (
        ("added", outcome.added),
        ("edited", outcome.edited),
        ("retired", outcome.retired),
    ):
        marked = [f"{name} (in conflict)" if name in waiting else name for name in names]
        lines += [f"  {word:8} {', '.join(marked)}"] if names else []
    lines += ["  header   changed"] if outcome.header else []
    for old, new in outcome.renamed.items():
        lines.append(f"  renamed  {old} is {new} now: another session published {old} first")
    for name in outcome.kept:
        lines.append(f"  kept     {name} was absent from the copy: there is no deletion")
    for conflict in opened:
        place = f"{conflict.instruction or 'header'} {'.'.join(conflict.path)}"
        if conflict.kind == MEANING:
            place = f"{conflict.instruction} against {conflict.path[1]}, about {conflict.path[2]}"
        lines.append(f"  conflict {conflict.id}  {conflict.severity}  {place}")
    lines += [f"  note     {finding.sentence}" for finding in outcome.notes]
    lines += [f"  note     {line}" for line in rounded_numbers.told(merged.rounded)]
    lines += _settled_lines(merged)
    if merged.planned is not None:
        from tractatus_merge.review.render import told_steps  # only who looks ahead pays for it

        lines += [f"  note     {sentence}" for sentence in merged.heard]
        return [*lines, *told_steps(merged.steps)]
    older = len(merged.head.names("conflicts")) - len(opened)
    if older > 0:
        lines.append(f"  {older} older conflict{'s' * (older > 1)} open: tractatus-merge conflicts")
    return [*lines, *_to_settle(opened)]


def _to_settle(opened: list[Conflict]) -> list[str]:
    """How many conflicts are new, how grave, and the command that settles them; the last lines."""
    if not opened:
        return []
    from tractatus_merge.review.lookup import weighty  # an end that left nothing open needs none

    gravest = min(opened, key=weighty)
    if len(opened) == 1:
        new, which = f"1 new conflict ({gravest.severity})", f" {gravest.id}"
    else:
        new, which = f"{len(opened)} new conflicts (the gravest: {gravest.severity})", ""
    them = "it" if len(opened) == 1 else "them"
    return [f"{new}: a person settles {them} with", f"tractatus-merge review{which}"]


def _settled_lines(merged: Merged) -> list[str]:
    """What persons answered meanwhile, where the session had a side."""
    if not merged.outcome.answered:
        return []
    from tractatus_merge.review.lookup import find_resolution  # most merges met no answer

    head = merged.planned or merged.head
    found = (find_resolution(head, name) for name in merged.outcome.answered)
    return [f"  settled  {answered_line(told)}" for told in found if told]


def answered_line(told: Mapping[str, Json]) -> str:
    """What a person decided about a place, and why, for a session that had a side in it."""
    # an end that settled nothing needs no words
    from tractatus_merge.core.model.conflict import MEANING
    from tractatus_merge.core.model.resolutions import byline
    from tractatus_merge.review.questions import verdict

    place = f"{told['instruction'] or 'header'} {told['field']}"
    if told["kind"] == MEANING:
        place = f"{told['instruction']} against {told['path'][1]}"
    why = f': "{told["why"]}"' if told["why"] else ""
    author = told["author"].removesuffix(" <>") + byline(told.get("by", "person"))
    return f"{place}: {verdict(told)}, as {author} decided{why} ({told['id']})"
