"""Version vectors: order, join, their written form."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.laws.strategies import vectors
from tractatus_merge.core.model.version_vector import Order, VersionVector

EMPTY = VersionVector()


def _below(one, other):
    return one.order(other) in (Order.BEFORE, Order.EQUAL)


@given(vectors(), vectors(), vectors())
def test_join_is_a_lattice_s(a, b, c):
    """Commutative, associative, idempotent; the empty vector is its neutral element."""
    assert a.join(b) == b.join(a)
    assert a.join(b.join(c)) == a.join(b).join(c)
    assert a.join(a) == a
    assert a.join(EMPTY) == a


@given(vectors(), vectors(), vectors())
def test_join_is_the_least_upper_bound(a, b, c):
    """Neither is after the join, and whatever is above both is above it."""
    assert _below(a, a.join(b))
    assert _below(b, a.join(b))
    if _below(a, c) and _below(b, c):
        assert _below(a.join(b), c)


@given(vectors(), vectors())
def test_order_has_two_ends(a, b):
    """What is before one way is after the other way; the empty vector is before every other."""
    turned = {Order.BEFORE: Order.AFTER, Order.AFTER: Order.BEFORE}
    assert b.order(a) == turned.get(a.order(b), a.order(b))
    assert EMPTY.order(a) == (Order.EQUAL if not a.counts else Order.BEFORE)


@given(vectors())
def test_the_written_form_reads_back(a):
    """`parse(str(v))` is v."""
    assert VersionVector.parse(str(a)) == a


def test_the_written_form_is_the_one_of_the_design():
    """Tags sorted, `+` before the creator."""
    vector = EMPTY.tick("b21c0d44", 2).tick("7f3a91c2", 1, creates=True)
    assert str(vector) == "+7f3a91c2:1 b21c0d44:2"
    assert vector.count("b21c0d44") == 2
    assert vector.count("unknown") == 0


@pytest.mark.parametrize(
    "text",
    ["x", "7f3a91c2", "7f3a91c2:", "7f3a91c2:0", "7f3a91c2:-1", "7F3A91C2:1", "7f3a91c2:1:2", "abc:1",
     "7f3a91c2:1 7f3a91c2:2", "7f3a91c2:99999999999", "++7f3a91c2:1", "7f3a91c2:\u0661",
     "7f3a91c\u00e9:1"],
)  # fmt: skip
def test_what_is_not_a_vector_is_none(text):
    """Anything else is not read as one, a tag told twice neither."""
    assert VersionVector.parse(text) is None


@given(vectors())
def test_a_tick_is_after(a):
    """The next publication of a tag is after all before it; others' counts stay."""
    new = a.tick("dddddddd", 1 + a.count("dddddddd"))
    assert a.order(new) is Order.BEFORE
    assert new.join(a) == new
