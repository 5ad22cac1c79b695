"""Moving base and copy to a newer head: what was told moves, what was written since stays."""

from __future__ import annotations

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.instructions.history_file import EMPTY, Document, Layout
from tractatus_merge.instructions.rebase import late_ids, rebase, with_late_writes


def document(**texts: str) -> Document:
    """A document of records with a text each."""
    records = {name: Record.of({"id": name, "text": text}) for name, text in texts.items()}
    return Document(EMPTY.header, records, EMPTY.layout)


def said(doc: Document) -> dict[str, str]:
    """What a document's records say."""
    return {name: record.content["text"] for name, record in doc.records.items()}


def test_an_untouched_record_moves_to_the_heads():
    """Base and copy both become the head's."""
    moved = rebase(document(a="new", b="b"), document(a="old"), document(a="old"), {})
    assert said(moved.base) == said(moved.copy) == {"a": "new", "b": "b"}
    assert moved.touched == {}


def test_a_touched_record_keeps_its_base():
    """Else the next merge would read the head's change as the session's revert."""
    moved = rebase(document(a="theirs"), document(a="old"), document(a="mine"), {})
    assert said(moved.base) == {"a": "old"}
    assert said(moved.copy) == {"a": "mine"}
    assert moved.touched == {"a": "a"}


def test_a_record_added_since_has_no_base():
    """It is still new to the next merge."""
    moved = rebase(document(a="a"), document(a="a"), document(a="a", n="n"), {})
    assert "n" not in moved.base.records
    assert said(moved.copy)["n"] == "n"


def test_a_record_taken_out_of_the_copy_comes_back():
    """There is no deletion."""
    moved = rebase(document(a="a", b="b"), document(a="a", b="b"), document(a="a"), {})
    assert said(moved.copy) == {"a": "a", "b": "b"}


def test_an_edit_made_while_the_merge_renamed_the_record_follows_it():
    """The seal said inst_019, the head calls it inst_019_x, the copy was edited meanwhile."""
    head = document(inst_019="another's", inst_019_x="mine")
    sealed, copy = document(inst_019="mine"), document(inst_019="mine, edited")
    moved = rebase(head, sealed, copy, {"inst_019": "inst_019_x"})
    assert said(moved.copy) == {"inst_019": "another's", "inst_019_x": "mine, edited"}
    assert moved.base.records["inst_019_x"].content == {"id": "inst_019_x", "text": "mine"}
    assert moved.copy.records["inst_019_x"].content["id"] == "inst_019_x"


def test_a_header_changed_since_keeps_its_base():
    """As a record does."""
    old = Document('{"version": "1", "instructions": []}', {}, EMPTY.layout)
    mine = Document('{"version": "2", "instructions": []}', {}, EMPTY.layout)
    head = Document('{"version": "3", "instructions": []}', {}, EMPTY.layout)
    assert rebase(head, old, mine, {}).copy.header == mine.header
    assert rebase(head, old, mine, {}).base.header == old.header
    assert rebase(head, old, old, {}).copy.header == head.header


def test_a_record_that_the_head_has_word_for_word_is_not_touched():
    """Another session added the same: nothing is left to merge, whatever its spelling."""
    head = document(a="a", n="n", z="z")
    copy = document(a="a", n="n", z="mine")
    copy.records["n"] = Record('{"text":"n", "id":"n"}')
    moved = rebase(head, document(a="a"), copy, {})
    assert moved.touched == {"z": "z"}
    assert said(moved.base) == {"a": "a", "n": "n"}
    assert said(moved.copy) == {"a": "a", "n": "n", "z": "mine"}
    assert moved.copy.records["n"] == head.records["n"]


def test_a_record_that_a_script_respelled_is_not_touched():
    """Another layout or key order is no edit: the record moves on with the head."""
    copy = document(a="old", b="b")
    copy.records["a"] = Record('{"text":"old", "id":"a"}')
    moved = rebase(document(a="new", b="b"), document(a="old", b="b"), copy, {})
    assert moved.touched == {}
    assert moved.copy == moved.base == document(a="new", b="b")


def test_another_records_rename_does_not_touch_a_mention_of_it():
    """Only a record that moves to its new id is rewritten; the session's words stay its own."""
    head = document(a="a", inst_1="another's", inst_1_x="mine")
    told = document(a="inst_1 says", inst_1="mine")
    copy = document(a="see inst_1", inst_1="mine")
    moved = rebase(head, told, copy, {"inst_1": "inst_1_x"})
    assert moved.copy.records["a"] == copy.records["a"]
    assert moved.base.records["a"] == told.records["a"]
    assert moved.touched == {"a": "a"}


def test_only_what_the_merge_was_told_of_gets_the_new_id():
    """A record that the session added since, under an id that was given up, is another one."""
    head, copy = document(inst_1="another's", inst_1_x="mine"), document(inst_1="newer")
    moved = rebase(head, document(), copy, {"inst_1": "inst_1_x"})
    assert moved.touched == {"inst_1": "inst_1"}
    assert said(moved.copy) == {"inst_1": "newer", "inst_1_x": "mine"}
    assert said(moved.base) == {"inst_1_x": "mine"}


def test_the_new_base_and_copy_have_the_heads_layout():
    """They are files of the form that the head is rendered in."""
    head = Document(EMPTY.header, {}, Layout(unit="\t"))
    moved = rebase(head, document(), document(), {})
    assert moved.base.layout == moved.copy.layout == head.layout


def late(before: Document, now: Document, after: Document, known: tuple[str, ...] = ()) -> dict:
    """What the records say after a late write."""
    return said(with_late_writes(before, now, after, known))


def test_a_late_write_is_taken_over():
    """What a program changed or added in the file that was replaced under it is not lost."""
    before, now = document(a="a", b="b", c="c"), document(a="a", b="new", c="c", d="d")
    after = document(a="script's", b="b", c="c", n="n")
    assert late(before, now, after) == {"a": "script's", "b": "new", "c": "c", "d": "d", "n": "n"}


def test_where_both_wrote_the_late_word_is_the_later_one():
    """Field by field: what only we wrote stays."""
    before, now, after = document(a="a"), document(a="ours"), document(a="theirs")
    now.records["a"] = now.records["a"].edited({"id": "a", "text": "ours", "notes": "ours"})
    found = with_late_writes(before, now, after).records["a"]
    assert found.content == {"id": "a", "text": "theirs", "notes": "ours"}


def test_the_late_word_is_later_in_every_field_and_deep_inside():
    """Each contested place takes the program's value, and the places beside it stay ours."""
    before, now, after = (
        Document(EMPTY.header, {"a": Record.of({"id": "a", **more})}, EMPTY.layout)
        for more in (
            {"text": "1", "parameters": {"p": 1, "q": 1}},
            {"text": "2", "parameters": {"p": 2, "q": 2}, "n": 1},
            {"text": "3", "parameters": {"p": 3, "q": 1}},
        )
    )
    assert with_late_writes(before, now, after).records["a"].content == {
        "id": "a",
        "text": "3",
        "parameters": {"p": 3, "q": 2},
        "n": 1,
    }


def test_a_late_record_that_is_gone_or_known_is_no_edit():
    """Absence says nothing; a record that was taken in already is not taken in twice."""
    before, now = document(a="a", b="b", c="c"), document(a="a", b="b", c="c")
    after = document(b="known", c="late")
    assert late(before, now, after, ("b",)) == {"a": "a", "b": "b", "c": "late"}


def test_a_late_record_that_we_do_not_have_comes_back():
    """There is no deletion, and both may have added one."""
    assert late(document(a="a"), document(), document(a="late")) == {"a": "late"}
    assert late(document(), document(n="ours"), document(n="theirs")) == {"n": "theirs"}


def test_a_late_header_is_merged_key_by_key():
    """The later word where both wrote; a header that nobody touched late is ours, byte for byte."""
    headers = (
        '{"version": "1", "a": 1, "b": 1, "instructions": []}',
        '{"version": "1", "a":2, "b": 2, "instructions": []}',
        '{"version": "1", "a": 1, "b": 3, "c": 1, "instructions": []}',
    )
    before, now, after = (Document(text, {}, EMPTY.layout) for text in headers)
    now = Document(now.header, {}, Layout(unit="\t"))
    found = with_late_writes(before, now, after)
    assert found.header == '{"version": "1", "a":2, "b": 3, "instructions": [], "c": 1}'
    assert found.layout == now.layout
    assert with_late_writes(before, now, before) == now


def stamped(name: str, text: str, tag: str, **more: str) -> Record:
    """A published record."""
    vector = VersionVector({tag * 8: 1}, frozenset({tag * 8}))
    return Record("{}").published({"id": name, "text": text, **more}, vector)


def of(*records: Record) -> Document:
    """A document of records."""
    return Document(EMPTY.header, {r.content["id"]: r for r in records}, EMPTY.layout)


def test_a_record_written_under_both_its_ids_stays_under_both():
    """A copy can hold one edit an id: the merge puts the one onto the other."""
    head = of(stamped("r", "another's", "k"), stamped("r_m", "mine", "m"))
    told = of(stamped("r", "mine", "m"), stamped("r_m", "mine", "m"))
    copy = of(stamped("r", "old id", "m"), stamped("r_m", "new id", "m"))
    moved = rebase(head, told, copy, {"r": "r_m"})
    assert said(moved.copy) == {"r": "old id", "r_m": "new id"}
    assert said(moved.base) == {"r": "mine", "r_m": "mine"}
    assert moved.touched == {"r": "r", "r_m": "r_m"}


def test_a_record_that_moves_mentions_new_ids_where_the_head_does():
    """And everywhere in what the session wrote since; its base is a genuine version still."""
    head = of(stamped("r_m", "see r_m", "m", notes="of r, by another"))
    told = of(stamped("r", "see r", "m", notes="of r, by another", tags="t"))
    copy = of(stamped("r", "see r", "m", notes="of r, by another", title="more of r"))
    moved = rebase(head, told, copy, {"r": "r_m"})
    base, mine = moved.base.records["r_m"], moved.copy.records["r_m"]
    assert (base.content["text"], base.content["notes"]) == ("see r_m", "of r, by another")
    assert base.genuine and base.vector == told.records["r"].vector
    assert mine.content == {
        "id": "r_m", "text": "see r_m", "notes": "of r, by another", "title": "more of r_m"
    }  # fmt: skip


def test_a_rename_whose_record_is_gone_is_only_a_name():
    """A head that lacks what it renamed mentions nothing."""
    moved = rebase(of(), of(stamped("r", "r", "m")), of(stamped("r", "r!", "m")), {"r": "r_m"})
    assert (said(moved.base), said(moved.copy)) == ({"r_m": "r"}, {"r_m": "r_m!"})


def test_a_late_write_is_of_the_record_that_the_program_had_read():
    """The id is another's by now: the session's own has a new one, which it knows or gets."""
    before = of(stamped("a", "mine", "m"), stamped("b", "b", "m"), document(c="c").records["c"])
    now = of(stamped("a", "theirs", "k"), stamped("a_m", "mine", "m"), stamped("b", "b", "m"),
             stamped("c", "c", "m"), stamped("n", "theirs", "k"))  # fmt: skip
    after = of(stamped("a", "late", "m"), stamped("b", "late", "m"), Record.of({"id": "n"}),
               Record.of({"id": "c", "text": "late"}))  # fmt: skip
    names = late_ids(before, now, after, {"a": "a_m"}, "m")
    assert names == {"a": "a_m", "n": "n_m"}
    found = with_late_writes(before, now, after, (), names).records
    assert {name: one.content.get("text") for name, one in found.items()} == {
        "a": "theirs", "a_m": "late", "b": "late", "c": "late", "n": "theirs", "n_m": None
    }  # fmt: skip
    assert found["n_m"].content == {"id": "n_m"}


def test_a_late_edit_follows_its_record_whoever_gave_it_another_id():
    """Its creator tells it apart: the session knows of no rename, for it was another's."""
    before = of(stamped("a", "theirs", "k"))
    now = of(stamped("a", "others", "x"), stamped("a_k", "theirs", "k"))
    assert late_ids(before, now, of(stamped("a", "late", "k")), {}, "m") == {"a": "a_k"}


def test_a_late_edit_of_a_record_that_is_gone_mixes_with_no_other():
    """Another's stands under its id: it gets one of its own."""
    before, now = of(stamped("a", "mine", "m")), of(stamped("a", "theirs", "k"))
    late = of(stamped("a", "late", "m"))
    names = late_ids(before, now, late, {"a": "gone"}, "m")
    assert names == {"a": "a_m"}
    found = with_late_writes(before, now, late, (), names).records
    assert {name: one.content["text"] for name, one in found.items()} == {
        "a": "theirs",
        "a_m": "late",
    }


def test_a_late_word_over_another_s_unseen_one_keeps_its_stamp():
    """The merge reads its base from it; what the program did not write over is the newer."""
    before = of(stamped("a", "old", "m"))
    newer = VersionVector({"m" * 8: 1, "k" * 8: 1}, frozenset({"m" * 8}))
    now = of(Record("{}").published({"id": "a", "text": "theirs", "notes": "theirs"}, newer))
    found = with_late_writes(before, now, of(stamped("a", "late", "m"))).records["a"]
    assert found.content == {"id": "a", "text": "late", "notes": "theirs"}
    assert found.vector == before.records["a"].vector


def test_a_late_edit_of_a_record_as_adopted_mixes_with_no_other():
    """Nothing tells its creator, and another's stands under its id by now."""
    before, now = document(a="mine"), of(stamped("a", "theirs", "k"))
    late = document(a="late")
    assert late_ids(before, now, late, {}, "m") == {"a": "a_m"}
