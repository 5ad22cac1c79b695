"""The laws of order, through real stores: a store adds nothing to a merge, and keeps all of it."""

from __future__ import annotations

from contextlib import closing
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws import strategies as some
from tests.laws.sessions import (
    NOW,
    contents_of,
    incoming,
    merged_all,
    sides_of,
    state_of,
    terms_of,
    uncontested,
)
from tests.services import SERVICES
from tests.stores.conformance import entry
from tests.stores.kinds import KINDS
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.repository import loop
from tractatus_merge.stores.memory import MemoryStore

OPENERS = {
    "memory": lambda _: MemoryStore(),
    **{
        name: lambda folder, kind=kind: (kind.prepare(folder), kind.open(folder))[1]
        for name, kind in KINDS.items()
    },
}


@pytest.fixture(scope="module", params=OPENERS)
def kind(request):
    """A kind of store, whose server is there by now."""
    if request.param in SERVICES:
        request.getfixturevalue(request.param)
    return request.param


WHO = "abk"
FEW = settings(
    max_examples=4, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EDITS = st.tuples(*(some.edits(who, more=["retire"] if who == "b" else []) for who in WHO))


def in_store(store, sessions):
    """The head after each session has been published into a store, one after the other."""
    first = State().with_(state_of(some.RECORDS).items)
    assert store.commit(None, first, entry(root=True)) is not None
    base = store.load(store.head())
    for session in sessions(base):
        loop.publish(
            store,
            lambda: store.load(store.head()),
            lambda head, session=session: plan_merge(head, session, HISTORY, NOW),
        )
    return store.load(store.head())


@pytest.mark.slow
@FEW
@given(EDITS)
def test_who_ends_first_does_not_matter_in_any_store(tmp_path_factory, kind, done):
    """In all orders: the same instructions, the same conflicts with the same sides by the same."""
    found = []
    for order in permutations(range(len(WHO))):
        folder = tmp_path_factory.mktemp("order") / "place"
        with closing(OPENERS[kind](folder)) as store:
            head = in_store(store, lambda base, order=order: in_order(base, done, order))
            found.append((uncontested(head), sides_of(head, authors=True), terms_of(head)))
    assert all(one == found[0] for one in found)


def in_order(base, done, order):
    """The sessions of one base, in an order."""
    return [incoming(base, done[place], WHO[place]) for place in order]


@pytest.mark.slow
@FEW
@given(EDITS, st.permutations(range(len(WHO))))
def test_a_store_adds_nothing_to_a_merge(tmp_path_factory, kind, done, order):
    """What is read of the head after the merges is what they are in memory, word for word."""
    folder = tmp_path_factory.mktemp("word") / "place"
    with closing(OPENERS[kind](folder)) as store:
        head = in_store(store, lambda base: in_order(base, done, order))
        there = (contents_of(head), sides_of(head, authors=True))
    base = state_of(some.RECORDS)
    plain = merged_all(base, [incoming(base, done[n], WHO[n]) for n in range(len(WHO))], order)
    assert there == (contents_of(plain), sides_of(plain, authors=True))
