"""The history as a file: every form is read and written back, every broken file is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values.equality import same
from tractatus_merge.core.values.json_text import Style, dump
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document, Layout, read, rewrite, write

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("*.json"))
ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TRACTATUS_TEST_DATA", ROOT.parent / "shared" / "data"))
FLAT = (Path(__file__).parents[1] / "fixtures" / "flat.json").read_bytes()


def changed(document, name, **more):
    """The document with one record edited or added."""
    old = document.records.get(name)
    new = old.edited({**old.content, **more}) if old else Record.of({"id": name, **more})
    return Document(document.header, {**document.records, name: new}, document.layout)


@pytest.mark.parametrize("file", FIXTURES, ids=lambda path: path.stem)
def test_reading_and_writing_gives_the_same_bytes(file):
    """v1 flat, v3.0 metadata, header only, bare array; with or without a last newline."""
    data = file.read_bytes()
    document = read(data, "f")
    assert write(document) == data
    assert rewrite(data, document, "f") == data
    form = {"metadata": "metadata", "array": "array"}.get(file.stem, "flat")
    assert document.layout.form == form
    assert Layout.from_json(document.layout.to_json()) == document.layout


ODD = {
    "crlf": FLAT.replace(b"\n", b"\r\n"),
    "bom": b"\xef\xbb\xbf" + FLAT,
    "tabs": FLAT.replace(b"  ", b"\t"),
    "four": FLAT.replace(b"  ", b"    "),
    "no newline": FLAT.rstrip(),
    "newlines": FLAT + b"\n\n",
    "leading": b"\n\n " + FLAT,
    "compact": b'{"version":"1.0","instructions":[{"id":"inst_001","n":0.90},{"id":"inst_002"}]}',
    "airy": b'{ "version" : "1.0" , "instructions" : [ { "id" : "inst_001" } ,  { "id":"inst_002" } ] }\n',
    "lines": b'{\n  "instructions": [\n    {"id":"inst_001","n":1},\n    {"id": "inst_002"},\n\n    {"id":"x"}\n  ]\n}\n',
    "hugging": b'{\n  "instructions": [{\n      "id": "inst_001"\n    }, {\n      "id": "inst_002"\n  }]\n}\n',
    "empty": b'{"instructions": [ ]}',
    "empty lines": b'{\n  "instructions": [\n  ],\n  "version": "1"\n}',
    "one": b'{\n "instructions": [ {"id":"inst_001"} ]\n}',
    "array on a line": b'[{"id": "inst_001"}, {"id": "inst_002"}]',
    "behind": b'{"instructions": [{"id": "inst_001"}], "instructions2": [], "x": "\\u00e9\\/"}',
    "mixed ends": b'{\r\n  "instructions": [\n    {"id": "inst_001"}\n  ]\r\n}\n',
    "odd margins": b'{\n"instructions": [\n {\n"id": "inst_001",\n      "n": 1\n   },\n\t{"id":\n"inst_002"}]}',
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_an_unchanged_document_keeps_odd_layouts(data):
    """Whatever the layout: nothing changed, no byte changed; and `write` loses no record."""
    document = read(data, "f")
    assert rewrite(data, document, "f") == data
    again = read(write(document), "f")
    assert [(n, r.value) for n, r in again.records.items()] == [
        (n, r.value) for n, r in document.records.items()
    ]


@pytest.mark.parametrize(
    "name", ["crlf", "bom", "tabs", "four", "no newline", "newlines", "leading", "compact"]
)
def test_writing_gives_the_same_bytes_in_plain_layouts(name):
    """Line ends, BOM, indentation and the end of the file are part of the layout."""
    assert write(read(ODD[name], "f")) == ODD[name]


def _difference(old, new):
    """The bytes that differ: (same before, taken away, put in)."""
    start = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[:start], old[start : len(old) - end], new[start : len(new) - end]


@pytest.mark.parametrize("data", [d for d in ODD.values() if b"inst_001" in d],
                         ids=[n for n, d in ODD.items() if b"inst_001" in d])  # fmt: skip
def test_changing_one_record_changes_only_its_bytes(data):
    """Everything before and after the record stays byte for byte."""
    document = read(data, "f")
    new = rewrite(data, changed(document, "inst_001", added="x"), "f")
    assert read(new, "f").records["inst_001"].value["added"] == "x"
    before, gone, put = _difference(data, new)
    assert gone.strip() == b""
    assert put.count(b"added") == 1
    assert len(put) < 30
    assert data.index(b"inst_001") <= len(before) < data.index(b"inst_001") + 250
    back = rewrite(new, document, "f")
    assert same(read(back, "f").records["inst_001"].value, document.records["inst_001"].value)


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_adding_a_record_leaves_the_others(data):
    """The new one is put in; every other byte of records and header stays."""
    document = changed(read(data, "f"), "new", text="t\n")
    new = rewrite(data, document, "f")
    assert list(read(new, "f").records) == list(document.records)
    if document.records.keys() != {"new"}:
        _, gone, put = _difference(data, new)
        assert gone.strip() == b""
        assert put.count(b'"id"') == 1
    if b"\n" not in data:
        assert b"\n" not in new
    if b"\r\n" in data and data is not ODD["mixed ends"]:
        assert new.count(b"\n") == new.count(b"\r\n")


def test_the_header_changes_alone():
    """A header key changed or added, the records' bytes stay; a bare array has no header."""
    document = read(FLAT, "f")
    header = history_file.header_value(document.header)
    assert history_file.LIST not in header
    new = history_file.with_header(document.header, {**header, "version": "1.1", "new": 1})
    data = rewrite(FLAT, Document(new, document.records, document.layout), "f")
    assert data == FLAT.replace(b'"1.0"', b'"1.1"').replace(b"2\n  }\n}", b'2\n  },\n  "new": 1\n}')
    crlf = rewrite(ODD["crlf"], Document(new, document.records, document.layout), "f")
    assert crlf == data.replace(b"\n", b"\r\n")
    gone = history_file.with_header(document.header, {"version": "1.0"})
    assert list(history_file.header_value(gone)) == ["version"]
    assert history_file.LIST in gone
    assert history_file.header_value("[]") == {}
    assert history_file.with_header("[]", {"a": 1}) == "[]"
    assert (
        rewrite(
            ODD["array on a line"], Document(new, read(ODD["array on a line"], "f").records), "f"
        )
        == (ODD["array on a line"])
    )


def test_a_type_change_is_a_change():
    """`true` to `1` is written, though Python calls them equal; 1.0 to 1 keeps the file's spelling."""
    document = read(b'{"instructions": [{"id": "a", "x": true, "n": 1.0}]}', "f")
    new = rewrite(
        b'{"instructions": [{"id": "a", "x": true, "n": 1.0}]}',
        changed(document, "a", x=1, n=1),
        "f",
    )
    assert new == b'{"instructions": [{"id": "a", "x": 1, "n": 1.0}]}'


def test_records_can_change_places_and_go():
    """A file says the records of the document, in its order."""
    document = read(FLAT, "f")
    turned = Document(document.header, dict(reversed(document.records.items())), document.layout)
    assert list(read(rewrite(FLAT, turned, "f"), "f").records) == [
        "inst_003",
        "inst_002",
        "inst_001",
    ]
    fewer = Document(document.header, {"inst_002": document.records["inst_002"]}, document.layout)
    assert list(read(rewrite(FLAT, fewer, "f"), "f").records) == ["inst_002"]
    none = rewrite(FLAT, Document(document.header, {}, document.layout), "f")
    assert read(none, "f").records == {}


BROKEN = [
    ("duplicate keys", b'{\n"instructions": [\n{"id": "a",\n"id": "b"}]}', 4, "twice"),
    ("duplicate list", b'{"instructions": [],\n"instructions": []}', 2, "twice"),
    ("nan", b'{"instructions": [\n{"id": "a", "x": NaN}]}', 2, "NaN"),
    ("not utf-8", b'{"instructions": [\n{"id": "\xff"}]}', 2, "UTF-8"),
    ("not utf-8 after a bom", b'\xef\xbb\xbf\n\n\n"\xff', 4, "UTF-8"),
    ("raw surrogate", b'{"instructions": [{"id": "\xed\xa0\x80"}]}', 1, "UTF-8"),
    ("brackets", b"[" * 10_000, 1, "deeper than 120"),
    ("deep id", b'{"instructions": [\n' + b'{"id":' * 300 + b"1" + b"}" * 300 + b"]}", 2, "deeper"),
    (
        "markers",
        b'{\n"instructions": [\n<<<<<<< HEAD\n{"id": "a"}\n=======\n>>>>>>> x\n]}',
        3,
        "conflict markers",
    ),
    (
        "two of one id",
        b'{"instructions": [\n{"id": "a"},\n{"id": "a", "x": 1}]}',
        3,
        'two records have the id "a"',
    ),
    ("long id", b'[{"id": "' + b"x" * 1000 + b'"}]', 1, "longer"),
    ("number id", b'[\n{"id": 5}]', 2, '"id"'),
    ("list id", b'[\n{"id": []}]', 2, '"id"'),
    ("no id", b'[\n{"text": "x"}]', 2, 'no "id"'),
    ("null id", b'[{"id": null}]', 1, 'no "id"'),
    ("blank id", b'[{"id": " "}]', 1, 'no "id"'),
    ("not an object", b'[\n{"id": "a"},\n"text"]', 3, "must be an object"),
    ("empty", b"", 1, "empty"),
    ("blank", b" \n\n", 1, "empty"),
    ("bom only", b"\xef\xbb\xbf", 1, "empty"),
    ("null", b"null", 1, "an object or a list"),
    ("number", b"5", 1, "an object or a list"),
    ("no list", b"{}", 1, 'no list "instructions"'),
    ("no list here", b'{"instructions": {}}', 1, 'no list "instructions"'),
    ("rest", b'{"instructions": []}\n}', 2, "more text"),
    ("odd space", b'{"instructions": []}\n\xc2\xa0', 2, "more text"),
    ("bad number", b'{"instructions": [],\n"n": 01}', 2, ""),
    ("nul", b'{"instructions": [\n{"id": "a\x00"}]}', 2, "control"),
    ("utf-16", '{"instructions": []}'.encode("utf-16"), 1, ""),
]


@pytest.mark.parametrize(
    ("data", "line", "why"), [case[1:] for case in BROKEN], ids=[c[0] for c in BROKEN]
)
def test_a_broken_file_is_told_with_file_and_line(data, line, why):
    """A DocumentError that names file, line, reason and what to do; never another exception."""
    for act in (lambda: read(data, "x.json"), lambda: rewrite(data, history_file.EMPTY, "x.json")):
        with pytest.raises(DocumentError) as error:
            act()
        assert (error.value.file, error.value.line) == ("x.json", line)
        assert why in error.value.why
        assert error.value.hint
        assert str(error.value).startswith(f"x.json:{line}: ")


WORKING = [
    ("lone surrogate", b'{"id": "a", "t": "\\ud800"}', "a"),
    ("climbing id", b'{"id": "../../x"}', "../../x"),
    ("surrogate id", b'{"id": "\\ud800"}', "\ud800"),
    ("long number", b'{"id": "a", "n": ' + b"7" * 10_000 + b"}", "a"),
    ("huge exponent", b'{"id": "a", "n": 1e999999}', "a"),
    ("large text", b'{"id": "a", "t": "' + b"x" * 1_000_000 + b'"}', "a"),
    ("markers in a text", b'{"id": "a", "t": "\\n<<<<<<< HEAD\\n"}', "a"),
    ("longest id", b'{"id": "' + b"x" * 120 + b'"}', "x" * 120),
]


@pytest.mark.parametrize(
    ("record", "name"), [case[1:] for case in WORKING], ids=[c[0] for c in WORKING]
)
def test_odd_but_valid_records_work(record, name):
    """They are read, kept byte for byte, and can be changed."""
    data = b'{\n  "instructions": [\n    ' + record + b"\n  ]\n}\n"
    document = read(data, "f")
    assert list(document.records) == [name]
    assert write(document) == data
    assert rewrite(data, document, "f") == data
    assert record[:-1] in rewrite(data, changed(document, name, more=1), "f")


@pytest.mark.parametrize(
    "data", [FLAT, ODD["crlf"], ODD["bom"], ODD["compact"]], ids=["lf", "crlf", "bom", "compact"]
)
def test_a_file_torn_anywhere_is_told(data):
    """Cut at every byte, a file is a DocumentError or (its last blanks missing) still whole."""
    for end in range(len(data)):
        try:
            read(data[:end], "f")
        except DocumentError as error:
            assert error.line and error.line <= data.count(b"\n") + 1
        else:
            assert data[:end].strip() == data.strip()


@given(st.binary(max_size=40), st.integers(0, len(FLAT)))
def test_no_bytes_raise_anything_else(noise, at):
    """Noise instead of a file, or inside one, is a DocumentError or a document."""
    for data in (noise, FLAT[:at] + noise + FLAT[at:]):
        try:
            document = read(data, "f")
        except DocumentError:
            continue
        assert rewrite(data, document, "f") == data


@given(
    st.dictionaries(st.text(min_size=1, max_size=5).filter(str.strip), some.objects, max_size=4),
    some.objects,
)
def test_what_is_written_reads_back(contents, header):
    """Any records and header keys, in every style."""
    records = {name: Record.of({**content, "id": name}) for name, content in contents.items()}
    text = dump({**{k: v for k, v in header.items() if k != "instructions"}, "instructions": []})
    for layout in (
        Layout(),
        Layout(unit=None),
        Layout(unit="\t", newline="\r\n", bom=True, end="\n"),
    ):
        document = read(write(Document(text, records, layout)), "f")
        assert list(document.records) == list(records)
        assert all(same(document.records[n].value, records[n].value) for n in records)


def test_the_empty_history_is_one():
    """What a new project begins with can be read."""
    assert read(write(history_file.EMPTY), "f").records == {}


@pytest.mark.skipif(not DATA.exists(), reason="optional data: no TRACTATUS_TEST_DATA")
def test_the_framework_s_own_files_keep_their_bytes():
    """Every real excerpt is read, written and rewritten byte for byte."""
    files = sorted(DATA.glob("tractatus/instruction-history*.json"))
    assert files
    for file in files:
        data = file.read_bytes()
        document = read(data, file.name)
        assert write(document) == data
        assert rewrite(data, document, file.name) == data


@pytest.mark.parametrize(
    ("data", "line", "why", "hint"),
    [
        (b"", 1, "the file is empty", "mend that line by hand"),
        (b"\n\n ", 1, "the file is empty", "mend that line by hand"),
        (b"\xc2\xa0", 1, "not JSON: expecting value", "mend that line by hand"),
        (b"\n[\n1 2]\n", 3, "a ',' or ']' is missing", "mend that line by hand"),
        (b"\n[\n<<<<<<< a\n]\n", 3, "a merge left conflict markers here", "mend that line by hand"),
        (b"\n[]\n\xff\n", 3, "a byte here is not UTF-8", "save the file as UTF-8"),
        (b"[\n5]", 2, "an instruction must be an object", "remove it"),
        (b"[{}]", 1, 'this instruction has no "id"', 'add "id": "inst_..."'),
        (b'[{"id": [1, 2]}]', 1, 'an "id" must be a text', 'write "id": "[1,2]"'),
        (b'[{"id": ' + b"7" * 50 + b"}]", 1, 'an "id" must be a text', f'write "id": "{"7" * 40}"'),
        (b'[{"id": "' + b"x" * 121 + b'"}]', 1, "this id is longer than 120 bytes", "shorten it"),
    ],
)
def test_what_is_wrong_and_what_to_do_are_sentences(data, line, why, hint):
    """The same words for the same fault; the line is the first that is wrong."""
    with pytest.raises(DocumentError) as error:
        read(data, "f")
    assert (error.value.line, error.value.why, error.value.hint) == (line, why, hint)


def test_a_broken_header_in_the_store_is_named():
    """It has no file: the error says where it comes from."""
    with pytest.raises(DocumentError, match=r"^the stored header:1: "):
        write(Document("{", {}, Layout()))
    with pytest.raises(DocumentError, match=r"^the stored header:1: "):
        rewrite(b'{"instructions": []}', Document("{", {}, Layout()), "f")


def test_all_records_behind_an_added_one_are_written():
    """A new record may stand anywhere in the document's order."""
    data = b'{"instructions": [\n  {"id": "a", "n": 1},\n  {"id": "b", "n": 1}\n]}'
    document = read(data, "f")
    records = {"new": Record.of({"id": "new"}), **document.records}
    records["b"] = records["b"].edited({"id": "b", "n": 2})
    assert list(read(rewrite(data, Document(document.header, records), "f"), "f").records) == [
        "new", "a", "b",
    ]  # fmt: skip


def test_a_new_record_is_indented_as_its_neighbours_are():
    """Not as the header's keys are, where the two differ."""
    data = b'{\n  "instructions": [\n      {\n        "id": "a"\n      }\n  ]\n}'
    document = changed(read(data, "f"), "b")
    assert rewrite(data, document, "f") == data.replace(
        b"}\n  ]", b'},\n      {\n        "id": "b"\n      }\n  ]'
    )


def test_the_first_record_is_indented_below_the_list():
    """One unit of the file deeper, and on the list's line where there is no unit."""
    for unit in ("  ", "\t"):
        data = dump({"version": "1", "instructions": []}, Style(unit)).encode()
        wanted = dump({"version": "1", "instructions": [{"id": "b"}]}, Style(unit)).encode()
        new = Record.of({"id": "b"}, Style(unit))
        document = read(data, "f")
        document = Document(document.header, {"b": new}, document.layout)
        assert rewrite(data, document, "f") == write(document) == wanted
    flat = b'{"instructions":[]}'
    document = changed(read(flat, "f"), "b")
    assert rewrite(flat, document, "f") == write(document) == b'{"instructions":[{"id":"b"}]}'


def test_a_changed_value_of_more_lines_stands_at_its_records_margin():
    """What is written into a record is indented from where the record stands."""
    data = b'{\n  "instructions": [\n    {\n      "id": "a",\n      "p": 1\n    }\n  ]\n}\n'
    new = rewrite(data, changed(read(data, "f"), "a", p={"x": 1}), "f")
    assert new == data.replace(b"1", b'{\n        "x": 1\n      }')


def test_a_record_on_the_first_line_has_no_margin():
    """What stands before it there is the list's bracket, or blanks that belong to nobody."""
    data = b' [{"id": "a",\n "n": 1}]'
    assert read(data, "f").records["a"].text == '{"id": "a",\n "n": 1}'
