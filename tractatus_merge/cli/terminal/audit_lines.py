"""What an audit says: the table, the counts, the picture over time, the last sentence; as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tractatus_merge.cli.terminal.output import fitted
from tractatus_merge.core.values.equality import MISSING, Json, canonical
from tractatus_merge.core.values.paths import shown
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.losses import (
    ALTERED,
    BROUGHT_BACK,
    DROPPED,
    DUPLICATE,
    REVERTED,
    TEXTS,
)
from tractatus_merge.git.audit.record_versions import Rows, parts_of
from tractatus_merge.git.audit.report import (
    GONE,
    INVALID,
    MERGE,
    OVERWRITE,
    STANDS,
    TRUNCATION,
    Event,
    Found,
    Report,
)
from tractatus_merge.git.audit.restore import Piece
from tractatus_merge.git.path_log import Commit

KINDS = (DROPPED, REVERTED, BROUGHT_BACK, DUPLICATE, INVALID, ALTERED)
_WIDTH = 40
_DAY = 86400
_WEEKS, _MONTHS = 70, 430
"""How many days are shown by weeks, and how many by months: fifteen lines at most."""
_LINES = 15
_TEXT = 200


def told(
    report: Report, file: str, days: int, noun: str, *, records: bool = False
) -> Iterator[str]:
    """The report as lines for people: two screens, or every record; last comes the sentence."""
    kinds = Counter(event.what for event in report.events)
    yield (
        f"{file}: {_many(len(report.commits), 'commit')}, {_many(kinds[MERGE], 'merge')} that "
        f"joined changes, {_many(kinds[OVERWRITE], 'overwrite')}"
        f"{', ' + _many(kinds[TRUNCATION], 'truncation') if kinds[TRUNCATION] else ''}; "
        f"{_many(len(report.rows), noun)} today"
    )
    if report.losses():
        yield ""
        yield from _table(_rows(report) if records else _commits(report))
        yield ""
        yield from _counts(report)
        yield ""
        yield from _picture(report)
        yield from _to_do(report, noun, records=records)
    yield ""
    yield sentence(report, days, noun)


def _table(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    there = list(rows)
    widths = [max(len(row[at]) for row in there) for at in range(len(there[0]) - 1)]
    for row in there:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield f"{'  '.join(cells)}  {row[-1]}".rstrip()


def _to_do(report: Report, noun: str, *, records: bool) -> Iterator[str]:
    """What one can type now."""
    left = report.left()
    whole = sum(found.is_whole for found in left)
    edited = len({found.loss.name for found in left if not found.is_whole})
    parts = [_many(whole, noun)] if whole else []
    parts += [f"edits of {_many(edited, noun)}"] if edited else []
    if parts or not records:
        yield ""
    if parts:
        yield f"{' and '.join(parts)} missing today; bring back: --restore [ID]"
    if not records:
        yield "which records, and what of them: --records"


def restored_line(piece: Piece, rows: Rows, key: str, *, dry_run: bool) -> str:
    """What became of something lost, with what it said."""
    lost, name = piece.lost, parts_of(piece.lost.name)[1]
    if lost.fields:
        said = ", ".join(f"{shown(path)} = {_said(value, key)}" for path, value in lost.fields)
    else:
        said = _said(record_versions.value(lost.row), key)
    text = _flat(said, _TEXT)
    who = _flat(name)
    if piece.there and lost.name not in rows:
        return f"note: there is no record {who} that could have its edit back: {text}"
    if piece.there:
        return f"note: a record {who} stands there already: it stays as it is; lost was: {text}"
    new = _flat(name if piece.id is None else str(piece.id))
    other = "" if new == who else f" under the id {new}"
    word = "would restore" if dry_run else "restored"
    return f"{word} {who}{other}, as of {lost.commit[:10]}: {text}"


def restored_data(pieces: Sequence[Piece]) -> dict[str, Any]:
    """The same as JSON has it."""
    done = [piece for piece in pieces if not piece.there]
    names = [(piece, parts_of(piece.lost.name)[1]) for piece in pieces]
    return {
        "restored": list(dict.fromkeys(name for piece, name in names if not piece.there)),
        "there": list(dict.fromkeys(name for piece, name in names if piece.there)),
        "renamed": {
            name: str(piece.id)
            for piece, name in names
            if piece in done and piece.id is not None and str(piece.id) != name
        },
        "fields": {
            name: [
                list(path) for p, n in names if n == name and p in done for path, _ in p.lost.fields
            ]
            for piece, name in names
            if piece in done and piece.lost.fields
        },
    }


def _said(value: Json, key: str) -> str:
    """A record's text, or all that it says."""
    if isinstance(value, dict):
        for field in TEXTS:
            if isinstance(value.get(field), str):
                return str(value[field])
        value = {name: item for name, item in value.items() if name != key} or value
    return value if isinstance(value, str) else "nothing" if value is MISSING else canonical(value)


def _is_missing(found: Found) -> bool:
    """Whether it is a whole record that was dropped and is not there today."""
    return found.is_whole and found.today == GONE


def sentence(report: Report, days: int, noun: str) -> str:
    """How many were added, then lost, and the last of them."""
    whole = [(event, found) for event in report.events for found in event.found if found.is_whole]
    start = f"In {_many(days, 'day')}"
    if not whole:
        edits = {
            (found.commit.oid, found.loss.name)
            for found in report.losses()
            if found.loss.kind in (DROPPED, REVERTED)
        }
        also = f"; {len(edits)} had edits that were lost" if edits else ""
        return f"{start} no {noun} was added, then lost{also}."
    event, last = whole[-1]
    number = len({found.loss.name for _, found in whole})
    were = "was" if number == 1 else "were"
    kind = MERGE if event.what == MERGE else "commit"
    return (
        f"{start} {_many(number, noun)} {were} added, then lost; the last: "
        f"{_flat(_record(last))}, by {_flat(_name(last.commit.author))}, "
        f"in {kind} {last.commit.oid[:10]}."
    )


def as_data(report: Report, file: str, days: int, noun: str) -> dict[str, Any]:
    """The report as JSON has it."""
    events = [
        {
            "commit": event.commit.oid,
            "what": event.what,
            "date": _moment(event.commit.seconds),
            "author": event.commit.author,
            "subject": event.commit.subject,
            "added": [parts_of(name)[1] for name in event.added],
            "losses": [loss_data(found) for found in event.found],
            **({"older": event.older} if event.older else {}),
            **({"shrank": list(event.shrank)} if event.shrank else {}),
        }
        for event in report.events
    ]
    counts = Counter(found.loss.kind for found in report.losses())
    return {
        "file": file,
        "commits": len(report.commits),
        "records": len(report.rows),
        "days": days,
        "events": events,
        "counts": {kind: counts[kind] for kind in KINDS},
        "missing": list(dict.fromkeys(_record(f) for f in report.losses() if _is_missing(f))),
        "periods": [
            {"period": name, "commits": commits, "lost": lost}
            for name, commits, lost in _periods(report)
        ],
        "sentence": sentence(report, days, noun),
    }


def loss_data(found: Found) -> dict[str, Any]:
    """One loss as JSON has it."""
    place, record = parts_of(found.loss.name)
    data: dict[str, Any] = {"kind": found.loss.kind, "today": found.today}
    if found.loss.kind == INVALID:
        return {**data, "why": found.loss.found}
    data |= {"record": record, "fields": [list(path) for path in found.loss.fields]}
    if place:
        data["list"] = place
    if found.restored is not None:
        data["restored_in"] = found.restored.oid
    return data


def _commits(report: Report) -> Iterator[tuple[str, ...]]:
    """A line a commit, the newest last: how much it lost, which it is, and how it lost it."""
    events = [event for event in report.events if event.found]
    yield ("lost", "missing", "commit", "date", "author", "how")
    if len(events) > _LINES:
        yield (f"... and {len(events) - _LINES} older commits", "", "", "", "", "")
    for event in events[-_LINES:]:
        kinds = Counter(found.loss.kind for found in event.found)
        lost = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
        left = sum(found.today in (GONE, STANDS) for found in event.found)
        commit = event.commit
        yield (
            lost, str(left or "-"), commit.oid[:10], _date(commit.seconds),
            _flat(_name(commit.author), 20), f"{_how(event)}: {_flat(commit.subject, 40)}",
        )  # fmt: skip


def _how(event: Event) -> str:
    if event.shrank:
        return f"shrank from {event.shrank[0]} to {event.shrank[1]}"
    if event.older:
        return f"overwrite of {_many(event.older, 'version')}"
    return event.what


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Commit, date, author, what it is, kind of loss; then the record and what became of it."""
    head = ("commit", "date", "author", "by", "lost", "what")
    for number, (event, found) in enumerate((e, f) for e in report.events for f in e.found):
        if not number:
            yield head
        commit, loss = event.commit, found.loss
        told_ = str(loss.found) if loss.kind == INVALID else _record(found)
        fields = ", ".join(map(shown, loss.fields))
        today = found.today
        if found.restored is not None:
            today = f"restored in {found.restored.oid[:10]}"
        what = _flat(f"{told_}: {fields}" if fields else told_, 60)
        date, author = _date(commit.seconds), _flat(_name(commit.author), 20)
        yield commit.oid[:10], date, author, event.what, loss.kind, f"{what}  ({today})"


def _counts(report: Report) -> Iterator[str]:
    found = report.losses()
    yield f"{'':14}found  not mended"
    for kind in KINDS:
        some = [one for one in found if one.loss.kind == kind]
        if some:
            left = sum(one.today in (GONE, STANDS) for one in some)
            yield f"{kind:14}{len(some):5}{left:12}"


def _picture(report: Report) -> Iterator[str]:
    """One bar a period: what was lost in it."""
    periods = _periods(report)
    most = max([1, *(lost for _, _, lost in periods)])
    for name, commits, lost in periods:
        bar = "#" * (0 if not lost else max(1, lost * _WIDTH // most))
        yield f"{name:10}  {bar:{_WIDTH}} {lost:5} lost in {_many(commits, 'commit')}"


def _periods(report: Report) -> list[tuple[str, int, int]]:
    """Weeks, months or years, as many as fit a screen: (name, commits, losses)."""
    if not report.commits:
        return []
    times = [commit.seconds for commit in report.commits]
    span = (max(times) - min(times)) // _DAY
    commits = Counter(_period(seconds, span) for seconds in times)
    lost = Counter(
        _period(found.commit.seconds, span)
        for found in report.losses()
        if found.loss.kind != ALTERED
    )
    moments = range(min(times), max(times) + 7 * _DAY, 7 * _DAY)
    last = _period(max(times), span)
    names = sorted({*commits, *(name for t in moments if (name := _period(t, span)) <= last)})
    return [(name, commits[name], lost[name]) for name in names]


def _period(seconds: int, span: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    if span < _WEEKS:
        return (moment - timedelta(days=moment.weekday())).strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m" if span < _MONTHS else "%Y")


def _record(found: Found) -> str:
    return parts_of(found.loss.name)[1]


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _name(author: str) -> str:
    return author.rpartition(" <")[0] or author


def _flat(text: str, width: int = 60) -> str:
    return fitted(text, width)


def _date(seconds: int) -> str:
    return _moment(seconds)[:10]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def days_between(commits: Sequence[Commit], start: int | None, now: float) -> int:
    """The days that a report is about: since `start`, else from its first to its last commit."""
    if start is not None:
        return max(0, round((now - start) / _DAY))
    times = [commit.seconds for commit in commits]
    if not times:
        return 0
    return -(-(max(times) - min(times)) // _DAY)
