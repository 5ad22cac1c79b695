"""Instructions that need not be compared: what is left out has nothing in common with the others."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.meaning.contradictions import find_contradictions
from tractatus_merge.meaning.reader import Clues, Rule
from tractatus_merge.meaning.sieve import could_matter


def text_of(record) -> str:
    """A record as it stands in a file."""
    return json_text.dump(record, Style("\t"))


def left_out(brought, record) -> bool:
    """Whether a record need not be compared with the one that is brought."""
    return could_matter({"a": brought}, {"b": text_of(record)}) == []


layouts = st.sampled_from(
    [text_of, json_text.dump, lambda value: json.dumps(value, default=lambda number: number.text)]
)


@given(some.odd_rules, some.odd_rules, layouts)
@example({"text": "number"}, {"parameters": {"x": [Number("1.5")]}}, text_of)
@example({"text": "none at all"}, {"parameters": {"x": None}}, text_of)
@example({"text": "a b x200b"}, {"parameters": {"x": {"": "\u200b"}}}, text_of)
@example({"text": "it's set"}, {"text": "it\u2019s set"}, text_of)
@example({"text": "port 80"}, {"parameters": {"port": 80}}, text_of)
@example({"text": "ab/cd"}, {"text": "a**b/c**d"}, text_of)
@example({"parameters": {'a"b': 1}}, {"parameters": {'a"b': 2}}, text_of)
@example({"text": "\u03b1\u03c2"}, {"text": "\u0391\u03a3"}, text_of)
def test_what_is_left_out_has_no_clue_of_the_others(brought, record, layout):
    """However it is spelled: no finding of any kind is missed."""
    clue, rule = Clues(Rule("a", brought)), Rule("b", record)
    reach = clue.reach(rule, set(filter(rule.low.__contains__, clue.needles)))
    if reach is not None:
        assert could_matter({"a": brought}, {"b": layout(record)}) == ["b"]


@given(st.lists(some.rules, max_size=3), st.lists(some.rules, max_size=6))
def test_the_findings_are_those_without_the_sieve(brought, there):
    """Only the others are compared."""
    new = {f"n{number}": rule for number, rule in enumerate(brought)}
    old = {f"o{number}": rule for number, rule in enumerate(there)}
    left = could_matter(new, {name: text_of(rule) for name, rule in old.items()})
    found = find_contradictions(new, {name: old[name] for name in left})
    assert found == find_contradictions(new, old)


BREAD = {"id": "b", "text": "Bake bread", "parameters": {"oven": "hot"}, "n": 1.5, "x": None}


@pytest.mark.parametrize(
    ("brought", "more", "out"),
    [
        ({"text": "Use npm"}, {}, True),
        ({"text": "Never use npm"}, {"text": "Install it by npm, and use it"}, False),
        (
            {"text": "Use npm"},
            {"text": "The npm of old is not for us, nor is what it brought"},
            False,
        ),
        (
            {"text": "Use npm"},
            {"text": "What npm brought is what everybody here has and likes"},
            True,
        ),
        ({"text": "Use npm"}, {"text": "Use\tnpm"}, False),
        ({"text": "Use npm"}, {"text": "Use NPM"}, False),
        ({"text": "Use npm"}, {"text": "Bake\nbread"}, False),
        ({"text": "Use npm"}, {"text": "Bake **bread**"}, False),
        ({"text": "Use npm"}, {"text": "Bake the baker\u2019s bread"}, False),
        ({"text": "Use npm"}, {"text": "Bake bread\u200b"}, False),
        ({"text": "Use npm"}, {"text": "Brot \u00fcben"}, True),
        ({"text": "Use npm", "parameters": {"oven": 1}}, {}, False),
        ({"text": "Use npm", "parameters": {"warm": 1}}, {}, True),
        ({"text": "Use none"}, {}, False),
        ({"text": "Use none"}, {"x": 1}, True),
        ({"text": "Use number"}, {}, True),
        ({"text": "Use number"}, {"tags": []}, False),
        ({"text": "Use number"}, {"y": {}}, False),
        ({"text": "Use npm"}, {"tags": []}, True),
        ({"text": "Use npm"}, {"y": {}}, True),
    ],
)
def test_what_need_not_be_compared(brought, more, out):
    """No word and no parameter in common, and no word that may be another than it looks."""
    assert left_out({"id": "a", **brought}, BREAD | more) == out
