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


FORGE = """#!/bin/sh
# The comments' address of a forge: GH_MODE says what the token may do there.
echo "$@" >>"$GH_LOG"
refused() { echo '{"message": "Resource not accessible by integration", "status": "403"}'; exit 1; }
case "$GH_MODE" in nothing) refused ;; esac
case "$*" in *--jq*) cat "$GH_KNOWN"; exit 0 ;; esac
case "$GH_MODE" in read) refused ;; esac
while test $# -gt 1; do shift; done
cp "${1#body=@}" "$GH_LOG.body"
"""


class Forge:
    """An imitation: a bare repository, a runner's clone of it, and a token of some kind."""

    def __init__(self, line: Path, folder: Path) -> None:
        self.line, self.folder, self.hub = line, folder, folder / "hub.git"
        git(folder, "clone", "--quiet", "--bare", str(line), "hub.git")
        git(self.hub, "symbolic-ref", "HEAD", "refs/heads/main")
        (folder / "bin").mkdir()
        program = f'#!/bin/sh\nexec "{sys.executable}" -m tractatus_merge "$@"\n'
        for name, text in (("gh", FORGE), ("tractatus-merge", program)):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        (folder / "known").write_text("")
        self.summary = folder / "summary"

    def push(self, *refs: str) -> None:
        """Push to it, as people and its buttons do."""
        git(self.line, "push", "--quiet", "--force", str(self.hub), *refs)

    def known(self, number: str) -> None:
        """A comment that was written earlier."""
        (self.folder / "known").write_text(number)

    def sha(self, name: str) -> str:
        """A commit's id."""
        return git(self.line, "rev-parse", name).strip()

    def act(
        self, base: str, head: str, number: str = "", *, token: str = "write", at: str = "main"
    ) -> tuple[int, str]:
        """What the action's step does in a shallow clone, and whether it commented."""
        clone = self.folder / f"clone{len(list(self.folder.glob('clone*')))}"
        words = ("clone", "--quiet", "--depth=1", f"--branch={at}", f"file://{self.hub}")
        git(self.folder, *words, clone.name)
        log = self.folder / f"{clone.name}.log"
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GH_TOKEN": "" if token == "none" else "x",
            "GH_MODE": token,
            "GH_LOG": str(log),
            "GH_KNOWN": str(self.folder / "known"),
        }
        script = str(ROOT / ".ci/pull-request")
        done = subprocess.run(
            ["bash", script, base, head, number],
            cwd=clone, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        calls = log.read_text() if log.exists() else ""
        said = next((word for word in ("POST", "PATCH") if f"--method {word}" in calls), "")
        self.body = Path(f"{log}.body")
        self.err = done.stderr
        return done.returncode, said


@pytest.fixture
def forge(line: Path, tmp_path: Path) -> Forge:
    """A forge with `lossy` (drops inst_002), `sound` (adds inst_060) and `code`, all from main."""
    for name, change in (("lossy", drop("inst_002")), ("sound", add("inst_060"))):
        git(line, "switch", "--quiet", "--create", name, "main")
        commit(line, change)
    git(line, "switch", "--quiet", "--create", "code", "main")
    (line / "code.py").write_text("1\n")
    git(line, "add", "code.py")
    git(line, "commit", "--quiet", "--message=code")
    git(line, "switch", "--quiet", "main")
    return Forge(line, tmp_path)


BRANCHES = {"lossy": 1, "sound": 0, "code": 0}


@pytest.mark.slow
@pytest.mark.parametrize("token", ["write", "read", "nothing", "none"])
@pytest.mark.parametrize("branch", BRANCHES)
def test_the_verdict_never_depends_on_the_comment(forge, branch, token):
    """A read-only token, 403 from the comments' address, none: the check alone decides."""
    code, said = forge.act(forge.sha("main"), forge.sha(branch), "7", token=token)
    assert code == BRANCHES[branch], forge.err
    assert (said == "POST") == (token in ("write", "read") and branch != "code")
    assert forge.summary.exists() == (branch != "code")  # which is what a fork sees
    forge.known("42\n43\n")
    code, said = forge.act(forge.sha("main"), forge.sha(branch), "7", token=token)
    assert code == BRANCHES[branch], forge.err
    assert (said == "PATCH") == (token in ("write", "read"))


@pytest.mark.slow
@pytest.mark.parametrize("base", ["", "0" * 40, "1" * 40])
@pytest.mark.parametrize("branch", BRANCHES)
def test_without_a_base_it_is_judged_beside_the_default_branch(forge, branch, base):
    """A first push, a run by hand, a base that a forced push has swept away."""
    assert forge.act(base, forge.sha(branch), at=branch) == (BRANCHES[branch], ""), forge.err
    assert forge.act(base, "", at=branch)[0] == BRANCHES[branch], forge.err


@pytest.mark.slow
@pytest.mark.parametrize("base", ["", "0" * 40])
def test_the_default_branch_itself_is_judged_beside_its_own_past(forge, base):
    """Its first push, and a run by hand on it; a branch that was deleted is nothing to judge."""
    assert forge.act(base, forge.sha("main"))[0] == 0, forge.err
    forge.push("lossy:main")
    assert forge.act(base, forge.sha("lossy"))[0] == 1, forge.err
    assert forge.act(forge.sha("main"), "0" * 40)[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("branch", BRANCHES)
@pytest.mark.parametrize("button", ["squash", "rebase", "merge", "queue"])
def test_after_a_button_and_in_a_merge_queue_the_landed_commit_is_judged(forge, branch, button):
    """Each makes other commits of one branch, on a main that has moved; the verdict is one."""
    line, before = forge.line, "main"
    (line / "other.py").write_text("1\n")
    git(line, "add", "other.py")
    git(line, "commit", "--quiet", "--message=other")
    old = forge.sha(before)
    if button == "squash":
        git(line, "merge", "--quiet", "--squash", branch)
        git(line, "commit", "--quiet", "--message=squashed")
    elif button == "rebase":
        git(line, "cherry-pick", branch)
    else:
        git(line, "merge", "--quiet", "--no-ff", "--no-edit", branch)
    to = "gh-readonly-queue/main/pr-7" if button == "queue" else "main"
    if button == "queue":
        forge.push(f"{old}:main")
    forge.push(f"main:{to}")
    for base in (old, "") if button == "queue" else (old,):
        assert forge.act(base, forge.sha("main"), at=to)[0] == BRANCHES[branch], forge.err


@pytest.mark.slow
@pytest.mark.parametrize("branch", BRANCHES)
def test_a_fork_s_commit_is_fetched_by_the_request_s_number(forge, branch, tmp_path):
    """The forge has it under refs/pull alone."""
    forge.push(f"{branch}:refs/pull/7/head")
    for name in BRANCHES:
        git(forge.hub, "branch", "--quiet", "-D", name)
    code, _ = forge.act(forge.sha("main"), forge.sha(branch), "7", token="read")
    assert code == BRANCHES[branch], forge.err


@pytest.mark.slow
def test_three_hundred_rules_fit_into_one_comment(forge):
    """What was lost first; what there is no room for is counted; a long text is cut."""
    git(forge.line, "switch", "--quiet", "--create", "many", "main")
    text = "Keep <b>one</b> @rule in [mind] at all times, whatever happens. " * 4

    def grow(document):
        drop("inst_002")(document)
        for number in range(300):
            document["instructions"].append({"id": f"inst_{number + 100}", "text": text * 9})

    commit(forge.line, grow)
    forge.push("many")
    assert forge.act(forge.sha("main"), forge.sha("many"), "7") == (1, "POST"), forge.err
    body = forge.body.read_text()
    assert len(body.encode()) < 65_536
    assert "**lost: inst\\_002**" in body
    assert " more: see" in body
    assert body.count("| added |") > 20


@pytest.mark.slow
def test_a_repository_without_instructions_passes(forge):
    """The action was there before the first of them."""
    line = forge.line
    git(line, "switch", "--quiet", "--orphan", "bare")
    for number in range(2):
        (line / "code.py").write_text(f"{number}\n")
        git(line, "add", "code.py")
        git(line, "commit", "--quiet", "--message=code")
    forge.push("bare", "bare~1:refs/heads/bare-base")
    code, said = forge.act(forge.sha("bare~1"), forge.sha("bare"), "7", at="bare")
    assert (code, said) == (0, ""), forge.err
