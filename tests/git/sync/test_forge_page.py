"""The page that a forge shows: what is in force, the weightiest first; of very many the first."""

from __future__ import annotations

import json

import pytest

from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.git.sync import forge_page
from tractatus_merge.git.sync.forge_page import MOST, READ, page


class Counted(dict):
    """Texts that count which of them were read."""

    def __init__(self, *words):
        super().__init__(*words)
        self.read = set()

    def get(self, key, default=None):
        """As a dict, and noted."""
        self.read.add(key)
        return super().get(key, default)


def state_of(count: int, **first) -> State:
    """A history of so many instructions; the first one says something more."""
    records = [
        {"id": f"i{number:05d}", "text": f"Rule {number}", "persistence": "HIGH"}
        for number in range(count)
    ]
    records[:1] = [record | first for record in records[:1]]
    return State(Counted(((INSTRUCTIONS, one["id"]), json.dumps(one)) for one in records))


def rows(state: State) -> list[str]:
    """The ids in the table of the page."""
    lines = page(state).splitlines()
    return [line.split(" ")[1] for line in lines if line.startswith("| i0")]


@pytest.mark.parametrize("count", [0, 1, MOST, MOST + 1, READ])
def test_of_a_history_all_are_counted_and_the_weightiest_shown(count):
    """In force and retired; by persistence, then by id; how many more there are."""
    state = state_of(count, persistence="LOW")
    told = page(state)
    many = "1 instruction is" if count == 1 else f"{count} instructions are"
    assert f"\n{many} in force, 0 retired.\n\n" in told
    expected = [f"i{number:05d}" for number in [*range(1, count), *range(count and 1)]]
    assert rows(state) == expected[:MOST]
    assert (f"And {count - MOST} more" in told) == (count > MOST)


def test_what_is_retired_is_counted_and_not_shown():
    """And where nothing is in force, there is no table."""
    assert "0 instructions are in force, 1 retired." in page(state_of(1, active=False))
    assert "| instruction |" not in page(state_of(1, active=False))


def test_of_very_many_only_what_is_shown_is_read():
    """The first in force by id; the page says that it is not all."""
    state = state_of(READ + 1, active=False)
    assert rows(state) == [f"i{number:05d}" for number in range(1, MOST + 1)]
    assert len(state.items.read) == MOST + 1
    assert f"{READ + 1} instructions, in force and retired." in page(state)
    assert page(state).endswith("All others: `tractatus-merge list`.\n")


def test_of_very_many_retired_ones_there_is_no_table(monkeypatch):
    """All were looked at."""
    monkeypatch.setattr(forge_page, "READ", 0)
    assert "| instruction |" not in page(state_of(1, active=False))
