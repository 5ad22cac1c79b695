"""The one loop that moves a head: read, plan, commit, and on a lost race again, with back-off.

The commit is the store's compare-and-swap; nothing else keeps two writers apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tractatus_merge.core.model.needs import must_be_writable
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import ContentionError, StoreError
from tractatus_merge.stores.base import Store
from tractatus_merge.value import replace

if TYPE_CHECKING:
    from tractatus_merge.core.plans.outcome import Plan

ATTEMPTS = 40
"""Lost races before a command gives up with exit 75; 24 sessions at once need about 10."""
FAILURES = 8
"""Failures of the store that are tried again: every attempt begins from the beginning."""
PATIENCE = 5.0
"""Seconds after which a failure of the store is told: the store itself waits for held locks."""


def publish(
    store: Store, read: Callable[[], State], make: Callable[[State], Plan]
) -> tuple[Plan, State]:
    """Read the head, plan, commit; again on a lost race. What was planned, and the head after it.

    A plan without an entry changes nothing. ContentionError when others were faster too often;
    nothing is lost then. NewerNeeded where this program may only read.
    """
    failures, began = 0, time.monotonic()
    for attempt in range(ATTEMPTS):
        try:
            state = read()
            plan = make(state)
            if plan.entry is None:
                return plan, state
            must_be_writable(state)
            version = store.commit(state.version, plan.state, plan.entry)
        except StoreError:  # a collection of garbage may take folders and objects from under us
            failures += 1
            if failures > FAILURES or time.monotonic() - began > PATIENCE:
                raise
        else:
            if version is not None:
                return plan, replace(plan.state, version=version, time=plan.entry.time)
        from random import uniform  # a lost race is rare

        time.sleep(uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311 (jitter)
    raise ContentionError(
        f"{ATTEMPTS} times in a row another session was faster.", hint="the same command again"
    )
