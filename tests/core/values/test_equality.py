"""Which values are one, at the edges."""

from __future__ import annotations

from tractatus_merge.core.values.equality import MISSING, canonical


def test_no_value_has_an_empty_text():
    """It is the text of no JSON value, so that what is not there equals nothing that is."""
    assert canonical(MISSING) == ""
