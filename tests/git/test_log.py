"""How an entry is written in git, and read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model.state import Entry
from tractatus_merge.git.log import entries_of, message_of, seconds_of, time_of
from tractatus_merge.git.paths import file_of, name_of


@given(st.text(st.characters(), min_size=1))
def test_any_id_has_a_file_name_and_back(name):
    """Percent-encoded: one path below the collection, plain ASCII."""
    collection, _, file = file_of(("instructions", name)).partition("/")
    assert collection == "instructions"
    assert name_of(file) == name
    assert file.isascii()
    assert "/" not in file


@given(st.text(), st.text(), st.text())
def test_a_message_reads_back_whatever_its_words(first, session, tag):
    """Trailers are found again; a subject that looks like one is not taken for one."""
    entry = Entry(
        first,
        session=session,
        tag=tag,
        agent="a",
        conflicts=("c1", "c2"),
        time="2025-01-01T00:00:00.000Z",
    )
    message = message_of(first, entry).encode("utf-8", "backslashreplace").decode()
    row = f":100644 100644 {'1' * 40} {'2' * 40} M"
    (read,) = entries_of(
        [f"\0abc def\0A <>\0{message}\0\0\n{row}\0instructions/a%2Fb.json\0".encode()]
    )
    assert read.session == " ".join("".join(max(c, " ") for c in session).split()).encode(
        "utf-8", "backslashreplace").decode()  # fmt: skip
    assert (read.agent, read.conflicts, read.author) == ("a", ("c1", "c2"), "A")
    assert (read.version, read.parents, read.changes) == (
        "abc",
        ("def",),
        (("instructions", "a/b"),),
    )
    assert message.endswith("\n[skip ci]\n")


def test_a_log_is_read_wherever_it_is_cut_and_no_further_than_asked():
    """Pieces of any length give the same entries; each is there before what follows is read."""
    row = f":100644 100644 {'1' * 40} {'2' * 40} M"
    one = f"\0a b\0A <>\0one\n\0\0\n{row}\0i/x.json\0{row}\0i/y.json\0"
    said = f"{one}\0b\0B <>\0zwö\n\0\0\n{row}\0i/x.json\0".encode()
    whole = list(entries_of([said]))
    assert [(one.version, one.changes) for one in whole] == [
        ("a", (("i", "x"), ("i", "y"))), ("b", (("i", "x"),)),
    ]  # fmt: skip
    for size in range(1, len(said)):
        pieces = [said[at : at + size] for at in range(0, len(said), size)]
        assert list(entries_of(pieces)) == whole
    assert list(entries_of([])) == []
    rest = iter([said[:-12], said[-12:]])
    assert next(entries_of(rest)) == whole[0]
    assert next(rest)


@pytest.mark.parametrize(
    ("commit", "time"),
    [
        (
            b"committer A <a> 1748772000 +0000\n\nx\n\nPublished: 2025-06-01T10:00:00.500Z\n",
            "2025-06-01T10:00:00.500Z",
        ),
        (
            b"committer A <a> 1748772000 +0000\n\nPublished: never\n\nPublished: 2025\n",
            "2025-06-01T10:00:00.000Z",
        ),
        (b"committer A <a> 1748772000 +0200\n\nx\n", "2025-06-01T10:00:00.000Z"),
        (b"\xff", "1970-01-01T00:00:00.000Z"),
    ],
)
def test_when_a_version_was_published(commit, time):
    """By its last trailer, else by the commit's own date (a person's commit, a forge's merge)."""
    assert time_of(commit) == time


def test_the_root_s_date_is_fixed():
    """No time at all is the year 2000."""
    assert seconds_of("") == 946684800


def test_a_record_whose_file_only_moved_did_not_change():
    """Files of one record in two layouts are one record; what else is changed is told."""
    none, one, two = "0" * 40, "1" * 40, "2" * 40
    rows = [
        (one, none, "D", "sessions/a.json"),
        (two, none, "D", "sessions/b.json"),
        (none, one, "A", "summaries/3/f/a.json"),
        (none, one, "A", "summaries/b.json"),
        (none, two, "A", "instructions/0/x.json"),
        (one, none, "D", "README.md"),
    ]
    files = "".join(f":100644 100644 {old} {new} {how}\0{path}\0" for old, new, how, path in rows)
    (read,) = entries_of([f"\0abc def\0A <>\0m\0\0\n{files}".encode()])
    assert read.changes == (("sessions", "b"), ("instructions", "x"))
