"""A history copied from store to store, whatever stands in it; what is otherwise is not passed over."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.stores.conformance import ODD_IDS
from tests.stores.kinds import kind_of, params
from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.errors import ContentionError, RequestError, StoreError
from tractatus_merge.stores import copying
from tractatus_merge.stores.memory import MemoryStore

TEXTS = [
    '{"a":  0.90}',
    "[]",
    '"ü\\n"',
    '"\\ud800"',
    '"漢"',
    "7",
    '{"id": "x", "text": "' + "y" * 9000 + '"}',
]
WORDS = [
    "",
    "one",
    "Merge session s: 1 added",
    "ü 漢 🍞",
    "two\nlines",
    "tab\tand  spaces ",
    "nul\0",
    "\ud800",
    "a: b",
]


def grown(seed, store, length=12):
    """Random versions in a store: odd ids, later collections, words that not every store keeps."""
    dice = random.Random(seed)
    version, state = None, State()
    for number in range(length):
        keys = [
            (dice.choice(["instructions", "sessions", "Räte", "a/b"]), dice.choice(ODD_IDS))
            for _ in range(3)
        ]
        changed = {
            key: dice.choice([*TEXTS, None]) if key in state else dice.choice(TEXTS) for key in keys
        }
        entry = Entry(
            dice.choice(WORDS), session=dice.choice(["", "s", "s-2"]), tag=dice.choice(["", "0123abcd"]),
            agent=dice.choice(["", "codex"]), author=dice.choice(["jo", "Jo <jo@x>", "ü <>"]),
            time=f"2025-06-01T10:00:{number:02}.000Z", base=version if dice.random() < 0.5 else None,
            conflicts=tuple(dice.sample(["c1", "c2"], dice.randint(0, 2))), root=not number,
            changes=tuple(changed),
        )  # fmt: skip
        version = store.commit(version, state.with_(changed), entry)
        state = store.load(version)


@pytest.fixture
def new(tmp_path, request):
    """Makes an empty store of a kind."""
    opened = []

    def make(name):
        place = tmp_path / f"{name}{len(opened)}"
        kind = kind_of(name, request)
        kind.prepare(place)
        opened.append(kind.open(place))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.mark.parametrize("source", params())
@pytest.mark.parametrize("target", params())
def test_every_version_is_the_same(new, source, target):
    """From any kind to any kind and on to a third: read back, nothing is otherwise."""
    stores = [new(source), new(target), new("file")]
    grown(f"{source}{target}1", stores[0])
    for one, other in itertools.pairwise(stores):
        todo = copying.steps(one)
        names = copying.copy(one, other, todo)
        copying.verify(one, other, todo, names)
        assert copying.copied(other, todo) == names
        assert len(set(names.values())) == len(todo) == 12


def test_a_copy_goes_on_where_it_stopped(new):
    """What is there already is not written again; what came since is."""
    source, target = new("sqlite"), new("file")
    grown(1, source)
    todo = copying.steps(source)
    copying.copy(source, target, todo[:5])
    first = target.head()
    names = copying.copy(source, target, todo)
    assert names[todo[4].entry.version] == first
    copying.verify(source, target, todo, names, skipped=5)
    assert copying.copy(source, target, todo) == names


@pytest.mark.parametrize("at", [0, 6, 11])
def test_another_history_is_no_beginning_of_this_one(new, at):
    """RequestError where one version tells something else, or there are more; nothing is written."""
    source, target = new("file"), new("sqlite")
    grown(2, source)
    todo = copying.steps(source)
    copying.copy(source, target, todo[:at])
    state = target.load(target.head()) if at else State()
    head = target.commit(
        state.version,
        state.with_({("sessions", "q"): "1"}),
        Entry("Mine", time="2025-07-01T10:00:00.000Z"),
    )
    with pytest.raises(RequestError, match="a history of its own"):
        copying.copy(source, target, todo)
    with pytest.raises(RequestError, match="a history of its own"):
        copying.copy(source, target, todo[:at])
    assert target.head() == head


def test_a_version_that_is_not_what_it_was_is_named():
    """Reading back finds one record that differs, and one word of an entry."""
    source, target = MemoryStore(), MemoryStore()
    grown(3, source)
    todo = copying.steps(source)
    names = copying.copy(source, target, todo)
    bad = todo[7].entry.version
    for other in (todo[6], todo[8]):
        wrong = {**names, bad: names[other.entry.version]}
        with pytest.raises(StoreError, match=bad):
            copying.verify(source, target, todo, wrong)


def test_who_else_writes_there_is_heard():
    """ContentionError where the new store's head moves while versions are copied."""
    source, target = MemoryStore(), MemoryStore()
    grown(4, source)

    def disturbed(steps):
        for number, step in enumerate(steps):
            if number == 3:
                state = target.load(target.head())
                target.commit(state.version, state, Entry("Mine"))
            yield step

    with pytest.raises(ContentionError):
        copying.copy(source, target, copying.steps(source), disturbed)


def test_a_version_of_which_another_thing_is_told_is_named():
    """Reading back looks at who made a version, too, where the records are the same."""
    source, target = MemoryStore(), MemoryStore()
    state = State()
    for message in ("One", "Two"):
        version = source.commit(
            state.version, state, Entry(message, time="2025-06-01T10:00:00.000Z")
        )
        state = source.load(version)
    todo = copying.steps(source)
    names = copying.copy(source, target, todo)
    one, two = names.values()
    with pytest.raises(StoreError):
        copying.verify(source, target, todo, dict(zip(names, (two, one), strict=True)))
