"""What is made for reading: colour, one line a field, blame, the pager."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import on_terminal, program
from tests.tool import plain_edit, run, tool
from tractatus_merge.cli.terminal import pager
from tractatus_merge.core.model.state import RESOLUTIONS
from tractatus_merge.factory import open_repository

EVIL = "x\x1b[31mred\x1b]0;t\x07\nsecond\u202egnol\u200b"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def contested(line: Path) -> tuple[Path, str]:
    """Two sessions wrote one field; the second waits."""
    for name, port in (("alpha111", "27018"), ("beta2222", "27019")):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--param", f"port={port}", "--session", name,
             "--why", f"{port} is free")  # fmt: skip
    tool(line, "end", "--session", "alpha111")
    return line, tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]


def fields(folder: Path, name: str = "inst_001") -> dict[str, dict]:
    """What `blame --json` says, by field."""
    said = tool(folder, "blame", name)
    assert said["instruction"] == name
    return {field["field"]: field for field in said["fields"]}


def test_blame_names_the_session_the_person_and_the_reason(contested):
    """The value in force has its writer; the side that waits has none; the rest is as adopted."""
    folder, conflict = contested
    found = fields(folder)
    assert [n for n, f in found.items() if f["conflict"] == conflict] == ["parameters.port"]
    (writer,) = found["parameters.port"]["writers"]
    assert (writer["session"], writer["why"]) == ("alpha111", "27018 is free")
    assert writer["author"].startswith("Jo Baker")
    assert writer["at"] <= writer["published"]
    assert found["parameters.port"]["path"] == ["parameters", "port"]
    assert found["parameters.port"]["value"] == "27018"
    assert not [name for name, field in found.items() if field["writers"] and "port" not in name]
    assert "version_vector" not in found
    shown = run(folder, "blame", "inst_001").out
    assert re.search(r"parameters\.port: 27018\n +by Jo Baker, session alpha111, .*27018 is", shown)
    assert "text: The order" in shown
    assert f"others wait in conflict {conflict}" in shown
    assert "quadrant: SYSTEM  (as it was adopted)" in shown


@pytest.mark.parametrize("take", ["1", "2", "base", "value"])
def test_blame_names_the_resolution_until_the_field_moves_on(contested, take):
    """Whatever was answered, the field says which resolution settled it, and no other field does."""
    folder, conflict = contested
    words = ("--value", '"9"') if take == "value" else ("--take", take)
    tool(folder, "resolve", conflict, *words, "--why", "by phone")
    found = fields(folder)
    settled = found["parameters.port"]
    assert [name for name, field in found.items() if field["resolution"]] == ["parameters.port"]
    assert not settled["conflict"]
    assert tool(folder, "show", settled["resolution"])["conflict"] == conflict
    answer = run(folder, "show", settled["resolution"]).out
    assert re.search(rf"^{settled['resolution']}  Jo Baker answered conflict {conflict}, ", answer)
    assert "\n  why: by phone\n" in answer
    assert "\n    1  27018  (was in force)  by Jo Baker\n    2  27019  by Jo Baker\n" in answer
    assert "{" not in answer
    assert "by phone" in {writer["why"] for writer in settled["writers"]}
    assert f", in {settled['resolution']}\n" in run(folder, "blame", "inst_001").out
    tool(folder, "edit", "inst_001", "--param", "port=1")
    assert fields(folder)["parameters.port"]["resolution"] is None


def test_blame_forgets_a_resolution_that_was_revoked(contested):
    """The field is in conflict again, and nothing settled it."""
    folder, conflict = contested
    settled = tool(folder, "resolve", conflict, "--take", "1") and fields(folder)
    tool(folder, "resolve", "--revoke", settled["parameters.port"]["resolution"])
    found = fields(folder)["parameters.port"]
    assert found["resolution"] is None
    assert found["conflict"]
    assert {"alpha111"} <= {writer["session"] for writer in found["writers"]}


def test_blame_of_a_conflict_leads_to_its_instruction(contested):
    """By its id, by the answer's, by the revocation's, and by the ids that it had before."""
    folder, conflict = contested
    expected = tool(folder, "blame", "inst_001")
    assert tool(folder, "blame", conflict) == expected
    tool(folder, "resolve", conflict, "--take", "1")
    answer = fields(folder)["parameters.port"]["resolution"]
    for name in (conflict, answer):
        assert tool(folder, "blame", name)["instruction"] == "inst_001"
    tool(folder, "resolve", "--revoke", answer)
    again = fields(folder)["parameters.port"]["conflict"]
    with closing(open_repository(folder)) as repo:
        kept = repo.head().names(RESOLUTIONS)
    assert len(kept) == 2
    for name in (conflict, again, *kept):
        assert tool(folder, "blame", name)["instruction"] == "inst_001"


def test_blame_of_a_text_that_merged_after_an_answer_names_its_writers_alone(line):
    """Lines of later sessions are in it: it is not what the person said any more."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"notes={name}\nsame", "--session", name)
    tool(line, "end", "--session", "alpha111")
    conflict = tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]
    tool(line, "resolve", conflict, "--value", '"one\\ntwo\\nthree\\nfour"')
    assert fields(line)["notes"]["resolution"]
    for name, text in (
        ("gamma333", "ONE\ntwo\nthree\nfour"),
        ("delta444", "one\ntwo\nthree\nFOUR"),
    ):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"notes={text}", "--session", name)
    for name in ("gamma333", "delta444"):
        tool(line, "end", "--session", name)
    found = fields(line)["notes"]
    assert found["value"] == "ONE\ntwo\nthree\nFOUR"
    assert {"gamma333", "delta444"} <= {writer["session"] for writer in found["writers"]}
    assert found["resolution"] is None


def test_blame_of_a_twin_names_the_resolution_that_made_it(contested):
    """`--take both` makes an instruction of the waiting side; all of it is that answer's."""
    folder, conflict = contested
    (new,) = tool(folder, "resolve", conflict, "--take", "both")["added"]
    found = fields(folder, new)
    assert found["parameters.port"]["value"] == "27019"
    assert len({field["resolution"] for field in found.values()}) == 1
    assert found["text"]["resolution"]


def test_blame_of_a_new_instruction_names_who_brought_it(line):
    """Every field is its creator's, until another writes it."""
    tool(line, "start", "--id", "alpha111")
    new = tool(line, "add", "Ask first", "--why", "audit", "--session", "alpha111")["id"]
    tool(line, "end", "--session", "alpha111")
    tool(line, "edit", new, "--set", "text=Ask twice")
    found = fields(line, new)
    assert {w["session"] for w in found["id"]["writers"]} == {"alpha111"}
    assert {w["why"] for w in found["id"]["writers"]} == {"audit"}
    assert "alpha111" not in {w["session"] for w in found["text"]["writers"]}
    assert found["text"]["value"] == "Ask twice"


def test_blame_of_a_contradiction_names_the_resolution_that_retired_it(line):
    """Of two instructions that contradict, the one that lost: its `active` is settled."""
    for name, text in (("alpha111", "Always use tabs."), ("beta2222", "Never use tabs.")):
        tool(line, "start", "--id", name)
        tool(line, "add", text, "--id", f"inst_{name[-2:]}", "--session", name)
    tool(line, "end", "--session", "alpha111")
    conflict = tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]
    tool(line, "resolve", conflict, "--take", "1")
    settled = [f for name in ("inst_11", "inst_22") for f in fields(line, name).values()]
    (one,) = [field for field in settled if field["resolution"]]
    assert (one["field"], one["value"]) == ("active", False)


def test_blame_of_nothing_is_refused(line):
    """Exit 2, and how to find one."""
    ran = run(line, "blame", "inst_999")
    assert ran.code == 2
    assert "list --all" in ran.err


def test_show_and_diff_have_a_line_for_each_field(line):
    """Long texts and line ends included; a text that changed is told word by word."""
    root = tool(line, "log")["entries"][0]["version"]
    tool(line, "edit", "inst_001", "--set", "notes=Agreed at the start.\nThe port differs.",
         "--set", "explicitness=0.5")  # fmt: skip
    shown = run(line, "show", "inst_001").out.splitlines()
    assert shown[0] == "inst_001"
    assert "  parameters.port: 5433" in shown
    assert "  explicitness: 0.5" in shown
    assert "  notes: Agreed at the start.\\nThe port differs." in shown
    assert len(shown) == 1 + len(fields(line)) + 1
    gone = "[-differs from the default on purpose.-]"
    assert run(line, "diff", root).out.splitlines() == [
        "inst_001",
        "  explicitness: 0.90 -> 0.5",
        f"  notes: Agreed at the [-kick-off.-]{{+start.+}}\\nThe port {gone}{{+differs.+}}",
    ]
    version = tool(line, "log")["entries"][0]["version"]
    assert "[-kick-off.-]{+start.+}\\n" in run(line, "show", version).out


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        pytest.param({"NO_COLOR": "1"}, False, marks=pytest.mark.slow),
        pytest.param({"TERM": "dumb"}, False, marks=pytest.mark.slow),
    ],
    ids=["terminal", "NO_COLOR", "dumb"],
)
def test_a_terminal_gets_colours_unless_it_is_asked_not_to(contested, env, coloured):
    """Ids, versions, what is gone and what is new; without colour the same text."""
    folder, conflict = contested
    head = tool(folder, "log")["entries"][-1]["version"]
    for words in (("diff", head), ("log",), ("blame", "inst_001"), ("show", "inst_001"),
                  ("show", conflict), ("show", tool(folder, "log")["entries"][0]["version"])):  # fmt: skip
        shown = on_terminal(folder, *program("-P", *words), env=env)
        assert shown.code == 0
        assert bool(ESCAPE.search(shown.text)) == coloured, words
        assert ESCAPE.sub("", shown.text) == run(folder, *words).out, words
    if coloured:
        shown = on_terminal(folder, *program("diff", head)).text
        assert "\x1b[31m[-5433-]\x1b[0m\x1b[32m{+27018+}\x1b[0m" in shown
        assert f"\x1b[33m{head[:12]}\x1b[0m" in on_terminal(folder, *program("log")).text
        grave = on_terminal(folder, *program("-P", "show", conflict)).text
        assert "\x1b[31m\x1b[1mCRITICAL\x1b[0m" in grave


@pytest.mark.parametrize("forced", [False, True], ids=["plain", "FORCE_COLOR"])
def test_untrusted_text_is_shown_and_not_obeyed(line, monkeypatch, forced):
    """In ids, keys, values, reasons and authors: no escape but the colours, no line of its own."""
    root = tool(line, "log")["entries"][0]["version"]
    copy = Path(tool(line, "start", "--id", "alpha111")["copy"])
    record = {"id": f"inst_{EVIL}", "text": EVIL, EVIL: EVIL, "tags": [EVIL], "active": True}
    plain_edit(copy, lambda d: d["instructions"].append(record))
    plain_edit(copy, lambda d: d["instructions"][0].update(text=EVIL, tags=[EVIL]))
    monkeypatch.setenv("TRACTATUS_AUTHOR", f"Jo {EVIL} <jo@example.org>")
    tool(line, "edit", "inst_002", "--set", f"notes={EVIL}", "--why", EVIL, "--session", "alpha111")
    tool(line, "start", "--id", "beta2222")
    tool(line, "edit", "inst_001", "--set", "text=Other", "--session", "beta2222", "--why", EVIL)
    if forced:
        monkeypatch.setenv("FORCE_COLOR", "1")
    harmless(line, ("diff", "--session", "alpha111"), forced=forced)
    tool(line, "end", "--session", "alpha111")
    conflict = tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]
    head = tool(line, "log")["entries"][1]["version"]
    names = ("inst_001", "inst_002", record["id"])
    for words in (("log",), ("diff", root), ("show", head), *(("blame", name) for name in names)):
        harmless(line, words, forced=forced)
    for name in (*names, conflict):  # what `conflicts` tells has lines of its own
        harmless(line, ("show", name), forced=forced, told=name in ("inst_001", conflict))


def harmless(folder: Path, words: tuple[str, ...], *, forced: bool, told: bool = False) -> None:
    """What a verb prints has no control or invisible character but our colours' escapes."""
    ran = run(folder, *words)
    assert ran.code == 0
    assert bool(ESCAPE.search(ran.out)) == forced, words
    plain = re.sub(r"\x1b\[(0|1|2|3[1236])m", "", ran.out)
    assert "nol" in plain, words
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", plain)
    assert told or not [row for row in plain.splitlines() if row.startswith("second")], words
    data = run(folder, *words, "--json").out
    assert "\x1b" not in data
    assert "\u202e" not in data
    assert json.loads(data)


def long(folder: Path) -> None:
    """Make the log longer than a screen."""
    for number in range(7):
        tool(folder, "edit", "inst_001", "--set", f"source=from {number}")


def marking(folder: Path, name: str) -> str:
    """A pager that says its name before what it shows."""
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "[{name} $1 $LESS]"\ncat\n')
    path.chmod(0o755)
    return str(path)


def test_the_pager_is_gits_choice(line, tmp_path):
    """GIT_PAGER before core.pager before PAGER; with words of its own, and LESS as git sets it."""
    long(line)
    one, two, three = (marking(tmp_path, name) for name in ("one", "two", "three"))
    small = {"size": (6, 80)}
    words = program("log")
    shown = on_terminal(line, *words, env={"PAGER": f"{three} '-x y'"}, **small)
    assert shown.text.startswith("[three -x y FRX]\n\x1b[33m")
    subprocess.run(["git", "-C", line, "config", "core.pager", two], check=True)
    assert on_terminal(line, *words, env={"PAGER": three}, **small).text.startswith("[two  FRX]")
    env = {"PAGER": three, "GIT_PAGER": one, "LESS": "S"}
    assert on_terminal(line, *words, env=env, **small).text.startswith("[one  S]")
    for verb in (("diff", "HEAD"), ("show", "inst_001"), ("blame", "inst_001")):
        assert "[one" in on_terminal(line, *program(*verb), env=env, size=(2, 80)).text


@pytest.mark.parametrize(
    ("words", "env", "size"),
    [
        (("log",), {}, (60, 200)),
        (("-P", "log"), {}, (6, 80)),
        (("--no-pager", "log"), {}, (6, 80)),
        (("log", "--json"), {}, (6, 80)),
        (("log",), {"GIT_PAGER": "cat"}, (6, 80)),
        (("log",), {"GIT_PAGER": ""}, (6, 80)),
        (("log",), {"GIT_PAGER": "/no/such/pager"}, (6, 80)),
    ],
)
def test_where_no_pager_is_wanted_none_is_run(line, tmp_path, words, env, size):
    """A large screen, the options, data, `cat` or nothing, a pager that is not there."""
    long(line)
    env = {"GIT_PAGER": marking(tmp_path, "pager"), **env}
    shown = on_terminal(line, *program(*words), env=env, size=size)
    assert shown.code == 0
    assert "[pager" not in shown.text
    assert shown.text.count("inst_001") or shown.text.count("message") >= 7


def test_a_pager_is_never_a_shells_line(line, tmp_path):
    """What only a shell understands is passed over for `less`; nothing of it runs."""
    long(line)
    made = tmp_path / "made"
    env = {"GIT_PAGER": f"cat; touch {made}", "LESS": "FX"}
    shown = on_terminal(line, *program("log"), env=env, size=(6, 80), keys=[(":", "q")])
    assert shown.code == 0
    assert not made.exists()


def test_who_leaves_the_pager_early_leaves_the_command(line, tmp_path):
    """Exit 141, as in a pipeline, and no word of complaint."""
    text = "\n".join(str(number) for number in range(200_000))
    tool(line, "edit", "inst_001", "--set", f"notes={text}")
    early = tmp_path / "early"
    early.write_text("#!/bin/sh\nexit 0\n")
    early.chmod(0o755)
    shown = on_terminal(line, *program("show", "inst_001"), env={"GIT_PAGER": str(early)})
    assert shown == (141, "")


def test_a_session_that_changed_the_header_sees_it_in_its_diff(line):
    """Before its instructions; as data its instruction is null."""
    copy = tool(line, "start", "--id", "headings")["copy"]
    plain_edit(Path(copy), lambda document: document.update(description="New words", owner="Jo"))
    found = tool(line, "diff", "--session", "headings")["changes"]
    assert [(c["instruction"], c["field"]) for c in found] == [
        (None, "description"),
        (None, "owner"),
    ]
    assert run(line, "diff", "--session", "headings").out.startswith("header\n  description: ")


def test_the_log_is_read_as_far_as_it_is_looked_at(line, tmp_path, monkeypatch):
    """`-n`, a pipe that is closed and a pager that is left: no version beyond is looked at."""
    long(line)
    with closing(open_repository(line)) as repo:
        read = []
        lines = (read.append(n) or f"line {n}" for n in range(100))
        monkeypatch.setattr(pager, "put", lambda text, colour: stop())
        with pytest.raises(BrokenPipeError):
            pager.emit_paged(repo, lines)
        assert read == [0]
        early = tmp_path / "early"
        early.write_text("#!/bin/sh\nexit 0\n")
        early.chmod(0o755)
        endless = ("much " * 1000 for _ in itertools.count())
        with pytest.raises(SystemExit):
            pager._shown([str(early)], endless)
    assert tool(line, "log", "-n", "2")["entries"] == tool(line, "log")["entries"][:2]


def stop() -> None:
    """A reader that has seen enough."""
    raise BrokenPipeError
