"""How a conflict came to be, as a picture: where its marks and lines are, and the same in words.

Time runs to the right, one column an event. The row at the top is the shared history; below it is
a row for each session that wrote a side, its name at the left. A template draws it; nothing is
read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tractatus_merge.core.model.conflict import Side, Writer
from tractatus_merge.core.model.state import ROOT_TIME, Entry, Version
from tractatus_merge.review.questions import SideView
from tractatus_merge.review.render import moment
from tractatus_merge.value import Value

COLUMN, ROW, LEFT, MAIN = 46, 28, 180, 24
_RIGHT, _LETTERS = 16, 24
MOST = 12
"""Writers that are drawn; all are told."""


class Mark(Value):
    """A dot: a base, a side as it was written, a merge, or now. `label` is a time."""

    kind: str
    x: int
    y: int
    title: str
    label: str = ""


class Lane(Value):
    """A session's row, named at its left."""

    y: int
    label: str


class Picture(Value):
    """Everything that is drawn, and `told`: the same as sentences, in order of time."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    paths: tuple[tuple[str, str], ...]
    lanes: tuple[Lane, ...]
    told: tuple[str, ...]
    main: int = MAIN


class _Event(Value):
    """Something that happened: when, what, in which lane (0: the shared history), in words."""

    at: str
    rank: int
    kind: str
    key: tuple[str, int]
    lane: int
    words: str


class _Strand(Value):
    """One writer of one side: its lane, when it was written, and the merge that brought it."""

    side_view: SideView
    writer: Writer
    lane: int
    entry: Entry | None


def picture(
    side_views: Sequence[SideView], entries: Sequence[Entry], times: Mapping[Version, str]
) -> Picture:
    """The picture of the sides; `times` says when the versions were that sessions began from."""
    every = _strands(side_views, entries)
    strands = every[:MOST]
    events = _events(strands, times)
    columns = {event.key: LEFT + COLUMN * number for number, event in enumerate(events)}
    end = LEFT + COLUMN * len(events)
    lanes = {strand.lane: Lane(_height(strand.lane), _short(_label(strand))) for strand in strands}
    paths = [("main", f"M{LEFT} {MAIN}H{end}")]
    for number, strand in enumerate(strands):
        paths += _paths(strand, columns, number)
    return Picture(
        end + _RIGHT,
        _height(max(lanes, default=0)) + 18,
        (*_marks(events, columns), Mark("now", end, MAIN, "now: it is open", "now")),
        tuple(paths),
        tuple(lanes.values()),
        (
            *_adopted(side_views),
            *(event.words for event in _events(every, times)),
            "now: it is open",
        ),
    )


def _strands(side_views: Sequence[SideView], entries: Sequence[Entry]) -> list[_Strand]:
    lanes: dict[tuple[int, str], int] = {}
    found = []
    for side_view in side_views:
        for writer in side_view.side.writers:
            lane = lanes.setdefault((side_view.number, writer.session), len(lanes) + 1)
            found.append(_Strand(side_view, writer, lane, _entry(writer, entries)))
    return found


def _entry(writer: Writer, entries: Sequence[Entry]) -> Entry | None:
    """The merge that published what a writer wrote."""
    mine = [entry for entry in entries if entry.session == writer.session]
    exact = (entry for entry in mine if entry.time == writer.published)
    return next(exact, mine[0] if mine else None)


def _events(strands: Sequence[_Strand], times: Mapping[Version, str]) -> list[_Event]:
    """What happened, in an order in which nothing comes before what it was made from."""
    found: dict[tuple[str, int], _Event] = {}
    for number, strand in enumerate(strands):
        entry, writer = strand.entry, strand.writer
        began = ""
        if entry is not None and entry.base is not None and entry.base in times:
            began = times[entry.base]
            words = f"{_when(began)}: version {entry.base[:12]}, from which others worked on"
            found[entry.base, 0] = _Event(began, 0, "base", (entry.base, 0), 0, words)
        wrote = max(writer.at, began)
        side = strand.side_view
        said = f"session {writer.session} wrote side {side.number}: {side.says}"
        key = ("side", number)
        found[key] = _Event(wrote, 1, "side", key, strand.lane, f"{_when(writer.at)}: {said}")
        if entry is not None:
            key = (entry.version, 1)
            known = found.get(key)
            after = max(entry.time, wrote, known.at if known else "")
            words = f"{_when(entry.time)}: session {writer.session} merged as {entry.version[:12]}"
            found[key] = _Event(after, 2, "merge", key, 0, words)
    return sorted(found.values(), key=lambda event: (event.at, event.rank, event.key[1]))


def _marks(events: Sequence[_Event], columns: Mapping[tuple[str, int], int]) -> list[Mark]:
    """All times of a picture are told alike: of one day the hours, else the days."""
    days = {moment(event.at)[:10] for event in events if event.at != ROOT_TIME}
    marks = []
    for event in events:
        when, label = moment(event.at), ""
        if event.lane == 0 and when:
            label = when[11:] if len(days) == 1 else when[5:10]
            label = "start" if event.at == ROOT_TIME else label
        mark = Mark(event.kind, columns[event.key], _height(event.lane), event.words, label)
        marks.append(mark)
    return marks


def _paths(
    strand: _Strand, columns: Mapping[tuple[str, int], int], number: int
) -> list[tuple[str, str]]:
    """From the base down to the session's line, along it, and up to the merge."""
    here, y = columns["side", number], _height(strand.lane)
    kind = "force" if strand.side_view.in_force else "waits"
    found = []
    entry = strand.entry
    if entry is not None and entry.base is not None and (entry.base, 0) in columns:
        x = columns[entry.base, 0]
        found.append((kind, f"M{x} {MAIN}C{x} {y} {x} {y} {x + 26} {y}H{here}"))
    if entry is not None:
        x = columns[entry.version, 1]
        found.append((kind, f"M{here} {y}H{x - 26}C{x} {y} {x} {y} {x} {MAIN}"))
    return found


def _height(lane: int) -> int:
    return MAIN + ROW * lane


def _label(strand: _Strand) -> str:
    return f"side {strand.side_view.number}  {strand.writer.session}"


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _adopted(side_views: Sequence[SideView]) -> list[str]:
    sides: list[tuple[int, Side, str]] = [(v.number, v.side, v.says) for v in side_views]
    return [f"as adopted: side {n}: {says}" for n, side, says in sides if not side.writers]


def _when(time: str) -> str:
    return "at the start" if time == ROOT_TIME else moment(time) or "(time unknown)"
