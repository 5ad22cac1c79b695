"""Answers for scripts: many at once, revoked, told to the sessions concerned, not asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tool import run, tool


@pytest.fixture
def torn(line: Path) -> Path:
    """Three conflicts between two sessions: two CRITICAL texts, and a WARNING about a note."""
    for session, grade in (("aaaa", "VARIABLE"), ("bbbb", "LOW")):
        tool(line, "start", "--id", session)
        for name in ("inst_001", "inst_002"):
            tool(line, "edit", name, "--set", f"text={session}", "--session", session)
        tool(line, "edit", "inst_001", "--set", f"persistence={grade}", "--session", session)
    tool(line, "end", "--session", "aaaa")
    run(line, "end", "--session", "bbbb")
    return line


def opened(folder: Path) -> dict[str, str]:
    """The open conflicts: place to id."""
    found = tool(folder, "conflicts")["conflicts"]
    return {f"{c['instruction']} {c['field']}": c["id"] for c in found}


def said(folder: Path, name: str = "inst_001", field: str = "text"):
    """What an instruction says."""
    found = tool(folder, "list", "--all")["instructions"]
    return next(item for item in found if item["id"] == name)[field]


@pytest.mark.parametrize(
    ("conditions", "places"),
    [
        ([], {"inst_001 text", "inst_002 text", "inst_001 persistence"}),
        (["field=text"], {"inst_001 text", "inst_002 text"}),
        (["instruction=inst_001"], {"inst_001 text", "inst_001 persistence"}),
        (["instruction=inst_001", "field=text"], {"inst_001 text"}),
        (
            ["session=bbbb", "kind=field"],
            {"inst_001 text", "inst_002 text", "inst_001 persistence"},
        ),
        (["severity=MINOR"], set()),
    ],
)
def test_many_are_settled_at_once(torn, conditions, places):
    """Those that all conditions name, and no other; a dry run settles none."""
    before = opened(torn)
    words = ["resolve", "--all", "--take", "base", *(w for c in conditions for w in ("--where", c))]
    planned = tool(torn, *words, "--dry-run")
    assert opened(torn) == before
    done = tool(torn, *words)
    assert {item["conflict"] for item in done["settled"]} == {before[place] for place in places}
    assert [i["conflict"] for i in planned["settled"]] == [i["conflict"] for i in done["settled"]]
    assert opened(torn).keys() == before.keys() - places
    assert done["left"] == len(before) - len(places)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--all", "--take", "base", "--where", "colour=red"], "and not 'colour'"),
        (["--all", "--take", "base", "--where", "severity"], "should be KEY=VALUE"),
        (["--all", "--take", "7"], "'7' is no answer"),
        (["--all"], "say either --take or --value"),
        (["--take", "base"], "say which"),
        (["c1", "--all", "--take", "base"], "say which"),
        (["c1", "--take", "base", "--where", "field=text"], "--where belongs to --all"),
        (["--revoke", "r1"], "no answer 'r1' stands"),
        (["c1", "--take", "base"], "no single open conflict"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_settled(torn, words, complaint):
    """Exit 2, and every conflict is as it was."""
    before = opened(torn)
    refused = run(torn, "resolve", *words)
    assert refused.code == 2
    assert complaint in refused.err
    assert opened(torn) == before


def test_an_answer_is_revoked_by_its_id_or_the_conflicts(torn):
    """The last line is the command that asks it again."""
    name = opened(torn)["inst_001 text"]
    tool(torn, "resolve", name, "--take", "2", "--why", "shorter")
    (told,) = tool(torn, "conflicts", "--settled")["resolutions"]
    assert tool(torn, "show", name)["why"] == "shorter"
    assert tool(torn, "resolve", "--revoke", name, "--dry-run")["resolution"] == told["id"]
    assert "inst_001 text" not in opened(torn)
    done = run(torn, "resolve", "--revoke", told["id"])
    again = opened(torn)["inst_001 text"]
    assert done.out.splitlines()[-1] == f"tractatus-merge review {again}"
    assert said(torn) == "aaaa"
    refused = run(torn, "resolve", "--revoke", told["id"])
    assert refused.code == 2
    tool(torn, "resolve", again, "--take", "2")
    both = tool(torn, "conflicts", "--settled")["resolutions"]
    assert [item["conflict"] for item in both] == [again]


def test_an_answer_is_suggested_where_the_place_is_in_conflict_again(torn):
    """With who gave it, and why."""
    tool(torn, "start", "--id", "late")
    tool(torn, "edit", "inst_002", "--set", "text=late", "--session", "late")
    name = opened(torn)["inst_002 text"]
    tool(torn, "resolve", name, "--take", "2", "--why", "bbbb knows")
    run(torn, "end", "--session", "late")
    again = opened(torn).get("inst_002 text")
    if again is None:  # the copy was taken after the conflict was open: an edit of what it showed
        pytest.fail("a late side opens the place again")
    (asked,) = run(torn, "review", again).json["questions"]
    assert asked["suggestion"]["take"] == "1"
    assert '"bbbb knows"' in asked["suggestion"]["reason"]


def test_a_late_side_that_was_answered_is_settled_by_the_same_record(repo):
    """It is told so, and nobody is asked twice."""
    tool(repo, "init")
    for session in ("aaaa", "bbbb", "late"):
        tool(repo, "start", "--id", session)
    for session, text in (("aaaa", "one"), ("bbbb", "two"), ("late", "two")):
        tool(repo, "edit", "inst_001", "--set", f"text={text}", "--session", session)
    tool(repo, "end", "--session", "aaaa")
    run(repo, "end", "--session", "bbbb")
    tool(repo, "resolve", opened(repo)["inst_001 text"], "--take", "1", "--why", "one is enough")
    ended = run(repo, "end", "--session", "late")
    assert ended.code == 0
    assert "settled  inst_001 text: 'one' stands" in ended.out
    assert '"one is enough"' in ended.out
    assert opened(repo) == {}
    assert said(repo) == "one"


def test_the_sessions_concerned_are_told_at_their_next_refresh(torn):
    """What was decided, by whom and why; once, and nobody else."""
    tool(torn, "start", "--id", "other")
    tool(torn, "start", "--id", "bbbb")
    tool(torn, "resolve", opened(torn)["inst_001 text"], "--take", "1", "--why", "first come")
    told = run(torn, "refresh", "--session", "bbbb")
    assert "settled  inst_001 text: 'aaaa' stands, as Jo Baker" in told.out
    assert '"first come"' in told.out
    assert "settled" not in run(torn, "refresh", "--session", "bbbb").out
    assert tool(torn, "refresh", "--session", "other")["answered"] == []


def test_retiring_is_an_answer(torn):
    """The value in force stays, and the instruction is no longer in force."""
    done = run(torn, "resolve", opened(torn)["inst_002 text"], "--take", "retire")
    assert "inst_002 is retired" in done.out
    assert said(torn, "inst_002", "active") is False
    assert said(torn, "inst_002") == "aaaa"


def test_conflicts_are_a_comment_for_a_pull_request(torn):
    """A table for each: base, sides, who and why; nothing in it is markup of theirs."""
    out = run(torn, "conflicts", "--format=markdown").out
    assert out.startswith("<!-- tractatus-merge -->\n### Conflicts")
    assert "| 1, in force | aaaa |" in out
    assert f"`tractatus-merge review {opened(torn)['inst_001 text']}`" in out
    tool(torn, "resolve", "--all", "--take", "1")
    assert run(torn, "conflicts", "--format=markdown").out.endswith("No conflict is open.\n")
    assert run(torn, "conflicts", "--settled").out.count("stands, as Jo Baker") == 3
    tool(torn, "resolve", "--revoke", tool(torn, "conflicts", "--settled")["resolutions"][0]["id"])
    assert len(tool(torn, "conflicts", "--settled")["resolutions"]) == 2


def test_nothing_settled_says_so(torn):
    """An empty list is a sentence."""
    assert run(torn, "conflicts", "--settled").out == "nothing was settled\n"


def contradiction(folder: Path) -> str:
    """Two sessions that contradict each other; the conflict's id."""
    for session, text in (("p1aa", "Always use tabs."), ("p2aa", "Never use tabs.")):
        tool(folder, "start", "--id", session)
        tool(folder, "add", text, "--session", session, "--id", f"inst_{session}")
    tool(folder, "end", "--session", "p1aa")
    (name,) = tool(folder, "end", "--session", "p2aa", code=1)["conflicts"]
    return name


def test_a_contradiction_answered_by_a_sessions_name_says_what_stands(repo):
    """The dry run too; and so do the list of answers and the comment."""
    tool(repo, "init")
    name = contradiction(repo)
    shown = run(repo, "conflicts", "--format=markdown").out
    assert shown.count("in force |") == 2
    assert "instruction" not in shown.split("### Conflicts")[1]
    words = "inst_p1aa stands, inst_p2aa is retired"
    assert words in run(repo, "resolve", name, "--take", "p1aa", "--dry-run").out
    assert words in run(repo, "resolve", name, "--take", "p1aa").out
    assert said(repo, "inst_p2aa", "active") is False
    assert "inst_p1aa stands, the other is retired" in run(repo, "conflicts", "--settled").out


def test_what_is_no_contradiction_any_more_is_not_opened_again(repo):
    """One was edited since: the line says how to bring the other back."""
    tool(repo, "init")
    name = contradiction(repo)
    tool(repo, "resolve", name, "--take", "1")
    tool(repo, "start", "--id", "later")
    tool(repo, "edit", "inst_p1aa", "--set", "text=Indent as you like.", "--session", "later")
    tool(repo, "end", "--session", "later")
    refused = run(repo, "resolve", "--revoke", name)
    assert refused.code == 2
    assert "no contradiction any more" in refused.err
    assert opened(repo) == {}


def test_a_refresh_tells_a_contradiction_that_it_brings_into_the_copy(repo):
    """Before the end, where nobody would be asked any more."""
    tool(repo, "init")
    for session, text in (("p1aa", "Always use tabs."), ("p2aa", "Never use tabs.")):
        tool(repo, "start", "--id", session)
        tool(repo, "add", text, "--session", session)
    tool(repo, "end", "--session", "p1aa")
    (note,) = tool(repo, "refresh", "--session", "p2aa")["notes"]
    assert "contradiction" in note
    assert tool(repo, "refresh", "--session", "p2aa")["notes"] == []


def test_values_that_read_alike_are_told_apart(repo):
    """A null and the text null, a number and its text: the text has quotes."""
    tool(repo, "init")
    for session, value in (("aaaa", "null"), ("bbbb", '"null"'), ("cccc", "7"), ("dddd", '"7"')):
        tool(repo, "start", "--id", session)
        tool(repo, "edit", "inst_001", "--set", f"priority={value}", "--session", session)
    for session in ("aaaa", "bbbb", "cccc", "dddd"):
        run(repo, "end", "--session", session)
    shown = run(repo, "conflicts").out
    for side in ("null  <- in force", '"null"\n', "  7\n", '"7"\n'):
        assert side in shown


def test_an_answer_must_be_one_that_the_conflict_has(repo):
    """Of a retirement no other value; of a severity that there is none; and no fit is said."""
    tool(repo, "init")
    for session, change in (("aaaa", "text=x"), ("bbbb", "active=false")):
        tool(repo, "start", "--id", session)
        tool(repo, "edit", "inst_001", "--set", change, "--session", session)
    tool(repo, "end", "--session", "aaaa")
    run(repo, "end", "--session", "bbbb")
    (name,) = opened(repo).values()
    for other in ('"x"', "1", "null"):
        refused = run(repo, "resolve", name, "--value", other)
        assert refused.code == 2
        assert "true or false" in refused.err
    assert run(repo, "resolve", "--all", "--where", "severity=critical", "--take", "1").code == 2
    none = run(repo, "resolve", "--all", "--where", "field=text", "--take", "1")
    assert "no open conflict fits" in none.out
    tool(repo, "resolve", name, "--take", "2")
    assert "inst_001 active: it is retired" in run(repo, "conflicts", "--settled").out
    again = tool(repo, "resolve", "--revoke", name)["conflict"]
    assert again in run(repo, "resolve", "--revoke", name).err


@pytest.mark.parametrize("first", ["aaaa", "bbbb"])
@pytest.mark.parametrize("active", [True, False])
def test_true_or_false_answers_whether_an_instruction_is_in_force(repo, first, active):
    """Whichever was published first; the answer is that of the side that says so."""
    tool(repo, "init")
    for session, change in (("aaaa", "text=x"), ("bbbb", "active=false")):
        tool(repo, "start", "--id", session)
        tool(repo, "edit", "inst_001", "--set", change, "--session", session)
    tool(repo, "end", "--session", first)
    run(repo, "end", "--session", "bbbb" if first == "aaaa" else "aaaa")
    (name,) = opened(repo).values()
    tool(repo, "resolve", name, "--value", str(active).lower())
    now = tool(repo, "show", "inst_001")
    assert (now.get("active", True), now["text"]) == (active, "x")
    (told,) = tool(repo, "conflicts", "--settled")["resolutions"]
    assert told["take"] in ("1", "2")


def test_a_session_that_stands_behind_two_sides_does_not_name_one(repo):
    """The number does."""
    tool(repo, "init")
    for session in ("aaaa", "bbbb"):
        tool(repo, "start", "--id", session)
    tool(repo, "edit", "inst_001", "--set", "text=one", "--session", "aaaa")
    tool(repo, "edit", "inst_001", "--set", "text=two", "--session", "bbbb")
    tool(repo, "end", "--session", "aaaa")
    run(repo, "end", "--session", "bbbb")
    tool(repo, "start", "--id", "aaaa")
    tool(repo, "edit", "inst_001", "--set", "text=three", "--session", "aaaa")
    run(repo, "end", "--session", "aaaa")
    (name,) = opened(repo).values()
    refused = run(repo, "resolve", name, "--take", "aaaa")
    assert refused.code == 2
    assert "had a part in 2 sides" in refused.err


def test_an_old_id_of_a_conflict_leads_to_it_in_every_command(torn):
    """After a revocation its question has a new id; what was written down or sent is still good."""
    old = opened(torn)["inst_001 text"]
    tool(torn, "resolve", old, "--take", "1")
    shown = run(torn, "show", old).out
    (told,) = tool(torn, "conflicts", "--settled")["resolutions"]
    assert shown.startswith(told["id"])
    assert f"tractatus-merge resolve --revoke {told['id']}" in shown
    new = tool(torn, "resolve", "--revoke", old)["conflict"]
    assert new != old
    assert tool(torn, "show", old)["id"] == new
    assert f"tractatus-merge review {new}" in run(torn, "show", told["id"]).out
    assert new in run(torn, "resolve", "--revoke", told["id"]).err
    settled = tool(torn, "resolve", old, "--take", "2")
    assert settled["conflict"] == new
    assert tool(torn, "show", old)["conflict"] == new
    assert run(torn, "resolve", old, "--take", "1").code == 2
    assert tool(torn, "resolve", "--revoke", old)["conflict"] not in (old, new)


def test_the_command_that_an_answer_names_does_not_refuse(torn):
    """Of one that stands, one that was revoked, one that was given again, and a revocation."""
    old = opened(torn)["inst_001 text"]
    tool(torn, "resolve", old, "--take", "1")
    (first,) = tool(torn, "conflicts", "--settled")["resolutions"]
    tool(torn, "undo")
    tool(torn, "redo")
    assert f"--revoke {first['id']}" not in run(torn, "show", first["id"]).out
    for name in (first["id"], old):
        said = run(torn, "show", name).out
        advice = said.partition("undo it: tractatus-merge ")[2].split()
        assert run(torn, *advice, "--dry-run").code == 0, said
    tool(torn, "undo")
    assert "tractatus-merge review" in run(torn, "show", first["id"]).out
