"""What an audit says: the table, the counts, the picture over time, the last sentence; as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tractatus_merge.cli.terminal.output import fitted
from tractatus_merge.core.values.paths import shown
from tractatus_merge.git.audit.losses import ALTERED, BROUGHT_BACK, DROPPED, DUPLICATE, REVERTED
from tractatus_merge.git.audit.record_versions import parts_of
from tractatus_merge.git.audit.report import GONE, INVALID, MERGE, OVERWRITE, STANDS, Found, Report
from tractatus_merge.git.path_log import Commit

KINDS = (DROPPED, REVERTED, BROUGHT_BACK, DUPLICATE, INVALID, ALTERED)
_WIDTH = 40
_DAY = 86400


def told(report: Report, file: str, days: int, noun: str) -> Iterator[str]:
    """The report as lines for people; the last one is the sentence."""
    merges = sum(event.what == MERGE for event in report.events)
    overwrites = sum(event.what == OVERWRITE for event in report.events)
    yield (
        f"{file}: {_many(len(report.commits), 'commit')}, {_many(merges, 'merge')} that joined "
        f"changes, {_many(overwrites, 'overwrite')}; {_many(len(report.rows), noun)} today"
    )
    rows = list(_rows(report))
    if rows:
        yield ""
        widths = [max(len(row[at]) for row in rows) for at in range(5)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row[:5], widths, strict=True))
            yield f"{'  '.join(cells)}  {row[5]}".rstrip()
        yield ""
        yield from _counts(report)
        yield ""
        yield from _picture(report)
        gone = {found.loss.name for found in report.losses() if is_missing(found)}
        if gone:
            yield ""
            yield f"{_many(len(gone), noun)} missing today; bring back: --restore [ID]"
    yield ""
    yield sentence(report, days, noun)


def is_missing(found: Found) -> bool:
    """Whether it is a whole record that was dropped and is not there today."""
    return found.loss.kind == DROPPED and not found.loss.fields and found.today == GONE


def sentence(report: Report, days: int, noun: str) -> str:
    """How many were added, then lost, and the last of them."""
    whole = [
        (event, found)
        for event in report.events
        for found in event.found
        if found.loss.kind == DROPPED and not found.loss.fields
    ]
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
        "missing": list(dict.fromkeys(_record(f) for f in report.losses() if is_missing(f))),
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
    if span < 70:
        return (moment - timedelta(days=moment.weekday())).strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m" if span < 1000 else "%Y")


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
