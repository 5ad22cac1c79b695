"""Moving base and copy to a newer head: what was told moves, what was written since stays."""

from __future__ import annotations

from tractatus_merge.core.record import Record
from tractatus_merge.documents.history import EMPTY, Document
from tractatus_merge.documents.rebasing import rebased


def document(**texts: str) -> Document:
    """A document of records with a text each."""
    records = {name: Record.of({"id": name, "text": text}) for name, text in texts.items()}
    return Document(EMPTY.header, records, EMPTY.layout)


def said(doc: Document) -> dict[str, str]:
    """What a document's records say."""
    return {name: record.content["text"] for name, record in doc.records.items()}


def test_an_untouched_record_moves_to_the_heads():
    """Base and copy both become the head's."""
    moved = rebased(document(a="new", b="b"), document(a="old"), document(a="old"), {})
    assert said(moved.base) == said(moved.copy) == {"a": "new", "b": "b"}
    assert moved.touched == ()


def test_a_touched_record_keeps_its_base():
    """Else the next merge would read the head's change as the session's revert."""
    moved = rebased(document(a="theirs"), document(a="old"), document(a="mine"), {})
    assert said(moved.base) == {"a": "old"}
    assert said(moved.copy) == {"a": "mine"}
    assert moved.touched == ("a",)


def test_a_record_added_since_has_no_base():
    """It is still new to the next merge."""
    moved = rebased(document(a="a"), document(a="a"), document(a="a", n="n"), {})
    assert "n" not in moved.base.records
    assert said(moved.copy)["n"] == "n"


def test_a_record_taken_out_of_the_copy_comes_back():
    """There is no deletion."""
    moved = rebased(document(a="a", b="b"), document(a="a", b="b"), document(a="a"), {})
    assert said(moved.copy) == {"a": "a", "b": "b"}


def test_an_edit_made_while_the_merge_renamed_the_record_follows_it():
    """The seal said inst_019, the head calls it inst_019_x, the copy was edited meanwhile."""
    head = document(inst_019="another's", inst_019_x="mine")
    sealed, copy = document(inst_019="mine"), document(inst_019="mine, edited")
    moved = rebased(head, sealed, copy, {"inst_019": "inst_019_x"})
    assert said(moved.copy) == {"inst_019": "another's", "inst_019_x": "mine, edited"}
    assert said(moved.base)["inst_019_x"] == "mine"
    assert moved.copy.records["inst_019_x"].content["id"] == "inst_019_x"


def test_a_header_changed_since_keeps_its_base():
    """As a record does."""
    old = Document('{"version": "1", "instructions": []}', {}, EMPTY.layout)
    mine = Document('{"version": "2", "instructions": []}', {}, EMPTY.layout)
    head = Document('{"version": "3", "instructions": []}', {}, EMPTY.layout)
    assert rebased(head, old, mine, {}).copy.header == mine.header
    assert rebased(head, old, mine, {}).base.header == old.header
    assert rebased(head, old, old, {}).copy.header == head.header
