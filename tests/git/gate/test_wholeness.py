"""Whether a history file is whole, beside those it was made from."""

from __future__ import annotations

import json

import pytest

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.errors import DocumentError
from tractatus_merge.git.gate.wholeness import (
    Fault,
    malformed,
    misnamed,
    missing,
    odd_records,
    outdated,
    records_of,
    unreadable,
)

FILE = "h.json"


def text(*records, indent=None, form="flat"):
    """A history file of these records."""
    found = list(records) if form == "array" else {"version": "1", "instructions": list(records)}
    return json.dumps(found, indent=indent).encode()


def published(name, vector, **content):
    """A record as the tool wrote it under a vector."""
    counts = VersionVector.parse(vector)
    assert counts is not None
    return Record.of({"id": name}).published({"id": name, **content}, counts)


@pytest.mark.parametrize("form", ["flat", "array"])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_instructions_of_a_sound_file_are_told(form, indent):
    """By id, in order, whatever the form; of none too."""
    found = records_of(text({"id": "b"}, {"id": "a", "x": [1]}, indent=indent, form=form), FILE)
    assert not isinstance(found, Fault)
    assert [(name, record.content) for name, record in found.items()] == [
        ("b", {"id": "b"}), ("a", {"id": "a", "x": [1]}),
    ]  # fmt: skip
    assert records_of(text(form=form), FILE) == {}


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b'{"instructions": [{"id": "a"', "invalid", 1),
        (b'{"instructions": [\n{"id": "a", "x": 1, "x": 2}]}', "invalid", 2),
        (b'{"instructions": [\n{"id": 5}]}', "invalid", 2),
        (b'{"instructions": [\n{"id": " "}]}', "invalid", 2),
        (b'{"instructions": [\n{"id": "' + b"x" * 1000 + b'"}]}', "invalid", 2),
        (b'{"instructions": [\n{"id": "a"},\n{"id": "a"}]}', "duplicate-id", 3),
        (b'{"instructions": [\n<<<<<<< a\n]}', "conflict-markers", 2),
        (b"", "invalid", 1),
        (b'{"x": []}', "invalid", 1),
        (b'\n{"instructions": ["\xff"]}', "invalid", 2),
    ],
)
def test_what_is_no_history_is_a_fault_with_its_line(data, code, line):
    """An error, with the command to type next."""
    found = records_of(data, FILE)
    assert isinstance(found, Fault)
    assert (found.code, found.line, found.file, found.severity) == (code, line, FILE, "error")
    assert found.fix


@pytest.mark.parametrize("hint", ["mend it", None])
@pytest.mark.parametrize(("line", "place"), [(7, "+7 'a b.json'"), (None, "'a b.json'")])
def test_a_fault_keeps_what_the_error_said(hint, line, place):
    """Its words and its hint, after the command that opens the file there and stages it."""
    fault = unreadable(DocumentError("a b.json", line, "it is torn", hint=hint))
    fix = f"${{EDITOR:-vi}} {place} && git add -- ':/a b.json'" + (f"    # {hint}" if hint else "")
    assert fault == Fault("invalid", "it is torn", fix, "a b.json", line)


def test_what_is_made_wrong_here_is_told_and_what_was_wrong_is_not():
    """Against every parent: new records too, and none that stayed as it was."""
    before = {"a": Record.of({"id": "a", "active": 1}), "b": Record.of({"id": "b", "text": "b"})}
    after = {
        "a": Record.of({"id": "a", "active": 1, "notes": 3}),
        "b": Record.of({"id": "b"}),
        "c": Record.of({"id": "c", "text": 1}),
    }
    nothing = "it says nothing: no text, description, title or action"
    assert list(malformed(after, [before])) == [
        ("a", "its notes is 3, not a string"),
        ("b", nothing),
        ("c", nothing),
        ("c", "its text is 1, not a string"),
    ]
    assert list(malformed(after, [before, after])) == []
    assert list(malformed(before, [before])) == []


def test_a_field_that_nobody_meant_is_told_where_it_came_in():
    """Not where it stood before, in this record or in another."""
    a, slip = Record.of({"id": "a", "text": "t"}), Record.of({"id": "a", "text": "t", "note": "n"})
    other = Record.of({"id": "b", "text": "t", "note": "n"})
    said = "there is no field 'note'; did you mean notes?"
    assert list(misnamed({"a": slip}, [{"a": a}])) == [("a", said)]
    assert list(misnamed({"a": slip}, [])) == [("a", said)]
    assert list(misnamed({"a": slip}, [{"a": a, "b": other}])) == []
    assert list(misnamed({"a": slip}, [{"a": a}, {"a": slip}])) == []


def test_all_that_is_odd_in_a_history_is_told_with_its_repair():
    """Whoever wrote it, and whenever; a field that two records have is their own."""
    records = {
        "a b": Record.of({"id": "a b", "text": "t", "persistence": "low"}),
        "c": Record.of({"id": "c", "verison": 1}),
        "d": Record.of({"id": "d", "text": "t", "note": 1}),
        "e": Record.of({"id": "e", "text": "t", "note": 1}),
    }
    found = list(odd_records(records))
    assert [fault.fix for fault in found] == [
        "tractatus-merge edit 'a b' --set persistence=LOW",
        "tractatus-merge edit c --set text='TEXT'",
        "tractatus-merge edit c --set version=VALUE",
    ]
    assert {fault.severity for fault in found} == {"warning"}
    assert found[2].message == "c: there is no field 'verison'; did you mean version?"


def test_what_is_known_is_not_read_again():
    """A text that a parent has stands, even where a closer look would refuse it."""
    odd = '{"id": "a", "x": 1, "x": 2}'
    data = f'{{"instructions": [{odd}, {{"id": "b"}}]}}'.encode()
    found = records_of(data, FILE, {odd})
    assert not isinstance(found, Fault)
    assert list(found) == ["a", "b"]
    assert isinstance(records_of(data, FILE), Fault)


def test_what_any_of_those_before_has_is_missed():
    """Each once, in their order."""
    a, b, c = (Record.of({"id": name}) for name in "abc")
    assert missing({"b": b}, [{"a": a, "b": b}, {"c": c, "a": a}]) == ["a", "c"]
    assert missing({"a": a, "b": b}, [{"a": a}, {}]) == []


OLD, NEW = published("a", "+aaaaaaaa:1", n=1), published("a", "+aaaaaaaa:2", n=2)
BESIDE = published("a", "+aaaaaaaa:1 bbbbbbbb:1", n=3)
EDITED = OLD.edited({"id": "a", "n": 9})
PLAIN = Record.of({"id": "a", "n": 1})


@pytest.mark.parametrize(
    ("here", "before", "found"),
    [
        (OLD, [NEW], NEW),
        (OLD, [OLD, NEW], NEW),
        (OLD, [OLD, BESIDE], BESIDE),
        (NEW, [OLD], None),
        (NEW, [NEW], None),
        (NEW, [BESIDE], None),
        (EDITED, [NEW], None),
        (OLD, [NEW.edited({"id": "a", "n": 5})], None),
        (PLAIN, [NEW], None),
        (PLAIN, [PLAIN], None),
    ],
)
def test_an_earlier_version_that_the_tool_wrote_goes_backwards(here, before, found):
    """Not an edit, not a concurrent version, not what carries no stamp."""
    told = list(outdated({"a": here, "b": PLAIN}, [{"a": record} for record in before]))
    assert told == ([("a", found)] if found else [])
