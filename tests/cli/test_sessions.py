"""Sessions as their users meet them: several at once, in any order, through the command line."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

import pytest

from tests.tool import plain_edit, run, texts, tool


def start(folder: Path, *names: str) -> list[Path]:
    """Start sessions and give back their copies."""
    return [Path(tool(folder, "start", "--id", name)["copy"]) for name in names]


def append(text: str):
    """A script's way to add: always the same id."""
    return lambda document: document["instructions"].append(
        {"id": "inst_019", "text": text, "timestamp": "2025-10-09T12:00:00Z", "active": True}
    )


def test_two_sessions_that_add_through_the_tool_both_keep_what_they_added(line):
    """Ids minted by the tool do not collide, whatever the order of the ends."""
    start(line, "alpha111", "beta2222")
    one = tool(line, "add", "One", "--session", "alpha111")["id"]
    two = tool(line, "add", "Two", "--session", "beta2222")["id"]
    assert tool(line, "end", "--session", "beta2222")["outcome"] == "clean"
    assert tool(line, "end", "--session", "alpha111")["renamed"] == {}
    assert texts(line)[one] == "One"
    assert texts(line)[two] == "Two"


def test_two_sessions_that_append_the_same_id_keep_both_and_name_the_rename(line):
    """The first session's id is untouched, the second's gets its tag, mentions follow."""
    one, two = start(line, "alpha111", "beta2222")
    plain_edit(one, append("One"))
    plain_edit(two, append("Two"))
    plain_edit(
        two,
        lambda d: d["instructions"].append(
            {"id": "inst_020", "text": "See inst_019, not inst_0190", "active": True}
        ),
    )
    assert tool(line, "end", "--session", "alpha111")["renamed"] == {}
    renamed = tool(line, "end", "--session", "beta2222")["renamed"]
    assert list(renamed) == ["inst_019"]
    new = renamed["inst_019"]
    found = texts(line)
    assert found["inst_019"] == "One"
    assert found[new] == "Two"
    assert found["inst_020"] == f"See {new}, not inst_0190"
    tool(line, "start", "--id", "beta2222")
    edited = run(line, "edit", "inst_019", "--set", "text=One again", "--session", "beta2222")
    assert "edited inst_019 in" in edited.out, "an id means what stands under it in the copy"
    assert f"tractatus-merge edit {new}" in edited.err, "and what the session may mean is said"


def test_after_a_rename_a_session_reaches_both_records(line):
    """An id means what stands under it in the copy; the tool names the session's own beside it."""
    start(line, "alpha111", "beta2222")
    tool(line, "add", "One", "--id", "inst_052", "--session", "alpha111")
    tool(line, "add", "Two", "--id", "inst_052", "--session", "beta2222")
    tool(line, "merge", "--session", "alpha111")
    new = tool(line, "merge", "--session", "beta2222")["renamed"]["inst_052"]
    retired = run(line, "retire", "inst_052", "--session", "beta2222")
    assert "retired inst_052 in" in retired.out and f"tractatus-merge retire {new}" in retired.err
    own = run(line, "edit", new, "--set", "notes=Mine", "--session", "beta2222")
    assert f"edited {new} in" in own.out and own.err == ""
    tool(line, "end", "--session", "beta2222")
    one, two = tool(line, "show", "inst_052"), tool(line, "show", new)
    assert (one["text"], one["active"], one["notes"]) == ("One", False, "")
    assert (two["text"], two["active"], two["notes"]) == ("Two", True, "Mine")


def test_an_old_id_under_which_nothing_stands_means_the_record_that_had_it(line):
    """A script took the other's record out of the copy: the old id is mapped, which is said."""
    start(line, "alpha111", "beta2222")
    tool(line, "add", "One", "--id", "inst_052", "--session", "alpha111")
    tool(line, "add", "Two", "--id", "inst_052", "--session", "beta2222")
    tool(line, "end", "--session", "alpha111")
    new = tool(line, "merge", "--session", "beta2222")["renamed"]["inst_052"]
    copy = Path(tool(line, "start", "--id", "beta2222")["copy"])
    kept = json.loads(copy.read_text())["instructions"]
    kept = [one for one in kept if one["id"] != "inst_052"]
    plain_edit(copy, lambda d: d.update(instructions=kept))
    edited = run(line, "edit", "inst_052", "--set", "notes=Mine", "--session", "beta2222")
    assert f"edited {new} in" in edited.out and f"inst_052 is called {new}" in edited.err


@pytest.mark.parametrize("order", [("editor11", "retirer1"), ("retirer1", "editor11")])
def test_editing_and_retiring_at_once_is_one_conflict_with_the_edit_in(line, order):
    """The edited text is in, `active` is what was published first, the base is shown."""
    start(line, *order)
    tool(line, "edit", "inst_001", "--set", "text=Edited", "--session", "editor11")
    tool(line, "retire", "inst_001", "--session", "retirer1", "--why", "obsolete")
    assert tool(line, "end", "--session", order[0])["outcome"] == "clean"
    tool(line, "end", "--session", order[1], code=1)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert conflict["kind"] == "edit/retire"
    assert conflict["base"] is True
    record = tool(line, "show", "inst_001")
    assert record["text"] == "Edited"
    assert record["active"] is (order[0] == "editor11")
    assert {side["value"] for side in conflict["sides"]} == {True, False}
    assert "obsolete" in run(line, "conflicts").out


def test_a_session_far_behind_cannot_undo_an_established_value(line):
    """Three merges later its edit of a changed field is one conflict; the established stands."""
    start(line, "stale111")
    for number in range(3):
        name = f"fresh{number}11"
        start(line, name)
        tool(line, "edit", "inst_001", "--set", f"text=Value {number}", "--session", name)
        tool(line, "end", "--session", name)
    tool(line, "edit", "inst_001", "--set", "text=Stale", "--session", "stale111")
    tool(line, "end", "--session", "stale111", code=1)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert texts(line)["inst_001"] == "Value 2"
    assert [side["value"] for side in conflict["sides"]] == ["Value 2", "Stale"]
    assert [side["in_force"] for side in conflict["sides"]] == [True, False]
    assert conflict["sides"][0]["writers"][0]["session"] == "fresh211"


def contested(line: Path) -> str:
    """Make one conflict on inst_001's text and return its id."""
    start(line, "alpha111", "beta2222")
    tool(line, "edit", "inst_001", "--set", "text=A", "--session", "alpha111")
    tool(line, "edit", "inst_001", "--set", "text=B", "--session", "beta2222", "--why", "because")
    tool(line, "end", "--session", "alpha111")
    return tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]


@pytest.mark.parametrize("again", ["B", "base"])
def test_repeating_a_contested_value_after_seeing_the_conflict_closes_nothing(line, again):
    """Only a person settles, also when a session insists or goes back to the base's value."""
    conflict = contested(line)
    base = tool(line, "show", conflict)["base"]
    tool(line, "start", "--id", "beta2222")
    value = base if again == "base" else again
    tool(line, "edit", "inst_001", "--set", f"text={value}", "--session", "beta2222")
    tool(line, "end", "--session", "beta2222", code=1)
    (left,) = tool(line, "conflicts")["conflicts"]
    assert left["id"] == conflict
    assert texts(line)["inst_001"] == "A"
    assert value in [side["value"] for side in left["sides"]]


@pytest.mark.parametrize(
    ("take", "stands"), [("base", None), ("1", "A"), ("2", "B"), ("beta2222", "B"), ("alpha", "A")]
)
def test_a_person_settles_by_base_number_or_session(line, take, stands):
    """Every answer closes the conflict, and the resolution is in the log under a name."""
    conflict = contested(line)
    base = tool(line, "show", conflict)["base"]
    settled = tool(line, "resolve", conflict, "--take", take, "--why", "agreed")
    assert settled["value"] == (stands or base)
    assert tool(line, "conflicts")["conflicts"] == []
    assert texts(line)["inst_001"] == (stands or base)
    assert conflict in tool(line, "log")["entries"][0]["message"]


def test_both_keeps_the_other_side_as_an_instruction_of_its_own(line):
    """The value in force stays, each waiting side gets an id; the base is never among them."""
    conflict = contested(line)
    settled = tool(line, "resolve", conflict, "--take", "both")
    (new,) = settled["added"]
    assert texts(line)["inst_001"] == "A"
    assert texts(line)[new] == "B"


def test_a_value_can_be_given_as_json_or_from_a_file(line, tmp_path):
    """`--value` takes JSON, and `@file`."""
    conflict = contested(line)
    (tmp_path / "value").write_text('"from a file"')
    tool(line, "resolve", conflict, "--value", f"@{tmp_path / 'value'}")
    assert texts(line)["inst_001"] == "from a file"


def test_an_agent_may_not_resolve_and_is_told_what_to_say_to_a_person(line, monkeypatch):
    """In an agent's environment `resolve` refuses with exit 2 and changes nothing."""
    conflict = contested(line)
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = run(line, "resolve", conflict, "--take", "1")
    assert refused.code == 2
    assert f"tractatus-merge resolve {conflict} --take 1" in refused.err
    assert len(tool(line, "conflicts")["conflicts"]) == 1
    (line / ".claude/tractatus.toml").write_text("[policy]\nagents_may_resolve = true\n")
    tool(line, "resolve", conflict, "--take", "1")


def test_a_late_side_reopens_a_settled_conflict_with_the_answer_in_force(line):
    """A person's answer counts as agreed, also where it is the very value the copy had."""
    start(line, "late1111")
    conflict = contested(line)
    base = tool(line, "show", conflict)["base"]
    tool(line, "resolve", conflict, "--take", "base")
    tool(line, "edit", "inst_001", "--set", "text=Late", "--session", "late1111")
    tool(line, "end", "--session", "late1111", code=1)
    (again,) = tool(line, "conflicts")["conflicts"]
    assert again["id"] != conflict
    assert texts(line)["inst_001"] == base
    assert again["sides"][1]["value"] == "Late"


def test_ending_twice_changes_nothing(line):
    """A merge is idempotent: the head stays where it is."""
    start(line, "alpha111")
    tool(line, "add", "One", "--session", "alpha111")
    head = tool(line, "end", "--session", "alpha111")["head"]
    again = tool(line, "end", "--session", "alpha111")
    assert (again["outcome"], again["head"]) == ("nothing", head)


def test_a_session_goes_on_after_its_merge(line):
    """Writing re-opens it; its copy is the merged head."""
    (copy,) = start(line, "alpha111")
    tool(line, "add", "One", "--session", "alpha111")
    tool(line, "end", "--session", "alpha111")
    assert copy.read_bytes().decode() == run(line, "view").out
    tool(line, "add", "Two", "--session", "alpha111")
    assert len(tool(line, "end", "--session", "alpha111")["added"]) == 1
    assert list(texts(line).values())[-2:] == ["One", "Two"]


def test_refresh_takes_in_what_is_new_and_leaves_what_was_touched(line):
    """An untouched record moves to the head's, a touched one keeps its own base."""
    (copy,) = start(line, "alpha111")
    start(line, "beta2222")
    tool(line, "edit", "inst_001", "--set", "text=Mine", "--session", "alpha111")
    tool(line, "edit", "inst_001", "--set", "text=Theirs", "--session", "beta2222")
    tool(line, "edit", "inst_002", "--set", "text=News", "--session", "beta2222")
    tool(line, "end", "--session", "beta2222")
    tool(line, "refresh", "--session", "alpha111")
    assert tool(line, "status", "--session", "alpha111")["edited"] == ["inst_001"]
    assert '"text": "News"' in copy.read_text()
    assert '"text": "Mine"' in copy.read_text()
    tool(line, "end", "--session", "alpha111", code=1)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert [side["value"] for side in conflict["sides"]] == ["Theirs", "Mine"]


def test_a_record_taken_out_of_the_copy_stays(line):
    """There is no deletion; the outcome says so, and the next copy has it again."""
    (copy,) = start(line, "alpha111")
    plain_edit(copy, lambda document: document["instructions"].pop(0))
    tool(line, "add", "One", "--session", "alpha111")
    merged = tool(line, "end", "--session", "alpha111")
    assert merged["kept"] == ["inst_001"]
    assert "inst_001" in texts(line)
    assert "inst_001" in copy.read_text()


def test_a_session_resumed_after_its_folder_was_cleaned_never_reuses_a_count(line):
    """The head remembers how often a tag has published."""
    (copy,) = start(line, "alpha111")
    tool(line, "edit", "inst_001", "--set", "text=One", "--session", "alpha111")
    tool(line, "end", "--session", "alpha111")
    first = tool(line, "show", "inst_001")["version_vector"]
    shutil.rmtree(copy.parent)
    start(line, "alpha111")
    tool(line, "edit", "inst_001", "--set", "text=Two", "--session", "alpha111")
    tool(line, "end", "--session", "alpha111")
    second = tool(line, "show", "inst_001")["version_vector"]
    assert first.split(":")[0] == second.split(":")[0]
    assert (first.split(":")[1][0], second.split(":")[1][0]) == ("1", "2")


def test_a_session_can_go_on_under_another_id(line):
    """`start --resume` hands copy and tag over; the old id finds it still."""
    start(line, "alpha111")
    tool(line, "add", "One", "--session", "alpha111")
    tag = tool(line, "status", "--session", "alpha111")["tag"]
    resumed = tool(line, "start", "--id", "gamma333", "--resume", "alpha111")
    assert resumed["tag"] == tag
    assert tool(line, "status", "--session", "alpha111")["session"] == "gamma333"
    assert len(tool(line, "end", "--session", "gamma333")["added"]) == 1


def test_an_abandoned_session_publishes_nothing_and_can_be_brought_back(line):
    """Abandoning says what was left out; resuming brings it back."""
    start(line, "alpha111")
    new = tool(line, "add", "One", "--session", "alpha111")["id"]
    assert tool(line, "abandon", "--session", "alpha111")["left"] == [new]
    verbs = [
        ("end",),
        ("merge",),
        ("add", "Two"),
        ("edit", new, "--set", "text=Two"),
        ("retire", new),
    ]
    for words in (*verbs, *((*verb, "--dry-run") for verb in verbs)):
        refused = run(line, *words, "--session", "alpha111")
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith("error: session alpha111 is abandoned: ")
    assert new not in texts(line)
    assert len(tool(line, "log")["entries"]) == 1
    tool(line, "start", "--resume", "alpha111")
    tool(line, "end", "--session", "alpha111")
    assert new in texts(line)


def test_a_person_without_a_session_writes_into_the_history_at_once(line):
    """`add`, `edit` and `retire` are sessions of one command, each with its line in the log."""
    new = tool(line, "add", "By hand", "--param", "port=27017", "--set", "persistence=HIGH")["id"]
    tool(line, "edit", new, "--set", "explicitness=0.80")
    tool(line, "retire", "inst_002")
    assert texts(line)[new] == "By hand"
    assert "explicitness: 0.80" in run(line, "show", new).out
    assert "inst_002" not in {i["id"] for i in tool(line, "list")["instructions"]}
    assert len(tool(line, "log")["entries"]) == 4


def test_an_agent_that_names_no_session_is_told_the_candidates(line, monkeypatch):
    """In an agent's environment nothing is guessed."""
    start(line, "alpha111", "beta2222")
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = run(line, "add", "x")
    assert refused.code == 2
    assert "alpha111" in refused.err
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "beta2222")
    tool(line, "add", "x")
    assert len(tool(line, "status")["added"]) == 1


def test_another_finishes_a_session_that_ended_and_was_not_merged(line):
    """The next start merges what an interrupted end left behind."""
    (copy,) = start(line, "alpha111")
    new = tool(line, "add", "One", "--session", "alpha111")["id"]
    facts = copy.parent / "session.json"
    facts.write_text(facts.read_text().replace('"open"', '"ended"'))
    assert "alpha111" in run(line, "start", "--id", "beta2222").err
    assert new in texts(line)


def test_dry_runs_write_nothing(line):
    """Every writing verb can say what it would do."""
    (copy,) = start(line, "alpha111")
    tool(line, "edit", "inst_001", "--set", "text=One", "--session", "alpha111")
    before = {path: path.read_bytes() for path in line.rglob("*") if path.is_file()}
    session = ("--session", "alpha111", "--dry-run")
    tool(line, "add", "x", *session)
    tool(line, "edit", "inst_001", "--set", "text=Two", *session)
    tool(line, "retire", "inst_001", *session)
    assert tool(line, "end", *session)["edited"] == ["inst_001"]
    tool(line, "merge", *session)
    tool(line, "refresh", *session)
    tool(line, "abandon", *session)
    tool(line, "start", "--id", "beta2222", "--dry-run")
    after = {path: path.read_bytes() for path in line.rglob("*") if path.is_file()}
    assert after == before
    assert copy.exists()


@pytest.mark.parametrize("bad", ["../../x", "", "a/b", "x" * 200, ".hidden", "a b"])
def test_a_session_id_never_becomes_a_path(line, bad):
    """Ids that could name another folder are refused before any write."""
    before = sorted(line.rglob("*"))
    if bad:
        assert run(line, "start", "--id", bad).code == 2
        assert sorted(line.rglob("*")) == before


def test_an_answer_to_sides_that_nobody_saw_is_refused(line):
    """The lines that `conflicts` offers name the terms; a third side makes them stale."""
    start(line, "third111")
    conflict = contested(line)
    seen = tool(line, "show", conflict)["terms"]
    assert f"--seen {seen} --take 2" in run(line, "conflicts").out
    tool(line, "edit", "inst_001", "--set", "text=C", "--session", "third111")
    tool(line, "end", "--session", "third111", code=1)
    refused = run(line, "resolve", conflict, "--seen", seen, "--take", "2")
    assert refused.code == 2
    assert f"tractatus-merge review {conflict}" in refused.err
    assert len(tool(line, "conflicts")["conflicts"]) == 1
    tool(line, "resolve", conflict, "--seen", tool(line, "show", conflict)["terms"], "--take", "2")


def test_a_session_without_an_id_gets_a_uuid_of_version_7(line):
    """Time-ordered and unguessable; never a date or a counter."""
    name = tool(line, "start")["session"]
    assert uuid.UUID(name).version == 7
    assert uuid.UUID(name).variant == uuid.RFC_4122


def test_an_id_that_begins_another_is_a_session_of_its_own(line):
    """A prefix names a session for a command, never for `start`: two agents share no copy."""
    one, two = start(line, "fix-auth-1", "fix-auth")
    assert one != two
    tool(line, "add", "One", "--session", "fix-auth-1")
    assert tool(line, "status", "--session", "fix-auth")["added"] == []


def test_an_id_of_another_line_is_refused(line):
    """No copy is shared across lines, and none is overwritten."""
    package = line / "packages" / "oven"
    (package / ".claude").mkdir(parents=True)
    (package / ".claude/tractatus.toml").write_text('[store]\nbranch = "tractatus/oven"\n')
    tool(package, "init")
    start(line, "alpha111")
    refused = run(package, "start", "--id", "alpha111")
    assert (refused.code, "tractatus/history" in refused.err) == (2, True)
