"""Conflict review at a terminal: real ptys, real keys, the screen as a person sees it."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path

import pytest

from tests.terminal import Terminal, terminal
from tests.tool import plain_edit, run, texts, tool
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.core.values.places import get
from tractatus_merge.factory import open_repository
from tractatus_merge.review.questions import questions

LAST = "0 conflicts open"
"""What the last screen says when all is settled."""
VIEW = ".claude/instruction-history.json"
BLUE = "The order database is PostgreSQL on port blue, never SQLite."
GREEN = BLUE.replace("blue", "green")
HOSTILE = "a\x1b[2Jb \u202eright\u202c zero\u200bwidth <script>alert(1)</script> \x9b31m"


@pytest.fixture
def line(line: Path) -> Path:
    """A repository whose history was taken in, with two sessions open."""
    tool(line, "start", "--id", "aaaa")
    tool(line, "start", "--id", "bbbb")
    return line


def edited(folder: Path, session: str, *sets: str, why: str = "", name: str = "inst_001") -> None:
    """A session's edit of an instruction."""
    pairs = [word for pair in sets for word in ("--set", pair)]
    tool(folder, "edit", name, *pairs, "--session", session, "--why", why)


def ended(folder: Path) -> str:
    """End both sessions; what the second one was told."""
    tool(folder, "end", "--session", "aaaa")
    return run(folder, "end", "--session", "bbbb").out


@pytest.fixture
def torn(line: Path) -> Path:
    """Two conflicts: a text and a persistence."""
    edited(line, "aaaa", f"text={BLUE}", "persistence=LOW", why="the red one burns")
    edited(line, "bbbb", f"text={GREEN}", "persistence=MEDIUM", why="it is new")
    ended(line)
    return line


def value(folder: Path, field: str = "text", name: str = "inst_001"):
    """What an instruction says there."""
    found = tool(folder, "list", "--all")["instructions"]
    return next(item for item in found if item["id"] == name).get(field)


def finished(screen: Terminal) -> int:
    """Leave the last screen; the exit code."""
    screen.until(LAST, "u undo the last answer", "q end")
    screen.press("q")
    return screen.end()


def left(folder: Path) -> list[str]:
    """The open conflicts' places."""
    found = tool(folder, "conflicts")["conflicts"]
    return [f"{conflict['instruction']} {conflict['field']}" for conflict in found]


def test_the_last_line_of_an_end_settles_the_conflict_with_one_key(line):
    """Pasted as it is; then the number of a side."""
    edited(line, "aaaa", "text=blue")
    edited(line, "bbbb", "text=green")
    last = ended(line).splitlines()[-1]
    program, *words = shlex.split(last)
    assert program == "tractatus-merge"
    with terminal(line, *words) as screen:
        screen.until("1 of 1", "inst_001 text", "blue", "green")
        screen.press("2")
        assert finished(screen) == 0
    assert value(line) == "green"
    assert left(line) == []


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_one_screen_says_all_that_one_needs(torn, size):
    """Place, base, sides with words, session, person, time and reason, other fields, the keys."""
    with terminal(torn, "review", size=size) as screen:
        shown = screen.until("1 of 2", "? help")
        for words in (
            "inst_001 text", "base", "[-", "{+blue,+}", "{+green,+}", "(in\u00a0force)",
            "session aaaa", "session bbbb", 'why: "the red one burns"', 'why: "it is new"',
            "open here", "other fields", "1 in force", "2 side 2", "b base", "k both",
            "r retire", "e edit", "w say why", "s skip", "p back", "u undo", "q quit",
        ):  # fmt: skip
            assert words in shown, words
        assert len(screen.screen.display) == size[1]
        screen.press("q")
        assert screen.end() == 1
    assert len(left(torn)) == 2


def test_every_answer_is_published_when_it_is_given(torn):
    """Also where the terminal goes away right after it."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2")
        screen.press("2")
        screen.until("2 of 2", "settled inst_001")
    assert len(left(torn)) == 1


def test_ctrl_c_keeps_what_was_answered(torn):
    """It ends the review, not the answers; the last words say how to undo them."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2")
        screen.press("2")
        screen.until("2 of 2")
        screen.press("\x03")
        assert screen.end() == 1
        assert "1 settled, 1 conflict open" in screen.text()
        assert "resolve --revoke r" in screen.text()
    assert len(left(torn)) == 1


def test_undo_opens_the_last_answer_again_and_back_goes_back(torn):
    """Skip, back, answer, undo, answer."""
    with terminal(torn, "review") as screen:
        first = screen.until("1 of 2")
        screen.press("s")
        screen.until("2 of 2")
        screen.press("p")
        screen.until("1 of 2")
        screen.press("u")
        screen.until("no answer of this review to undo")
        screen.press("2")
        screen.until("2 of 2", "settled")
        screen.press("u")
        again = screen.until("1 of 2", "is open again")
        assert first.splitlines()[2:8] == again.splitlines()[3:9]
        screen.press("1")
        screen.until("2 of 2")
        screen.press("2")
        assert finished(screen) == 0
    assert left(torn) == []
    assert value(torn) == BLUE


def test_a_value_of_ones_own_comes_from_the_editor(torn, tmp_path):
    """A text as a text; what is left as it was is no answer."""
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'Use any oven.\\n' > \"$1\"\n")
    editor.chmod(0o755)
    with terminal(torn, "review", EDITOR="true") as screen:
        screen.until("1 of 2")
        screen.press("e")
        screen.until("nothing was changed")
        screen.press("q")
    with terminal(torn, "review", EDITOR=str(editor)) as screen:
        screen.until("inst_001 text")
        screen.press("e")
        screen.until("2 of 2", "a value of your own")
        screen.press("q")
        screen.end()
    assert value(torn) == "Use any oven."


def test_what_is_no_json_is_refused_by_the_editor(line, tmp_path):
    """What is no text is edited as JSON; what cannot be read changes nothing."""
    edited(line, "aaaa", "extra=1")
    edited(line, "bbbb", "extra=2")
    ended(line)
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf \'{"a": \' > "$1"\n')
    editor.chmod(0o755)
    with terminal(line, "review", EDITOR=str(editor)) as screen:
        screen.until("1 of 1")
        screen.press("e")
        screen.until("that is not JSON")
        screen.press("q")
        assert screen.end() == 1
    assert len(left(line)) == 1


def test_the_reason_is_kept_with_the_answer(torn):
    """Typed once with `w` below the conflict; Esc leaves it as it was, an arrow types nothing."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2")
        screen.press("w")
        screen.until("why:", "Esc leaves it", "1 of 2", "{+blue,+}")  # it is still there
        screen.press("no", "\x1b")
        screen.until("1 of 2", "q quit", check=lambda text: "why: no" not in text)
        screen.press("w")
        screen.until("Esc leaves it")
        screen.press("öfen", "\x1b[D", "\x15", "ovens difer", "\x7f", "\x7f", "fer\r")
        screen.until("1 of 2", "why: ovens differ")
        screen.press("1")
        screen.until("2 of 2")
        screen.press("q")
        screen.end()
    (told,) = tool(torn, "conflicts", "--settled")["resolutions"]
    assert told["why"] == "ovens differ"


def test_one_answer_for_all_alike_with_the_list_first(line):
    """The same field, base and sides on several instructions."""
    for name in ("inst_001", "inst_002"):
        tool(line, "edit", name, "--set", "priority=high", "--session", "aaaa")
        tool(line, "edit", name, "--set", "priority=low", "--session", "bbbb")
    ended(line)
    alike = len(left(line))
    with terminal(line, "review") as screen:
        shown = screen.until("1 of")
        if "with this very choice" in shown:
            screen.press("a")
            screen.until("One answer for 2 conflicts", "inst_001 priority", "inst_002 priority")
            screen.press("s")
            screen.until("with this very choice")
            screen.press("a")
            screen.until("One answer for 2 conflicts")
            screen.press("2")
            assert finished(screen) == 0
    assert alike == 2
    assert left(line) == []
    assert {value(line, "priority", name) for name in ("inst_001", "inst_002")} == {"low"}


def test_an_answer_to_what_changed_meanwhile_is_not_taken(torn):
    """Another terminal was faster: this one shows how it stands now."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2", "inst_001 text")
        tool(torn, "start", "--id", "cccc")
        edited(torn, "cccc", "text=Use no oven.")
        run(torn, "end", "--session", "cccc")
        screen.press("2")
        screen.until("has changed meanwhile", "no")
        other = next(c for c in tool(torn, "conflicts")["conflicts"] if c["field"] == "text")
        tool(torn, "resolve", other["id"], "--take", "base")
        screen.press("2")
        screen.until("settled meanwhile")
        screen.press("q")
        screen.end()
    assert value(torn) not in (GREEN, BLUE, "Use no oven.")


def test_help_says_what_every_key_does(torn):
    """And any key goes back, q too, without being an answer; a key that means nothing says so."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2")
        screen.press("?")
        screen.until("Answers", "each as an instruction of its own", "undo your last answer")
        assert "all alike" not in screen.text()
        screen.press("2")
        screen.until("1 of 2", "1 in force")
        screen.press("?")
        screen.until("Answers")
        screen.press("q")
        screen.until("1 of 2", "1 in force")
        screen.press("z")
        screen.until("no answer has that key")
        screen.press("m")
        screen.until("quadrant:")
        screen.press("q")
        screen.end()
    assert len(left(torn)) == 2


def test_it_is_drawn_again_when_the_window_changes(line):
    """Narrower, everything still fits; a body longer than the screen is scrolled."""
    edited(line, "aaaa", "text=" + "blue " * 200)
    edited(line, "bbbb", "text=" + "green " * 200)
    ended(line)
    with terminal(line, "review", size=(100, 60)) as screen:
        screen.until("1 of 1", "? help", check=lambda text: "more line" not in text)
        screen.resize(60, 20)
        shown = screen.until("more lines: space", "? help")
        assert shown.startswith("1 of 1")
        screen.press(" ", " ")
        screen.until(
            "green", "? help", check=lambda text: "blue" not in text.split("help")[0][-400:]
        )
        while "base" not in (before := screen.text()):
            screen.press("-")  # one after the other: what is typed ahead is dropped
            screen.until(check=lambda text, old=before: text != old)
        screen.press("q")
        screen.end()


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colour_and_without_a_clever_terminal(torn, env):
    """Words are marked all the same; a dumb terminal gets no escape at all."""
    with terminal(torn, "review", **env) as screen:
        screen.until("1 of 2", "{+blue,+}")
        screen.press("2")
        screen.until("2 of 2")
        screen.press("q")
        screen.end()
        assert b"\x1b[3" not in screen.said
        assert "TERM" not in env or b"\x1b" not in screen.said


@pytest.mark.parametrize("field", ["text", "notes"])
def test_hostile_words_are_shown_and_do_nothing(line, field):
    """Terminal escapes, marks of direction, zero width: spelled out, in every place."""
    edited(line, "aaaa", f"{field}={HOSTILE}", why=HOSTILE)
    edited(line, "bbbb", f"{field}=other {HOSTILE}", why=HOSTILE)
    ended(line)
    with terminal(line, "review", size=(150, 40)) as screen:
        shown = screen.until("1 of", "\\u001b[2J", "\\u202e", "\\u200b", "\\u009b31m", "<script>")
        screen.press("m")
        screen.until("parameters:")
        screen.press("q")
        screen.end()
    assert shown.startswith("1 of")
    for mark in ("\x1b[2Jb", "\u202e", "\u200b", "\x9b"):
        assert mark.encode() not in screen.said


def test_without_a_terminal_it_prints_what_it_would_ask(torn):
    """As JSON: the conflict, every answer with its value, what is suggested."""
    found = run(torn, "review").json["questions"]
    assert [item["field"] for item in found] == ["text", "persistence"]
    assert [answer["take"] for answer in found[0]["answers"]] == [
        "1",
        "2",
        "base",
        "both",
        "retire",
    ]
    assert found[0]["answers"][1]["value"] == GREEN
    one = run(torn, "review", found[1]["id"]).json["questions"]
    assert [item["id"] for item in one] == [found[1]["id"]]
    assert run(torn, "review", "c0000000").code == 2


@pytest.mark.parametrize(
    "verb",
    [
        "review",
        "review --web",
        "resolve c1 --take 1",
        "resolve --all --take base",
        "resolve --revoke r1",
    ],
)
def test_an_agent_is_refused_and_told_the_line_for_a_person(torn, monkeypatch, verb):
    """Nothing is written; the settings may open it, and then it says so everywhere."""
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = run(torn, *verb.split())
    assert refused.code == 2
    assert refused.err.splitlines()[-1].strip() == f"tractatus-merge {verb}"
    assert len(left(torn)) == 2


def test_an_agents_answer_says_that_it_is_one(torn, monkeypatch):
    """Where the settings allow it: in the record, the log and what others are told."""
    (torn / ".claude/tractatus.toml").write_text("[policy]\nagents_may_resolve = true\n")
    monkeypatch.setenv("CLAUDECODE", "1")
    tool(torn, "resolve", "--all", "--take", "2")
    told = tool(torn, "conflicts", "--settled")["resolutions"]
    assert {item["by"] for item in told} == {"agent"}
    assert "by: agent" in run(torn, "log").out
    assert "by: agent" in run(torn, "conflicts", "--settled").out
    tool(torn, "resolve", "--revoke", told[0]["id"])
    assert tool(torn, "log")["entries"][0]["agent"] == "agent"


KINDS = {
    "text": (["text=blue"], ["text=green"]),
    "enum": (["quadrant=TACTICAL"], ["quadrant=OPERATIONAL"]),
    "number": (["explicitness=0.1"], ["explicitness=0.2"]),
    "structure": (['parameters={"a": 1}'], ['parameters={"a": [2]}']),
    "new key": (["extra=1"], ["extra=2"]),
    "null": (["notes=null"], ["notes=x"]),
    "retirement": (["active=false"], ["text=green"]),
    "lines": (["text=one\ntwo"], ["text=one\nthree"]),
}


@pytest.mark.parametrize(
    "kind",
    [
        kind if kind in ("text", "retirement") else pytest.param(kind, marks=pytest.mark.slow)
        for kind in KINDS
    ],
)
def test_every_answer_leads_to_the_value_it_names(line, kind):
    """Each kind of conflict is drawn, and each key gives what its offer says."""
    one, other = KINDS[kind]
    edited(line, "aaaa", *one)
    edited(line, "bbbb", *other)
    ended(line)
    repo = open_repository(line)
    (asked,) = questions(repo.head())
    repo.close()
    keys = {"base": "b", "both": "k", "retire": "r"}
    name = asked.conflict.id
    for offer in asked.offers:
        with terminal(line, "review") as screen:
            screen.until("1 of 1", asked.place)
            screen.press(keys.get(offer.take, offer.take))
            assert finished(screen) == 0
        assert left(line) == []
        (content,) = [
            i for i in tool(line, "list", "--all")["instructions"] if i["id"] == "inst_001"
        ]
        here = get(content, asked.conflict.path)
        assert (here is MISSING) == (offer.value is MISSING)
        assert here is MISSING or here == offer.value
        assert offer.take != "retire" or value(line, "active") is False
        others = {name: text for name, text in texts(line, "--all").items() if "_" in name[5:]}
        assert offer.take != "both" or others
        (told,) = tool(line, "conflicts", "--settled")["resolutions"]
        assert (told["conflict"], told["take"]) == (name, offer.take)
        name = tool(line, "resolve", "--revoke", told["id"])["conflict"]
    assert json.loads((line / VIEW).read_bytes())


def of_the_header(line: Path) -> None:
    """Two sessions describe the history differently."""
    for session in ("aaaa", "bbbb"):
        copy = line / ".git/tractatus/sessions" / session / "instruction-history.json"
        plain_edit(copy, lambda document, by=session: document.update(description=by))
    ended(line)


def of_meaning(line: Path) -> None:
    """Two new instructions contradict each other."""
    tool(line, "add", "Always use tabs in source files.", "--session", "aaaa")
    tool(line, "add", "Never use tabs in source files.", "--session", "bbbb")
    ended(line)


def of_three(line: Path) -> None:
    """Three sides, and one of a session that saw the conflict: a proposal."""
    tool(line, "start", "--id", "cccc")
    for session in ("aaaa", "bbbb", "cccc"):
        edited(line, session, f"text={session}")
    ended(line)
    run(line, "end", "--session", "cccc")
    tool(line, "start", "--id", "dddd")
    edited(line, "dddd", "text=dddd")
    run(line, "end", "--session", "dddd")


@pytest.mark.parametrize(
    ("make", "takes"),
    [
        (of_the_header, ["1", "2", "base"]),
        (of_meaning, ["1", "2", "both"]),
        pytest.param(
            of_three, ["1", "2", "3", "4", "base", "both", "retire"], marks=pytest.mark.slow
        ),
    ],
)
def test_the_other_kinds_are_drawn_and_answered(line, make, takes):
    """The header, a contradiction, many sides: each answer settles it as it says."""
    make(line)
    repo = open_repository(line)
    (asked,) = questions(repo.head())
    repo.close()
    assert [offer.take for offer in asked.offers] == takes
    name = asked.conflict.id
    for offer in asked.offers:
        with terminal(line, "review", name) as screen:
            shown = screen.until("1 of 1", "? help")
            assert all(side_view.says.split()[0] in shown for side_view in asked.side_views)
            screen.press({"base": "b", "both": "k", "retire": "r"}.get(offer.take, offer.take))
            assert finished(screen) == 0
        (told,) = tool(line, "conflicts", "--settled")["resolutions"]
        assert told["take"] == offer.take
        assert told.get("value", MISSING) == offer.value
        name = tool(line, "resolve", "--revoke", told["id"])["conflict"]


def test_a_review_that_is_ended_from_outside_gives_the_terminal_back(torn):
    """SIGTERM: the own screen, and keys that are shown again."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2")
        screen.signal(signal.SIGTERM)
        assert screen.end() == 143
        assert screen.said.rstrip().endswith(b"\x1b[?1049l")
        assert screen.echoes()


def test_in_a_small_window_the_question_comes_first(torn):
    """The headline and the base, not the list of keys; nothing scrolls away."""
    with terminal(torn, "review", size=(24, 6)) as screen:
        shown = screen.until("1 of 2", "? help")
        assert "base" in shown
        screen.press("q")
        screen.end()


def test_the_last_answer_can_be_undone_before_the_screen_goes(torn):
    """Skipped ones are offered again, other keys say what there is, and Enter ends it."""
    with terminal(torn, "review") as screen:
        screen.until("1 of 2")
        screen.press("s")
        screen.until("2 of 2")
        screen.press("1")
        screen.until("1 settled, 1 conflict open", "inst_001 persistence: side 1", "p back")
        screen.press("z")
        screen.until("nothing is left to answer")
        screen.press("u")
        screen.until("2 of 2", "inst_001 persistence is open again")
        screen.press("2")
        screen.until("1 settled, 1 conflict open")
        screen.press("p")
        screen.until("1 of 2", "inst_001 text")
        screen.press("1")
        screen.until(LAST)
        screen.press("\r")
        assert screen.end() == 0
    assert (value(torn), value(torn, "persistence")) == (BLUE, "MEDIUM")


@pytest.mark.slow
def test_one_undo_opens_all_that_were_answered_together(line):
    """The one that was shown is asked again, the others wait as before."""
    for name in ("inst_001", "inst_002", "inst_003a"):
        edited(line, "aaaa", "priority=high", name=name)
        edited(line, "bbbb", "priority=low", name=name)
    edited(line, "aaaa", "text=blue")
    edited(line, "bbbb", "text=green")
    ended(line)
    before = sorted(left(line))
    with terminal(line, "review") as screen:
        screen.until("1 of 4")
        while "with this very choice" not in screen.text():
            at = int(screen.text().split()[0])
            screen.press("s")
            screen.until(f"{at + 1} of 4")
        place = screen.text().splitlines()[0].split()[4]
        screen.press("a")
        shown = screen.until("One answer for 3 conflicts", "goes back")
        assert "inst_001 priority  blue" in shown
        assert "Prices are integers" in shown  # what each instruction says
        screen.press("2")
        screen.until("settled 3 alike: side 2")
        screen.press("u")
        screen.until("undone: 3 alike are open again", f"{place} priority")
        assert sorted(left(line)) == before
        screen.press("q")
        assert screen.end() == 1


def test_an_edit_against_a_retirement_says_what_was_edited(line):
    """The instruction's words, and the difference that the edit made."""
    tool(line, "retire", "inst_001", "--session", "aaaa", "--why", "gone")
    edited(line, "bbbb", f"text={BLUE}", "persistence=LOW")
    ended(line)
    with terminal(line, "review") as screen:
        screen.until("1 of 1", "it says", "PostgreSQL", "is it in force?", "{+blue,+}",
                     "persistence: ", "LOW", "retire it", "keep it in force")  # fmt: skip
        screen.press("q")
        screen.end()


def mixed(line: Path) -> None:
    """Ten conflicts: texts, enums, numbers, notes, an edit against a retirement, a contradiction."""
    for session, number in (("aaaa", 1), ("bbbb", 2)):
        for name in ("inst_001", "inst_003a"):
            sets = (f"priority={session}", f"explicitness=0.{number}", f"notes={session}")
            edited(line, session, *sets, name=name)
        edited(
            line,
            session,
            f"text={session} says so.",
            "persistence=" + ("LOW", "MEDIUM")[number - 1],
        )
        edited(line, session, f'parameters={{"a": {number}}}', name="inst_003a")
    tool(line, "retire", "inst_002", "--session", "aaaa")
    edited(line, "bbbb", "text=green", name="inst_002")
    tool(line, "add", "Always use tabs in source files.", "--session", "aaaa")
    tool(line, "add", "Never use tabs in source files.", "--session", "bbbb")
    ended(line)


@pytest.mark.slow
def test_ten_mixed_conflicts_take_at_most_twenty_five_keys(line):
    """No mouse, and the screen that lets the last one be undone among them."""
    mixed(line)
    found = tool(line, "conflicts")["conflicts"]
    assert len(found) >= 10
    assert {told["kind"] for told in found} == {"field", "edit/retire", "meaning"}
    keys = 0
    with terminal(line, "review") as screen:
        screen.until("1 of", "? help")
        while LAST not in screen.text():
            before = screen.text().splitlines()[0]
            screen.press("2")
            keys += 1
            screen.until("settled", check=lambda text, old=before: text.splitlines()[0] != old)
            assert keys < 25
        screen.press("q")
        assert screen.end() == 0
    assert keys + 1 <= 25
    assert left(line) == []
