"""Instruction ids: minting, giving way, mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model.ids import MAX_ID, new_id, renamed, tagged_id

TAG = "7f3a91c2"


def test_the_next_number_and_the_tag():
    """Real ids count: variants, but not time stamps; nothing known is number one."""
    known = ["inst_095", "inst_024a", "inst_063_CONSOLIDATED", "inst_1760000000000", "other_200"]
    assert new_id(known, TAG) == f"inst_096_{TAG}"
    assert new_id([], TAG) == f"inst_001_{TAG}"
    assert new_id([f"inst_1000_{TAG}"], TAG) == f"inst_1001_{TAG}"


@given(st.lists(st.from_regex(r"inst_[0-9]{1,14}[a-z_]{0,3}", fullmatch=True)))
def test_a_minted_id_is_new(known):
    """Whatever is there, the minted id is not."""
    assert new_id(known, TAG) not in known


@pytest.mark.parametrize("letter", ["x", "é", "\ud800"])
def test_a_long_id_is_shortened_to_make_room_for_its_tag(letter):
    """What is renamed can be stored: an id has at most so many bytes, however it ends."""
    first = tagged_id(letter * MAX_ID, TAG, ())
    second = tagged_id(letter * MAX_ID, TAG, {first})
    assert second.endswith(f"_{TAG}_2")
    assert all(len(n.encode("utf-8", "surrogatepass")) <= MAX_ID for n in (first, second))


def test_a_tagged_id_is_new():
    """A taken id gets the session's tag, and a number where that is taken too."""
    assert tagged_id("inst_1", TAG, {"inst_1"}) == f"inst_1_{TAG}"
    assert tagged_id("inst_1", TAG, {"inst_1", f"inst_1_{TAG}"}) == f"inst_1_{TAG}_2"


def test_mentions_follow_whole_words_only():
    """In texts, lists and objects; never inside a longer id, never a key."""
    value = {
        "inst_1": "see inst_1, inst_10 and inst_1_x.",
        "refs": ["inst_1", {"r": "(inst_1)"}],
        "n": 1,
    }
    assert renamed(value, {"inst_1": "new"}) == {
        "inst_1": "see new, inst_10 and inst_1_x.", "refs": ["new", {"r": "(new)"}], "n": 1,
    }  # fmt: skip
    assert renamed(value, {}) is value


def test_renames_do_not_chain():
    """An id that is another's new name is not renamed again; odd ids are plain words."""
    assert renamed("a b", {"a": "b", "b": "c"}) == "b c"
    assert renamed("see ../../x+", {"../../x+": "y"}) == "see y"
    assert renamed("a.b a b", {"a.b": "1", "a b": "2"}) == "1 2"
    assert renamed("a.b a", {"a": "1", "a.b": "2"}) == "2 1"


def test_a_number_that_is_taken_is_passed_over():
    """Seven digits are read as a time stamp; where such an id is the next one, it is skipped."""
    assert new_id(["inst_999999", f"inst_1000000_{TAG}"], TAG) == f"inst_1000001_{TAG}"
