"""Every place where people run git: worktrees, hooks, odd clones. Real processes, real git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tool import texts, tool

VIEW = ".claude/instruction-history.json"
ALLOWED = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"}


def git(folder: Path, *words: str, **environment: str) -> str:
    """Run git and give back what it printed."""
    env = {**os.environ, **environment}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def process(folder: Path, *words: str, code: int = 0, **environment: str):
    """Run the program as a process of its own, with --json."""
    command = [sys.executable, "-m", "tractatus_merge", *words, "--json"]
    env = {**os.environ, **environment}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def a_session(folder: Path) -> None:
    """The main job in a place: start, add, end; the instruction is there, git is undisturbed."""
    before = git(folder, "status", "--porcelain")
    tool(folder, "init")
    tool(folder, "start", "--id", "alpha111")
    new = tool(folder, "add", "From here", "--session", "alpha111")["id"]
    tool(folder, "end", "--session", "alpha111")
    assert texts(folder)[new] == "From here"
    after = git(folder, "status", "--porcelain")
    assert set(after.splitlines()) - set(before.splitlines()) <= {f" M {VIEW}"}
    said = git(folder, "fsck", "--no-dangling")
    assert "error" not in said


def test_a_linked_worktree_shares_the_history(repo, tmp_path):
    """What a session of one worktree published is in force in all."""
    tree = tmp_path / "tree"
    git(repo, "worktree", "add", "--quiet", str(tree))
    a_session(tree)
    assert "From here" in texts(repo).values()


def test_a_bare_clones_worktree(repo, tmp_path):
    """A worktree of a bare repository works as any other."""
    bare, tree = tmp_path / "bare.git", tmp_path / "tree"
    git(repo, "clone", "--quiet", "--bare", ".", str(bare))
    git(bare, "worktree", "add", "--quiet", str(tree), "main")
    a_session(tree)


def test_no_git_and_a_broken_configuration(repo, tmp_path):
    """Each is told by what it is, in two lines: only who has no git is sent to get it."""

    def told(**environment: str) -> str:
        command = [sys.executable, "-m", "tractatus_merge", "status"]
        env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        done = subprocess.run(
            command, cwd=repo, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 3 and len(done.stderr.splitlines()) == 2, done.stderr
        return done.stderr

    for mode in (None, 0o644):
        if mode is not None:
            (tmp_path / "git").touch(mode)
        assert "apt-get install git" in told(PATH=str(tmp_path))
    broken = tmp_path / "broken"
    broken.write_text("[user\n")
    said = told(GIT_CONFIG_GLOBAL=str(broken))
    assert "bad config line 1" in said and "apt-get" not in said


def test_a_subfolder(repo):
    """Any folder of the work tree will do."""
    (repo / "src" / "deep").mkdir(parents=True)
    a_session(repo / "src" / "deep")


def test_a_repository_without_a_commit(tmp_path):
    """No commit is needed, and none is made on the branch the user is on."""
    git(tmp_path, "init", "--quiet", "fresh")
    a_session(tmp_path / "fresh")
    words = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(words, cwd=tmp_path / "fresh", capture_output=True, check=False)
    assert done.returncode != 0


def test_a_detached_head(repo):
    """HEAD may point anywhere."""
    git(repo, "checkout", "--quiet", "--detach")
    a_session(repo)


def test_a_sha256_repository(tmp_path):
    """Object ids may be longer."""
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "big")
    a_session(tmp_path / "big")
    assert len(tool(tmp_path / "big", "status")["head"]) == 64


@pytest.mark.parametrize("how", [("--depth=1",), ("--filter=blob:none",), ("--sparse",)])
def test_shallow_partial_and_sparse_clones(repo, tmp_path, how):
    """The history that was shared before such a clone was made is adopted and gone on with."""
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(repo, "config", "uploadpack.allowAnySHA1InWant", "true")
    tool(repo, "init")
    tool(repo, "add", "Before the clone")
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", "--no-single-branch", *how, f"file://{repo}", str(other))
    a_session(other)
    assert "Before the clone" in texts(other).values()


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("words", [(), ("-a",), ("--", "README.md")])
def test_inside_a_git_hook(repo, tmp_path, linked, words):
    """With the environment that git sets around a hook, nothing but the history is touched."""
    folder = repo
    tool(repo, "init")
    if linked:
        folder = tmp_path / "tree"
        git(repo, "worktree", "add", "--quiet", str(folder))
    tool(folder, "start", "--id", "alpha111")
    tool(folder, "add", "From a hook", "--session", "alpha111")
    hook = repo / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    python = f"{sys.executable} -m tractatus_merge"
    hook.write_text(f"#!/bin/sh\ncd /\ncd {folder}\n{python} end --session alpha111 >&2\n")
    hook.chmod(0o755)
    (folder / "README.md").write_text("changed\n")
    if not words:
        git(folder, "add", "README.md")
    git(folder, "commit", "--quiet", "-m", "with a hook", *words, PYTHONPATH=str(Path.cwd()))
    assert git(folder, "show", "--stat", "--format=%s").split("\n")[2].startswith(" README.md")
    assert "From a hook" in texts(folder).values()
    git(folder, "fsck")


def test_beside_a_busy_index(repo):
    """A lock on the index belongs to somebody else: the history goes on, the view waits."""
    tool(repo, "init")
    (repo / ".git/index.lock").write_text("")
    tool(repo, "add", "One")
    assert "One" in texts(repo).values()
    assert (repo / ".git/index.lock").exists()


def loaded_by(folder: Path, *lines: str) -> set[str]:
    """The packages that one process has loaded after these commands."""
    code = (
        "import sys; from tractatus_merge.cli import main\n"
        "for line in sys.argv[1:]: assert main(line.split()) == 0, line\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *lines]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_an_end_loads_nothing_it_does_not_need(repo):
    """No DeepDiff, no database, no web, no terminal library on the path of every session."""
    tool(repo, "init")
    tool(repo, "start", "--id", "alpha111")
    tool(repo, "edit", "inst_001", "--set", "text=x", "--session", "alpha111")
    loaded = loaded_by(repo, "end --session alpha111")
    heavy = {"deepdiff", "pydantic", "sqlalchemy", "pymongo", "redis", "rich", "textual", "http"}
    assert not loaded & (heavy | {"asyncio", "jinja2", "starlette", "difflib", "click"})
    assert "click" in loaded_by(repo, "status")


def test_every_day_starts_git_itself(repo):
    """No verb of a session's life, and no gate, waits until GitPython is loaded."""
    tool(repo, "init")
    git(repo, "add", "--all")
    lines = ("start --id alpha111", "add x", "status", "list", "check --staged", "check HEAD")
    loaded = loaded_by(repo, *lines, "end --session alpha111")
    assert "click" in loaded and not loaded & {"git", "gitdb", "smmap"}


def test_it_is_a_git_command_too(repo):
    """`git tractatus` runs the same program."""
    folder = str(Path(sys.executable).parent)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    assert "tractatus-merge" in git(repo, "tractatus", "--version", PATH=path)


def test_the_demo_shows_a_loss_and_none(tmp_path):
    """The demo runs by itself, in ten seconds, and says which instruction is lost today."""
    done = subprocess.run(
        [sys.executable, "-m", "tractatus_merge", "demo"],
        cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    first = done.stdout.splitlines()[:6]
    assert sum("LOST, silently" in line for line in first) == 2
    assert sum("kept, as inst_019_" in line for line in first) == 1
    assert sum("waits for a person: conflict" in line for line in first) == 1
    assert "$ git log --graph tractatus/history" in done.stdout
    assert list(tmp_path.iterdir()) == []
