"""The life of a session as a table."""

from __future__ import annotations

import pytest

from tractatus_merge.errors import IllegalTransition
from tractatus_merge.sessions.lifecycle import TRANSITIONS, Event, Life, after


def test_an_ordinary_life():
    """Open, merge early, end, merge, and open again."""
    state = Life.OPEN
    for event, then in [(Event.MERGE, Life.OPEN), (Event.END, Life.ENDED), (Event.MERGE, Life.MERGED),
                        (Event.RESUME, Life.OPEN)]:  # fmt: skip
        state = after("s", state, event)
        assert state is then


@pytest.mark.parametrize("state", Life)
def test_a_session_can_always_be_opened_again(state):
    """There is no dead end: resuming leads from every state to open."""
    assert after("s", state, Event.RESUME) is Life.OPEN


@pytest.mark.parametrize(
    ("state", "event"),
    [(s, e) for s in Life for e in Event if (s, e) not in TRANSITIONS],
)
def test_what_is_not_in_the_table_is_refused(state, event):
    """An illegal event names session, state and event, and the command that leads on."""
    with pytest.raises(
        IllegalTransition, match=f"session s is {state.value}: '{event.value}'"
    ) as error:
        after("s", state, event)
    assert error.value.exit_code == 2
    assert error.value.hint


def test_reaping_the_seemingly_dead_does_no_harm():
    """A reaped session is ended, can be merged, and merged again."""
    assert after("s", after("s", Life.OPEN, Event.REAP), Event.MERGE) is Life.MERGED
    assert after("s", Life.MERGED, Event.MERGE) is Life.MERGED
