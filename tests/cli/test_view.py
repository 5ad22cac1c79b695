"""The view in the work tree: written where it disturbs nothing, foreign edits taken in, by vector."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.tool import plain_edit, run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.view.file import View

VIEW = ".claude/instruction-history.json"


def git(folder: Path, *words: str) -> str:
    """Run git and give back what it printed."""
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def untracked(repo: Path) -> Path:
    """A repository that ignores the view, as recommended."""
    git(repo, "rm", "--quiet", "--cached", VIEW)
    (repo / ".gitignore").write_text(f"/{VIEW}\n")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "-m", "The history is a view now")
    tool(repo, "init")
    return repo


def session(folder: Path, name: str, *edits: tuple[str, ...]) -> None:
    """Start a session, do some edits, end it."""
    tool(folder, "start", "--id", name)
    for words in edits:
        tool(folder, *words, "--session", name)
    ran = run(folder, "end", "--session", name)
    assert ran.code in (0, 1), ran.err


def entries(folder: Path) -> int:
    """How many versions the history has."""
    return len(tool(folder, "log")["entries"])


def edit_text(name: str, text: str):
    """A script's edit of one record's text."""

    def change(document: dict) -> None:
        next(item for item in document["instructions"] if item["id"] == name)["text"] = text

    return change


def test_init_rewrites_no_file(repo):
    """Adopting the tool changes nothing in the work tree, the index, HEAD or the configuration."""
    before = {p: p.read_bytes() for p in repo.rglob("*") if p.is_file() and ".git" not in p.parts}
    config, head = (repo / ".git/config").read_bytes(), (repo / ".git/HEAD").read_bytes()
    index = (repo / ".git/index").read_bytes()
    tool(repo, "init")
    assert before == {
        p: p.read_bytes() for p in repo.rglob("*") if p.is_file() and ".git" not in p.parts
    }
    assert (repo / ".git/config").read_bytes() == config
    assert (repo / ".git/HEAD").read_bytes() == head
    assert (repo / ".git/index").read_bytes() == index
    assert git(repo, "status", "--porcelain") == ""


def test_an_end_changes_only_the_changed_records_bytes_in_a_tracked_view(line):
    """`git status` differs by the view alone, and its diff by the touched lines alone."""
    session(line, "alpha111", ("edit", "inst_002", "--set", "text=Prices are cents."))
    assert git(line, "status", "--porcelain") == f" M {VIEW}\n"
    changed = [
        row
        for row in git(line, "diff", "-U0").splitlines()
        if row[:1] in "+-" and row[:3] not in ("+++", "---")
    ]
    assert len(changed) == 7, changed  # the text, the date, the last key and its stamp
    assert '"explicitness": 0.90' in (line / VIEW).read_text()


def test_an_ignored_view_never_shows_in_git_status(untracked):
    """The recommended mode: nothing to commit, whatever is published."""
    session(untracked, "alpha111", ("add", "One"))
    assert git(untracked, "status", "--porcelain") == ""
    assert "One" in (untracked / VIEW).read_text()


def test_without_a_file_an_end_does_not_make_an_untracked_one(repo):
    """A view that git would report as new is written only when asked."""
    git(repo, "rm", "--quiet", VIEW)
    git(repo, "commit", "--quiet", "-m", "No history")
    tool(repo, "init")
    session(repo, "alpha111", ("add", "One"))
    assert git(repo, "status", "--porcelain") == ""
    tool(repo, "view", "--write")
    assert "One" in (repo / VIEW).read_text()


def test_a_linked_worktree_gets_no_tracked_view_unless_asked(line, tmp_path):
    """Writing there would block switch, rebase and `worktree remove`."""
    tree = tmp_path / "tree"
    git(line, "worktree", "add", "--quiet", str(tree))
    session(tree, "alpha111", ("add", "One"))
    assert git(tree, "status", "--porcelain") == ""
    assert "One" in texts(tree).values()
    assert tool(tree, "view", "--write")
    assert "One" in (tree / VIEW).read_text()


def test_an_ignored_view_is_written_in_a_linked_worktree_too(untracked, tmp_path):
    """A new worktree has no copy of what git ignores: the end makes one."""
    tree = tmp_path / "tree"
    git(untracked, "worktree", "add", "--quiet", str(tree))
    session(tree, "alpha111", ("add", "One"))
    assert "One" in (tree / VIEW).read_text()
    assert git(tree, "status", "--porcelain") == ""
    tool(untracked, "list")
    assert "One" in (untracked / VIEW).read_text(), "other worktrees catch up at the next command"


@pytest.mark.parametrize("state", ["MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "index.lock"])
def test_the_view_is_not_written_unasked_in_the_middle_of_a_git_operation(line, state):
    """A merge, rebase or cherry-pick keeps the files it found; asked for, only a lock is waited for.

    What stands in the file is taken in first, so that the head has it too.
    """
    (line / ".git" / state).write_text(git(line, "rev-parse", "HEAD"))
    before = (line / VIEW).read_bytes()
    session(line, "alpha111", ("add", "One"))
    assert (line / VIEW).read_bytes() == before
    if state == "index.lock":
        assert run(line, "view", "--write").code == 3
        (line / ".git" / state).unlink()
    tool(line, "view", "--write")
    assert "One" in (line / VIEW).read_text()


def test_a_scripts_edit_of_the_view_is_taken_in_with_its_base(line):
    """An edit in place is merged at the next look, attributed as far as that can be known."""
    plain_edit(line / VIEW, edit_text("inst_001", "By a script"))
    ran = run(line, "list", "--json")
    assert "taken in" in ran.err
    assert texts(line)["inst_001"] == "By a script"
    assert tool(line, "log")["entries"][0]["author"] == "unattributed"
    assert entries(line) == 2


def test_a_committed_edit_is_taken_in_as_the_committers(line):
    """What a colleague without the tool committed carries the colleague's name."""
    plain_edit(line / VIEW, edit_text("inst_001", "By a colleague"))
    git(line, "-c", "user.name=Kim", "-c", "user.email=kim@x.example", "commit", "-qam", "edit")
    tool(line, "list")
    assert texts(line)["inst_001"] == "By a colleague"
    assert tool(line, "log")["entries"][0]["author"] == "Kim <kim@x.example>"


def test_a_scripts_new_record_with_a_taken_id_is_a_collision(line):
    """A session published inst_019, a script appends another inst_019: both stay."""
    new = {"id": "inst_019", "text": "Script's", "active": True}
    tool(line, "start", "--id", "alpha111")
    copy = Path(tool(line, "status", "--session", "alpha111")["copy"])
    plain_edit(copy, lambda d: d["instructions"].append({**new, "text": "Session's"}))
    stale = (line / VIEW).read_text()
    tool(line, "end", "--session", "alpha111")
    (line / VIEW).write_text(stale)
    plain_edit(line / VIEW, lambda d: d["instructions"].append(new))
    tool(line, "list")
    found = texts(line)
    assert found["inst_019"] == "Session's"
    assert "Script's" in found.values()


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_a_node_script_that_rewrites_the_whole_view_changes_only_what_it_changed(line):
    """`1.0` becomes `1` in every record, and that is no edit; the one edit is taken in."""
    session(line, "alpha111", ("edit", "inst_001", "--set", "text=Mine"))
    script = (
        f"const fs=require('fs');const p={json.dumps(str(line / VIEW))};"
        "const d=JSON.parse(fs.readFileSync(p));d.instructions[1].text='By node';"
        "fs.writeFileSync(p,JSON.stringify(d,null,2));"
    )
    subprocess.run(["node", "-e", script], check=True)
    tool(line, "list")
    assert entries(line) == 3
    changes = tool(line, "log")["entries"][0]["changes"]
    assert [name for name in changes if "instructions/" in name] == ["instructions/inst_002"]
    assert texts(line)["inst_002"] == "By node"


def test_a_hand_edit_of_a_record_three_versions_behind_ends_in_the_value_or_a_conflict(line):
    """Its base is the version that the stamp names, however old."""
    session(line, "first111", ("edit", "inst_001", "--set", "text=One"))
    old = (line / VIEW).read_text()
    for number in range(3):
        session(line, f"later{number}11", ("edit", "inst_001", "--set", f"text=Later {number}"))
    (line / VIEW).write_text(old)
    plain_edit(line / VIEW, edit_text("inst_001", "By hand"))
    run(line, "list")
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert texts(line)["inst_001"] == "Later 2"
    assert conflict["sides"][1]["value"] == "By hand"
    assert conflict["sides"][1]["base"] == "One"


def test_a_hand_edit_of_another_field_three_versions_behind_is_in(line):
    """Field by field: what was not contested is taken."""
    session(line, "first111", ("edit", "inst_001", "--set", "text=One"))
    old = (line / VIEW).read_text()
    for number in range(3):
        session(line, f"later{number}11", ("edit", "inst_001", "--set", f"text=Later {number}"))
    (line / VIEW).write_text(old.replace("Agreed at the kick-off.", "Agreed twice."))
    tool(line, "list")
    record = tool(line, "show", "inst_001")
    assert record["text"] == "Later 2"
    assert record["notes"].startswith("Agreed twice.")
    assert tool(line, "conflicts")["conflicts"] == []


@pytest.mark.parametrize("count", [pytest.param(25, marks=pytest.mark.slow), 3])
def test_switching_to_older_commits_and_back_is_no_edit(repo, count):
    """Checkouts are recognised, from before and after adoption; the log gets no entry."""
    for number in range(count):
        plain_edit(repo / VIEW, edit_text("inst_001", f"Before {number}"))
        git(repo, "commit", "-qam", f"before {number}")
    tool(repo, "init")
    for number in range(count):
        session(repo, f"after{number}1", ("edit", "inst_002", "--set", f"text=After {number}"))
        git(repo, "commit", "-qam", f"after {number}")
    logged = entries(repo)
    commits = git(repo, "log", "--format=%H").split()
    assert len(commits) == 1 + 2 * count
    for commit in commits[1:]:
        git(repo, "switch", "--quiet", "--detach", commit)
        assert "taken in" not in run(repo, "list").err
        assert git(repo, "status", "--porcelain") == ""
    git(repo, "switch", "--quiet", "main")
    tool(repo, "status")
    assert entries(repo) == logged
    assert git(repo, "status", "--porcelain") == ""


def test_the_same_file_adopted_in_two_clones_gives_the_same_root(repo, tmp_path):
    """The root is a function of the adopted bytes alone."""
    other = tmp_path / "other"
    git(repo, "clone", "--quiet", ".", str(other))
    assert tool(repo, "init")["head"] == tool(other, "init")["head"]


def test_edits_of_an_adopted_record_in_two_clones_are_an_edit_conflict(repo, tmp_path):
    """Neither has a creator: the other clone's file, pulled, is a concurrent edit, no collision."""
    other = tmp_path / "other"
    git(repo, "clone", "--quiet", ".", str(other))
    for folder, text in ((repo, "Here"), (other, "There")):
        tool(folder, "init")
        session(folder, "alpha111", ("edit", "inst_001", "--set", f"text={text}"))
    shutil.copyfile(other / VIEW, repo / VIEW)
    run(repo, "list")
    (conflict,) = tool(repo, "conflicts")["conflicts"]
    assert (conflict["kind"], conflict["instruction"]) == ("field", "inst_001")
    assert [side["value"] for side in conflict["sides"]] == ["Here", "There"]
    assert len(texts(repo)) == 3


def test_a_clone_adopts_the_remotes_head(line, tmp_path):
    """`init` in a clone that has the remote-tracking branch starts from it."""
    session(line, "alpha111", ("add", "One"))
    other = tmp_path / "other"
    git(line, "clone", "--quiet", ".", str(other))
    assert tool(other, "init")["head"] == tool(line, "status")["head"]
    assert "One" in texts(other).values()


@pytest.mark.parametrize("torn", ['{"version": "1.0", "instr', "", "<<<<<<< HEAD\n{}\n"])
def test_a_torn_view_is_reported_and_left_alone(line, torn):
    """Never merged, never overwritten: not by a command, not by an end."""
    (line / VIEW).write_text(torn)
    ran = run(line, "list")
    assert ran.code == 0
    assert f"{VIEW}:1" in ran.err
    session(line, "alpha111", ("add", "One"))
    assert (line / VIEW).read_text() == torn
    assert "One" in texts(line).values()


def test_two_lines_in_one_repository_do_not_mix(repo):
    """A package with its own settings follows its own branch; nothing crosses by itself."""
    package = repo / "packages" / "oven"
    (package / ".claude").mkdir(parents=True)
    (package / ".claude/tractatus.toml").write_text('[store]\nbranch = "tractatus/oven"\n')
    tool(repo, "init")
    tool(package, "init")
    session(package, "alpha111", ("add", "Only for the oven"))
    assert "Only for the oven" in texts(package).values()
    assert "Only for the oven" not in texts(repo).values()
    assert run(repo, "status", "--session", "alpha111").code == 2
    branches = git(repo, "branch", "--list", "tractatus/*").split()
    assert branches == ["tractatus/history", "tractatus/oven"]


def test_a_branch_in_the_way_is_named_with_a_way_out(repo):
    """`tractatus` and `tractatus/history` cannot both exist; the hint works as it stands."""
    git(repo, "branch", "tractatus")
    refused = run(repo, "init")
    assert refused.code == 3
    assert "git:tractatus-history" in refused.err
    tool(repo, "init", "--store", "git:tractatus-history")
    session(repo, "alpha111", ("add", "One"))
    assert "One" in texts(repo).values()


def test_an_end_from_elsewhere_writes_the_view_of_the_sessions_own_worktree(untracked, tmp_path):
    """Whoever ends a session, its own worktree gets the view."""
    tree = tmp_path / "tree"
    git(untracked, "worktree", "add", "--quiet", str(tree))
    tool(tree, "start", "--id", "alpha111")
    tool(tree, "add", "One", "--session", "alpha111")
    tool(untracked, "end", "--session", "alpha111")
    assert "One" in (tree / VIEW).read_text()


def test_a_view_that_is_a_symbolic_link_is_read_and_never_replaced(line, tmp_path):
    """A link may point anywhere: nothing is written through it or over it."""
    target = tmp_path / "elsewhere.json"
    target.write_bytes((line / VIEW).read_bytes())
    (line / VIEW).unlink()
    (line / VIEW).symlink_to(target)
    before = target.read_bytes()
    session(line, "alpha111", ("add", "One"))
    assert (line / VIEW).is_symlink()
    assert target.read_bytes() == before
    assert "One" in texts(line).values()


def test_a_scripts_edit_of_the_header_is_taken_in(line):
    """A header key is no record, and is not lost either."""
    session(line, "alpha111", ("add", "One"))
    plain_edit(line / VIEW, lambda d: d.update(description="By a script", owner="ops"))
    tool(line, "list")
    session(line, "beta2222", ("add", "Two"))
    shown = json.loads(run(line, "view").out)
    assert (shown["description"], shown["owner"]) == ("By a script", "ops")
    assert json.loads((line / VIEW).read_text())["owner"] == "ops"


def test_an_older_header_is_a_checkout(line):
    """Switching back and forth brings no old header back."""
    git(line, "commit", "--quiet", "--allow-empty", "-m", "one more")
    session(line, "alpha111", ("add", "One"))
    plain_edit(line / VIEW, lambda d: d.update(description="New"))
    tool(line, "list")
    git(line, "commit", "--quiet", "-am", "published")
    count = entries(line)
    git(line, "switch", "--quiet", "--detach", "HEAD~1")
    tool(line, "list")
    git(line, "switch", "--quiet", "main")
    tool(line, "list")
    assert entries(line) == count
    assert json.loads(run(line, "view").out)["description"] == "New"


def test_an_edit_that_lost_is_taken_in_once(line):
    """After it was merged the view shows the head, so that it is not found again and again."""
    session(line, "first111", ("edit", "inst_001", "--set", "text=One"))
    old = (line / VIEW).read_text()
    session(line, "later111", ("edit", "inst_001", "--set", "text=Two"))
    (line / VIEW).write_text(old)
    plain_edit(line / VIEW, edit_text("inst_001", "By hand"))
    run(line, "list")
    count = entries(line)
    assert '"text": "Two"' in (line / VIEW).read_text()
    plain_edit(line / VIEW, edit_text("inst_002", "Another"))
    run(line, "list")
    assert entries(line) == count + 1
    assert len(tool(line, "conflicts")["conflicts"]) == 1


def test_a_committed_edit_leaves_the_checkout_clean(line):
    """What a colleague committed is merged without making the work tree dirty."""
    plain_edit(line / VIEW, edit_text("inst_001", "By a colleague"))
    git(line, "commit", "--quiet", "-am", "edit")
    tool(line, "list")
    assert texts(line)["inst_001"] == "By a colleague"
    assert git(line, "status", "--porcelain") == ""


def test_an_edit_that_was_taken_in_does_not_come_back(line, tmp_path):
    """A person put the old value back meanwhile: the next edit of the file brings only itself."""
    tool(line, "edit", "inst_001", "--set", "text=ONE")
    git(line, "commit", "--quiet", "-am", "a")
    tree = tmp_path / "tree"
    git(line, "worktree", "add", "--quiet", str(tree), "-b", "w")
    plain_edit(line / VIEW, edit_text("inst_001", "SCRIPT"))
    git(line, "commit", "--quiet", "-am", "b")
    tool(line, "list")
    assert texts(line)["inst_001"] == "SCRIPT"
    tool(tree, "edit", "inst_001", "--set", "text=ONE", "--why", "a person puts it back")
    plain_edit(line / VIEW, edit_text("inst_002", "unrelated"))
    tool(line, "list")
    assert texts(line)["inst_001"] == "ONE"
    assert texts(line)["inst_002"] == "unrelated"


@pytest.mark.parametrize("what", ["folder", "fifo", "loop"])
def test_a_view_that_is_no_file_is_reported_and_left_alone(line, what):
    """Nothing hangs, nothing is replaced, the history goes on."""
    path = line / VIEW
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(path)
    session(line, "alpha111", ("add", "One"))
    assert "One" in texts(line).values()
    if what != "loop":
        assert "no plain file" in run(line, "list").err


def test_personal_git_settings_do_not_matter(line):
    """`log.follow` and the like are a person's taste in reading logs."""
    git(line, "config", "log.follow", "true")
    plain_edit(line / VIEW, edit_text("inst_001", "By a script"))
    tool(line, "list")
    assert texts(line)["inst_001"] == "By a script"
    tool(line, "log", "inst_001")


def test_a_code_branch_is_never_taken_for_a_history(repo):
    """`init --store git:main` is refused before any write, and the branch stays as it is."""
    tip = git(repo, "rev-parse", "main")
    refused = run(repo, "init", "--store", "git:main")
    assert refused.code == 3
    assert "no instruction history" in refused.err
    assert not (repo / ".claude/tractatus.toml").exists()
    assert git(repo, "rev-parse", "main") == tip


def test_a_change_of_the_header_alone_is_an_outcome(line):
    """`status`, `end` and its JSON name it."""
    copy = Path(tool(line, "start", "--id", "alpha111")["copy"])
    plain_edit(copy, lambda d: d.update(description="Mine"))
    assert "header" in run(line, "status", "--session", "alpha111").out
    ended = tool(line, "end", "--session", "alpha111")
    assert (ended["outcome"], ended["header"]) == ("clean", True)
    assert json.loads(run(line, "view").out)["description"] == "Mine"


@pytest.mark.parametrize("asked", [False, True])
def test_nobody_writes_over_what_was_not_taken_in(line, asked):
    """Whoever forgets to look first is refused, and the file is as it was."""
    path = line / ".claude/instruction-history.json"
    tool(line, "edit", "inst_001", "--set", "notes=From the head")
    plain_edit(path, lambda said: said["instructions"][1].update(notes="By hand"))
    before = path.read_bytes()
    with closing(open_repository(line)) as repo:
        refused = View(repo).write(repo.head(), asked=asked)
    assert refused is not None and "another program has changed the file" in refused
    assert path.read_bytes() == before
    assert run(line, "status").code == 0
    assert tool(line, "show", "inst_002")["notes"] == "By hand"
