"""Files that are replaced whole, linked, and named by what they hold."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tractatus_merge.system import files


def named(data: bytes) -> str:
    """The name of a content, as it is defined."""
    return hashlib.sha256(data).hexdigest()[:16]


def test_a_content_is_named_by_its_digest_whatever_was_named_before():
    """Small ones, large ones, large ones that are equal or nearly so, again and again."""
    large = [bytes([n]) * (1 << 19) for n in range(5)]
    large += [large[0][:-1] + b"x", bytes(bytearray(large[1]))]
    for data in [b"", b"a", *large, *reversed(large), large[3], large[3], b"a"]:
        assert files.digest(data) == named(data)


@pytest.mark.parametrize("data", [b"", b"a", b"ab" * 400_000])
def test_a_file_is_named_by_what_it_holds(tmp_path, data):
    """As its bytes are."""
    path = tmp_path / "x"
    path.write_bytes(data)
    assert files.digest_of(path) == files.digest(data) == named(data)


def test_a_link_is_given_once(tmp_path):
    """Where something is already, or cannot be linked, it is said, and nothing is changed."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    assert files.link(one, two)
    assert one.samefile(two)
    two.unlink()
    two.write_bytes(b"2")
    assert not files.link(one, two)
    assert two.read_bytes() == b"2"
    assert not files.link(tmp_path / "none", tmp_path / "three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 40])
def test_all_that_is_to_be_synced_is(tmp_path, monkeypatch, count):
    """By however many threads; what is not there is passed over, what fails is told."""
    paths = [tmp_path / str(number) for number in range(count)]
    for path in paths:
        path.write_bytes(b"x")
    synced, fsync = [], os.fsync

    def noted(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    files.sync([*paths, tmp_path / "none"])
    assert sorted(synced) == sorted(map(str, paths))
    if count:
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(OSError, match="full"):
            files.sync(paths)
