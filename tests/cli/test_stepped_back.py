"""The head lost versions: by a person's `update-ref`, or because their objects are gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import plain_edit, run, texts, tool

BRANCH = "refs/heads/tractatus/history"


def head(folder: Path) -> str:
    """The newest version."""
    return git(folder, "rev-parse", BRANCH).strip()


def by_reference(folder: Path, back: str) -> None:
    """A person sets the branch back; the objects stay."""
    git(folder, "update-ref", BRANCH, back)


def by_loss(folder: Path, back: str) -> None:
    """Every object since is gone, and the branch points at nothing."""
    words = ["rev-list", "--objects", head(folder), f"^{back}"]
    for line in git(folder, *words).splitlines():
        name = line.split()[0]
        (folder / ".git" / "objects" / name[:2] / name[2:]).unlink()


each_way = pytest.mark.parametrize("lose", [by_reference, by_loss])


@each_way
def test_an_undo_whose_version_was_lost_is_done_again_after_it(line, lose):
    """What was added comes back and is retired, as it was; every later command works."""
    back = head(line)
    tool(line, "add", "Loaves cool on racks.", "--id", "inst_050")
    tool(line, "undo", "--why", "not ours")
    assert tool(line, "show", "inst_050")["active"] is False
    lose(line, back)
    for words in (("start", "--id", "alpha111"), ("end", "--session", "alpha111")):
        ran = run(line, *words)
        assert (ran.code, "warning" in ran.err) == (0, False), ran
    assert tool(line, "show", "inst_050")["active"] is False
    said = [entry["message"] for entry in tool(line, "log")["entries"]]
    assert sum("not ours" in message for message in said) == 1
    assert run(line, "doctor", "--json").code == 0


def contested(folder: Path) -> str:
    """Two sessions disagree about inst_001; the conflict's id."""
    for name, text in (("alpha111", "A"), ("beta2222", "B")):
        tool(folder, "start", "--id", name)
        tool(folder, "edit", "inst_001", "--set", f"text={text}", "--session", name)
    tool(folder, "end", "--session", "alpha111")
    return str(tool(folder, "end", "--session", "beta2222", code=1)["conflicts"][0])


@each_way
@pytest.mark.parametrize(
    "words", [("start", "--id", "gamma333"), ("merge", "--session", "alpha111")]
)
def test_an_answered_conflict_is_not_open_again_after_a_recovery(line, lose, words):
    """Whoever comes next publishes all sessions' work again, and the answer after it."""
    back = head(line)
    tool(line, "resolve", contested(line), "--take", "beta2222", "--why", "agreed")
    tool(line, "start", "--id", "alpha111")
    tool(line, "edit", "inst_001", "--set", "text=C", "--session", "alpha111")
    tool(line, "end", "--session", "alpha111")
    lose(line, back)
    assert run(line, *words).code == 0
    assert tool(line, "conflicts")["conflicts"] == []
    assert texts(line)["inst_001"] == "C"


@each_way
def test_a_revoked_answer_is_open_again_after_a_recovery(line, lose):
    """Sides, answer and revocation come back, each after what it is about."""
    back, conflict = head(line), contested(line)
    tool(line, "resolve", conflict, "--take", "2")
    tool(line, "resolve", "--revoke", conflict)
    (before,) = tool(line, "conflicts")["conflicts"]
    lose(line, back)
    assert run(line, "start", "--id", "gamma333").code == 0
    (after,) = tool(line, "conflicts")["conflicts"]
    assert (after["id"], after["terms"]) == (before["id"], before["terms"])
    assert texts(line)["inst_001"] == "A"


@each_way
def test_a_recovery_goes_by_the_order_of_publication_when_no_clock_tells_it(line, lose):
    """All versions have one time, and the requests none: the order is still what it was."""
    back = head(line)
    tool(line, "resolve", contested(line), "--take", "beta2222")
    for path in (line / ".git/tractatus/sessions").glob("*/session.json"):
        facts = json.loads(path.read_text())
        work = facts["last"]
        work["at"] = "2026-01-01T00:00:00.000Z"
        for key in ("answer", "undo"):
            if key in work:
                work[key]["at"] = "2025-01-01T00:00:00.000Z"
        path.write_text(json.dumps(facts))
    lose(line, back)
    assert run(line, "start", "--id", "gamma333").code == 0
    assert tool(line, "conflicts")["conflicts"] == []
    assert texts(line)["inst_001"] == "B"


def test_facts_of_the_version_before_are_replayed_too(line):
    """Requests that say neither when nor onto what they were published come after their cause."""
    back = head(line)
    tool(line, "resolve", contested(line), "--take", "beta2222")
    for path in (line / ".git/tractatus/sessions").glob("*/session.json"):
        facts = json.loads(path.read_text())
        for key in ("head", "onto", "at"):
            facts["last"].pop(key, None)
        if "answer" in facts["last"]:
            facts["last"]["answer"]["at"] = "2020-01-01T00:00:00.000Z"
        path.write_text(json.dumps(facts))
    by_loss(line, back)
    assert run(line, "start", "--id", "gamma333").code == 0
    assert tool(line, "conflicts")["conflicts"] == []


def test_what_cannot_be_published_again_is_told_once_and_set_aside(line):
    """A script's edit of the view is nobody's session: its version is gone, and so is its undo."""
    plain_edit(
        line / ".claude/instruction-history.json",
        lambda d: d["instructions"].append({"id": "inst_060", "text": "By hand.", "active": True}),
    )
    back = head(line)
    run(line, "status")
    version = tool(line, "log")["entries"][0]["version"]
    tool(line, "undo", version, "--why", "a slip")
    (line / ".claude/instruction-history.json").unlink()
    by_loss(line, back)
    first = run(line, "start", "--id", "alpha111")
    assert first.code == 0
    assert first.err.count("a slip") == 1 and "not done again" in first.err
    for words in (("end", "--session", "alpha111"), ("start", "--id", "beta2222")):
        ran = run(line, *words)
        assert (ran.code, "slip" in ran.err) == (0, False)
    (note,) = [one for one in tool(line, "doctor")["notes"] if one["code"] == "aside"]
    assert version[:12] in note["message"]


@each_way
def test_what_was_taken_in_from_the_view_is_taken_in_again(line, lose):
    """A script's edit has no session's folder; the file still has it."""
    back = head(line)
    plain_edit(
        line / ".claude/instruction-history.json",
        lambda d: d["instructions"].append({"id": "inst_060", "text": "By hand.", "active": True}),
    )
    run(line, "status")
    assert "inst_060" in texts(line)
    lose(line, back)
    for words in (("start", "--id", "alpha111"), ("end", "--session", "alpha111")):
        assert run(line, *words).code == 0
    assert "inst_060" in texts(line)


@each_way
@pytest.mark.parametrize("finished", [True, False], ids=["finished first", "at once"])
def test_a_session_whose_base_was_lost_goes_on(line, lose, finished):
    """It is looked at, refreshed and ended as any other; its edit is in, and nothing is asked."""
    back, conflict = head(line), contested(line)
    tool(line, "resolve", conflict, "--take", "2")
    tool(line, "start", "--id", "gamma333")
    tool(line, "edit", "inst_001", "--set", "text=After the answer", "--session", "gamma333")
    lose(line, back)
    if finished:
        tool(line, "start", "--id", "delta444")
    for words in (
        ("status", "--session", "gamma333"),
        ("sessions",),
        ("check", "--staged"),
        ("list", "--session", "gamma333"),
        ("refresh", "--session", "gamma333"),
        ("end", "--session", "gamma333"),
    ):
        ran = run(line, *words)
        assert ran.code == 0, (words, ran)
    assert texts(line)["inst_001"] == "After the answer"
    assert tool(line, "conflicts")["conflicts"] == []
