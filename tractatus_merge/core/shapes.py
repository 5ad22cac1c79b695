"""What a JSON value must look like: shapes, put together of shapes. What is not told is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tractatus_merge.core.values import Json

Shape = Callable[[Json], str]
"""Says what is wrong with a value, and where in it; nothing where nothing is."""


def of_type(kind: type, word: str) -> Shape:
    """A value of just this type."""
    return lambda value: "" if type(value) is kind else f"{word} should stand here"


text = of_type(str, "a text")
flag = of_type(bool, "true or false")


def anything(_: Json) -> str:
    """Any value."""
    return ""


def count(value: Json) -> str:
    """How often something was published: as many digits as a version vector has."""
    fits = type(value) is int and 0 < value < 10**9
    return "" if fits else "a count should stand here"


def blank(letters: str) -> Shape:
    """A text of nothing but these letters."""

    def judge(value: Json) -> str:
        fits = isinstance(value, str) and not value.strip(letters)
        return "" if fits else "white space should stand here"

    return judge


def one_of(*words: str) -> Shape:
    """One of some texts."""
    return lambda value: "" if value in words else f"one of {words} should stand here"


def maybe(shape: Shape) -> Shape:
    """The shape, or null."""
    return lambda value: "" if value is None else shape(value)


def every(shape: Shape, *, least: int = 0) -> Shape:
    """A list, so long at least, of which each element has the shape."""

    def judge(value: Json) -> str:
        if not isinstance(value, list):
            return "a list should stand here"
        if len(value) < least:
            return f"{least} or more should stand in the list"
        found = ((number, shape(item)) for number, item in enumerate(value))
        return next((f"[{number}] {why}" for number, why in found if why), "")

    return judge


def values(shape: Shape) -> Shape:
    """An object of which each value has the shape."""

    def judge(value: Json) -> str:
        if not isinstance(value, dict):
            return "an object should stand here"
        found = ((key, shape(item)) for key, item in value.items())
        return next((f"{key}: {why}" for key, why in found if why), "")

    return judge


def fields(needed: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object that has these keys; and where it has those, they have their shapes."""

    def judge(value: Json) -> str:
        if not isinstance(value, dict):
            return "an object should stand here"
        for key in needed:
            if key not in value:
                return f'it has no "{key}"'
        for key, shape in {**needed, **(optional or {})}.items():
            why = shape(value[key]) if key in value else ""
            if why:
                return f"{key}: {why}"
        return ""

    return judge
