"""A git that is killed, or that ends before it has answered: an error, and never taken for an answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import run, tool
from tractatus_merge.errors import StoreError
from tractatus_merge.git import plumbing
from tractatus_merge.git.plumbing import Plumbing

REAL = shutil.which("git")
READER = f"""#!/bin/sh
case "$*" in
*cat-file*) head -n 2 | {REAL} "$@" | head -c {{bytes}}; exec kill -9 $$ ;;
*) exec {REAL} "$@" ;;
esac
"""
"""A git of which the process that reads is killed after so many bytes of its answer."""
KILLED = f"""#!/bin/sh
case "$*" in *{{verb}}*) exec kill -9 $$ ;; *) exec {REAL} "$@" ;; esac
"""
SAID = "killed by signal 9"


@pytest.fixture
def dies(tmp_path, monkeypatch):
    """Have this script be git from now on."""

    def begin(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "git").write_text(script)
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return begin


@pytest.fixture
def opened(repo):
    """The plumbing of the repository, ended with the test."""
    made = Plumbing(plumbing.discover(repo))
    yield made
    made.close()


QUESTIONS = {
    "read": lambda git: git.read("HEAD"),
    "blobs": lambda git: git.blobs(["HEAD:README.md"]),
    "all_there": lambda git: git.all_there(["HEAD"]),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("size", [0, 1, 30])
def test_a_reader_that_is_killed_has_not_answered(dies, opened, question, size):
    """Before its answer, or in the middle of a line: not 'there is none', nor 'all are there'."""
    dies(READER.format(bytes=size))
    with pytest.raises(StoreError, match="git could not read 'HEAD") as told:
        question(opened)
    assert SAID in told.value.sentence
    assert told.value.hint == "git fsck"


def test_of_an_object_that_was_cut_off_nothing_is_taken(repo, dies, opened):
    """A tree without its last entries would be a tree: at each length but the whole it is refused."""
    whole = subprocess.run(
        ["git", "cat-file", "--batch"], input=b"HEAD^{tree}\n", cwd=repo, capture_output=True,
        check=True,
    ).stdout  # fmt: skip
    assert whole.endswith(b"\n")
    for size in range(len(whole)):
        dies(READER.format(bytes=size))
        with pytest.raises(StoreError, match=SAID):
            opened.read("HEAD^{tree}")
    dies(READER.format(bytes=len(whole)))
    found = opened.read("HEAD^{tree}")
    assert found is not None and whole.endswith(found.content + b"\n")


def test_a_reader_that_was_killed_is_followed_by_another(dies, opened, monkeypatch):
    """The next question is answered."""
    path = os.environ["PATH"]
    dies(READER.format(bytes=0))
    with pytest.raises(StoreError):
        opened.read("HEAD")
    monkeypatch.setenv("PATH", path)
    assert opened.read("HEAD") is not None


def test_a_reader_that_was_killed_between_two_questions_is_followed_by_another(opened):
    """As by the kernel, where memory is short."""
    assert opened.read("HEAD") is not None
    reader = opened._reader
    os.kill(reader.pid, signal.SIGKILL)
    os.waitid(os.P_PID, reader.pid, os.WEXITED | os.WNOWAIT)
    assert opened.read("HEAD") is not None


@pytest.mark.parametrize(
    "words", [("rev-parse", "--verify", "--quiet", "refs/none"), ("merge-base", "HEAD", "HEAD")]
)
def test_a_command_that_is_killed_says_neither_yes_nor_no(dies, opened, words):
    """In the repository, or in its worktree."""
    dies(KILLED.format(verb=words[0]))
    for ask in (opened.run, opened.in_worktree):
        with pytest.raises(StoreError, match=f"git {words[0]} failed: it was {SAID}"):
            ask(*words)


def test_what_is_not_read_to_its_end_is_no_failure(opened):
    """That command we end ourselves."""
    lines = opened.stream("cat-file", "--batch-all-objects", "--batch")
    assert next(lines)
    lines.close()


ONCE = f"""#!/bin/sh
case "$*" in
*cat-file*)
    echo >>"{{count}}"
    test "$(wc -l <"{{count}}")" = {{number}} || exec {REAL} "$@"
    {{work}}
    exec kill -9 $$ ;;
*) exec {REAL} "$@" ;;
esac
"""
"""A git whose reader of that number is killed at some time."""
WORK = (
    "sed -u 2q >/dev/null",
    f'sed -u 2q | {REAL} "$@" | head -c 40',
    *(f'sed -u {lines}q | {REAL} "$@"' for lines in (2, 4, 6, 8, 12, 20, 60)),
)
"""What it does before: it hears a question; it answers a part; it answers so many lines."""


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("words", ["status", "log", "start --session late", "end --session one"])
def test_what_a_killed_reader_did_not_say_is_not_missing(
    line, tmp_path, monkeypatch, dies, words, number
):
    """No head is stepped back from, and no version counts as gone, whichever answer is lost."""
    tool(line, "start", "--session", "one")
    tool(line, "add", "A rule", "--id", "inst_900", "--session", "one")
    tool(line, "start", "--session", "two")
    tool(line, "add", "Another", "--id", "inst_901", "--session", "two")
    tool(line, "end", "--session", "two")
    tip = git(line, "rev-parse", "tractatus/history").strip()
    path = os.environ["PATH"]
    for work in WORK:
        (tmp_path / "count").unlink(missing_ok=True)
        dies(ONCE.format(count=tmp_path / "count", number=number, work=work))
        ran = run(line, *words.split())
        assert ran.code == 0 or (ran.code == 3 and "git could not read" in ran.err), ran
        assert "damaged" not in ran.out + ran.err
        monkeypatch.setenv("PATH", path)
        git(line, "merge-base", "--is-ancestor", tip, "tractatus/history")
    shown = {each["id"] for each in tool(line, "list")["instructions"]}
    assert "inst_901" in shown and ("inst_900" in shown) == words.startswith("end")
    assert git(line, "reflog", "tractatus/history", "--format=%H").count(tip) == 1


VERBS = ("status", "list", "log", "show inst_001", "blame inst_001", "diff", "conflicts", "check")


@pytest.mark.parametrize("words", [*VERBS, "start", "merge", "end", "sync"])
def test_a_verb_of_which_git_is_killed_fails(line, dies, words):
    """With 3 and git's fate: not with 1, which means that a person is needed, and not in silence."""
    tool(line, "start", "--session", "one")
    tool(line, "add", "A rule", "--session", "one")
    git(line, "remote", "add", "origin", str(line))
    before = files_of(line)
    dies(READER.format(bytes=0))
    ran = run(line, *words.split())
    assert ran.code == 3, ran
    assert ran.err.startswith("error: git could not read ")
    assert SAID in ran.err
    assert files_of(line) == before


def files_of(folder: Path) -> dict[str, bytes]:
    """The history, the session's copy and the file."""
    copies = folder.glob(".git/tractatus/sessions/*/instruction-history.json")
    refs = (folder / ".git/refs/heads").rglob("*")
    view = folder / ".claude/instruction-history.json"
    found = [view, *copies, *(path for path in refs if path.is_file())]
    return {str(path): path.read_bytes() for path in found}
