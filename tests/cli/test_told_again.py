"""What an `end` published is told: by the next `end`, where the first one could not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.closed import run_closed
from tests.tool import run, tool
from tractatus_merge.sessions import adoption, publish


def disagreeing(line: Path) -> None:
    """Two sessions edit one field; the first has ended."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"text={name}", "--session", name)
    tool(line, "add", "Beta adds.", "--id", "inst_070", "--session", "beta2222")
    tool(line, "retire", "inst_002", "--session", "beta2222")
    tool(line, "end", "--session", "alpha111")


END = ("end", "--session", "beta2222")


class Lost(BaseException):
    """The process dies here."""


@pytest.mark.parametrize(
    ("module", "place"), [(adoption, "adopt"), (adoption, "rebase"), (publish, "told")]
)
@pytest.mark.parametrize("between", [(), ("start", "--id", "gamma333")], ids=["", "swept between"])
def test_an_end_that_died_after_publishing_tells_outcome_and_conflicts_again(
    line, monkeypatch, module, place, between
):
    """Once, with exit 1; the third `end` has nothing to tell."""
    disagreeing(line)

    def die(*_: object, **__: object) -> None:
        raise Lost

    with monkeypatch.context() as patch:
        patch.setattr(module, place, die)
        with pytest.raises(Lost):
            run(line, *END)
    (conflict,) = tool(line, "conflicts")["conflicts"]
    if between:
        assert run(line, *between).code == 0
    again = tool(line, *END, code=1)
    assert again["conflicts"] == [conflict["id"]]
    assert (again["outcome"], again["added"]) == ("conflicts", ["inst_070"])
    assert (again["edited"], again["retired"]) == (["inst_001"], ["inst_002"])
    assert tool(line, *END)["outcome"] == "nothing"


def test_a_conflict_that_was_answered_meanwhile_stops_nobody(line, monkeypatch):
    """What came of the lost `end` is told, and needs no person any more: exit 0."""
    disagreeing(line)

    def die(_: object) -> None:
        raise Lost

    with monkeypatch.context() as patch:
        patch.setattr(publish, "told", die)
        with pytest.raises(Lost):
            run(line, *END)
    tool(line, "resolve", "--all", "--take", "1")
    again = tool(line, *END)
    assert (again["outcome"], again["added"], again["conflicts"]) == ("clean", ["inst_070"], [])


def test_work_done_since_is_told_with_what_was_lost(line, monkeypatch):
    """Two merges, one telling."""
    disagreeing(line)

    def die(_: object) -> None:
        raise Lost

    with monkeypatch.context() as patch:
        patch.setattr(publish, "told", die)
        with pytest.raises(Lost):
            run(line, *END)
    tool(line, "add", "Later.", "--id", "inst_071", "--session", "beta2222")
    again = tool(line, *END, code=1)
    assert again["added"] == ["inst_070", "inst_071"]
    assert len(again["conflicts"]) == 1


def around(line: Path) -> list[Path]:
    """The files of the work tree, and what was kept of replaced views."""
    return sorted([*(line / ".claude").iterdir(), *(line / ".git/tractatus").glob("view*/*")])


def test_a_view_that_cannot_be_written_hides_no_outcome(line):
    """A real process, for which `.claude` is closed: exit 1, the folder named, nothing left over."""
    (line / ".git/info/exclude").write_text("/.claude/\n")
    disagreeing(line)
    claude, view = line / ".claude", line / ".claude/instruction-history.json"
    before, kept = view.read_bytes(), around(line)
    claude.chmod(0o555)
    try:
        first = run_closed(line, *END)
        second = run_closed(line, *END)
        asked = run_closed(line, "view", "--write")
    finally:
        claude.chmod(0o755)
    assert first.code == 1, first
    assert "conflict" in first.out and f"{claude}: Permission denied" in first.err
    assert (second.code, "nothing to merge" in second.out) == (0, True), second
    assert asked.code == 3 and f"Permission denied: {claude}\n" in asked.err
    assert view.read_bytes() == before and view.stat().st_nlink == 1
    assert set(around(line)) <= set(kept)  # what was replaced before may be let go
    assert run(line, "view", "--write").code == 0
    assert "Beta adds." in view.read_text()


def test_a_worktree_that_is_gone_or_none_hides_no_outcome(line, tmp_path):
    """The session names a folder that is no repository: its view is not written, all else is told."""
    disagreeing(line)
    facts = line / ".git/tractatus/sessions/beta2222/session.json"
    facts.write_text(
        facts.read_text().replace(f'"worktree": "{line}"', f'"worktree": "{tmp_path}"')
    )
    ran = run(line, *END)
    assert ran.code == 1 and "conflict" in ran.out and "view not written" in ran.err
