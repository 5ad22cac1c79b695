"""The laws of lists: no element lost, none doubled, a removal stands, and so does a move.

They hold for lists by position, for sets, for records by a key and for the rows of a file, with
elements that stand twice, that are moved, and that one side puts in another's place.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.anyfile.merge import JSON, JSONL, merge_file
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.lists import as_set, sequence
from tractatus_merge.core.values.equality import canonical

NEW = "ABCwxyz"


@st.composite
def edited(draw, base):
    """A list after a few steps: moved, taken out, put in, put in another's place."""
    side = list(base)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(len(side) - 1, 0)))
        step = draw(st.sampled_from(["move", "move", "take", "put", "replace"]))
        new = draw(st.sampled_from(NEW))
        if step in ("move", "take") and side:
            moved = side.pop(at)
            if step == "move":
                side.insert(draw(st.integers(0, len(side))), moved)
        elif step == "replace" and side:
            side[at] = new
        else:
            side.insert(at, new)
    return side


bases = st.lists(st.sampled_from("ABCDEF"), max_size=6, unique=True)
repeating = st.lists(st.sampled_from("ABC"), max_size=6)


@st.composite
def three(draw, of=bases | repeating):
    """A base, and two sides that went on from it."""
    base = draw(of)
    return base, draw(edited(base)), draw(edited(base))


def allowed(base, ours, theirs):
    """How often an element may stand, by how often it does in the three."""
    if ours == base:
        return {theirs}
    if theirs == base:
        return {ours}
    if ours > base and theirs > base:
        return {max(ours, theirs)}
    if ours < base and theirs < base:  # two of one kind replaced
        return set(range(max(0, ours + theirs - base), min(ours, theirs) + 1))
    return {ours + theirs - base}


def assert_counts(base, ours, theirs, merged):
    """Nothing that a side added is lost, nothing is double that no side doubled, removals stand."""
    counts = [Counter(map(canonical, side)) for side in (base, ours, theirs)]
    found = Counter(map(canonical, merged))
    for name in {*counts[0], *counts[1], *counts[2], *found}:
        assert found[name] in allowed(*(count[name] for count in counts)), name


def assert_moves(base, ours, theirs, merged):
    """Two elements that a side turned round stand turned round."""
    sides = [list(map(canonical, side)) for side in (base, ours, theirs, merged)]
    common = [name for name in sides[0] if all(side.count(name) == 1 for side in sides)]
    for one, other in combinations(common, 2):
        turned = [side.index(one) > side.index(other) for side in sides[1:]]
        assert turned[2] == (turned[0] or turned[1]), (one, other)


@given(three())
def test_a_list_by_position_has_what_both_sides_made_of_it(found):
    """Every change of either side is in, whichever is ours, or a person is asked."""
    base, ours, theirs = found
    merged, back = (sequence((), Merge(base, *s)) for s in ((ours, theirs), (theirs, ours)))
    assert bool(merged.contests) == bool(back.contests)
    if not merged.contests:
        assert merged.value == back.value
        assert_counts(base, ours, theirs, merged.value)
        assert_moves(base, ours, theirs, merged.value)


@given(three())
def test_what_one_side_alone_changed_stands(found):
    """Whatever it is."""
    base, side, _ = found
    for sides in ((base, side), (side, base)):
        merged = sequence((), Merge(base, *sides))
        assert (merged.value, merged.contests) == (side, ())


@st.composite
def without(draw, base):
    """A list of which something was taken away and something moved."""
    kept = draw(st.lists(st.booleans(), min_size=len(base), max_size=len(base)))
    side = [name for name, stays in zip(base, kept, strict=True) if stays]
    return draw(st.just(side) | st.permutations(side))


@given((bases | repeating).flatmap(lambda base: st.tuples(st.just(base), *[without(base)] * 2)))
def test_moves_and_removals_alone_are_merged(found):
    """Two sides that put nothing in are asked only where their moves have no common order.

    What both took away of several equal elements is taken away once.
    """
    base, *sides = found
    merged = sequence((), Merge(base, *sides))
    if merged.contests:
        assert all(is_moved(base, side) for side in sides)
        return
    counts = [Counter(side) for side in (*sides, merged.value)]
    for name in base:
        assert counts[2][name] == min(counts[0][name], counts[1][name])


def is_moved(base, side):
    """Whether a list is more than the base with something taken away."""
    left = iter(base)
    return not all(name in left for name in side)


@given(three())
def test_a_set_has_what_both_sides_made_of_it(found):
    """Each element once, nobody is asked, and moves of one side are in."""
    base, ours, theirs = (list(dict.fromkeys(side)) for side in found)
    merged, back = (as_set((), Merge(base, *s)) for s in ((ours, theirs), (theirs, ours)))
    assert merged.value == back.value
    assert merged.contests == ()
    assert_counts(base, ours, theirs, merged.value)
    if base in (ours, theirs):
        assert_moves(base, ours, theirs, merged.value)


KEYED = {JSON: "l[*]", JSONL: "[*]", "nested": "*.l[*]"}


def text(records, form):
    """A file with the records."""
    if form == JSONL:
        return "".join(json.dumps(record) + "\n" for record in records).encode()
    return json.dumps({"l": records} if form == JSON else {"d": {"l": records}}).encode()


def merged_file(sides, form):
    """What a file becomes: its records, and what is asked."""
    table = Table.of({KEYED[form]: "id"})
    texts = [text(side, form) for side in sides]
    got = merge_file(*texts, table, JSONL if form == JSONL else JSON)
    if form == JSONL:
        return [json.loads(line) for line in got.data.splitlines()], got.contests
    value = json.loads(got.data)
    return (value["l"] if form == JSON else value["d"]["l"]), got.contests


@st.composite
def records(draw):
    """Three lists of records, some without an id, some of one id, some no objects at all."""
    base, ours, theirs = draw(three())
    kinds = draw(st.dictionaries(st.sampled_from(NEW + "DEF"), st.sampled_from("iiln")))

    def record(name):
        kind = kinds.get(name, "i")
        return {"id": name, "n": 1} if kind == "i" else {"m": name} if kind == "l" else name

    return [list(map(record, side)) for side in (base, ours, theirs)]


def new_doubles(sides):
    """Whether a side has an id twice that the base has not: such a file is refused."""
    found = [Counter(r["id"] for r in s if isinstance(r, dict) and "id" in r) for s in sides]
    return any(c > 1 and found[0][n] < 2 for side in found[1:] for n, c in side.items())


@pytest.mark.parametrize("form", KEYED)
@given(records())
def test_a_list_of_records_has_what_both_sides_made_of_it(form, sides):
    """With rows that have no id, that have one twice, that are no objects: row by row."""
    if new_doubles(sides):
        return
    base, ours, theirs = sides
    merged, asked = merged_file((base, ours, theirs), form)
    back, also = merged_file((base, theirs, ours), form)
    assert {(c.path, c.kind) for c in asked} == {(c.path, c.kind) for c in also}
    if not asked:
        assert merged == back
        assert_counts(base, ours, theirs, merged)
        assert_moves(base, ours, theirs, merged)


@given(three(bases), st.sampled_from("ABCDEF"))
def test_an_edit_of_a_record_follows_its_move(found, edited_one):
    """And against its removal a person is asked."""
    base, ours, theirs = ([{"id": name, "n": 1} for name in dict.fromkeys(side)] for side in found)
    theirs = [{**r, "n": 2} if r["id"] == edited_one and r in base else r for r in theirs]
    merged, asked = merged_file((base, ours, theirs), JSON)
    was, mine = ([r["id"] for r in side] for side in (base, ours))
    if {"id": edited_one, "n": 2} in theirs:
        assert {"id": edited_one, "n": 2} in merged
        gone = edited_one in was and edited_one not in mine
        assert gone == ((("l", edited_one), "edit/delete") in [(c.path, c.kind) for c in asked])
