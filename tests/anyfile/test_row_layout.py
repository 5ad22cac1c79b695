"""What stands around the records of a list, where one side laid the file out anew."""

from __future__ import annotations

import pytest

from tractatus_merge.anyfile.merge import merge_file
from tractatus_merge.anyfile.tables import Table

EDIT = ('"m": 1', '"m": 2')
ALONE = '{\n  "l": [\n    {\n      "id": 1,\n      "v": 1\n    }\n  ],\n  "m": 1\n}\n'
NEW = ALONE.replace("    }\n", '    },\n    {\n      "id": 2\n    },\n    { "id": 3 }\n')
HUGGED = '{\n  "l": [{\n    "id": 1,\n    "v": 1\n  }],\n  "m": 1\n}\n'
TWO_HUGGED = HUGGED.replace("}]", '}, {\n    "id": 2\n  }]')
EMPTY = '{\n  "l": [],\n  "m": 1\n}\n'
FLUSH = '[\n{\n  "id": 1,\n  "m": 1\n}\n]\n'
TWO_FLUSH = FLUSH.replace("}\n]", '},\n{\n  "id": 2\n}\n]')


def anew(text: str) -> str:
    """A text with tabs in place of two blanks."""
    return text.replace("  ", "\t")


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("base", "added"),
    [(ALONE, NEW), (HUGGED, TWO_HUGGED), (EMPTY, TWO_HUGGED), (EMPTY, NEW), (FLUSH, TWO_FLUSH)],
    ids=["one record", "on the bracket's line", "none, then on it", "none", "flush left"],
)
def test_records_that_are_added_stand_in_the_indentation_of_the_other_side(base, added, swapped):
    """That side indented the file anew: no line keeps the old indentation, whoever is ours."""
    sides = [added, anew(base).replace(*EDIT)]
    got = merge_file(
        base.encode(), *(s.encode() for s in sides[:: -1 if swapped else 1]), Table.of()
    )
    assert (got.data.decode(), got.contests) == (anew(added).replace(*EDIT), ())


def test_a_list_that_one_side_emptied_stands_as_that_side_wrote_it():
    """Space between its brackets included."""
    base = '{\n "l": [{"id": 1}], "m": 1\n}'
    sides = [base.replace('[{"id": 1}]', "[ ]"), base.replace('"m": 1', '"m": 2')]
    for ours, theirs in (sides, sides[::-1]):
        got = merge_file(base.encode(), ours.encode(), theirs.encode(), Table.of())
        assert got.data == b'{\n "l": [ ], "m": 2\n}'


def test_a_list_from_which_both_sides_took_a_record_is_empty():
    """Nobody wrote that it is: it stands on one line."""
    base = '{\n "l": [\n  {"id": 1},\n  {"id": 2}\n ]\n}'
    sides = [base.replace(f'  {{"id": {n}}}', "").replace(",\n\n", "\n") for n in (1, 2)]
    sides = [side.replace("[\n,\n", "[\n") for side in sides]
    got = merge_file(base.encode(), sides[0].encode(), sides[1].encode(), Table.of())
    assert got.data == b'{\n "l": []\n}'


def test_a_record_that_is_added_stands_on_the_line_on_which_the_other_side_put_the_rest():
    """Also where the records stand unevenly apart."""
    base = '[\n {"id": 1},\n\n {"id": 2},\n {"id": 3}\n]'
    one = '[{"id": 1}, {"id": 2},  {"id": 3}]'
    other = base.replace("3}\n", '3},\n {"id": 4}\n')
    for ours, theirs in ((one, other), (other, one)):
        got = merge_file(base.encode(), ours.encode(), theirs.encode(), Table.of())
        assert got.data == b'[{"id": 1}, {"id": 2},  {"id": 3}, {"id": 4}]'


def test_a_blank_line_that_one_side_adds_between_records_stands_where_the_other_added_one():
    """And one that it takes away goes."""
    base = '[\n {"id": 1},\n {"id": 2},\n\n {"id": 3}\n]'
    one = '[\n {"id": 1},\n\n {"id": 2},\n {"id": 3}\n]'
    other = base.replace("3}\n", '3},\n\n {"id": 4}\n')
    for ours, theirs in ((one, other), (other, one)):
        got = merge_file(base.encode(), ours.encode(), theirs.encode(), Table.of())
        assert got.data == one.replace("3}\n", '3},\n\n {"id": 4}\n').encode()
