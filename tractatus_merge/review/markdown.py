"""A difference of two histories as a comment on a pull request. Texts in it are only shown.

A text may say anything: what would be markup, a link, a mention or HTML is spelled out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import FIELD, MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import State
from tractatus_merge.core.values.equality import Json, Path
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import get, leaves
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.review.questions import place_of, says_of
from tractatus_merge.review.render import spelled, values_of
from tractatus_merge.system.printable import inert as plain

MARK = "<!-- tractatus-merge -->"
"""The first line of a comment: whoever keeps one comment finds it by this."""
ROOM = 60_000
"""So many bytes a comment has at most: GitHub refuses one of more than 65,536 characters."""
_LONG = 400  # so many characters of one value are shown


def report(head: State | None, before: Mapping[str, Record], after: Mapping[str, Record]) -> str:
    """What was lost, added, changed and retired between two histories, and what waits.

    `head` knows who did it, and the open conflicts; without one neither is told.
    """
    lines = [MARK, "### Instructions", ""]
    gone = [name for name in before if name not in after]
    told = [f"- **lost: {plain(name)}** {_brief(before[name].content)}" for name in gone]
    lines += [*_fitting(told, ROOM * 3 // 4), ""] if gone else []
    rows = list(_rows(head, before, after))
    if rows:
        fitting = _fitting(rows, ROOM - _size(lines) - ROOM // 8)
        lines += ["| | instruction | by | why |", "| --- | --- | --- | --- |", *fitting, ""]
    elif not gone:
        lines += ["No instruction changes.", ""]
    waiting = open_conflicts(head) if head else []
    if waiting:
        told = [
            f"- {conflict.severity} conflict {plain(conflict.id)}: "
            + plain(f"{conflict.instruction or 'header'} {shown(conflict.path)}")
            for conflict in waiting
        ]
        lines += [f"{len(waiting)} open:", "", *_fitting(told, ROOM - _size(lines)), ""]
    return "\n".join(lines[:-1])


def waiting(conflicts: Sequence[Conflict], others: Sequence[str] = ()) -> str:
    """The open conflicts, each with its sides, who wrote them and why, and how to settle it.

    `others` says the same of those that only later programs settle, a line each.
    """
    lines = [MARK, "### Conflicts", ""]
    for other in others:
        lines += [plain(other), ""]
    if not conflicts and not others:
        return "\n".join([*lines, "No conflict is open."])
    blocks = list(map(_block, conflicts))
    return "\n".join([*lines, *_fitting(blocks, ROOM)]).removesuffix("\n")


def _block(conflict: Conflict) -> str:
    about = plain(place_of(conflict))
    lines = [f"**{conflict.severity}** {about} ({plain(conflict.id)})", ""]
    lines += ["| | says | by | why |", "| --- | --- | --- | --- |"]
    if conflict.kind == FIELD:
        base = spelled(conflict.force.base, values_of(conflict))
        lines.append(f"| base | {plain(base)} | | |")
    for number, side in enumerate(conflict.all_sides, 1):
        stands = side is conflict.force or conflict.kind == MEANING
        mark = f"{number}, in force" if stands else f"{number}"
        writers = side.writers or (None,)
        by = "; ".join(plain(f"{w.session}, {w.author}") for w in writers if w)
        why = "; ".join(plain(w.why) for w in writers if w and w.why)
        lines.append(f"| {mark} | {plain(says_of(conflict, side))} | {by} | {why} |")
    lines += ["", f"`tractatus-merge review {conflict.id}`", ""]
    return "\n".join(lines)


def _rows(
    head: State | None, before: Mapping[str, Record], after: Mapping[str, Record]
) -> Iterator[str]:
    for name, record in after.items():
        old = before.get(name)
        if old is None:
            told = f"{plain(name)}: {_brief(record.content)}"
            yield f"| added | {told} | {_writers(head, name, record, [()])} |"
            continue
        changes = list(leaves(old.content, record.content))
        if not changes:
            continue
        retired = is_retired(record.content) and not is_retired(old.content)
        places = [path for path, _, _ in changes]
        told = "; ".join(f"{plain(shown(path))}: {_change(a, b)}" for path, a, b in changes)
        word = "retired" if retired else "changed"
        yield f"| {word} | {plain(name)}: {told} | {_writers(head, name, record, places)} |"


def _writers(head: State | None, name: str, record: Record, places: list[Path]) -> str:
    """Who wrote these places, and why: two cells."""
    who: dict[str, None] = {}
    why: dict[str, None] = {}
    for path in places if head else ():
        value = get(record.content, path)
        for writer in summaries.blame(head, name, record.vector, path, value) if head else ():
            person = writer.author.split(" <")[0]
            who[f"{plain(person)}, session {plain(writer.session)}"] = None
            why |= {plain(writer.why): None} if writer.why else {}
    return f"{'; '.join(who)} | {'; '.join(why)}"


def _brief(content: Mapping[str, Json]) -> str:
    return _short(content.get("text", content.get("title", "")))


def _change(old: Json, new: Json) -> str:
    return f"{_short(old)} → {_short(new)}"


def _short(value: Json) -> str:
    text = spelled(value)
    return plain(text if len(text) <= _LONG else f"{text[:_LONG]}…")


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode("utf-8", "surrogatepass")) + 1 for line in lines)


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """The lines that there is room for, and how many are left out."""
    kept: list[str] = []
    for line in lines:
        room -= _size([line])
        if room < 0:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    return [*kept, "", f"… and {left} more: see `tractatus-merge diff`"] if left else kept
