"""Whole sessions on every kind of checkout and store: with and without git, in memory, in files.

Nothing here asks which it is: sessions, view and review know the store and the checkout by their
protocols alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests import services
from tests.conftest import HISTORY, ROOT, bakery
from tests.stores.kinds import with_database, with_line
from tests.tool import plain_edit
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.factory import initialise, open_repository
from tractatus_merge.log import blame, steps, versions
from tractatus_merge.repository.checkout import PlainCheckout
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.review import answer, undo
from tractatus_merge.review.questions import question
from tractatus_merge.sessions import edit as session_edit
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import overview, publish, sweep, unpublished
from tractatus_merge.sessions.facts import Requested, SealedCopy
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.start import start
from tractatus_merge.stores.memory import MemoryStore
from tractatus_merge.view import foreign_edits
from tractatus_merge.view.file import View

PERSON = {"TRACTATUS_AUTHOR": "Jo Baker <jo@bakery.example>"}


def plain(folder):
    """A folder that no version control looks at, with the history in memory."""
    (folder / ".claude").mkdir()
    (folder / ".claude" / "instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    store, checkout = MemoryStore(), PlainCheckout(folder)
    return lambda: Repository(Workspace.plain(folder), store, checkout, PERSON)


def in_files(folder):
    """A folder that no version control looks at, with the history in files."""
    return chosen(folder, folder)


def in_a_database(folder):
    """A folder that no version control looks at, with the history in SQLite."""
    return chosen(folder, folder, url="sqlite:")


def in_files_and_git(folder):
    """A git repository whose history is kept in files."""
    return chosen(folder, bakery(folder), ignored="/.claude/instruction-history.json\n")


def chosen(folder, top, ignored="", url="file:"):
    """A folder in which `init --store URL` is about to be said."""
    if ignored:
        (top / ".git/info/exclude").write_text(ignored)
        subprocess.run(["git", "rm", "-rq", "--cached", ".claude"], cwd=top, check=True)
    (top / ".claude").mkdir(exist_ok=True)
    (top / ".claude" / "instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    (top / ".claude" / "tractatus.toml").write_text(f'[store]\nurl = "{url}"\n')
    return lambda: open_repository(top, PERSON)


def in_git(folder):
    """A git repository that ignores the view."""
    top = bakery(folder)
    (top / ".git/info/exclude").write_text("/.claude/\n")
    subprocess.run(["git", "rm", "-rq", "--cached", ".claude"], cwd=top, check=True)
    return lambda: open_repository(top, PERSON)


def on_postgresql(folder):
    """A folder that no version control looks at, with the history on PostgreSQL."""
    server = os.environ[services.SERVICES["postgresql"].variable]
    return chosen(folder, folder, url=with_line(server))


def in_mongodb(folder):
    """A folder that no version control looks at, with the history in MongoDB."""
    server = os.environ[services.SERVICES["mongodb"].variable]
    return chosen(folder, folder, url=with_database(server))


KINDS = {
    "plain folder": plain,
    "git": in_git,
    "files": in_files,
    "files in git": in_files_and_git,
    "a database": in_a_database,
}


SERVERS = [
    pytest.param((make, name), marks=pytest.mark.services, id=name)
    for name, make in (("postgresql", on_postgresql), ("mongodb", in_mongodb))
]


@pytest.fixture(
    params=[*(pytest.param((make, ""), id=name) for name, make in KINDS.items()), *SERVERS]
)
def opened(request, tmp_path):
    """Opens the history of one place, as each command does; the history is there."""
    make, service = request.param
    if service:
        request.getfixturevalue(service)
    again = make(tmp_path)
    found = []

    def make():
        found.append(again())
        return found[-1]

    initialise(make())
    yield make
    for repo in found:
        repo.close()


def content(repo, name):
    """An instruction of the head."""
    return Record(repo.head().get(INSTRUCTIONS, name)).content


def edit(repo, session, name, field, value, why=""):
    """Write one field into a session's copy."""
    return session_edit.edit(repo, session, name, [((field,), value)], why)


def test_two_sessions_of_one_base_lose_nothing(opened):
    """One adds and one edits; both ends are in the head, and the log says who did what."""
    repo = opened()
    one, two = start(repo, "one"), start(repo, "two")
    added = session_edit.add(repo, one, {"text": "Ovens are preheated."}, "burnt loaves")
    edit(repo, two, "inst_002", "notes", "cents", "asked by finance")
    assert publish.merge(repo, one, end=True).outcome.added == (added,)
    assert publish.merge(opened(), two, end=True).outcome.edited == ("inst_002",)
    assert content(repo, added)["text"] == "Ovens are preheated."
    assert content(repo, "inst_002")["notes"] == "cents"
    assert [entry.session for entry in repo.store.log()] == ["two", "one", ""]
    blamed = {one.path: one.writers for one in blame.blame(repo.head(), "inst_002")}
    assert [(w.session, w.why) for w in blamed["notes",]] == [("two", "asked by finance")]
    assert [one.state for one in session_lookup.line_sessions(repo)] == [Life.MERGED, Life.MERGED]


def test_a_contested_field_waits_for_a_person_and_is_settled(opened):
    """What was published first stands; the answer, and its revocation, are versions of the line."""
    repo = opened()
    one, two = start(repo, "one"), start(repo, "two")
    edit(repo, one, "inst_001", "quadrant", "STRATEGIC")
    edit(repo, two, "inst_001", "quadrant", "TACTICAL")
    publish.merge(repo, one, end=True)
    outcome = publish.merge(repo, two, end=True).outcome
    assert outcome.status == "conflicts"
    assert content(repo, "inst_001")["quadrant"] == "STRATEGIC"
    asked = question(repo.head(), outcome.conflicts[0])
    assert len(asked.side_views) == 2
    done = answer.resolve(repo, asked.conflict, take="two", why="it is tactical")
    assert content(repo, "inst_001")["quadrant"] == done.value == "TACTICAL"
    assert open_conflicts(repo.head()) == []
    again = answer.revoke(repo, outcome.conflicts[0])
    assert content(repo, "inst_001")["quadrant"] == "STRATEGIC"
    assert [c.id for c in open_conflicts(repo.head())] == [again.conflict.id]


def test_a_version_is_undone(opened):
    """An undo is a new version that brings back what stood before."""
    repo = opened()
    one = start(repo, "one")
    edit(repo, one, "inst_002", "persistence", "LOW")
    publish.merge(repo, one, end=True)
    entry = next(steps.steps_back(repo, "one")).entry
    assert versions.story(repo, entry)
    undone = undo.undo(repo, entry, why="money is grave")
    assert undone.done
    assert content(repo, "inst_002")["persistence"] == "HIGH"


def test_a_person_steps_back_and_forward(opened):
    """Over edits and answers, each time one further: the log of every store says where one is."""
    repo = opened()
    one, two = start(repo, "one"), start(repo, "two")
    for session, value in ((one, "LOW"), (two, "VARIABLE")):
        edit(repo, session, "inst_002", "persistence", value)
        publish.merge(repo, session, end=True)
    (conflict,) = open_conflicts(repo.head())
    answer.resolve(repo, conflict, take="both")

    def stands():
        head = repo.head()
        found = {name: said for name, said in head.contents().items() if said["active"]}
        return found, [one.terms for one in open_conflicts(head)]

    def back():
        undo.step_back(repo, next(steps.steps_back(repo)))
        return stands()

    answered = stands()
    assert [*map(len, answered)] == [len(repo.document(repo.head()).records) - 1, 0]
    asked, once, first = back(), back(), back()
    assert ([conflict.terms], [], []) == (asked[1], once[1], first[1])
    assert next(steps.steps_back(repo), None) is None
    for wanted in (once, asked, answered):
        undo.step_forward(repo, steps.steps_forward(repo)[0])
        assert stands() == wanted
    assert steps.steps_forward(repo) == []


def test_a_session_goes_on_after_its_merge(opened):
    """A merged session resumes with the head as its base, refreshes, and publishes again."""
    repo = opened()
    one, two = start(repo, "one"), start(repo, "two")
    edit(repo, one, "inst_002", "notes", "first")
    publish.merge(repo, one, end=True)
    edit(repo, two, "inst_001", "notes", "theirs")
    publish.merge(repo, two)
    one = start(opened(), "one")
    assert one.state is Life.OPEN
    assert one.copy()[1].records["inst_001"].content["notes"] == "theirs"
    edit(repo, one, "inst_002", "notes", "second")
    publish.merge(repo, one, end=True)
    assert content(repo, "inst_002")["notes"] == "second"
    assert open_conflicts(repo.head()) == []


def test_what_foreign_programs_write_into_the_view_is_taken_in(opened):
    """A script's edit of the file is merged, and the file then shows the head."""
    repo = opened()
    one = start(repo, "one")
    session_edit.add(repo, one, {"id": "inst_900", "text": "From a session."})
    publish.merge(repo, one, end=True)
    assert View(opened()).write(repo.head()) is not None, "nobody has looked at the file yet"
    assert foreign_edits.take_in(opened()).merged is None
    view = View(opened())
    assert view.write(repo.head()) is None

    def change(document):
        document["instructions"][1]["notes"] = "by a script"

    plain_edit(view.path, change)
    taken = foreign_edits.take_in(opened())
    assert taken.merged.edited == ("inst_002",)
    assert content(repo, "inst_002")["notes"] == "by a script"
    assert foreign_edits.take_in(opened()).merged is None
    View(opened()).after_taking_in(repo.head())
    shown = {item["id"]: item for item in json.loads(view.path.read_bytes())["instructions"]}
    assert shown["inst_900"]["text"] == "From a session."


def test_a_program_that_writes_into_a_replaced_view_is_heard(opened):
    """Whoever had the file open when it was replaced still gets the edit in."""
    repo = opened()
    assert foreign_edits.take_in(repo).merged is None
    view = View(repo)
    with view.path.open("r+b") as old:
        one = start(repo, "one")
        edit(repo, one, "inst_001", "notes", "by a session")
        publish.merge(repo, one, end=True)
        assert view.write(repo.head()) is None
        late = HISTORY.replace("no float touches money", "no float touches our money")
        old.truncate()
        old.write(late.encode())
    taken = foreign_edits.take_in(opened())
    assert taken.merged.edited == ("inst_002",)
    assert content(repo, "inst_002")["text"].endswith("our money.")
    assert content(repo, "inst_001")["notes"] == "by a session"
    assert foreign_edits.take_in(opened()).merged is None


def test_sessions_that_were_left_are_finished_by_the_next(opened):
    """A sweep merges one that ended and was never merged, and one whose process is gone."""
    repo = opened()
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait(timeout=30)
    gone = {"pid": child.pid, "started": "0", **_here()}
    one, two = start(repo, "one"), start(repo, "two", process=gone)
    edit(repo, one, "inst_001", "notes", "ended")
    edit(repo, two, "inst_002", "notes", "killed")
    with one.lock():
        one.save(state=Life.ENDED)
    assert overview.session_row(repo, two)["stale"]
    done = sweep.sweep(opened()).merged
    assert sorted(merged.session.id for merged in done) == ["one", "two"]
    assert content(repo, "inst_001")["notes"] == "ended"
    assert content(repo, "inst_002")["notes"] == "killed"


def _here():
    from tractatus_merge.system import processes

    mine = processes.facts_of(os.getpid())
    return {key: mine[key] for key in ("boot", "namespace", "host")}


def test_an_unpublished_contradiction_of_another_session_is_told(opened):
    """What is being written is compared with the other open copies."""
    repo = opened()
    one, two = start(repo, "one"), start(repo, "two")
    content_ = {"parameters": {"port": "8080", "service": "till"}, "text": "The till: port 8080."}
    session_edit.add(repo, one, content_)
    mine = {"parameters": {"port": "9090", "service": "till"}, "text": "The till: port 9090."}
    name = session_edit.add(repo, two, mine)
    assert [
        item.session.id
        for item in unpublished.heard(
            repo, two, unpublished.drafts_of_others(repo, two), name, None
        )
    ] == ["one"]


def test_the_folder_of_a_session_can_publish_its_work_again(opened):
    """What was published is kept, as typed records, for the case that a version is pruned."""
    repo = opened()
    one = start(repo, "one")
    edit(repo, one, "inst_001", "notes", "kept")
    merged = publish.merge(repo, one, end=True)
    work = one.facts.last
    assert isinstance(work, SealedCopy)
    assert (work.head, work.version) == (merged.head.version, one.works()[-1].version)
    undo.undo(repo, next(steps.steps_back(repo, "one")).entry)
    asked = [s for s in _all(repo) if isinstance(s.facts.last, Requested)]
    assert [s.facts.last.request.version for s in asked] == [merged.head.version]
    again = type(asked[0])(asked[0].folder)
    assert again.facts == asked[0].facts


def _all(repo):
    from tractatus_merge.sessions.lookup import all_sessions

    return all_sessions(repo.workspace.sessions)


def test_a_folder_without_git_has_the_layout_of_the_seed(tmp_path):
    """`.claude/sessions/<id>/` is a session's folder; nothing of git is made."""
    repo = plain(tmp_path)()
    initialise(repo)
    one = start(repo, "one")
    assert one.folder == tmp_path / ".claude" / "sessions" / "one"
    publish.merge(repo, one, end=True)
    assert not list(tmp_path.rglob(".git"))


@pytest.mark.parametrize(
    "module", ["repository.line", "sessions.publish", "view.foreign_edits", "review.questions"]
)
def test_nothing_of_git_is_loaded(module):
    """Importing the loop, sessions, view or review loads no module that knows git."""
    code = f"import sys, tractatus_merge.{module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert not [name for name in loaded if name == "git" or ".git" in name or "plumbing" in name]
