"""Frozen values: their fields, how they are made, and that they stay as they are."""

from __future__ import annotations

import copy
import pickle
from functools import cached_property

import pytest

from tractatus_merge.value import Value, asdict, field, fields, replace


class Point(Value):
    """Two fields, of which one has a default."""

    x: int
    y: int = 0

    @cached_property
    def sum(self) -> int:
        """Counted once."""
        return self.x + self.y


class Named(Point):
    """A third, which the first two come before."""

    notes: list[str] = field(default_factory=list)


class By(Value, kw_only=True):
    """Fields that are given by name."""

    author: str
    why: str = ""


class Answer(By):
    """Its own are given by place, and stand before those."""

    conflict: str
    take: str = "value"


class Other(Value):
    """The fields of a point, and yet none."""

    x: int
    y: int = 0


def test_fields_are_given_by_place_or_by_name():
    """All, some or none by name; what is not given has its default."""
    assert Point(1, 2) == Point(1, y=2) == Point(y=2, x=1)
    assert (Point(1).x, Point(1).y) == (1, 0)


def test_a_class_goes_on_from_another():
    """The fields of the class that it goes on from come first."""
    assert fields(Named) == ("x", "y", "notes")
    assert asdict(Named(1, notes=["a"])) == {"x": 1, "y": 0, "notes": ["a"]}


def test_what_is_given_by_name_stands_behind_what_has_a_place():
    """As a type checker reads it."""
    assert fields(Answer) == ("conflict", "take", "author", "why")
    made = Answer("c", author="A")
    assert (made.conflict, made.take, made.author, made.why) == ("c", "value", "A", "")


def test_a_default_that_can_change_is_made_anew():
    """Nobody shares it."""
    one, other = Named(1), Named(1)
    one.notes.append("mine")
    assert other.notes == []


@pytest.mark.parametrize(
    ("kind", "args", "named"),
    [
        (Point, (), {}),
        (Point, (), {"y": 1}),
        (Point, (1, 2, 3), {}),
        (Point, (1,), {"x": 2}),
        (Point, (1, 2), {"z": 3}),
        (Point, (1,), {"z": 3}),
        (By, ("A",), {}),
        (By, ("A", ""), {}),
        (Answer, ("c", "value", "A"), {}),
        (Answer, ("c", "value", "A", ""), {}),
        (Answer, ("c",), {}),
    ],
)
def test_what_is_missing_unknown_or_given_twice(kind, args, named):
    """TypeError, as of a function."""
    with pytest.raises(TypeError, match=kind.__name__):
        kind(*args, **named)


def test_a_value_never_changes():
    """No field of it is set or taken away, nor one that it has not."""
    point = Point(1, 2)
    for name in ("x", "z"):
        with pytest.raises(AttributeError, match=f"{name}: a Point never changes"):
            setattr(point, name, 5)
    with pytest.raises(AttributeError, match="x: a Point never changes"):
        del point.x
    assert asdict(point) == {"x": 1, "y": 2}


def test_equal_are_those_of_one_class_with_equal_fields():
    """What was counted of one makes no difference, and equal ones count as one in a set."""
    counted = Point(1, 2)
    assert counted.sum == 3
    assert counted == Point(1, 2) != Point(2, 1)
    assert {counted, Point(1, 2), Point(2, 1)} == {Point(2, 1), Point(1, 2)}
    assert Point(1, 2) != Other(1, 2)
    assert Point(1, 2) != (1, 2)
    assert hash(Point(1, 2)) != hash(Other(1, 2))


def test_a_value_of_what_can_change_has_no_hash():
    """As with a tuple of it."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Named(1))


def test_another_with_other_fields():
    """What was counted of the first is counted anew."""
    point = Point(1, 2)
    assert point.sum == 3
    moved = replace(point, x=5)
    assert (moved, moved.sum, point.x) == (Point(5, 2), 7, 1)
    with pytest.raises(TypeError, match="Point"):
        replace(point, z=1)


def test_a_value_says_what_it_is():
    """Its class and its fields."""
    assert repr(Named(1, notes=["a"])) == "Named(x=1, y=0, notes=['a'])"


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_a_copy_is_equal(copied):
    """However it is made."""
    assert copied(Answer("c", author="A")) == Answer("c", author="A")
