"""Numbers by their exact decimal value. What Python's fractions say of them is the measure."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.values.numbers import (
    Number,
    Rank,
    as_javascript,
    canonical,
    equal,
    is_number,
    rank,
    spelled,
    whole,
)

digits = st.text("0123456789", max_size=31)
exponents = st.one_of(st.just(""), st.integers(-40, 40).map(lambda n: f"e{n}"))


@st.composite
def decimals(draw):
    """A number as JSON may spell it: of up to 30 digits, with zeros anywhere, near 2^53 or not."""
    before = draw(st.one_of(digits, st.sampled_from(["9007199254740992", "9007199254740993"])))
    after = draw(st.one_of(st.just(""), digits.map(lambda text: f".{text}0")))
    return Number(
        f"{draw(st.sampled_from(['', '-']))}{before.lstrip('0') or '0'}{after}{draw(exponents)}"
    )


def value(number):
    """What a number is worth."""
    return Fraction(spelled(number))


@given(decimals(), decimals())
@example(Number("9007199254740993"), Number("9007199254740992"))
@example(Number("0.1"), Number("0.10000000000000001"))
@example(Number("1"), Number("1.0e0"))
@example(Number("-0"), Number("0.000"))
@example(Number("123456789012345680000"), Number("123456789012345683968"))
def test_numbers_are_equal_where_their_values_are(one, other):
    """And so are their canonical texts and ranks; ranks are ordered as the values are."""
    assert equal(one, other) == (value(one) == value(other)) == (one == other)
    assert (canonical(one) == canonical(other)) == equal(one, other)
    assert (rank(one) == rank(other)) == equal(one, other)
    assert (rank(one) < rank(other)) == (value(one) < value(other))
    assert not equal(one, other) or hash(one) == hash(other)


@given(decimals())
def test_the_canonical_text_is_the_number_itself(number):
    """It is JSON, worth the same, and its own canonical text."""
    text = canonical(number)
    assert value(Number(text)) == value(number)
    assert canonical(Number(text)) == text
    json.loads(text)


@given(st.one_of(st.integers(-(10**22), 10**22), st.floats(allow_nan=False, allow_infinity=False)))
def test_the_canonical_text_of_what_a_double_says_is_as_it_always_was(number):
    """The shortest text of the double, whole numbers below 1e21 written out: stamps depend on it."""
    double = float(number)
    before = repr(int(double)) if double.is_integer() and abs(double) < 1e21 else repr(double)
    exact = Fraction(before) == Fraction(repr(number))
    assert (canonical(number) == before) == exact
    assert canonical(Number(repr(number))) == canonical(number)


@pytest.mark.parametrize(
    ("text", "one_text"),
    [
        ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("-1.0", "-1"), ("0.50", "0.5"), ("-0.0e7", "0"),
        ("0e999999999999", "0"), ("1E3", "1000"), ("1e-7", "1e-07"), ("9007199254740992", "9007199254740992"),
        ("9007199254740993", "9007199254740993"), ("-9007199254740993.0", "-9007199254740993"),
        ("12345678901234567168", "12345678901234567168"), ("12345678901234567890", "1234567890123456789e1"),
        ("0.10000000000000001", "10000000000000001e-17"), ("1e400", "1e400"), ("10E399", "1e400"), ("-1e-400", "-1e-400"),
        ("5e-324", "5e-324"), ("1e999999999", "1e999999999"), ("0.1e" + "9" * 5000, "1e" + "9" * 4999 + "8"),
    ],
)  # fmt: skip
def test_each_number_has_one_text(text, one_text):
    """However it is spelled, and however large it is: nothing is written out."""
    assert canonical(Number(text)) == one_text


@given(st.lists(some.wide, max_size=4))
def test_numbers_that_share_a_double_stay_apart(found):
    """Also those beyond every double."""
    assert len({canonical(number) for number in found}) == len(set(map(str, found)))


def test_an_integer_and_a_double_of_python_are_numbers_too():
    """Booleans are none; what no JSON says equals only itself."""
    assert [is_number(one) for one in (1, 0.5, Number("1"), True, "1", None)] == [True] * 3 + [
        False
    ] * 3
    assert Number("1.0") == 1 != Number("1.5") == 1.5
    assert Number("1") != "1"
    assert hash(Number("1.0")) == hash(1) != hash(Number("2"))
    assert equal(10**5000, 10**5000) and equal(Number("1e5000"), 10**5000)
    assert canonical(float("inf")) == "inf" != canonical(Number("1e400"))
    assert not equal(Number("1e400"), float("inf"))


def test_a_number_is_what_it_was_wherever_it_goes():
    """Copied, shown, counted as true or false, as a double; a writer that does not know it fails."""
    number = Number("0.90")
    assert copy.deepcopy(number) is number
    assert (str(number), repr(number), float(number)) == ("0.90", "Number('0.90')", 0.9)
    assert number and not Number("-0.0")
    with pytest.raises(TypeError):
        json.dumps(number)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5", "5"), ("5.0", "5"), ("5e2", "500"), ("-0", "0"), ("-7e0", "-7"), ("5.5", None), ("1e-1", None),
        ("738529527931269425", "738529527931269425"), ("1e399", "1" + "0" * 399), ("1e400", None), ("1e999999999", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_told_in_full(text, said):
    """What is none, or longer than any id, is not."""
    assert whole(Number(text)) == said
    if said and len(said) < 20:
        assert whole(int(said)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9007199254740993", "9007199254740992"), ("12345678901234567890", "12345678901234567000"), ("1.0", "1"),
        ("0.10000000000000001", "0.1"), ("1e-400", "0"), ("-0", "0"), ("738529527931269425", "738529527931269400"),
    ],
)  # fmt: skip
def test_javascript_makes_a_double_of_a_number(text, said):
    """In the shortest form; there is no text but `null` for what is beyond every double."""
    made = as_javascript(Number(text))
    assert made is not None and equal(made, Number(said))
    assert as_javascript(Number("-1e400")) is None


def test_ranks_are_a_kind_of_their_own():
    """A revision is a tuple as well: the two do not compare."""
    assert type(rank(1)) is Rank
    assert rank(Number("0e5")) == (0, 0, "")
    assert rank(Number("-20.5")) == (-1, -2, "794:") and rank(20.5) == (1, 2, "205")
    assert (
        rank(Number("-1e999999999"))
        < rank(-2)
        < rank(-1)
        < rank(0)
        < rank(0.5)
        < rank(Number("1e999"))
    )


@pytest.mark.timeout(20)
def test_no_number_takes_the_time_of_its_value():
    """Of its digits and of its exponent's: a number costs what reading its text costs."""
    one, other = Number("1e" + "9" * 200_000), Number("10e" + "9" * 199_999 + "8")
    less, more = Number("-1e" + "9" * 200_000), Number("1e-" + "9" * 200_000)
    assert equal(one, other)
    assert canonical(one) == canonical(other) == one.text
    assert rank(less) < rank(Number("-10e" + "9" * 199_999 + "7"))
    assert rank(less) < rank(more) < rank(1) < rank(one) == rank(other)
    assert whole(one) is None
    assert not equal(Number("9" * 10**6), Number("9" * 10**6 + ".1"))
    assert canonical(Number("1" + "0" * 10**6)) == "1e1000000"
