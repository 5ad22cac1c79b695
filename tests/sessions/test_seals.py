"""What a merge keeps of a session's copy: enough to make base and copy again, and no more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import EMPTY
from tractatus_merge.sessions.seals import from_bytes, sealed, to_bytes
from tractatus_merge.value import replace

NAMES = st.sampled_from("abcde")
RECORDS = st.dictionaries(NAMES, st.sampled_from(["one", "two", "grüße"]))


def document(records, *, style=None, tag=""):
    """A history of records with these texts."""
    made = {}
    for name, text in records.items():
        record = Record.of({"id": name, "text": text}, *([style] if style else []))
        vector = VersionVector().tick(tag, 1, creates=True)
        made[name] = record.published(record.content, vector) if tag else record
    return replace(EMPTY, records=made)


def said(found):
    """Records and header, whatever the order."""
    return dict(found.records), found.header


@given(RECORDS, RECORDS, st.sets(NAMES))
def test_base_and_copy_come_back_from_what_is_otherwise_and_the_rest_of_any_base(base, copy, also):
    """Of bytes too; the other records are those of whatever document is given."""
    base, copy = document(base), document(copy)
    seal = from_bytes(to_bytes(sealed(base, copy, also)), "sealed")
    again = seal.within(base)
    assert [said(one) for one in again] == [said(base), said(copy)]
    newer = replace(base, records={**base.records, "new": Record.of({"id": "new"})})
    both = seal.within(newer)
    assert said(both[0])[0] == {**base.records, "new": newer.records["new"]}
    assert said(both[1])[0] == {**copy.records, "new": newer.records["new"]}


def test_what_a_session_added_is_not_in_a_base_that_has_got_it_since():
    """Published again, an added record is still an added one."""
    base, copy = document({"a": "one"}), document({"a": "one", "b": "mine"})
    again = sealed(base, copy).within(document({"a": "two", "b": "mine"}))
    assert (list(again[0].records), list(again[1].records)) == (["a"], ["a", "b"])


def test_a_script_that_lays_out_anew_or_drops_stamps_has_nothing_kept_for_it():
    """What says the same is not kept; what lost its place behind another's stamp is."""
    base = document({"a": "one", "b": "two"}, tag="12345678")
    wide = document({"a": "one", "b": "two"}, style=Style("      "))
    assert not sealed(base, wide).copy.records
    other = document({"a": "one", "b": "two"}, tag="87654321")
    assert list(sealed(base, other).copy.records) == ["a", "b"]
    assert list(sealed(base, wide, ["b"]).base.records) == ["b"]


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b'{"base": 1}', b"1"])
def test_what_is_no_seal_is_told_with_its_file(data):
    """Cut short, of another kind, or no text: the file is named."""
    with pytest.raises(DocumentError, match="sealed-x"):
        from_bytes(data, "sealed-x")
    torn = json.dumps({"base": "{", "copy": "{}"}).encode()
    with pytest.raises(DocumentError):
        from_bytes(torn, "sealed-x")


def test_a_layout_comes_back_to_the_byte():
    """Line ends, mark and indentation are the copy's."""
    layout = replace(EMPTY.layout, newline="\r\n", bom=True)
    base = replace(document({"a": "one"}), layout=layout)
    seal = from_bytes(to_bytes(sealed(base, base, ["a"])), "sealed")
    assert history_file.write(seal.copy) == history_file.write(base)
