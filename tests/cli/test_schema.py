"""What a command sets in an instruction is held against the schema, wherever it is set."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_check import VIEW
from tests.conftest import git
from tests.tool import plain_edit, run, texts, tool

WRONG = {
    "persistence=HUGE": ("persistence", '"HUGE"', "HIGH, MEDIUM, LOW, VARIABLE"),
    "active=maybe": ("active", '"maybe"', "true or false"),
    "active=null": ("active", "null", "true or false"),
    "verison=3": ("verison", "", "Did you mean version?"),
    "parametrs.port=27017": ("parametrs", "", "Did you mean parameters?"),
    "quadrant=": ("quadrant", '""', "STRATEGIC"),
    "explicitness=7": ("explicitness", "7", "from 0 to 1"),
    "active.really=true": ("active", "an object", "true or false"),
    "text=": ("says nothing", "", "text, description"),
    "text=5": ("text", "5", "a string"),
    "version_vector=x": ("version_vector", "", "not for editing"),
}


def everything(repo):
    """All refs, and every file but the clone's own caches."""
    files = {p: p.read_bytes() for p in repo.rglob("*") if p.is_file() and "sessions" in p.parts}
    return git(repo, "for-each-ref"), (repo / VIEW).read_bytes(), files


@pytest.mark.parametrize("change", WRONG)
def test_a_value_that_the_field_cannot_have_is_refused_before_any_write(line, change):
    """At `add`, `edit`, and their dry runs, alike: the field, the value, and what it may be."""
    tool(line, "start", "--id", "one11111")
    before = everything(line)
    for verb in (("add", "Ask first"), ("edit", "inst_001")):
        for where in ((), ("--session", "one11111")):
            for more in ((), ("--dry-run",), ("--json",)):
                ran = run(line, *verb, "--set", change, *where, *more)
                assert (ran.code, ran.out) == (2, ""), (verb, where, more)
                if change != "text=" or verb[0] == "edit":
                    assert all(word in ran.err for word in WRONG[change]), ran.err
    assert everything(line) == before


@pytest.mark.parametrize(
    "change",
    ["persistence=VARIABLE", "active=false", "explicitness=0.90", "quadrant=VALUES", "notes=null",
     "temporal_scope=permanent", "own=3", "sources=[]", "version=3", "parameters.verison=3"],
)  # fmt: skip
def test_what_real_histories_have_is_taken(line, change):
    """Words of any version of the framework, fields of one's own, and any parameter."""
    for verb in (("add", "Ask first"), ("edit", "inst_001")):
        assert run(line, *verb, "--set", change, "--dry-run").code == 0
        assert run(line, *verb, "--set", change).code == 0


def test_what_was_odd_before_stops_no_other_edit(repo):
    """Only what the command sets is judged; and a field that the history has is one of its own."""
    plain_edit(
        repo / VIEW,
        lambda d: d["instructions"][0].update(persistence="HUGE", active="yes", note="n", text=""),
    )
    tool(repo, "init")
    tool(repo, "edit", "inst_001", "--set", "notes=seen", "--set", "note=m")
    tool(repo, "add", "More", "--set", "note=too")
    tool(repo, "retire", "inst_001")
    assert run(repo, "edit", "inst_001", "--set", "persistence=ENORMOUS").code == 2
    assert run(repo, "edit", "inst_001", "--set", "text=").code == 2


def test_a_dry_run_says_what_the_command_would(line):
    """Also that it is not there, that the id is taken, and that nothing would change."""
    assert run(line, "edit", "inst_999", "--set", "notes=a", "--dry-run").code == 2
    assert run(line, "add", "Again", "--id", "inst_001", "--dry-run").code == 2
    tool(line, "edit", "inst_001", "--set", "notes=a")
    assert "says that already" in run(line, "edit", "inst_001", "--set", "notes=a", "--dry-run").out


def test_what_is_written_by_hand_is_found(line):
    """By the gate as it comes in, by `check --all` whenever: a finding, and no crash."""
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--allow-empty", "--message=before")

    def by_hand(document):
        first = document["instructions"][0]
        first.update(persistence="HUGE", verison=3)
        document["instructions"].append({"id": "inst_900", "text": "More", "active": "maybe"})

    plain_edit(line / VIEW, by_hand)
    git(line, "add", "--all")
    ran = run(line, "check", "--staged", "--json")
    assert ran.code == 1
    found = {(f["severity"], f["message"]) for f in ran.json["findings"] if f["code"] == "schema"}
    assert found == {
        ("error", 'inst_001: its persistence is "HUGE", not one of HIGH, MEDIUM, LOW, VARIABLE'),
        ("error", 'inst_900: its active is "maybe", not true or false'),
        ("warning", "inst_001: there is no field 'verison'; did you mean version?"),
    }
    tool(line, "list")  # takes the view in
    assert "inst_900" in texts(line)
    told = tool(line, "check", "--all")
    assert not told["ok"]
    assert {f["message"] for f in told["findings"]} >= {message for _, message in found}
    said = run(line, "check", "--all").out
    assert "tractatus-merge edit inst_001 --set persistence=MEDIUM" in said
    assert json.loads((line / VIEW).read_text())["instructions"][0]["persistence"] == "HUGE"


def test_an_answer_that_is_typed_is_judged_and_a_side_that_is_taken_is_not(repo):
    """A history may have words of its own, and a person must be able to choose among them."""
    plain_edit(repo / VIEW, lambda d: d["instructions"][0].update(quadrant="KITCHEN"))
    tool(repo, "init")
    for name, quadrant in (("one11111", "OVEN"), ("two22222", "TILL")):
        copy = tool(repo, "start", "--id", name)["copy"]
        plain_edit(repo / copy, lambda d, word=quadrant: d["instructions"][0].update(quadrant=word))
    tool(repo, "end", "--session", "one11111")
    (conflict,) = tool(repo, "end", "--session", "two22222", code=1)["conflicts"]
    refused = run(repo, "resolve", conflict, "--value", '"HUGE"')
    assert (refused.code, "STRATEGIC" in refused.err) == (2, True)
    assert tool(repo, "resolve", conflict, "--take", "2")["value"] == "TILL"
