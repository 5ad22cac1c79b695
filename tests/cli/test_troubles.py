"""One session's trouble stops nobody else: `sessions` and `doctor` tell it once, all others pass."""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.closed import run_closed
from tests.tool import run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.metrics.fold import fold as fold_in
from tractatus_merge.sessions import journal

fold = partial(fold_in, environment={})

ODD = {"event": "edit", "at": "x", "instruction": "inst_001", "paths": [5], "why": ""}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own: what `doctor` finds is of this repository."""
    monkeypatch.setenv("HOME", str(tmp_path))


_USUAL = ("finished session trouble1", "note: session trouble1 was never merged")
"""What is said of any session that was left."""


def begun(line: Path, name: str, *, state: str = "open") -> Path:
    """A session that has written something, in a state; its folder."""
    folder = Path(tool(line, "start", "--id", name)["copy"]).parent
    tool(line, "add", f"{name} adds.", "--session", name)
    facts = json.loads((folder / "session.json").read_text())
    (folder / "session.json").write_text(json.dumps({**facts, "state": state}))
    return folder


def everybody_goes_on(line: Path, runs=run) -> None:
    """Every command of another session works as if nothing were wrong."""
    for words in (
        ("start", "--id", "fine1111"),
        ("add", "Fine adds.", "--id", "inst_090", "--session", "fine1111"),
        ("status", "--session", "fine1111"),
        ("status",),
        ("list",),
        ("metrics",),
        ("refresh", "--session", "fine1111"),
        ("merge", "--session", "fine1111"),
        ("end", "--session", "fine1111"),
        ("check", "--staged"),
        ("check", "--sweep"),
        ("view",),
    ):
        ran = runs(line, *words)
        assert ran.code == 0, (words, ran)
        said = [x for x in ran.err.splitlines() if not x.startswith(_USUAL)]
        assert not [x for x in said if "trouble1" in x], (words, said)


def told_once(line: Path, name: str, runs=run) -> None:
    """`doctor` has one finding about the session, `sessions` one line."""
    done = runs(line, "doctor", "--json")
    found = json.loads(done.out)
    about = [one for one in found["findings"] if name in one["where"] or name in one["message"]]
    assert len(about) == 1 and about[0]["fix"], found
    assert done.code == 1
    ran = runs(line, "sessions")
    assert ran.code == 0
    said = [x for x in (ran.out + ran.err).splitlines() if f"{name}/" in x and "ls -" not in x]
    assert len([x for x in said if "mv " not in x and "cp " not in x]) == 1, ran


def a_fifo(path: Path) -> None:
    """Nobody writes into it: who opens it as a file waits for ever."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    """Not even root reads it as a file."""
    if path.is_file():
        path.unlink()
    path.mkdir(exist_ok=True)


def torn(path: Path) -> None:
    """Half a file."""
    path.write_bytes(b'{"id": "trou')


@pytest.mark.parametrize("state", ["open", "ended", "merged"])
@pytest.mark.parametrize("make", [a_fifo, a_folder, torn])
@pytest.mark.parametrize("name", ["session.json", "instruction-history.json", "journal.jsonl"])
@pytest.mark.usefixtures("home")
def test_a_file_that_is_none_stops_only_its_own_session(line, name, make, state):
    """A FIFO, a folder, half a file: in each place, in each state of the session."""
    folder = begun(line, "trouble1", state=state)
    make(folder / name)
    everybody_goes_on(line)
    told_once(line, "trouble1")


@pytest.mark.parametrize("name", ["base", "lock", "late", "window", "heard"])
@pytest.mark.parametrize("make", [a_fifo, a_folder])
def test_other_files_of_a_session_may_be_anything_too(line, name, make):
    """Where they matter to nobody but their session, nobody else hears of them."""
    folder = begun(line, "trouble1", state="ended")
    path = next(folder.glob("base-*")) if name == "base" else folder / name
    make(path)
    everybody_goes_on(line)
    assert run(line, "sessions").code == 0


FACTS = [
    "[]", "null", "", "7", "[" * 100_000, '{"id": "trouble1"}', "\xff",
    *(
        json.dumps({key: value})
        for key, value in (
            ("id", "../../up"), ("id", 5), ("tag", "a b"), ("state", "odd"), ("state", []),
            ("branch", {}), ("base", 5), ("base", {"version": 1}), ("worktree", 5), ("process", {}),
            ("process", {"pid": "1"}), ("budget", 10**400), ("budget", "x"), ("renames", ["x"]),
            ("older", {"inst_001": 5}), ("last", {"seal": 7}), ("last", [1]), ("earlier", 5),
            ("earlier", ["undo"]), ("last", {"seal": "x", "undo": {}}), ("merging", "x"),
            ("last", {"seal": "x", "answer": {"session": 5}}), ("next", {}), ("next", "x"),
            ("previous_ids", "x"), ("previous_ids", [5]), ("transcript", 5), ("command", "no"),
            ("untold", 5), ("author", 5), ("claude", []), ("hooked", 3),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("text", FACTS, ids=lambda text: text[:40])
@pytest.mark.usefixtures("home")
def test_facts_of_every_odd_kind_are_passed_over(line, text):
    """What a session.json says otherwise than this program writes it is told, and no more."""
    folder = begun(line, "trouble1", state="ended")
    path = folder / "session.json"
    said = json.loads(path.read_text())
    odd = {**said, **json.loads(text)} if text.startswith('{"') else text
    path.write_bytes((odd if isinstance(odd, str) else json.dumps(odd)).encode("latin-1"))
    if text == '{"id": "trouble1"}':
        path.write_text(text)
    for words in (("start", "--id", "fine1111"), ("sessions",), ("end", "--session", "fine1111")):
        ran = run(line, *words)
        assert ran.code == 0, (words, ran)
    told_once(line, "trouble1")


@pytest.mark.usefixtures("home")
def test_a_folder_of_another_account_is_closed_and_stops_nobody(line):
    """Real processes that modes bind: the folder can neither be listed nor entered."""
    folder = begun(line, "trouble1")
    folder.chmod(0)
    try:
        everybody_goes_on(line, run_closed)
        told_once(line, "trouble1", run_closed)
        said = json.dumps({"hook_event_name": "SessionStart", "session_id": "agent111",
                           "cwd": str(line), "source": "startup"})  # fmt: skip
        hooked = run_closed(line, "hook", text=said)
        assert hooked.code == 0 and "inst_001" in hooked.out, hooked
    finally:
        folder.chmod(0o700)
    assert tool(line, "end", "--session", "trouble1")["outcome"] == "clean"


@pytest.mark.parametrize("where", ["worktree", "copy", "journal", "session.json"])
def test_what_is_closed_of_a_session_stops_nobody(line, tmp_path, where):
    """Its worktree is in somebody's home, or one of its files is not to be read."""
    folder = begun(line, "trouble1")
    if where == "worktree":
        closed = tmp_path / "private"
        (closed / "tree").mkdir(parents=True)
        facts = json.loads((folder / "session.json").read_text())
        facts["worktree"] = str(closed / "tree")
        (folder / "session.json").write_text(json.dumps(facts))
    else:
        names = {"copy": "instruction-history.json", "journal": "journal.jsonl"}
        closed = folder / names.get(where, where)
    closed.chmod(0)
    try:
        everybody_goes_on(line, run_closed)
        ran = run_closed(line, "sessions")
        assert ran.code == 0
        assert "nobody seems to work in it" not in ran.out
    finally:
        closed.chmod(0o700)


@pytest.mark.parametrize("state", ["open", "ended"])
@pytest.mark.usefixtures("home")
def test_an_odd_journal_line_is_told_once_and_put_beside_by_doctor(line, state):
    """It is valid JSON, and says nothing: the session itself is merged all the same."""
    folder = begun(line, "trouble1", state=state)
    path = folder / "journal.jsonl"
    with path.open("a") as file:
        file.write(json.dumps(ODD) + "\n")
    told_once(line, "trouble1") if state == "open" else None
    everybody_goes_on(line)
    tool(line, "end", "--session", "trouble1")
    assert "trouble1 adds." in texts(line).values()
    assert tool(line, "doctor", "--fix")["mended"]
    assert json.loads((folder / "journal.damaged").read_text()) == ODD


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**400), "\ud800", "edit", "inst_001", "2025-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = ("event", "at", "instruction", "paths", "why", "author", "tokens", "window", "model",
        "percentage", "subagent", "budget", "reason")  # fmt: skip
EVENTS = ("edit", "start", "end", "resume", "context", "checkpoint", "tool", "failure", "prompt",
          "compacted", "api-error", "merge")  # fmt: skip
lines = st.dictionaries(st.sampled_from(KEYS), anything, max_size=8) | st.builds(
    lambda kind, more: {**more, "event": kind},
    st.sampled_from(EVENTS),
    st.dictionaries(st.sampled_from(KEYS), anything, max_size=8),
)


@given(st.lists(lines, max_size=5))
@example([ODD])
@example([{"event": "context", "tokens": 10**400}, {"event": "edit", "at": {}, "paths": {}}])
def test_any_objects_may_be_a_journal(found):
    """LAW: its notes are texts, its numbers are numbers, whatever objects the lines are."""
    for (name, path), note in journal.said(found, "then").items():
        assert all(isinstance(x, str) for x in (name, *path, note.at, note.why, note.author))
        assert note.at == "then" or journal.is_moment(note.at)
    numbers = fold("s", found)
    assert numbers.ratio is None or numbers.ratio >= 0
    assert isinstance(journal.is_ended(found), bool)
    assert all(isinstance(journal.is_odd(event), bool) for event in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(lines, min_size=1, max_size=5), st.sampled_from(["open", "ended"]))
@example([ODD], "ended")
@pytest.mark.slow
def test_no_journal_stops_anybody(line, found, state):
    """LAW: whatever objects a session's journal has, others start and end, and it is merged."""
    folder = line / ".git/tractatus/sessions/trouble1"
    if not folder.exists():
        begun(line, "trouble1")
    path = folder / "journal.jsonl"
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in found))
    facts = json.loads((folder / "session.json").read_text())
    (folder / "session.json").write_text(json.dumps({**facts, "state": state}))
    for words in (("start", "--id", "fine1111"), ("sessions",), ("status",), ("metrics",),
                  ("end", "--session", "fine1111"), ("end", "--session", "trouble1")):  # fmt: skip
        ran = run(line, *words)
        assert ran.code == 0, (words, ran)
    with_doctor = run(line, "doctor")
    assert with_doctor.code in (0, 1), with_doctor
    open_repository(line).close()
