"""The ground of the tests with real agents: what is installed, and that nothing outlives a test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agents import desk as desks
from tests.agents.desk import PACKAGES, Desk, missing
from tests.agents.model_api import Model
from tests.conftest import IN_CI

FOLDER = Path(__file__).with_name("clients")


def test_the_versions_are_pinned_and_name_no_registry():
    """The lock has each client's version as it is asked for, and no address to fetch it from."""
    wanted = json.loads((FOLDER / "package.json").read_bytes())["dependencies"]
    assert set(wanted) == set(PACKAGES.values())
    text = (FOLDER / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert "://" not in text


def test_a_process_that_left_its_group_ends_with_the_desk(tmp_path):
    """As Codex's daemon does; and the desk knows when nothing is at work any more."""
    with Model() as model, Desk(tmp_path / "home", model) as desk:
        desk.idle()
        ran = desk.run(tmp_path, "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo begun")
        assert (ran.code, ran.out) == (0, "begun\n")
        assert len(desk.processes()) == 1
    assert desk.processes() == set()


def test_without_the_clients_a_test_says_what_to_type(tmp_path, monkeypatch):
    """Absent, or of another version; in CI a skip with this reason fails the run."""
    monkeypatch.setattr(desks, "CLIENTS", tmp_path)
    assert missing.__wrapped__().endswith("is not here (none): make agents")
    package = tmp_path / PACKAGES["claude"] / "package.json"
    package.parent.mkdir(parents=True)
    package.write_text('{"version": "0.1"}')
    assert missing.__wrapped__().endswith("is not here (0.1): make agents")


@pytest.mark.agents
def test_ci_has_the_clients():
    """What is skipped elsewhere runs in CI."""
    assert not IN_CI or not missing()
