"""JSON numbers by their exact decimal value: equal, ordered, canonical, and as JavaScript has them.

A number may have any number of digits and any exponent: nothing here takes time or memory by its
size, only by the length of its text.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from decimal import Context, Decimal

_FORM = r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?"
_INFINITE = float("inf")
_SAFE = 2**53
"""Up to here each integer is a double of its own."""
_SHORT = 15
"""So many characters, without an exponent, are the shortest text of a double of their own."""
_LARGE = 1e21
_FEW = 400
"""Digits up to which an integer is Python's: one of many takes it the square of their number."""
_NAMING = 400
"""Digits of the longest integer that is told in full: nobody's id has more."""
_FLIPPED = str.maketrans("0123456789", "9876543210")


class Number:
    """A JSON number that remembers how it was written (`0.90`): no `float`, which would round it.

    A writer that does not know it fails, rather than write another number.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Number({self.text!r})"

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return _exact(self.text)[1] != "0"

    def __float__(self) -> float:
        return float(self.text)

    def __eq__(self, other: object) -> bool:
        return equal(self, other) if is_number(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(float(self.text))

    def __deepcopy__(self, _: object) -> Number:
        return self


class Rank(tuple[int, "int | Decimal", str]):
    """What numbers are ordered by: sign, digits before the point, digits."""

    __slots__ = ()


_ZERO = Rank((0, 0, ""))


def is_number(value: object) -> TypeGuard[float | Number]:
    """Whether a JSON value is a number: `true` is none."""
    return isinstance(value, (Number, int, float)) and not isinstance(value, bool)


def equal(one: float | Number, other: float | Number) -> bool:
    """Tell whether two numbers are the same exact decimal."""
    first, second = spelled(one), spelled(other)
    if first == second or float(first) != float(second):
        return first == second
    return (_is_short(first) and _is_short(second)) or _exact(first) == _exact(second)


def canonical(value: float | Number) -> str:
    """One text for all numbers that are equal: the shortest of the double where that is exact.

    Whole numbers are written out below 1e21. Checksums in published records depend on it.
    """
    if type(value) is int and abs(value) <= _SAFE:
        return repr(value)
    text = spelled(value)
    double = float(text)
    written_out = double.is_integer() and abs(double) < _LARGE
    usual = repr(int(double)) if written_out else repr(double)
    if usual == text or _is_short(text):
        return usual
    sign, digits, exponent = exact = _exact(text)
    if abs(double) != _INFINITE and _exact(usual) == exact:
        return usual
    return f"{sign}{digits}e{exponent}" if exponent else sign + digits


def rank(value: float | Number) -> Rank:
    """What to order a number by."""
    sign, digits, exponent = _exact(spelled(value))
    if digits == "0":
        return _ZERO
    if not sign:
        return Rank((1, _sum(exponent, len(digits)), digits))
    size = _sum(exponent, len(digits))
    below = -size if isinstance(size, int) else size.copy_negate()
    return Rank((-1, below, f"{digits.translate(_FLIPPED)}:"))


def whole(value: float | Number) -> str | None:
    """A whole number with all its digits; None if it is none, or longer than any id."""
    sign, digits, exponent = _exact(spelled(value))
    if not 0 <= exponent <= _NAMING - len(digits):
        return None
    return sign + digits + "0" * int(exponent)


def as_javascript(value: float | Number) -> Number | None:
    """What a program in JavaScript makes of a number that it reads and writes; null beyond all."""
    double = float(spelled(value))
    return Number(repr(double)) if abs(double) != _INFINITE else None


def spelled(value: float | Number) -> str:
    """A number as it is written."""
    if isinstance(value, Number):
        return value.text
    if not isinstance(value, int):
        return repr(value)
    if abs(value) <= _SAFE:
        return f"{value:d}"
    from decimal import Decimal  # Python writes no integer of so many digits

    return str(Decimal(value))


def _is_short(text: str) -> bool:
    """Whether the number's double stands for no other number that is written so."""
    return len(text) <= _SHORT and "e" not in text and "E" not in text


def _exact(text: str) -> tuple[str, str, int | Decimal]:
    """Sign, digits without zeros at either end, and the power of ten that they are times of."""
    if text.isdecimal():
        sign, before, after, power = "", text, "", ""
    else:
        found = re.fullmatch(_FORM, text)
        if found is None:  # an infinite double, which no JSON says: equal to itself only
            return "", text, 0
        sign, before, after, power = found.groups("")
    all_digits = before + after
    digits = all_digits.rstrip("0")
    if not digits:
        return "", "0", 0
    exponent = len(all_digits) - len(digits) - len(after)
    return sign, digits.lstrip("0"), _sum(_integer(power), exponent) if power else exponent


def _integer(text: str) -> int | Decimal:
    """An integer of any length; Python's where it has few digits."""
    if len(text) <= _FEW:
        return int(text)
    from decimal import Decimal  # mostly there is none

    return Decimal(text)


def _sum(one: int | Decimal, other: int) -> int | Decimal:
    """The exact sum of two integers."""
    return one + other if isinstance(one, int) else _any_length().add(one, other)


@functools.cache
def _any_length() -> Context:
    """For integers of any length."""
    from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context

    return Context(MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
