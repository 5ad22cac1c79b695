"""Versions as people read them: who decided what, when and why, from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tractatus_merge.cli.terminal import moments
from tractatus_merge.cli.terminal.colour import Line, Piece, marked, wide
from tractatus_merge.cli.terminal.output import fitted
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.resolutions import REVOKES, ResolutionRecord, byline
from tractatus_merge.core.model.session_names import session_name
from tractatus_merge.core.model.state import Entry
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.core.values.equality import MISSING, Json, same
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import leaves
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.log.decisions import Decision
from tractatus_merge.review import render

PLACES = 10
"""How many places of one version are told where not all of it is asked for."""
_AROUND = 24
"""Letters of a text that stand around a change in it."""


def heading(entry: Entry, when: str) -> Line:
    """A version's id, its time, and who made it in which session."""
    session = session_name(entry.session, entry.tag, entry.agent)
    author = entry.author.partition(" <")[0]
    who = ", ".join(part for part in (author, session) if part)
    return [("id", entry.version[:12]), ("faint", f"  {when}"), ("", f"  {who}")]


def when(entry: Entry, *, utc: bool, adopted: str | None, next_time: str = "") -> str:
    """When a version was made; of one that bears no time, when this clone adopted the history.

    Else it was before the version after it.
    """
    if not entry.root:
        return moments.told(entry.time, utc=utc)
    if adopted:
        return moments.told(adopted, utc=utc)
    return f"before {moments.told(next_time, utc=utc)}" if next_time else "at the beginning"


def entry_json(entry: Entry, adopted: str | None) -> dict[str, Json]:
    """A version as data; the first one has the time at which this clone adopted the history."""
    return {
        "version": entry.version,
        "parents": list(entry.parents),
        "session": entry.session or None,
        "tag": entry.tag or None,
        "agent": entry.agent or None,
        "author": entry.author.removesuffix(" <>"),
        "time": adopted if entry.root else entry.time,
        "message": entry.message,
        "conflicts": list(entry.conflicts),
        "changes": [f"{kind}/{name}" for kind, name in entry.changes],
    }


def lines(decision: Decision, width: int, *, whole: bool = False) -> Iterator[Line]:
    """What a version decided: a line for each place, and one below it for the reason.

    `whole`: every place, and every text from its first letter to its last.
    """
    if decision.damage:
        yield [("", f"    {decision.entry.message}")]
        yield [("WARNING", f"    {decision.damage}")]
        return
    if _says_more(decision):
        yield [("", f"    {message(decision.entry)}")]
    room = None if whole else width
    steps = decision.steps if whole else decision.steps[:PLACES]
    for step in steps:
        yield from _step(decision, step, room)
    if len(steps) < len(decision.steps):
        more = len(decision.steps) - len(steps)
        yield [
            ("faint", f"    and {more} more places: log -p, or show {decision.entry.version[:12]}")
        ]
    told = {one.id for step in steps if (one := decision.waiting(step))}
    for conflict in decision.conflicts:
        if conflict.id not in told:
            yield from _cut([("", "    "), *_opened(conflict)], room)
    for answer in decision.answers:
        yield from _answer(decision, answer, room)


def _says_more(decision: Decision) -> bool:
    """Whether the message tells what the lines below it do not."""
    if decision.answers:
        return False
    entry = decision.entry
    merged = entry.message.startswith("Merge session ")
    return not merged or not (decision.steps or decision.conflicts)


def message(entry: Entry) -> str:
    """A version's message; a session in it by its name."""
    if not entry.session:
        return entry.message
    name = session_name(entry.session, entry.tag, entry.agent)
    plain = entry.message.replace(f"session {entry.session}", name or "one command")
    return plain if name else plain.replace("Merge one command", "One command")


def _step(decision: Decision, step: Step, room: int | None) -> Iterator[Line]:
    """One place: what it was and what it is, and the reason for it."""
    place = f" {shown(step.path)}" if step.path else ""
    start: list[Piece] = [("", "    "), ("id", step.instruction or "header"), ("strong", place)]
    waits = decision.waiting(step) if step.how == "conflict" else None
    if step.how == "new":
        yield from _cut([*start, ("new", " new"), ("", f": {_text_of(step.theirs)}")], room)
        yield from _fields(step.theirs) if room is None else ()
    elif not step.path:
        yield from _cut([*start, ("gone", " taken out"), ("", f": {_text_of(step.base)}")], room)
    elif step.how == "conflict":
        where = f" waits in conflict {waits.id}" if waits else " waits"
        stays = [("", ": stays "), *_value(step.value), ("", "; ")]
        yield from _cut([*start, *stays, *_value(step.theirs), ("", where)], room)
    elif step.path == ("active",) and is_retired({"active": step.value}):
        yield from _cut([("", "    "), ("id", step.instruction or ""), ("gone", " retired")], room)
    else:
        now = step.theirs if step.how in ("taken", "both") else step.value
        note = {"both": "  (so did another session)", "kept": "  (what stood there stays)"}
        end: list[Piece] = [("faint", note.get(step.how, ""))]
        yield from _cut([*start, ("", ": "), *_change(step.base, now, room), *end], room)
    why = decision.why(step)
    if why:
        yield from _cut([("faint", "        why: "), ("", why)], room)


def _fields(record: Json) -> Iterator[Line]:
    """The fields of a new instruction."""
    for path, _, value in leaves({}, record):
        yield [("strong", f"        {shown(path)}"), ("", f": {render.spelled(value)}")]


def _opened(conflict: Conflict) -> list[Piece]:
    about = f"{conflict.instruction or 'header'} {shown(conflict.path)}"
    if conflict.kind == MEANING:
        names = " and ".join(side.value["instruction"] for side in conflict.all_sides)
        about = f"{names} contradict each other about {conflict.path[-1]}"
    return [("", "conflict "), ("id", conflict.id), ("", f" {conflict.severity}: {about}")]


def _answer(decision: Decision, answer: ResolutionRecord, room: int | None) -> Iterator[Line]:
    """An answer to a conflict, or that one was taken back."""
    if REVOKES in answer:
        yield from _cut([("", "    took back the answer "), ("id", str(answer[REVOKES]))], room)
    else:
        start: list[Piece] = [("", "    answered conflict "), ("id", str(answer["conflict"]))]
        by = byline(str(answer.get("by", "person")))
        yield from _cut([*start, *_stays(decision, answer), ("", by)], room)
    why = " ".join(str(answer.get("why", "")).split())
    if why and why not in {decision.why(step) for step in decision.steps}:
        yield from _cut([("faint", "        why: "), ("", why)], room)


def _stays(decision: Decision, answer: ResolutionRecord) -> list[Piece]:
    """What an answer left as it was: no line above says it."""
    if answer["kind"] == MEANING or any(
        step.instruction == answer["instruction"] for step in decision.steps
    ):
        return []
    place = f"{answer['instruction'] or 'header'} {answer['field']}"
    return [("", f": {place} stays "), *_value(answer.get("value", MISSING))]


def _text_of(record: Json) -> str:
    words = record if isinstance(record, dict) else {}
    return render.spelled(words.get("text", words.get("title", "")))


def _value(value: Json) -> list[Piece]:
    return [("strong", render.spelled(value))]


def _change(old: Json, new: Json, room: int | None) -> list[Piece]:
    """From what to what: of a text of several words the difference, else both values."""
    if isinstance(old, str) and isinstance(new, str) and " " in old.strip():
        pieces = render.pieces(old, new)
        if any(kind == "same" for kind, _ in pieces):
            return marked(pieces if room is None else _near(pieces))
    after = "the same" if same(old, new) else render.spelled(new, [old])
    return [("gone", render.spelled(old, [new])), ("", " -> "), ("new", after)]


def _near(pieces: list[Piece]) -> Iterator[Piece]:
    """A word difference without what is far from every change."""
    last = len(pieces) - 1
    for at, (kind, text) in enumerate(pieces):
        if kind != "same" or len(text) <= 2 * _AROUND:
            yield kind, text
        elif at == 0:
            yield kind, f"…{text[-_AROUND:]}"
        else:
            yield kind, f"{text[:_AROUND]}…{'' if at == last else text[-_AROUND:]}"


def _cut(line: Iterable[Piece], room: int | None) -> Iterator[Line]:
    """The line, cut where the screen ends."""
    if room is None:
        yield list(line)
        return
    found: list[Piece] = []
    for style, text in line:
        kept = fitted(text, room)
        found.append((style, kept))
        room -= wide(kept)
        if kept != text.replace("\n", " "):
            break
    yield found
