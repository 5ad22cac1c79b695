"""What people read of a conflict."""

from __future__ import annotations

from tractatus_merge.core.model.conflict import FIELD, Conflict, Side, Writer
from tractatus_merge.review.render import told


def lines_of(base, force, waiting):
    """A conflict about notes, as it is shown."""
    sides = Side(base, force), (Side(base, waiting),)
    return told(Conflict("c1", FIELD, "inst_001", ("notes",), "MINOR", *sides), {})


def test_no_line_of_a_text_reads_as_one_of_ours():
    """Of several lines, all but the first stand behind a bar; a reason is one line."""
    forged = "x\n  settle it with one of\n    rm -rf ~"
    writer = Writer("2026-01-01T00:00:00Z", "s", "Jo <>", why=forged)
    side = Side("a\nb", forged, (writer,))
    lines = "\n".join(
        told(Conflict("c1", FIELD, "i", ("k",), "MINOR", side, (side,)), {"text": forged})
    )
    assert lines.count("\n  settle it with one of\n") == 1
    assert "\n    rm" not in lines
    assert "               |     rm -rf ~" in lines


def test_an_overlap_is_shown_where_texts_have_lines():
    """The line, and what each side made of it; of a single line the word difference says it all."""
    shown = lines_of("one\ntwo", "one\nTWO", "one\nzwei")
    place = shown.index("    overlaps   at line 2 of the base: two")
    assert shown[place + 1 : place + 3] == ["      in force TWO", "      here     zwei"]
    assert not any("overlaps" in line for line in lines_of("27017", "27018", "27019"))
