"""Where people look: what tells them that a conflict is new."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tool import run, tool
from tests.web.scene import edit, end, start
from tractatus_merge.agents import hook_actions
from tractatus_merge.repository import notify

SETTINGS = ".claude/tractatus.toml"


def notified(repo: Path, *words: str) -> Path:
    """Have the words run; a program that writes down what it was told, where there are none."""
    told = repo.parent / "told.json"
    writing = (
        f"import sys; open({str(told)!r}, 'a').write(sys.argv[1] + chr(10) + sys.stdin.read())"
    )
    words = words or (sys.executable, "-c", writing, "{message}")
    (repo / SETTINGS).write_text(f"[notify]\ncommand = {json.dumps(words)}\n")
    return told


def torn(repo: Path, *fields: str) -> None:
    """Two sessions that disagree about these fields; neither has ended."""
    tool(repo, "init")
    for name in ("one", "two"):
        start(repo, name)
        edit(repo, name, "inst_002", *(f"{field}={name}" for field in fields))


def test_the_last_lines_of_an_end_tell_how_many_are_new(repo):
    """One by its id; of more the plain review, which asks the gravest first."""
    torn(repo, "text", "extra")
    tool(repo, "end", "--session", "one")
    lines = run(repo, "end", "--session", "two").out.splitlines()
    assert lines[-2] == "2 new conflicts (the gravest: CRITICAL): a person settles them with"
    assert lines[-1] == "tractatus-merge review"


def test_a_command_is_told_of_new_conflicts_once(repo):
    """A sentence without anybody's words as an argument, the facts as JSON; no shell."""
    told = notified(repo)
    torn(repo, "text")
    tool(repo, "end", "--session", "one")
    assert not told.exists(), "a clean end tells nobody"
    run(repo, "end", "--session", "two")
    (found,) = tool(repo, "conflicts")["conflicts"]
    message, facts = told.read_text().splitlines()
    assert message == f"1 new conflict for a person: tractatus-merge review {found['id']}"
    assert json.loads(facts) == {
        "message": message,
        "command": f"tractatus-merge review {found['id']}",
        "conflicts": [found["id"]],
        "repository": str(repo),
    }
    start(repo, "late")
    edit(repo, "late", "inst_002", "text=late")
    run(repo, "end", "--session", "late")  # a side more of the same conflict
    assert len(told.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("/nowhere/at-all",), "cannot be run"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with 3"),
        (("a\u0000b",), "cannot be run"),
    ],
)
def test_a_command_that_fails_fails_nothing(repo, words, why):
    """The verb does what it does, and a note says what went wrong."""
    notified(repo, *words)
    torn(repo, "text")
    tool(repo, "end", "--session", "one")
    ended = run(repo, "end", "--session", "two")
    assert ended.code == 1
    assert "conflict" in ended.out
    assert why in ended.err


def test_a_command_that_does_not_end_is_ended(repo, monkeypatch):
    """With all that it started."""
    monkeypatch.setattr(notify, "LIMIT", 0.3)
    pipe = repo.parent / "pipe"
    os.mkfifo(pipe)
    notified(repo, "sh", "-c", f"(sleep 5; echo late) >{pipe} & wait")
    torn(repo, "text")
    tool(repo, "end", "--session", "one")
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as held:
        assert "took over 0.3 seconds" in run(repo, "end", "--session", "two").err
        os.set_blocking(held.fileno(), True)
        assert held.read() == b""  # nobody holds its other end


def test_a_settings_file_that_was_committed_starts_nothing(repo, monkeypatch):
    """Else to clone a repository would be to run what it says; the environment allows it."""
    told = notified(repo)
    subprocess.run(["git", "add", "-f", SETTINGS], cwd=repo, check=True)
    torn(repo, "text", "extra")
    tool(repo, "end", "--session", "one")
    ended = run(repo, "end", "--session", "two")
    assert "TRACTATUS_NOTIFY=on allows it" in ended.err
    assert not told.exists()
    monkeypatch.setenv("TRACTATUS_NOTIFY", "on")
    for name in ("four", "five"):
        start(repo, name)
        edit(repo, name, "inst_001", f"extra={name}")
    end(repo, "four", "five")
    assert told.exists()


@pytest.mark.parametrize("wrong", ['"notify-send"', "[]", "[1]", '["a", true]'])
def test_only_a_list_of_words_is_a_command(repo, wrong):
    """A line of shell is refused with the settings, before anything is done."""
    (repo / SETTINGS).write_text(f"[notify]\ncommand = {wrong}\n")
    refused = run(repo, "init")
    assert refused.code in {2, 3}
    assert "[notify] command" in refused.err


def test_a_hook_does_not_wait_for_the_command(repo):
    """It is run by a process of its own, with the same limit."""
    told, left = repo.parent / "told", repo.parent / "left"
    waits = f"until test -e {left}; do sleep 0.05; done; cat >{told}"
    notify.leave(notify.Notice(("sh", "-c", waits), str(repo), "words"))
    assert not told.exists()
    left.touch()
    began = time.monotonic()
    while not (told.exists() and told.read_text() == "words"):
        assert time.monotonic() - began < 20
        time.sleep(0.05)


def test_the_status_line_says_how_many_are_new_since_the_session_began(repo):
    """A session that began later counts them as old."""
    torn(repo, "text")
    start(repo, "watching")
    end(repo, "one", "two")
    start(repo, "later")
    assert hook_actions.standing(str(repo), "watching").endswith("1 conflict (1 new)")
    assert hook_actions.standing(str(repo), "later") == "1 conflict"


def test_what_a_hook_merges_is_told_too(repo):
    """The session's end event is there: the hook's child merges it, and has the command run."""
    told = notified(repo)
    torn(repo, "text")
    tool(repo, "end", "--session", "one")
    journal = repo / ".git/tractatus/sessions/two/journal.jsonl"
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"event": "end", "at": "2026-01-01T00:00:00.000Z"}) + "\n")
    hook_actions.finish(str(repo), "two")
    began = time.monotonic()
    while not (told.exists() and "conflicts" in told.read_text()):
        assert time.monotonic() - began < 20
        time.sleep(0.05)


@pytest.mark.slow
def test_a_commit_tells_of_conflicts_that_are_new_since_the_last(repo):
    """One line, once; nothing of those that were told before."""
    torn(repo, "text", "extra")
    tool(repo, "install", "--agent", "none")

    def committed() -> str:
        (repo / "code.txt").write_text(str(time.monotonic_ns()))
        done = subprocess.run(
            "git add code.txt && git commit -m code", shell=True, cwd=repo, capture_output=True, check=True, text=True
        )  # fmt: skip
        return "".join(line for line in done.stderr.splitlines() if "conflict" in line)

    assert committed() == ""
    end(repo, "one", "two")
    assert committed() == "tractatus: 2 new conflicts: tractatus-merge review"
    assert committed() == ""
    tool(repo, "resolve", "--all", "--take", "2")
    assert committed() == ""
    for name in ("four", "five"):
        start(repo, name)
        edit(repo, name, "inst_001", f"extra={name}")
    end(repo, "four", "five")
    assert committed() == "tractatus: 1 new conflict: tractatus-merge review"
