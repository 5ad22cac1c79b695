"""The picture of how a conflict came to be, as places and as words."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.conflict import Side, Writer
from tractatus_merge.core.model.state import Entry
from tractatus_merge.git.log import ROOT_TIME
from tractatus_merge.review.questions import SideView
from tractatus_merge.web.timeline import MAIN, MOST, picture

T = "2026-03-0{}T09:00:00.000Z"


def side_view(number, session, at, published=""):
    """A side that one session wrote."""
    side = Side("a", f"value {number}", (Writer(at, session, "Jo <>", "", published),))
    return SideView(number, side, f"value {number}", (), number == 1)


def entry(session, time, base="base0000"):
    """A session's merge."""
    return Entry("Merge", session=session, time=time, base=base, version=f"merge-{session}")


def columns(drawn):
    """Where each kind of mark stands, from left to right."""
    return [mark.kind for mark in sorted(drawn.marks, key=lambda mark: mark.x)]


def test_time_runs_to_the_right():
    """Base, then the sides as they were written, then their merges, then now; each in its lane."""
    side_views = [
        side_view(1, "one", T.format(2), T.format(4)),
        side_view(2, "two", T.format(3), T.format(5)),
    ]
    entries = [entry("two", T.format(5)), entry("one", T.format(4))]
    drawn = picture(side_views, entries, {"base0000": T.format(1)})
    assert columns(drawn) == ["base", "side", "side", "merge", "merge", "now"]
    assert {mark.y for mark in drawn.marks if mark.kind != "side"} == {MAIN}
    assert len({mark.y for mark in drawn.marks}) == 3
    assert [lane.label for lane in drawn.lanes] == ["side 1  one", "side 2  two"]
    assert [mark.label for mark in drawn.marks if mark.label] == ["03-01", "03-04", "03-05", "now"]
    assert [kind for kind, _ in drawn.paths] == ["main", "force", "force", "waits", "waits"]
    assert drawn.told == (
        "2026-03-01 09:00: version base0000, from which others worked on",
        "2026-03-02 09:00: session one wrote side 1: value 1",
        "2026-03-03 09:00: session two wrote side 2: value 2",
        "2026-03-04 09:00: session one merged as merge-one",
        "2026-03-05 09:00: session two merged as merge-two",
        "now: it is open",
    )


@pytest.mark.parametrize("at", [T.format(1), "", "not a time", T.format(9)])
def test_a_clock_that_is_wrong_turns_nothing_round(at):
    """A side stands between its base and its merge, whatever its session's clock said."""
    drawn = picture(
        [side_view(1, "one", at)], [entry("one", T.format(4))], {"base0000": T.format(3)}
    )
    assert columns(drawn) == ["base", "side", "merge", "now"]


def test_what_the_log_lost_is_left_out():
    """No merge in the log, or a base that a shallow clone lacks: the rest is drawn."""
    side_views = [side_view(1, "one", T.format(2)), side_view(2, "two", T.format(3))]
    drawn = picture(side_views, [entry("two", T.format(4))], {})
    assert columns(drawn) == ["side", "side", "merge", "now"]


def test_what_was_adopted_is_told_and_has_no_lane():
    """A side that no session wrote is in the words; the first version is the start."""
    adopted = SideView(1, Side("a", "b"), "b", (), in_force=True)
    drawn = picture([adopted, side_view(2, "two", T.format(2))], [entry("two", T.format(3))], {"base0000": ROOT_TIME})  # fmt: skip
    assert drawn.told[0] == "as adopted: side 1: b"
    assert len(drawn.lanes) == 1
    assert drawn.marks[0].label == "start"


def test_many_sides_stay_a_picture():
    """So many lanes at most; every name is cut to the room at the left."""
    many = [side_view(n, f"session-{n}" * 9, T.format(2)) for n in range(1, MOST + 20)]
    drawn = picture(many, [], {})
    assert len(drawn.lanes) == MOST
    assert len(drawn.told) == len(many) + 1, "and the words tell all of them"
    assert all(len(lane.label) <= 24 for lane in drawn.lanes)
