"""What a value must look like, and what is said of one that does not."""

from __future__ import annotations

import pytest

from tractatus_merge.core.shapes import (
    anything,
    blank,
    count,
    every,
    fields,
    flag,
    maybe,
    one_of,
    text,
    values,
)
from tractatus_merge.core.values import Number

POINT = fields({"x": count}, {"name": text})


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (text, ""),
        (flag, False),
        (anything, None),
        (count, 999_999_999),
        (blank(" \t"), " \t "),
        (blank(" "), ""),
        (one_of("a", "b"), "b"),
        (maybe(text), None),
        (maybe(text), "x"),
        (every(text), []),
        (every(text, least=1), ["x"]),
        (values(text), {"a": "b"}),
        (POINT, {"x": 1}),
        (POINT, {"x": 1, "name": "p", "z": object}),
    ],
)
def test_what_fits(shape, value):
    """Nothing is said; a key that no shape tells of is no fault."""
    assert shape(value) == ""


@pytest.mark.parametrize(
    ("shape", "value", "why"),
    [
        (text, 1, "a text should stand here"),
        (flag, 1, "true or false should stand here"),
        (count, 0, "a count should stand here"),
        (count, True, "a count should stand here"),
        (count, 1_000_000_000, "a count should stand here"),
        (count, Number("1e3"), "a count should stand here"),
        (blank(" "), " x", "white space should stand here"),
        (blank(" "), None, "white space should stand here"),
        (one_of("a", "b"), [], "one of ('a', 'b') should stand here"),
        (maybe(text), 1, "a text should stand here"),
        (every(text), {}, "a list should stand here"),
        (every(text, least=1), [], "1 or more should stand in the list"),
        (every(text), ["x", 1], "[1] a text should stand here"),
        (values(text), [], "an object should stand here"),
        (values(text), {"a": "b", "c": 1}, "c: a text should stand here"),
        (POINT, [], "an object should stand here"),
        (POINT, {"name": "p"}, 'it has no "x"'),
        (POINT, {"x": "1"}, "x: a count should stand here"),
        (POINT, {"x": 1, "name": 1}, "name: a text should stand here"),
        (every(POINT), [{"x": 1}, {"x": 0}], "[1] x: a count should stand here"),
    ],
)
def test_what_does_not_fit(shape, value, why):
    """What should stand there, and where in the value."""
    assert shape(value) == why
