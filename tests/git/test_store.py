"""The git store does what every store must, and leaves the rest of the repository alone."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.stores.conformance import Conformance, put, texts
from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.errors import Missing, NotARepository, StoreError
from tractatus_merge.git import processes
from tractatus_merge.git.plumbing import Plumbing, discover
from tractatus_merge.git.store import GitStore
from tractatus_merge.repository.settings import DEFAULT_BRANCH

ONE = {("instructions", "inst_001"): '{\n  "id": "inst_001"\n}'}
TWO = {("instructions", "inst_002"): '{\n  "id": "inst_002"\n}'}
REF = "refs/heads/tractatus/history"


@pytest.fixture
def repository(new_repository, git):
    """A repository with one commit on main."""
    folder = new_repository()
    (folder / "file.txt").write_text("text\n")
    git(folder, "add", "file.txt")
    git(folder, *WHO, "commit", "-qm", "first")
    return folder


WHO = ("-c", "user.name=U", "-c", "user.email=u@x")


class TestGitStore(Conformance):
    """The suite."""

    @pytest.fixture
    def store_factory(self, new_repository, open_store):
        return lambda: open_store(new_repository())


class TestSha256(Conformance):
    """The suite, in a repository of SHA-256 objects."""

    @pytest.fixture
    def store_factory(self, new_repository, open_store):
        return lambda: open_store(new_repository("--object-format=sha256"))

    # The same words again would only take time: one that writes, reads and loses a race is enough.
    test_any_string_is_an_id = None
    test_ten_thousand_records_are_kept = None
    test_two_thousand_versions_are_kept = None
    test_the_log_is_newest_first_and_says_all = (
        Conformance.test_the_log_is_newest_first_and_says_all
    )


def _print(folder):
    """A digest of every file but objects, our ref and its reflog."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and "objects/" not in name and "tractatus" not in name:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _session(store, *, day=2):
    """A head, and a session's merge into it, made from the head's first version."""
    base = put(store, ONE, root=True)
    own = State(version=base, changed=TWO)
    return base, put(store, TWO, day=day, base=base, own=own, conflicts=("c1", "c2"))


def test_index_work_tree_head_and_config_are_never_touched(repository, open_store):
    """Every file of the repository but objects and our own ref stays byte for byte."""
    before = _print(repository)
    store = open_store(repository)
    _, head = _session(store)
    texts(store, head)
    list(store.log())
    assert _print(repository) == before
    assert ".git/index" in before


def test_a_merge_is_a_true_merge_commit(repository, open_store, git):
    """Parent 1 is the old head, parent 2 the session's own commit, whose only parent is its base."""
    store = open_store(repository)
    base, head = _session(store)
    first, own = git(repository, "log", "-1", "--format=%P", head).split()
    assert first == base
    assert git(repository, "log", "-1", "--format=%P", own) == base
    assert git(repository, "show", "--name-only", "--format=", own) == "instructions/inst_002.json"


def test_the_message_has_trailers_and_skips_ci(repository, open_store, git):
    """Session, agent, base and conflicts are trailers; `[skip ci]` stands last."""
    store = open_store(repository)
    base, head = _session(store)
    message = git(repository, "log", "-1", "--format=%B", head)
    lines = ["Session: s", "Agent: test", f"Base: {base}", "Conflicts: c1 c2"]
    assert all(line in message.splitlines() for line in lines)
    assert message.rstrip().endswith("[skip ci]")
    assert git(repository, "log", "-1", "--format=%cn <%ce> %an <%ae> %at", head) == (
        "A <a@x> A <a@x> 1748858400"
    )


def test_records_are_files_of_their_own(repository, open_store, git):
    """The tree is `instructions/<id>.json`, ids percent-encoded, each ending in a newline."""
    store = open_store(repository)
    head = put(store, {**ONE, ("conflicts", "a/b"): "{}"})
    names = git(repository, "ls-tree", "-r", "--name-only", head).splitlines()
    assert names == [
        "conflicts/a%2Fb.json",
        "document/format.json",
        "instructions/inst_001.json",
    ]
    assert git(repository, "cat-file", "blob", f"{head}:conflicts/a%2Fb.json") == "{}"


def test_fsck_finds_nothing(repository, open_store, git):
    """What is written is a clean repository, strictly looked at."""
    store = open_store(repository)
    _session(store)
    odd = Entry("m\x00", session="s", author="<\n> <>", time="2025-06-03T10:00:00.000Z")
    assert store.commit(store.head(), store.load(store.head()).with_(TWO), odd)
    out = git(repository, "fsck", "--strict", "--full")
    assert "error" not in out
    assert "warning" not in out


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_trees_are_those_of_git_mktree(new_repository, git, kind):
    """Whatever the names: a folder stands where its name with a slash would."""
    repository = new_repository(f"--object-format={kind}")
    plumbing = Plumbing(discover(repository))
    (blob,), (folder,) = plumbing.write("blob", [b"x"]), plumbing.write_trees([[]])
    plumbing.sync()
    names = ["a", "a.b", "a-b", "a0", "ab", "A", "é", "\udcff", "~"]
    trees = []
    for number, name in enumerate(names):  # each is once the folder
        rows = [("100644", blob, other) for other in names if other != name]
        trees.append([*rows[number:], ("040000", folder, name), *rows[:number]])
    lines = [
        "".join(
            f"{mode} {'tree' if mode == '040000' else 'blob'} {oid}\t{name}\0"
            for mode, oid, name in tree
        )
        for tree in trees
    ]
    text = "\0".join([*lines, ""]).encode("utf-8", "surrogateescape")
    words = ["git", "mktree", "-z", "--batch"]
    done = subprocess.run(words, cwd=repository, input=text, capture_output=True, check=True)
    assert plumbing.write_trees(trees) == done.stdout.decode().split()
    plumbing.sync()
    assert "error" not in git(repository, "fsck", "--strict", "--full")


@pytest.mark.parametrize("left", [0, 7, -1], ids=["empty", "cut", "a byte"])
def test_what_a_loss_of_power_left_of_an_object_is_written_anew(repository, open_store, git, left):
    """Git takes whatever has an object's name for the object, and would not write it again."""
    store = open_store(repository)
    state = store.load(put(store, ONE)).with_(TWO)
    entry = Entry("m", session="s", author="A <a@x>", time="2025-06-03T10:00:00.000Z")
    before = {path: path.read_bytes() for path in _loose(repository)}
    store.prepare(store.head(), state, entry)
    store.git.sync()
    torn = _loose(repository) - before.keys()
    assert len(torn) == 4  # the record, its folder, the top, the commit
    for path in torn:
        data = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(data[:left] + b"?" if left < 0 else data[:left])
    version = open_store(repository).commit(store.head(), state, entry)
    assert version is not None and texts(open_store(repository), version) == {**ONE, **TWO}
    assert git(repository, "fsck", "--strict", "--full") == ""


@pytest.mark.parametrize(("folders", "moves"), [(True, True), (False, False)])
def test_what_cannot_be_synced_is_not_published(
    repository, open_store, git, monkeypatch, folders, moves
):
    """A disk that fails stops it; a network's file system that syncs no folders does not."""
    store = open_store(repository)
    first = put(store, ONE)
    fsync = os.fsync

    def fail(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) == folders:
            raise OSError(errno.EINVAL if folders else errno.EIO, "it failed")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with (
        contextlib.nullcontext() if moves else pytest.raises(StoreError, match="cannot be written")
    ):
        put(store, TWO, day=2)
    assert (git(repository, "rev-parse", REF) != first) == moves


def _loose(repository):
    """The files of a repository's objects."""
    return set((repository / ".git/objects").glob("??/*"))


def test_a_linked_worktree_shares_the_line(repository, open_store, git, tmp_path):
    """A linked worktree sees and moves the same head; its own HEAD and index stay."""
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"))
    places = discover(tmp_path / "linked")
    assert places.linked
    assert places.top == tmp_path / "linked"
    head = put(open_store(repository), ONE)
    store = open_store(tmp_path / "linked")
    assert store.head() == head
    new = put(store, TWO, day=2)
    assert open_store(repository).head() == new
    assert git(tmp_path / "linked", "status", "--porcelain") == ""


def test_a_bare_clone_s_worktree_works(repository, open_store, git, tmp_path):
    """Also where the repository is bare and all work is done in worktrees; and in the bare one."""
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(tmp_path / "bare.git"))
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(tmp_path / "tree"))
    places = discover(tmp_path / "tree")
    assert places.common_dir == tmp_path / "bare.git"
    assert discover(tmp_path / "bare.git").top is None
    head = put(open_store(tmp_path / "tree"), ONE)
    assert open_store(tmp_path / "bare.git").head() == head


def test_a_subfolder_finds_its_repository(repository):
    """As git does: any folder below the top will do."""
    (repository / "a" / "b").mkdir(parents=True)
    assert discover(repository / "a" / "b") == discover(repository)
    assert discover(repository).top == repository


def test_no_repository_is_said_with_the_command_that_makes_one(tmp_path):
    """NotARepository, and `git init` is the hint; the same for a folder that is not there."""
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(NotARepository) as error:
            discover(folder)
        assert "git init" in error.value.hint


@pytest.mark.parametrize("state", ["empty", "detached", "sparse", "packed"])
def test_states_of_a_repository(state, new_repository, repository, open_store, git):
    """No commit yet, a detached HEAD, a sparse checkout, packed refs: all the same."""
    folder = new_repository() if state == "empty" else repository
    if state == "detached":
        git(folder, "checkout", "-q", "--detach")
    if state == "sparse":
        git(folder, "sparse-checkout", "set", "--no-cone", "/nothing")
    store = open_store(folder)
    first = put(store, ONE)
    if state == "packed":
        git(folder, "pack-refs", "--all")
        assert not (folder / ".git" / REF).exists()
    assert store.head() == first
    second = put(store, TWO, day=2)
    assert texts(open_store(folder), second) == {**ONE, **TWO}
    assert git(folder, "status", "--porcelain") == ""


def test_a_surrounding_hook_s_environment_is_put_aside(repository, open_store, git, monkeypatch):
    """In a hook git names the repository and an index of its own: neither leads elsewhere."""
    index = repository / ".git" / "index.lock.other"
    index.write_bytes((repository / ".git" / "index").read_bytes())
    before = index.read_bytes()
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    monkeypatch.setenv("GIT_PREFIX", "x/")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Someone Else")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "@1 +0000")
    head = put(open_store(repository), ONE)
    monkeypatch.undo()
    assert index.read_bytes() == before
    assert git(repository, "log", "-1", "--format=%an %ct", head) == "A 1748772000"


def test_a_shallow_clone_goes_on(repository, open_store, git, tmp_path):
    """A shallow clone writes on; what it has not got is a StoreError that names the cure."""
    store = open_store(repository)
    first, second = _session(store)
    url = f"file://{repository}"
    git(tmp_path, "clone", "-q", "--depth=1", "-b", "tractatus/history", url, "shallow")
    shallow = open_store(tmp_path / "shallow")
    assert shallow.head() == second
    assert put(shallow, {("sessions", "x"): "{}"}, day=3, base=first, own=State(version=first))
    assert len(list(shallow.log())) == 2
    with pytest.raises(StoreError) as error:
        shallow.load(first)
    assert error.value.hint
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert texts(shallow, first) == ONE


def test_a_partial_clone_fetches_what_it_needs(repository, open_store, git, tmp_path):
    """With `--filter=blob:none` texts come when they are looked at; a commit fetches none."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    many = {("instructions", f"i{n}"): f'{{"n": {n}}}' for n in range(30)}
    put(open_store(repository), many)
    url = f"file://{repository}"
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", url, "partial")
    git(tmp_path / "partial", "branch", "-q", "tractatus/history", "origin/tractatus/history")
    store = open_store(tmp_path / "partial")
    head = put(store, TWO, day=2)
    missing = git(tmp_path / "partial", "rev-list", "--objects", "--missing=print", head)
    assert sum(line.startswith("?") for line in missing.splitlines()) == 30
    assert store.load(head).get("instructions", "i7") == '{"n": 7}'
    assert texts(store, head) == {**many, **TWO}


@pytest.mark.parametrize(("theirs", "mine"), [("tractatus", "tractatus/history"), ("a/b", "a")])
def test_a_branch_in_the_way_is_named_with_a_cure_that_works(
    theirs, mine, repository, open_store, git
):
    """Git cannot have `tractatus` and `tractatus/history`: the hint's two ways both lead on."""
    git(repository, "branch", theirs)
    store = open_store(repository, mine)
    begin = time.monotonic()
    with pytest.raises(StoreError, match=f"'{theirs}' is in the way") as error:
        put(store, ONE)
    assert time.monotonic() - begin < 3
    hint = error.value.hint or ""
    assert store.head() is None
    other = hint.split("git:")[1].split()[0]
    assert put(open_store(repository, other), ONE)
    git(repository, *hint.split("git ")[-1].rstrip(")").replace("NEW", "renamed").split())
    assert put(store, ONE)


def test_two_lines_live_in_one_repository(repository, open_store):
    """Nothing crosses from one branch to another."""
    one, two = open_store(repository), open_store(repository, "release/governance")
    first = put(one, ONE)
    assert two.head() is None
    second = put(two, TWO)
    assert (texts(one, one.head()), texts(two, two.head())) == (ONE, TWO)
    assert (one.head(), two.head()) == (first, second)


def test_a_killed_writer_s_lock_is_cleared(repository, open_store):
    """A lock file on the ref older than five seconds belongs to nobody."""
    store = open_store(repository)
    put(store, ONE)
    lock = repository / ".git" / f"{REF}.lock"
    lock.touch()
    os.utime(lock, (time.time() - 60,) * 2)
    assert put(store, TWO, day=2)
    assert not lock.exists()


def test_a_fresh_lock_is_waited_for(repository, open_store):
    """A lock that another holds now is respected, and the commit comes after it."""
    store = open_store(repository)
    put(store, ONE)
    lock = repository / ".git" / f"{REF}.lock"
    lock.touch()
    timer = threading.Timer(0.6, lock.unlink)
    begin = time.monotonic()
    timer.start()
    assert put(store, TWO, day=2)
    assert time.monotonic() - begin > 0.5
    timer.join()


def test_a_broken_tip_is_stepped_back_from(repository, open_store, git):
    """Objects eaten by a prune: the head goes back along the reflog to the newest whole version."""
    store = open_store(repository)
    first = put(store, ONE)
    second = put(store, TWO, day=2)
    blob = git(repository, "rev-parse", f"{second}:instructions/inst_002.json")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    again = open_store(repository)
    assert again.head() == first
    assert git(repository, "rev-parse", REF) == first
    assert put(again, TWO, day=3)


@pytest.mark.damaged("the last of its versions is taken away")
@pytest.mark.parametrize("object_", ["commit", "tree"])
def test_a_tip_without_its_commit_or_tree_is_stepped_back_from(
    object_, repository, open_store, git
):
    """Also where the commit itself, or a tree, is gone; and where all is gone, that is said."""
    store = open_store(repository)
    first = put(store, ONE)
    second = put(store, TWO, day=2)
    name = {"commit": second, "tree": git(repository, "rev-parse", f"{second}^{{tree}}")}[object_]
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    assert open_store(repository).head() == first
    (repository / ".git" / "objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(StoreError, match="missing"):
        open_store(repository).head()


DAMAGES = {
    "empty": lambda _: b"",
    "other": lambda _: b"junk" * 20,
    "cut": lambda data: data[: len(data) // 2],
    "turned": lambda data: data[:-3] + bytes([data[-3] ^ 255]) + data[-2:],
}


@pytest.mark.damaged("an object of the last of its versions is damaged")
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("object_", ["", "^{tree}", ":instructions"])
def test_a_tip_of_which_an_object_is_damaged_is_stepped_back_from(
    object_, damage, repository, open_store, git
):
    """Git ends over it, and says so: that is an answer, where a git that was killed gave none."""
    store = open_store(repository)
    first = put(store, ONE)
    second = put(store, {**ONE, **TWO}, day=2)
    name = git(repository, "rev-parse", f"{second}{object_}")
    path = repository / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o644)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    again = open_store(repository)
    assert again.head() == first
    assert git(repository, "rev-parse", REF) == first


@pytest.mark.damaged("a commit is cut off")
def test_a_version_whose_commit_is_cut_off_is_not_there(repository, open_store):
    """Asked for by its name, as whoever looks for a base does."""
    version = put(open_store(repository), ONE)
    path = repository / ".git" / "objects" / version[:2] / version[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-40])
    assert not open_store(repository).has(version)


def test_a_tip_of_which_an_object_cannot_be_read_stays(repository, open_store, git):
    """A disk that gives no answer is no reason to forget what was published."""
    store = open_store(repository)
    put(store, ONE)
    second = put(store, TWO, day=2)
    for object_ in (second, git(repository, "rev-parse", f"{second}^{{tree}}")):
        path = repository / ".git" / "objects" / object_[:2] / object_[2:]
        content = path.read_bytes()
        path.unlink()
        path.mkdir()  # git opens it, and then it cannot read
        with pytest.raises(StoreError, match="git could not read") as told:
            open_store(repository).head()
        assert not isinstance(told.value, Missing)
        path.rmdir()
        path.write_bytes(content)
    assert open_store(repository).head() == second


@pytest.mark.damaged("the file of the ref is")
@pytest.mark.parametrize("content", [b"", bytes(41), b"junk\n"])
def test_a_ref_that_names_nothing_is_no_empty_history(content, repository, open_store, git):
    """Its file was torn: what was published is still there, and one line brings it back."""
    store = open_store(repository)
    put(store, ONE)
    second = put(store, TWO, day=2)
    file = repository / ".git" / REF
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged: .* names no version") as told:
        open_store(repository).head()
    subprocess.run(["sh", "-c", told.value.hint], cwd=repository, check=True)
    assert open_store(repository).head() == second
    file.write_bytes(content)
    (repository / ".git" / "logs" / REF).unlink()
    with pytest.raises(StoreError, match="names no version") as told:
        open_store(repository).head()
    assert told.value.hint == "git fsck --lost-found"


def test_a_user_without_a_name_can_commit(repository, open_store, monkeypatch, tmp_path):
    """No user.name, no home, no configuration: the entry's author is all that is needed."""
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    assert put(open_store(repository), ONE)


CONFIG = {
    "commit.gpgsign": "true", "gpg.program": "false", "log.showSignature": "true",
    "log.showRoot": "false", "diff.relative": "true", "diff.renames": "copies", "core.quotePath": "true",
    "i18n.commitEncoding": "latin1", "i18n.logOutputEncoding": "latin1", "log.diffMerges": "off",
    "core.autocrlf": "true", "core.safecrlf": "true", "color.ui": "always", "core.logAllRefUpdates": "false",
    "transfer.hideRefs": "refs/heads/tractatus", "log.follow": "true", "format.pretty": "oneline",
}  # fmt: skip


def test_a_person_s_configuration_does_not_matter(repository, new_repository, open_store, git):
    """Signing, encodings, line ends, colours, log and diff options: same versions, same log."""
    plain = new_repository()
    for key, value in CONFIG.items():
        git(repository, "config", key, value)
    (repository / ".git" / "info" / "attributes").write_text("* text eol=crlf filter=none ident\n")
    odd = {("instructions", "é"): '{"é": "$Id$\\n"}\r\n'}
    heads, logs = [], []
    for folder in (repository, plain):
        store = open_store(folder)
        put(store, odd, message="é")
        put(store, {**dict.fromkeys(odd), ("resolutions", "é"): '{"é": "$Id$\\n"}\r\n'}, day=2)
        heads.append(store.head())
        logs.append(list(store.log()))
    assert heads[0] == heads[1]
    assert logs[0] == logs[1]
    assert len(logs[0][0].changes) == 2


SCRIPT = """
import sys, time
from pathlib import Path
from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.repository.settings import DEFAULT_BRANCH
from tractatus_merge.git.store import GitStore
from tractatus_merge.git.plumbing import Plumbing, discover

def entry(name, day="01"):
    return Entry(f"\\xe9 by {name}", session=name, author=f"{name} <\\xe9@x>", time=f"2025-06-{day}T10:00:00.000Z")

"""


def _python(code, folder, *words, **env):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT + code, str(folder), *words],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
    )  # fmt: skip


def test_a_locale_without_utf_8_and_a_strict_umask_do_no_harm(
    repository, new_repository, open_store
):
    """In the C locale, with umask 077, the same version is made."""
    code = """
import os
os.umask(0o077)
store = GitStore(Plumbing(discover(Path(sys.argv[1]))), DEFAULT_BRANCH)
state = State().with_({("instructions", "\\xe9\\u6f22"): '{"\\xe9": "\\u6f22"}'})
print(store.commit(None, state, entry("\\xe9\\u6f22")))
store.close()
"""
    c_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    made = []
    for env in (c_locale, {"PYTHONUTF8": "1"}):
        out, err = _python(code, new_repository(), **env).communicate(timeout=30)
        assert err == b""
        made.append(out)
    assert made[0] == made[1]
    assert len(made[0].strip()) == 40


@pytest.mark.race
@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_eight_processes_lose_nothing(repository, open_store, times):
    """Eight processes add one to one number so many times each: all of it is there at the end."""
    code = """
import random
key = ("document", "counter")
store = GitStore(Plumbing(discover(Path(sys.argv[1]))), DEFAULT_BRANCH)
done = 0
while done < int(sys.argv[3]):
    head = store.head()
    state = store.load(head)
    number = int(state.get(*key)) + 1
    if store.commit(head, state.with_({key: str(number)}), entry(sys.argv[2])):
        done += 1
    else:
        time.sleep(random.random() * 0.05)
store.close()
"""
    store = open_store(repository)
    put(store, {("document", "counter"): "0"})
    running = [_python(code, repository, str(number), str(times)) for number in range(8)]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert err == b""
    assert store.load(store.head()).get("document", "counter") == str(8 * times)
    assert len(list(store.log())) == 8 * times + 1


def test_the_reading_process_ends_with_the_store(repository):
    """`close` leaves no git process behind."""
    store = GitStore(Plumbing(discover(repository)), DEFAULT_BRANCH)
    store.head()
    process = store.git._reader
    assert process is not None
    store.close()
    assert process.poll() is not None


def test_what_could_not_be_written_is_not_told_as_missing(repository, open_store, monkeypatch):
    """A full disk, however often and late the head is looked at: no object of it is missing."""
    store = open_store(repository)
    put(store, ONE)
    head = store.head()

    def full(data, level):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tractatus_merge.git.object_files.zlib.compress", full)
    monkeypatch.setattr("tractatus_merge.git.store._SOUND", -1.0)
    for _ in range(2):
        with pytest.raises(StoreError, match="No space left"):
            put(store, {**ONE, **TWO})  # what is there is to be written once more
        with pytest.raises(StoreError, match="No space left"):
            store.head()
    monkeypatch.undo()
    assert store.head() == head
    put(store, TWO)


def test_who_reads_the_log_no_further_ends_git(repository, open_store, monkeypatch):
    """The process that lists versions is gone, be they thousands, as soon as nobody wants more."""
    started = []
    begin = processes.start
    monkeypatch.setattr(processes, "start", lambda *a: started.append(begin(*a)) or started[-1])
    store = open_store(repository)
    for number in range(3):
        put(store, {("document", "counter"): str(number)})
    started.clear()
    log = store.log()
    assert next(log).parents == (list(store.log())[1].version,)
    log.close()
    assert [process.args[-2:] for process in started if process.poll() is None] == []
    assert len(started) == 2


def test_a_log_that_git_cannot_give_is_an_error(repository, open_store):
    """It is not taken for a short one."""
    store = open_store(repository)
    put(store, ONE)
    with pytest.raises(StoreError, match="nonsense"):
        list(store.log(since="nonsense"))


@pytest.mark.parametrize("collection", ["instructions", "sessions"])
def test_a_record_s_log_goes_on_where_its_file_moved(repository, open_store, collection):
    """Its folder was divided when it got large; the versions before are the record's as well."""
    store = open_store(repository)
    key = (collection, "inst_001")
    put(store, {key: '{"id": "inst_001"}'}, root=True)
    put(store, {(collection, f"rule_{n:03}"): "{}" for n in range(200)})
    put(store, {key: '{"id": "inst_001", "text": "later"}'})
    whole = [one.version for one in store.log() if key in one.changes]
    assert [one.version for one in store.log(*key)] == whole
    assert len(whole) == 2
    assert len(list(store.log(collection))) == 3


def test_a_record_s_log_has_what_both_sides_of_a_union_wrote(repository, open_store, git):
    """A version behind a merge that took the other side's word is not left out."""
    store = open_store(repository)
    key = ("instructions", "inst_001")
    root = put(store, ONE, root=True)
    one = put(store, {key: '{"id": "inst_001", "text": "one"}'})
    tree = git(repository, "rev-parse", f"{root}^{{tree}}").strip()
    other = git(repository, *WHO, "commit-tree", tree, "-p", root, "-m", "other").strip()
    union = git(
        repository, *WHO, "commit-tree", tree, "-p", one, "-p", other, "-m", "union"
    ).strip()
    git(repository, "update-ref", REF, union)
    whole = [one.version for one in store.log() if key in one.changes]
    assert [one.version for one in store.log(*key)] == whole
    assert one in whole


def test_a_broken_tip_without_a_reflog_steps_back_to_its_parent(tmp_path):
    """The reflog may be expired: then the first parent is the version before."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    store = GitStore(Plumbing(discover(tmp_path)), DEFAULT_BRANCH)
    first = store.commit(None, State(changed={("instructions", "a"): '"1"'}), Entry("one"))
    state = store.load(first).with_({("instructions", "b"): '"2"'})
    second = store.commit(first, state, Entry("two"))
    subprocess.run(["git", "reflog", "expire", "--expire=now", "--all"], cwd=tmp_path, check=True)
    blob = store.git.read(f"{second}:instructions/b.json").oid
    (tmp_path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    store.close()
    again = GitStore(Plumbing(discover(tmp_path)), DEFAULT_BRANCH)
    assert again.head() == first
    again.close()
