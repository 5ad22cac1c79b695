"""What every store must do: one suite, run by each store's test module through `store_factory`.

`store_factory()` gives a new, empty store; two calls give two stores that know nothing of each other.
"""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.state import COLLECTIONS, Entry, State
from tractatus_merge.errors import Missing

TIME = "2025-06-0{}T10:00:00.000Z"
ODD_IDS = [
    "../../x", "a/b", "é ü 漢", "with space", "%2F", ".", "..", "x" * 119, "inst_A", "inst_a", "a.json",
    "-rf", "q\"'\\", "tab\tand\nline", "\ud800", "*", ":(top)x", "~", "CON", "é" * 59,
]  # fmt: skip


def entry(message="Merge session s: 1 added", *, day=1, changes=(), **more):
    """An entry of the log, as a plan makes it."""
    return Entry(message, session="s", tag="aaaaaaaa", agent="test", author="A <a@x>",
                 time=TIME.format(day), changes=tuple(changes), **more)  # fmt: skip


def put(store, changed, *, day=1, expected=None, **more):
    """Commit some records upon the head."""
    at = expected or store.head()
    state = store.load(at) if at else State()
    new = store.commit(at, state.with_(changed), entry(day=day, changes=changed, **more))
    assert new is not None
    return new


def texts(store, version):
    """Everything a version holds."""
    state = store.load(version)
    return {key: state.get(*key) for key in state}


class Conformance:
    """Each test's docstring is a sentence of the contract in `stores.base`."""

    def test_there_is_no_head_at_first(self, store_factory):
        """Before the first commit the head is None and the log is empty."""
        store = store_factory()
        assert store.head() is None
        assert list(store.log()) == []

    def test_a_first_commit_becomes_the_head(self, store_factory):
        """`commit(None, ...)` makes the first version, and what it holds can be read."""
        store = store_factory()
        version = put(store, {("instructions", "i"): '{"id": "i"}'})
        assert store.head() == version
        assert texts(store, version) == {("instructions", "i"): '{"id": "i"}'}

    @pytest.mark.parametrize("stale", ["first", "none", "foreign"])
    def test_a_lost_race_gives_none_and_changes_nothing(self, store_factory, stale):
        """Where the head is no longer `expected`, None is given back and nothing has changed."""
        store = store_factory()
        first = put(store, {("instructions", "i"): "{}"})
        second = put(store, {("instructions", "j"): "{}"}, day=2)
        expected = {"first": first, "none": None, "foreign": first}[stale]
        state = store.load(first) if expected else State()
        changed = {("instructions", "k"): "{}"}
        assert store.commit(expected, state.with_(changed), entry(day=3)) is None
        assert store.head() == second
        assert set(texts(store, second)) == {("instructions", "i"), ("instructions", "j")}
        assert len(list(store.log())) == 2

    def test_every_version_given_out_can_be_loaded(self, store_factory):
        """Older versions stay as they were, also after their records changed or went."""
        store = store_factory()
        versions = [put(store, {("sessions", "s"): f'{{"n": {n}}}'}, day=n) for n in range(1, 6)]
        for number, version in enumerate(versions, 1):
            assert texts(store, version) == {("sessions", "s"): f'{{"n": {number}}}'}
            assert store.load(version).version == version

    def test_an_unknown_version_is_missing(self, store_factory):
        """A version that the store never gave out is Missing, with a hint."""
        store = store_factory()
        put(store, {("instructions", "i"): "{}"})
        with pytest.raises(Missing) as error:
            store.load("0123456789abcdef0123456789abcdef01234567")
        assert error.value.hint

    def test_none_takes_a_record_away(self, store_factory):
        """In `changed`, None takes the record away; the others stay."""
        store = store_factory()
        put(store, {("conflicts", "c1"): "{}", ("conflicts", "c2"): "{}"})
        version = put(store, {("conflicts", "c1"): None}, day=2)
        assert set(texts(store, version)) == {("conflicts", "c2")}
        empty = put(store, {("conflicts", "c2"): None, ("conflicts", "never"): None}, day=3)
        assert texts(store, empty) == {}

    def test_every_collection_is_kept_apart(self, store_factory):
        """One id may stand in every collection."""
        store = store_factory()
        changed = {(name, "same"): f'{{"in": "{name}"}}' for name in COLLECTIONS}
        assert texts(store, put(store, changed)) == changed

    @pytest.mark.parametrize("name", ODD_IDS, ids=ascii)
    def test_any_string_is_an_id(self, store_factory, name):
        """Ids are kept verbatim: slashes, dots, case, blanks, escapes."""
        store = store_factory()
        changed = {("instructions", name): '{"v": 1}', ("conflicts", name): '{"v": 2}'}
        version = put(store, changed)
        assert texts(store, version) == changed
        assert [set(found.changes) for found in store.log("instructions", name)] == [set(changed)]

    def test_odd_ids_live_side_by_side(self, store_factory):
        """No two ids share a place."""
        store = store_factory()
        changed = {("instructions", name): f'{{"n": {n}}}' for n, name in enumerate(ODD_IDS)}
        assert texts(store, put(store, changed)) == changed

    def test_the_text_is_kept_byte_for_byte(self, store_factory):
        """A record's text comes back as it was given: spelling, blanks, line ends, length."""
        store = store_factory()
        odd = '{\r\n\t"x": 0.90,\n\n "é": "\\ud800 \u2028", "long": "' + "x" * 100_000 + '"}'
        assert texts(store, put(store, {("instructions", "i"): odd})) == {
            ("instructions", "i"): odd
        }
        with_end = '{"ends": "in a newline"}\n'
        version = put(store, {("instructions", "j"): with_end}, day=2)
        assert store.load(version).get("instructions", "j") == with_end

    def test_the_log_is_newest_first_and_says_all(self, store_factory):
        """Every entry says message, session, tag, agent, author, time, version, parents, changes."""
        store = store_factory()
        first = put(store, {("instructions", "i"): "{}", ("conflicts", "c"): "{}"}, root=True)
        second = put(store, {("conflicts", "c"): None}, day=2, conflicts=("c1", "c2"))
        new, old = store.log()
        assert (new.version, new.parents[0], old.version, old.parents) == (second, first, first, ())
        assert (new.message, new.session, new.tag) == ("Merge session s: 1 added", "s", "aaaaaaaa")
        assert (new.agent, new.author, new.time) == ("test", "A <a@x>", TIME.format(2))
        assert new.changes == (("conflicts", "c"),)
        assert set(old.changes) == {("instructions", "i"), ("conflicts", "c")}
        assert new.conflicts == ("c1", "c2")
        assert old.conflicts == ()
        assert (new.root, old.root) == (False, True)

    def test_the_log_can_be_asked_for_one_collection_or_record(self, store_factory):
        """Only entries that changed it are told, each with all its changes."""
        store = store_factory()
        one = put(store, {("instructions", "i"): "{}"})
        two = put(store, {("instructions", "j"): "{}", ("sessions", "s"): "{}"}, day=2)
        three = put(store, {("conflicts", "i"): "{}"}, day=3)
        four = put(store, {("instructions", "i"): '{"n": 1}'}, day=4)
        found = {entry.version: entry for entry in store.log("instructions")}
        assert list(found) == [four, two, one]
        assert set(found[two].changes) == {("instructions", "j"), ("sessions", "s")}
        assert [entry.version for entry in store.log("instructions", "i")] == [four, one]
        assert [entry.version for entry in store.log("conflicts")] == [three]
        assert list(store.log("resolutions")) == []

    def test_a_state_knows_when_it_was_published(self, store_factory):
        """`time` of a loaded state is its entry's."""
        store = store_factory()
        assert store.load(put(store, {("instructions", "i"): "{}"}, day=7)).time == TIME.format(7)

    def test_the_root_depends_on_its_bytes_alone(self, store_factory):
        """The same first commit in two stores is the same version; other bytes make another."""
        changed = {("instructions", "i"): "{}", ("document", "header"): "{}"}
        one, two, three = store_factory(), store_factory(), store_factory()
        root = put(one, changed, root=True)
        assert root == put(two, dict(reversed(changed.items())), root=True)
        assert root != put(three, {("instructions", "i"): "{ }"}, root=True)

    def test_the_log_says_what_each_version_changed(self, store_factory):
        """Whatever a plan says: the records that differ from the version before, the first's too."""
        store = store_factory()
        put(store, {("instructions", "i"): "1", ("document", "header"): "{}"}, root=True)
        put(store, {("instructions", "i"): "2", ("instructions", "j"): "1"}, day=2)
        put(store, {("instructions", "i"): "2", ("instructions", "j"): None}, day=3)
        assert [set(entry.changes) for entry in store.log()] == [
            {("instructions", "j")},
            {("instructions", "i"), ("instructions", "j")},
            {("instructions", "i"), ("document", "header")},
        ]
        assert len(list(store.log("instructions", "i"))) == 2

    def test_it_knows_which_versions_it_has(self, store_factory):
        """`has` is true of each version that was given out, and of no other."""
        store = store_factory()
        version = put(store, {("instructions", "i"): "1"})
        assert store.has(version)
        assert not store.has("0" * len(version))
        store.close()
        store.close()

    def test_a_session_s_own_state_is_never_the_head_s(self, store_factory):
        """What `entry.own` holds is kept beside, not in, the new head."""
        store = store_factory()
        base = put(store, {("instructions", "i"): "{}"})
        own = State(version=base, changed={("instructions", "mine"): '{"own": 1}'})
        head = put(store, {("instructions", "renamed"): "{}"}, day=2, base=base, own=own)
        assert set(texts(store, head)) == {("instructions", "i"), ("instructions", "renamed")}
        assert next(iter(store.log())).base == base

    def test_odd_words_in_an_entry_do_no_harm(self, store_factory):
        """Messages, sessions and authors with line ends, brackets, nothing at all are taken."""
        store = store_factory()
        for day, author in enumerate(["", "<>", "A\nB <x\n@y>", ".", "é <é@é>", "A <b> <c>"], 1):
            odd = Entry("Session: not\n\n[skip ci]\n\nreally\x02\x01", session=f"s{day}\nTag: evil",
                        author=author, time=TIME.format(day))  # fmt: skip
            at = store.head()
            state = store.load(at) if at else State()
            assert store.commit(at, state.with_({("sessions", str(day)): "{}"}), odd)
        found = list(store.log())
        assert len(found) == 6
        assert all(entry.tag == "" for entry in found)
        assert found[1].author.startswith("é") or "@" in found[1].author

    def test_the_log_can_be_asked_for_what_came_after_a_version(self, store_factory):
        """With `since`, entries that this version has not in its own history, newest first."""
        store = store_factory()
        one, two, three = (
            put(store, {("instructions", name): "{}"}, day=day) for day, name in enumerate("ijk", 1)
        )
        assert [found.version for found in store.log(since=one)] == [three, two]
        assert list(store.log(since=store.head())) == []
        assert [found.version for found in store.log("instructions", "j", since=one)] == [two]
        assert list(store.log("instructions", "j", since=two)) == []

    def test_a_version_may_change_nothing(self, store_factory):
        """It is a version all the same: another name, the same records, no changes in the log."""
        store = store_factory()
        first = put(store, {("instructions", "i"): "{}"})
        second = put(store, {("instructions", "i"): "{}"}, day=2)
        assert first != second
        assert texts(store, first) == texts(store, second)
        assert [len(found.changes) for found in store.log()] == [0, 1]

    def test_what_came_and_went_and_came_again_is_known_of_every_version(self, store_factory):
        """A record that is taken away and put back is there, not there, there."""
        store = store_factory()
        wanted = ["1", None, "2", "2", None, None, "1"]
        versions = [
            put(store, {("instructions", "i"): text, ("sessions", "s"): f"{day}"}, day=day)
            for day, text in enumerate(wanted, 1)
        ]
        assert [store.load(version).get("instructions", "i") for version in versions] == wanted
        changed = [found.version for found in store.log("instructions", "i")][::-1]
        assert changed == [versions[at] for at in (0, 1, 2, 4, 6)]

    def test_collections_of_later_versions_are_carried(self, store_factory):
        """A collection that this version does not know is kept, word for word, with its log."""
        store = store_factory()
        later = {("requests", "a/b"): '{"0.90": [1,  2]}', ("Ünknown", "1"): "[]"}
        first = put(store, {**later, ("instructions", "i"): "{}"})
        second = put(store, {("instructions", "i"): '{"n": 1}'}, day=2)
        assert later.items() <= texts(store, first).items()
        assert texts(store, second) == {**later, ("instructions", "i"): '{"n": 1}'}
        assert [found.version for found in store.log("requests")] == [first]
        third = put(store, {("requests", "a/b"): None}, day=3)
        assert ("requests", "a/b") not in store.load(third)

    def test_texts_of_a_megabyte_are_kept(self, store_factory):
        """Two of them, of letters of one to four bytes each, through two versions."""
        store = store_factory()
        large = '{"text": "' + "aé漢🥐" * 100_000 + '"}'
        first = put(store, {("instructions", "i"): large, ("conflicts", "c"): large})
        second = put(store, {("instructions", "i"): large.replace("a", "b")}, day=2)
        assert texts(store, first) == {("instructions", "i"): large, ("conflicts", "c"): large}
        assert store.load(second).get("instructions", "i") == large.replace("a", "b")

    @pytest.mark.slow
    def test_ten_thousand_records_are_kept(self, store_factory):
        """A version of 10,000 records, and one that changes three of them."""
        store = store_factory()
        many = {("instructions", f"i{number}"): f'{{"n": {number}}}' for number in range(10_000)}
        first = put(store, many)
        second = put(store, {("instructions", f"i{number}"): "{}" for number in range(3)}, day=2)
        assert texts(store, first) == many
        found = texts(store, second)
        assert {key for key in many if found[key] != many[key]} == set(next(store.log()).changes)
        assert len(found) == len(many)

    @pytest.mark.slow
    def test_two_thousand_versions_are_kept(self, store_factory):
        """Each can be loaded, the log has all of them in order, and one record's are found."""
        store = store_factory()
        versions = []
        state = State()
        for number in range(2000):
            changed = {("sessions", f"s{number % 50}"): f'{{"n": {number}}}'}
            made = store.commit(state.version, state.with_(changed), entry(changes=changed))
            assert made is not None
            versions.append(made)
            state = State({**state.items, **changed}, made)
        assert [found.version for found in store.log()] == versions[::-1]
        assert len(list(store.log("sessions", "s7"))) == 40
        assert len(list(store.log(since=versions[-300]))) == 299
        for number in (0, 1, 63, 64, 65, 999, 1998, 1999):
            found = store.load(versions[number])
            assert found.get("sessions", f"s{number % 50}") == f'{{"n": {number}}}'
            assert len(list(found)) == min(50, number + 1)
