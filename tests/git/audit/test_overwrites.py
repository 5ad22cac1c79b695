"""What a write undid because its copy was older, told from the records alone."""

from __future__ import annotations

import pytest

from tests.git.audit.test_losses import BOTH, EDIT, LESS, OLD, OTHER, STRANGER, told
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.git.audit.overwrites import (
    deepest,
    find_dropped,
    find_overwrite,
    is_truncation,
)


def test_an_overwrite_goes_back_to_the_copy_it_was_made_from():
    """As far as all was undone; the version that was known ends it."""
    b = {"id": "b"}
    past = [{"a": (OLD, EDIT)}, {"b": (MISSING, b)}, {"c": (MISSING, {"id": "c"})}]
    own = {"a": (EDIT, OLD), "b": (b, MISSING), "d": (MISSING, {"id": "d"})}
    found = find_overwrite(own, past)
    assert found is not None
    assert found.depth == 2
    assert found.brings
    assert [(loss.kind, loss.name) for loss in found.losses] == [
        ("reverted", "a"),
        ("dropped", "b"),
    ]
    back = find_overwrite({"a": (EDIT, OLD), "b": (b, MISSING)}, past)
    assert back is not None
    assert not back.brings
    assert find_overwrite({"b": (b, MISSING)}, past) is None
    alike = find_overwrite({"a": (EDIT, OLD), "q": (b, b)}, past[:1])
    assert alike is not None
    assert not alike.brings


def test_only_versions_that_changed_something_are_known():
    """One that wrote the same otherwise says nothing; a deletion that stays does."""
    b = {"id": "b"}
    own = {"b": (b, MISSING), "z": (MISSING, {"id": "z", "n": 1})}
    added = {"b": (MISSING, b)}
    found = find_overwrite(own, [{"x": (OLD, OLD)}, added])
    assert found is not None
    assert found.depth == 2
    assert find_overwrite(own, [{"x": (OLD, MISSING)}, added]) is None
    kept = {**own, "a": (BOTH, {**OTHER, "note": 1})}
    assert find_overwrite(kept, [{"a": (OLD, BOTH)}]) is None
    assert find_overwrite({**own, **kept}, [{**added, "a": (OLD, BOTH)}]) is None
    moved = {"b": (OLD, MISSING), "b2": (MISSING, {**OLD, "id": "b2"})}
    assert find_overwrite(moved, [{"b": (MISSING, OLD)}]) is None


def test_a_write_that_rewrote_what_changed_is_no_sure_overwrite():
    """One value set back beside another that is new: its writer may have known."""
    new = {**OLD, "port": 2, "at": 2}
    own = {"a": (new, {**OLD, "port": 1, "at": 3})}
    past = {"a": ({**OLD, "at": 1}, new)}
    assert find_overwrite(own, [past]) is None
    b = {"id": "b"}
    beside = find_overwrite({**own, "b": (b, MISSING)}, [{"b": (MISSING, b), **past}])
    assert beside is not None
    assert [loss.name for loss in beside.losses] == ["b", "a"]


@pytest.mark.parametrize(
    ("change", "new"),
    [
        ((OLD, OLD), EDIT),
        ((OLD, OLD), OLD),
        ((OLD, EDIT), EDIT),
        ((OLD, EDIT), MISSING),
        ((MISSING, OLD), {**OLD, "port": 4}),
        ((OLD, MISSING), MISSING),
        ((OLD, EDIT), {**EDIT, "note": 1}),
    ],
)
def test_a_write_that_may_have_known_is_none(change, new):
    """It deleted what was edited, edited what was added, or kept what was changed."""
    own = {} if new is change[1] else {"a": (change[1], new)}
    assert find_overwrite({**own, "z": (MISSING, {"id": "z"})}, [{"a": change}]) is None


@pytest.mark.parametrize(
    ("change", "new", "expected"),
    [
        ((MISSING, OLD), MISSING, ("dropped", [], None)),
        ((MISSING, OLD), STRANGER, ("dropped", [], None)),
        ((OLD, EDIT), OLD, ("reverted", ["port"], None)),
        ((OLD, EDIT), OTHER, ("reverted", ["port"], None)),
        ((LESS, OLD), LESS, ("reverted", ["port"], None)),
        ((OLD, LESS), OLD, ("brought back", ["port"], None)),
        ((OLD, MISSING), OLD, ("brought back", [], None)),
        ((OLD, MISSING), EDIT, ("brought back", [], None)),
    ],
)
def test_what_an_overwrite_undid_is_named(change, new, expected):
    """The kind and the fields, as in a merge."""
    own = {"a": (change[1], new), "z": (MISSING, {"id": "z", "n": 1})}
    found = find_overwrite(own, [{"a": change}])
    assert found is not None
    assert told(list(found.losses)) == [expected]
    assert [(loss.name, loss.record, loss.found) for loss in found.losses] == [
        ("a", change[1], new)
    ]


def test_a_write_that_only_edits_brings_something():
    """A record that nobody touched lately counts as much as a new one."""
    own = {"a": (EDIT, OLD), "q": ({"id": "q"}, {"id": "q", "n": 1})}
    found = find_overwrite(own, [{"a": (OLD, EDIT)}])
    assert found is not None
    assert found.brings
    gone = find_overwrite({"a": (EDIT, OLD), "q": ({"id": "q"}, MISSING)}, [{"a": (OLD, EDIT)}])
    assert gone is not None
    assert gone.brings


NEW = {"z": (MISSING, {"id": "z", "n": 1})}
"""What a writer brings of its own."""


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"port": 80, "tier": "a"}, {"port": 81, "tier": "a"}),
        ({"status": "open", "priority": 2}, {"status": "closed", "priority": 2}),
        ({"status": "open"}, {"status": "closed"}),
        ({"title": "Fix login"}, {"title": "Fix the login page"}),
        ({"title": "Fix", "created_at": "2025-11-03"}, {"title": "Mend", "created_at": "2025-11-03"}),
        ({}, {"n": 1}),
    ],
)  # fmt: skip
def test_a_record_that_stands_is_not_dropped(was, now):
    """Whatever short field of it has changed, it was edited, and its writer knew it."""
    one, two = {"id": "x", **was}, {"id": "x", **now}
    assert find_overwrite({"x": (one, two), **NEW}, [{"x": (MISSING, one)}]) is None


def test_a_value_of_a_flat_map_that_stands_is_not_dropped():
    """There a record is a bare value."""
    own = {"hello": ("Bonjour", "Salut"), "bye": (MISSING, "Adieu")}
    assert find_overwrite(own, [{"hello": (MISSING, "Bonjour")}]) is None
    other = {"hello": ("Salut", "Bonsoir"), "b": ("B", MISSING)}
    third = find_overwrite(other, [{"hello": ("Bonjour", "Salut"), "b": (MISSING, "B")}])
    assert third is not None
    assert [loss.name for loss in third.losses] == ["b"]
    back = find_overwrite({**own, "hello": ("Salut", "Bonjour")}, [{"hello": ("Bonjour", "Salut")}])
    assert back is not None
    assert told(list(back.losses)) == [("reverted", [], None)]


@pytest.mark.parametrize(
    "more",
    [
        ({"created_at": "2025-11-03", "n": 1}, {"created_at": "2025-11-04", "n": 1}),
        ({"n": 1}, {"n": 2}),
    ],
)
def test_two_records_that_met_under_one_id_are_two(more):
    """They were created at two times, or have not a word or a value in common."""
    one, two = {"id": "x", "title": "Fix login", **more[0]}, {"id": "x", "title": "Mend", **more[1]}
    found = find_overwrite({"x": (one, two), **NEW}, [{"x": (MISSING, one)}])
    assert found is not None
    assert told(list(found.losses)) == [("dropped", [], None)]


def test_where_it_may_be_either_the_other_records_decide():
    """A record with other words and an old value neither proves nor excludes an old copy."""
    one, two = ({"id": "x", "title": word, "status": "open"} for word in ("Fix", "Mend"))
    past = {"x": (MISSING, one)}
    assert find_overwrite({"x": (one, two), **NEW}, [past]) is None
    b = {"id": "b"}
    found = find_overwrite(
        {"x": (one, two), "b": (b, MISSING), **NEW}, [{**past, "b": (MISSING, b)}]
    )
    assert found is not None
    assert [loss.name for loss in found.losses] == ["b"]


def test_what_was_changed_and_set_back_is_no_change():
    """An old copy is known also over a version that one record was touched in, and no more is."""
    b, c = {"id": "b"}, {"id": "c"}
    past = [{"c": (MISSING, c)}, {"a": (EDIT, OLD)}, {"b": (MISSING, b)}, {"a": (OLD, EDIT)}]
    own = {"c": (c, MISSING), "b": (b, MISSING), **NEW}
    found = find_overwrite(own, past)
    assert found is not None
    assert (found.depth, [loss.name for loss in found.losses]) == (4, ["c", "b"])


def rows(*texts: bytes) -> tuple[bytes, ...]:
    """The rows of a name."""
    return texts


def test_how_old_a_copy_may_be_is_told_without_parsing():
    """A change that stands in the write ends it, unless it is set back before."""
    gone, stood = (rows(), rows(b"b")), (rows(b"b"), rows())
    own = {"b": stood}
    assert deepest(own, [{"b": gone}], 9) == 1
    assert deepest(own, [{"b": gone, "x": (rows(), rows(b"x"))}], 9) == 0
    set_back = [{"x": (rows(b"2"), rows(b"1"))}, {"b": gone}, {"x": (rows(b"1"), rows(b"2"))}]
    assert deepest(own, set_back, 9) == 3
    assert deepest(own, set_back, 2) == 0
    assert deepest(own, [{"b": gone}, {"y": gone}], 9) == 1


@pytest.mark.parametrize(
    ("before", "gone", "left", "expected"),
    [
        (242, 234, 8, True),
        (201, 201, 1, True),
        (4, 4, 0, True),
        (2, 2, 0, True),
        (1, 1, 0, False),
        (3, 3, 1, True),
        (2, 2, 1, False),
        (7, 4, 3, False),
        (9, 5, 4, True),
        (10, 5, 5, False),
        (200, 200, 200, False),
    ],
)
def test_a_truncation_leaves_too_few_for_an_edit_by_hand(before, gone, left, expected):
    """Fewer than half, and several are gone; or none is left of more than one."""
    assert is_truncation(before, gone, left) == expected


def test_all_that_a_write_took_away_is_named_but_what_has_another_id():
    """In the order of the file."""
    own = {
        "a": (OLD, MISSING),
        "b": ({"id": "b", "n": 1}, MISSING),
        "c": (MISSING, {**OLD, "id": "c"}),
    }
    assert [loss.name for loss in find_dropped(own)] == ["b"]


def test_a_value_that_came_since_tells_of_a_newer_copy():
    """One who says again what a version since had said knew that version."""
    a, b, c = ({"id": "x", "n": n} for n in (1, 2, 3))
    y = {"id": "y"}
    past = [{"x": (b, c), "y": (MISSING, y)}, {"x": (a, b)}]
    own = {"x": (c, b), "y": (y, MISSING), **NEW}
    found = find_overwrite(own, past)
    assert found is not None
    assert found.depth == 1
    kept = [{"x": (b, c), "z": (MISSING, y)}, {"x": (a, b), "y": (MISSING, y)}, {"z": (y, MISSING)}]
    assert find_overwrite({"x": (c, b), "y": (y, MISSING)}, kept) is None


def test_a_deletion_of_another_that_was_edited_in_an_old_copy_is_told():
    """What was edited, dropped and came back is compared with the very version, not with those between."""
    old, edited = {"id": "x", "n": 1}, {"id": "x", "n": 2}
    past = [{"x": (old, edited)}, {"x": (MISSING, old)}, {"x": (old, MISSING)}]
    found = find_overwrite({"x": (edited, old), **NEW}, past)
    assert found is not None
    assert told(list(found.losses)) == [("reverted", ["n"], None)]


def test_a_renamed_record_that_an_old_copy_has_under_its_old_name_is_no_rename():
    """The new name is dropped, and the old one brought back."""
    one, other = {"id": "x", "n": 5}, {"id": "x-2", "n": 5}
    past = [{"x": (one, MISSING), "x-2": (MISSING, other)}]
    found = find_overwrite({"x": (MISSING, one), "x-2": (other, MISSING), **NEW}, past)
    assert found is not None
    assert {(loss.kind, loss.name) for loss in found.losses} == {
        ("brought back", "x"),
        ("dropped", "x-2"),
    }


@pytest.mark.parametrize(
    ("name", "record", "renamed"),
    [
        ("x-2", {"on": True, "port": 2}, True),
        ("old_x", {"on": True, "port": 2}, True),
        ("x2", {"on": True, "port": 2}, False),
        ("x-2", {"on": False, "port": 2}, False),
        ("y", {"title": "T", "port": 9}, True),
        ("y", {"title": "U", "port": 1}, False),
    ],
)
def test_a_record_is_renamed_if_its_id_or_its_title_says_so(name, record, renamed):
    """Half of it is the same, and its id is made from the old one; or the title is the same."""
    one = {"id": "x", "on": True, "port": 1, **({"title": "T"} if "title" in record else {})}
    own = {"x": (one, MISSING), name: (MISSING, {"id": name, **record})}
    assert (find_overwrite(own, [{"x": (MISSING, one)}]) is None) == renamed


def test_what_several_lost_records_say_tells_of_no_rename():
    """One new record with a state that all had is none of them."""
    was = {name: {"id": name, "state": "open"} for name in "ab"}
    own = {name: (record, MISSING) for name, record in was.items()}
    own["z"] = (MISSING, {"id": "z", "state": "open"})
    found = find_overwrite(own, [{name: (MISSING, record) for name, record in was.items()}])
    assert found is not None
    assert [loss.name for loss in found.losses] == ["a", "b"]


def test_a_change_that_was_taken_up_ends_it_however_old_the_copy():
    """A field that an edit had changed since, and that the write has, was known to its writer."""
    old, now = {"id": "x", "n": 1, "m": 1}, {"id": "x", "n": 2, "m": 1}
    new, b = {"id": "x", "n": 2, "m": 5}, {"id": "b", "n": 7}
    own = {"x": (now, new), "b": (b, MISSING), **NEW}
    past = [{"x": (old, now), "b": (MISSING, b)}, {"x": ({**old, "m": 0}, old)}]
    assert find_overwrite(own, past) is None


def test_the_copy_that_explains_most_places_is_taken():
    """Not the first one: of two fields, the newest version had changed but one."""
    a, b, c = ({"id": "x", "on": on, "owner": owner} for on, owner in ((0, 1), (1, 1), (1, 2)))
    y = {"id": "y", "n": 4}
    past = [{"x": (b, c), "y": (MISSING, y)}, {"x": (a, b)}]
    found = find_overwrite({"x": (c, a), "y": (y, MISSING), **NEW}, past)
    assert found is not None
    assert found.depth == 2
    assert [loss.fields for loss in found.losses] == [(("on",), ("owner",)), ()]
