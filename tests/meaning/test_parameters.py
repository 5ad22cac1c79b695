"""Parameters: alike, more, apart."""

from __future__ import annotations

import pytest

from tractatus_merge.core.values.numbers import Number
from tractatus_merge.meaning.parameters import (
    alike,
    are_apart,
    differ,
    explains,
    is_loose,
    is_nameable,
    is_narrower,
    is_owned,
    is_prose,
    parts,
    refines,
)


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        ("A ", "a", True), ("1.0", "1", False), ("1.0", 1, True), (Number("0.90"), "0.9", True), (1, True, False),
        ("true", True, True), ("false", 0, False), ("null", None, False), ("", None, False), ("1_0", 10, False),
        ("0x1", 1, False), ("-5", -5, True), ("+5", 5, False), ("1e2", 100, True), ("\u0669", 9, False),
        ("9" * 5000, 1, False), ([], {}, False), ([], [], True), ([1], [1, 1], True), ([1], [2], False),
        ({"a": "1"}, {"a": 1}, True), ({"a": 1}, {"a": 1, "b": 2}, False), ("[1]", [1], False), (None, None, True),
    ],
)  # fmt: skip
def test_alike(ours, theirs, equal):
    """Texts trimmed and in lower case; a number as a text is that number, as JSON spells it."""
    assert alike(ours, theirs) is alike(theirs, ours) is equal


@pytest.mark.parametrize(
    ("more", "less", "says_all"),
    [
        ({"a": 1, "b": 2}, {"a": "1"}, True), ({"a": 1}, {"a": 1, "b": 2}, False), ({"a": 1}, {"a": 2}, False),
        (["a", "b"], ["B"], True), (["a"], ["a", "b"], False), (["a"], "A", True), ("a", ["a"], False),
        (["ab"], "AB", True), ([5], 5, True),
        (["a"], [], True), ({"a": 1}, [], False), (5, "5", True), ([{"a": 1, "b": 2}], [{"a": 1}], False),
    ],
)  # fmt: skip
def test_refines(more, less, says_all):
    """An object with all of the other's keys and values, a list with all of its items."""
    assert refines(more, less) is says_all


@pytest.mark.parametrize(
    ("key", "ours", "theirs", "exclusive"),
    [
        ("port", 1, 2, True), ("port", 1, "1", False), ("port", None, 1, False), ("notes", "a", "b", False),
        ("service", "a", "b", False), ("a", ["x"], ["x", "y"], False), ("a", "a b c d e f g", "b", False),
        ("a", "a b c d e f", "b", True), ("service_port", 1, 2, True),
    ],
)  # fmt: skip
def test_differ(key, ours, theirs, exclusive):
    """Neither equal nor more of the same, under a name that is compared."""
    assert differ(key, ours, theirs) is differ(key, theirs, ours) is exclusive


def test_apart():
    """One discriminator of both that differs is enough; of one side only it says nothing."""
    assert are_apart({"service": "a", "project": "p"}, {"service": "A", "project": "q"})
    assert not are_apart({"service": "a", "port": 1}, {"service": " A", "port": 2})
    assert not are_apart({"service": "a"}, {"database": "b"})


def test_narrower():
    """An environment or a component on one side only."""
    assert is_narrower({"component": "x"}, {}) and is_narrower({}, {"environment": "x"})
    assert not is_narrower({"component": "x"}, {"component": "y"})
    assert not is_narrower({"service": "x"}, {"database": "y"})


def test_names():
    """Words of a name are told by case, digits and what is no letter."""
    assert parts("dbHost_2-maxSize") == ["db", "host", "2", "max", "size"]
    assert parts("é") == []
    assert is_owned("dbPort") and is_owned("max_size") and not is_owned("export")
    assert explains("created_at") and explains("why") and not explains("indentation")


@pytest.mark.parametrize(
    ("key", "value", "loose"),
    [
        ("type", 1, True), ("rule_type", 1, True), ("module_type", 1, False), ("file_path", 1, True),
        ("path_length", 1, False), ("indent", 1, False), ("indent", [], True), ("indent", {}, True), ("é", 1, True),
    ],
)  # fmt: skip
def test_loose(key, value, loose):
    """Some names alone, some at the end of a longer one, every list and object."""
    assert is_loose(key, value) is loose


def test_prose():
    """More than six words."""
    assert is_prose("a b c d e f g") and not is_prose("a b c d e f") and not is_prose([1] * 9)


def test_a_sentence_names_texts_and_integers():
    """However long; a fraction is no word, and neither are true and an object."""
    assert all(map(is_nameable, ("x", 5, Number("9007199254740993"))))
    assert not any(map(is_nameable, (Number("0.5"), Number("1e400"), True, None, {}, [])))
