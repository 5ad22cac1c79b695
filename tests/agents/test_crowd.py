"""Many real agents at once, in the worktrees of one repository: nothing is lost, nobody is mistaken."""

from __future__ import annotations

import threading

import pytest

from tests.agents.desk import LIMIT, NAMES, PRINT
from tests.agents.model_api import Step

pytestmark = [pytest.mark.agents, pytest.mark.slow]
CROWD = ["claude"] * 6 + ["codex"] * 2 + ["gemini"] * 2


def test_all_add_a_rule_and_edit_one_field_at_once(desk, line):
    """Every addition is in, the field is one conflict with every side, each by its own agent."""
    for client in set(CROWD):
        desk.tool(line, "install", "--agent", client)
    trees = [line, *(line.parent / f"tree-{number}" for number in range(3))]
    for tree in trees[1:]:
        desk.run(line, "git", "worktree", "add", "--quiet", str(tree))
    desk.trust(*trees)
    meeting = threading.Barrier(len(CROWD), timeout=LIMIT)  # all have a copy before one writes

    at_work = []
    for number, client in enumerate(CROWD):
        words = f"tractatus-merge add 'Rule {number}' --why {client} &&"
        words += f" tractatus-merge edit inst_001 --set text='Text {number}' --why {client}"
        prompt = desk.model.task(Step(words, before=meeting.wait))
        tree = trees[number % len(trees)]
        at_work.append(desk.start(tree, client, *PRINT[client], prompt))
    for child in at_work:
        out, err = child.communicate(timeout=LIMIT)
        assert child.returncode == 0, out + err
    desk.idle()

    numbers = range(len(CROWD))
    assert {f"Rule {number}" for number in numbers} <= desk.rules(line)
    (conflict,) = desk.tool(line, "conflicts")["conflicts"]
    sides = {side["value"]: side["writers"] for side in conflict["sides"]}
    assert set(sides) == {f"Text {number}" for number in numbers}
    merged = {each["session"]: each["agent"] for each in desk.tool(line, "log")["entries"][:-1]}
    assert len(merged) == len(CROWD)
    for (writer,) in sides.values():
        assert merged[writer["session"]] == NAMES[writer["why"]]
    assert desk.sessions(line) == dict.fromkeys(merged, "merged")
    found = desk.tool(line, "doctor")
    assert (found["findings"], found["notes"]) == ([], [])
