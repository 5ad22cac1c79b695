"""Tables of rules by path: what they settle, and which cannot be."""

from __future__ import annotations

import pytest

from tractatus_merge.anyfile.tables import RULES, Table
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.places import GUESSED
from tractatus_merge.errors import DocumentError, RequestError


@pytest.mark.parametrize(
    ("keys", "rules", "lists", "why"),
    [
        ({}, {"a": "newest"}, "set", "a = newest: there is no rule 'newest'"),
        ({}, {"a..b": "max"}, "set", "'a..b' is no path"),
        ({}, {"a": "ours", "a.b": "max"}, "set", "a = ours: 'ours' settles a whole"),
        ({}, {"": "ours", "a": "max"}, "set", "the document = ours"),
        ({}, {"*.a[*]": "ours", "*.a[*].x": "max"}, "set", r"\*\.a\[\*\] = ours"),
        ({"a": "id"}, {}, "set", "a = id: a key belongs to the elements of a list"),
        ({"a[*]": ""}, {}, "set", "a key belongs"),
        ({"a[*]": "id"}, {"a": "set"}, "set", r"a\[\*\] = id: the list there has the rule 'set'"),
        ({}, {}, "bag", "lists = 'bag': a list can be sequence, set, whole"),
    ],
)
def test_a_table_that_cannot_be_is_refused(keys, rules, lists, why):
    """With the path and the rule, before anything is merged."""
    with pytest.raises(RequestError, match=why):
        Table.of(keys, rules, lists)


def test_an_unknown_rule_is_refused_with_the_list_of_rules():
    """Each name stands in the hint."""
    with pytest.raises(RequestError) as caught:
        Table.of(rules={"a": "newest"})
    assert set(RULES) | {"keyed", "map"} == set(caught.value.hint.split(", "))


@pytest.mark.parametrize(
    ("make", "said", "hint"),
    [
        (lambda: Table.of({"a": "id"}), "a = id: a key belongs to the elements of a list.", "issues[*]=id"),
        (lambda: Table.of(rules={"a..b": "max"}), "'a..b' is no path: ",
         "keys joined by dots, [*] for every element: issues[*].labels"),
        (lambda: Table.written({"x": {}}), "x: a table has no such key.",
         "table, collection, key, lists, rules"),
        (lambda: Table.written({"table": "x"}), "x: there is no ready-made table of this name.",
         "beads, package.json, notebook, xcstrings"),
        (lambda: Table.written({"rules": "max"}), "rules: every path has the name of a rule.",
         "'[*].updated_at' = 'max'"),
    ],
)  # fmt: skip
def test_a_refusal_shows_how_it_is_written(make, said, hint):
    """An example, or all names that there are."""
    with pytest.raises(RequestError) as caught:
        make()
    assert str(caught.value).startswith(said)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("section", "why"),
    [
        ({"rulez": {}}, "rulez: a table has no such key"),
        ({"rules": {"a": 5}}, "every path has the name of a rule"),
        ({"rules": "max"}, "every path has the name of a rule"),
        ({"key": 5}, "every path has the name of a rule"),
        ({"lists": "bag"}, "a list can be"),
    ],
)
def test_a_section_that_says_something_else_is_refused(section, why):
    """A mistyped setting is named."""
    with pytest.raises(RequestError, match=why):
        Table.written(section)


def test_a_section_says_what_the_options_say():
    """Collection, key, lists and rules; the options stand on top of them."""
    table = Table.written({"collection": "l[*]", "key": "no", "rules": {"v": "max"}})
    assert (table.keys, table.rules, table.lists) == ({"l[*]": "no"}, {"v": "max"}, "sequence")
    assert Table.written({"collection": "l[*]"}).keys == {"l[*]": "id"}
    assert Table.written({"key": "no"}).keys == {"[*]": "no"}
    assert Table.written({"rules": {"v": "max"}}).keys == {}
    more = table.with_({"l[*]": "id"}, {"v": "min", "w": "set"}, "set")
    assert (more.keys, more.rules) == ({"l[*]": "id"}, {"v": "min", "w": "set"})
    assert (more.lists, table.with_({}, {}).lists) == ("set", "sequence")


@pytest.mark.parametrize(
    ("rules", "lists", "base", "ours", "theirs", "value", "asked"),
    [
        ({"v": "max"}, "sequence", {"v": 1}, {"v": 3}, {"v": 2}, {"v": 3}, 0),
        ({"*": "max"}, "sequence", {"v": 1}, {"v": 3}, {"v": 4}, {"v": 4}, 0),
        ({"*": "max", "v": "min"}, "sequence", {"v": 9}, {"v": 3}, {"v": 4}, {"v": 3}, 0),
        ({"a.*.v": "max"}, "set", {"a": {"k": {"v": 1}}}, {"a": {"k": {"v": 2}}},
         {"a": {"k": {"v": 3}}}, {"a": {"k": {"v": 3}}}, 0),
        ({"v": "theirs"}, "sequence", {"v": 1}, {"v": 3}, {}, {}, 0),
        ({"v": "max"}, "sequence", {"v": 1}, {"v": 3}, {}, {"v": 3}, 1),
        ({"v": "map"}, "sequence", {"v": {}}, {"v": {"a": 1}}, {"v": {"b": 1}},
         {"v": {"a": 1, "b": 1}}, 0),
        ({}, "set", {"v": [1]}, {"v": [1, 3]}, {"v": [2]}, {"v": [2, 3]}, 0),
        ({}, "sequence", {"v": [1]}, {"v": [0, 1]}, {"v": [1, 2]}, {"v": [0, 1, 2]}, 0),
        ({}, "whole", {"v": [1]}, {"v": [0, 1]}, {"v": [1, 2]}, {"v": [0, 1]}, 1),
        ({}, "whole", {"v": {"d": [1]}}, {"v": {"d": [0, 1]}}, {"v": {"d": [1, 2]}},
         {"v": {"d": [0, 1]}}, 1),
    ],
)  # fmt: skip
def test_what_a_table_makes_of_a_document(rules, lists, base, ours, theirs, value, asked):
    """A name before `*`, deletions by the rules that settle them, lists as said."""
    merged = Table.of(rules=rules, lists=lists).rule()((), Merge(base, ours, theirs))
    assert (merged.value, len(merged.contests)) == (value, asked)


@pytest.mark.parametrize(
    ("keys", "rules", "path", "known"),
    [
        ({}, {}, ("l",), GUESSED),
        ({}, {"": "map"}, ("l",), GUESSED),
        ({}, {"l": "keyed"}, ("l",), ("id",)),
        ({"l[*]": "no"}, {"l": "keyed"}, ("l",), ("no",)),
        ({"*[*]": "no"}, {}, ("l",), ("no",)),
        ({"*[*]": "no", "l[*]": "nr"}, {}, ("l",), ("nr",)),
        ({}, {"l": "set"}, ("l",), ()),
        ({}, {"": "set"}, ("l",), ()),
        ({}, {"l": "map"}, ("l",), ()),
    ],
)
def test_by_which_key_a_list_is_known(keys, rules, path, known):
    """Any of the usual keys where nothing was said, none where a rule settles the list whole."""
    assert Table.of(keys, rules).part(path)[0] == known


@pytest.mark.parametrize(
    ("keys", "rules", "base", "ours", "theirs", "value", "contests"),
    [
        ({}, {"l[*].n": "max"}, {"l": [{"id": 1, "n": 1}]}, {"l": [{"id": 1, "n": 3}]},
         {"l": [{"id": 1, "n": 2}]}, {"l": [{"id": 1, "n": 3}]}, []),
        ({"l[*]": "no"}, {"l[*].n": "max"}, {"l": [{"no": 1, "n": 1}]}, {"l": [{"no": 1, "n": 3}]},
         {"l": [{"no": 1, "n": 2}]}, {"l": [{"no": 1, "n": 3}]}, []),
        ({}, {"v": "map"}, {"v": {"a": 1}}, {"v": {"a": 2}}, {}, {"v": {"a": 2}},
         [(("v",), "edit/delete")]),
        ({}, {"v": "map"}, {}, {"v": {"a": 1}}, {"v": {"b": 1}}, {"v": {"a": 1, "b": 1}}, []),
        ({}, {"v": "map"}, {}, {"v": {"a": 1}}, {"v": {"a": 2}}, {"v": {"a": 1}},
         [(("v", "a"), "field")]),
        ({}, {"v": "map"}, {}, {"v": {"a": 1}}, {"v": [1]}, {"v": {"a": 1}}, [(("v",), "collision")]),
        ({}, {}, {"v": {"d": {"e": {"f": 1}}}}, {"v": {"d": {"e": {"f": 2}}}}, {"v": {"d": {}}},
         {"v": {"d": {"e": {"f": 2}}}}, [(("v", "d", "e"), "edit/delete")]),
        ({}, {}, {"v": {"d": [1]}}, {"v": {"d": [1, 1]}}, {"v": {"d": [0, 1]}}, {"v": {"d": [0, 1, 1]}}, []),
        ({}, {}, {"v": {"d": {"e": [1]}}}, {"v": {"d": {"e": [1, 1]}}}, {"v": {"d": {"e": [0, 1]}}},
         {"v": {"d": {"e": [0, 1, 1]}}}, []),
    ],
)  # fmt: skip
def test_what_a_table_makes_of_what_is_further_down(
    keys, rules, base, ours, theirs, value, contests
):
    """A named record's field, and what no rule names: as lists were said to be, never half gone."""
    merged = Table.of(keys, rules).rule()((), Merge(base, ours, theirs))
    assert merged.value == value
    assert [(contest.path, contest.kind) for contest in merged.contests] == contests


def test_a_key_of_another_name_tells_records_apart():
    """Two of one `no` are refused, whatever their `id`."""
    table = Table.of({"l[*]": "no"})
    table.check({"l": [{"id": 1, "no": 1}, {"id": 1, "no": 2}]}, "it")
    with pytest.raises(DocumentError, match=r"^it: two records of one list have the no '1'$"):
        table.check({"l": [{"id": 1, "no": 1}, {"id": 2, "no": 1}]}, "it")
