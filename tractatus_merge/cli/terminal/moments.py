"""Times as people read and type them: in their own time zone, and how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tractatus_merge.errors import RequestError
from tractatus_merge.system import clock

_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_SHORT = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_AGO = re.compile(
    r"(\d{1,6}|an?)[ .-]*(?:([mhdw])|(minute|hour|day|week|month|year)s?)(?:[ .-]*ago)?", re.ASCII
)
_DAYS = {"today": 0, "yesterday": 1}
_EXAMPLES = "for example: 2026-11-28, '2026-11-28 14:30', yesterday, '2 days ago', 2h"


def told(time: str, *, utc: bool = False) -> str:
    """A time of the log as people read it: `Sat 28 Nov 2026 14:30 (2 hours ago)`.

    In the time zone of whoever reads; with `utc` in UTC, and it says so.
    """
    try:
        moment = datetime.fromisoformat(time)
        zoned = moment.astimezone(UTC) if utc else moment.astimezone()
    except (ValueError, OverflowError):
        return "at an unknown time"
    if moment.tzinfo is None:
        return "at an unknown time"
    since = datetime.fromisoformat(clock.now()) - moment
    return f"{zoned:%a %d %b %Y %H:%M}{' UTC' if utc else ''} ({_ago(since)})"


def _ago(since: timedelta) -> str:
    """How long ago something was, in the largest unit of which there is one."""
    if since < -_UNITS["minute"]:
        return "in the future: a clock was wrong"
    for unit, length in reversed(_UNITS.items()):
        count = since // length
        if count >= 1:
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return "just now"


def typed(text: str) -> str | None:
    """The time that a person typed, as the log writes it; None if it is none.

    A date, a date with a time of day (in the person's time zone, if it names none), `yesterday`,
    or how long ago. A date means its beginning.
    """
    said = " ".join(text.lower().split())
    now = datetime.fromisoformat(clock.now()).astimezone()
    ago = _AGO.fullmatch(said)
    try:
        if said == "now":
            moment = now
        elif ago:
            count = int(ago[1]) if ago[1].isdigit() else 1
            moment = now - count * _UNITS[ago[3] or _SHORT[ago[2]]]
        elif said in _DAYS:
            day = now.date() - timedelta(days=_DAYS[said])
            moment = datetime.combine(day, datetime.min.time()).astimezone()
        elif re.match(r"\d{4}-\d\d-\d\d", said, re.ASCII):
            moment = datetime.fromisoformat(said.upper())
        else:
            return None
        found = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def typed_time(text: str, option: str) -> str:
    """The time that an option was given; RequestError if it is none."""
    found = typed(text)
    if found is None:
        raise RequestError(f"{option}: '{text}' is no time.", hint=_EXAMPLES)
    return found
