"""No line that the tool prints is a command to CI that somebody wrote into an instruction."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_check import VIEW
from tests.conftest import git
from tests.system.test_printable import commands
from tests.tool import plain_edit, run, tool

BAD = ("::error::mine", " \u00a0::warning file=x::mine", "a\n::stop-commands::x\n##[group]y", "b\r::add-mask::z", "##vso[task.complete]")  # fmt: skip


@pytest.fixture
def commanding(repo):
    """A history whose ids, texts, keys and reasons are commands, with conflicts of two sessions."""

    def write(document):
        for number, bad in enumerate(BAD):
            record = {"id": bad, "text": f"{bad}{number}", "notes": bad, bad: bad, "active": True}
            document["instructions"].append(record)

    plain_edit(repo / VIEW, write)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=::error::commit")
    tool(repo, "init")
    for name in ("one11111", "two22222"):
        tool(repo, "start", "--id", name)
        for bad in BAD:
            words = ("--set", f"text={bad} {name}", "--why", bad, "--session", name)
            tool(repo, "edit", bad, *words)
        tool(repo, "add", f"::notice::{name}", "--id", f"::{name}", "--session", name)
        tool(repo, "retire", BAD[0], "--why", BAD[2], "--session", "one11111")
    return repo


def test_no_verb_prints_a_command_from_data(commanding):
    """Text output of every verb, on both streams; JSON keeps the values as they are."""
    repo = commanding
    ended = [run(repo, *words) for words in (
        ("diff", "--session", "two22222"), ("status", "--session", "two22222"),
        ("end", "--session", "one11111"), ("merge", "--session", "two22222", "--dry-run"),
        ("end", "--session", "two22222"),
    )]  # fmt: skip
    found = tool(repo, "conflicts")["conflicts"]
    assert found
    version = git(repo, "rev-parse", "tractatus/history~2").strip()
    verbs = (
        ("list", "--all"), ("log",), ("log", BAD[0]), ("log", "-p"), ("conflicts",), ("sessions",),
        ("conflicts", "--format=markdown"), ("check", "--all"), ("check", "--staged"),
        ("diff", version), ("diff", "--format=markdown", version), ("doctor",), ("metrics",),
        *(("show", bad) for bad in BAD), *(("blame", bad) for bad in BAD),
        *(("show", one["id"]) for one in found), ("view", "--dry-run", "--write"), ("audit",),
        ("show", "::error::nobody"), ("edit", "x\n::error::y", "--set", "notes=a"),
        ("::error::verb",), ("x\n::error::verb",), ("list", "--x\n::error::option"),
        ("start", "--id", "a\n::error::z"), ("add", "x", "--set", "persistence=a\n::error::b"),
        ("resolve", "\n::error::c", "--take", "base"), ("check", "--range", "\n::error::x..y"),
        ("merge-file", "\n::error::a", "b", "c"), ("add", "::error::new\n ::error::d"),
        ("add", "::error::new\n ::error::e", "--id", "\n::error::e"),
        ("resolve", found[0]["id"], "--take", "1"), ("resolve", "--all", "--take", "1"), ("undo",),
        ("conflicts", "--settled"),
    )  # fmt: skip
    for ran in (*ended, *(run(repo, *words) for words in verbs)):
        assert ran.code in (0, 1, 2, 3), ran
        assert commands(ran.out) == [], ran.out
        assert commands(ran.err) == [], ran.err
    rows = json.loads(run(repo, "list", "--all", "--json").out)["instructions"]
    assert {row["id"] for row in rows} >= set(BAD)


def test_annotations_are_commands_of_our_own(commanding):
    """Each begins with one, and holds no other."""
    repo = commanding
    tool(repo, "end", "--session", "one11111")
    plain_edit(repo / VIEW, lambda d: d["instructions"][-1].update(active="##[x]\n::error::y"))
    git(repo, "add", "--all")
    for words in (("--staged",), ("--all",)):
        if words == ("--all",):
            run(repo, "list")  # takes the view in
        out = run(repo, "check", *words, "--format=github").out
        assert out
        for line in out.splitlines():
            assert line.startswith(("::error ", "::warning ")), line
            assert commands(line.partition("::")[2]) == [], line
