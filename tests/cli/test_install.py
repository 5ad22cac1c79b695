"""What install puts into a clone, seen by real commits; and what it does where it cannot."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, configures_hooks, git
from tests.standin import StandIn, installed
from tests.tool import plain_edit, run, tool
from tractatus_merge.errors import StoreError
from tractatus_merge.git.install import installer, trial
from tractatus_merge.system import files, ledger

VIEW = ".claude/instruction-history.json"
WHO = ("-c", "user.name=Jo", "-c", "user.email=jo@bakery.example")
SAYS_NO = "the gate says no"


@pytest.fixture
def stand_in(tmp_path) -> StandIn:
    """The program that the hooks run."""
    return StandIn(tmp_path)


@pytest.fixture
def untried(monkeypatch) -> None:
    """Install without the throwaway merge, which has its own tests."""
    monkeypatch.setattr(trial, "merge", lambda _: None)


@pytest.fixture
def clone(repo, stand_in, monkeypatch, untried) -> Path:
    """The bakery's repository, with everything installed."""
    installed(repo, stand_in, monkeypatch)
    git(repo, "add", ".gitattributes")
    git(repo, "commit", "--quiet", "--message=Merge by records")
    stand_in.starts()
    return repo


def tried(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run git, whatever its exit code."""
    return subprocess.run(
        ["git", "-C", folder, *words], capture_output=True, text=True, check=False,
        env={**os.environ, **env}, input="y\n" * 9,
    )  # fmt: skip


def edit(folder: Path, **changes: Any) -> None:
    """Change the first instruction in the file."""
    plain_edit(folder / VIEW, lambda document: document["instructions"][0].update(changes))


def test_a_commit_without_a_governed_file_never_starts_python(clone, stand_in):
    """Nor do an empty commit, an amended message, or a governed file that is only edited."""
    stand_in.answer(1)
    edit(clone, text="edited, not staged")
    (clone / "README.md").write_text("# Bread\n")
    git(clone, "add", "README.md")
    git(clone, "commit", "--quiet", "--message=Code")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=Nothing")
    git(clone, "commit", "--quiet", "--amend", "--allow-empty", "--message=No")
    assert stand_in.starts() == 0


def test_the_first_commit_of_a_repository_is_judged(tmp_path, stand_in, monkeypatch, untried):
    """Where there is no HEAD to compare with yet."""
    git(tmp_path, "init", "--quiet", "new")
    new = tmp_path / "new"
    installed(new, stand_in, monkeypatch)
    (new / ".claude").mkdir()
    (new / VIEW).write_text('{"instructions": []}')
    git(new, "add", "--all")
    stand_in.answer(1)
    assert tried(new, *WHO, "commit", "--message=First").returncode == 1
    assert stand_in.starts("check --staged") == 1


@pytest.mark.parametrize("literal", ["", "1"], ids=["", "literal pathspecs"])
@pytest.mark.parametrize(
    "way", ["add", "add -p", "commit -a", "a path", "deleted", "another index"]
)
def test_a_commit_of_a_governed_file_is_judged(clone, stand_in, way, literal, tmp_path):
    """However it is staged, the gate is asked once; its no stops the commit, its yes does not."""
    env = {"GIT_LITERAL_PATHSPECS": literal} if literal else {}
    words = ["commit", "--quiet", "--message=Govern"]
    edit(clone, text="edited")
    (clone / "README.md").write_text("# Bread\n")
    if way in ("add", "add -p"):
        git(clone, "add", "README.md")
        assert tried(clone, *way.split(), VIEW).returncode == 0
    elif way == "deleted":
        git(clone, "rm", "--quiet", "--cached", VIEW)
    elif way == "another index":
        env["GIT_INDEX_FILE"] = str(tmp_path / "an index")
        assert tried(clone, "read-tree", "HEAD", **env).returncode == 0
        words.append("--all")
    else:
        words += ["--all"] if way == "commit -a" else ["--", VIEW]
    before = git(clone, "rev-parse", "HEAD")
    stand_in.answer(1)
    refused = tried(clone, *words, **env)
    assert refused.returncode == 1
    assert SAYS_NO in refused.stderr
    assert git(clone, "rev-parse", "HEAD") == before
    stand_in.answer(0)
    assert stand_in.starts("check --staged") == 1
    assert tried(clone, *words, **env).returncode == 0
    assert stand_in.starts("check --staged") == 1
    assert git(clone, "rev-parse", "HEAD~") == before


def test_a_merge_that_brings_a_governed_file_is_judged(clone, stand_in):
    """Merges run another hook, and it asks too."""
    git(clone, "switch", "--quiet", "--create", "side")
    edit(clone, text="side")
    git(clone, "commit", "--quiet", "--all", "--message=Side")
    git(clone, "switch", "--quiet", "main")
    stand_in.starts()
    stand_in.answer(1)
    assert tried(clone, "merge", "--no-ff", "side").returncode != 0
    assert stand_in.starts("check --staged") == 1


def test_a_linked_worktree_and_a_submodule_are_judged(clone, stand_in, monkeypatch, tmp_path):
    """The hooks of a clone are those of its worktrees; a submodule has its own."""
    git(clone, "worktree", "add", "--quiet", "../work")
    edit(clone.parent / "work", text="in the worktree")
    outer = tmp_path / "outer"
    git(tmp_path, "init", "--quiet", str(outer))
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(clone), "sub")
    assert "nothing is installed" in run(outer / "sub", "uninstall").out
    installed(outer / "sub", stand_in, monkeypatch)
    edit(outer / "sub", text="in the submodule")
    stand_in.answer(1)
    for folder in (clone.parent / "work", outer / "sub"):
        assert tried(folder, *WHO, "commit", "--all", "--message=No").returncode == 1
        assert stand_in.starts("check --staged") == 1
    assert not list((outer / ".git" / "hooks").glob("pre-commit"))


def test_another_worktree_may_install_again(clone, monkeypatch, stand_in):
    """What was written into a worktree stays there until uninstall, which restores them all."""
    git(clone, "worktree", "add", "--quiet", "--detach", "../work", "HEAD~")
    work = clone.parent / "work"
    before = (clone / ".gitattributes").read_bytes()
    installed(work, stand_in, monkeypatch)
    assert (clone / ".gitattributes").read_bytes() == before
    assert (work / ".gitattributes").read_bytes() == before
    assert tool(work, "uninstall")["notes"] == []
    assert not (clone / ".gitattributes").exists()
    assert not git(work, "status", "--short")


THEIRS = {
    "sh": "#!/bin/sh -eu\n",
    "bash": "#!/usr/bin/env bash\n",
    "no first line": "",
    "python": f"#!{sys.executable}\n",
    "link": "#!/bin/sh\n",
}


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize("path", [".git/hooks", "my hooks"])
def test_a_hook_that_was_there_runs_on(repo, stand_in, monkeypatch, untried, kind, path):
    """After ours, with its exit code. So too under `core.hooksPath`.

    Where ours refuses, it does not run; but git runs on from a hook of its configuration.
    """
    folder = repo / path
    folder.mkdir(exist_ok=True)
    if path != ".git/hooks":
        git(repo, "config", "core.hooksPath", path)
    sh = "echo theirs >&2\ntest ! -e stop || exit 7\n"
    python = (
        "import os, sys\nprint('theirs', file=sys.stderr)\nsys.exit(7 * os.path.exists('stop'))\n"
    )
    hook = folder / "pre-commit"
    if kind == "link":
        (folder / "target").write_text(THEIRS[kind] + sh)
        (folder / "target").chmod(0o755)
        hook.symlink_to("target")
    else:
        hook.write_text(THEIRS[kind] + (python if kind == "python" else sh))
        hook.chmod(0o755)
    installed(repo, stand_in, monkeypatch)
    words = ("commit", "--allow-empty", "--message=x")
    (repo / "stop").touch()
    stopped = tried(repo, *words)
    assert (stopped.returncode, stopped.stderr) == (1, "theirs\n")
    (repo / "stop").unlink()
    assert tried(repo, *words).returncode == 0
    edit(repo, text="edited")
    stand_in.answer(1)
    refused = tried(repo, *words, "--all")
    assert refused.returncode == 1
    assert ("theirs" in refused.stderr) == configures_hooks()


def test_a_kept_hook_gets_arguments_and_stdin(repo, stand_in, monkeypatch, untried, tmp_path):
    """As git gave them, so that nothing of it notices; and one that is switched off stays off."""
    hook = repo / ".git/hooks/commit-msg"
    told = "import sys; open('told', 'w').write(repr((sys.argv[1:], sys.stdin.read())))\n"
    hook.write_text(f"#!{sys.executable}\n{told}")
    hook.chmod(0o755)
    off = repo / ".git/hooks/pre-commit"
    off.write_text("#!/bin/sh\nexit 1\n")
    off.chmod(0o644)
    installed(repo, stand_in, monkeypatch, "--commit-trailer")
    (repo / "message").write_text("x")
    subprocess.run([hook, "message", "a b"], cwd=repo, input="in", text=True, check=True)
    assert (repo / "told").read_text() == repr((["message", "a b"], "in"))
    git(repo, "commit", "--allow-empty", "--message=x")


@pytest.mark.parametrize("gone", ["the program", "the interpreter"])
def test_a_program_that_is_gone_stops_governed_commits_only_and_says_how_to_go_on(
    clone, stand_in, gone
):
    """Exit 2 with the three ways out; code is committed as ever."""
    hook = clone / ".git" / ("config" if configures_hooks() else "hooks/pre-commit")
    if gone == "the program":
        stand_in.script.unlink()
    else:
        hook.write_text(hook.read_text().replace(sys.executable, "/nowhere/python"))
    git(clone, "commit", "--quiet", "--allow-empty", "--message=Code")
    edit(clone, text="edited")
    git(clone, "add", VIEW)
    done = tried(clone, "hook", "run", "pre-commit")
    assert done.returncode == 2
    for way in ("tractatus-merge install", "tractatus-merge uninstall", "git commit --no-verify"):
        assert way in done.stderr


def test_modules_in_the_work_tree_are_not_what_the_hook_runs(repo, untried):
    """A file named like a module of Python is a file of the repository, and no more."""
    tool(repo, "install", "--agent", "none")
    for name in ("click.py", "json.py", "tractatus_merge.py"):
        (repo / name).write_text("raise SystemExit('taken over')\n")
    edit(repo, text="edited")
    git(repo, "add", VIEW)
    done = tried(repo, "hook", "run", "pre-commit")
    assert "taken over" not in done.stderr and "cannot find a hook" not in done.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".pre-commit-config.yaml", "entry: tractatus-merge check --staged"),
        ("lefthook.yml", "tractatus-merge check --staged"),
        (".husky/_/h", "in .husky/pre-commit"),
        (".config/hk.pkl", 'check = "tractatus-merge check --staged"'),
    ],
)
def test_a_hook_manager_gets_lines_and_nothing_of_it_is_touched(repo, untried, name, says):
    """Its files are its owner's; the driver is installed all the same."""
    (repo / name).parent.mkdir(parents=True, exist_ok=True)
    (repo / name).write_text("x")
    done = run(repo, "install", "--agent", "none")
    assert says in done.out
    assert (repo / name).read_text() == "x"
    assert not [p for p in (repo / ".git/hooks").iterdir() if p.suffix != ".sample"]
    assert "merge-driver" in git(repo, "config", "merge.tractatus.driver")


def test_hooks_of_other_repositories_too_are_not_touched(repo, untried, monkeypatch, tmp_path):
    """A folder of hooks that the user has for everything gets lines to add, if files are all there is."""
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {tmp_path / 'all'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    done = tool(repo, "install", "--agent", "none")
    assert done["hooks"] == ("config" if configures_hooks() else "lines")
    assert ("tractatus-merge check --staged" in done["lines"]) != configures_hooks()
    assert not (tmp_path / "all").exists()


@pytest.mark.usefixtures("hooks_in_files")
def test_a_tracked_hook_names_no_place_of_this_machine(repo, untried):
    """A hook that is committed is every clone's, so it runs the program by its name."""
    git(repo, "config", "core.hooksPath", "hooks")
    (repo / "hooks").mkdir()
    (repo / "hooks/pre-commit").write_text("#!/bin/sh\n")
    (repo / "hooks/pre-commit").chmod(0o755)
    git(repo, "add", "hooks")
    assert "commit it" in run(repo, "install", "--agent", "none").out
    assert sys.executable not in (repo / "hooks/pre-commit").read_text()
    assert "tractatus-merge check --staged" in (repo / "hooks/pre-commit").read_text()


def message(folder: Path, *words: str, **env: str) -> list[str]:
    """Commit, and the lines of the message."""
    done = tried(folder, "commit", "--quiet", "--allow-empty", *words, **env)
    assert done.returncode == 0, done.stderr
    return git(folder, "log", "-1", "--format=%B").strip().splitlines()


def test_the_trailer_tells_the_version_in_force_and_never_stops_a_commit(
    repo, stand_in, monkeypatch, untried, tmp_path
):
    """In every message that says something; once; not in merges; nothing before `init`."""
    installed(repo, stand_in, monkeypatch, "--commit-trailer")
    assert message(repo, "--message=Code") == ["Code"]
    tool(repo, "init")
    version = git(repo, "rev-parse", "--short", "tractatus/history").strip()
    trailer = f"Instructions-Version: {version}"
    assert message(repo, "--message=Code") == ["Code", "", trailer]
    assert message(repo, "--amend", "--no-edit") == ["Code", "", trailer]
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i '1i In an editor' \"$1\"\n")
    editor.chmod(0o755)
    for words in ((), ("--verbose",)):
        assert message(repo, *words, GIT_EDITOR=shlex.quote(str(editor))) == [
            "In an editor", "", trailer,
        ]  # fmt: skip
    assert tried(repo, "commit", "--allow-empty", GIT_EDITOR="true").returncode == 1
    git(repo, "switch", "--quiet", "--create", "side", "HEAD~")
    git(repo, "commit", "--quiet", "--allow-empty", "--message=Side")
    git(repo, "merge", "--quiet", "--no-ff", "--message=Merged", "main")
    assert git(repo, "log", "-1", "--format=%B").strip() == "Merged"
    git(repo, "cherry-pick", "--allow-empty", "main~3")
    assert git(repo, "log", "-1", "--format=%B").strip() == "Code"


@pytest.mark.usefixtures("hooks_in_files")
@pytest.mark.parametrize("what", ["hook", "attributes", "config"])
def test_what_was_edited_since_keeps_its_edits(clone, what):
    """Only our part goes, and that is said."""
    paths = {
        "hook": clone / ".git/hooks/pre-commit",
        "attributes": clone / ".gitattributes",
        "config": clone / ".git/config",
    }
    added = {"hook": "echo later\n", "attributes": "*.md text\n", "config": "[later]\n\ta = b\n"}
    path = paths[what]
    path.write_text(path.read_text() + added[what])
    notes = tool(clone, "uninstall")["notes"]
    assert notes == [f"{path} was edited since: only our part was taken away"]
    assert added[what] in path.read_text()
    assert "tractatus" not in path.read_text()


@pytest.mark.usefixtures("hooks_in_files")
def test_a_kept_hook_stays_in_use_where_ours_was_edited_since(repo, untried):
    """Who wrote into our file goes on with it, and with the hook that it runs."""
    hook = repo / ".git/hooks/pre-commit"
    hook.write_text(f"#!{sys.executable}\nprint('theirs')\n")
    hook.chmod(0o755)
    tool(repo, "install", "--agent", "none")
    hook.write_text(hook.read_text().replace("#!/bin/sh\n", "#!/bin/sh\necho later\n"))
    assert "still runs pre-commit.before-tractatus" in tool(repo, "uninstall")["notes"][0]
    done = subprocess.run([hook], cwd=repo, capture_output=True, text=True, check=True)
    assert done.stdout == "later\ntheirs\n"


@pytest.mark.parametrize("aside", [False, True])
def test_uninstall_finds_its_marks_where_the_ledger_is_gone(repo, untried, aside):
    """After `rm -r .git/tractatus` too nothing of ours runs any more; a kept hook is back."""
    hook = repo / ".git/hooks/pre-commit"
    if aside:
        hook.write_text("#!/usr/bin/perl\n")
        hook.chmod(0o755)
    (repo / ".git/hooks/pre-merge-commit").write_text("#!/bin/sh\necho theirs\n")
    (repo / ".git/hooks/pre-merge-commit").chmod(0o755)
    tool(repo, "install", "--agent", "none")
    (repo / ".git/tractatus/install.json").unlink()
    tool(repo, "uninstall")
    assert hook.exists() == aside
    assert not aside or hook.read_text() == "#!/usr/bin/perl\n"
    assert (repo / ".git/hooks/pre-merge-commit").read_text() == "#!/bin/sh\necho theirs\n"
    assert "tractatus" not in git(repo, "config", "--local", "--list")
    git(repo, "config", "merge.tractatus.driver", "their own %A")
    assert tool(repo, "uninstall")["notes"] == []
    assert git(repo, "config", "merge.tractatus.driver") == "their own %A\n"


@pytest.mark.usefixtures("hooks_in_files")
def test_a_framework_that_was_installed_later_keeps_nothing_of_ours(clone):
    """pre-commit puts its own hook in the place of ours, and runs ours from beside."""
    hook, legacy = clone / ".git/hooks/pre-commit", clone / ".git/hooks/pre-commit.legacy"
    hook.rename(legacy)
    hook.write_text("#!/bin/sh\n# the framework's\n")
    notes = tool(clone, "uninstall")["notes"]
    assert notes == [
        f"{hook} was written anew since, without our part: it was left so",
        f"took our section out of {legacy}",
    ]
    assert not legacy.exists()
    assert "the framework's" in hook.read_text()


def test_the_documents_of_every_package_are_governed(repo, stand_in, monkeypatch, untried):
    """Settings further down name files of their own folder; a broken section is told."""
    package = repo / "packages/a"
    (package / ".claude").mkdir(parents=True)
    settings = package / ".claude/tractatus.toml"
    settings.write_text('[documents."*.jsonl"]\nkey = "id"\n[documents."/data/x.json"]\n')
    git(repo, "add", "--all")
    installed(repo, stand_in, monkeypatch)
    attributes = (repo / ".gitattributes").read_text()
    for pattern in ("packages/a/**/*.jsonl", "packages/a/data/x.json"):
        assert f"{pattern} merge=tractatus diff=tractatus\n" in attributes
        hook = repo / ".git" / ("config" if configures_hooks() else "hooks/pre-commit")
        assert f":(top,glob){pattern}" in hook.read_text()
    settings.write_text("documents = 3\n")
    before = snapshot(repo)
    refused = run(repo, "install", "--agent", "none")
    assert refused.code == 2
    assert snapshot(repo) == before
    assert "documents is no section" in refused.err


def test_a_repository_that_was_moved_is_given_back_too(clone):
    """The ledger does not name the folder in which the repository was."""
    moved = clone.rename(clone.with_name("moved"))
    assert tool(moved, "uninstall")["notes"] == []
    assert not (moved / ".git/hooks/pre-commit").exists()
    assert not (moved / ".gitattributes").exists()
    assert "tractatus" not in git(moved, "config", "--local", "--list")


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a repository."""
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("broken", "code", "says"),
    [
        ("driver", 3, "tried in a throwaway repository"),
        ("attributes", 2, "git check-attr -a"),
        ("lock", 3, "config.lock is there"),
        ("hooks", 3, "hooks"),
        ("folder", 2, "is a folder"),
        ("settings", 2, "not TOML"),
    ],
)
@pytest.mark.usefixtures("hooks_in_files")
def test_where_it_fails_nothing_is_left(repo, stand_in, monkeypatch, broken, code, says):
    """The reason, the next command, and the clone as it was."""
    monkeypatch.setattr(installer.Program, "here", classmethod(lambda _: stand_in.program))
    if broken == "driver":
        stand_in.script.write_text("raise SystemExit(0)")
    elif broken == "attributes":
        (repo / ".claude/.gitattributes").write_text("*.json -merge\n")
    elif broken == "lock":
        (repo / ".git/config.lock").touch()
    elif broken == "folder":
        (repo / ".git/hooks/pre-commit").mkdir()
    elif broken == "settings":
        (repo / ".claude/tractatus.toml").write_text("[")
    else:
        (repo / "file").touch()
        git(repo, "config", "core.hooksPath", "file/hooks")
    before = snapshot(repo)
    done = run(repo, "install", "--agent", "none")
    assert done.code == code, done.err
    assert says in done.err
    assert snapshot(repo) == before
    assert not (repo / ".git/tractatus").exists()


@pytest.mark.parametrize("refused", ["config", "pre-commit"])
@pytest.mark.usefixtures("hooks_in_files")
def test_in_an_agents_environment_a_refusal_names_a_person(repo, monkeypatch, refused):
    """A sandbox may not write hooks and settings: the line to give to a person is told."""
    before = snapshot(repo)
    replace = files.replace

    def denied(path: Path, data: bytes) -> None:
        if path.name == refused:
            raise PermissionError(errno.EPERM, "Operation not permitted", str(path))
        replace(path, data)

    monkeypatch.setattr(files, "replace", denied)
    monkeypatch.setattr(ledger, "under_lock", denied)
    monkeypatch.setenv("CLAUDECODE", "1")
    done = run(repo, "install", "--agent", "none")
    assert snapshot(repo) == before
    assert done.code == 3
    assert f"{refused}. Agents" in done.err
    assert "sandboxes" in done.err
    assert "give this line to a person: tractatus-merge install" in done.err


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_dry_run_writes_nothing(repo, untried, verb):
    """It shows the files; for install the very texts."""
    if verb == "uninstall":
        tool(repo, "install", "--agent", "none")
    before = snapshot(repo)
    done = run(repo, verb, "--dry-run")
    assert snapshot(repo) == before
    configured = {"install": "hook.tractatus.command = ", "uninstall": ".git/config"}[verb]
    assert (configured if configures_hooks() else ".git/hooks/pre-commit") in done.out
    if verb == "install":
        assert "git diff --cached --quiet" in done.out
        assert "merge.tractatus.driver = " in done.out
        assert "merge=tractatus diff=tractatus" in done.out


@pytest.mark.parametrize("driver", ["false", "true", "cp %B %A && exit 1", "exit 129"])
def test_the_trial_knows_a_driver_that_does_not_merge(driver):
    """One that fails, does nothing, takes one side, or gives up."""
    with pytest.raises(StoreError, match="throwaway"):
        trial.merge(driver)


@pytest.mark.slow
def test_the_pre_commit_framework_runs_the_gate(repo, stand_in, tmp_path):
    """Really installed and run: with this project's hook, and with the lines that `install` prints."""
    offered = tmp_path / "offered"
    offered.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", offered)
    git(offered, "init", "--quiet")
    git(offered, "add", "--all")
    git(offered, *WHO, "commit", "--quiet", "--message=As it is offered")
    (repo / ".pre-commit-config.yaml").touch()
    lines = [
        line.removeprefix("    ")
        for line in run(repo, "install", "--agent", "none").out.splitlines()
    ]
    start = lines.index("-   repo: local")
    entry = json.dumps(shlex.join([*stand_in.program.words, "check", "--staged"]))
    local = "\n".join(lines[start : start + 10])
    real = local.replace("tractatus-merge check --staged", entry)
    assert real != local
    framework = f"""\
-   repo: {offered}
    rev: {git(offered, "rev-parse", "HEAD").strip()}
    hooks:
    -   id: tractatus-merge
        language: system
        entry: {entry}
"""
    for config in (framework, real):
        (repo / ".pre-commit-config.yaml").write_text(f"repos:\n{config}\n")
        git(repo, "add", ".pre-commit-config.yaml")
        words = (sys.executable, "-m", "pre_commit", "install", "-t", "pre-commit")
        subprocess.run(words, cwd=repo, check=True, capture_output=True)
        edit(repo, text=config)
        for code in (1, 0):
            stand_in.answer(code)
            done = tried(repo, "commit", "--all", "--message=Govern")
            assert done.returncode == code, done.stderr
            assert stand_in.starts("check --staged") == 1
