"""The laws of `plan_unite`: two clones of one line that both moved on."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tests.laws.clones import Line, items_of, united
from tests.laws.sessions import terms_of, uncontested
from tractatus_merge.core.plan import open_conflicts
from tractatus_merge.core.values import get, same

WHO = "kmnpqrstu"


PLACES = [("inst_001", ("text",)), ("inst_001", ("parameters", "port"))]


@st.composite
def contests(draw, who):
    """What one session does, all at a few places: most lines of such sessions are contested."""
    done = []
    for number in range(draw(st.integers(1, 2))):
        verb = draw(st.sampled_from(["set", "set", "set", "add", "retire", "tag"]))
        value = f"{who}{number}"
        if verb == "set":
            done.append((verb, *draw(st.sampled_from(PLACES)), value))
        elif verb == "add":
            done.append((verb, "inst_010", (), f"see inst_010 by {who}"))
        elif verb == "tag":
            done.append((verb, "inst_001", ("tags",), value))
        else:
            done.append((verb, "inst_001", ("active",), False))
    return done


@st.composite
def lines(draw, clones=2):
    """A line with several clones' heads: each after one or two sessions of its own.

    Before they parted sessions may have ended, and left conflicts open.
    """
    line, who = Line(), iter(WHO)
    kind = draw(st.sampled_from([some.edits, contests, contests]))

    def session(head, bases):
        name = next(who)
        return line.session(head, draw(kind(name)), name, draw(st.sampled_from(bases)))

    start = line.root
    for _ in range(draw(st.integers(0, 2))):
        start = session(start, [line.root])
    heads = []
    for _ in range(clones):
        head = start
        for _ in range(draw(st.integers(1, 2))):
            head = session(head, [head, start, line.root])
        heads.append(head)
    return line, heads


@given(lines(1), st.booleans(), st.booleans())
def test_uniting_a_head_with_itself_changes_nothing(found, known, remote):
    """Not a byte, whether or not a base is known."""
    line, (head,) = found
    state = line.states[head]
    twin = replace(state, version="twin")
    result = united(state if known else None, state, twin, remote=remote)
    assert items_of(result) == items_of(state)


@given(lines(1), st.booleans(), st.booleans())
def test_uniting_with_an_ancestor_gives_the_descendant(found, mine, remote):
    """In either role, byte for byte."""
    line, (head,) = found
    for older in line.seen(head):
        pair = [line.states[head], line.states[older]]
        ours, theirs = pair if mine else reversed(pair)
        result = united(line.states[older], ours, replace(theirs, version="twin"), remote=remote)
        assert items_of(result) == items_of(line.states[head])


@given(lines())
def test_without_a_remote_both_ways_give_the_same_bytes(found):
    """Two clones that each unite with the other hold the same bytes in every collection."""
    line, (one, other) = found
    there, back = line.unite(one, other), line.unite(other, one)
    assert items_of(line.states[there]) == items_of(line.states[back])


def values_of(state):
    """The conflicts as sets: by place, every value that stands or waits."""
    return {key for key in terms_of(state) if key[3] == "value"}


@given(lines())
def test_with_a_remote_its_value_in_force_stands(found):
    """The same values wait or stand either way; where both moved, the remote's are in force."""
    line, (one, other) = found
    there = line.states[line.unite(one, other, remote=True)]
    back = line.states[line.unite(other, one, remote=True)]
    assert values_of(there) == values_of(back)
    assert uncontested(there) == uncontested(back)
    assert force_stands(line, one, other, there)
    assert force_stands(line, other, one, back)


def force_stands(line, ours, theirs, after):
    base = line.base(ours, theirs)
    for conflict in open_conflicts(after):
        there, mine, was = (value_at(s, conflict) for s in (line.states[theirs], line.states[ours], base))
        if not same(there, was) and not same(mine, was) and not same(there, conflict.force.value):
            return False
    return True


def value_at(state, conflict):
    from tests.laws.sessions import contents_of

    return get(contents_of(state).get(conflict.instruction, {}), conflict.path)


@given(lines())
def test_uniting_again_adds_nothing(found):
    """What a clone has taken in brings nothing the second time: even if only the root is known."""
    line, (one, other) = found
    both = line.states[line.unite(one, other)]
    for known in (one, other):
        twin = replace(line.states[known], version="twin")
        for base in (line.states[known], line.states[line.root]):
            assert items_of(united(base, both, twin)) == items_of(both)


@given(lines(), st.booleans())
def test_a_criss_cross_gives_what_each_has(found, remote):
    """Both clones unite with the other at once, then with each other's result."""
    line, (one, other) = found
    there, back = line.unite(one, other, remote=remote), line.unite(other, one, remote=remote)
    again = line.states[line.unite(there, back, remote=remote)]
    if not remote:
        assert items_of(again) == items_of(line.states[there])
    assert terms_of(again) == terms_of(line.states[there]) == terms_of(line.states[back])
    assert uncontested(again) == uncontested(line.states[there])


@given(lines(3))
def test_three_clones_converge(found):
    """In every order of pairwise unions: the same instructions, the same conflicts."""
    line, heads = found
    results = []
    for a, b, c in permutations(heads):
        results.append(line.states[line.unite(line.unite(a, b), c)])
    first = results[0]
    for result in results[1:]:
        assert values_of(result) == values_of(first)
        assert uncontested(result) == uncontested(first)
