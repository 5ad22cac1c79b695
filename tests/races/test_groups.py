"""Many ends at once, merged by one of them: each comes out as if it had ended by itself."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import bakery, git
from tests.tool import run, tool
from tractatus_merge.cli import main
from tractatus_merge.sessions import leader
from tractatus_merge.sessions.waiting import Waiting
from tractatus_merge.system import locks

pytestmark = pytest.mark.race

NAMES = [f"agent-{number}" for number in range(7)]
LIMIT = 60.0


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leads here takes all who wait, however busy the machine is."""
    monkeypatch.setattr(leader, "LONGEST", LIMIT)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Seven sessions: each adds; most edit the same field, one retires it, one has changed nothing."""
    return begun(tmp_path)


def begun(folder: Path) -> Path:
    """Such a repository; what the sessions write does not depend on when they do."""
    repo = bakery(folder)
    run(repo, "init")
    for name in NAMES:
        run(repo, "start", "--id", name)
    for name in NAMES[:6]:
        run(repo, "add", f"{name} adds.", "--session", name)
    for name in NAMES[:4]:
        why = ["--why", f"because of {name}"]
        run(repo, "edit", "inst_001", "--set", f"text={name} wrote it.", *why, "--session", name)
    run(repo, "edit", "inst_002", "--set", "notes=All good.", "--session", NAMES[4])
    run(repo, "retire", "inst_001", "--session", NAMES[5])
    return repo


def state_of(repo: Path) -> Path:
    """What all worktrees share."""
    return repo / ".git/tractatus"


class Ends:
    """Commands that wait for the one that leads: this process, until `go`."""

    def __init__(self, repo: Path) -> None:
        self.repo, self.waiting = repo, Waiting(state_of(repo))
        self.running: dict[str, subprocess.Popen[str]] = {}
        assert self.waiting.lead()

    def end(self, name: str, *words: str, code: str = "", **environment: str) -> None:
        """A session ends, and waits after all that came before; `code` is run first."""
        before = len(self.waiting.asked())
        words = (
            "-c",
            f"{PATIENT}\n{code}\n{MAIN}",
            "-C",
            str(self.repo),
            "end",
            "--session",
            name,
            *words,
        )
        self.running[name] = subprocess.Popen(
            [sys.executable, *words], text=True, env={**os.environ, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        until(lambda: len(self.waiting.asked()) > before)

    def go(self, first: str = "", *words: str) -> dict[str, tuple[int, str, str]]:
        """Lead with the end of a session, else let one of them lead; exit code and output of each."""
        found = {}
        if first:
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(["-C", str(self.repo), "end", "--session", first, *words])
            found[first] = (code, out.getvalue(), err.getvalue())
        self.waiting.step_down()
        for name, process in self.running.items():
            out, err = process.communicate(timeout=LIMIT)
            found[name] = (process.returncode, out, err)
        return found


PATIENT = f"from tractatus_merge.sessions import follower\nfollower.WAIT = {LIMIT}"
"""Whoever waits in a test waits until it is told: on a busy machine ten seconds are over too soon."""
MAIN = "from tractatus_merge.__main__ import main\nmain()"


def until(what: Callable[[], object]) -> None:
    """Wait until something is the case."""
    end = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextlib.contextmanager
def ends(repo: Path) -> Iterator[Ends]:
    """Such commands; none is left."""
    found = Ends(repo)
    try:
        yield found
    finally:
        found.waiting.step_down()
        for process in found.running.values():
            process.kill()
            process.communicate()


def grouped(repo: Path, names: Sequence[str], *words: str) -> dict[str, tuple[int, str, str]]:
    """All end at once, in this order, and the first one leads."""
    with ends(repo) as group:
        for name in names[1:]:
            group.end(name, *words)
        return group.go(names[0], *words)


def content(repo: Path) -> tuple[Any, Any]:
    """Instructions and conflicts, but for when and where."""
    listed = tool(repo, "list", "--all")["instructions"]
    conflicts = tool(repo, "conflicts")["conflicts"]
    sides = [
        (one["instruction"], one["field"], sorted(json.dumps(s["value"]) for s in one["sides"]))
        for one in conflicts
    ]
    return sorted(listed, key=lambda item: item["id"]), sorted(sides)


def stamped(found: tuple[Any, Any]) -> tuple[Any, Any]:
    """Without what tells when, and which session's tag made an id."""
    rows = [
        (row["text"] if row["id"] != "inst_001" else "", row.get("notes"), row["active"])
        for row in found[0]
    ]
    return sorted(map(str, rows)), found[1]


@pytest.mark.parametrize("sizes", [(7,), (3, 3, 1), (1, 5, 1), (2, 1, 2, 2)])
def test_any_order_and_any_grouping_comes_to_the_same(
    repo: Path, tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    """As one by one in this order: the instructions, and open conflicts with all their sides."""
    order = random.Random(repr(sizes)).sample(NAMES, len(NAMES))
    names = iter(order)
    for size in sizes:
        some = list(itertools.islice(names, size))
        assert {code for code, _, _ in grouped(repo, some).values()} <= {0, 1}
    (tmp_path / "other").mkdir()
    other = begun(tmp_path / "other")
    for name in order:
        run(other, "end", "--session", name)
    assert stamped(content(repo)) == stamped(content(other))
    contested = [conflict for conflict in content(repo)[1] if conflict[:2] == ("inst_001", "text")]
    assert contested == [("inst_001", "text", [f'"{name} wrote it."' for name in NAMES[:4]])]


def test_they_go_into_the_head_together_each_as_its_own(repo: Path) -> None:
    """One move of the branch; each commit has its session's words; the log knows of no leader."""
    before = len(git(repo, "reflog", "tractatus/history").splitlines())
    done = grouped(repo, NAMES)
    assert [code for code, _, _ in done.values()] == [0, 1, 1, 1, 0, 1, 0]
    assert not any(err for _, _, err in done.values())
    assert len(git(repo, "reflog", "tractatus/history").splitlines()) == before + 1
    entries = tool(repo, "log")["entries"]
    merged = [entry for entry in entries if entry["session"]]
    assert [entry["session"] for entry in reversed(merged)] == NAMES[:6]
    shown = git(repo, "log", "-6", "--first-parent", "--format=%an: %s", "tractatus/history")
    said = [line.partition(": Merge session ")[::2] for line in shown.splitlines()]
    assert {who for who, _ in said} == {"Jo Baker"}
    assert [what.partition(":")[0] for _, what in said] == NAMES[5::-1]
    blame = run(repo, "blame", "inst_002").out
    assert "agent-4" in blame and not any(name in blame for name in NAMES[:4])
    assert git(repo, "fsck", "--full", "--no-progress") == ""


def test_each_hears_what_it_would_have_heard_alone(repo: Path, tmp_path: Path) -> None:
    """The very words, for people and as JSON, but for names that are made anew."""
    (tmp_path / "other").mkdir()
    other = begun(tmp_path / "other")
    together = grouped(repo, NAMES)
    for name in NAMES:
        ran = run(other, "end", "--session", name)
        code, out, err = together[name]
        assert (code, anonymous(out), err) == (ran.code, anonymous(ran.out), ran.err)
    assert stamped(content(repo)) == stamped(content(other))


def test_each_hears_it_as_json_too(repo: Path) -> None:
    """What `end --json` says alone has the same keys, and its own session."""
    done = grouped(repo, NAMES[:3], "--json")
    said = {name: json.loads(out) for name, (_, out, _) in done.items()}
    assert {name: one["session"] for name, one in said.items()} == {n: n for n in NAMES[:3]}
    assert len({frozenset(one) for one in said.values()}) == 1
    assert [len(one["conflicts"]) for one in said.values()] == [0, 1, 1]


def anonymous(text: str) -> str:
    """A text without the tags and ids that differ from run to run."""
    words = []
    for word in text.replace("(", "( ").replace(",", " ,").split(" "):
        stem, _, tag = word.rstrip("\n").rpartition("_")
        is_made = len(tag) == 8 and set(tag) <= set("0123456789abcdef")
        words.append(stem + "_TAG" + "\n" * word.count("\n") if is_made else word)
    return " ".join(words)


def test_what_becomes_of_a_folder_is_what_its_own_command_makes_of_it(repo: Path) -> None:
    """Base and copy are the head, the seal is small, the session can go on."""
    grouped(repo, NAMES)
    head = (repo / ".claude/instruction-history.json").read_bytes()
    for name in NAMES:
        folder = state_of(repo) / "sessions" / name
        facts = json.loads((folder / "session.json").read_bytes())
        assert facts["state"] == "merged" and not {"merging", "next", "untold"} & facts.keys()
        copy = (folder / "instruction-history.json").read_bytes()
        assert copy == (folder / f"base-{facts['base']['digest']}.json").read_bytes()
        assert (copy == head) == (name != NAMES[0])  # it led, and has the head of its own merge
        assert ("last" in facts) == (name != NAMES[6])  # it had nothing to publish
        kept = {path.name for path in folder.iterdir()}
        sealed = {f"sealed-{facts['last']['seal']}.json"} if facts.get("last") else set()
        assert {one for one in kept if one.startswith(("base-", "sealed-", "next-"))} == {
            f"base-{facts['base']['digest']}.json", *sealed,
        }  # fmt: skip
    run(repo, "start", "--id", NAMES[1])
    run(repo, "add", "It goes on.", "--session", NAMES[1])
    assert run(repo, "end", "--session", NAMES[1]).code == 0
    assert not any((state_of(repo) / "waiting/answered").iterdir())


def test_undo_and_sync_know_nothing_of_a_leader(repo: Path, tmp_path: Path) -> None:
    """A version out of the middle is undone; another clone has all of them."""
    grouped(repo, NAMES)
    entry = next(e for e in tool(repo, "log")["entries"] if e["session"] == NAMES[4])
    assert run(repo, "undo", entry["version"]).code in (0, 1)
    notes = {row["id"]: row.get("notes") for row in tool(repo, "list", "--all")["instructions"]}
    assert notes["inst_002"] != "All good."
    git(tmp_path, "init", "--quiet", "--bare", "hub.git")
    git(repo, "remote", "add", "origin", str(tmp_path / "hub.git"))
    git(repo, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    run(repo, "sync")
    git(tmp_path, "clone", "--quiet", "--branch=main", str(tmp_path / "hub.git"), "clone")
    run(tmp_path / "clone", "init")
    assert content(tmp_path / "clone") == content(repo)


def test_more_than_one_leader_can_take(repo: Path) -> None:
    """Twenty wait, and sixteen are merged behind the first: the rest by the second."""
    names = [f"crowd-{number:02}" for number in range(20)]
    for name in names:
        run(repo, "start", "--id", name)
        run(repo, "add", f"{name} adds.", "--session", name)
    before = len(git(repo, "reflog", "tractatus/history").splitlines())
    assert {code for code, _, _ in grouped(repo, names).values()} == {0}
    moves = len(git(repo, "reflog", "tractatus/history").splitlines()) - before
    assert 1 < moves < 10
    found = {row["text"] for row in tool(repo, "list")["instructions"]}
    assert {f"{name} adds." for name in names} <= found


def request(repo: Path, name: str) -> Path:
    """The file of a request."""
    return state_of(repo) / "waiting/asked" / name


def spoil(path: Path, **changes: object) -> None:
    """Change a request, which its session's folder keeps as it is."""
    said = {**json.loads(path.read_bytes()), **changes}
    path.unlink()
    path.write_text(json.dumps(said), "utf-8")


BROKEN: dict[str, Callable[[Path], object]] = {
    "no JSON": lambda path: (path.unlink(), path.write_bytes(b"\x00{")),
    "a broken line": lambda path: spoil(path, copy='{"instructions": [{"id": "x",}]}'),
    "another's seal": lambda path: spoil(path, copy='{"version": "1.0", "instructions": []}'),
    "an older program": lambda path: spoil(path, program="0.1.0"),
    "another line": lambda path: spoil(path, line="release"),
    "other settings": lambda path: spoil(path, settings="0" * 16),
    "no session": lambda path: spoil(path, session={"id": "../../../etc"}),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link": lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_request_that_is_spoiled_stops_nobody(repo: Path, how: str) -> None:
    """It is passed over; its own command merges the session all the same."""
    with ends(repo) as group:
        for name in NAMES[:4]:
            group.end(name)
        BROKEN[how](request(repo, NAMES[2]))
        done = group.go()
    assert {code for code, _, _ in done.values()} == {0, 1}, done
    assert all("added" in out for _, out, _ in done.values())
    found = [row["text"] for row in tool(repo, "list", "--all")["instructions"]]
    assert [found.count(f"{name} adds.") for name in NAMES[:4]] == [1] * 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file another's")
def test_a_request_of_another_account_is_passed_over(repo: Path) -> None:
    """It cannot be read; and an answer of another account is not believed."""
    with ends(repo) as group:
        for name in NAMES[:3]:
            group.end(name)
        fake = {"seal": "x", "text": "all is well", "code": 0}
        answered = state_of(repo) / "waiting/answered"
        answered.mkdir(exist_ok=True)
        (answered / NAMES[1]).write_text(json.dumps(fake))
        os.chown(answered / NAMES[1], 1234, 1234)
        time.sleep(0.2)
        assert group.running[NAMES[1]].poll() is None
        done = group.go()
    assert all("added" in out for _, out, _ in done.values())


def test_an_answer_that_is_no_answer_is_not_followed(repo: Path) -> None:
    """The session is merged by its own command; nothing of the answer is written anywhere."""
    with ends(repo) as group:
        group.end(NAMES[0])
        folder = state_of(repo) / "sessions" / NAMES[0]
        before = (folder / "session.json").read_bytes()
        group.waiting.answer(NAMES[0], {"seal": "0" * 16, "told": "spoiled", "code": 0})
        code, out, _ = group.go()[NAMES[0]]
    assert (code, "added" in out) == (0, True)
    assert b"spoiled" not in (folder / "session.json").read_bytes() != before


def test_who_died_while_it_waited_is_merged_once(repo: Path) -> None:
    """Its request still stands; its next command tells what came of it."""
    with ends(repo) as group:
        for name in NAMES[1:3]:
            group.end(name)
        group.running[NAMES[1]].kill()
        group.running[NAMES[1]].wait()
        group.go(NAMES[0])
    again = run(repo, "end", "--session", NAMES[1])
    assert again.code in (0, 1) and "added" in again.out
    found = [row["text"] for row in tool(repo, "list", "--all")["instructions"]]
    assert found.count("agent-1 adds.") == 1


def test_a_leader_that_dies_before_it_answers_is_followed_by_one_that_tells_all(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it published is not published again; who contests something hears it all the same."""
    monkeypatch.setattr(leader.Leader, "answer", lambda _: None)
    with ends(repo) as group:
        for name in NAMES[1:4]:
            group.end(name)
        done = group.go(NAMES[0])
    assert [code for code, _, _ in done.values()] == [0, 1, 1, 1], done
    assert all("conflict " in done[name][1] for name in NAMES[1:4])
    published = [entry["session"] for entry in tool(repo, "log")["entries"] if entry["session"]]
    assert sorted(published) == NAMES[:4]


def test_who_died_and_goes_on_takes_its_request_back(repo: Path) -> None:
    """What it wrote since is published with the rest, and nothing of it twice."""
    with ends(repo) as group:
        for name in NAMES[1:3]:
            group.end(name)
        group.running[NAMES[1]].kill()
        group.running[NAMES[1]].wait()
        run(repo, "start", "--id", NAMES[1])
        assert not request(repo, NAMES[1]).exists()
        run(repo, "add", "It came back.", "--session", NAMES[1])
        group.go(NAMES[0])
    run(repo, "end", "--session", NAMES[1])
    found = [row["text"] for row in tool(repo, "list", "--all")["instructions"]]
    assert (found.count("agent-1 adds."), found.count("It came back.")) == (1, 1)


def test_a_script_that_writes_while_its_session_waits_is_heard(repo: Path) -> None:
    """What was sealed is merged; what came after it waits in the copy, or is merged too."""
    with ends(repo) as group:
        group.end(NAMES[1])
        path = state_of(repo) / "sessions" / NAMES[1] / "instruction-history.json"
        document = json.loads(path.read_bytes())
        document["instructions"].append({"id": "inst_900", "text": "Written meanwhile."})
        path.write_text(json.dumps(document, indent=2))
        done = group.go(NAMES[0])
    assert done[NAMES[1]][0] == 1
    run(repo, "end", "--session", NAMES[1])
    found = [row["text"] for row in tool(repo, "list", "--all")["instructions"]]
    assert (found.count("agent-1 adds."), found.count("Written meanwhile.")) == (1, 1)


DIES = "import os\nfollower.Ended.told = lambda _: os._exit(9)"


@pytest.mark.parametrize("edited", [False, True])
def test_who_dies_before_it_is_done_is_finished_by_the_next_command(
    repo: Path, edited: bool
) -> None:
    """Its base and copy are exchanged by then, and a script may have gone on in the new copy."""
    with ends(repo) as group:
        group.end(NAMES[1], code=DIES)
        done = group.go(NAMES[0])
    assert done[NAMES[1]][0] == 9
    path = state_of(repo) / "sessions" / NAMES[1] / "instruction-history.json"
    if edited:
        document = json.loads(path.read_bytes())
        document["instructions"].append({"id": "inst_900", "text": "Written after it."})
        path.write_text(json.dumps(document, indent=2))
    again = run(repo, "end", "--session", NAMES[1])
    assert again.code == 1 and "conflict " in again.out and "added" in again.out
    found = [row["text"] for row in tool(repo, "list", "--all")["instructions"]]
    assert (found.count("agent-1 adds."), found.count("Written after it.")) == (1, int(edited))
    assert run(repo, "end", "--session", NAMES[1]).code == 0


def test_another_worktree_gets_its_view(repo: Path, tmp_path: Path) -> None:
    """The leader has its own: who follows writes the view of its worktree itself."""
    git(repo, "worktree", "add", "--quiet", "--detach", str(tmp_path / "side"))
    git(repo, "rm", "--quiet", "--cached", ".claude/instruction-history.json")
    (repo / ".git/info/exclude").write_text(".claude/instruction-history.json\n")
    side = tmp_path / "side"
    git(side, "rm", "--quiet", "--cached", ".claude/instruction-history.json")
    run(side, "view", "--write")
    run(side, "start", "--id", "beside")
    run(side, "add", "From the side.", "--session", "beside")
    with ends(repo) as group:
        group.repo = side
        group.end("beside")
        group.repo = repo
        done = group.go(NAMES[0])
    assert [code for code, _, _ in done.values()] == [0, 0], done
    view = json.loads((side / ".claude/instruction-history.json").read_bytes())
    assert {"From the side.", "agent-0 adds."} <= {row["text"] for row in view["instructions"]}


def test_without_a_queue_nobody_waits(repo: Path) -> None:
    """TRACTATUS_QUEUE=off: merged at once, whoever leads."""
    waiting = Waiting(state_of(repo))
    assert waiting.lead()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tractatus_merge", "-C", str(repo), "end", "--session", NAMES[0]],
            env={**os.environ, "TRACTATUS_QUEUE": "off"}, capture_output=True, check=True,
        )  # fmt: skip
    finally:
        waiting.step_down()
    assert b"added" in done.stdout


def test_a_leader_is_known_by_any_path_to_its_lock(tmp_path: Path) -> None:
    """A link to the folder leads to the same lock; one that was let go of is anybody's."""
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to("state")
    one, other = Waiting(tmp_path / "state"), Waiting(tmp_path / "link")
    assert one.lead() and other.leads
    with locks.locked(other.lock, 0) as got:
        assert got
    one.step_down()
    assert not other.leads


@pytest.mark.slow
def test_two_machines_whose_locks_do_not_meet(repo: Path) -> None:
    """As on a network folder: both lead at once, and the compare-and-swap alone keeps all."""
    names = [f"crowd-{number:02}" for number in range(16)]
    for name in names:
        run(repo, "start", "--id", name)
        run(repo, "add", f"{name} adds.", "--session", name)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MACHINE + MAIN, machine, "-C", str(repo), "end", "--session", name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name, machine in zip(names, itertools.cycle("ab"), strict=False)
    ]  # fmt: skip
    done = [(*process.communicate(timeout=LIMIT), process.returncode) for process in running]
    assert {code for _, _, code in done} == {0}, done
    found = [row["text"] for row in tool(repo, "list", "--all")["instructions"]]
    assert [found.count(f"{name} adds.") for name in names] == [1] * 16
    published = [entry["session"] for entry in tool(repo, "log")["entries"] if entry["session"]]
    assert sorted(published) == names


MACHINE = """
import os, sys
from pathlib import Path
machine = sys.argv.pop(1)
from tractatus_merge.repository import workspace
from tractatus_merge.sessions import waiting
first = waiting.Waiting.__init__
def begin(self, state):
    first(self, state)
    self.lock += machine
waiting.Waiting.__init__ = begin
queue = workspace.Workspace.queue.fget
workspace.Workspace.queue = property(lambda self: Path(f"{queue(self)}{machine}"))
"""
"""A program on a machine whose locks no other machine sees."""
