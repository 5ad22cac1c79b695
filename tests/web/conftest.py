"""The page in tests: a client without a browser, a real server, a real Chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import bakery
from tests.web import scene
from tractatus_merge.web.app import make_app
from tractatus_merge.web.guard import Guard
from tractatus_merge.web.server import Server

PORT = 8080
HERE = f"http://127.0.0.1:{PORT}"
OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form of a page that sends no referrer."""
CHROMIUM = shutil.which("chromium")


class Seen(HTMLParser):
    """A page as a reader has it: its text, its buttons, its forms with their hidden fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.buttons: list[dict[str, str]] = []
        self.forms: dict[str, dict[str, str]] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._hidden: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.tags.append((tag, found))
        if tag == "form":
            self._hidden = self.forms.setdefault(found.get("action", ""), {})
        elif tag == "input" and found.get("type") == "hidden":
            self._hidden[found["name"]] = found["value"]
        elif tag == "button":
            self.buttons.append(found)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def takes(self) -> list[str]:
        return [button["value"] for button in self.buttons if button.get("name") == "take"]


class Got(NamedTuple):
    """A response, its text, and what a reader has of it."""

    status: int
    headers: Any
    html: str

    @property
    def seen(self) -> Seen:
        return Seen(self.html)


class Site:
    """The page of a repository, for one person without a browser."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        self.guard = Guard()
        self.guard.port = PORT
        self.app = make_app(repo, self.guard)
        self.app.testing = True
        self.client = self.app.test_client()
        self.client.set_cookie(self.guard.cookie, self.guard.token, domain="127.0.0.1")

    def get(self, path: str, **words: Any) -> Got:
        return self._got(self.client.get(path, base_url=HERE, buffered=True, **words))

    def post(self, path: str, fields: dict[str, str], headers: dict[str, str] = OWN) -> Got:
        return self._got(self.client.post(path, base_url=HERE, data=fields, headers=headers))

    def answer(self, name: str, **fields: str) -> Got:
        """Open a conflict and send its form with these fields."""
        path = f"/conflict/{name}/answer"
        form = self.get(f"/conflict/{name}").seen.forms[path]
        return self.post(path, {**form, **fields})

    def _got(self, response: Any) -> Got:
        return Got(response.status_code, response.headers, response.get_data(as_text=True))


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Path:
    """A repository with every kind of conflict, to be looked at only."""
    repo = bakery(tmp_path_factory.mktemp("everything"))
    scene.everything(repo)
    return repo


@pytest.fixture(scope="module")
def disagreement(tmp_path_factory) -> Path:
    """A repository with one conflict, to be copied."""
    repo = bakery(tmp_path_factory.mktemp("disagreement"))
    scene.disagree(repo)
    return repo


@pytest.fixture
def one(disagreement, tmp_path) -> Path:
    """A repository with one conflict, of two sides, about a text."""
    return Path(shutil.copytree(disagreement, tmp_path / "one", symlinks=True))


@pytest.fixture
def many(everything, tmp_path) -> Path:
    """A repository with every kind of conflict."""
    return Path(shutil.copytree(everything, tmp_path / "many", symlinks=True))


@pytest.fixture
def site(one) -> Site:
    """The page with one conflict."""
    return Site(one)


@pytest.fixture
def serve() -> Iterator[Any]:
    """Serve the page of a repository from a real socket; the address to open."""
    running: list[tuple[Server, threading.Thread]] = []

    def start(repo: Path) -> str:
        server = Server(repo, 0)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        return server.address()

    yield start
    for server, thread in running:
        server.stop()
        thread.join()
        server.__exit__(None, None, None)
