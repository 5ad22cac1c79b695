"""Sessions that write at the same moment, and what has to be there afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.crash.forking import Done, Forker
from tests.crash.story import Story

SESSIONS, PROCESSES = 24, 12


def name(number: int) -> str:
    """A session's id; no id is the beginning of another."""
    return f"agent-{number:02}"


def prepared(folder: Path, run: Forker) -> Story:
    """24 open sessions: each adds; a third edits one field, a third another's keys, one retires it."""
    story = Story(folder, run)
    story.do("init")
    numbers = [range(first, SESSIONS, PROCESSES) for first in range(PROCESSES)]
    programs = [[words for number in some for words in _writes(number)] for some in numbers]
    for done in run.together(*programs):
        assert [one.status for one in done] == [0] * len(done), done
    for number in range(0, SESSIONS, 4):
        record = {"id": "inst_019", "text": f"{number} took a number.", "active": True}
        story.write(name(number), {**record, "timestamp": "2025-11-04T08:00:00Z"})
    return story


def _writes(number: int) -> list[list[str]]:
    session = name(number)
    words = [["start", "--id", session], ["add", f"{number} adds.", "--session", session]]
    if number % 3 == 0:
        change = ["inst_001", "--set", f"text=The text of {number}."]
    elif number % 3 == 1:
        change = ["inst_002", "--param", f"k{number}={number}"]
    else:
        change = ["inst_003a", "--set", f"persistence={('HIGH', 'MEDIUM')[number % 2]}"]
    words.append(["edit", *change, "--session", session])
    if number == 2:
        words.append(["retire", "inst_002", "--session", session])
    return words


def end_all(story: Story, **environment: str) -> list[Done]:
    """All sessions end, two in each of twelve processes, at once."""
    programs = [
        [["end", "--session", name(number)] for number in range(first, SESSIONS, PROCESSES)]
        for first in range(PROCESSES)
    ]
    story.forget()
    return [done for program in story.run.together(*programs, **environment) for done in program]


def all_there(story: Story) -> None:
    """Every addition once, every edit in the record or in a conflict, each session merged once."""
    texts = story.texts()
    added = [f"{number} adds." for number in range(SESSIONS)]
    added += [f"{number} took a number." for number in range(0, SESSIONS, 4)]
    assert [text for text in added if texts[text] != 1] == [], texts
    assert len(story.instructions()) == 3 + len(added)
    conflicts = story.conflicts()
    edited = {f"The text of {number}." for number in range(0, SESSIONS, 3)}
    assert _values(conflicts, "inst_001", "text") == edited
    assert story.instruction("inst_001")["text"] in edited
    kept = {f"k{number}": str(number) for number in range(1, SESSIONS, 3)}
    assert kept.items() <= story.instruction("inst_002")["parameters"].items()
    assert _values(conflicts, "inst_003a", "persistence") == {"HIGH", "MEDIUM"}
    retired = story.instruction("inst_002")["active"] is False
    assert retired or False in _values(conflicts, "inst_002", "active")
    published = story.published()
    assert published == {None: 1, **{name(number): 1 for number in range(SESSIONS)}}


def _values(conflicts: list[dict[str, Any]], instruction: str, field: str) -> set[Any]:
    return {
        side["value"]
        for conflict in conflicts
        if (conflict["instruction"], conflict["field"]) == (instruction, field)
        for side in conflict["sides"]
    }
