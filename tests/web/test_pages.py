"""What is on the pages: every fact of a conflict, whatever its texts are made of."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import g
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.strategies import keys, maybe, values, writers
from tests.tool import tool
from tests.web.conftest import HERE, PORT, Got, Site
from tests.web.scene import NASTY, edit, end, opened, start
from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, MEANING, Conflict, Side
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.errors import (
    DocumentError,
    Missing,
    ReadOnly,
    RequestError,
    StoreBusy,
    UnknownConflict,
    VersionGone,
)
from tractatus_merge.review.questions import question
from tractatus_merge.system.printable import clean
from tractatus_merge.web import serve
from tractatus_merge.web.app import make_app
from tractatus_merge.web.filters import Filter
from tractatus_merge.web.guard import Guard
from tractatus_merge.web.question_page import Typed, asked

HIDDEN = set("\x07\x1b\x00\u202e\u200b\u2066\u200f\ufeff\u2028\x85")


@pytest.fixture
def site(everything):
    """The page with every kind of conflict; nothing is answered on it."""
    return Site(everything)


def test_the_list_names_every_conflict_and_what_it_is_about(site, everything):
    """Place, severity, the values of all sides, and a link to each."""
    seen = site.get("/").seen
    links = {found["href"] for tag, found in seen.tags if tag == "a"}
    for told in opened(everything):
        assert f"/conflict/{told['id']}" in links
        assert told["severity"] in seen.text
    for words in ("11 open conflicts", "inst_001 parameters.port", "5434", "5436", "header description", "third-one"):  # fmt: skip
        assert words in seen.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 11), ("severity=CRITICAL", 4), ("severity=MINOR", 2), ("session=late-one", 1),
        ("severity=CRITICAL&session=late-one", 0), ("age=hour", 11), ("age=older", 0),
        ("age=nonsense", 11), ("session=nobody", 0),
    ],
)  # fmt: skip
def test_filters(site, query, count):
    """By severity, session and age, together; an empty list says how to see all."""
    got = site.get(f"/?{query}")
    cards = [found for tag, found in got.seen.tags if tag == "li" and found.get("class") == "card"]
    assert len(cards) == count
    assert ("None of them fits" in got.seen.text) == (count == 0)


@pytest.mark.parametrize(
    ("hours", "fitting"),
    [(0.5, {"hour", "day", "week"}), (5, {"day", "week"}), (50, {"week"}), (200, {"older"})],
)
def test_ages(hours, fitting):
    """A conflict is as old as its oldest waiting side; one of unknown age is old."""
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    moment = datetime.fromtimestamp(now.timestamp() - hours * 3600, UTC).isoformat()
    side = Side("a", "b", (writer(published=moment),))
    conflict = Conflict("c1", FIELD, "inst_001", ("text",), "MINOR", Side("a", "c"), (side,))
    assert {age for age in ("hour", "day", "week", "older") if Filter(age=age).fits(conflict, now)} == fitting  # fmt: skip
    unknown = Conflict("c1", FIELD, "i", ("text",), "MINOR", Side("a", "c"), (Side("a", "b"),))
    assert Filter(age="older").fits(unknown, now)


def writer(**facts):
    """A writer of a side."""
    from tractatus_merge.core.model.conflict import Writer

    return Writer(**{"at": "2026-03-01T00:00:00.000Z", "session": "one", **facts})


def test_one_conflict_says_all_that_a_person_needs(site, everything):
    """Base, sides, sessions, persons, times, word differences, other fields, related, the picture."""
    told = next(c for c in opened(everything) if c["path"] == ["persistence"])
    seen = site.get(f"/conflict/{told['id']}").seen
    for words in ("inst_001 persistence", "HIGH", "MEDIUM", "VARIABLE", "fix-auth", "Jo Baker", "none given", "a proposal", "in force", "PostgreSQL on port", "inst_001 parameters.port", " of 11"):  # fmt: skip
        assert words in seen.text
    tags = [tag for tag, _ in seen.tags]
    assert {"ins", "del", "details", "svg", "desc", "figcaption", "time"} <= set(tags)
    for session in ("fix-auth", "api-docs", "third-one", "late-one"):
        assert f"session {session} wrote side" in seen.text
        assert f"session {session} merged as" in seen.text


def test_an_answer_to_whether_it_is_retired_is_told_in_words(site, everything):
    """Its buttons say what happens, the sheet what it says and what the edit changed."""
    told = next(c for c in opened(everything) if c["kind"] == "edit/retire")
    text = site.get(f"/conflict/{told['id']}").seen.text
    for words in ("keep it in force", "retire it", "What was edited", "REQUIRED -> (not there)", "Prices are cents.", "is it in force?"):  # fmt: skip
        assert words in text


def test_a_long_text_is_told_by_what_changed(repo):
    """The words around each change, and folded the whole; one control a side."""
    long = " ".join(f"word{n}" for n in range(700))
    tool(repo, "init")
    tool(repo, "edit", "inst_002", "--set", f"text={long}")
    for name in ("one", "two"):
        start(repo, name)
        edit(repo, name, "inst_002", f"text={long.replace('word350', name)}")
    end(repo, "one", "two")
    (told,) = opened(repo)
    got = Site(repo).get(f"/conflict/{told['id']}")
    assert got.html.count('<span class="cut"> … 2,') == 4  # before and after, on each side
    for near in ("word349 ", "word351 "):
        assert got.html.count(near) == got.html.count("word100 ") + 2, (
            "only the folded wholes have it"
        )
    assert "all 5,489 letters" in got.seen.text
    takes = got.seen.takes
    assert len(takes) == len(set(takes))


def test_alike_ones_get_one_answer_and_one_undo(repo):
    """Those that were ticked, with their texts; one that changed meanwhile stays open, and is told."""
    tool(repo, "init")
    names = ("inst_001", "inst_002", "inst_003a")
    for session, said in (("one", "LOW"), ("two", "VARIABLE")):
        start(repo, session)
        for name in names:
            edit(repo, session, name, f"priority={said}")
    end(repo, "one", "two")
    site, found = Site(repo), {told["instruction"]: told for told in opened(repo)}
    got = site.get(f"/conflict/{found['inst_001']['id']}")
    assert "Prices are integers" in got.seen.text
    also = [f["value"] for tag, f in got.seen.tags if tag == "input" and f.get("name") == "also"]
    assert also == [f"{found[name]['id']} {found[name]['terms']}" for name in names[1:]]
    also[1] = f"{found['inst_003a']['id']} older"
    done = site.answer(found["inst_001"]["id"], take="2", also=also)
    assert [told["instruction"] for told in opened(repo)] == ["inst_003a"]
    seen = site.get(done.headers["Location"].partition("#")[0]).seen
    assert "and 1 alike" in seen.text
    assert "1 of the alike ones had changed meanwhile" in seen.text
    (undo,) = [action for action in seen.forms if action.startswith("/undo/")]
    assert site.post(undo, seen.forms[undo]).status == 303
    assert sorted(told["instruction"] for told in opened(repo)) == sorted(names)


def test_a_filtered_list_says_how_many_of_all(site):
    """The head of the list counts what it lists."""
    assert "2 of 11 open conflicts" in site.get("/?severity=MINOR").seen.text


def test_an_answer_is_told_in_the_history_as_who_chose_what(one):
    """Linked, and over what; of a revoked one too."""
    site, (told,) = Site(one), opened(one)
    site.answer(told["id"], take="2", why="shops")
    seen = site.get("/history").seen
    assert (
        "Jo Baker chose Prices are decimals with two places; no float touches money. over "
        in seen.text
    )
    assert "in inst_002 text" in seen.text


def test_a_reason_and_a_suggestion_are_shown_and_not_applied(repo):
    """The agent's reason stands with its side; a suggestion says why, marks a button, does nothing."""
    tool(repo, "init")
    for name, said in (("one", "Ask first."), ("two", "Ask first. Then act.")):
        start(repo, name)
        edit(repo, name, "inst_002", f"text={said}", why=f"{name} was told so")
    end(repo, "one", "two")
    (told,) = opened(repo)
    seen = Site(repo).get(f"/conflict/{told['id']}").seen
    assert "two was told so" in seen.text
    assert "Suggested: side 2. side 2 says all that the others say, and more" in seen.text
    assert [b["value"] for b in seen.buttons if b.get("class") == "suggested"] == ["2"]
    assert tool(repo, "show", "inst_002")["text"] == "Ask first."


def test_untrusted_text_is_shown_visibly_and_harmlessly(site, everything):
    """Markup is text, and what nobody sees is spelled out, on every page that shows it."""
    told = next(c for c in opened(everything) if c["path"] == ["text"])
    version = next(e for e in tool(everything, "log")["entries"] if e["session"] == "fix-auth")
    paths = ("/", f"/conflict/{told['id']}", "/history?instruction=inst_002", f"/version/{version['version']}")  # fmt: skip
    for path in paths:
        got = site.get(path)
        assert not HIDDEN & set(got.html), path
        assert "<script>alert" not in got.html
        assert (clean(NASTY) if "version" not in path and "history" not in path else r"\u202egnp") in got.seen.text  # fmt: skip
    html = site.get(paths[1]).html
    assert 'data-form="json"' in html, "what has hidden characters is edited as JSON"
    assert r"\u202egnp.exe" in html


contested = st.one_of(
    st.builds(
        lambda path, base, found, who: (FIELD, path, [Side(base, value, tuple(who), n > 1) for n, value in enumerate(found)]),
        st.lists(keys, min_size=1, max_size=2).map(tuple), maybe | values,
        st.lists(maybe | values | st.just(NASTY), min_size=2, max_size=5), st.lists(writers, max_size=2),
    ),
    st.builds(
        lambda who: (EDIT_RETIRE, ("active",), [Side(True, value, tuple(who)) for value in (True, False)]),
        st.lists(writers, max_size=2),
    ),
    st.builds(
        lambda one, other, who: (MEANING, ("meaning", "inst_002", "tabs"), [
            Side(MISSING, {"instruction": name, "says": said}, tuple(who))
            for name, said in (("inst_001", one), ("inst_002", other))
        ]),
        values, values, st.lists(writers, max_size=2),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    """The page over no repository at all."""
    guard = Guard()
    guard.port = PORT
    return make_app(tmp_path_factory.mktemp("nowhere"), guard)


@given(contested, st.sampled_from(["inst_001", None]), values)
def test_whatever_the_engine_can_keep_has_a_drawing(application, found, about, other):
    """Any kind, place, number of sides and value: every side and every answer is on the page."""
    kind, path, sides = found
    about = "inst_001" if kind == MEANING else about
    conflict = Conflict("c1", kind, about, path, "WARNING", sides[0], tuple(sides[1:]))
    record = {"id": "inst_001", "text": NASTY, "notes": other}
    items = {
        (CONFLICTS, "c1"): json_text.dump(conflict.to_json()),
        (INSTRUCTIONS, "inst_001"): Record.of(record).text,
        (INSTRUCTIONS, "inst_002"): Record.of({**record, "id": "inst_002"}).text,
    }
    state = State(items, version="v1")
    quiet = SimpleNamespace(log=lambda *_: iter(()), load=lambda _: state)
    with application.test_request_context("/conflict/c1", base_url=HERE):
        g.repository = SimpleNamespace(store=quiet, close=lambda: None)
        put = question(state, "c1")
        html = asked(state, put, Typed()).get_data(as_text=True)
    seen = Got(200, {}, html).seen
    assert not HIDDEN & set(html)
    assert "<script>alert" not in html
    assert seen.takes == [offer.take for offer in put.offers] + ["value"] * put.editable
    for side_view in put.side_views:
        assert clean(side_view.says) in seen.text
        assert f"Side {side_view.number}" in seen.text


def test_the_history_tells_who_changed_what(site):
    """Every version, its person and session; of one instruction the places; of one version all."""
    seen = site.get("/history").seen
    for words in ("Merge session fix-auth", "Jo Baker", "claude-code", "inst_003a"):
        assert words in seen.text
    alone = site.get("/history?instruction=inst_003a").seen
    assert "STRATEGIC" in alone.text
    assert "inst_001 persistence" not in alone.text
    for words in ("who wrote each field", "in conflict", "as it was adopted", "session fix-auth"):
        assert words in alone.text
    version = next(f["href"] for t, f in seen.tags if t == "a" and f["href"].startswith("/version/"))  # fmt: skip
    assert "inst_001 persistence" in site.get(version).seen.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/conflict/none", 404, "tractatus-merge conflicts"),
        ("/history?instruction=inst_999", 404, "tractatus-merge list --all"),
        ("/version/feedfeed", 400, "tractatus-merge log"),
        ("/nowhere", 404, "not found"),
        ("/history?instruction=%ED%A0%80", 404, r"\ud800"),
        ("/history?instruction=%FF", 404, "tractatus-merge list --all"),
        ("/history?page=99999999", 200, "History"),
        (f"/history?page={'9' * 5000}", 200, "History"),
        ("/history?page=0", 200, "Merge session"),
        ("/version/..%2F..%2Fetc", 404, "not found"),
        ("/conflict/%00", 404, "tractatus-merge conflicts"),
    ],
)
def test_what_is_not_there_is_said(site, path, status, said):
    """With the next command to type; an id of any bytes is looked for."""
    got = site.get(path)
    assert (got.status, said in got.seen.text) == (status, True)


def test_the_sessions_page_shows_what_the_verb_tells(site, everything):
    """Each open session with its person, what waits in its copy, and that there are no figures."""
    (row,) = tool(everything, "sessions")["sessions"]
    seen = site.get("/sessions").seen
    for words in (row["session"], "1 edited", "0 versions", "no figures yet", row["worktree"]):
        assert words in seen.text
    assert "merged" in site.get("/sessions?all=1").seen.text


def test_figures_of_a_session_are_bars(site, monkeypatch):
    """Where a row has a pressure and checkpoints, they are drawn."""
    row = {"session": "x", "state": "open", "added": 0, "edited": 0, "behind": 0, "worktree": "/w", "pressure_score": 42.5, "level": "ELEVATED", "checkpoints": [{"percentage": 25, "tokens": 50000, "at": ""}]}  # fmt: skip
    monkeypatch.setattr("tractatus_merge.sessions.overview.session_row", lambda *_: row)
    seen = site.get("/sessions").seen
    meter = next(found for tag, found in seen.tags if tag == "meter")
    assert (meter["value"], meter["max"]) == ("42", "100")
    assert "ELEVATED" in seen.text
    assert "25 % at 50,000 tokens" in seen.text


def test_a_repository_without_a_history_says_what_to_type(repo):
    """No page of an error has a history to show, and none fails."""
    got = Site(repo).get("/")
    assert got.status == 400
    assert "tractatus-merge init" in got.seen.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreBusy("held"), 503),
        (Missing("gone"), 503),
        (ReadOnly("/x", "no"), 503),
        (VersionGone("1a2b"), 400),
        (UnknownConflict("c1"), 404),
        (DocumentError("x", 1, "why"), 500),
    ],
)
def test_an_error_has_the_status_of_its_kind(site, monkeypatch, error, status):
    """A kind of a kind, too: that another program has the lock is no fault of the page."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("tractatus_merge.repository.line.Repository.head", fail)
    got = site.get("/")
    assert got.status == status


def test_without_flask_it_says_what_to_install(monkeypatch, tmp_path):
    """The extra is named, with the command."""
    monkeypatch.setitem(sys.modules, "flask", None)
    for name in [n for n in sys.modules if n.startswith("tractatus_merge.web.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(RequestError, match="needs Flask") as caught:
        serve(tmp_path, announce=print)
    assert caught.value.hint == f"{sys.executable} -m pip install 'flask>=3.1'"
