"""Real hook managers before us, after us, and run again: the gate is on, or `doctor` says it is not.

`make agents` installs those from npm, in the versions of `package.json`; pip has the others.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.test_check import VIEW, add, drop
from tests.cli.test_gate import ids, tried
from tests.conftest import ROOT, git
from tests.tool import plain_edit, run, tool

pytestmark = pytest.mark.slow

PACKAGES = ROOT / ".venv/managers/node_modules"
CHECK = "tractatus-merge check --staged"
HUSKY = "echo husky runs\n"


def missing() -> str:
    """What is not installed as package.json has it; nothing where all is."""
    wanted = json.loads(Path(__file__).with_name("package.json").read_bytes())["dependencies"]
    for name, version in wanted.items():
        try:
            found = json.loads((PACKAGES / name / "package.json").read_bytes())["version"]
        except FileNotFoundError:
            found = "none"
        if found != version:
            return f"{name} {version} is not here ({found}): make agents"
    return ""


@pytest.fixture(autouse=True)
def _path(monkeypatch, tmp_path) -> Iterator[None]:
    """The managers and our program on the PATH, and a home that they may write to."""
    if missing():
        pytest.skip(missing())
    home = tmp_path / "home"
    home.mkdir()
    folders = (PACKAGES / ".bin", Path(sys.executable).parent)
    monkeypatch.setenv("PATH", ":".join((*map(str, folders), os.environ["PATH"])))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))  # no device to be replaced
    for name in ("CI", "LEFTHOOK", "HUSKY"):  # they install nothing, or run nothing, in CI
        monkeypatch.delenv(name, raising=False)
    return


def call(top: Path, *words: str) -> None:
    """Run a manager."""
    done = subprocess.run(words, cwd=top, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


LOCAL = "repos:\n-   repo: local\n    hooks:\n    -   id: said\n        name: said\n        entry: 'true'\n        language: system\n        always_run: true\n"
OURS = """\
-   repo: local
    hooks:
    -   id: tractatus-merge
        name: tractatus-merge (governance instructions)
        entry: tractatus-merge check --staged
        language: system
        files: (^|/)\\.claude/
        always_run: true
        require_serial: true
        stages: [pre-commit, pre-merge-commit]
"""


def package(top: Path, ours: bool) -> None:
    """A package.json for simple-git-hooks."""
    hooks = {"pre-commit": CHECK, "pre-merge-commit": CHECK} if ours else {"pre-commit": "true"}
    (top / "package.json").write_text(json.dumps({"simple-git-hooks": hooks}))


def yaml(top: Path, ours: bool) -> None:
    """A configuration of pre-commit and prek."""
    (top / ".pre-commit-config.yaml").write_text(LOCAL + (OURS if ours else ""))


def lefthook_yml(top: Path, ours: bool) -> None:
    """One of lefthook."""
    said = "  commands:\n    said:\n      run: 'true'\n"
    line = f"    tractatus-merge:\n      run: {CHECK}\n" if ours else ""
    more = f"pre-merge-commit:\n  commands:\n{line}" if ours else ""
    (top / "lefthook.yml").write_text(f"pre-commit:\n{said}{line}{more}")


def husky_folder(top: Path, ours: bool) -> None:
    """Scripts of husky."""
    (top / ".husky").mkdir(exist_ok=True)
    (top / ".husky/pre-commit").write_text(HUSKY + (f"{CHECK}\n" if ours else ""))
    if ours:
        (top / ".husky/pre-merge-commit").write_text(f"{CHECK}\n")


BOTH = "install -t pre-commit -t pre-merge-commit"
MANAGERS: dict[str, tuple[Callable[[Path, bool], None], str]] = {
    "pre-commit": (yaml, f"pre-commit {BOTH}"),
    "pre-commit -f": (yaml, "pre-commit install -f -t pre-commit"),
    "prek": (yaml, f"prek {BOTH}"),
    "lefthook": (lefthook_yml, "lefthook install --force"),
    "husky": (husky_folder, "husky"),
    "simple-git-hooks": (package, "simple-git-hooks"),
}
"""What writes a manager's file (without our lines, or with them), and the command that installs."""
ORDERS = ("before us", "after us", "run again")


def ours(top: Path) -> None:
    """Install the gate."""
    tool(top, "install", "--agent", "none")


def fixed(top: Path) -> None:
    """Let doctor mend it."""
    tool(top, "doctor", "--fix")


def starting(manager: str) -> Callable[[Path], None]:
    """Run the manager's own install."""
    return lambda top: call(top, *MANAGERS[manager][1].split())


def settled(line: Path, manager: str, order: str) -> None:
    """A repository with a manager's hooks and ours, in some order; everything is committed."""
    start = starting(manager)
    if order == "us again":  # the manager is new here
        ours(line)
    MANAGERS[manager][0](line, False)
    steps = {
        "before us": (start, ours),
        "after us": (ours, start),
        "run again": (ours, start, fixed, start),
        "us again": (start, ours),
    }[order]
    for step in steps:
        step(line)
    git(line, "add", "--all")
    assert tried(line, "commit", "--quiet", "--message=The hooks").returncode == 0


def commit_is_refused(line: Path) -> bool:
    """Whether a commit that loses an instruction is; all is as it was afterwards."""
    before = git(line, "rev-parse", "HEAD").strip()
    plain_edit(line / VIEW, drop("inst_002"))
    done = tried(line, "commit", "--all", "--message=drop")
    kept = "inst_002" in ids(line)
    assert kept == (done.returncode != 0), done.stderr
    git(line, "reset", "--quiet", "--hard", before)
    return kept


def merge_is_refused(line: Path) -> bool:
    """Whether a merge is that takes one side whole."""
    before = git(line, "rev-parse", "HEAD").strip()
    git(line, "switch", "--quiet", "--create", "feature")
    plain_edit(line / VIEW, add("inst_080"))
    git(line, "commit", "--quiet", "--all", "--no-verify", "--message=feature")
    git(line, "switch", "--quiet", "main")
    git(line, "commit", "--quiet", "--allow-empty", "--no-verify", "--message=main")
    done = tried(line, "merge", "--strategy=ours", "--no-edit", "feature")
    landed = git(line, "rev-list", "--merges", f"{before}..HEAD") != ""
    assert landed == (done.returncode == 0), done.stderr
    git(line, "reset", "--quiet", "--hard", before)
    git(line, "branch", "--quiet", "-D", "feature")
    return not landed


def gate_findings(line: Path) -> list[str]:
    """What one call of doctor says of the gate."""
    ran = run(line, "doctor", "--json").json
    return [found["message"] for found in ran["findings"] if found["code"] == "gate"]


@pytest.mark.parametrize(
    ("manager", "order"),
    [*((name, order) for name in MANAGERS for order in ORDERS), ("pre-commit", "us again")],
)
def test_a_loss_is_refused_or_doctor_says_that_it_would_not_be(line, manager, order):
    """In one call, for commits and merges; `--fix` mends both, and `install` keeps what it has."""
    settled(line, manager, order)
    told = " ".join(gate_findings(line))
    assert commit_is_refused(line) != ("no commit is judged" in told)
    assert merge_is_refused(line) != ("pre-merge-commit" in told)
    if order == "us again":
        assert told == ""
    assert tool(line, "doctor", "--fix")["ok"]
    assert commit_is_refused(line)
    assert merge_is_refused(line)
    tool(line, "install", "--agent", "none")
    assert gate_findings(line) == []
    assert commit_is_refused(line)
    tool(line, "uninstall")
    folder = line / git(line, "rev-parse", "--git-path", "hooks").strip()
    left = [path.name for path in folder.iterdir() if b"tractatus" in path.read_bytes()]
    assert left == []


@pytest.mark.parametrize("order", ["before us", "after us"])
@pytest.mark.parametrize("manager", [name for name in MANAGERS if name != "pre-commit -f"])
def test_the_lines_in_the_manager_s_own_file_are_seen(line, manager, order):
    """With them every clone is gated: doctor is content, and install asks for nothing more."""
    start = starting(manager)
    MANAGERS[manager][0](line, True)
    for step in (start, ours) if order == "before us" else (ours, start):
        step(line)
    done = tool(line, "install", "--agent", "none")
    assert done["lines"] == []
    git(line, "add", "--all")
    assert tried(line, "commit", "--quiet", "--message=The hooks").returncode == 0
    assert gate_findings(line) == []
    assert commit_is_refused(line)
    assert merge_is_refused(line)


@pytest.mark.parametrize("manager", [name for name in MANAGERS if name != "pre-commit -f"])
def test_lines_that_no_hook_runs_are_no_gate(line, manager):
    """The file of the manager has them, and nobody ran its install: it is named as what to type."""
    MANAGERS[manager][0](line, True)
    done = tool(line, "install", "--agent", "none")
    assert len(done["lines"]) == 1
    assert gate_findings(line) != []
    name = manager.removeprefix("simple-")
    assert any(word in done["lines"][0] for word in (f"{manager} install", f"npx {manager}", name))
    assert tool(line, "doctor", "--fix")["ok"]
    assert commit_is_refused(line)


def test_a_fresh_clone_of_a_team_with_lines_is_told_what_to_type(line, tmp_path):
    """Nothing was installed there by us: the team's file says that a gate is wanted."""
    yaml(line, True)
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--message=The hooks")
    git(tmp_path, "clone", "--quiet", str(line), "clone")
    clone = tmp_path / "clone"
    tool(clone, "init")
    ran = run(clone, "doctor", "--json")
    (found,) = [one for one in ran.json["findings"] if one["code"] == "gate"]
    words = shlex.split(found["fix"].split("   ")[0])
    call(clone, *words)
    assert gate_findings(clone) == []


def loses(line: Path) -> None:
    """Commit, past the gate, a file without inst_002."""
    plain_edit(line / VIEW, drop("inst_002"))
    git(line, "commit", "--quiet", "--all", "--no-verify", "--message=drop")


def breaks(line: Path) -> None:
    """The same with one that is no JSON."""
    (line / VIEW).write_text("[\n<<<<<<< x\n]")
    git(line, "commit", "--quiet", "--all", "--no-verify", "--message=markers")


def by_hand(line: Path, *words: str) -> tuple[bool, str]:
    """Whether a manager that was called by hand passes, and what it says."""
    done = subprocess.run(words, cwd=line, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_what_is_called_by_hand_judges_what_its_user_means(line, program, named):
    """All files as they stand, or what a branch would land; whether or not files are named to us."""
    yaml(line, True)
    config = line / ".pre-commit-config.yaml"
    if not named:
        files = "files: (^|/)\\.claude/"
        assert files in config.read_text()
        config.write_text(config.read_text().replace(files, "pass_filenames: false"))
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--message=The hooks")
    assert by_hand(line, program, "run", "--all-files")[0]
    git(line, "switch", "--quiet", "--create", "feature")
    loses(line)
    (line / "code.py").write_text("1\n")
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--no-verify", "--message=code")
    passed, said = by_hand(line, program, "run", "--from-ref", "main", "--to-ref", "HEAD")
    assert (passed, "lost: inst_002" in said) == (False, True), said
    git(line, "reset", "--quiet", "--hard", "main")
    (line / "code.py").write_text("1\n")
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--no-verify", "--message=code")
    assert by_hand(line, program, "run", "--from-ref", "main", "--to-ref", "HEAD")[0]
    breaks(line)
    passed, said = by_hand(line, program, "run", "--all-files")
    assert (passed, "conflict-markers" in said) == (False, True), said
    (line / "code.py").write_text("2\n")
    git(line, "add", "--all")
    starting(program)(line)
    done = tried(line, "commit", "--message=code")
    assert done.returncode == 0, done.stderr  # it stages nothing that governs


@pytest.mark.parametrize("staged", ["the history", "code"])
def test_names_that_lint_staged_adds_are_files_to_judge(line, staged):
    """The task is the gate's own line; a loss is refused, and code passes."""
    tasks = {"lint-staged": {"*": CHECK}}
    (line / "package.json").write_text(json.dumps(tasks))
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--message=Tasks")
    if staged == "code":
        (line / "code.py").write_text("1\n")
    else:
        plain_edit(line / VIEW, drop("inst_002"))
    git(line, "add", "--all")
    passed, said = by_hand(line, "lint-staged")
    assert (passed, "lost: inst_002" in said) == (staged == "code", staged != "code"), said
