"""Long texts, merged by lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.texts import hunks, text
from tractatus_merge.core.values.equality import MISSING

some_texts = st.text("ab\n\r", max_size=8)


def of(base, ours, theirs):
    """The value and how many contests."""
    merged = text(("notes",), Merge(base, ours, theirs))
    return merged.value, len(merged.contests)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value"),
    [
        ("a\n", "a\nx\n", "a\ny\n", "a\nx\ny\n"),
        ("a", "a\nx", "a\ny", "a\nx\ny"),
        ("a\n", "a\nx\n", "a\nx\ny\n", "a\nx\ny\n"),
        ("a\n", "a\nsame\nx\n", "a\nsame\ny\n", "a\nsame\nx\ny\n"),
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
        ("a\nb\nc\n", "b\nc\n", "a\nb\n", "b\n"),
        ("a\nb\n", "a\nx\nb\n", "a\nb\ny\n", "a\nx\nb\ny\n"),
        ("", "x", "y", "x\ny"),
        ("", "x\n", "y\n", "x\ny\n"),
        ("", "x\n", "y", "x\ny\n"),
        ("a\r\nb\r\n", "A\r\nb\r\n", "a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n"),
        ("a\r\n", "a\r\nx\r\n", "a\r\ny\r\n", "a\r\nx\r\ny\r\n"),
        ("a\n\nb\n", "A\n\nb\n", "a\n\nB\n", "A\n\nB\n"),
    ],
)
def test_both_changes_are_in(base, ours, theirs, value):
    """Two appends, a line both added once, changes at two places; the same with the sides swapped."""
    assert of(base, ours, theirs) == of(base, theirs, ours) == (value, 0)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value"),
    [
        ("a\nb\n", "A\nb\n", "a\nb", "A\nb"),
        ("a\nb", "A\nb", "a\nb\n", "A\nb\n"),
        ("a\nb\n", "A\nb", "a\nb\nc", "A\nb\nc"),
        ("a", "", "a\n", ""),
    ],
)
def test_the_final_newline_is_merged_like_a_line(base, ours, theirs, value):
    """Who changed it has it so; a text without lines has none."""
    assert of(base, ours, theirs) == of(base, theirs, ours) == (value, 0)


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n"),
        ("a\nb\n", "a\n", "a\nB\n"),
        ("a", "a\r\nx", "a\r\ny\nz"),
        (MISSING, "x", "y"),
        (None, "x", "y"),
        ("a", "b", MISSING),
        ("a", "b", ["c"]),
        ("a", 1, "c"),
    ],
)
def test_an_overlap_or_what_is_no_text_is_for_a_person(base, ours, theirs):
    """Ours stands whole, theirs waits whole: no half of a text is ever taken."""
    merge = Merge(base, ours, theirs)
    merged = text(("notes",), merge)
    assert merged.value == ours
    assert [(c.path, c.merge) for c in merged.contests] == [(("notes",), merge)]
    assert merged.settled == ()


def test_the_hunks_show_where():
    """The line of the base, and the three texts that stand there; what is joined is not shown."""
    merge = Merge("a\nb\nc\nd\n", "a\nx\nc\nd\nnew\n", "a\ny\nz\nc\nd\nother\n")
    (hunk,) = hunks(merge)
    assert (hunk.line, hunk.base, hunk.ours, hunk.theirs) == (1, ["b"], ["x"], ["y", "z"])
    assert hunks(Merge("a\n", "a\nb\n", "a\nc\n")) == []


@pytest.mark.parametrize(
    "merge", [Merge(MISSING, "a", "b"), Merge("a", 1, "b"), Merge("a", "b", None)]
)
def test_no_hunks_where_something_is_no_text(merge):
    """A value of another kind has no lines to show."""
    assert hunks(merge) == []


@given(some_texts, some_texts, some_texts)
def test_swapping_sides_changes_nothing(base, ours, theirs):
    """The same text, or a contest both times, and then hunks to look at."""
    there, back = of(base, ours, theirs), of(base, theirs, ours)
    assert there[1] == back[1]
    if there[1]:
        assert hunks(Merge(base, ours, theirs))
    else:
        assert there == back


@given(st.lists(st.sampled_from("abc")), st.text("xy", min_size=1), st.text("yz", min_size=1))
def test_two_appends_are_kept(old, one, other):
    """Whatever stood there: it comes first, then both, the one that sorts first before the other."""
    base = "".join(f"{line}\n" for line in old)
    value = base + "".join(f"{line}\n" for line in sorted({one, other}))
    assert of(base, f"{base}{one}\n", f"{base}{other}\n") == (value, 0)


def test_the_rule_says_its_name():
    """Only where it settled something."""
    merge = Merge("a\n", "a\nx\n", "a\ny\n")
    assert [(s.path, s.rule, s.merge) for s in text(("n",), merge).settled] == [
        (("n",), "text", merge)
    ]
    assert text(("n",), Merge("a", "b", "a")).settled == ()
