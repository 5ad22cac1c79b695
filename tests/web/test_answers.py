"""Answers on the page: each leads to the value it names, and none is taken that is stale."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.tool import tool
from tests.web.conftest import Site
from tests.web.scene import change, edit, opened, stands, start
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import DOCUMENT, HEADER, INSTRUCTIONS
from tractatus_merge.core.values.places import get
from tractatus_merge.factory import open_repository
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.review.questions import question
from tractatus_merge.web.question_page import says


def asked(repo, name):
    """A conflict as it is put to a person, whole (a state reads its texts late)."""
    found = open_repository(repo)
    try:
        return question(found.head(), name)
    finally:
        found.close()


def standing(repo, conflict):
    """What the head says at the place of a conflict."""
    found = open_repository(repo)
    try:
        if conflict.instruction is None:
            content = HISTORY.header(found.head().get(DOCUMENT, HEADER))
        else:
            content = Record(found.head().get(INSTRUCTIONS, conflict.instruction)).content
        return get(content, conflict.path)
    finally:
        found.close()


@pytest.mark.slow
def test_every_answer_of_every_kind_leads_to_the_value_it_names(many):
    """Each button of each conflict is pressed, compared with what it said, and undone."""
    site, pressed = Site(many), 0
    for told in opened(many):
        found = asked(many, told["id"])
        seen = site.get(f"/conflict/{told['id']}").seen
        own = ["value"] if found.editable else []
        assert seen.takes == [offer.take for offer in found.offers] + own
        name = told["id"]
        for offer in found.offers:
            fields = {"seal": site.guard.seal(f"answer {name}"), "seen": told["terms"]}
            got = site.post(f"/conflict/{name}/answer", {**fields, "take": offer.take})
            assert got.status == 303, got.html
            if told["kind"] == "meaning":
                names = (told["instruction"], told["path"][1])
                kept = names if offer.take == "both" else (offer.value["instruction"],)
                active = [tool(many, "show", one).get("active", True) for one in names]
                assert active == [one in kept for one in names]
            else:
                assert says(standing(many, found.conflict)) == says(offer.value), (told, offer)
            if offer.take == "retire":
                assert tool(many, "show", told["instruction"])["active"] is False
            answer = re.search(r"answered=([^&#]+)", got.headers["Location"])[1]
            undone = site.post(f"/undo/{answer}", {"seal": site.guard.seal(f"undo {answer}")})
            name = re.search(r"/conflict/(\w+)", undone.headers["Location"])[1]
            pressed += 1
        again = asked(many, name).conflict
        assert again.terms == told["terms"], "an undo left something of its answer"
    assert pressed > 50


def test_a_value_of_ones_own(site, one):
    """Editing puts the text that was typed, with the reason, and line ends as they are kept."""
    name = opened(one)[0]["id"]
    site.answer(name, take="value", value="Prices\r\nare\tcents.", why="  settled in the yard ")
    assert tool(one, "show", "inst_002")["text"] == "Prices\nare\tcents."
    (told,) = tool(one, "conflicts", "--settled")["resolutions"]
    assert (told["why"], told["take"]) == ("settled in the yard", "value")


@pytest.mark.parametrize("wrong", ["", "[1, ", "nope", '{"a": 1, "a": 2', "\x00"])
def test_what_is_no_json_is_refused_and_given_back(many, wrong):
    """A value that is no text is typed as JSON; invalid, it is refused, and nothing is lost of it."""
    site = Site(many)
    told = next(c for c in opened(many) if c["path"] == ["limits"])
    got = site.answer(told["id"], take="value", value=wrong, why="because")
    assert got.status == 400
    assert "not JSON" in got.seen.text
    assert wrong.strip("\x00") in got.seen.text
    assert "because" in got.seen.text
    assert len(opened(many)) == len({c["id"] for c in opened(many)}) == 11


def test_a_number_keeps_its_spelling(many):
    """JSON of one's own is stored as it was typed."""
    told = next(c for c in opened(many) if c["path"] == ["explicitness"])
    assert Site(many).answer(told["id"], take="value", value=" 0.50 ").status == 303
    view = many / ".claude" / "instruction-history.json"
    assert '"explicitness": 0.50' in view.read_text()


@pytest.mark.parametrize("kind", ["edit/retire", "meaning"])
def test_where_only_offers_can_stand_a_value_is_refused(many, kind):
    """A form that was tampered with puts nothing of its own there."""
    told = next(c for c in opened(many) if c["kind"] == kind)
    for fields in ({"take": "value", "value": "1"}, {"take": "nonsense"}, {"take": ""}, {"take": "99"}):  # fmt: skip
        assert Site(many).answer(told["id"], **fields).status == 400
    assert len(opened(many)) == 11


def test_a_stale_answer_is_refused_and_the_new_state_shown(site, one):
    """A side came after the page was read: 409, the new side is there, what was typed too."""
    told = opened(one)[0]
    path = f"/conflict/{told['id']}/answer"
    form = site.get(f"/conflict/{told['id']}").seen.forms[path]
    start(one, "late-one")
    edit(one, "late-one", "inst_002", "text=Prices are strings.")
    tool(one, "end", "--session", "late-one", code=1)
    got = site.post(path, {**form, "take": "value", "value": "My own", "why": "my reason"})
    assert got.status == 409
    for words in ("has changed since", "Prices are strings.", "My own", "my reason"):
        assert words in got.seen.text
    assert len(opened(one)[0]["sides"]) == 3
    again = got.seen.forms[path]
    assert again["seen"] == opened(one)[0]["terms"] != form["seen"]
    assert site.post(path, {**again, "take": "value", "value": "My own"}).status == 303
    assert tool(one, "show", "inst_002")["text"] == "My own"


def test_who_was_slower_sees_what_the_other_said(site, one):
    """The conflict is settled already: 409, by whom, with a way to undo it; nothing is overwritten."""
    told = opened(one)[0]
    path = f"/conflict/{told['id']}/answer"
    form = site.get(f"/conflict/{told['id']}").seen.forms[path]
    assert Site(one).answer(told["id"], take="2", why="faster").status == 303
    got = site.post(path, {**form, "take": "1", "why": "slower"})
    assert got.status == 409
    for words in ("was not taken", "decimals", "Jo Baker", "faster", "slower"):
        assert words in got.seen.text
    assert "decimals" in tool(one, "show", "inst_002")["text"]


def test_what_was_not_typed_is_not_given_back(site, one):
    """A stale answer with the draft untouched shows the draft of the new state."""
    told = opened(one)[0]
    path = f"/conflict/{told['id']}/answer"
    seen = site.get(f"/conflict/{told['id']}").seen
    start(one, "fix-auth")
    edit(one, "fix-auth", "inst_002", "text=Prices are cents of the euro.")
    tool(one, "end", "--session", "fix-auth", code=1)
    untouched = "Prices are integers of euro cents; no float touches money."
    got = site.post(path, {**seen.forms[path], "take": "2", "value": untouched})
    assert got.status == 409
    assert "Write a value" in got.seen.text
    assert "own" not in {f["id"] for t, f in got.seen.tags if t == "details" and "open" in f and "id" in f}  # fmt: skip


def test_a_settled_conflict_is_told_when_it_is_opened(site, one):
    """By the browser's way back, or an old address: what was said, and undo; no answer was refused."""
    told = opened(one)[0]
    site.answer(told["id"], take="2", why="asked")
    got = site.get(f"/conflict/{told['id']}")
    assert got.status == 404
    assert "Settled already" in got.seen.text
    assert "was not taken" not in got.seen.text
    assert any(path.startswith("/undo/") for path in got.seen.forms)


def test_an_undone_answer_is_no_answer(site, one):
    """The record of an undo opens no page of its own, and the answer says that it was undone."""
    told = opened(one)[0]
    done = site.answer(told["id"], take="2").headers["Location"]
    tool(one, "resolve", "--revoke", told["id"])
    assert "that answer was undone" in site.get(done).seen.text
    found = open_repository(one)
    names = found.head().names("resolutions")
    found.close()
    assert len(names) == 2
    for name in names:
        assert site.get(f"/conflict/{name}").status == 404
        assert site.get(f"/?answered={name}").status == 200


@pytest.mark.race
def test_of_many_answers_at_once_one_is_taken(one):
    """The others are refused, each with the page that says whose stands."""
    (told,) = opened(one)
    sites = [Site(one) for _ in range(6)]

    def answer(number):
        site = sites[number]
        fields = {"seal": site.guard.seal(f"answer {told['id']}"), "seen": told["terms"]}
        value = {"take": "value", "value": f"said by {number}"}
        return site.post(f"/conflict/{told['id']}/answer", fields | value).status

    with ThreadPoolExecutor(len(sites)) as pool:
        found = list(pool.map(answer, range(len(sites))))
    assert sorted(found) == [303, *[409] * 5]
    assert tool(one, "show", "inst_002")["text"] == f"said by {found.index(303)}"


def test_an_answer_without_the_terms_it_saw_is_refused(site, one):
    """The form always says what was read."""
    told = opened(one)[0]
    seal = site.guard.seal(f"answer {told['id']}")
    assert site.post(f"/conflict/{told['id']}/answer", {"seal": seal, "take": "1"}).status == 409
    assert len(opened(one)) == 1


def test_undo_opens_the_conflict_again(site, one):
    """The same sides, the value before; twice is refused and says so."""
    told = opened(one)[0]
    before = stands(one, told)
    got = site.answer(told["id"], take="2")
    path, form = next(iter(site.get(got.headers["Location"]).seen.forms.items()))
    assert path.startswith("/undo/")
    undone = site.post(path, form).headers["Location"]
    (again,) = opened(one)
    assert undone == f"/conflict/{again['id']}?reopened=yes#outcome"
    assert (stands(one, told), again["terms"]) == (before, told["terms"])
    assert site.post(path, form).status == 409
    assert len(opened(one)) == 1


@pytest.mark.parametrize(
    ("kind", "path", "take", "verdict"),
    [
        ("field", ["persistence"], "2", "inst_001 persistence: 'VARIABLE' stands"),
        ("field", ["persistence"], "both", "each other side as an instruction of its own"),
        ("field", ["persistence"], "retire", "the instruction is retired"),
        ("field", ["verification_required"], "1", "'(not there)' stands"),
        ("edit/retire", ["active"], "1", "inst_002 active: it stays in force"),
        ("edit/retire", ["active"], "2", "inst_002 active: it is retired"),
        ("meaning", None, "both", "about tabs: no contradiction: both stand"),
        ("meaning", None, "2", "stands, the other is retired"),
    ],
)
def test_what_was_answered_is_told(many, kind, path, take, verdict):
    """In words, after the answer and on the list of what is settled."""
    site = Site(many)
    told = next(c for c in opened(many) if c["kind"] == kind and path in (None, c["path"]))
    done = site.answer(told["id"], take=take).headers["Location"]
    assert verdict in site.get(done).seen.text
    assert verdict.split(": ")[-1] in site.get("/settled").seen.text


def test_an_answer_goes_on_to_the_next_conflict_and_into_the_view(many):
    """The filter is carried along, and the file in the work tree shows the answer."""
    site = Site(many)
    html = site.get("/?severity=MINOR").html
    names = re.findall(r'href="/conflict/(c\w+)\?severity=MINOR"', html)
    assert len(names) == 2
    form_path = f"/conflict/{names[0]}/answer?severity=MINOR"
    form = site.get(f"/conflict/{names[0]}?severity=MINOR").seen.forms[form_path]
    got = site.post(form_path, {**form, "take": "2"})
    assert got.headers["Location"].startswith(f"/conflict/{names[1]}?answered=")
    assert got.headers["Location"].endswith("severity=MINOR#outcome")
    view = json.loads((many / ".claude" / "instruction-history.json").read_text())
    assert next(r for r in view["instructions"] if r["id"] == "inst_003a")["quadrant"] == "SYSTEM"


def test_what_a_script_wrote_meanwhile_is_taken_in_first(site, one):
    """An edit of the view behind the page's back is in the history, and the answer too."""
    view = one / ".claude" / "instruction-history.json"
    change(view, "inst_001", {"notes": "by a script"})
    site.answer(opened(one)[0]["id"], take="2")
    assert tool(one, "show", "inst_001")["notes"] == "by a script"
    assert "decimals" in tool(one, "show", "inst_002")["text"]
    assert "by a script" in view.read_text()
