"""A history that a later version of the program has written to, in every store, by every verb."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import bakery, git
from tests.git.sync.crowd import head, pair_of
from tests.tool import run, texts, tool
from tractatus_merge.core.model.state import Entry
from tractatus_merge.factory import open_repository
from tractatus_merge.value import replace

ODD = {
    ("requests", "q/1"): '{"x":  0.90}',
    ("Räte", "r"): "[]",
    ("document", "later"): "7",
    ("conflicts", "cq"): '{"kind": "quorum", "votes": [1]}',
    ("resolutions", "rq"): '{"kind": "quorum", "by": 5}',
    ("document", "format"): '{"conflicts": {"quorum": "0.4.0"}, "more": 1}',
}
WRITES = [
    ["add", "New"], ["edit", "inst_001", "--set", "text=x"], ["retire", "inst_001"],
    ["start", "--id", "s2"], ["refresh", "--session", "s1"], ["merge", "--session", "s1"],
    ["end", "--session", "s1"], ["add", "x", "--session", "s1"], ["undo"],
    ["resolve", "c1", "--take", "base"],
]  # fmt: skip
READS = [
    ["list"], ["status"], ["conflicts"], ["review"], ["log"], ["show", "inst_001"], ["diff"],
    ["sessions"], ["view"], ["blame", "inst_001"], ["metrics"],
]  # fmt: skip
NEEDS = '"tractatus-merge>=0.10.0"'.replace('"', "'")


def written(folder, changed):
    """Commit records as a later program would; the store itself takes whatever it is given."""
    repo = open_repository(folder)
    try:
        store, state = repo.store, repo.head()
        if hasattr(store, "_judge"):
            store._judge = None
        entry = Entry("Later", session="later", author="L <l@x>", time=state.time)
        made = store.commit(
            state.version, state.with_(changed), replace(entry, changes=tuple(changed))
        )
        assert made is not None
        return made
    finally:
        repo.close()


def kept(folder):
    """What of the head this program does not know."""
    repo = open_repository(folder)
    try:
        state = repo.head()
        return {
            key: state.get(*key) for key in state if key in ODD or key[0] in ("requests", "Räte")
        }
    finally:
        repo.close()


def files(folder):
    """Every file of a folder, by its path; but for what a database keeps beside itself."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in found if not path.name.endswith(("-shm", "-wal"))}


@pytest.fixture(params=["git", "file", "sqlite"])
def place(request, tmp_path):
    """A history of three instructions in each kind of store, with a session."""
    folder = bakery(tmp_path)
    tool(folder, "init", *([] if request.param == "git" else ["--store", f"{request.param}:"]))
    tool(folder, "start", "--id", "s1")
    tool(folder, "add", "Of s1", "--session", "s1")
    return folder


def test_what_is_not_known_passes_through_every_verb(place):
    """Merges, a person's commands and undo leave it word for word; readers read the rest."""
    written(place, ODD)
    tool(place, "end", "--session", "s1")
    tool(place, "add", "Another")
    tool(place, "undo")
    for words in (*(words for words in READS if words != ["diff"]), ["show", "rq"]):
        ran = run(place, *words)
        assert ran.code == 0 and "bug:" not in ran.err, (words, ran)
    assert kept(place) == ODD
    assert "Of s1" in texts(place).values()


def test_a_conflict_of_a_later_kind_is_listed_and_not_settled(place):
    """Who can settle it is said, wherever somebody asks."""
    written(place, ODD)
    assert tool(place, "conflicts")["conflicts"] == [{"kind": "quorum", "votes": [1], "id": "cq"}]
    assert tool(place, "status")["conflicts"] == ["cq"]
    assert tool(place, "show", "cq") == {"kind": "quorum", "votes": [1], "id": "cq"}
    assert tool(place, "show", "rq")["by"] == 5
    said = 'this program cannot settle cq, a conflict of the kind "quorum"'
    for words in (["conflicts"], ["conflicts", "--format", "markdown"], ["show", "cq"], ["doctor"]):
        assert said.replace('"', "") in run(place, *words).out.replace('"', "").replace("\\", "")
    assert said in run(place, "review").err
    for words in (["review", "cq"], ["resolve", "cq", "--take", "base"]):
        ran = run(place, *words)
        assert ran.code == 3 and said in ran.err and "'tractatus-merge>=0.4.0'" in ran.err


def test_who_lacks_a_writer_s_need_reads_and_never_writes(place):
    """Every verb that writes refuses before it does, and says what to install; the view waits."""
    written(place, {("document", "format"): '{"writer": {"a": "0.9", "b": "0.10.0"}}'})
    view = place / ".claude" / "instruction-history.json"
    view.write_text(view.read_text("utf-8").replace("active", "activ", 1), "utf-8")
    before = files(place)
    for words in WRITES:
        ran = run(place, *words)
        assert ran.code == 3, (words, ran)
        assert ran.err.startswith(
            "error: this history can be read here, and not written: it needs a, b;"
        )
        assert ran.err.count("\n") == 2 and NEEDS in ran.err
    for words in READS:
        ran = run(place, *words)
        assert ran.code == 0, (words, ran)
    assert files(place) == before
    found = run(place, "doctor")
    assert found.code == 1 and "it needs a, b" in found.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"reader": {"a": "0.10.0"}}', f"cannot be read here: it needs a; install version 0.10.0 or a newer one.\n  pip install --upgrade {NEEDS}"),
        ('{"reader": ["a"]}', 'document/format: its "reader" is no object; it says who may read this history, so nothing was read.\n  git log'),
    ],
    ids=["lacking", "malformed"],
)  # fmt: skip
def test_who_may_not_read_says_so_and_does_nothing(place, text, says):
    """Once, with what to do; also where nobody can tell who may."""
    written(place, {("document", "format"): text})
    before = files(place)
    for words in (*WRITES, *(words for words in READS if words != ["metrics"])):
        ran = run(place, *words)
        assert ran.code == 3 and ran.out == "", (words, ran)
        assert says in ran.err and ran.err.count("\n") == 2, (words, ran.err)
    assert files(place) == before
    assert says.partition("\n")[0] in run(place, "doctor").out


@pytest.mark.slow
@pytest.mark.parametrize("need", ["reader", "writer"])
def test_an_agent_is_told_in_one_line_and_works_on(place, need):
    """The start tells it, a tool does not; no session is made, and nothing fails."""
    written(place, {("document", "format"): f'{{"{need}": {{"a": "0.10.0"}}}}'})

    def hook(event, session="agent-1", **more):
        said = {"hook_event_name": event, "session_id": session, "cwd": str(place), **more}
        words = [sys.executable, "-m", "tractatus_merge", "hook"]
        done = subprocess.run(
            words, input=json.dumps(said), capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return (
            json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]
            if done.stdout
            else ""
        )

    told = hook("SessionStart", source="startup")
    assert told.startswith("this history can") and NEEDS in told.splitlines()[0]
    assert ("inst_001" in told) == (need == "writer")
    assert hook("PostToolUse", tool_name="Bash", tool_use_id="t") == ""
    assert NEEDS in hook("UserPromptSubmit", session="s1", prompt="x")
    assert hook("UserPromptSubmit", session="s1", prompt="x") == ""
    assert hook("Stop", session="s1") == ""
    assert not list(place.rglob("sessions/agent-1"))


def test_a_clone_of_this_program_carries_what_a_later_one_wrote(tmp_path):
    """Through fetch, a union of both sides, and push; the later program's clone gets it all back."""
    _, ada, bo = pair_of(tmp_path)
    written(bo, ODD)
    tool(bo, "sync")
    tool(ada, "add", "Ada's")
    written(bo, {("requests", "q/2"): "{}", ("requests", "q/1"): None})
    tool(bo, "add", "Bo's")
    tool(ada, "sync", code=1)
    tool(bo, "sync")
    tool(ada, "sync")
    assert head(ada) == head(bo)
    wanted = {key: text for key, text in ODD.items() if key != ("requests", "q/1")}
    assert kept(ada) == {**wanted, ("requests", "q/2"): "{}"}
    assert {"Ada's", "Bo's"} <= set(texts(ada).values())
    git(ada, "fsck", "--strict")


def test_a_clone_that_lacks_a_writer_s_need_follows_and_sends_nothing(tmp_path):
    """What is newer comes in where nothing of ours stands against it; a union is refused."""
    hub, ada, bo = pair_of(tmp_path)
    written(bo, {("document", "format"): '{"writer": {"a": "0.10.0"}}'})
    git(bo, "push", "-q", "origin", "tractatus/history")
    tool(ada, "sync")
    assert head(ada) == head(hub)
    git(ada, "update-ref", "refs/heads/tractatus/history", "tractatus/history~1")
    tool(ada, "add", "Mine")
    before = head(ada), head(hub)
    for words in (["sync"], ["sync", "--dry-run"]):
        ran = run(ada, *words)
        assert ran.code == 3 and NEEDS in ran.err
        assert "the history at origin can be read here, and not written: it needs a" in ran.err
    assert (head(ada), head(hub)) == before


def test_a_remote_that_cannot_be_read_is_left_alone(tmp_path):
    """Sync, and the first init of a clone: nothing is taken in."""
    hub, ada, bo = pair_of(tmp_path)
    written(bo, {("document", "format"): '{"reader": {"a": "0.10.0"}}', ("fans", "x"): "{}"})
    git(bo, "push", "-q", "origin", "tractatus/history")
    before = head(ada)
    for words in (["sync"], ["sync", "--dry-run"]):
        ran = run(ada, *words)
        assert ran.code == 3 and NEEDS in ran.err
        assert "the history at origin cannot be read here: it needs a" in ran.err
    assert head(ada) == before != head(hub)
    tool(ada, "add", "Works on")


def test_somebody_s_work_is_no_history_of_a_later_program(tmp_path):
    """A branch with sources is refused, also where some folders have our names."""
    folder = bakery(tmp_path, taken_in=True)
    tree = git(folder, "rev-parse", "tractatus/history^{tree}").strip()
    blob = git(folder, "rev-parse", "HEAD:README.md").strip()

    def made(text, *words):
        done = subprocess.run(
            ["git", "-C", folder, *words], input=text, text=True, capture_output=True, check=True
        )
        return done.stdout.strip()

    source = made(f"100644 blob {blob}\tmain.py\n", "mktree")
    records = git(folder, "ls-tree", f"{tree}:instructions").strip() + "\n"
    inner = made(records, "mktree")
    ours = git(folder, "ls-tree", tree).strip()
    for rows in (
        f"040000 tree {source}\tsrc",
        f"{ours}\n040000 tree {source}\tsrc",
        f"{ours}\n040000 tree {tree}\tsrc",
        f"{ours}\n100644 blob {blob}\tnotes.txt",
        f"040000 tree {inner}\tdata\n040000 tree {inner}\tsessions",
    ):
        commit = git(folder, "commit-tree", "-m", "Mine", made(f"{rows}\n", "mktree")).strip()
        git(folder, "update-ref", "refs/heads/tractatus/history", commit)
        ran = run(folder, "list")
        assert ran.code == 3 and "holds other files: it is no instruction history" in ran.err, rows
    commit = git(
        folder, "commit-tree", "-m", "Mine", made(f"{ours}\n040000 tree {inner}\tlater\n", "mktree")
    )
    git(folder, "update-ref", "refs/heads/tractatus/history", commit.strip())
    assert run(folder, "list").code == 0


def test_what_a_later_program_says_of_a_conflict_outlives_its_next_side(place):
    """A session that brings one more side writes the conflict anew, with all that was told."""
    name = min(texts(place))
    for session in ("a", "b", "c"):
        tool(place, "start", "--id", session)
        tool(place, "edit", name, "--set", f"text=Of {session}", "--session", session)
    tool(place, "end", "--session", "a")
    tool(place, "end", "--session", "b", code=1)
    (found,) = tool(place, "conflicts")["conflicts"]
    found["deadline"] = "2027"
    found["sides"][1] |= {"votes": 3}
    found["sides"][1]["writers"][0] |= {"key": "k"}
    written(place, {("conflicts", found["id"]): json.dumps(found)})
    tool(place, "end", "--session", "c", code=1)
    (after,) = tool(place, "conflicts")["conflicts"]
    assert len(after["sides"]) == 3
    assert after["deadline"] == "2027"
    (voted,) = (side for side in after["sides"] if side.get("votes"))
    assert voted["votes"] == 3 and voted["writers"][0]["key"] == "k"
