"""The one loop that moves a head: read, plan, commit, and on a lost race again, with back-off.

The commit is the store's compare-and-swap; nothing else keeps two writers apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tractatus_merge.core.model.needs import must_be_writable
from tractatus_merge.core.model.state import State, Version
from tractatus_merge.errors import ContentionError, StoreError
from tractatus_merge.stores.base import Grouped, Store
from tractatus_merge.value import replace

if TYPE_CHECKING:
    from tractatus_merge.core.plans.outcome import Plan

ATTEMPTS = 40
"""Lost races before a command gives up with exit 75; 24 sessions at once need about 10."""
_TOGETHER = 3
"""Attempts to publish others' plans with one's own; after that each is on its own."""
FAILURES = 8
"""Failures of the store that are tried again: every attempt begins from the beginning."""
PATIENCE = 5.0
"""Seconds after which a failure of the store is told: the store itself waits for held locks."""


Prepare = Callable[[State, "Plan"], State]
"""Write what a plan makes of a state, for nobody to see yet; the state that it is then."""
Behind = Callable[[State, Prepare], object]
"""Prepare more plans, each on what the one before came to, the first on a state."""


def publish(
    store: Store,
    read: Callable[[], State],
    make: Callable[[State], Plan],
    behind: Behind | None = None,
) -> tuple[Plan, State]:
    """Read the head, plan, commit; again on a lost race. What was planned, and the head after it.

    A plan without an entry changes nothing. With `behind`, what it prepares goes into the head in
    the same step, where the store can do that. ContentionError when others were faster too often;
    nothing is lost then. NewerNeeded where this program may only read.
    """
    failures, began = 0, time.monotonic()
    for attempt in range(ATTEMPTS):
        try:
            state = read()
            plan = make(state)
            if behind is not None and attempt < _TOGETHER and isinstance(store, Grouped):
                after = _grouped(store, state, plan, behind)
            elif plan.entry is None:
                return plan, state
            else:
                must_be_writable(state)
                version = store.commit(state.version, plan.state, plan.entry)
                after = _after(plan, version) if version is not None else None
        except StoreError:  # a collection of garbage may take folders and objects from under us
            failures += 1
            if failures > FAILURES or time.monotonic() - began > PATIENCE:
                raise
        else:
            if after is not None:
                return plan, after
        from random import uniform  # a lost race is rare

        time.sleep(uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311 (jitter)
    raise ContentionError(
        f"{ATTEMPTS} times in a row another session was faster.", hint="the same command again"
    )


def _grouped(store: Grouped, state: State, plan: Plan, behind: Behind) -> State | None:
    """Commit a plan, and what is prepared behind it, in one step.

    What the plan comes to; None after a lost race.
    """
    made: list[Version] = []

    def prepare(on: State, plan: Plan) -> State:
        assert plan.entry is not None
        must_be_writable(on)
        made.append(store.prepare(on.version, plan.state, plan.entry))
        return _after(plan, made[-1])

    after = prepare(state, plan) if plan.entry is not None else state
    behind(after, prepare)
    return after if not made or store.settle(state.version, made) else None


def _after(plan: Plan, version: Version) -> State:
    assert plan.entry is not None
    return replace(plan.state, version=version, time=plan.entry.time)
