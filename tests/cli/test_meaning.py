"""Contradictions as users meet them: told while writing, opened at the second end, settled."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.tool import plain_edit, run, texts, tool

TABS, SPACES = "Always use tabs in source files.", "Never use tabs in source files."
MONGO = ("--param", "service=mongodb", "--param")


def write(line: Path, order: tuple[str, ...] = ("alpha111", "beta2222")) -> dict:
    """Two sessions contradict each other and end in that order; what the second end said."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
    tool(line, "add", TABS, "--id", "inst_040", "--session", "alpha111")
    tool(line, "add", SPACES, "--id", "inst_041", "--session", "beta2222")
    assert tool(line, "end", "--session", order[0])["outcome"] == "clean"
    return tool(line, "end", "--session", order[1], code=1)


@pytest.mark.parametrize("order", [("alpha111", "beta2222"), ("beta2222", "alpha111")])
def test_the_second_end_opens_one_conflict_and_both_stand(line, order):
    """The same one in either order."""
    (found,) = write(line, order)["conflicts"]
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert (conflict["id"], conflict["kind"]) == (found, "meaning")
    assert [side["value"]["instruction"] for side in conflict["sides"]] == ["inst_040", "inst_041"]
    assert {"inst_040", "inst_041"} <= set(texts(line))


def test_parameters_of_one_service_contradict(line):
    """Two ports of one database."""
    for name, port in (("alpha111", "27017"), ("beta2222", "27027")):
        tool(line, "start", "--id", name)
        tool(line, "add", f"MongoDB for {name}.", *MONGO, f"port={port}", "--session", name)
    tool(line, "end", "--session", "alpha111")
    tool(line, "end", "--session", "beta2222", code=1)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    assert (conflict["kind"], conflict["path"][-1]) == ("meaning", "port")


def test_a_session_that_started_after_the_other_published_opens_nothing(line):
    """It has seen what it contradicts; `check --all` says so all the same."""
    tool(line, "add", TABS)
    tool(line, "start", "--id", "beta2222")
    tool(line, "add", SPACES, "--session", "beta2222")
    assert tool(line, "end", "--session", "beta2222")["outcome"] == "clean"
    assert len(tool(line, "check", "--all")["findings"]) == 1


def test_near_twins_are_a_note(line):
    """Exit 0, no conflict."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
        tool(line, "add", TABS, "--session", name)
    tool(line, "end", "--session", "alpha111")
    ended = tool(line, "end", "--session", "beta2222")
    assert ended["conflicts"] == []
    assert "nearly the same" in ended["notes"][0]


def test_both_dismisses_it_for_good_until_a_word_changes(line):
    """Neither a merge, nor a write, nor `check --all` tells it again."""
    (found,) = write(line)["conflicts"]
    tool(line, "resolve", found, "--take", "both")
    assert tool(line, "check", "--all") == {"ok": True, "findings": []}
    tool(line, "start", "--id", "gamma333")
    edited = tool(line, "edit", "inst_041", "--set", "notes=x", "--session", "gamma333")
    assert "heard" not in edited
    assert tool(line, "end", "--session", "gamma333")["conflicts"] == []
    text = "text=Never use tabs in any source file."
    heard = tool(line, "edit", "inst_041", "--set", text)["heard"]
    assert "inst_040" in heard[0]
    assert len(tool(line, "check", "--all")["findings"]) == 1


@pytest.mark.parametrize(("take", "gone"), [("1", "inst_041"), ("2", "inst_040")])
def test_one_of_them_can_be_chosen_and_no_value_given(line, take, gone):
    """The other is retired; `base` and a value are refused with a sentence."""
    (found,) = write(line)["conflicts"]
    for words in (("--take", "base"), ("--value", '"x"')):
        refused = run(line, "resolve", found, *words)
        assert refused.code == 2
        assert "both stand, or one of them" in refused.err
    tool(line, "resolve", found, "--take", take)
    assert [n for n in ("inst_040", "inst_041") if not tool(line, "show", n).get("active", True)
            ] == [gone]  # fmt: skip
    assert tool(line, "conflicts")["conflicts"] == []


def test_an_adopted_history_is_checked_and_the_fix_works_as_it_is_printed(repo):
    """Exit 0, whatever is found."""
    records = [{"id": n, "text": t, "active": True} for n, t in (("a_1", TABS), ("a_2", SPACES))]
    view = repo / ".claude/instruction-history.json"
    view.write_text(json.dumps({"version": "1.0", "instructions": records}, indent=2))
    tool(repo, "init")
    said = tool(repo, "check", "--all")
    (finding,) = said["findings"]
    assert said["ok"] is False
    assert set(finding) == {"code", "severity", "message", "fix"}
    program, *words = shlex.split(finding["fix"])
    assert program == "tractatus-merge"
    assert finding["fix"] in run(repo, "check", "--all").out
    tool(repo, *words)
    assert tool(repo, "check", "--all")["ok"] is True
    assert "no contradiction found" in run(repo, "check", "--all").out
    assert run(repo, "check").code == 0


def test_an_agent_may_not_dismiss_it(line, monkeypatch):
    """Only a person does."""
    (found,) = write(line)["conflicts"]
    monkeypatch.setenv("CLAUDECODE", "1")
    assert run(line, "resolve", found, "--take", "both").code == 2
    assert len(tool(line, "conflicts")["conflicts"]) == 1


def test_a_write_says_what_an_open_session_has_unpublished(line):
    """On standard error and under `heard`, for add and edit; exit 0, and it is written."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
    tool(line, "add", TABS, "--session", "alpha111")
    ran = run(line, "add", SPACES, "--id", "inst_041", "--session", "beta2222")
    assert ran.code == 0
    assert "(alpha111) has an unpublished contradiction" in ran.err
    edit = ("edit", "inst_041", "--set", "text=Never use tabs in a source file.")
    assert "alpha111" in tool(line, *edit, "--session", "beta2222")["heard"][0]
    assert "heard" not in tool(line, "retire", "inst_041", "--session", "beta2222")


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_copy_of_any_layout_is_glanced_at(line, indent):
    """On one line, with tabs, or records on lines of their own: what is unpublished is heard."""
    tool(line, "add", SPACES, "--id", "inst_000")
    copies = [Path(tool(line, "start", "--id", n)["copy"]) for n in ("alpha111", "beta2222")]
    data = json.loads(copies[0].read_text())
    data["instructions"] += [{"id": "inst_040", "text": TABS, "examples": [{"id": "x"}]}]
    copies[0].write_text(json.dumps(data, indent=indent))
    (heard,) = tool(line, "add", SPACES, "--id", "inst_041", "--session", "beta2222")["heard"][1:]
    assert "(alpha111) has an unpublished contradiction: inst_040" in heard


@pytest.mark.parametrize("torn", ['{"instructions": [', "[1, {}]", '{"instructions": 3}', None])
def test_a_torn_copy_of_another_session_is_passed_over(line, torn):
    """Nothing is said of it, and nothing fails."""
    copies = [Path(tool(line, "start", "--id", n)["copy"]) for n in ("alpha111", "beta2222")]
    if torn is None:
        copies[0].unlink()
    else:
        copies[0].write_text(torn)
    assert "heard" not in tool(line, "add", SPACES, "--session", "beta2222")


def test_a_person_without_a_session_is_told_too(line):
    """What is in the history, and what an open session has unpublished; it is published."""
    tool(line, "add", TABS, "--id", "inst_040")
    for name in ("alpha111", "beta2222"):  # of one session alone the write would be
        tool(line, "start", "--id", name)
    tool(line, "add", TABS, "--id", "inst_042", "--session", "alpha111")
    added = tool(line, "add", SPACES, "--id", "inst_041")
    here, there = (" ".join(said) for said in (added["heard"][:1], added["heard"][1:]))
    assert "inst_040" in here, added["heard"]
    assert "(alpha111) has an unpublished contradiction" in there, added["heard"]
    assert "inst_041" in texts(line)


def test_escapes_in_texts_are_harmless_everywhere(line):
    """A terminal gets none of them, whatever prints the text."""
    bad = "Always use tabs \x1b[31m in source files."
    copies = [Path(tool(line, "start", "--id", n)["copy"]) for n in ("alpha111", "beta2222")]
    for name, text, copy in (("inst_040", bad, copies[0]), ("inst_041", SPACES, copies[1])):
        record = {"id": name, "text": text, "active": True}
        plain_edit(copy, lambda d, record=record: d["instructions"].append(record))
    outs = [run(line, "add", SPACES), run(line, "end", "--session", "alpha111")]
    outs.append(run(line, "merge", "--session", "beta2222", "--dry-run"))
    outs.append(run(line, "end", "--session", "beta2222"))
    head = tool(line, "log")["entries"][0]["version"]
    for words in (("conflicts",), ("check", "--all"), ("show", head), ("undo", "--dry-run"),
                  ("log",), ("list",), ("diff", head)):  # fmt: skip
        outs += [run(line, *words), run(line, *words, "--json")]
    assert any("tabs" in ran.out for ran in outs)
    assert not [ran for ran in outs if "\x1b" in ran.out + ran.err]
