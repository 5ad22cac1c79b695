"""The time as the state and the journals write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tractatus_merge.system.clock import now


def test_the_time_is_utc_in_milliseconds():
    """As sorting by text needs it: one length, one zone, and it is this moment."""
    text = now()
    moment = datetime.fromisoformat(text)
    assert text == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=5)
