"""What a program writes into a file that was replaced under it, and what a loss of power leaves."""

from __future__ import annotations

import pytest

from tractatus_merge.sessions.late_writes import Late

WAS, NOW, LATER = b"what it said\n" * 9, b"what it says now\n", b"what came late\n"


@pytest.fixture
def late(tmp_path):
    """A file that was replaced while a program had it open: the program, and what looks for it."""
    path = tmp_path / "file"
    path.write_bytes(WAS)
    with path.open("r+b", buffering=0) as program:
        found = Late(tmp_path / "late")
        found.exchange(path, NOW, WAS)
        yield program, found
        assert path.read_bytes() == NOW


def written(found: Late) -> list[tuple[bytes, bytes]]:
    """What was said before, and what came late."""
    return [(seen, data) for _, seen, data, _ in found.written()]


def test_what_came_late_is_told_with_what_it_was_written_over(late):
    """Again and again, until it is let go of; nothing where nobody wrote."""
    program, found = late
    assert written(found) == []
    program.truncate(0)
    program.write(LATER)
    assert written(found) == written(found) == [(WAS, LATER)]


@pytest.mark.parametrize("left", [b"", WAS[:1], WAS[:-1], WAS + b"x", b"\0" * len(WAS)])
def test_a_note_that_a_loss_of_power_has_torn_counts_for_nothing(late, tmp_path, left):
    """It is not synced: the old file would be taken for written late, though nobody did."""
    _, found = late
    note = next((tmp_path / "late").glob("*.seen"))
    note.write_bytes(left)
    assert written(found) == []
    note.unlink()
    assert written(found) == []
