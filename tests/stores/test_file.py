"""The file store does what every store must, with real processes, kills and a full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import IN_CI, ROOT
from tests.stores.conformance import Conformance, entry, put, texts
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import Missing, StoreError
from tractatus_merge.stores.file import WHOLE_EVERY, FileStore
from tractatus_merge.system import files, plain_file

ONE = {("instructions", "i"): '{"id": "i"}'}


class TestFileStore(Conformance):
    """The suite."""

    @pytest.fixture
    def store_factory(self, tmp_path):
        count = iter(range(100))
        return lambda: FileStore(tmp_path / str(next(count)) / "history")


@pytest.fixture
def store(tmp_path):
    """A new store."""
    return FileStore(tmp_path / "history")


def numbers(store):
    """The numbers of the versions, and what lies about without one."""
    left = list((store.folder / "staged").iterdir())
    return sorted(int(path.name) for path in (store.folder / "versions").iterdir()), left


def counted(store):
    """Add one to a counter as a program does: read, plan, commit, and again on a lost race."""
    while True:
        head = store.head()
        state = store.load(head) if head else State()
        count = int(state.get("sessions", "n") or 0) + 1
        new = store.commit(head, state.with_({("sessions", "n"): str(count)}), entry())
        if new is not None:
            return new


def in_child(work):
    """Run something in a forked process; its pid. Its exit code is what the work returns."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os._exit(work() or 0)
    finally:
        os._exit(99)


def status_of(pid):
    """How a child ended, as `waitpid` tells it."""
    return os.waitpid(pid, 0)[1]


def test_sixteen_processes_lose_no_swap(store):
    """Every commit that was given a version is in the head: nothing is lost, and nothing twice."""

    def work():
        mine = FileStore(store.folder)
        for _ in range(15):
            counted(mine)

    for pid in [in_child(work) for _ in range(16)]:
        assert status_of(pid) == 0
    assert texts(store, store.head()) == {("sessions", "n"): "240"}
    assert numbers(store) == (list(range(1, 241)), [])
    assert len({found.version for found in store.log()}) == 240


STEPS = ("mkdir", "open", "fsync", "link", "unlink")


def struck(store, step, strike):
    """A commit that is struck before so many steps; whether it came so far."""
    made = 0

    def watched(function):
        def call(*words, **more):
            nonlocal made
            made += 1
            if made == step:
                strike()
            return function(*words, **more)

        return call

    for name in STEPS:
        setattr(os, name, watched(getattr(os, name)))
    counted(store)


@pytest.mark.parametrize(
    "before", [0, 1, pytest.param(WHOLE_EVERY - 1, marks=pytest.mark.slow), WHOLE_EVERY]
)
def test_a_commit_killed_at_any_step_is_there_whole_or_not_at_all(tmp_path, before):
    """Kill -9 before each step: what stood stands, nobody reads half, and the next one commits."""
    first = FileStore(tmp_path / "first")
    for _ in range(before):
        counted(first)
    seen, step = set(), 0
    while True:
        step += 1
        store = FileStore(tmp_path / str(step))
        if before:
            shutil.copytree(first.folder, store.folder)
        kill = lambda: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
        status = status_of(in_child(lambda: struck(FileStore(store.folder), step, kill)))  # noqa: B023
        if status == 0:
            break
        assert status == signal.SIGKILL
        head = store.head()
        found = texts(store, head)[("sessions", "n")] if head else "0"
        assert int(found) in (before, before + 1)
        seen.add(int(found))
        assert texts(store, counted(FileStore(store.folder)))[("sessions", "n")] == str(
            int(found) + 1
        )
        shutil.rmtree(store.folder)
    assert step > 5
    assert seen == {before, before + 1}


def test_one_that_slept_before_its_link_has_lost_the_race(store):
    """Stopped just before link(2) while others go on: it changes nothing, and is told so."""
    counted(store)

    def sleeper():
        mine = FileStore(store.folder)
        link = os.link

        def late(*words):
            os.kill(os.getpid(), signal.SIGSTOP)
            link(*words)

        os.link = late
        head = mine.head()
        lost = mine.commit(head, mine.load(head).with_({("sessions", "late"): "1"}), entry())
        return 0 if lost is None else 1

    pid = in_child(sleeper)
    os.waitpid(pid, os.WUNTRACED)
    for _ in range(3):
        counted(store)
    os.kill(pid, signal.SIGCONT)
    assert status_of(pid) == 0
    assert texts(store, store.head()) == {("sessions", "n"): "4"}
    assert numbers(store) == ([1, 2, 3, 4], [])


def test_a_version_that_was_set_back_is_no_head(store):
    """The head is another version of the same number: who expects the one that is gone has lost."""
    put(store, ONE)
    gone = put(store, {("sessions", "gone"): "1"}, day=2)
    state = store.load(gone)
    (store.folder / "versions" / "2").unlink()
    again = FileStore(store.folder)
    put(again, {("sessions", "other"): "1"}, day=3)
    assert again.commit(gone, state.with_({("sessions", "late"): "1"}), entry()) is None
    assert not again.has(gone)
    assert numbers(store) == ([1, 2], [])


@pytest.mark.parametrize("fault", [errno.EEXIST, errno.EIO, errno.ESTALE])
def test_an_answer_that_got_lost_is_no_lost_race(store, monkeypatch, fault):
    """A server that did link and says it did not: the inodes are the same, so it was done."""
    counted(store)
    link = os.link

    def told_wrong(*words):
        link(*words)
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "link", told_wrong)
    assert texts(store, counted(store)) == {("sessions", "n"): "2"}
    assert numbers(store) == ([1, 2], [])


def test_a_swept_file_whose_inode_another_was_given_is_lost(store, monkeypatch):
    """Its file was swept while it slept, and the winner's has that inode: still it has lost."""
    counted(store)
    link = os.link

    def swept(staged, target):
        data = Path(staged).read_bytes()
        Path(staged).unlink()
        other = Path(staged).with_name("other")
        other.write_bytes(data)  # often the inode that has just become free
        link(other, target)
        link(staged, target)

    monkeypatch.setattr(os, "link", swept)
    head = store.head()
    state = store.load(head).with_({("sessions", "n"): "7"})
    assert store.commit(head, state, entry()) is None


def test_a_file_system_without_hard_links_is_told(store, monkeypatch):
    """Where link(2) is not possible nothing is committed, and the error says where and why."""

    def no_links(*words):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), *words)

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(StoreError, match=r"versions/1: Operation not permitted") as error:
        counted(store)
    assert error.value.hint
    assert store.head() is None
    assert numbers(store) == ([], [])


@pytest.mark.slow
def test_any_of_two_thousand_versions_is_as_it_was(store):
    """Whole every 64th, changes between: each loads as it was published, records gone included."""
    expected, versions = {}, []
    for n in range(2000):
        changed = {("instructions", f"i{n % 97}"): None if n % 5 == 4 else f'{{"n": {n}}}'}
        versions.append(put(store, changed, day=1 + n % 9))
        expected |= changed
        if n in (62, 63, 64, 127, 128, 1000, 1999):
            again = FileStore(store.folder)
            there = {key: text for key, text in expected.items() if text is not None}
            assert texts(again, versions[-1]) == there
    fresh = FileStore(store.folder)
    assert [found.version for found in fresh.log()] == versions[::-1]
    since = [found.version for found in fresh.log(since=versions[1990])]
    assert since == versions[:1990:-1]
    assert texts(fresh, versions[3]) == {
        ("instructions", f"i{n}"): f'{{"n": {n}}}' for n in range(4)
    }
    assert all(fresh.has(version) for version in versions[::111])
    sizes = {n: (store.folder / "versions" / str(n)).stat().st_size for n in (1985, 1986)}
    assert sizes[1985] > 5 * sizes[1986]


def test_long_texts_and_many_records_are_kept(store):
    """A text of 1 MB, ten thousand records, all of Unicode: verbatim."""
    long = '{"text": "' + "grüne Soße 漢字 \\n" * 70_000 + '"}'
    every = "".join(map(chr, (*range(0xD800, 0xE000), *range(0x10000, 0x10400), *range(300))))
    records = {("instructions", f"i{n}"): f'{{"n": {n}}}' for n in range(10_000)}
    changed = {**records, ("instructions", "long"): long, ("instructions", every): every}
    put(store, {("instructions", "pair"): "\ud83d\ude00"})
    version = put(store, changed, day=2)
    assert texts(FileStore(store.folder), version) == {
        **changed, ("instructions", "pair"): "\ud83d\ude00",
    }  # fmt: skip


def test_what_this_program_does_not_know_is_kept(store):
    """Collections and records of a later version are carried, through whole versions too."""
    later = {("proposals", "p1"): "not even JSON", ("document", "format"): '{"writers": ["x"]}'}
    put(store, {**ONE, **later})
    for _ in range(WHOLE_EVERY + 1):
        counted(store)
    found = texts(FileStore(store.folder), store.head())
    assert later.items() <= found.items()
    assert [set(found.changes) for found in store.log("proposals")] == [{*ONE, *later}]


def test_a_form_of_a_later_program_is_not_guessed_at(store):
    """A version in a form that this program does not know: what to install is told."""
    put(store, ONE)
    path = store.folder / "versions" / "1"
    path.write_bytes(path.read_bytes().replace(b"version 1 ", b"version 2 ", 1))
    with pytest.raises(StoreError, match="newer tractatus-merge") as error:
        FileStore(store.folder).head()
    assert error.value.hint == "pip install -U tractatus-merge"
    assert not isinstance(error.value, Missing)


DAMAGES = {
    "edited": lambda data: data.replace(b"postgres", b"sqlite__"),
    "torn": lambda data: data[:-7],
    "torn in its first line": lambda data: data[:30],
    "empty": lambda _: b"",
    "longer": lambda data: data + b"x",
    "other": lambda _: b"{}\n",
    "zeros": lambda data: bytes(len(data)),
    "shorn of its digest": lambda data: b"tractatus-merge version 1 \n" + data,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_version_is_named(store, damage):
    """Torn, edited or exchanged: whoever needs the version is told its file, and others load."""
    first = put(store, ONE)
    second = put(store, {("instructions", "db"): '{"text": "postgres"}'}, day=2)
    third = put(store, ONE, day=3)
    path = store.folder / "versions" / "2"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    for version in (second, third):
        with pytest.raises(Missing, match=r"versions/2: ") as error:
            FileStore(store.folder).load(version)
        assert str(path) in error.value.hint
    with pytest.raises(Missing, match=r"versions/2: "):
        list(FileStore(store.folder).log())
    assert texts(FileStore(store.folder), first) == ONE


def test_what_cannot_be_read_is_not_missing(store, monkeypatch):
    """The disk gave no answer: nobody concludes that the version is gone."""
    head = put(store, ONE)

    def refuse(path, *_):
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    monkeypatch.setattr(plain_file, "read", refuse)
    with pytest.raises(StoreError, match=r"versions/1: Input/output error") as error:
        FileStore(store.folder).load(head)
    assert not isinstance(error.value, Missing)


def test_a_whole_version_in_the_place_of_another_is_noticed(store, tmp_path):
    """Each version names the one it follows: a file of another history is not taken for it."""
    other = FileStore(tmp_path / "other")
    for one, day in ((store, 1), (other, 5)):
        put(one, ONE, day=day)
        put(one, {("instructions", "j"): "{}"}, day=day + 1)
    shutil.copy(other.folder / "versions" / "1", store.folder / "versions" / "1")
    with pytest.raises(Missing, match="versions/1: version 2 does not follow it"):
        FileStore(store.folder).load(store.head())
    shutil.copy(store.folder / "versions" / "2", store.folder / "versions" / "3")
    with pytest.raises(Missing, match="versions/3: it is version 2 under another number"):
        FileStore(store.folder).load(FileStore(store.folder).head())


def test_strangers_in_the_folder_are_passed_over(store):
    """What is no number as the store writes them is nobody's version."""
    put(store, ONE)
    for name in ("007", "x", "2.bak", "٣", ".3", "-4", "0"):
        (store.folder / "versions" / name).write_text("a stranger's")
    assert texts(store, put(store, ONE, day=2)) == ONE
    assert {path.name for path in (store.folder / "versions").iterdir()} >= {"1", "2"}


def test_what_a_killed_process_left_goes_after_a_while(store):
    """A file without a name is removed when it is an hour old, and not before."""
    put(store, ONE)
    old, new = (store.folder / "staged" / name for name in ("2.old", "2.new"))
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (1, 1))
    put(store, ONE, day=2)
    assert not old.exists()
    assert new.exists()


def test_a_commit_is_on_the_disk_before_it_is_seen(store, monkeypatch):
    """The file is synced, then linked, then its folder is synced; the first one's folders before."""
    done = []

    def noted(name, function):
        def call(what, *more):
            place = Path(f"/proc/self/fd/{what}").readlink() if name == "fsync" else more[0]
            done.append((name, Path(place).relative_to(store.folder.parent).parts[:2]))
            return function(what, *more)

        return call

    for name in ("fsync", "link"):
        monkeypatch.setattr(os, name, noted(name, getattr(os, name)))
    put(store, ONE)
    tail = [("fsync", ("history", "staged")), ("link", ("history", "versions")),
            ("fsync", ("history", "versions"))]  # fmt: skip
    assert done[-3:] == tail
    assert sorted(done[:-3]) == [("fsync", ()), ("fsync", ("history",))]
    done.clear()
    put(store, ONE, day=2)
    assert done == tail


FULL = """
import sys
from pathlib import Path
from tests.stores.test_file import entry, put, texts, FileStore
from tractatus_merge.errors import StoreError
store = FileStore(Path(sys.argv[1], "history"))
for n in range(10_000):
    try:
        put(store, {("instructions", f"i{n}"): "x" * 50_000})
    except StoreError as error:
        print(error, error.hint)
        break
store = FileStore(store.folder)
assert len(texts(store, store.head())) == n > 3
assert not list((store.folder / "staged").iterdir())
"""


def test_a_full_disk_loses_nothing(tmp_path):
    """On a small file system that is full the error says so, and what was published stands."""
    if os.geteuid() or not shutil.which("unshare"):
        (pytest.fail if IN_CI else pytest.skip)("a small tmpfs needs root and unshare")
    words = f'mount -t tmpfs -o size=2m none "{tmp_path}" && exec "$0" -c "$1" "{tmp_path}"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", words, sys.executable, FULL],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "No space left on device" in done.stdout
    assert "df " in done.stdout


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """Where the place of the store is a file, the error names it."""
    (tmp_path / "history").write_text("")
    with pytest.raises(StoreError, match="history"):
        put(FileStore(tmp_path / "history"), ONE)


def test_a_form_once_written_is_read_for_ever(store):
    """The bytes of a version, as 0.1 writes them: a later program must read them."""
    version = put(store, {("instructions", "é"): '{\n  "id": "é"\n}'}, root=True)
    data = (store.folder / "versions" / "1").read_bytes()
    head, body = data.split(b"\n", 1)
    assert head.decode() == f"tractatus-merge version 1 {hashlib.sha256(body).hexdigest()}"
    assert version == f"{hashlib.sha256(body).hexdigest()[:32]}00000001"
    assert body.decode() == (
        '{"number":1,"parent":null,"message":"Merge session s: 1 added","session":"s",'
        '"tag":"aaaaaaaa","agent":"test","author":"A <a@x>","time":"2025-06-01T10:00:00.000Z",'
        '"base":null,"conflicts":[],"root":true,"whole":true,"changes":[["instructions","é"]]}\n'
        '["instructions","é","{\\n  \\"id\\": \\"é\\"\\n}"]\n'
    )


def test_files_create_says_which_was_first(tmp_path):
    """The second file of one name is refused, and nothing is left of it."""
    assert files.create(tmp_path / "name", b"one", tmp_path / "aside")
    assert not files.create(tmp_path / "name", b"two", tmp_path / "aside")
    assert (tmp_path / "name").read_bytes() == b"one"
    assert list((tmp_path / "aside").iterdir()) == []
