"""The bytes of a plain file, and of nothing that would be waited for."""

from __future__ import annotations

import os
import socket

import pytest

from tractatus_merge.system import files, jsonl, plain_file


def fifo(path):
    """A FIFO that nobody writes into."""
    os.mkfifo(path)
    return path


def folder(path):
    """A folder."""
    path.mkdir()
    return path


def socket_at(path):
    """A socket that nobody listens at."""
    with socket.socket(socket.AF_UNIX) as one:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            one.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)
    return path


def device(path):
    """A device that never ends."""
    path.symlink_to("/dev/zero")
    return path


KINDS = pytest.mark.parametrize("kind", [fifo, folder, socket_at, device])


@KINDS
@pytest.mark.timeout(20)
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, kind):
    """By every way to open one: an error of the system, and nobody waits."""
    path = kind(tmp_path / "x")
    for use in (
        plain_file.read,
        plain_file.mapped,
        lambda path: plain_file.holds(path, b""),
        files.digest_of,
        plain_file.read_text,
        plain_file.read_given,
        plain_file.opened,
        plain_file.open_end,
        lambda path: plain_file.read_start(path, 9),
        lambda path: jsonl.append(path, {"a": 1}),
    ):
        with pytest.raises(OSError, match="x"):
            use(path)
    assert jsonl.load(path) == {}
    assert jsonl.events(path) == []


@pytest.mark.timeout(20)
def test_a_sync_waits_for_no_fifo(tmp_path):
    """It cannot be synced, which is said."""
    with pytest.raises(OSError, match="x"):
        files.sync([fifo(tmp_path / "x")])


def test_a_plain_file_is_read(tmp_path):
    """All of it, its beginning, its text, and its end to write at."""
    path = tmp_path / "x"
    path.write_bytes(b"one\n")
    assert plain_file.read(path) == plain_file.read_given(str(path)) == b"one\n"
    assert plain_file.read_text(str(path)) == "one\n"
    assert plain_file.read_start(path, 2) == b"on"
    descriptor = plain_file.open_end(path)
    os.write(descriptor, b"two")
    os.close(descriptor)
    assert path.read_bytes() == b"one\ntwo"


def test_what_a_person_handed_over_is_read():
    """A pipe of this process, as `<(...)` makes one, and the empty device."""
    reading, writing = os.pipe()
    os.write(writing, b"said")
    os.close(writing)
    assert plain_file.is_handed(f"/dev/fd/{reading}") and not plain_file.is_handed("/dev/fdx")
    assert plain_file.read_given(f"/dev/fd/{reading}") == b"said"
    os.close(reading)
    assert plain_file.read_given("/dev/null") == b""


@pytest.mark.parametrize(
    "other", [b"", b"a", b"ab" * 40_000, b"ab" * 40_000 + b"c", b"xb" * 40_000]
)
def test_two_files_are_compared_to_their_ends(tmp_path, other):
    """Of any length, whatever they have in common at first."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"ab" * 40_000)
    two.write_bytes(other)
    assert plain_file.are_same(one, two) == plain_file.are_same(two, one)
    assert plain_file.are_same(one, two) == (one.read_bytes() == other)


@pytest.mark.parametrize("said", [b"", b"a", b"ab" * 40_000])
def test_what_a_file_holds_is_compared_to_its_end(tmp_path, said):
    """Neither a beginning nor something more is the same."""
    path = tmp_path / "x"
    path.write_bytes(said)
    assert plain_file.holds(path, said)
    for other in (said + b"c", said[:-1], b"x" + said[1:]):
        assert plain_file.holds(path, other) == (other == said)


def test_a_file_is_mapped_as_it_is_and_an_empty_one_is_none(tmp_path):
    """What replaces it meanwhile is another file: the old one is read to its end."""
    path, other = tmp_path / "x", tmp_path / "y"
    path.write_bytes(b"ab" * 40_000)
    other.write_bytes(b"c")
    with plain_file.mapped(path) as data:
        other.replace(path)
        assert data[:] == b"ab" * 40_000
    path.write_bytes(b"")
    with pytest.raises(OSError, match="x"):
        plain_file.mapped(path)


def test_a_fifo_is_the_same_as_nothing(tmp_path):
    """It is refused at once, whichever of the two it is."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "one").write_bytes(b"a")
    for pair in (("fifo", "one"), ("one", "fifo"), ("one", "none")):
        with pytest.raises(OSError, match=r"fifo|none"):
            plain_file.are_same(*(tmp_path / name for name in pair))
