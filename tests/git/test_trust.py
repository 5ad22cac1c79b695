"""A version is looked through until it has been whole for so long that no prune can take from it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess

import pytest

from tests.stores.conformance import entry, put, texts
from tractatus_merge.errors import StoreError
from tractatus_merge.git import trust
from tractatus_merge.git.trust import AGE

MANY = {("instructions", f"inst_{n:03d}"): f'{{"id": "inst_{n:03d}"}}' for n in range(40)}
LATER = {("instructions", "inst_new"): '{"id": "inst_new"}'}
REF = "refs/heads/tractatus/history"


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def time(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """What time it is for the notes."""
    found = Clock()
    monkeypatch.setattr(trust.time, "time", found.time)
    return found


@pytest.fixture
def repository(new_repository):
    """A repository in which a line may keep its notes."""
    folder = new_repository()
    (folder / ".git" / "tractatus").mkdir()
    return folder


@pytest.fixture
def looked(open_store, repository, monkeypatch):
    """Ask for the head as another command does; how many blobs were looked for."""

    def look():
        store, asked = open_store(repository), []
        there = store.git.all_there
        monkeypatch.setattr(store.git, "all_there", lambda oids: asked.extend(oids) or there(oids))
        assert store.head()
        return len(asked)

    return look


def object_of(repository, git, name):
    """The file of a loose object."""
    oid = git(repository, "rev-parse", name)
    return repository / ".git" / "objects" / oid[:2] / oid[2:]


def test_a_version_is_trusted_when_it_was_whole_twice_long_enough_apart(
    clock, repository, open_store, looked
):
    """Until then every command looks through it; afterwards only through what is new."""
    put(open_store(repository), MANY)
    assert looked() >= len(MANY)
    clock.now += AGE - 1
    assert looked() >= len(MANY)
    clock.now += 1
    assert looked() >= len(MANY)
    assert looked() == 0
    put(open_store(repository), LATER, day=2)
    assert 1 <= looked() <= 3
    clock.now += 10 * AGE
    assert 1 <= looked() <= 3  # is now trusted in its turn
    clock.now += 10 * AGE
    assert 0 <= looked() <= 3
    assert looked() == 0


@pytest.mark.slow
def test_a_busy_line_is_trusted_too(clock, repository, open_store, looked):
    """Each look is at what came in the last half an hour or less, though the head never rests."""
    put(open_store(repository), MANY)
    seen = []
    for minute in range(60):
        put(open_store(repository), {("instructions", f"n{minute}"): f'{{"id": "n{minute}"}}'})
        seen.append(looked())
        clock.now += 60
    assert seen[0] > len(MANY)
    assert max(seen[-20:]) <= 2 * (2 * AGE / 60 + 2)


def test_after_a_commit_only_what_is_younger_is_looked_for(
    clock, repository, open_store, looked, monkeypatch
):
    """What a trusted version has, nobody has taken meanwhile."""
    first = put(open_store(repository), MANY)
    looked()
    clock.now += AGE
    looked()
    store, asked = open_store(repository), []
    there = store.git.all_there
    monkeypatch.setattr(store.git, "all_there", lambda oids: asked.extend(oids) or there(oids))
    put(store, LATER, expected=first, day=2)
    assert len([oid for oid in asked if store.git.read(oid).kind == "blob"]) == 1


@pytest.mark.damaged
@pytest.mark.parametrize("what", ["commit", "tree", "blob"])
@pytest.mark.parametrize("at", range(3))
def test_of_versions_that_came_together_each_is_looked_through(
    repository, open_store, at, what, git
):
    """Those of the middle were never a head: who led may have died before it looked."""
    store = open_store(repository)
    first = put(store, MANY)
    made, state, expected = [], store.load(first), first
    for number in range(3):
        state = state.with_({("instructions", f"new_{number}"): f'{{"id": "new_{number}"}}'})
        made.append(store.prepare(expected, state, entry(day=number + 2)))
        expected = made[-1]
        state = store.load(expected)
    assert store.settle(first, made)
    assert open_store(repository).head() == made[-1]
    names = {"commit": made[at], "tree": f"{made[at]}:instructions"}
    names["blob"] = f"{made[at]}:instructions/new_{at}.json"
    oid = git(repository, "rev-parse", names[what]).strip()
    (repository / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert open_store(repository).head() == first


def packed(repository):
    """What `git gc` does to a line at rest."""
    subprocess.run(["git", "-C", repository, "gc", "-q", "--prune=now"], check=True)


CHANGES = {
    "packs": packed,
    "a pack is gone": lambda repository: (repository / ".git/objects/pack/pack-1.idx").unlink(),
    "shallow": lambda repository: (repository / ".git/shallow").write_text("0" * 40 + "\n"),
    "alternates": lambda repository: (repository / ".git/objects/info/alternates").write_text(
        f"{repository}/.git/objects\n"
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_trust_is_void_where_the_objects_changed_their_place(
    case, clock, repository, open_store, looked
):
    """Packs, the shallow boundary or alternates are others: everything is looked through again."""
    (repository / ".git/objects/info").mkdir(exist_ok=True)
    put(open_store(repository), MANY)
    (repository / ".git/objects/pack/pack-1.idx").touch()
    looked()
    clock.now += AGE
    looked()
    assert looked() == 0
    CHANGES[case](repository)
    assert looked() >= len(MANY)
    clock.now += AGE
    assert looked() >= len(MANY)
    assert (looked() == 0) == (case != "alternates")  # whose owner prunes without asking us


def test_trust_is_void_where_the_clock_went_back(clock, repository, open_store, looked):
    """Nobody can say how long ago it was then."""
    put(open_store(repository), MANY)
    looked()
    clock.now += AGE
    looked()
    assert looked() == 0
    clock.now -= 2 * AGE
    assert looked() >= len(MANY)


@pytest.mark.parametrize("said", ["", "{", "[]", "7", '{"trusted": 1}', '{"since": "x"}', "null"])
def test_a_note_that_cannot_be_read_is_none(said, clock, repository, open_store, looked):
    """Somebody edited it, or it is a later program's: then all is looked through."""
    put(open_store(repository), MANY)
    looked()
    (note,) = (repository / ".git/tractatus").glob("whole-*.json")
    note.write_text(said)
    assert looked() >= len(MANY)
    assert json.loads(note.read_text())["waiting"]


def test_a_note_that_cannot_be_kept_stops_nobody(clock, repository, open_store, looked):
    """It only saves time."""
    put(open_store(repository), MANY)
    looked()
    folder = repository / ".git/tractatus"
    (note,) = folder.glob("whole-*.json")
    note.unlink()
    note.mkdir()
    assert looked() >= len(MANY)


@pytest.mark.parametrize("taken", ["inst_new", "summary", "commit"])
def test_what_is_younger_is_stepped_back_from_though_the_version_before_is_trusted(
    taken, clock, repository, open_store, looked, git
):
    """A prune that began before the newest merge takes from it alone, and that is noticed."""
    old = put(open_store(repository), MANY)
    looked()
    clock.now += AGE
    looked()
    assert looked() == 0
    summary = {("sessions", "aaaaaaaa"): '{"tag": "aaaaaaaa"}'}
    new = put(open_store(repository), {**LATER, **summary}, day=2)
    names = {"inst_new": "instructions/inst_new.json", "summary": "summaries/aaaaaaaa.json"}
    object_of(repository, git, f"{new}:{names[taken]}" if taken in names else new).unlink()
    store = open_store(repository)
    assert store.head() == old
    assert texts(store, old) == MANY
    assert put(store, {**LATER, **summary}, day=3)
    assert {*texts(store, store.head())} == {*MANY, *LATER, *summary}


@pytest.mark.damaged("objects of a trusted version are taken away")
def test_a_trusted_version_that_is_gone_is_looked_at_again(
    clock, repository, open_store, looked, git
):
    """Its commit, or a folder of it that a newer version changed, was taken: nothing is believed."""
    first = put(open_store(repository), MANY)
    second = put(open_store(repository), LATER, day=2)
    for _ in range(3):
        looked()
        clock.now += AGE
    assert looked() == 0
    tree = object_of(repository, git, f"{second}:instructions")
    put(open_store(repository), {("instructions", "x"): "{}"}, day=3)
    tree.unlink()
    assert looked() >= len(MANY)
    head = git(repository, "rev-parse", REF)
    object_of(repository, git, head).unlink()
    assert open_store(repository).head() == first


@pytest.mark.slow
def test_a_prune_that_runs_while_a_head_is_looked_at_loses_nothing(
    clock, repository, open_store, git
):
    """Real prunes, all the time, with trust in play: what was committed is there at the end."""
    put(open_store(repository), MANY)
    words = ["git", "-C", str(repository), "prune", "--expire=now"]
    loop = f"while :; do {' '.join(words)}; sleep 0.01; done"
    pruning = subprocess.Popen(
        ["sh", "-c", loop], stderr=subprocess.DEVNULL, start_new_session=True
    )
    wanted = dict(MANY)
    try:
        for number in range(20):
            clock.now += AGE / 10
            wanted[("instructions", f"p{number}")] = f'{{"id": "p{number}"}}'
            published(open_store, repository, wanted)
    finally:
        os.killpg(pruning.pid, 9)
        pruning.wait()
    published(open_store, repository, wanted)
    store = open_store(repository)
    assert texts(store, store.head()) == wanted


def published(open_store, repository, wanted):
    """Publish as commands do: what the head lacks, again where a prune took it meanwhile."""
    for _ in range(400):
        store = open_store(repository)
        with contextlib.suppress(StoreError, AssertionError):  # eaten, or a lost race
            head = store.head()
            has = texts(store, head) if head else {}
            lacks = {key: text for key, text in wanted.items() if key not in has}
            if not lacks:
                return
            put(store, lacks, expected=head)
        store.close()
    raise AssertionError(lacks)


def test_a_trusted_version_is_asked_once_how_it_is_made(clock, repository, open_store, looked):
    """Of the next one only what differs is looked at; one that others wrote is never known so."""
    first = put(open_store(repository), MANY)
    looked()
    assert trust.Trust(repository / ".git", "tractatus/history").ours() is None
    clock.now += AGE
    looked()
    note = trust.Trust(repository / ".git", "tractatus/history")
    assert note.ours() == note.version() == first


def test_a_version_that_others_made_is_trusted_and_not_known_as_ours(
    clock, repository, open_store, git
):
    """A file that no record has lies among the records: it is whole, and it is not made by us."""
    put(open_store(repository), MANY)
    rows = git(repository, "ls-tree", f"{REF}:instructions").splitlines()
    blob = rows[0].split()[2]
    rows.append(f"100644 blob {blob}\tno record")
    folder = tree_of(repository, rows)
    top = [row for row in git(repository, "ls-tree", REF).splitlines() if "instructions" not in row]
    tree = tree_of(repository, [*top, f"040000 tree {folder}\tinstructions"])
    who = ("-c", "user.name=Jo", "-c", "user.email=jo@x.org")
    commit = git(repository, *who, "commit-tree", tree, "-p", REF, "-m", "x")
    git(repository, "update-ref", REF, commit)
    for _ in range(3):
        assert open_store(repository).head() == commit
        clock.now += AGE
    note = trust.Trust(repository / ".git", "tractatus/history")
    assert (note.version(), note.ours()) == (commit, None)
    store = open_store(repository)
    with pytest.raises(StoreError, match="no record's file has such a name"):
        store.news(commit, None)


def tree_of(repository, rows):
    """A tree with these rows."""
    words = ["git", "-C", str(repository), "mktree"]
    text = "".join(f"{row}\n" for row in rows)
    done = subprocess.run(words, input=text, check=True, capture_output=True, text=True)
    return done.stdout.strip()
