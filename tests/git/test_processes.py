"""Git that is started before it is needed: once, by whoever needs it, and never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tool import texts, tool
from tractatus_merge.errors import StoreError
from tractatus_merge.git import processes
from tractatus_merge.git.processes import PLACES, QUIET, Early

PROGRAM = [sys.executable, "-m", "tractatus_merge"]
WRAPPER = """#!/bin/sh
printf '%s\\n' "$$ $*" >>"{log}"
exec "{git}" "$@"
"""


@pytest.fixture
def early():
    """Processes, ended with the test."""
    made = Early()
    yield made
    made.end()


def test_a_process_is_given_to_who_needs_the_same_and_once(repo, early):
    """Another folder, other words or another environment are another process."""
    early.begin(str(repo), PLACES, QUIET)
    early.begin(str(repo), PLACES, QUIET)  # there is one already
    for folder, words, env in (
        (str(repo.parent), PLACES, QUIET),
        (str(repo), PLACES[:-1], QUIET),
        (str(repo), PLACES, {**QUIET, "GIT_DIR": "elsewhere"}),
    ):
        assert early.taken(folder, words, env) is None
    process = early.taken(str(repo), PLACES, QUIET)
    assert process is not None
    assert process.communicate()[0].decode().startswith(str(repo))
    assert early.taken(str(repo), PLACES, QUIET) is None


def test_what_nobody_asks_moves_nothing_and_is_over(line, early):
    """A ref that was to be moved stays, for git was never told where to."""
    words = ("update-ref", "--create-reflog", "-m", "none", "--stdin")
    before = subprocess.run(["git", "-C", line, "show-ref"], capture_output=True, check=True).stdout
    early.begin(str(line), words, QUIET)
    process = early.taken(str(line), words, QUIET)
    early.begin(str(line), words, QUIET)
    early.end()
    assert process is not None and process.communicate() == (b"", b"")
    after = subprocess.run(["git", "-C", line, "show-ref"], capture_output=True, check=True).stdout
    assert before == after


def test_that_git_cannot_be_run_is_told_by_who_needs_it(repo, early, monkeypatch):
    """Whoever starts it ahead says nothing."""
    monkeypatch.setenv("PATH", "/nowhere")
    early.begin(str(repo), PLACES, QUIET)
    assert early.taken(str(repo), PLACES, QUIET) is None
    with pytest.raises(StoreError, match="no git"):
        processes.start(str(repo), PLACES, QUIET)


@pytest.fixture
def traced(line, tmp_path):
    """Run the program with a git that notes what it is asked: the words of each process."""
    log, folder = tmp_path / "asked", tmp_path / "bin"
    folder.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout
    (folder / "git").write_text(WRAPPER.format(log=log, git=real.strip()))
    (folder / "git").chmod(0o755)

    def run(*words: str, cwd: Path = line, **more: str) -> list[list[str]]:
        log.write_text("")
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **more}
        subprocess.run([*PROGRAM, *words], cwd=cwd, env=env, check=True, capture_output=True)
        asked = [row.split() for row in log.read_text().splitlines()]
        for number, *_ in asked:
            assert not Path("/proc", number).exists(), "it was left behind"
        return [row[1:] for row in asked]

    return run


def verbs(asked: list[list[str]]) -> list[str]:
    """What git was asked, less its own options."""
    known = ("rev-parse", "cat-file", "config", "update-ref", "ls-files", "var", "merge-base")
    return [next(word for word in row if word in known) for row in asked]


def test_no_process_is_started_twice(line, traced):
    """An `end` starts five, whichever folder it is told or typed in; a look two."""
    for name in ("one", "two", "three"):
        tool(line, "start", "--id", name)
        tool(line, "add", f"Rule {name}", "--session", name)
    five = ["cat-file", "config", "ls-files", "rev-parse", "update-ref"]
    assert sorted(verbs(traced("end", "--session", "one"))) == five
    assert sorted(verbs(traced("-C", str(line), "end", "--session", "two"))) == five
    below = line / "src"
    below.mkdir()
    assert sorted(verbs(traced("end", "--session", "three", cwd=below))) == five
    assert sorted(verbs(traced("list"))) == ["cat-file", "rev-parse"]
    assert {"Rule one", "Rule two", "Rule three"} <= set(texts(line).values())


def test_what_a_git_hook_says_is_believed(line, traced, tmp_path):
    """It has named the repository: nothing is started ahead, which would look for another."""
    tool(line, "add", "A rule of this repository")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run(["git", "init", "-q", elsewhere], check=True)
    said = {"GIT_DIR": str(line / ".git"), "GIT_WORK_TREE": str(elsewhere)}
    asked = traced("list", cwd=elsewhere, **said)
    assert [sum(word in row for row in asked) for word in ("rev-parse", "cat-file")] == [1, 1]
    tool(elsewhere, "list", code=2)


@pytest.mark.parametrize("words", [("--help",), ("help", "end"), ("--version",)])
def test_what_needs_no_repository_starts_no_git(traced, words):
    """Help is told wherever one is."""
    assert traced(*words) == []
