"""A desk with the real agents, and the bakery's repository with all of them in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.desk import Desk, missing
from tests.agents.model_api import Model


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A machine with the real clients; without them there is none, and CI is to have them."""
    if missing():
        pytest.skip(missing())
    with Model() as model, Desk(tmp_path / "home", model) as desk:
        yield desk
