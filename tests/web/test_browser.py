"""The page in a real Chromium, served from a real socket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.tool import tool
from tests.web.conftest import CHROMIUM
from tests.web.scene import change, edit, end, opened, start

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
GRAVE = ("serious", "critical")
PAGES = ("/", "/settled", "/history", "/history?instruction=inst_001", "/sessions")
EXPECTED = "the server responded with a status of 4"
"""What the console says of a refusal that is asked for."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Visitor:
    """People who come with a browser of their own; what their browsers complain of."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self.chromium, self.address = chromium, address
        self.base = address.split("/?", maxsplit=1)[0]
        self.complaints: list[str] = []
        self._contexts: list[Any] = []

    def come(self, path: str = "/", **options: Any) -> Page:
        """A new browser at a page, let in by the address that the terminal showed."""
        context = self.chromium.new_context(**{"viewport": {"width": 1000, "height": 800}, **options})  # fmt: skip
        self._contexts.append(context)
        context.set_default_timeout(5000)
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", self._asked)
        page.goto(self.address)
        if path != "/":
            page.goto(self.base + path)  # which waits for the scripts
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def _said(self, message: Any) -> None:
        if EXPECTED not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base + "/", "data:")):
            self.complaints.append(f"asked {request.url}")


@pytest.fixture
def visit(chromium, serve) -> Iterator[Any]:
    """Visit the page of a repository; nothing may be complained of, and no other host be asked."""
    visitors: list[Visitor] = []

    def begin(repo: Path) -> Visitor:
        visitors.append(Visitor(chromium, serve(repo)))
        return visitors[-1]

    yield begin
    for visitor in visitors:
        visitor.leave()
        assert visitor.complaints == []


def said(repo: Path, name: str = "inst_002") -> str:
    """What an instruction says in the head."""
    return tool(repo, "show", name)["text"]


def ready(page: Page, words: str) -> None:
    """Wait until a page with these words listens to keys."""
    expect(page.get_by_text(words).first).to_be_visible()
    expect(page.locator("html.scripts")).to_be_attached()


def test_list_open_choose_and_undo(visit, one):
    """A person clicks through; the message of what was done has the focus; undo opens it again."""
    page = visit(one).come()
    assert "token" not in page.url
    page.get_by_role("link", name="inst_002 text").click()
    page.get_by_label("Why").fill("checked with the till")
    page.get_by_role("button", name=re.compile("side 2")).click()
    expect(page.get_by_role("status").filter(has_text="Settled.")).to_be_visible()
    expect(page.locator("#outcome")).to_be_focused()
    assert "decimals" in said(one)
    assert tool(one, "conflicts", "--settled")["resolutions"][0]["why"] == "checked with the till"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The conflict is open again")).to_be_visible()
    expect(page.locator("#outcome")).to_be_focused()
    assert "euro cents" in said(one)
    assert len(opened(one)) == 1


def test_the_keyboard_is_enough(visit, one):
    """From the list to an answer and back, with keys that rest while something is typed."""
    page = visit(one).come()
    keys = page.keyboard
    keys.press("j")
    keys.press("Enter")
    ready(page, "Your answer")
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("2")  # not while the help is open
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.evaluate("new Promise(requestAnimationFrame)")  # it gives the focus back
    keys.press("e")
    expect(page.locator("#value")).to_be_focused()
    keys.press("ControlOrMeta+a")
    keys.type("2 b k r s u: prices are whole numbers")
    assert len(opened(one)) == 1
    keys.press("Tab")
    expect(page.locator("#own-button")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#outcome")).to_be_focused()
    assert said(one) == "2 b k r s u: prices are whole numbers"
    keys.press("u")
    ready(page, "The conflict is open again")
    keys.press("b")
    expect(page.get_by_text("Settled.")).to_be_visible()
    assert said(one) == "Prices are integers of cents; no float touches money."


def test_keys_can_be_switched_off(visit, one):
    """A screen reader's user, or a cat, answers nothing by one letter then."""
    page = visit(one).come(f"/conflict/{opened(one)[0]['id']}")
    page.get_by_role("button", name=re.compile("Keys")).click()
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    ready(page, "Your answer")
    page.keyboard.press("2")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert len(opened(one)) == 1


def test_typing_is_checked_at_once(visit, many):
    """Invalid JSON is marked while it is typed, a valid value shown as a difference, then taken."""
    told = next(c for c in opened(many) if c["path"] == ["limits"])
    page = visit(many).come(f"/conflict/{told['id']}")
    page.keyboard.press("e")
    area = page.get_by_label(re.compile("as JSON"))
    area.fill('[{"per": "day"')
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#verdict")).to_contain_text("Not JSON yet")
    area.fill('[{"per": "day", "most": 9}]')
    expect(area).to_have_attribute("aria-invalid", "false")
    expect(page.locator("#preview ins").first).to_be_visible()
    page.get_by_role("button", name="Let this value stand").click()
    expect(page.locator("#outcome")).to_contain_text("inst_001 limits")
    assert tool(many, "show", "inst_001")["limits"] == [{"per": "day", "most": 9}]


@pytest.mark.slow
def test_two_browsers_see_each_others_answers(visit, one):
    """The slower one is told while looking, keeps what was typed, and overwrites nothing."""
    visitor = visit(one)
    path = f"/conflict/{opened(one)[0]['id']}"
    slow, fast = visitor.come(path), visitor.come(path)
    slow.get_by_label("Why").fill("my own reason")  # far down the page
    slow.evaluate("scrollTo(0, document.body.scrollHeight)")
    start(one, "late-one")
    edit(one, "late-one", "inst_002", "text=Prices are strings.")
    tool(one, "end", "--session", "late-one", code=1)
    expect(slow.locator("#elsewhere")).to_be_visible(timeout=9000)
    expect(slow.locator("#elsewhere")).to_be_in_viewport()
    expect(slow.get_by_label("Why")).to_have_value("my own reason")
    slow.get_by_role("button", name=re.compile("side 2")).click()
    expect(slow.get_by_role("alert")).to_contain_text("has changed since you read it")
    expect(slow.locator("#complaint")).to_be_focused()
    expect(slow.get_by_text("Prices are strings.").first).to_be_visible()
    expect(slow.get_by_label("Why")).to_have_value("my own reason")
    assert len(opened(one)[0]["sides"]) == 3
    slow.reload()  # shows the conflict, and sends nothing again
    expect(slow.get_by_role("alert")).to_be_hidden()
    expect(slow).to_have_url(visitor.base + path)
    expect(slow.get_by_label("Why")).to_have_value("my own reason")
    fast.reload()
    fast.keyboard.press("3")
    expect(fast.get_by_text("Settled.")).to_be_visible()
    now = said(one)
    slow.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it looks at once
    expect(slow.locator("#elsewhere")).to_contain_text("Jo Baker <jo@bakery.example> settled inst_002 text: 'Prices are strings.' stands")  # fmt: skip
    expect(slow.get_by_role("button", name=re.compile("side 1"))).to_be_disabled()
    expect(slow.get_by_role("link", name="The list", exact=True)).to_be_visible()
    slow.locator("#answer button").first.evaluate("button => { button.disabled = false }")
    slow.get_by_role("button", name=re.compile("side 1")).click()  # it had not looked yet
    expect(slow.get_by_role("alert")).to_contain_text("Somebody was faster")
    expect(slow).to_have_url(visitor.base + path)
    assert said(one) == now


def test_loading_again_keeps_what_is_typed(visit, one):
    """The notice's button shows the newest state with the person's words still there."""
    page = visit(one).come(f"/conflict/{opened(one)[0]['id']}")
    page.keyboard.press("e")
    page.get_by_label(re.compile("text that is to stand")).fill("half a sentence")
    change(one / ".claude" / "instruction-history.json", "inst_001", {"notes": "elsewhere"})
    tool(one, "status")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it looks at once
    expect(page.locator("#elsewhere")).to_be_visible()
    page.get_by_role("button", name="Load the page again").click()
    expect(page.locator("#elsewhere")).to_be_hidden()
    expect(page.get_by_label(re.compile("text that is to stand"))).to_have_value("half a sentence")


def test_without_scripts_it_works_too(visit, one):
    """Listing, answering and undoing are plain links and forms."""
    page = visit(one).come(java_script_enabled=False)
    page.get_by_role("link", name="inst_002 text").click()
    page.get_by_role("button", name=re.compile("neither")).click()
    expect(page.get_by_text("Settled.")).to_be_visible()
    page.get_by_role("link", name="Settled", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The conflict is open again")).to_be_visible()
    expect(page.locator("#show-help")).to_be_hidden()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 375), pytest.param("dark", 320, marks=pytest.mark.slow)]
)
def test_every_page_is_readable(visit, everything, scheme, width):
    """On a narrow window nothing scrolls sideways, in both colours axe finds nothing grave."""
    visitor = visit(everything)
    page = visitor.come(color_scheme=scheme, viewport={"width": width, "height": 700})
    judged = {told["kind"]: told["id"] for told in opened(everything)}
    for told in opened(everything):
        page.goto(f"{visitor.base}/conflict/{told['id']}")
        assert is_narrow(page), told
        assert told["id"] not in judged.values() or grave(page) == []
    for path in PAGES:
        page.goto(visitor.base + path)
        assert is_narrow(page), path
        assert grave(page) == [], path
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert (max(map(int, re.findall(r"\d+", paper)[:3])) < 80) == (scheme == "dark")


def is_narrow(page: Page) -> bool:
    """Whether the page is no wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def grave(page: Page) -> list[Any]:
    """The serious and critical violations that axe finds."""
    found = Axe().run(page).response["violations"]
    return [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in GRAVE]


def test_untrusted_text_runs_nothing(visit, everything):
    """A script in an instruction is text; a right-to-left mark is spelled out."""
    told = next(c for c in opened(everything) if c["path"] == ["text"])
    page = visit(everything).come(f"/conflict/{told['id']}")
    expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    assert r"\u202egnp.exe" in page.inner_text("main")
    page.keyboard.press("e")
    assert r"\u202e" in page.get_by_label(re.compile("as JSON")).input_value()


def mixed(repo: Path) -> None:
    """Ten conflicts: texts, enums, numbers, an edit against a retirement, alike ones, a contradiction."""
    tool(repo, "init")
    for session in ("one", "two"):
        start(repo, session)
    for name in ("inst_001", "inst_002", "inst_003a"):
        edit(repo, "one", name, "priority=LOW", "notes=one", f"explicitness=0.{name[7]}")
        edit(repo, "two", name, "priority=VARIABLE", "notes=two", f"explicitness=0.{name[7]}5")
    edit(repo, "one", "inst_001", "text=blue")
    edit(repo, "two", "inst_001", "text=green")
    end(repo, "one", "two")


@pytest.mark.slow
def test_ten_conflicts_take_at_most_thirty_keys(visit, repo):
    """No mouse; the last answer but one is undone by `u` too, from any page."""
    mixed(repo)
    assert len(opened(repo)) == 10
    page = visit(repo).come()
    keys = 0

    def press(key: str) -> None:
        nonlocal keys
        keys += 1
        page.keyboard.press(key)

    press("j")
    press("Enter")
    ready(page, "Your answer")
    while opened(repo):
        assert keys < 30, "too many keys"
        if page.locator("#alike-all").count():
            press("a")
            expect(page.locator("input[name=also]").first).to_be_checked()
        before = page.url
        press("2")
        page.wait_for_function("before => location.href !== before", arg=before)
        expect(page.locator("#outcome")).to_be_focused()
    assert keys <= 20
    page.goto(page.url.split("/?")[0] + "/history")
    for left in (1, 2):
        press("u")
        expect(page.locator("#outcome")).to_contain_text("open again")
        assert len(opened(repo)) >= left
    assert len(opened(repo)) > 1


@pytest.mark.slow
def test_a_long_text_has_its_answers_in_sight(visit, repo):
    """Five thousand letters: every answer is there without scrolling, on a telephone too."""
    long = " ".join(f"word{n}" for n in range(700))
    tool(repo, "init")
    tool(repo, "edit", "inst_002", "--set", f"text={long}")
    for session in ("one", "two"):
        start(repo, session)
        edit(repo, session, "inst_002", f"text={long.replace('3', session)}")
    end(repo, "one", "two")
    visitor = visit(repo)
    for width, height in ((1000, 800), (375, 700)):
        page = visitor.come(f"/conflict/{opened(repo)[0]['id']}", viewport={"width": width, "height": height})  # fmt: skip
        for button in page.locator("button[name=take]:visible").all():
            box = button.bounding_box()
            assert box is not None
            assert 0 <= box["y"] <= height - box["height"]
        page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
        expect(page.get_by_role("button", name=re.compile("side 2"))).to_be_in_viewport()
        assert is_narrow(page)
        assert grave(page) == []


def test_what_is_pressed_points_at_what_can_be_done(visit, one):
    """The cursor stands at the end after `e`, Ctrl+Enter lets the value stand, a dead key says so."""
    page = visit(one).come(f"/conflict/{opened(one)[0]['id']}")
    page.keyboard.press("x")
    expect(page.locator("#said")).to_contain_text("x does nothing here")
    page.keyboard.press("e")
    page.keyboard.type(" Always.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#outcome")).to_be_focused()
    assert said(one) == "Prices are integers of euro cents; no float touches money. Always."


@pytest.mark.slow
def test_sixty_conflicts_are_a_list_of_rows(visit, repo):
    """One line each, along them with j and k, and a filter that works when it is changed."""
    tool(repo, "init")
    for n in range(20):
        tool(repo, "add", f"Oven {n} is cleaned on day {n}.", "--id", f"inst_1{n:02}")
    for number, session in enumerate(("one", "two")):
        copy = start(repo, session)
        for n in range(20):
            fields = {
                "persistence": ("LOW", "VARIABLE")[number],
                "explicitness": (0.1, 0.2)[number],
                "extra": session,
            }
            change(copy, f"inst_1{n:02}", fields)
    end(repo, "one", "two")
    page = visit(repo).come()
    rows = page.locator(".rows > li")
    expect(rows).to_have_count(60)
    assert max(box["height"] for row in rows.all() if (box := row.bounding_box())) < 40
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("a.entry").first).to_be_focused()
    assert grave(page) == []
    small = page.evaluate("""[...document.querySelectorAll("a, button, summary, select")]
        .filter((one) => one.offsetParent && !one.closest("p, h2, .skip") && one.offsetHeight < 24).map((one) => one.outerHTML)""")  # fmt: skip
    assert small == []
    page.get_by_label("Waiting since").select_option("older")
    expect(page.get_by_role("heading", name="0 of 60 open conflicts")).to_be_visible()
