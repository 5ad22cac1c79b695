"""What a program in JavaScript that rewrites a file does to numbers, and what is made of that."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import canonical, same
from tractatus_merge.core.values.numbers import Number, as_javascript, is_number
from tractatus_merge.core.values.rounding import unrounded, without_rounding

A, B = Number("738529527931269425"), Number("738529527931269400")
"""A number, and what JavaScript prints for it."""
HUGE = Number("1e400")


def rewritten(value):
    """The value as a program in JavaScript writes it back."""
    if isinstance(value, dict):
        return {key: rewritten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rewritten(item) for item in value]
    return as_javascript(value) if is_number(value) else value


@given(some.values)
def test_a_rewriting_says_nothing(value):
    """Whatever there was is there again; a rewriting of nothing changed is no change."""
    assert same(unrounded(value, rewritten(value)), value)
    assert same(unrounded(value, value), value)
    assert without_rounding(value, value) == (value, ())


@given(some.values, some.values)
def test_nothing_but_rounded_numbers_is_put_back(was, said):
    """What is said stays, but for numbers that are just what JavaScript prints for others."""
    assert same(rewritten(unrounded(was, said)), rewritten(said))


@pytest.mark.parametrize(
    ("was", "said", "value"),
    [
        (A, B, A), (A, A, A), (A, Number("738529527931269426"), Number("738529527931269426")), (A, "x", "x"),
        (HUGE, None, HUGE), (A, None, None), (None, HUGE, HUGE), (B, A, A),
        ({"a": A, "b": 1}, {"a": B, "b": 2}, {"a": A, "b": 2}), ({"a": A}, {"c": B}, {"c": B}), ({"a": A}, [B], [B]),
        ([A, B], [B, B], [A, B]), ([B, A], [B, B], [B, A]), ([1, A], [1, B, 2], [1, A, 2]),
        ([A, 1], [0, B, 1], [0, A, 1]), ([A, 1, 2], [B, 2], [A, 2]), ([1, A, 2], [2, B, 1], [2, A, 1]),
        ([1, A, B], [2, B, B], [2, A, B]), ([A, B], [0, B, B], [0, A, B]), ([9, A, B], [9, 0, B, B], [9, 0, A, B]),
        ([A, B, 7, 1], [0, B, B, 8, 1], [0, A, B, 8, 1]), ([[A], 5], [[B]], [[A]]),
        ([1, {"n": A, "t": 1}], [{"n": B, "t": 2}, 1], [{"n": A, "t": 2}, 1]), ([A, 5], [7, B, 5, 6], [7, A, 5, 6]),
        ([A, B], [B], [B]), ([[A], 1], [[B], 2], [[A], 2]),
        ([{"n": A, "t": "a"}, 1], [{"n": B, "t": "b"}, 1], [{"n": A, "t": "b"}, 1]),
        ([{"id": A, "t": "a"}, {"id": 1}], [{"id": 1}, {"id": B, "t": "b"}], [{"id": 1}, {"id": A, "t": "b"}]),
        ([{"id": 1, "n": A}, 2], [{"id": 3}, {"id": 1, "n": B, "t": 0}, 2], [{"id": 3}, {"id": 1, "n": A, "t": 0}, 2]),
    ],
)  # fmt: skip
def test_each_number_is_found_beside_what_it_was(was, said, value):
    """Where elements were added, moved, edited or taken away as well."""
    assert canonical(unrounded(was, said)) == canonical(value)


def test_the_places_are_told_and_what_was_meant_is_left():
    """A place that was written on purpose is an edit, however it reads, and so is all within it."""
    was, said = {"a": A, "b": {"c": A, "d": [A, 1]}}, {"a": B, "b": {"c": B, "d": [B, 1]}}
    assert without_rounding(was, said) == (was, (("a",), ("b", "c"), ("b", "d")))
    assert without_rounding(was, said, [("b",)]) == ({**said, "a": A}, (("a",),))
    value, places = without_rounding(was, said, [("a",), ("b", "d", "x")])
    assert (value, places) == ({"a": B, "b": {"c": A, "d": [B, 1]}}, (("b", "c"),))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
@settings(max_examples=5)
@given(st.lists(some.values, min_size=20, max_size=40))
def test_javascript_prints_what_is_expected_of_it(found):
    """Asked of the real one."""
    program = "process.stdin.on('data', d => console.log(JSON.stringify(JSON.parse(d))))"
    text = json_text.dump(json.loads(json_text.dump(found), parse_float=Number))
    done = subprocess.run(
        ["node", "-e", program], input=text, capture_output=True, check=True, text=True
    )
    assert same(json_text.parse(done.stdout), rewritten(json_text.parse(text)))
