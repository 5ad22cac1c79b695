"""A long file that was written is read by its index as it is when it is parsed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.instructions.test_runs import records
from tractatus_merge.core.model.record import Record
from tractatus_merge.instructions import history_file, row_index
from tractatus_merge.instructions.history_file import Document, Layout, index, read, rewrite, write

HEADERS = ("[]", '{\n  "instructions": []\n}', '{\n  "a": 1,\n  "instructions": [],\n  "z": [2]\n}')


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two records are many; nothing was read or written before."""
    monkeypatch.setattr(row_index, "MANY", 2)
    forget(monkeypatch)


def forget(monkeypatch=None):
    """Let nothing be remembered."""
    for name, value in (("files", ()), ("made", None)):
        if monkeypatch:
            monkeypatch.setattr(history_file._Recent, name, value)
        else:
            setattr(history_file._Recent, name, value)


documents = st.builds(
    Document,
    st.sampled_from(HEADERS),
    records(),
    st.builds(
        Layout,
        unit=st.sampled_from(["  ", "\t", None]),
        newline=st.sampled_from(["\n", "\r\n"]),
        bom=st.booleans(),
        end=st.sampled_from(["", "\n"]),
    ),
)


@given(documents)
def test_by_its_index_a_file_says_what_it_says_when_it_is_parsed(document):
    """The document, and where each record stands."""
    forget()
    data = write(document)
    told = index(data)
    layout = document.layout
    plain = layout.unit is not None and layout.newline == "\n" and not layout.bom
    assert bool(told) == (len(document.records) > 1 and plain)
    forget()
    found, place = read(data, "f", told), history_file._Recent.files[0].place
    forget()
    assert read(data, "f") == found
    assert history_file._Recent.files[0].place == place


@given(documents, documents)
def test_what_was_written_before_changes_no_byte(before, document):
    """Records are taken from an older file where they stand there as they will."""
    forget()
    alone = write(document)
    forget()
    write(before)
    assert write(document) == alone


@given(documents, documents)
def test_a_file_that_becomes_what_was_written_last_is_that(before, document):
    """As the view becomes what a session's base is; it says the same as if nothing had been written."""
    forget()
    data = write(before)
    alone = rewrite(data, document, "f")
    forget()
    written = write(document)
    found = rewrite(data, document, "f")
    assert found == alone
    if index(written) and found == written:
        assert found is written


def test_an_index_is_of_what_was_written_last_and_long():
    """Other bytes have none, be they the same; nor has a short file."""
    data = write(many("ab"))
    assert index(data)
    assert index(bytes(bytearray(data))) == b""
    short = write(many("a"))
    assert index(short) == b""
    assert index(data)


def many(names: str) -> Document:
    """A history with these records."""
    found = {name: Record(json.dumps({"id": name}, indent=2)) for name in names}
    return Document(HEADERS[1], found, Layout(end="\n"))


def test_a_view_becomes_the_very_bytes_of_a_base():
    """Where a record was added to both, the second need not be made."""
    view = write(many("ab"))
    base = write(many("abc"))
    assert rewrite(view, many("abc"), "f") is base
    assert rewrite(view, many("ab"), "f") == view


def test_a_torn_index_counts_for_nothing(monkeypatch):
    """Cut anywhere, or with another byte anywhere: the file is parsed."""
    data = write(many("abc"))
    told = index(data)
    torn = [told[:at] for at in range(len(told))]
    torn += [told[:at] + bytes([told[at] ^ 1]) + told[at + 1 :] for at in range(len(told))]
    for one in torn:
        forget(monkeypatch)
        assert read(data, "f", one).records == many("abc").records
