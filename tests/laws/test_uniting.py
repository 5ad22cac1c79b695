"""The laws of `plan_unite`: two clones of one line that both moved on."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tests.laws.clones import Line, items_of, united
from tests.laws.sessions import contents_of, terms_of, uncontested
from tractatus_merge.core.model.conflict import FIELD
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import RESOLUTIONS, SESSIONS
from tractatus_merge.core.model.summaries import publications
from tractatus_merge.core.values.equality import canonical, same
from tractatus_merge.core.values.places import get
from tractatus_merge.value import replace

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
    """Whether what the remote changed is in force wherever our clone changed it too."""
    base = line.base(ours, theirs)
    for conflict in open_conflicts(after):
        there, mine, was = (
            value_at(s, conflict) for s in (line.states[theirs], line.states[ours], base)
        )
        if not same(there, was) and not same(mine, was) and not same(there, conflict.force.value):
            return False
    return True


def value_at(state, conflict):
    """The value in force at a contested place."""
    return get(contents_of(state).get(conflict.instruction, {}), conflict.path)


@given(lines())
def test_uniting_is_as_if_all_sessions_had_ended_in_one_clone(found):
    """The same values stand or wait at each field: what was moved does not come back.

    Edit against retire may differ: heads that came to agree on `active` are not asked, and an end
    does not see an edit that was proposed to a conflict which its session knew.
    """
    line, (one, other) = found
    there = line.states[line.unite(one, other)]
    here = line.states[line.replayed(one, other)]
    assert {v for v in values_of(there) if v[2] == FIELD} == {
        v for v in values_of(here) if v[2] == FIELD
    }
    asked = [{c.id for c in open_conflicts(state)} for state in (there, here)]
    if asked[0] == asked[1]:
        assert uncontested(there) == uncontested(here)


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
        assert terms_of(again) == terms_of(line.states[there])
    assert values_of(again) == values_of(line.states[there]) == values_of(line.states[back])
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
        forces = [
            {(c.id, canonical(c.force.value)) for c in open_conflicts(s)} for s in (result, first)
        ]
        assert forces[0] == forces[1]
        new = [
            {n: c["text"] for n, c in contents_of(s).items() if n[:7] == "inst_01"}
            for s in (result, first)
        ]
        assert new[0] == new[1]


def said_at(state, name, path):
    """All values that stand or wait at a place."""
    found = [c for c in open_conflicts(state) if (c.instruction, c.path) == (name, path)]
    waiting = [canonical(side.value) for c in found for side in c.sides]
    return {canonical(get(contents_of(state)[name], path)), *waiting}


@given(lines(), st.booleans())
def test_nothing_is_lost(found, remote):
    """A value that stood or waited still does, but where it did so before and one clone moved it."""
    line, (one, other) = found
    base, after = line.base(one, other), line.states[line.unite(one, other, remote=remote)]
    for head in (line.states[one], line.states[other]):
        for name, path in [*PLACES, ("inst_001", ("active",)), ("inst_002", ("text",))]:
            gone = said_at(head, name, path) - said_at(after, name, path)
            assert gone <= said_at(base, name, path)
        for tag in head.names(SESSIONS):
            known = {(p.count, p.seal) for p in publications(after, tag)}
            assert known >= {(p.count, p.seal) for p in publications(head, tag)}
        told = {content["text"].split(" by ")[-1] for content in contents_of(after).values()}
        for name, content in contents_of(head).items():
            assert not name.startswith("inst_01") or content["text"].split(" by ")[-1] in told


@given(lines(), st.booleans())
def test_every_writer_is_still_named(found, remote):
    """Who stood for a side in either head stands for it after, where the side is still there."""
    line, (one, other) = found
    after = line.states[line.unite(one, other, remote=remote)]
    there = {(c.instruction, c.path, canonical(s.value)): s.writers
             for c in open_conflicts(after) for s in c.all_sides}  # fmt: skip
    for head in (one, other):
        for conflict in line.conflicts(head):
            for side in conflict.sides:
                place = (conflict.instruction, conflict.path, canonical(side.value))
                assert place not in there or set(side.writers) <= set(there[place])


@st.composite
def contested(draw):
    """A line with a contested text, known to both clones; each may move on elsewhere."""
    line = Line()
    head = line.session(line.root, [("set", "inst_001", ("text",), "first")], "k")
    head = line.session(head, [("set", "inst_001", ("text",), "second")], "m", line.root)
    other = draw(st.sampled_from([[], [("set", "inst_001", ("notes",), "n")],
                                  [("set", "inst_002", ("text",), "n")]]))  # fmt: skip
    return line, head, (line.session(head, other, "n") if other else head)


ANSWERS = st.sampled_from(["first", "second", "a third", "Use port 27017"])


@given(contested(), ANSWERS, st.booleans(), st.booleans())
def test_one_answer_settles_it_in_both_clones(found, value, mine, remote):
    """The conflict that both have is closed by the answer that one got, and the answer stands."""
    line, start, other = found
    answered = line.answer(start, line.conflicts(start)[0], "p", value)
    pair = (answered, other) if mine else (other, answered)
    after = line.unite(*pair, remote=remote)
    assert line.conflicts(after) == []
    assert contents_of(line.states[after])["inst_001"]["text"] == value
    assert items_of(line.states[line.unite(after, other)]) == items_of(line.states[after])


@given(contested(), ANSWERS, st.booleans(), st.booleans())
def test_a_late_side_reopens_the_conflict_with_the_answer_in_force(found, value, mine, remote):
    """What the person did not see waits under a new id; what was seen is settled."""
    line, start, other = found
    answered = line.answer(start, line.conflicts(start)[0], "p", value)
    other = line.session(other, [("set", "inst_001", ("text",), "late")], "q", line.root)
    pair = (answered, other) if mine else (other, answered)
    (conflict,) = line.conflicts(line.unite(*pair, remote=remote))
    assert conflict.id != line.conflicts(start)[0].id
    assert (conflict.force.value, [s.value for s in conflict.sides]) == (value, ["late"])
    assert conflict.sides[0].writers[0].session == "q"


@given(contested(), ANSWERS, ANSWERS, st.booleans(), st.booleans())
def test_two_answers_are_one_closing_if_they_agree_and_else_a_new_conflict(
    found, value, again, mine, remote
):
    """The earlier answer is in force, or the remote's; both resolutions are kept."""
    line, start, other = found
    one = line.answer(start, line.conflicts(start)[0], "p", value)
    two = line.answer(other, line.conflicts(other)[0], "q", again)
    pair = (one, two) if mine else (two, one)
    after = line.unite(*pair, remote=remote)
    assert len(line.states[after].names(RESOLUTIONS)) == 2
    stands = again if remote and mine else value
    assert contents_of(line.states[after])["inst_001"]["text"] == stands
    if value == again:
        assert line.conflicts(after) == []
    else:
        (conflict,) = line.conflicts(after)
        assert {conflict.force.value, *(s.value for s in conflict.sides)} == {value, again}
        assert conflict.id not in {c.id for c in line.conflicts(start)}
