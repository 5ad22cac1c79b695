"""`migrate FROM TO`: a whole history in another store, the old one frozen, sessions taken along."""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import services
from tests.conftest import ROOT, bakery, git
from tests.fakeagent import Agent
from tests.git.sync.crowd import pair_of
from tests.stores.kinds import with_database, with_line
from tests.tool import run, texts, tool
from tractatus_merge.factory import at
from tractatus_merge.log.blame import blame
from tractatus_merge.repository.settings_text import with_store
from tractatus_merge.stores import copying
from tractatus_merge.view.notes import ViewNotes

OLD = "git:tractatus/history"


def lived_in(folder):
    """The bakery's history after a conflict, its answer, an undo, a new record and a retired one."""
    top = bakery(folder, taken_in=True)
    for one, quadrant in (("one", "STRATEGIC"), ("two", "TACTICAL")):
        tool(top, "start", "--id", one)
        words = ("--set", f"quadrant={quadrant}", "--why", f"so says {one} ü")
        tool(top, "edit", "--session", one, "inst_001", *words)
    tool(top, "end", "--session", "one")
    (conflict,) = tool(top, "end", "--session", "two", code=1)["conflicts"]
    tool(top, "resolve", conflict, "--take", "two", "--why", "it is tactical")
    tool(top, "add", "Ovens are preheated.", "--id", "inst_900")
    tool(top, "edit", "inst_002", "--set", "persistence=LOW")
    tool(top, "undo", "--why", "a slip")
    tool(top, "retire", "inst_002", "--why", "no longer")
    for one, text in (("three", "Loaves rest."), ("four", "Loaves cool.")):
        tool(top, "start", "--id", one)
        tool(top, "edit", "--session", one, "inst_900", "--set", f"text={text}")
    tool(top, "end", "--session", "three")
    tool(top, "end", "--session", "four", code=1)
    return top


def story(top, url):
    """What a store tells of each version, oldest first: its entry, its records, who wrote what."""
    repo = at(top, url)
    try:
        return [
            _told(repo.store.load(step.entry.version), step.entry)
            for step in copying.steps(repo.store)
        ]
    finally:
        repo.close()


def _told(state, entry):
    said = [
        getattr(entry, name) for name in ("message", "session", "tag", "agent", "author", "time")
    ]
    who = {name: blame(state, name) for name in state.contents()}
    records = {key: state.get(*key) for key in state}
    return said, sorted(entry.conflicts), sorted(entry.changes), records, who


def names(top, url):
    """The ids of every version, oldest first."""
    repo = at(top, url)
    try:
        return [step.entry.version for step in copying.steps(repo.store)]
    finally:
        repo.close()


def a_round(top, urls):
    """Move from each store to the next; what was told in the first one is told in all."""
    first, began = names(top, OLD), story(top, OLD)
    for source, target in itertools.pairwise([OLD, *urls]):
        before = story(top, source)
        assert tool(top, "migrate", source, target)["versions"] == len(before)
        after = story(top, target)
        assert after[:-1] == before
        assert after[: len(began)] == began
        assert story(top, source)[:-1] == before
        assert tool(top, "log")["entries"][0]["message"] == f"Move here from {source}"
        for number in (1, 4):
            shown = tool(top, "show", first[number])
            assert shown["version"] == names(top, target)[number]
    (conflict,) = tool(top, "conflicts")["conflicts"]
    assert conflict["instruction"] == "inst_900"
    assert not tool(top, "show", "inst_002")["active"]
    tool(top, "undo", first[7])
    assert tool(top, "show", "inst_002")["active"]
    assert tool(top, "doctor")["ok"]


@pytest.mark.slow
def test_a_history_goes_through_every_store_without_a_server(tmp_path):
    """git, sqlite, file, git: records, log, blame and conflicts are the same at every version."""
    a_round(lived_in(tmp_path), ["sqlite:", "file:", "git:again"])


@pytest.mark.slow
@pytest.mark.services
def test_a_history_goes_through_every_store(tmp_path, mongodb, postgresql):
    """git, mongodb, postgresql, sqlite, file, git: the same, and old ids are found in each."""
    del mongodb, postgresql
    servers = [os.environ[services.SERVICES[name].variable] for name in ("mongodb", "postgresql")]
    urls = [with_database(servers[0]), with_line(servers[1])]
    a_round(lived_in(tmp_path), [*urls, "sqlite:", "file:", "git:again"])


KILLED = """
import os, signal, sys
from pathlib import Path
from tractatus_merge.cli import main
from tractatus_merge.system import files
left = int(sys.argv.pop(1))
def counted(kind, name):
    real = getattr(kind, name)
    def do(*words, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*words, **more)
    setattr(kind, name, do)
from tractatus_merge.git.store import GitStore
from tractatus_merge.stores.file import FileStore
for kind in (GitStore, FileStore):
    counted(kind, "commit")
for name in ("rename", "unlink", "symlink_to"):
    counted(Path, name)
for name in ("replace", "create"):
    counted(files, name)
sys.exit(main(sys.argv[1:]))
"""


def killed(top, left, *words):
    """Run a command, killed before the step of that number; whether it was."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(left), "-C", str(top), *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.slow
@pytest.mark.parametrize(("source", "target"), [(OLD, "file:"), ("file:", "git:again")])
def test_killed_before_any_step_it_goes_on(tmp_path, source, target):
    """After kill -9 before each write the same command ends as if nothing had happened."""
    whole = bakery(tmp_path, taken_in=True)
    tool(whole, "add", "Ovens are preheated.", "--id", "inst_900")
    tool(whole, "start", "--id", "open")
    tool(whole, "edit", "--session", "open", "inst_001", "--set", "text=Open")
    if source != OLD:
        tool(whole, "migrate", OLD, source)
    told, number, dead = story(whole, source), 0, True
    while dead:
        number += 1
        top = tmp_path / f"n{number}" / "repo"
        subprocess.run(["cp", "-a", whole, top.parent if top.parent.mkdir() else top], check=True)
        dead = killed(top, number, "migrate", source, target)
        ran = run(top, "list", "--all")
        assert ran.code in (0, 2), ran.err  # the old one, the new one, or none that is whole
        if ran.code:
            assert f"tractatus-merge migrate {source} {target}" in ran.err
        tool(top, "migrate", source, target)
        assert story(top, target)[: len(told)] == told
        assert len(story(top, target)) == len(told) + 1
        assert len(story(top, source)) == len(told) + 1
        tool(top, "end", "--session", "open")
        assert texts(top)["inst_001"] == "Open"
    assert number > 8


def test_a_session_that_ends_on_the_old_store_in_the_middle_is_in(tmp_path, monkeypatch):
    """What is published while versions are copied is copied before the old store is frozen."""
    top = bakery(tmp_path, taken_in=True)
    tool(top, "start", "--id", "late")
    tool(top, "edit", "--session", "late", "inst_001", "--set", "text=In time")
    real, ended = copying.verify, []

    def verify(*words, **more):
        real(*words, **more)
        if not ended:
            ended.append(tool(top, "end", "--session", "late"))

    monkeypatch.setattr(copying, "verify", verify)
    assert tool(top, "migrate", OLD, "file:")["versions"] == 2
    assert ended[0]["outcome"] == "clean"
    assert texts(top)["inst_001"] == "In time"
    assert tool(top, "log")["entries"][1]["session"] == "late"


def test_who_still_uses_the_old_store_is_told_and_comes_along(tmp_path):
    """A worktree with older settings: its verbs say where the history went; the hint takes it there."""
    top = bakery(tmp_path, taken_in=True)
    other = tmp_path / "other"
    git(top, "worktree", "add", "-q", str(other))
    tool(top, "start", "--id", "early")
    tool(top, "edit", "--session", "early", "inst_001", "--set", "text=Early")
    tool(top, "migrate", OLD, "file:")
    for words in (["add", "x"], ["start", "--id", "z"], ["retire", "inst_001"]):
        ran = run(other, *words)
        assert ran.code == 3
        assert f"the history has moved from {OLD} to file:" in ran.err
        assert f"tractatus-merge migrate {OLD} file:" in ran.err
    assert run(other, "list").code == 0
    done = tool(other, "migrate", OLD, "file:")
    assert (done["moved"], done["versions"]) == (False, 1)
    tool(other, "end", "--session", "early")
    assert texts(other)["inst_001"] == texts(top)["inst_001"] == "Early"


def test_an_agent_goes_on_writing_into_the_copy_that_it_knows(tmp_path):
    """The path of a session's copy leads to the same file after the move."""
    top = bakery(tmp_path, taken_in=True)
    copy = tool(top, "start", "--id", "s")["copy"]
    tool(top, "migrate", OLD, "sqlite:")
    Path(copy).write_text(Path(copy).read_text("utf-8").replace("HIGH", "MEDIUM", 1), "utf-8")
    assert tool(top, "end", "--session", "s")["edited"] == ["inst_001"]


def test_a_store_with_a_history_of_its_own_is_refused(tmp_path):
    """Nothing is written into it, and the old one stays in use."""
    top = bakery(tmp_path, taken_in=True)
    tool(top, "migrate", OLD, "file:")
    tool(top, "add", "x")
    git(top, "branch", "mine")
    for target, code in ((OLD, 2), ("git:mine", 3)):
        was = git(top, "for-each-ref")
        assert run(top, "migrate", "file:", target).code == code
        assert git(top, "for-each-ref") == was
        tool(top, "add", f"after {code}")
    assert "has moved" in run(top, "migrate", OLD, "sqlite:").err
    assert run(top, "migrate", "file:", "file:").code == 2
    assert "no history" in run(top, "migrate", "git:none", "sqlite:").err
    path = top / ".claude/tractatus.toml"
    path.unlink()
    assert tool(top, "list")["instructions"]  # the old line can still be read, and no mark is left


def test_settings_keep_what_else_they_say(tmp_path):
    """Only the line that names the store is another one."""
    top = bakery(tmp_path, taken_in=True)
    path = top / ".claude/tractatus.toml"
    path.write_text('# ours\n[view]\nwrite = "never"\n\n[store]\nlock = "none"  # why\n')
    tool(top, "migrate", OLD, "sqlite:h.db")
    said = path.read_text()
    assert said == (
        '# ours\n[view]\nwrite = "never"\n\n[store]\nurl = "sqlite:h.db"\nlock = "none"  # why\n'
    )
    tool(top, "migrate", "sqlite:h.db", "git:x")
    assert path.read_text() == said.replace('url = "sqlite:h.db"', 'branch = "x"')


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", '[store]\nurl = "x"\n'),
        ("[view]\nwrite = 'auto'", "[view]\nwrite = 'auto'\n\n[store]\nurl = \"x\"\n"),
        ("[store]\nbranch = 'a'", '[store]\nurl = "x"\n'),
        ("[ store ]\n 'url'='q' # c\nlock='none'\n", "[ store ]\nurl = \"x\"\nlock='none'\n"),
        ("[documents.a]\nurl = 1\n[store]\n", '[documents.a]\nurl = 1\n[store]\nurl = "x"\n'),
        ("store.branch = 'a'\n", None),
        ("store = {branch = 'a'}\n", None),
        ("[store", None),
    ],
)
def test_the_settings_that_name_another_store(text, want):
    """What cannot be said line by line is left to a person."""
    assert with_store(text, "url", "x") == want


def test_settings_that_cannot_be_changed_are_shown(tmp_path):
    """The history has moved, and the line to write is told; the same command again sees it done."""
    top = bakery(tmp_path, taken_in=True)
    path = top / ".claude/tractatus.toml"
    path.write_text("store = {lock = 'none'}\n")
    ran = run(top, "migrate", OLD, "file:")
    assert (ran.code, 'edit it: [store] url = "file:"' in ran.err) == (2, True)
    path.write_text('[store]\nlock = "none"\nurl = "file:"\n')
    assert tool(top, "migrate", OLD, "file:")["versions"] == 1
    tool(top, "add", "x")


def test_a_url_with_a_password_is_refused(tmp_path):
    """It would stand in the old store for all to read."""
    ran = run(bakery(tmp_path, taken_in=True), "migrate", OLD, "postgresql://jo:pw@host/db")
    assert ran.code == 2
    assert "pw" not in ran.err.replace("PGPASSWORD", "").replace(".pgpass", "")


def test_heads_that_were_united_are_put_in_a_row(tmp_path):
    """Every version of the log is in; those of the line of first parents, as they were to the byte."""
    _, ada, bo = pair_of(tmp_path)
    for place, name in ((ada, "inst_a"), (bo, "inst_b")):
        tool(place, "add", f"By {name}", "--id", name)
    tool(ada, "sync")
    tool(bo, "sync")
    tool(bo, "add", "After", "--id", "inst_c")
    log = tool(bo, "log")["entries"]
    before = story(bo, OLD)
    tool(bo, "migrate", OLD, "file:")
    moved = names(bo, "file:")
    after = story(bo, "file:")
    assert len(after) == len(log) + 1
    assert sorted(told[0] for told in after[:-1]) == sorted(told[0] for told in before)
    same = [told[3] == new[3] for told, new in zip(before, after, strict=False)]
    assert same.count(False) <= 1
    for entry in log:
        shown = tool(bo, "show", entry["version"])
        assert shown["version"] in moved
    for name in ("inst_a", "inst_b", "inst_c"):
        (entry,) = tool(bo, "log", name)["entries"]
        assert entry["message"].endswith("1 added")
    assert set(texts(bo)) >= {"inst_a", "inst_b", "inst_c"}


def test_a_clone_that_had_not_heard_of_it_brings_what_it_has(tmp_path):
    """What it published on the old line is united with the new one; nothing is lost or doubled."""
    _, ada, bo = pair_of(tmp_path)
    target = f"sqlite:{tmp_path}/shared.db"
    tool(ada, "migrate", OLD, target)
    tool(ada, "edit", "inst_001", "--set", "text=By Ada")
    tool(bo, "add", "By Bo", "--id", "inst_b")
    tool(bo, "edit", "inst_001", "--set", "quadrant=TACTICAL")
    tool(bo, "start", "--id", "open")
    tool(bo, "edit", "--session", "open", "inst_002", "--set", "notes=cents")
    done = tool(bo, "migrate", OLD, target)
    assert not done["moved"]
    assert "open" in done["sessions"]
    for place in (ada, bo):
        found = tool(place, "show", "inst_001")
        assert (found["text"], found["quadrant"]) == ("By Ada", "TACTICAL")
        assert texts(place)["inst_b"] == "By Bo"
    length = len(tool(ada, "log")["entries"])
    tool(bo, "migrate", OLD, target)
    assert len(tool(ada, "log")["entries"]) == length
    tool(bo, "end", "--session", "open")
    assert tool(ada, "show", "inst_002")["notes"] == "cents"
    assert "Bo" in str(tool(ada, "blame", "inst_b"))


def test_the_tombstone_comes_to_other_clones(tmp_path):
    """Pushed, as `migrate` says, it freezes each clone that syncs, and names the new store there."""
    _, ada, bo = pair_of(tmp_path)
    target = f"file:{tmp_path}/shared"
    told = run(ada, "migrate", OLD, target).out
    assert "git push origin tractatus/history" in told
    git(ada, "push", "-q", "origin", "tractatus/history")
    tool(bo, "add", "By Bo", "--id", "inst_b")
    ran = run(bo, "sync")
    assert (ran.code, "has moved from" in ran.err) == (3, True), ran
    tool(bo, "migrate", OLD, target)
    assert texts(ada)["inst_b"] == "By Bo"


def test_a_clone_of_another_history_is_refused(tmp_path):
    """What came to the new store is none of this one: nothing is written, neither here nor there."""
    one, two = bakery(tmp_path / "one", taken_in=True), bakery(tmp_path / "two")
    (two / ".claude/instruction-history.json").write_text('{"instructions": []}')
    tool(two, "init")
    target = f"file:{tmp_path}/shared"
    tool(one, "migrate", OLD, target)
    assert run(two, "migrate", OLD, target).code == 2
    assert len(tool(one, "log")["entries"]) == 2
    tool(two, "add", "x")


@pytest.mark.slow
@pytest.mark.parametrize("target", ["file:", "git:again"])
def test_an_agent_s_hooks_go_on_after_the_move(tmp_path, target):
    """What others publish is told, what it edits is merged when it ends; also what it began before."""
    top = bakery(tmp_path, taken_in=True)
    agent = Agent(top, "9d0c", tmp_path)
    agent.fire("SessionStart", source="startup")
    agent.command("edit", "inst_001", "--set", "text=Before")
    tool(top, "migrate", OLD, target)
    tool(top, "add", "Ovens are preheated.", "--id", "inst_900")
    assert "Ovens are preheated." in agent.fire("UserPromptSubmit", prompt="go on")
    agent.command("edit", "inst_002", "--set", "notes=After")
    agent.fire("SessionEnd", reason="other")
    deadline = time.monotonic() + 60
    while tool(top, "show", "inst_002").get("notes") != "After" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert tool(top, "show", "inst_002")["notes"] == "After"
    assert texts(top)["inst_001"] == "Before"


@pytest.mark.slow
def test_processes_that_publish_while_it_moves_lose_nothing(tmp_path):
    """Each `add` that was answered with success is in the new store, exactly once."""
    top = bakery(tmp_path, taken_in=True)
    loop = (
        "import sys\nfrom tractatus_merge.cli import main\n"
        "for n in range(40):\n"
        "    code = main(['-C', sys.argv[1], 'add', f'Rule {n} of {sys.argv[2]}', '--json'])\n"
        "    print('DONE', n, code, flush=True)\n"
    )
    words = [sys.executable, "-c", loop, str(top)]
    writers = [
        subprocess.Popen(
            [*words, name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for name in ("ada", "bo")
    ]
    for writer in writers:
        assert writer.stdout is not None
        while not writer.stdout.readline().startswith("DONE"):
            pass
    done = tool(top, "migrate", OLD, "file:")
    said = [writer.communicate(timeout=240)[0] for writer in writers]
    tool(top, "migrate", OLD, "file:")
    there = sorted(texts(top).values())
    for name, out in zip(("ada", "bo"), said, strict=True):
        codes = dict(re.findall(r"DONE (\d+) (\d+)", out)) | {"0": "0"}
        assert set(codes.values()) <= {"0", "2", "3", "75"}
        for number, code in codes.items():
            assert there.count(f"Rule {number} of {name}") == (code == "0"), (name, number, code)
    assert done["versions"] > 2


def test_another_session_of_that_id_is_not_touched(tmp_path):
    """Where the new place has a session of another line under the same id, it is said; no file goes."""
    top = bakery(tmp_path, taken_in=True)
    copy = Path(tool(top, "start", "--id", "same")["copy"])
    folder = top / ".claude/sessions/same"
    folder.mkdir(parents=True)
    facts = (copy.parent / "session.json").read_text("utf-8")
    tag = json.loads(facts)["tag"]
    (folder / "session.json").write_text(facts.replace(tag, "01234567"), "utf-8")
    (folder / copy.name).write_text("{}", "utf-8")
    ran = run(top, "migrate", OLD, "file:")
    assert (ran.code, "a session same in" in ran.err) == (2, True)
    assert (copy.is_file(), (folder / copy.name).read_text("utf-8")) == (True, "{}")
    folder.rename(tmp_path / "elsewhere")
    assert tool(top, "migrate", OLD, "file:")["sessions"] == ["same"]
    tool(top, "end", "--session", "same")


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_folders_on_two_disks_are_copied(tmp_path, monkeypatch, cut):
    """Where a folder cannot be renamed over; stopped in between, nothing that is open is lost."""
    top = bakery(tmp_path, taken_in=True)
    tool(top, "start", "--id", "s")
    tool(top, "edit", "--session", "s", "inst_001", "--set", "text=Kept")
    real, real_rmtree, left = Path.rename, shutil.rmtree, [cut]

    def rename(self, target):
        if self.name == "s":
            raise OSError(errno.EXDEV, "two disks")
        step()
        return real(self, target)

    def rmtree(path, **more):
        step()
        real_rmtree(path, **more)

    def step():
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    assert run(top, "migrate", OLD, "file:").code == (130 if cut else 0)
    tool(top, "migrate", OLD, "file:")
    tool(top, "end", "--session", "s")
    assert texts(top)["inst_001"] == "Kept"


@pytest.mark.parametrize("carried", [True, False])
def test_a_session_that_ends_on_the_old_store_is_merged_into_the_new_one(tmp_path, carried):
    """Told where the history went; whether `migrate` took the session along, or it began too late."""
    top = bakery(tmp_path, taken_in=True)
    other = tmp_path / "other"
    git(top, "worktree", "add", "-q", str(other))
    tool(other, "start", "--id", "late")
    tool(other, "edit", "--session", "late", "inst_001", "--set", "text=Late")
    place = top / ".git/tractatus/sessions"
    if not carried:
        (place / "late").rename(tmp_path / "late")
    tool(top, "migrate", OLD, "file:")
    if not carried:
        (tmp_path / "late").rename(place / "late")
    ran = run(other, "end", "--session", "late")
    assert (ran.code, f"has moved from {OLD} to file:" in ran.err) == (0, True), ran
    assert texts(top)["inst_001"] == "Late"
    assert len(story(top, OLD)) == 2
    assert run(other, "end", "--session", "late").code == 0


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.parametrize("name", ["postgresql", "mongodb"])
@pytest.mark.parametrize("stage", ["copy", "verify"])
def test_a_server_that_dies_in_the_middle(tmp_path, monkeypatch, name, stage):
    """Exit 3, and the old store is in use; with the server back, the same command ends the move."""
    if why := services.missing(name):
        pytest.skip(why)
    top = lived_in(tmp_path)
    before = story(top, OLD)
    with services.running(name) as server:
        url = with_line(server.url) if name == "postgresql" else with_database(server.url)
        if name == "mongodb":
            url += "?serverSelectionTimeoutMS=1000"
        real = getattr(copying, stage)

        def dying(source, target, todo, *words, **more):
            def steps(found):
                for number, step in enumerate(found):
                    if number == 4:
                        server.kill()
                    yield step

            if stage == "copy":
                return real(source, target, todo, steps)
            return real(source, target, todo, words[0], steps, **more)

        monkeypatch.setattr(copying, stage, dying)
        assert run(top, "migrate", OLD, url).code == 3
        monkeypatch.undo()
        assert story(top, OLD) == before
        tool(top, "add", "Meanwhile", "--id", "inst_950")
        server.start()
        assert tool(top, "migrate", OLD, url)["versions"] == len(before) + 1
        assert story(top, url)[: len(before)] == before
        assert texts(top)["inst_950"] == "Meanwhile"


@pytest.mark.parametrize("target", ["file:", "git:again"])
def test_the_view_follows_the_new_store(tmp_path, target):
    """It is known as what was written there: no edit, and the next head is shown in it."""
    top = bakery(tmp_path, taken_in=True)
    git(top, "rm", "-q", "--cached", ".claude/instruction-history.json")
    (top / ".gitignore").write_text("/.claude/\n")
    tool(top, "add", "First", "--id", "inst_900")
    tool(top, "view", "--write")
    tool(top, "migrate", OLD, target)
    length = len(tool(top, "log")["entries"])
    repo = at(top, target)
    notes = ViewNotes.read(repo.workspace.view_notes)
    assert notes.digest
    assert notes.version == names(top, target)[1]
    repo.close()
    assert run(top, "status").err == ""
    tool(top, "add", "Second", "--id", "inst_901")
    assert '"Second"' in (top / ".claude/instruction-history.json").read_text("utf-8")
    assert len(tool(top, "log")["entries"]) == length + 1
