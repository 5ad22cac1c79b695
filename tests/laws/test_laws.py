"""The laws of the history's policy, at the level of `plan_merge`."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import strategies as some
from tests.laws.sessions import (
    contents_of,
    incoming,
    merged,
    merged_all,
    records_of,
    sides_of,
    state_of,
    terms_of,
    uncontested,
)
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import DOCUMENT, INSTRUCTIONS
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.values.equality import MISSING, canonical, same
from tractatus_merge.core.values.places import get, leaves
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.field_rules import HISTORY

BASE = state_of(some.RECORDS)


@given(some.edits("k", fresh=False))
def test_a_one_sided_change_is_taken(done):
    """Where only the session changed something, the head says what the session says."""
    session = incoming(BASE, done, "k")
    head = merged(BASE, session)
    assert open_conflicts(head) == []
    for name, record in session.copy.items():
        assert same(records_of(head)[name].content, record.content)


@given(some.edits("k", fresh=False))
def test_the_same_change_twice_is_clean(done):
    """Two sessions that did the same bring no conflict, and nothing twice."""
    first = merged(BASE, incoming(BASE, done, "k"))
    both = merged(first, incoming(BASE, done, "m"))
    assert open_conflicts(both) == []
    assert same(contents_of(both), contents_of(first))


@given(some.edits("k", fresh=False), some.edits("m", fresh=False))
def test_swapping_sides_swaps_only_which_is_in_force(one, other):
    """The same sides wait or stand, whoever came first."""
    sessions = [incoming(BASE, one, "k"), incoming(BASE, other, "m")]
    there, back = (merged_all(BASE, sessions, order) for order in ((0, 1), (1, 0)))
    assert sides_of(there, authors=True) == sides_of(back, authors=True)
    assert uncontested(there) == uncontested(back)
    for conflict in open_conflicts(there):
        twin = next(c for c in open_conflicts(back) if c.id == conflict.id)
        assert same(conflict.force.value, twin.sides[0].value)


@given(some.edits("k"))
def test_a_merge_of_an_unchanged_copy_changes_nothing(done):
    """A session that only looked leaves no version behind."""
    head = merged(BASE, incoming(BASE, done, "k"))
    plan = plan_merge(head, incoming(BASE, [], "m"), HISTORY, "2025-06-02T00:00:00.000Z")
    assert plan.entry is None
    assert plan.state is head


@given(some.edits("k"), some.edits("m"))
def test_merging_twice_changes_nothing(one, other):
    """The same copy once more, as after a crash, is known by its seal."""
    session = incoming(BASE, one, "k")
    head = merged_all(BASE, [session, incoming(BASE, other, "m")], (0, 1))
    again = plan_merge(head, session, HISTORY, "2025-06-02T00:00:00.000Z")
    assert again.entry is None
    assert again.state is head


@given(some.edits("k"), some.edits("m"), some.edits("n"))
def test_every_change_is_in_the_value_or_in_a_conflict(one, other, third):
    """What a session wrote is in force, or waits as a side; no third thing."""
    sessions = [incoming(BASE, d, w) for d, w in ((one, "k"), (other, "m"), (third, "n"))]
    head = merged_all(BASE, sessions, (0, 1, 2))
    for session in sessions:
        for name in session.edited():
            base, copy = session.base[name].content, session.copy[name].content
            for path, _, after in leaves(base, copy):
                assert _is_kept(head, name, path, base, after)


def _is_kept(head, name, path, base, after):
    there = get(contents_of(head)[name], path)
    if isinstance(after, list) and all(isinstance(item, str) for item in after):
        before = get(base, path) if isinstance(get(base, path), list) else []
        return all(item in there for item in after if item not in before) and not any(
            item in there for item in before if item not in after
        )
    if isinstance(after, list):
        names = [item["id"] for item in after]
        return all(
            same(item, old) or _is_kept(head, name, (*path, step, "do"), base, item["do"])
            for step, item, old in zip(names, after, get(base, path), strict=True)
        )
    waiting = [s.value for c in open_conflicts(head) for s in c.sides
               if c.instruction == name and c.path == path]  # fmt: skip
    return any(same(after, value) for value in (there, *waiting))


@given(some.edits("k"), some.edits("m"))
def test_a_record_that_stands_is_whole(one, other):
    """Every key of the base is still there, every added record stands as it was written."""
    sessions = [incoming(BASE, one, "k"), incoming(BASE, other, "m")]
    head = contents_of(merged_all(BASE, sessions, (0, 1)))
    for name, content in some.RECORDS.items():
        assert set(content) <= set(head[name])
    texts = [content["text"] for name, content in head.items() if name not in some.RECORDS]
    for session in sessions:
        for name in session.added():
            author = session.copy[name].content["text"].split(" by ")[-1]
            assert sum(text.endswith(f" by {author}") for text in texts) == len(session.added())


@given(some.edits("k"), st.sampled_from([None, "  ", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_writing_back_an_unchanged_document_gives_the_same_bytes(done, unit, newline):
    """A file that says what the head says is not touched, and what is written reads the same."""
    records = records_of(merged(BASE, incoming(BASE, done, "k")))
    layout = history_file.Layout(unit=unit, newline=newline, end="\n")
    data = history_file.write(history_file.Document('{\n  "instructions": []\n}', records, layout))
    document = history_file.read(data, "f")
    assert history_file.rewrite(data, document, "f") == data
    assert all(same(document.records[name].value, records[name].value) for name in records)


WHO = "kmnp"


def _orders(base, sessions, conflicts):
    heads = [merged_all(base, sessions, order) for order in permutations(range(len(sessions)))]
    first = heads[0]
    for head in heads[1:]:
        assert conflicts(head) == conflicts(first)
        assert uncontested(head) == uncontested(first)


@settings(max_examples=30)
@given(st.integers(3, 4).flatmap(lambda n: st.tuples(*(some.edits(who) for who in WHO[:n]))))
def test_order_does_not_matter_from_one_base(done):
    """K sessions from one base, merged in all orders: same instructions, same conflicts."""
    sessions = [incoming(BASE, d, who) for d, who in zip(done, WHO, strict=False)]
    _orders(BASE, sessions, lambda head: sides_of(head, authors=True))


@settings(max_examples=40)
@given(*(some.edits(who, more=["retire"] if who == "m" else []) for who in "abkmn"))
def test_order_does_not_matter_from_mixed_bases(first, second, one, other, third):
    """Sessions from the root, from a later head, and from one with conflicts open: the same."""
    later = merged(BASE, incoming(BASE, first, "a"))
    contested = merged(later, incoming(BASE, second, "b"))
    sessions = [incoming(b, d, w) for b, d, w in
                ((BASE, one, "k"), (later, other, "m"), (contested, third, "n"))]  # fmt: skip
    _orders(contested, sessions, terms_of)


def test_the_harness_can_fail():
    """The comparison sees a difference: two orders of edits to one field differ in what is in force."""
    sessions = [incoming(BASE, [("set", "inst_001", ("text",), w)], w) for w in "km"]
    there, back = (merged_all(BASE, sessions, order) for order in ((0, 1), (1, 0)))
    assert there.get(INSTRUCTIONS, "inst_001") != back.get(INSTRUCTIONS, "inst_001")
    assert sides_of(there) != sides_of(merged(BASE, sessions[0]))


@settings(max_examples=12)
@given(st.tuples(*(some.edits(who) for who in WHO)))
def test_four_sessions_in_24_orders_give_the_same_bytes(done):
    """Records and header, byte for byte, but for what may differ: see `_may_differ`."""
    sessions = [incoming(BASE, d, who) for d, who in zip(done, WHO, strict=True)]
    heads = [merged_all(BASE, sessions, order) for order in permutations(range(len(sessions)))]
    masked = set().union(*(_may_differ(head, sessions) for head in heads))
    for head in heads[1:]:
        assert head.get(DOCUMENT, "header") == heads[0].get(DOCUMENT, "header")
        for name in {*records_of(head), *records_of(heads[0])} - masked:
            assert head.get(INSTRUCTIONS, name) == heads[0].get(INSTRUCTIONS, name)


def _may_differ(head, sessions):
    """Instructions contested or renamed, or whose lists or keys several sessions added to."""
    contested = {conflict.instruction for conflict in open_conflicts(head)}
    added = Counter(name for session in sessions for name in session.added())
    shared = {name for name, count in added.items() if count > 1}
    renamed = {name for name in records_of(head) if any(name.startswith(s) for s in shared)}
    grown = Counter(place for session in sessions for place in set(_grows(session)))
    return contested | renamed | {name for (name, _), count in grown.items() if count > 1}


def _grows(session):
    """The lists, and the objects, to which a session adds: (instruction, place)."""
    for name in session.edited():
        for path, value in session.edits(name):
            if isinstance(value, list):
                yield name, path
            elif get(session.base[name].content, path) is MISSING:
                yield name, path[:-1]


RULES = st.sampled_from([
    "Always use tabs in source files.", "Never use tabs in source files.",
    "Never commit secrets.", "Always commit secrets.",
])  # fmt: skip


@given(RULES, RULES, RULES)
def test_who_ends_first_does_not_matter_to_a_contradiction(one, other, third):
    """The same conflicts of meaning, with the same sides by the same writers, in any order."""
    texts = {"k": one, "m": other, "n": third}
    sessions = [
        incoming(BASE, [("add", f"inst_02{who}", (), text)], who) for who, text in texts.items()
    ]
    found = {_contradictions(merged_all(BASE, sessions, o)) for o in permutations(range(3))}
    assert len(found) == 1


def _contradictions(head):
    """The conflicts of meaning: id, and who says what."""
    return frozenset(
        (
            c.id,
            *((canonical(side.value), *(w.session for w in side.writers)) for side in c.all_sides),
        )
        for c in open_conflicts(head)
        if c.kind == MEANING
    )
