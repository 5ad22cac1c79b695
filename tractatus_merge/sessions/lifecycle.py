"""The life of a session as a table. Performing an event is not done here.

A session is re-openable: after its merge its copy and base are the merged head, so going on is as
good as starting anew, and reaping one that only seemed dead does no harm.
"""

from __future__ import annotations

from enum import Enum

from tractatus_merge.errors import IllegalTransition


class Life(str, Enum):
    """Where a session stands."""

    OPEN = "open"
    ENDED = "ended"
    MERGED = "merged"
    ABANDONED = "abandoned"


class Event(str, Enum):
    """What can happen to a session."""

    END = "end"
    MERGE = "merge"
    RESUME = "resume"
    ABANDON = "abandon"
    REAP = "reap"


TRANSITIONS: dict[tuple[Life, Event], Life] = {
    (Life.OPEN, Event.MERGE): Life.OPEN,
    (Life.OPEN, Event.END): Life.ENDED,
    (Life.OPEN, Event.REAP): Life.ENDED,
    (Life.OPEN, Event.ABANDON): Life.ABANDONED,
    (Life.OPEN, Event.RESUME): Life.OPEN,
    (Life.ENDED, Event.END): Life.ENDED,
    (Life.ENDED, Event.MERGE): Life.MERGED,
    (Life.ENDED, Event.RESUME): Life.OPEN,
    (Life.ENDED, Event.ABANDON): Life.ABANDONED,
    (Life.MERGED, Event.RESUME): Life.OPEN,
    (Life.MERGED, Event.END): Life.ENDED,
    (Life.MERGED, Event.MERGE): Life.MERGED,
    (Life.ABANDONED, Event.RESUME): Life.OPEN,
}


def after(session: str, state: Life, event: Event) -> Life:
    """The state after the event, or IllegalTransition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(session, state.value, event.value) from None
