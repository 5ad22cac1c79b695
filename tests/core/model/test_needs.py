"""What a history asks of programs, and what is said where this one lacks it."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model import needs
from tractatus_merge.core.model.state import DOCUMENT, FORMAT, State
from tractatus_merge.errors import DamagedFormat, NewerNeeded


def state(text):
    """A state with that format."""
    return State({(DOCUMENT, FORMAT): text})


@pytest.mark.parametrize("text", ["{}", '{"reader": {}, "writer": {}}', '{"later": ["x"]}'])
def test_a_history_that_asks_for_nothing_is_read_and_written(text):
    """So is one without the record."""
    for found in (state(text), State()):
        needs.must_be_readable(found)
        needs.must_be_writable(found)


def test_who_lacks_a_writer_s_need_reads():
    """And does not write: it is said what is lacking, and the version that has it all."""
    found = state('{"writer": {"fans": "0.9.0", "requests": "0.10.0rc1"}}')
    needs.must_be_readable(found)
    with pytest.raises(NewerNeeded) as told:
        needs.must_be_writable(found)
    assert str(told.value) == (
        "this history can be read here, and not written: it needs fans, requests;"
        " install version 0.10.0rc1 or a newer one."
    )
    assert told.value.hint == "pip install --upgrade 'tractatus-merge>=0.10.0rc1'"
    assert told.value.exit_code == 3


def test_who_lacks_a_reader_s_need_neither_reads_nor_writes():
    """The same words for both."""
    found = state('{"reader": {"fans": "1.0"}, "writer": {"z": "2.0"}}')
    for must in (needs.must_be_readable, needs.must_be_writable):
        with pytest.raises(
            NewerNeeded,
            match=r"the history at x cannot be read here: it needs fans; install version 1.0 ",
        ):
            must(found, "the history at x")


def test_who_has_what_is_needed_reads_and_writes(monkeypatch):
    """A need that this program knows is none to it."""
    monkeypatch.setattr(needs, "KNOWN", frozenset({"fans"}))
    needs.must_be_writable(state('{"reader": {"fans": "1.0"}, "writer": {"fans": "1.0"}}'))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"reader": []}', '{"writer": "x"}', '{"writer": {"x": 1}}',
     '{"writer": {"x": "; rm -rf"}}', '{"writer": {"x": ""}}', '{"conflicts": {"a\\nb": "1"}}'],
)  # fmt: skip
def test_a_malformed_format_is_told(text):
    """Nobody can tell who may read then: so none may."""
    for must in (needs.must_be_readable, needs.must_be_writable):
        with pytest.raises(DamagedFormat, match=r"^document/format: .*nothing was read\.$"):
            must(state(text))


@pytest.mark.parametrize(
    ("text", "kind", "after"),
    [
        ('{"conflicts": {"quorum": "0.4.0"}}', "quorum", "version 0.4.0 or a newer one"),
        ("{}", "quorum", "a newer version"),
    ],
)
def test_who_can_settle_a_conflict_of_a_later_kind(text, kind, after):
    """The version is told where the history knows it."""
    error = needs.newer_for(state(text), {"id": "c1", "kind": kind})
    what = 'this program cannot settle c1, a conflict of the kind "quorum"'
    assert str(error) == f"{what}; install {after}."
    assert error.hint and error.hint.startswith("pip install --upgrade ")


@pytest.mark.parametrize(
    "text",
    [None, "{}", '{"writer": {"a": "1"}}', '{"later": 1,  "x": 0.90}', '{"reader": {"a": "1"}}',
     "[]", "", "{", '{ "writer": {}}'],
)  # fmt: skip
def test_what_a_layout_asks_for_comes_and_goes_to_the_byte(text):
    """Whatever stands there; and who knows nothing of the layout reads nothing."""
    kept = needs.with_layout(text)
    assert needs.without_layout(kept) == text
    if text is None or text.startswith('{"'):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(needs, "KNOWN", frozenset())
            with pytest.raises(NewerNeeded):
                needs.must_be_readable(state(kept))
