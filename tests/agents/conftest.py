"""A desk with the real agents, and agents on a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.agents.desk import Desk, missing
from tests.agents.model_api import Model
from tests.agents.screen import LOOKS, Screen


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A machine with the real clients; without them there is none, and CI is to have them."""
    if missing():
        pytest.skip(missing())
    with Model() as model, Desk(tmp_path / "home", model) as desk:
        yield desk


@pytest.fixture
def on_screen(desk: Desk) -> Callable[..., Screen]:
    """Open a client on a screen, in a folder, with more words."""

    def opened(client: str, folder: Path, *words: str) -> Screen:
        return Screen(desk, client, desk.terminal(folder, *LOOKS[client].words, *words))

    return opened


@pytest.fixture
def installed(desk: Desk, line: Path) -> Path:
    """The bakery's repository, after `install` for Claude Code."""
    desk.trust(line)
    desk.tool(line, "install")
    return line
