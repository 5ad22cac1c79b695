"""An answer to a conflict, as people read it: who chose what, between which sides, and why."""

from __future__ import annotations

from collections.abc import Iterator

from tractatus_merge.cli.terminal import moments
from tractatus_merge.cli.terminal.colour import Line
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.resolutions import (
    REVOKES,
    ResolutionRecord,
    answered_conflict,
    byline,
)
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.review import render

_TAKES = {
    "both": "kept both, each as an instruction of its own",
    "retire": "retired the instruction",
    "base": "went back to what stood before them",
}


def lines(answer: ResolutionRecord, *, active: bool = True) -> Iterator[str | Line]:
    """An answer, or that one was taken back."""
    name, who = str(answer["id"]), str(answer["author"]).partition(" <")[0]
    who += byline(str(answer.get("by", "person")))
    when = moments.told(str(answer["published"]))
    why = " ".join(str(answer["why"]).split())
    if REVOKES in answer:
        yield [("id", name), ("", f"  {who} took back the answer {answer[REVOKES]}, {when}")]
        yield f"  why: {why or '(no reason given)'}"
        return
    yield [("id", name), ("", f"  {who} answered conflict {answer['conflict']}, {when}")]
    conflict = answered_conflict(answer)
    if conflict.kind == MEANING:
        names = [side.value["instruction"] for side in conflict.all_sides]
        place = f"{' against '.join(names)}, about {conflict.path[-1]}"
    else:
        place = f"{conflict.instruction or 'header'} {answer['field']}"
    yield [("strong", f"  {place}"), ("", f": {_said(answer, conflict.kind)}")]
    yield f"  why: {why or '(no reason given)'}"
    yield f"  it chose between  ({answer.get('severity', '')})"
    for number, side in enumerate(conflict.all_sides, 1):
        says = side.value["says"] if conflict.kind == MEANING else side.value
        mark = "  (was in force)" if number == 1 and conflict.kind != MEANING else ""
        writers = dict.fromkeys(writer.author.partition(" <")[0] for writer in side.writers)
        by = f"  by {', '.join(filter(None, writers))}" if any(writers) else ""
        yield f"    {number}  {render.spelled(says)}{mark}{by}".replace("\n", "\n       | ")
    if not active:
        yield "it was taken back"


def _said(answer: ResolutionRecord, kind: str) -> str:
    """What was answered."""
    take = str(answer.get("take", "value"))
    if kind == MEANING:
        return "both stand" if take == "both" else f"{take} stands"
    told = _TAKES.get(take)
    said = render.spelled(answer.get("value", MISSING)).replace("\n", "\n       | ")
    return f"{said}  ({told})" if told else said
