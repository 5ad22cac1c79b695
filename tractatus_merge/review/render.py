"""A conflict, or a change, made readable for people. Nothing is decided or printed here."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tractatus_merge.core.model.conflict import EDIT_RETIRE, MEANING, Conflict, Side, Writer
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.core.rules.texts import hunks
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.paths import shown
from tractatus_merge.instructions import edit_against_retire
from tractatus_merge.review import structures

_Names = Mapping[str, str]
"""What sessions are called, by id; nothing for what a person did by one command."""
_NO_NAMES: _Names = {}
_LINE = Style(None)
_WIDTH = 160
_NOWHERE = "(not there)"
_WORDS = ("", "null", "true", "false", _NOWHERE)
"""Texts that read as something else."""
_LONG = 20
"""Lines of an overlap from which on the word difference says it better."""


def spelled(value: Json, beside: Iterable[Json] = ()) -> str:
    """A value on one line: texts as they are, everything else as JSON.

    A text that would read as something else is quoted; so is one that reads as a value `beside` it.
    """
    if value is MISSING:
        return _NOWHERE
    if not isinstance(value, str):
        return json_text.dump(value, _LINE)
    others = [item for item in beside if item is not MISSING and not isinstance(item, str)]
    taken = {*_WORDS, *(json_text.dump(item, _LINE) for item in others)}
    return json_text.dump(value, _LINE) if value in taken or value != value.strip() else value


def values_of(conflict: Conflict) -> list[Json]:
    """All that a person chooses from: the base, and what each side says."""
    return [conflict.force.base, *(side.value for side in conflict.all_sides)]


def differences(before: Json, after: Json) -> list[str]:
    """What changed, in words: a word difference for texts, one line a place for structures."""
    if isinstance(before, str) and isinstance(after, str):
        return [words(before, after)]
    if not isinstance(before, (dict, list)) or not isinstance(after, (dict, list)):
        return [f"{spelled(before)} -> {spelled(after)}"]
    return [
        f"{place}: {spelled(old, [new])} -> {spelled(new, [old])}"
        for place, old, new in structures.changes(before, after)
    ]


def words(before: str, after: str) -> str:
    """A word difference as `git diff --word-diff` writes it: `[-old-]{+new+}`."""
    around = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
    return "".join(
        f"{around[kind][0]}{text}{around[kind][1]}" for kind, text in pieces(before, after)
    )


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    """A word difference in runs: "same", "gone" (only before) or "new", each with its text."""
    old, new = re.findall(r"\s+|[^\s]+", before), re.findall(r"\s+|[^\s]+", after)
    found = difflib.SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes()
    runs = [(kind == "equal", "".join(old[i:j]), "".join(new[k:m])) for kind, i, j, k, m in found]
    alike = sum(len(text) for equal, text, _ in runs if equal and text.strip())
    if 4 * alike < max(len(before), len(after)):  # another text: word by word it cannot be read
        runs = [(False, before, after)]
    parts: list[tuple[bool, str, str]] = []
    for at, (equal, text, other) in enumerate(runs):
        joins = equal and not text.strip() and 0 < at < len(runs) - 1
        if parts and not parts[-1][0] and (joins or not equal):
            parts[-1] = (False, parts[-1][1] + text, parts[-1][2] + other)
        else:
            parts.append((equal, text, other))
    return [
        (kind, text)
        for equal, gone, added in parts
        for kind, text in ((("same", gone),) if equal else (("gone", gone), ("new", added)))
        if text
    ]


def told(conflict: Conflict, content: Json, names: _Names = _NO_NAMES) -> list[str]:
    """A conflict so that a person can decide from it alone, and the commands that settle it.

    `names` are what the sessions in it are called; one that is missing goes by its id.

    A text of several lines is one item all the same: its lines go on behind a bar, so that none
    of them reads as ours.
    """
    return [line.replace("\n", "\n               | ") for line in _told(conflict, content, names)]


def _told(conflict: Conflict, content: Json, names: _Names) -> list[str]:
    lines = [
        f"conflict {conflict.id}  {conflict.severity}  {conflict.kind}",
        f"  instruction  {conflict.instruction or '(header)'}   field  {shown(conflict.path)}",
    ]
    words_of = content.get("text", content.get("title")) if isinstance(content, dict) else None
    if isinstance(words_of, str) and conflict.path not in (("text",), ("title",)):
        lines.append(f"  it says      {words_of}")
    if conflict.kind == MEANING:
        return [lines[0], *_contradiction(conflict, names)]
    if conflict.kind == EDIT_RETIRE:
        lines.append(f"  {edit_against_retire.IN_WORDS}")
    beside = values_of(conflict)
    lines.append(f"  base         {spelled(conflict.force.base, beside)}")
    for number, side in enumerate(conflict.all_sides, 1):
        says = spelled(side.value, beside)
        lines += _side(number, side, says, names, in_force=side is conflict.force)
        lines += _overlap(conflict, side)
    return [*lines, *_ways(conflict)]


def _contradiction(conflict: Conflict, names: _Names) -> Iterator[str]:
    """Two instructions that contradict: both are in force until a person says otherwise."""
    yield f"  two instructions in force contradict each other about {conflict.path[-1]}"
    for number, side in enumerate(conflict.all_sides, 1):
        yield f"  side {number}       {side.value['instruction']}: {spelled(side.value['says'])}"
        yield from (f"    by         {by(writer, names)}" for writer in side.writers)
    yield from _ways(conflict)


def _ways(conflict: Conflict) -> Iterator[str]:
    """The commands that settle it: on a screen, or each answer for itself."""
    yield "  settle it with one of"
    yield f"    tractatus-merge review {conflict.id}    # on one screen"
    yield from (f"    {line}" for line in commands(conflict))


def _side(number: int, side: Side, says: str, names: _Names, *, in_force: bool) -> Iterator[str]:
    mark = "  <- in force" if in_force else "  (a proposal)" if side.proposal else ""
    yield f"  side {number}       {says}{mark}"
    if side.base is not MISSING and side.value is not MISSING and side.value != side.base:
        yield from (f"    change     {line}" for line in differences(side.base, side.value))
    if not side.writers:
        yield "    by         (as it was adopted)"
    yield from (f"    by         {by(writer, names)}" for writer in side.writers)


def _overlap(conflict: Conflict, side: Side) -> Iterator[str]:
    """Where the lines of a waiting text overlap with those of the one in force."""
    if side is conflict.force or "\n" not in f"{side.base}{side.value}":
        return  # of one line the word difference has said all
    for hunk in hunks(Merge(side.base, conflict.force.value, side.value)):
        if max(len(hunk.base), len(hunk.theirs)) < _LONG:
            yield f"    overlaps   at line {hunk.line + 1} of the base: {_run(hunk.base)}"
            yield f"      in force {_run(hunk.ours)}"
            yield f"      here     {_run(hunk.theirs)}"


def _run(lines: Sequence[str]) -> str:
    return " / ".join(lines) or "(nothing)"


_HOW = {
    "new": "new",
    "taken": "taken: only this session changed it",
    "both": "the same on both sides",
    "conflict": "in conflict: what was published first stands",
    "kept": "what stood there stays",
}


def how(step: Step) -> str:
    """How a place came to what it is, in words."""
    return f"merged by the rule {step.rule}" if step.how == "rule" else _HOW[step.how]


def told_steps(steps: Iterable[Step]) -> list[str]:
    """How a merge came to its result, a line for each place."""
    lines = []
    for step in steps:
        place = f"{step.instruction or 'header'} {shown(step.path)}".rstrip()
        if step.how == "new":
            words_of = step.theirs if isinstance(step.theirs, dict) else {}
            change = spelled(words_of.get("text", words_of.get("title", "")))
        else:
            change = f"{_brief(step.base)} -> {_brief(step.theirs)}"
            if step.how in ("rule", "conflict"):
                change += f", now {_brief(step.value)}"
        lines += [f"  {place}: {how(step)}", f"    {change}"]
    return lines


def _brief(value: Json) -> str:
    text = spelled(value)
    text = json_text.dump(value) if "\n" in text else text
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def step_json(step: Step) -> dict[str, Json]:
    """A step as data."""
    values = {"base": step.base, "theirs": step.theirs, "value": step.value}
    return {
        "instruction": step.instruction,
        "field": shown(step.path),
        "how": step.how,
        **({"rule": step.rule} if step.rule else {}),
        **{name: value for name, value in values.items() if value is not MISSING},
    }


def by(writer: Writer, names: _Names = _NO_NAMES) -> str:
    """Who, in which session, when, and why, on one line."""
    author = writer.author.removesuffix(" <>")
    reason = " ".join(writer.why.split())
    why = f'  why: "{reason}"' if reason else "  (no reason given)"
    name = names.get(writer.session, f"session {writer.session}")
    return f"{', '.join(part for part in (name, author, moment(writer.at)) if part)}{why}"


def moment(time: str) -> str:
    """A time as people read it, to the minute (UTC)."""
    return time[:16].replace("T", " ")


def commands(conflict: Conflict) -> list[str]:
    """The exact lines that settle a conflict."""
    start = f"tractatus-merge resolve {conflict.id} --seen {conflict.terms}"
    if conflict.kind == MEANING:
        names = [side.value["instruction"] for side in conflict.all_sides]
        return [
            f"{start} --take both    # no contradiction: both stand, and it is not told again",
            f"{start} --take 1    # {names[0]} stands, {names[1]} is retired",
            f"{start} --take 2    # {names[1]} stands, {names[0]} is retired",
        ]
    lines = [f"{start} --take {number}" for number in range(1, len(conflict.all_sides) + 1)]
    lines[0] += "    # keep what is in force; --seen refuses if the sides have changed"
    if conflict.kind != EDIT_RETIRE:
        lines.append(f"{start} --take base")
        if conflict.instruction is not None:
            lines.append(f"{start} --take both    # as instructions of their own")
            lines.append(f"{start} --take retire    # the instruction")
        lines.append(f"{start} --value JSON --why REASON")
    return lines
