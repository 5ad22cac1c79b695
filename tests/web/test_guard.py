"""What the page refuses, and that nothing is changed where it does."""

from __future__ import annotations

import pytest

from tests.web.conftest import HERE, OWN, PORT, Site
from tests.web.scene import opened
from tractatus_merge.web.guard import HEADERS, MOST_BYTES


def head(repo):
    """The newest version, as git has it."""
    return (repo / ".git" / "refs" / "heads" / "tractatus" / "history").read_text()


def stranger(site):
    """A client that was never let in."""
    return site.app.test_client()


@pytest.mark.parametrize("path", ["/", "/history", "/sessions", "/settled", "/head.json", "/static/page.js", "/nowhere"])  # fmt: skip
def test_without_the_token_nothing_is_shown(site, path):
    """401, with no word of the history, for every address."""
    got = stranger(site).get(path, base_url=HERE)
    assert got.status_code == 401
    assert "inst_" not in got.text


@pytest.mark.parametrize("token", ["", "x", "\u202e", "A" * 43])
def test_a_wrong_token_is_refused(site, token):
    """403 by the address, 401 by the cookie."""
    client = stranger(site)
    assert client.get("/", query_string={"token": token}, base_url=HERE).status_code == 403
    client.set_cookie(site.guard.cookie, "x" * 43, domain="127.0.0.1")
    assert client.get("/", base_url=HERE).status_code == 401


def test_the_token_becomes_a_cookie_and_leaves_the_address(site):
    """A redirect to the clean address, with a cookie that no script reads and no other site sends."""
    client = stranger(site)
    got = client.get(f"/history?token={site.guard.token}", base_url=HERE)
    assert (got.status_code, got.headers["Location"]) == (303, "/history")
    cookie = got.headers["Set-Cookie"]
    assert cookie.startswith(f"tractatus_{PORT}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert client.get("/history", base_url=HERE).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"[::1]:{PORT}", f"0.0.0.0:{PORT}", ""]
)  # fmt: skip
def test_a_foreign_host_is_refused(site, host):
    """A DNS name that was pointed at this machine reads nothing, though it has the cookie."""
    got = site.client.get("/", base_url=HERE, headers={"Host": host})
    assert got.status_code in (400, 403)
    assert "inst_" not in got.text


def test_localhost_is_this_machine(site):
    """The other name of it is let in, with the token."""
    got = stranger(site).get(f"/?token={site.guard.token}", base_url=f"http://localhost:{PORT}")
    assert got.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}", "Sec-Fetch-Site": "same-site"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
@pytest.mark.parametrize("act", ["answer", "undo"])
def test_a_post_from_elsewhere_is_refused(site, one, headers, act):
    """Another site, another port, or a client that says neither: 403, though the seal is right."""
    name = opened(one)[0]["id"]
    path = f"/conflict/{name}/answer" if act == "answer" else f"/undo/{name}"
    fields = {"seal": site.guard.seal(f"{act} {name}"), "take": "2", "seen": opened(one)[0]["terms"]}  # fmt: skip
    before = head(one)
    assert site.post(path, fields, headers).status == 403
    assert head(one) == before
    if act == "answer":  # the same form from the page itself is taken
        assert site.post(path, fields, {"Origin": HERE}).status == 303
        assert head(one) != before


def test_a_form_needs_its_own_seal(site, one):
    """Neither none, nor that of another form, nor of another run of the page."""
    name, terms = opened(one)[0]["id"], opened(one)[0]["terms"]
    before = head(one)
    for seal in ("", site.guard.seal("answer c0"), site.guard.seal(f"undo {name}"), Site(one).guard.seal(f"answer {name}")):  # fmt: skip
        fields = {"seal": seal, "take": "2", "seen": terms}
        assert site.post(f"/conflict/{name}/answer", fields).status == 403
    assert head(one) == before


@pytest.mark.parametrize("path", ["/conflict/{}/answer?take=2&seen={}&seal={}", "/undo/{}?seen={}&seal={}"])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_only_a_post_changes_anything(site, one, path, method):
    """405 for every other method."""
    found = opened(one)[0]
    before = head(one)
    seal = site.guard.seal(f"answer {found['id']}")
    got = site.client.open(path.format(found["id"], found["terms"], seal), method=method, base_url=HERE, headers=OWN)  # fmt: skip
    assert got.status_code == 405
    assert head(one) == before


def test_looking_changes_nothing(site, one):
    """Every page that is only looked at leaves the head and the files where they are."""
    before = head(one), (one / ".claude" / "instruction-history.json").read_bytes()
    for path in ("/", f"/conflict/{opened(one)[0]['id']}", "/settled", "/history", "/history?instruction=inst_002", "/sessions?all=1", "/head.json"):  # fmt: skip
        assert site.get(path).status == 200, path
    assert before == (head(one), (one / ".claude" / "instruction-history.json").read_bytes())


def test_an_answer_of_a_megabyte_is_too_large(site, one):
    """413, before it is read."""
    name = opened(one)[0]["id"]
    got = site.answer(name, take="value", value="x" * MOST_BYTES)
    assert got.status == 413
    assert len(opened(one)) == 1


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/page.css", "/conflict/none", "/version/../../etc"])  # fmt: skip
def test_every_response_has_the_headers(site, path):
    """Pages, files, errors and refusals alike; and no page needs what they forbid."""
    for client in (site.client, stranger(site)):
        got = client.get(path, base_url=HERE, buffered=True)
        assert {key: got.headers.get(key) for key in HEADERS} == HEADERS
    for tag, attributes in site.get(path).seen.tags:
        assert "style" not in attributes
        assert not any(key.startswith("on") for key in attributes)
        assert tag != "style"
        assert tag != "script" or attributes["src"].startswith("/static/")


def test_an_agent_cannot_answer_on_the_page(site, one, monkeypatch):
    """In an agent's environment the form is refused with the line for a person."""
    found = opened(one)[0]
    form = site.get(f"/conflict/{found['id']}").seen.forms[f"/conflict/{found['id']}/answer"]
    monkeypatch.setenv("CLAUDECODE", "1")
    got = site.post(f"/conflict/{found['id']}/answer", {**form, "take": "2"})
    assert got.status == 403
    assert "tractatus-merge review --web" in got.seen.text
    monkeypatch.delenv("CLAUDECODE")
    assert [one["id"] for one in opened(one)] == [found["id"]]
