"""One record under two ids: every edit of it is in the history, or in a conflict.

Two clones gave one id to two records; where they met, one gave way. What a session wrote under the
old id and under the new one are edits of one record.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, git
from tests.git.sync.crowd import BRANCH, clone_of, pair_of, tree
from tests.tool import plain_edit, tool

OLD, OURS, THEIRS = "inst_050", "A rule", "B rule"
VIEW = ".claude/instruction-history.json"


@pytest.fixture
def pair(tmp_path):
    """A hub, and two clones that have the same history."""
    return pair_of(tmp_path)


def added(clone: Path, session: str, text: str) -> Path:
    """A session that has published a record of the id that both clones give; its copy."""
    copy = Path(tool(clone, "start", "--id", session)["copy"])
    tool(clone, "add", text, "--id", OLD, "--session", session)
    tool(clone, "merge", "--session", session)
    return copy


def given_way(pair: tuple[Path, Path, Path]) -> tuple[Path, str]:
    """Ada's record of that id, an open session `aaaa` that made it, and Bo's, not met yet."""
    _, ada, bo = pair
    added(bo, "bbbb", THEIRS)
    tool(bo, "sync")
    folder = added(ada, "aaaa", OURS).parent
    return ada, f"{OLD}_{json.loads((folder / 'session.json').read_text())['tag']}"


def end(clone: Path, session: str = "aaaa", code: int = 0) -> None:
    """A session ends; what it told names only the ids that records have now."""
    told = tool(clone, "end", "--session", session, code=code)
    assert OLD not in (*told["edited"], *told["retired"])


def is_in(clone: Path, new: str, **fields: str) -> None:
    """What the record says that gave way; the other one is as it was."""
    found = tool(clone, "show", new)
    assert {key: found[key] for key in fields} == fields
    assert tool(clone, "show", OLD)["text"] == THEIRS
    assert tool(clone, "conflicts")["conflicts"] == []


def values(clone: Path, new: str) -> list[tuple[str, str]]:
    """The texts of the one open conflict, each with the session that brings it."""
    (conflict,) = tool(clone, "conflicts")["conflicts"]
    assert (conflict["instruction"], conflict["field"]) == (new, "text")
    return [
        (side["value"], writer["session"])
        for side in conflict["sides"]
        for writer in side["writers"]
    ]


def edit(clone: Path, name: str, *sets: str, session: str = "aaaa", why: str = "") -> None:
    """An edit by the tool."""
    words = [word for one in sets for word in ("--set", one)]
    tool(clone, "edit", name, *words, "--session", session, "--why", why)


def test_edits_under_the_old_and_the_new_id_are_both_in(pair):
    """As processes of their own: an edit before the sync, one after the refresh."""
    ada, new = given_way(pair)

    def process(*words: str) -> str:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        whole = [sys.executable, "-m", "tractatus_merge", "-C", str(ada), *words]
        return subprocess.run(whole, env=env, check=True, capture_output=True, text=True).stdout

    process("edit", OLD, "--set", "notes=N1", "--why", "first", "--session", "aaaa")
    assert f"{OLD} is {new} now" in process("sync")
    assert f"{OLD} is {new} now" in process("refresh", "--session", "aaaa")
    process("edit", new, "--set", "text=EDITED", "--session", "aaaa")
    process("end", "--session", "aaaa")
    is_in(ada, new, notes="N1", text="EDITED")
    fields = {one["field"]: one for one in tool(ada, "blame", new)["fields"]}
    assert fields["notes"]["writers"][0]["why"] == "first", "its reason follows the record"


def test_a_resumed_session_brings_the_edit_of_before_the_rename(pair):
    """Resumed, it takes in the rename; what it had written moves to the new id."""
    ada, new = given_way(pair)
    edit(ada, OLD, "text=EDITED")
    tool(ada, "sync")
    tool(ada, "start", "--resume", "aaaa", "--id", "cccc")
    edit(ada, new, "notes=N1", session="cccc")
    end(ada, "cccc")
    is_in(ada, new, notes="N1", text="EDITED")


@pytest.mark.parametrize("again", [False, True], ids=["another field", "the same field"])
def test_a_copy_that_holds_a_record_under_both_ids_loses_neither_edit(pair, again):
    """Both are merged; of one field both values wait in a conflict of the session with itself."""
    ada, new = given_way(pair)
    copy = Path(tool(ada, "start", "--id", "aaaa")["copy"])
    (old,) = [one for one in json.loads(copy.read_text())["instructions"] if one["id"] == OLD]
    tool(ada, "sync")
    tool(ada, "refresh", "--session", "aaaa")
    edit(ada, new, "text=NEW NAME", *(["notes=N2"] if again else []))

    def written_back(document: dict) -> None:
        kept = [one for one in document["instructions"] if one["id"] != OLD]
        field = "text" if again else "notes"
        document["instructions"] = [*kept, {**old, field: "OLD NAME"}]

    plain_edit(copy, written_back)
    end(ada, code=int(again))
    if again:
        assert values(ada, new) == [("NEW NAME", "aaaa"), ("OLD NAME", "aaaa")]
        (conflict,) = tool(ada, "conflicts")["conflicts"]
        tool(ada, "sync")
        assert tree(ada) == tree(pair[0]), "another clone takes such a conflict"
        tool(pair[2], "sync", code=1)
        tool(pair[2], "resolve", conflict["id"], "--take", "2")
        is_in(pair[2], new, text="OLD NAME", notes="N2")
    else:
        is_in(ada, new, text="NEW NAME", notes="OLD NAME")


def test_an_agent_that_writes_back_what_it_read_before_the_rename(pair):
    """The old id is in its file again, the new one is not: its edit is of its own record."""
    ada, new = given_way(pair)
    copy = Path(tool(ada, "start", "--id", "aaaa")["copy"])
    read = json.loads(copy.read_text())
    tool(ada, "sync")
    tool(ada, "refresh", "--session", "aaaa")
    next(one for one in read["instructions"] if one["id"] == OLD)["text"] = "EDITED"
    copy.write_text(json.dumps(read, indent=2))
    end(ada)
    is_in(ada, new, text="EDITED")


def test_an_old_copy_written_back_unchanged_is_no_edit(pair):
    """The record that has the id now is not overwritten by the one that had it."""
    ada, new = given_way(pair)
    copy = Path(tool(ada, "start", "--id", "aaaa")["copy"])
    read = copy.read_bytes()
    tool(ada, "sync")
    tool(ada, "refresh", "--session", "aaaa")
    copy.write_bytes(read)
    assert tool(ada, "end", "--session", "aaaa")["outcome"] == "nothing"
    is_in(ada, new, text=OURS)


@pytest.mark.parametrize("how", ["refresh", "merge"])
def test_a_program_that_writes_into_the_replaced_copy_writes_its_own_record(pair, how):
    """It opened the copy before the rename, and saves after it, under the old id."""
    ada, new = given_way(pair)
    copy = Path(tool(ada, "start", "--id", "aaaa")["copy"])
    if how == "merge":
        edit(ada, OLD, "notes=N1")
    tool(ada, "sync")
    with copy.open("r+") as file:
        read = json.load(file)
        tool(ada, how, "--session", "aaaa")
        next(one for one in read["instructions"] if one["id"] == OLD)["text"] = "LATE"
        file.seek(0)
        file.truncate()
        json.dump(read, file)
    end(ada)
    is_in(ada, new, text="LATE", **({"notes": "N1"} if how == "merge" else {}))


def test_a_late_record_of_an_id_that_is_another_s_by_now_is_a_new_one(pair):
    """The program added it to a file in which nobody had the id; both records are there, once."""
    _, ada, bo = pair
    copy = Path(tool(ada, "start", "--id", "aaaa")["copy"])
    added(bo, "bbbb", THEIRS)
    tool(bo, "sync")
    tool(ada, "sync")
    with copy.open("r+") as file:
        read = json.load(file)
        tool(ada, "refresh", "--session", "aaaa")
        for text in ("LATE", "LATE, AND MORE"):
            shown = [*read["instructions"], {"id": OLD, "text": text, "active": True}]
            file.seek(0)
            file.truncate()
            json.dump({**read, "instructions": shown}, file)
            file.flush()
            tool(ada, "status")
            tool(ada, "merge", "--session", "aaaa")
    rows = tool(ada, "list", "--all")["instructions"]
    found = {one["text"]: one["id"] for one in rows if one["id"].startswith(OLD)}
    assert found[THEIRS] == OLD and sorted(found) == [THEIRS, "LATE, AND MORE"]


def test_a_person_s_edit_of_the_id_is_of_the_record_that_has_it_now(pair):
    """A command of its own begins with the head: there the id means one record."""
    ada, new = given_way(pair)
    tool(ada, "end", "--session", "aaaa")
    tool(ada, "sync")
    tool(ada, "edit", OLD, "--set", "notes=of B")
    tool(ada, "edit", new, "--set", "notes=of A")
    assert (tool(ada, "show", OLD)["notes"], tool(ada, "show", new)["notes"]) == ("of B", "of A")


@pytest.mark.parametrize("again", [False, True], ids=["another field", "the same field"])
def test_a_file_that_has_both_ids_of_a_record_loses_neither_edit(pair, again):
    """Somebody joined an old file with a new one by hand: both edits are in, or a conflict."""
    ada, new = given_way(pair)
    tool(ada, "end", "--session", "aaaa")
    view = ada / VIEW
    (old,) = [one for one in json.loads(view.read_text())["instructions"] if one["id"] == OLD]
    tool(ada, "sync")
    tool(ada, "view", "--write")

    def joined(document: dict) -> None:
        rows = [one for one in document["instructions"] if one["id"] != OLD]
        next(one for one in rows if one["id"] == new)["text"] = "NEW NAME"
        document["instructions"] = [*rows, {**old, "text" if again else "notes": "OLD NAME"}]

    plain_edit(view, joined)
    tool(ada, "status")
    if again:
        assert {text for text, _ in values(ada, new)} == {"NEW NAME", "OLD NAME"}
    else:
        is_in(ada, new, text="NEW NAME", notes="OLD NAME")


def test_a_record_that_gives_way_takes_along_a_third_clone_s_edit(pair, tmp_path):
    """Cleo knows Ada's record by its old id and edits it, while Ada and Bo meet."""
    hub, ada, bo = pair
    added(ada, "aaaa", OURS)
    tool(ada, "sync")
    cleo = clone_of(tmp_path, hub, "cleo")
    tool(cleo, "init")
    tool(cleo, "sync")
    copy = tool(cleo, "start", "--id", "cccc")["copy"]
    edit(cleo, OLD, "text=Cleo's", session="cccc")
    tool(cleo, "merge", "--session", "cccc")
    edit(cleo, OLD, "notes=Cleo's too", session="cccc")
    time.sleep(0.01)
    added(bo, "bbbb", THEIRS)
    tool(bo, "sync")
    edit(ada, OLD, "persistence=LOW")
    tool(ada, "end", "--session", "aaaa")
    tool(ada, "sync")
    tool(cleo, "sync")
    tool(cleo, "refresh", "--session", "cccc")
    assert Path(copy).read_text().count("Cleo's too") == 1
    tool(cleo, "end", "--session", "cccc")
    tool(cleo, "sync")
    for clone in (ada, bo):
        tool(clone, "sync")
    assert tree(ada) == tree(bo) == tree(cleo) == tree(hub)
    rows = {one["text"]: one for one in tool(bo, "list", "--all")["instructions"]}
    assert rows["Cleo's"]["notes"] == "Cleo's too" and rows["Cleo's"]["persistence"] == "LOW"
    assert THEIRS in rows


def test_what_a_crash_took_is_published_again_where_the_record_still_has_its_old_id(pair):
    """The head is back before the rename; the edit of the new id is put on the record it is of."""
    hub, ada, bo = pair
    ada, new = given_way(pair)
    before = git(ada, "rev-parse", BRANCH).strip()
    tool(ada, "sync")
    tool(ada, "refresh", "--session", "aaaa")
    edit(ada, new, "text=EDITED")
    end(ada)
    git(ada, "update-ref", f"refs/heads/{BRANCH}", before)
    tool(ada, "start", "--id", "cccc")
    assert tool(ada, "show", OLD)["text"] == "EDITED"
    assert new not in {one["id"] for one in tool(ada, "list", "--all")["instructions"]}
    tool(ada, "sync")
    tool(bo, "sync")
    is_in(ada, new, text="EDITED")
    assert tree(ada) == tree(bo) == tree(hub)


def test_a_head_set_back_behind_a_session_s_base_has_nothing_of_that_base_by_git_s_word(pair):
    """Published onto the older head, the session brings its own: what else was there is fetched."""
    hub, ada, bo = pair
    before = git(ada, "rev-parse", BRANCH).strip()
    tool(bo, "add", THEIRS, "--id", OLD)
    tool(bo, "sync")
    tool(ada, "sync")
    tool(ada, "start", "--id", "aaaa")
    tool(ada, "add", OURS, "--id", "inst_051", "--session", "aaaa")
    git(ada, "update-ref", f"refs/heads/{BRANCH}", before)
    tool(ada, "end", "--session", "aaaa")
    tool(ada, "sync")
    tool(bo, "sync")
    found = {one["id"]: one["text"] for one in tool(bo, "list", "--all")["instructions"]}
    assert (found[OLD], found["inst_051"]) == (THEIRS, OURS)
    assert tree(ada) == tree(bo) == tree(hub)
