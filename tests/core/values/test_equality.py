"""Which values are one, at the edges of what a double can say."""

from __future__ import annotations

from tractatus_merge.core.values.equality import MISSING, canonical, same
from tractatus_merge.core.values.numbers import Number


def test_integers_beyond_every_double_are_infinite_in_their_direction():
    """Other JSON readers make the same of them."""
    assert same(10**400, Number("1e400"))
    assert same(-(10**400), Number("-1e400"))
    assert not same(10**400, -(10**400))


def test_the_canonical_text_changes_its_spelling_where_javascript_does():
    """Whole numbers are written out below 1e21. Checksums in published records depend on it."""
    assert canonical(Number("1e20")) == canonical(10**20) == "100000000000000000000"
    assert canonical(Number("1e21")) == canonical(10**21) == "1e+21"
    assert canonical(Number("-1.0")) == "-1"
    assert canonical(Number("0.50")) == "0.5"


def test_no_value_has_an_empty_text():
    """It is the text of no JSON value, so that what is not there equals nothing that is."""
    assert canonical(MISSING) == ""
