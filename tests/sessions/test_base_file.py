"""A long base has an index beside it, by which it need not be parsed; a wrong one changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tool import plain_edit, texts, tool
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions import history_file, row_index
from tractatus_merge.sessions.folder import Session


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two records are many; nothing was read or written before."""
    monkeypatch.setattr(row_index, "MANY", 2)
    forget(monkeypatch)


def forget(monkeypatch):
    """Let nothing be remembered, as in another process."""
    monkeypatch.setattr(history_file._Recent, "files", ())
    monkeypatch.setattr(history_file._Recent, "made", None)


@pytest.fixture
def parsed(monkeypatch):
    """The records that were parsed, as they stood."""
    found, parse = [], json_text.any_depth_at

    def any_depth_at(text, at):
        value, end = parse(text, at)
        found.append(value)
        return value, end

    monkeypatch.setattr(json_text, "any_depth_at", any_depth_at)
    return found


def folder(line: Path) -> Path:
    """The session's folder."""
    return line / ".git/tractatus/sessions/alpha111"


def test_of_a_copy_only_what_is_new_is_parsed(line, monkeypatch, parsed):
    """The base says where all the others stand."""
    tool(line, "start", "--id", "alpha111")
    new = tool(line, "add", "Sweep the floor.", "--session", "alpha111")["id"]
    forget(monkeypatch)
    parsed.clear()
    _, copy = Session(folder(line)).copy()
    assert [value["id"] for value in parsed] == [new]
    assert len(copy.records) > 2


def test_after_a_merge_base_and_index_are_the_new_ones_alone(line, monkeypatch, parsed):
    """Also where the session goes on, and where another has published in between."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
        tool(line, "add", f"What {name} says.", "--session", name)
    tool(line, "end", "--session", "beta2222")
    tool(line, "merge", "--session", "alpha111")
    steps = sorted(path.name.partition("-")[0] for path in folder(line).glob("*-*.json"))
    assert steps == ["base", "instruction", "rows", "sealed"]
    forget(monkeypatch)
    parsed.clear()
    assert {
        record.value["text"] for record in Session(folder(line)).copy()[1].records.values()
    } >= {
        "What alpha111 says.",
        "What beta2222 says.",
    }
    assert parsed == []


def test_a_base_that_is_not_as_it_was_written_is_parsed(line, monkeypatch):
    """Somebody has changed it by hand, or a disk: its index is none of it."""
    tool(line, "start", "--id", "alpha111")
    base = next(folder(line).glob("base-*.json"))
    plain_edit(base, lambda said: said["instructions"][0].update(text="By hand."))
    forget(monkeypatch)
    records = Session(folder(line)).base().records
    assert "By hand." in {record.value.get("text") for record in records.values()}


def test_a_folder_that_was_copied_keeps_its_index(line, monkeypatch, parsed):
    """Another inode has another mark; the digest tells that the base is as it was written."""
    tool(line, "start", "--id", "alpha111")
    base = next(folder(line).glob("base-*.json"))
    copied = base.with_name("copied")
    copied.write_bytes(base.read_bytes())
    copied.replace(base)
    forget(monkeypatch)
    parsed.clear()
    assert len(Session(folder(line)).base().records) > 2
    assert parsed == []


@pytest.mark.parametrize("torn", [b"", b"tractatus-merge rows 1 0\n{}", None])
def test_a_torn_index_is_not_missed(line, torn):
    """What the session says is merged as ever; so it is without any index."""
    tool(line, "start", "--id", "alpha111")
    index = next(folder(line).glob("rows-*.json"))
    if torn is None:
        index.unlink()
    else:
        index.write_bytes(torn)
    new = tool(line, "add", "Sweep the floor.", "--session", "alpha111")["id"]
    tool(line, "end", "--session", "alpha111")
    assert texts(line)[new] == "Sweep the floor."
    assert json.loads((line / ".claude/instruction-history.json").read_text())
