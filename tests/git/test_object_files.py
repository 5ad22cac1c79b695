"""Loose objects as git writes them: the same ids, bytes that it reads, and the rights that it gives."""

import contextlib
import os
import stat
import time
import zlib

import pytest

from tractatus_merge.errors import StoreError
from tractatus_merge.git.plumbing import Plumbing, discover


@pytest.fixture
def plumbing_of():
    """The plumbing of a repository; what reads is ended."""
    with contextlib.ExitStack() as made:

        def make(folder):
            plumbing = Plumbing(discover(folder))
            made.callback(plumbing.close)
            return plumbing

        yield make


SHARED = [
    "",
    "umask",
    "group",
    "all",
    "world",
    "everybody",
    "true",
    "false",
    "1",
    "2",
    "0640",
    "0660",
    "0600",
]


def rights(folder):
    """The rights of each loose object, and of the folder that it is in, by its id."""
    return {
        path.parent.name + path.name: tuple(
            stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)
        )
        for path in (folder / ".git/objects").glob("??/*")
    }


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_an_object_has_the_rights_that_git_would_give_it(
    new_repository, plumbing_of, git, tmp_path, shared, umask
):
    """Whatever `core.sharedRepository` and the umask say."""
    ours, theirs = new_repository(), tmp_path / "theirs"
    before = os.umask(umask)
    try:
        git(tmp_path, "init", "-q", str(theirs))
        for folder in (ours, theirs):
            if shared:
                git(folder, "config", "core.sharedRepository", shared)
        plumbing = plumbing_of(ours)
        (oid,) = plumbing.write("blob", [b"one"])
        plumbing.sync()
        (tmp_path / "one").write_bytes(b"one")
        git(theirs, "hash-object", "-w", str(tmp_path / "one"))
    finally:
        os.umask(before)
    assert rights(ours)[oid] == rights(theirs)[oid]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
@pytest.mark.parametrize("content", [b"", b"x", b"\0\n", bytes(range(256)) * 4096], ids=len)
def test_git_reads_what_was_written_under_the_id_that_git_gives(
    new_repository, plumbing_of, git, tmp_path, monkeypatch, kind, content
):
    """In both formats of objects; a person's own wish for a format changes no repository."""
    repository = new_repository(f"--object-format={kind}")
    (tmp_path / "wishes").write_text("[extensions]\nobjectFormat = sha256\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "wishes"))
    plumbing = plumbing_of(repository)
    (oid,) = plumbing.write("blob", [content])
    plumbing.sync()
    (tmp_path / "content").write_bytes(content)
    assert git(repository, "hash-object", str(tmp_path / "content")).strip() == oid
    assert int(git(repository, "cat-file", "-s", oid)) == len(content)
    assert git(repository, "fsck", "--strict", "--full").split() == ["dangling", "blob", oid]
    assert plumbing.read(oid).content == content


def test_an_object_that_is_there_is_made_young_again(new_repository, plumbing_of):
    """`git prune` takes the old ones that nothing names."""
    repository = new_repository()
    plumbing = plumbing_of(repository)
    (oid,) = plumbing.write("blob", [b"one"])
    plumbing.sync()
    path = repository / ".git/objects" / oid[:2] / oid[2:]
    os.utime(path, (1, 1))
    inode = path.stat().st_ino
    plumbing.write("blob", [b"one"])
    plumbing.sync()
    assert path.stat().st_ino == inode
    assert time.time() - path.stat().st_mtime < 60


def test_an_object_that_stands_in_a_pack_is_written_all_the_same(new_repository, plumbing_of, git):
    """A repack that began before may leave it out of the pack that it keeps."""
    repository = new_repository()
    plumbing = plumbing_of(repository)
    (oid,) = plumbing.write("blob", [b"one"])
    plumbing.sync()
    git(repository, "update-ref", "refs/tags/one", oid)
    git(repository, "repack", "-adq")
    path = repository / ".git/objects" / oid[:2] / oid[2:]
    git(repository, "prune-packed", "-q")
    assert not path.exists()
    plumbing.write("blob", [b"one"])
    plumbing.sync()
    assert zlib.decompress(path.read_bytes()) == b"blob 3\0one"


def test_what_waits_is_there_for_whoever_asks_git(new_repository, plumbing_of):
    """Also before it is synced."""
    repository = new_repository()
    plumbing = plumbing_of(repository)
    (oid,) = plumbing.write("blob", [b"one"])
    assert plumbing.run("cat-file", "-p", oid).out == b"one"
    (other,) = plumbing.write("blob", [b"two"])
    assert plumbing.in_worktree("cat-file", "-p", other).out == b"two"


def test_what_waits_is_written_once_it_is_asked_for(new_repository, plumbing_of):
    """Objects that are there already are read without it: they name nothing that waits."""
    repository = new_repository()
    plumbing = plumbing_of(repository)
    there = plumbing.write("blob", [b"there"])
    old = plumbing.write_trees([[("100644", there[0], "a")]])[0]
    plumbing.sync()
    blobs = plumbing.write("blob", [b"new"])
    tree = plumbing.write_trees([[("100644", blobs[0], "b")]])[0]
    commit = plumbing.commit_tree(tree, [], "Waits", who="A <a@x>", seconds=0)
    assert plumbing.all_there([*there, old]) and plumbing.read("refs/heads/none") is None
    assert plumbing.read(old) is not None and not {*blobs, tree, commit} & {*rights(repository)}
    assert plumbing.read(f"{commit}^{{tree}}").oid == tree
    assert {*blobs, tree, commit} <= {*rights(repository)}
    assert plumbing.blobs([f"{commit}:b"]) == blobs


def test_a_full_disk_leaves_nothing_behind(new_repository, plumbing_of, monkeypatch):
    """The error names the file, each time; no half of one is left; all are there once there is room.

    Whoever takes the error for another, and goes on, moves no ref to what is not there.
    """
    repository = new_repository()
    plumbing = plumbing_of(repository)
    before = sorted((repository / ".git/objects").rglob("*"))
    names = plumbing.write("blob", [b"one", b"two"])
    written = []

    def full(data, level):
        written.append(data)
        if len(written) % 2 == 0:
            raise OSError(28, "No space left on device")
        return zlib.compressobj(level).compress(data)

    monkeypatch.setattr("tractatus_merge.git.object_files.zlib.compress", full)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"tmp_obj_.*No space left"):
            plumbing.sync()
    found = sorted((repository / ".git/objects").rglob("*"))
    assert [path for path in found if path.is_file()] == [path for path in before if path.is_file()]
    monkeypatch.undo()
    plumbing.sync()
    assert [one.content for one in plumbing.read_all(names)] == [b"one", b"two"]


def test_git_prune_takes_away_what_a_kill_left_beside(new_repository, plumbing_of, git):
    """Under a name that it knows."""
    repository = new_repository()
    folder = repository / ".git/objects/ab"
    folder.mkdir()
    left = folder / "tmp_obj_0123456789ab"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    git(repository, "prune")
    assert not left.exists()
