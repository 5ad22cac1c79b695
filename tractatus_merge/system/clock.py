"""The time as the state and the journals write it. Nothing else of time, and cheap to import."""

from __future__ import annotations

import time


def now() -> str:
    """This moment: ISO 8601, UTC, milliseconds, with a Z."""
    moment = time.time()
    second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{second}.{int(moment % 1 * 1000):03d}Z"
