"""The quick look before a commit: where it says that all is whole, the gate finds nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check import VIEW, add, drop
from tests.conftest import ROOT, git
from tests.tool import plain_edit, run, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.git.gate import glance
from tractatus_merge.git.gate.check import Gate
from tractatus_merge.git.install import trial
from tractatus_merge.instructions import history_file
from tractatus_merge.repository import settings, workspace
from tractatus_merge.repository.settings import DEFAULT_BRANCH


@pytest.fixture
def line(line: Path, monkeypatch) -> Path:
    """A repository that tracks its view, with one session's publication shown in it."""
    tool(line, "start", "--id", "one")
    tool(line, "add", "Keep the port", "--session", "one")
    tool(line, "edit", "inst_001", "--set", "notes=seen", "--session", "one")
    tool(line, "end", "--session", "one")
    tool(line, "view", "--write")
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--message=published")
    monkeypatch.chdir(line)
    return line


def change(key, value, name="inst_001"):
    """A change of one field of an instruction."""

    def edit(document):
        next(item for item in document["instructions"] if item["id"] == name)[key] = value

    return edit


def empty(document):
    """Take away all that the first instruction says."""
    first = document["instructions"][0]
    for key in [key for key in first if key not in ("id", "version_vector")]:
        del first[key]


def raw(old, new):
    """A change of the file's bytes."""

    def edit(path: Path):
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new, 1))

    return edit


CLEAN = {
    "an edit": change("notes", "by hand"),
    "a new one": add("inst_900"),
    "one with a number": change("explicitness", 0.5),
    "one retired": change("active", False),
    "header": lambda document: document.update(version="9"),
}
OTHER = {
    "lost": drop("inst_001"),
    "all lost": lambda document: document["instructions"].clear(),
    "an id twice": add("inst_001"),
    "no id": lambda document: document["instructions"].append({"text": "x"}),
    "an id that is a number": lambda document: document["instructions"].append({"id": 5}),
    "a blank id": add(" "),
    "a long id": add("x" * 121),
    "emptied": empty,
    "says nothing": change("text", "  "),
    "a wrong type": change("active", "yes"),
    "no word of its field": change("persistence", "HUGE"),
    "a field that nobody meant": change("verison", 3),
    "goes back": change("version_vector", "+00000000:1 #00000000"),
    "no stamp": lambda document: [i.pop("version_vector", 0) for i in document["instructions"]],
    "no list": lambda document: document.update(instructions={}),
    "a key twice": raw(b'"text":', b'"text": "a", "text":'),
    "a header key twice": raw(b'"version":', b'"version": "a", "version":'),
    "the list twice": raw(b'"instructions":', b'"instructions": [], "instructions":'),
    "not a number": raw(b'"id": "inst_001",', b'"id": "inst_001", "n": NaN,'),
    "half a pair": raw(b'"id": "inst_001",', b'"id": "inst_001", "n": "\\ud800",'),
    "torn": raw(b"]", b""),
    "a comma too many": raw(b"]", b",]"),
    "more behind it": lambda path: path.write_bytes(path.read_bytes() + b"{}"),
    "a mark before it": lambda path: path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes()),
    "no UTF-8": raw(b'"id": "inst_001",', b'"id": "inst_001", "n": "\xff",'),
    "conflict markers": raw(b'"id": "inst_001",', b'<<<<<<< a\n"id": "inst_001",'),
    "deep": raw(
        b'"id": "inst_001",', b'"id": "inst_001", "n": ' + b"[" * 9000 + b"]" * 9000 + b","
    ),
    "deleted": lambda path: path.unlink(),
}


def stage(repo: Path, edit) -> None:
    """Make the change and stage it."""
    if edit in OTHER.values() and edit.__code__.co_varnames[0] == "path":
        edit(repo / VIEW)
    else:
        plain_edit(repo / VIEW, edit)
    git(repo, "add", "--all")


def faults(repo: Path):
    """What the gate says."""
    found = open_repository(repo, {})
    with contextlib.closing(found.store):
        return Gate(found).staged()


@pytest.mark.parametrize("name", CLEAN)
def test_what_is_plainly_whole_is_known_at_once(line, name):
    """And the gate says the same."""
    stage(line, CLEAN[name])
    assert glance.is_whole()
    assert faults(line) == []


@pytest.mark.parametrize("name", OTHER)
def test_what_may_be_broken_is_left_to_the_gate(line, name):
    """Whatever it is: the quick look never vouches for it."""
    stage(line, OTHER[name])
    assert not glance.is_whole()


def test_what_a_session_published_is_whole_at_once(line):
    """The commonest commit of a view: it was just written here."""
    tool(line, "start", "--id", "two")
    tool(line, "add", "Say why", "--session", "two")
    tool(line, "edit", "inst_001", "--set", "notes=again", "--session", "two")
    tool(line, "end", "--session", "two")
    tool(line, "view", "--write")
    git(line, "add", "--all")
    assert glance.is_whole()
    assert faults(line) == []


def conflict(line: Path) -> None:
    """Let two sessions disagree."""
    for session in ("a", "b"):
        tool(line, "start", "--id", session)
    for session in ("a", "b"):
        tool(line, "edit", "inst_001", "--set", f"text={session}", "--session", session)
    tool(line, "end", "--session", "a")
    run(line, "end", "--session", "b")
    tool(line, "view", "--write")


def behind(line: Path) -> None:
    """Publish more than the view shows."""
    shown = (line / VIEW).read_bytes()
    notes = (line / ".git/tractatus/view-.json").read_bytes()
    tool(line, "start", "--id", "b")
    tool(line, "add", "More", "--session", "b")
    tool(line, "end", "--session", "b")
    (line / VIEW).write_bytes(shown)
    (line / ".git/tractatus/view-.json").write_bytes(notes)


def dead(line: Path) -> None:
    """Leave a session in a worktree that is gone."""
    git(line, "worktree", "add", "--quiet", "../gone")
    tool(line.parent / "gone", "start", "--id", "gone")
    git(line, "worktree", "remove", "--force", "../gone")


def other(name, text=b"{}"):
    """Stage another file too."""

    def edit(line: Path):
        (line / name).parent.mkdir(parents=True, exist_ok=True)
        (line / name).write_bytes(text)

    return edit


@pytest.mark.parametrize(
    "happened",
    [
        conflict,
        behind,
        dead,
        other(".claude/session-state.json"),
        other(".claude/sessions/x/session.json"),
        other("sub/.claude/instruction-history.json", b"["),
        other(".claude/tractatus.toml", b'[documents."x.json"]\nkey = "id"\n'),
        other("sub/.claude/tractatus.toml", b'[documents."x.json"]\nkey = "id"\n'),
        other(".gitattributes", b"*.json merge=tractatus"),
        lambda line: (line / ".git/MERGE_HEAD").write_text(git(line, "rev-parse", "HEAD") + "\n"),
        lambda line: git(line, "switch", "--quiet", "-c", "other"),
        lambda line: (line / VIEW).chmod(0o755),
    ],
)
def test_what_must_be_said_beside_a_sound_view_is_left_to_the_gate(line, happened):
    """Conflicts, dead sessions, other files, a merge: known to the gate alone."""
    happened(line)
    with contextlib.suppress(KeyError):
        stage(line, CLEAN["an edit"])
    assert not glance.is_whole()


def test_open_sessions_and_other_files_are_no_reason_for_doubt(line):
    """Code, and a session at work in a worktree that is there."""
    tool(line, "start", "--id", "at-work")
    other("src/a.py", b"x")(line)
    stage(line, CLEAN["an edit"])
    assert glance.is_whole()


@pytest.fixture
def questions(tmp_path, monkeypatch) -> Path:
    """A file with a line for each time that git was started."""
    (tmp_path / "bin").mkdir()
    log, wrapper = tmp_path / "asked", tmp_path / "bin/git"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >>{log}\nexec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return log


TABLE = '[documents."x.json"]\nkey = "id"\n'


@pytest.mark.parametrize("settings_", [None, "[check]\n", TABLE])
@pytest.mark.parametrize("worktree", [False, True])
def test_nothing_governed_is_one_question_to_git(line, questions, monkeypatch, settings_, worktree):
    """A commit of code, also of 300 files, in a linked worktree, where settings have tables."""
    if settings_:
        (line / ".claude/tractatus.toml").write_text(settings_)
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--allow-empty", "--message=settings")
    if worktree:
        git(line, "worktree", "add", "--quiet", "../linked")
        monkeypatch.chdir(line.parent / "linked")
    here = Path.cwd()
    for number in range(300):
        other(f"src/{number}.json")(here)
    git(here, "add", "--all")
    questions.unlink(missing_ok=True)
    assert glance.is_whole(["src/1.json", str(here / "src/2.json")])
    assert len(questions.read_text().splitlines()) == 1
    monkeypatch.setenv("CLAUDECODE", "1")
    assert glance.is_whole() == (settings_ is None)  # they may name another branch
    assert not glance.is_whole([VIEW])
    other("src/x.json")(here)
    git(here, "add", "--all")
    monkeypatch.delenv("CLAUDECODE")
    assert glance.is_whole() == (settings_ != TABLE)


def test_a_session_that_may_have_to_settle_a_conflict_is_left_to_the_gate(line, monkeypatch):
    """Whoever wrote a side of a grave one is stopped, whatever is committed; a person is not."""
    conflict(line)
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--allow-empty", "--no-verify", "--message=view")
    other("src/a.py", b"x")(line)
    git(line, "add", "--all")
    assert glance.is_whole()
    monkeypatch.setenv("TRACTATUS_SESSION", "a")
    assert not glance.is_whole()


@pytest.mark.usefixtures("hooks_in_files")
def test_a_gate_that_git_does_not_run_is_for_the_gate_to_say(line, monkeypatch):
    """Where it was installed, its hooks are looked at beside a view that is whole."""
    monkeypatch.setattr(trial, "merge", lambda _: None)
    tool(line, "install", "--agent", "none")
    stage(line, CLEAN["an edit"])
    assert glance.is_whole()
    (line / ".git/hooks/pre-merge-commit").unlink()
    assert not glance.is_whole()


def test_outside_the_top_and_outside_a_repository_nothing_is_known(line, tmp_path, monkeypatch):
    """Hooks run at the top; a person in a folder gets the gate."""
    stage(line, CLEAN["an edit"])
    monkeypatch.chdir(line / ".claude")
    assert not glance.is_whole()
    monkeypatch.chdir(tmp_path)
    assert not glance.is_whole()


def test_a_commit_tried_elsewhere_is_judged_by_the_index_it_has(line, monkeypatch):
    """`git commit -a` says in GIT_INDEX_FILE which."""
    stage(line, OTHER["lost"])
    (line.parent / "index2").write_bytes((line / ".git/index").read_bytes())
    git(line, "reset", "--quiet", "--hard")
    stage(line, CLEAN["an edit"])
    assert glance.is_whole()
    monkeypatch.setenv("GIT_INDEX_FILE", str(line.parent / "index2"))
    assert not glance.is_whole()


def test_the_hook_loads_nothing_where_all_is_whole(line):
    """Neither a package nor what is slow in the standard library; and it says nothing."""
    stage(line, CLEAN["an edit"])
    heavy = ("click", "git", "msgspec", "subprocess", "dataclasses", "tractatus_merge.cli")
    code = (
        "import sys; sys.argv[1:] = ['check', '--staged']\n"
        "from tractatus_merge.__main__ import main; main()\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=line, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == (b"[]\n", b"", 0)


def test_the_names_are_those_of_the_rest(line):
    """Written twice, since importing them would cost what is saved."""
    repo = open_repository(line, {})
    with contextlib.closing(repo.store):
        assert repo.workspace.view_notes.name == "view-.json"
        assert repo.workspace.view_name == glance.VIEW
    assert Path(glance.SETTINGS).name == settings.SETTINGS
    assert glance.BRANCH == DEFAULT_BRANCH
    assert set(glance.AGENTS) == {*workspace._AGENTS, "TRACTATUS_SESSION"}
    assert glance.MAX_ID == history_file.MAX_ID
    assert json.loads((line / ".git/tractatus/view-.json").read_bytes())["version"]
