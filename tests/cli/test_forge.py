"""The forge's side: the comment on a pull request, and what the action's script does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check import VIEW, add, commit, drop
from tests.conftest import ROOT, git
from tests.tool import run, tool

EVIL = "See [here](http://x.example) | <img src=x> @everyone #1 `rm`\n## Title \x1b[31m"


@pytest.fixture
def asked(line: Path) -> Path:
    """A pull request: `feature` edits inst_001 in a session, adds one, and drops inst_002."""
    git(line, "switch", "--quiet", "--create", "feature")
    tool(line, "edit", "inst_001", "--set", "active=false", "--why", "moved | away")
    tool(line, "add", EVIL, "--id", "inst_050")
    git(line, "commit", "--quiet", "--all", "--message=governance")
    commit(line, drop("inst_002"))
    return line


def test_a_comment_tells_what_lands_with_who_and_why(asked):
    """Lost in bold, added, retired; session, person and reason; the same for commits and ranges."""
    said = run(asked, "diff", "--format=markdown", "main", "feature").out
    assert said.startswith("<!-- tractatus-merge -->\n")
    assert "- **lost: inst\\_002**" in said
    (retired,) = [line for line in said.splitlines() if line.startswith("| retired")]
    assert "inst\\_001: active: true → false" in retired
    assert "Jo Baker, session" in retired
    assert retired.endswith("| moved \\| away |")
    assert sum(line.startswith("| added | inst\\_050") for line in said.splitlines()) == 1
    assert run(asked, "diff", "--format=markdown", "main...feature").out == said
    assert run(asked, "diff", "--format=markdown", "main..feature").out == said


def test_a_text_in_a_comment_is_only_text(asked):
    """No link, no mention, no HTML, no new line, no escape."""
    said = run(asked, "diff", "--format=markdown", "main", "feature").out
    (line,) = [line for line in said.splitlines() if line.startswith("| added")]
    assert "\\[here\\]\\(http\\://x\\.example\\) \\| &lt;img src\\=x&gt;" in line
    assert "&#64;&#8203;everyone \\#&#8203;1" in line
    for raw in ("@everyone", "<img", "](", "`rm`", " #1", "\x1b", "http://"):
        assert raw not in line, raw


def test_open_conflicts_stand_in_the_comment(repo):
    """And no change is said to be none."""
    tool(repo, "init")
    for name in ("alpha111", "beta2222"):
        tool(repo, "start", "--id", name)
        tool(repo, "edit", "inst_002", "--set", f"text={name}", "--session", name)
    tool(repo, "end", "--session", "alpha111")
    (found,) = tool(repo, "end", "--session", "beta2222", code=1)["conflicts"]
    said = run(repo, "diff", "--format=markdown", "HEAD", "HEAD").out
    assert "No instruction changes." in said
    assert f"conflict {found}: inst\\_002 text" in said


def test_what_is_no_commit_is_refused(asked):
    """With the name, exit 2."""
    ran = run(asked, "diff", "--format=markdown", "main", "no-such")
    assert (ran.code, "'no-such'" in ran.err) == (2, True)
    assert run(asked, "diff", "main", "feature", "--format=json").json["changes"]


GH = """#!/bin/sh
echo "$@" >>"$GH_LOG"
case "$*" in *--jq*) cat "$GH_KNOWN" ;; *body=@*) cp "${7#body=@}" "$GH_LOG.body" 2>/dev/null;; esac
"""


def acted(asked: Path, tmp_path: Path, known: str) -> subprocess.CompletedProcess[str]:
    """The action's script in a shallow clone, with a stand-in for gh."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "gh").write_text(GH)
    (tools / "tractatus-merge").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m tractatus_merge "$@"\n'
    )
    for path in tools.iterdir():
        path.chmod(0o755)
    (tmp_path / "known").write_text(known)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=feature", f"file://{asked}", "clone")
    shas = [git(asked, "rev-parse", name).strip() for name in ("main", "feature")]
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GH_TOKEN": "x",
        "GITHUB_REPOSITORY": "o/r",
        "GH_LOG": str(tmp_path / "log"),
        "GH_KNOWN": str(tmp_path / "known"),
    }
    words = ["bash", str(ROOT / ".ci" / "pull-request"), *shas, "7"]
    return subprocess.run(
        words, cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("known", ["", "42"])
def test_the_action_judges_and_keeps_one_comment(asked, tmp_path, known):
    """In a shallow clone with a stand-in for gh: it fetches, annotates, fails, posts or patches."""
    done = acted(asked, tmp_path, known)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(f"::error file={VIEW},title=lost::inst_002")
    calls = (tmp_path / "log").read_text()
    assert ("--method PATCH repos/o/r/issues/comments/42" in calls) == bool(known)
    assert ("--method POST repos/o/r/issues/7/comments" in calls) != bool(known)


def test_the_action_annotates_a_file_that_cannot_be_read(asked, tmp_path):
    """The comment says so, and the check goes on."""
    (asked / VIEW).write_text("[\n<<<<<<< x\n]")
    git(asked, "commit", "--quiet", "--all", "--message=markers")
    done = acted(asked, tmp_path, known="")
    assert done.returncode == 1
    assert f"::error file={VIEW},line=2,title=conflict-markers" in done.stdout


def test_the_action_passes_a_faithful_request(asked, tmp_path):
    """Exit 0 and no comment without a token."""
    commit(asked, add("inst_002"))
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(asked), "clone")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "tractatus-merge").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m tractatus_merge "$@"\n'
    )
    (tools / "tractatus-merge").chmod(0o755)
    shas = [git(asked, "rev-parse", name).strip() for name in ("main", "feature")]
    environment = {
        **os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)
    }  # fmt: skip
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "pull-request"), *shas, "7"],
        cwd=clone, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
