"""Programs that write what they read long ago: nothing established is undone, nothing lost."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.tool import plain_edit, run, texts, tool


def start(folder: Path, name: str) -> Path:
    """Start a session and give back its copy."""
    return Path(tool(folder, "start", "--id", name)["copy"])


def edit(folder: Path, name: str, text: str, *, of: str = "inst_001") -> None:
    """A session of its own that publishes one text."""
    tool(folder, "start", "--id", name)
    tool(folder, "edit", of, "--set", f"text={text}", "--session", name)
    tool(folder, "end", "--session", name)


def test_a_program_that_saves_what_it_read_before_a_refresh_reverts_nothing(line):
    """Its other edit is in, the established value stands, and there is no conflict."""
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    edit(line, "beta2222", "ESTABLISHED")
    tool(line, "refresh", "--session", "alpha111")
    read["instructions"][1]["notes"] = "mine"
    copy.write_text(json.dumps(read, indent=2))
    merged = tool(line, "end", "--session", "alpha111")
    assert merged["edited"] == ["inst_002"]
    assert texts(line)["inst_001"] == "ESTABLISHED"
    assert tool(line, "show", "inst_002")["notes"] == "mine"


def test_a_stale_edit_has_the_version_it_was_made_from_as_its_base(line):
    """Written over a stamped version three behind: the value stands, the edit is a side."""
    edit(line, "first111", "ONE")
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    edit(line, "beta2222", "TWO")
    tool(line, "refresh", "--session", "alpha111")
    read["instructions"][0]["text"] = "MINE"
    copy.write_text(json.dumps(read, indent=2))
    tool(line, "end", "--session", "alpha111", code=1)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert [side["value"] for side in conflict["sides"]] == ["TWO", "MINE"]
    assert conflict["sides"][1]["base"] == "ONE"


def test_an_old_file_copied_over_a_copy_is_no_edit(line):
    """A genuine older version is known by its stamp."""
    edit(line, "first111", "ONE")
    old = start(line, "alpha111").read_bytes()
    edit(line, "beta2222", "TWO")
    copy = start(line, "gamma333")
    copy.write_bytes(old)
    assert tool(line, "end", "--session", "gamma333")["outcome"] == "nothing"
    assert texts(line)["inst_001"] == "TWO"


def test_a_copy_that_has_lost_its_stamps_brings_what_it_wrote_alone(line):
    """A program that drops the stamps of all has edited nothing of what it left as it was."""
    edit(line, "first111", "ONE")
    edit(line, "second22", "TWO", of="inst_002")
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    for record in read["instructions"]:
        record.pop("version_vector", None)
    read["instructions"].append({"id": "inst_mine", "text": "Mine."})
    copy.write_text(json.dumps(read, indent=2))
    merged = tool(line, "end", "--session", "alpha111")
    assert (merged["added"], merged["edited"]) == (["inst_mine"], [])
    (text,) = [f for f in tool(line, "blame", "inst_001")["fields"] if f["field"] == "text"]
    assert [writer["session"] for writer in text["writers"]] == ["first111"]


def test_an_old_header_written_back_reverts_nothing(line):
    """A header has no stamp: one that the log knows is an older one."""
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    other = start(line, "beta2222")
    plain_edit(
        other, lambda d: d.update(description="ESTABLISHED", last_updated="2026-01-01T00:00:00Z")
    )
    tool(line, "end", "--session", "beta2222")
    tool(line, "refresh", "--session", "alpha111")
    read["instructions"][1]["notes"] = "mine"
    copy.write_text(json.dumps(read, indent=2))
    assert tool(line, "end", "--session", "alpha111")["header"] is False
    assert json.loads(run(line, "view").out)["description"] == "ESTABLISHED"


def test_a_header_edit_survives_a_refresh(line):
    """Also where no record was touched."""
    copy = start(line, "alpha111")
    plain_edit(copy, lambda d: d.update(description="MINE"))
    other = start(line, "beta2222")
    plain_edit(other, lambda d: d.update(version="9.9"))
    tool(line, "end", "--session", "beta2222")
    tool(line, "refresh", "--session", "alpha111")
    assert json.loads(copy.read_text())["description"] == "MINE"
    tool(line, "end", "--session", "alpha111")
    shown = json.loads(run(line, "view").out)
    assert (shown["description"], shown["version"]) == ("MINE", "9.9")


def test_a_program_at_work_in_a_replaced_copy_loses_nothing_and_takes_nothing(line):
    """Both fields of one record are in, and so is the header key."""
    copy = start(line, "alpha111")
    with copy.open("r+", encoding="utf-8") as held:
        document = json.load(held)
        tool(line, "edit", "inst_001", "--set", "text=TOOL", "--session", "alpha111")
        document["instructions"][0]["notes"] = "PROGRAM"
        document["owner"] = "PROGRAM"
        held.seek(0)
        held.truncate()
        json.dump(document, held, indent=2)
    tool(line, "end", "--session", "alpha111")
    record = tool(line, "show", "inst_001")
    assert (record["text"], record["notes"]) == ("TOOL", "PROGRAM")
    assert json.loads(run(line, "view").out)["owner"] == "PROGRAM"


def test_what_was_written_after_the_end_is_never_cleaned_away(line):
    """A folder that is old enough to be removed stays while its copy says something new."""
    copy = start(line, "alpha111")
    tool(line, "end", "--session", "alpha111")
    plain_edit(copy, lambda d: d["instructions"][0].update(text="Late"))
    idle = start(line, "beta2222")
    tool(line, "end", "--session", "beta2222")
    long_ago = time.time() - 8 * 24 * 3600
    for folder in (copy.parent, idle.parent):
        os.utime(folder / "session.json", (long_ago, long_ago))
    start(line, "gamma333")
    assert copy.exists()
    assert not idle.exists()


@pytest.mark.parametrize("text", ["[]", '{"state": "weird"}', "{", '{"id": 1}'])
def test_one_odd_folder_stops_nobody_else(line, text):
    """It is named by `sessions`, and everything else goes on."""
    broken = start(line, "broken11").parent
    (broken / "session.json").write_text(text)
    start(line, "alpha111")
    tool(line, "add", "One", "--session", "alpha111")
    assert tool(line, "end", "--session", "alpha111")["outcome"] == "clean"
    assert f"{broken}/session.json cannot be read" in run(line, "sessions").err


def test_a_torn_copy_can_be_abandoned_and_says_how_to_go_on(line):
    """The hint names the two ways; abandoning needs no readable copy."""
    copy = start(line, "alpha111")
    copy.write_text('{"instr')
    refused = run(line, "end", "--session", "alpha111")
    assert (refused.code, f"cp {copy.parent}/base-" in refused.err) == (2, True)
    assert "the text ends" in run(line, "sessions").out
    tool(line, "abandon", "--session", "alpha111")


@pytest.mark.parametrize("words", [("--id", " "), ("--id", "x" * 130), ("--set", "id=5")])
def test_an_id_that_no_file_could_carry_is_refused_before_any_write(line, words):
    """The session stays as usable as it was, and nothing is left behind."""
    copy = start(line, "alpha111")
    before = copy.read_bytes()
    assert run(line, "add", "x", *words, "--session", "alpha111").code == 2
    assert copy.read_bytes() == before
    for depth in (250, 5000):
        assert run(line, "edit", "inst_001", "--set", "a" + ".a" * depth + "=1").code == 2
    tool(line, "end", "--session", "alpha111")


@pytest.mark.slow
def test_a_write_that_was_said_to_fail_is_not_published_later(line):
    """A person who tries again gets the instruction once."""
    hook = line / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert run(line, "add", "Once").code == 3
    hook.unlink()
    for folder in (line / ".git/tractatus/sessions").iterdir():
        long_ago = time.time() - 60
        os.utime(folder / "session.json", (long_ago, long_ago))
    tool(line, "add", "Once")
    start(line, "alpha111")
    assert list(texts(line).values()).count("Once") == 1


def test_a_session_is_not_resumed_under_the_id_of_another(line):
    """Each keeps its own copy and its own name."""
    start(line, "alpha111")
    start(line, "beta2222")
    tool(line, "add", "Beta's", "--session", "beta2222")
    assert run(line, "start", "--id", "beta2222", "--resume", "alpha111").code == 2
    assert len(tool(line, "end", "--session", "beta2222")["added"]) == 1


def test_what_a_session_read_before_it_published_its_own_record_reverts_nobody(line):
    """Its record had no stamp then: written back, it is an edit of what was first published."""
    copy = start(line, "alpha111")
    tool(line, "add", "MINE", "--id", "inst_050", "--session", "alpha111")
    read = json.loads(copy.read_text())
    tool(line, "merge", "--session", "alpha111")
    tool(line, "edit", "inst_050", "--set", "notes=ESTABLISHED", "--session", "alpha111")
    tool(line, "merge", "--session", "alpha111")
    tool(line, "start", "--id", "beta2222")
    tool(line, "edit", "inst_050", "--set", "parameters.port=8080", "--session", "beta2222")
    tool(line, "end", "--session", "beta2222")
    tool(line, "refresh", "--session", "alpha111")
    next(one for one in read["instructions"] if one["id"] == "inst_050")["text"] = "MINE, AGAIN"
    copy.write_text(json.dumps(read, indent=2))
    assert tool(line, "end", "--session", "alpha111")["outcome"] == "clean"
    found = tool(line, "show", "inst_050")
    assert (found["text"], found["notes"]) == ("MINE, AGAIN", "ESTABLISHED")
    assert found["parameters"] == {"port": 8080}


def test_what_a_session_read_before_its_record_was_renamed_is_of_that_record(line):
    """It had no stamp, and another's has the id now: the one that it is like is its own."""
    tool(line, "start", "--id", "beta2222")
    copy = start(line, "alpha111")
    tool(line, "add", "THEIRS", "--id", "inst_050", "--session", "beta2222")
    tool(line, "end", "--session", "beta2222")
    tool(line, "add", "MINE", "--id", "inst_050", "--set", "notes=mine", "--session", "alpha111")
    read = json.loads(copy.read_text())
    new = tool(line, "merge", "--session", "alpha111")["renamed"]["inst_050"]
    next(one for one in read["instructions"] if one["id"] == "inst_050")["text"] = "MINE, AGAIN"
    copy.write_text(json.dumps(read, indent=2))
    assert tool(line, "end", "--session", "alpha111")["edited"] == [new]
    assert texts(line)["inst_050"] == "THEIRS" and texts(line)[new] == "MINE, AGAIN"


def test_a_late_word_over_what_another_published_is_a_conflict(line):
    """The program had read the field before the other's text came in: neither is in silence."""
    copy = start(line, "alpha111")
    tool(line, "edit", "inst_001", "--set", "notes=mine", "--session", "alpha111")
    edit(line, "beta2222", "ESTABLISHED")
    with copy.open("r+") as file:
        read = json.load(file)
        tool(line, "merge", "--session", "alpha111")
        read["instructions"][0]["text"] = "LATE"
        file.seek(0)
        file.truncate()
        json.dump(read, file)
    tool(line, "end", "--session", "alpha111", code=1)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert [side["value"] for side in conflict["sides"]] == ["ESTABLISHED", "LATE"]
    assert tool(line, "show", "inst_001")["notes"] == "mine"


def test_a_new_record_in_an_old_read_is_new_though_the_id_is_taken_by_now(line):
    """When the agent read, nobody had the id: both records are there, and the rename is told."""
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    tool(line, "start", "--id", "beta2222")
    tool(line, "add", "THEIRS", "--id", "inst_050", "--session", "beta2222")
    tool(line, "end", "--session", "beta2222")
    tool(line, "refresh", "--session", "alpha111")
    read["instructions"].append({"id": "inst_050", "text": "MINE", "active": True})
    copy.write_text(json.dumps(read, indent=2))
    new = tool(line, "end", "--session", "alpha111")["renamed"]["inst_050"]
    assert (texts(line)["inst_050"], texts(line)[new]) == ("THEIRS", "MINE")


def test_a_new_record_in_an_old_read_is_new_though_its_own_session_has_given_the_id_meanwhile(line):
    """The agent wrote it into the history file, and its script knew nothing of it."""
    edit(line, "first111", "ONE")
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    tool(line, "add", "THEIRS", "--id", "inst_050", "--session", "alpha111")
    tool(line, "merge", "--session", "alpha111")
    read["instructions"].append({"id": "inst_050", "text": "MINE", "active": True})
    copy.write_text(json.dumps(read, indent=2))
    new = tool(line, "end", "--session", "alpha111")["renamed"]["inst_050"]
    assert (texts(line)["inst_050"], texts(line)[new]) == ("THEIRS", "MINE")


def test_an_old_read_that_edits_the_text_of_its_own_record_is_an_edit(line):
    """When it was given tells it apart."""
    copy = start(line, "alpha111")
    tool(line, "add", "FIRST", "--id", "inst_050", "--session", "alpha111")
    read = json.loads(copy.read_text())
    for record in read["instructions"]:
        if record["id"] == "inst_050":
            record["text"] = "SECOND"
    tool(line, "merge", "--session", "alpha111")
    copy.write_text(json.dumps(read, indent=2))
    ended = tool(line, "end", "--session", "alpha111")
    assert ended["renamed"] == {} and texts(line)["inst_050"] == "SECOND"


def test_a_new_record_is_new_though_the_tool_gave_it_what_it_gives_all(line):
    """Its quadrant, scope and the like are those of the one that has the id."""
    copy = start(line, "alpha111")
    read = copy.read_bytes()
    tool(line, "start", "--id", "beta2222")
    tool(line, "add", "THEIRS", "--id", "inst_050", "--session", "beta2222")
    tool(line, "end", "--session", "beta2222")
    tool(line, "refresh", "--session", "alpha111")
    copy.write_bytes(read)
    tool(line, "add", "MINE", "--id", "inst_050", "--session", "alpha111")
    new = tool(line, "end", "--session", "alpha111")["renamed"]["inst_050"]
    assert (texts(line)["inst_050"], texts(line)[new]) == ("THEIRS", "MINE")


def test_a_new_record_in_an_old_read_is_new_though_its_session_is_said_to_have_given_the_id(line):
    """It was written into the history file, where the only open session is taken for the writer."""
    edit(line, "first111", "ONE")
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    view = line / ".claude" / "instruction-history.json"
    shown = json.loads(view.read_text())
    shown["instructions"].append({"id": "inst_050", "text": "THEIRS", "active": True})
    view.write_text(json.dumps(shown, indent=2))
    tool(line, "merge", "--session", "alpha111")
    tool(line, "edit", "inst_050", "--set", "notes=more", "--session", "alpha111")
    tool(line, "merge", "--session", "alpha111")
    read["instructions"].append({"id": "inst_050", "text": "MINE", "active": True})
    copy.write_text(json.dumps(read, indent=2))
    new = tool(line, "end", "--session", "alpha111")["renamed"]["inst_050"]
    assert (texts(line)["inst_050"], texts(line)[new]) == ("THEIRS", "MINE")


def test_an_old_program_s_own_record_edited_whole_is_no_second_one(line):
    """It was given without a time: nothing tells that the program read another's."""
    copy = start(line, "alpha111")
    read = json.loads(copy.read_text())
    for text in ("FIRST", "SECOND"):
        shown = [*read["instructions"], {"id": "inst_050", "text": text, "active": True}]
        copy.write_text(json.dumps({**read, "instructions": shown}, indent=2))
        assert tool(line, "merge", "--session", "alpha111")["renamed"] == {}
    assert texts(line)["inst_050"] == "SECOND"


@pytest.mark.parametrize("every", [True, False])
def test_a_script_that_strips_stamps_edits_what_stands_there(line, every):
    """Of all records, or of one whose time it keeps: it is no new one."""
    tool(line, "add", "THEIRS", "--id", "inst_050")
    edit(line, "first111", "ONE")
    copy = start(line, "alpha111")

    def stripped(document):
        for record in document["instructions"]:
            if every or record["id"] == "inst_050":
                record.pop("version_vector", None)
            if record["id"] == "inst_050":
                record["text"] = "MINE"

    plain_edit(copy, stripped)
    ended = tool(line, "end", "--session", "alpha111")
    assert "inst_050" in ended["edited"] and ended["renamed"] == {}
    assert texts(line)["inst_050"] == "MINE"
