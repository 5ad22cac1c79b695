"""A state: what a store gave, and what was changed since."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, ByCollection, State

keys = st.tuples(st.sampled_from(["instructions", "conflicts"]), st.sampled_from("abc"))
changes = st.dictionaries(keys, st.none() | st.sampled_from(["1", "2"]))


@given(st.dictionaries(keys, st.just("0")), changes, changes)
def test_a_state_reads_as_the_mapping_it_stands_for(items, one, two):
    """Later changes win, None takes away; the state before is as it was."""
    before = State(items, "v", "t")
    after = before.with_(one).with_(two)
    meant = {key: text for key, text in {**items, **one, **two}.items() if text is not None}
    assert {key: after.get(*key) for key in after} == meant
    assert all((key in after) == (key in meant) for key in {*items, *one, *two})
    assert after.names("conflicts") == sorted(name for kind, name in meant if kind == "conflicts")
    assert {key: before.get(*key) for key in before} == items
    assert (after.version, after.time) == ("v", "t")


def test_a_state_reads_its_instructions():
    """By id, without their stamps; what is not there says nothing."""
    texts = {"b": '{"id": "b"}', "a": '{"id": "a", "version_vector": "x"}', "gone": "{}"}
    state = State({(INSTRUCTIONS, name): text for name, text in texts.items()})
    state = state.with_({(INSTRUCTIONS, "gone"): None, (CONFLICTS, "c1"): "{}"})
    assert state.record("a") == Record(texts["a"])
    assert state.record("gone") is None
    assert state.content("a") == {"id": "a"}
    assert state.content("gone") == {}
    assert list(state.contents().items()) == [("a", {"id": "a"}), ("b", {"id": "b"})]


class Apart(dict, ByCollection):
    """Records that know their collections apart."""

    def names(self, collection):
        """The ids of one collection."""
        return (name for kind, name in self if kind == collection)


@given(st.dictionaries(keys, st.just("0")), changes)
def test_a_collection_that_is_looked_through_by_itself_has_the_same_names(items, changed):
    """Whether a store's records know their collections apart changes no answer."""
    for collection in (INSTRUCTIONS, CONFLICTS):
        plain = State(items).with_(changed).names(collection)
        assert State(Apart(items)).with_(changed).names(collection) == plain
        texts = State(items).with_(changed).texts(collection)
        assert list(texts) == plain
        assert texts == {name: State(items).with_(changed).get(collection, name) for name in plain}
        assert list(State(Apart(items)).with_(changed).texts(collection).items()) == [
            *texts.items()
        ]
