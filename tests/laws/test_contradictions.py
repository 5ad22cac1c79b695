"""The laws of contradictions as conflicts: only what was changed counts, and order does not matter."""

from __future__ import annotations

from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.clones import Line
from tests.laws.sessions import incoming, merged_all, state_of
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.plans.open_contradictions import instructions_of

NAMES = [f"inst_{number:03}" for number in range(6)]
PORT = ("parameters", "port")
ORDERS = ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1), (3, 0, 1, 2), (0, 1, 3, 2))


def rule(number, text="The gateway listens on port {port}"):
    """One of several rules that all contradict each other about the port of one gateway."""
    port = str(9000 + number)
    return {
        "id": NAMES[number], "text": text.format(port=port), "persistence": "HIGH",
        "explicitness": 0.9, "parameters": {"port": port}, "active": True, "notes": "",
    }  # fmt: skip


BASE = state_of({name: rule(number) for number, name in enumerate(NAMES)})
OTHER = [
    ("notes",),
    ("quadrant",),
    ("persistence",),
    ("explicitness",),
    ("source",),
    ("parameters", "note"),
]


@st.composite
def unrelated(draw, who):
    """Edits of what no contradiction follows from."""
    fields, names = st.sampled_from(OTHER), st.sampled_from(NAMES)
    done = draw(st.lists(st.tuples(names, fields), min_size=1, max_size=5))
    return [("set", name, path, f"{who}{number}") for number, (name, path) in enumerate(done)]


def found(head):
    """The contradictions open in a head: id, how grave, and by whom."""
    return {
        (c.id, c.severity, *(tuple(w.session for w in side.writers) for side in c.all_sides))
        for c in open_conflicts(head)
        if c.kind == MEANING
    }


@given(unrelated("k"), unrelated("m"), unrelated("n"))
def test_edits_of_other_fields_raise_no_contradiction(one, other, third):
    """Whatever contradicts itself in the history: nobody of these has brought it about."""
    sessions = [
        incoming(BASE, done, who) for who, done in zip("kmn", (one, other, third), strict=True)
    ]
    for order in permutations(range(3)):
        assert found(merged_all(BASE, sessions, order)) == set()
    line = Line(BASE)
    heads = [
        line.session(line.root, done, who) for who, done in zip("km", (one, other), strict=True)
    ]
    assert found(line.states[line.unite(*heads)]) == set()


@given(unrelated("k"), st.sampled_from(NAMES))
def test_one_side_s_change_alone_raises_no_contradiction(other, name):
    """A port that one session sets meets what the other left as it was."""
    sessions = [incoming(BASE, [("set", name, PORT, "1")], "m"), incoming(BASE, other, "k")]
    for order in permutations(range(2)):
        assert found(merged_all(BASE, sessions, order)) == set()


@st.composite
def port_edits(draw):
    """Four sessions: each port is set by one of three, and the fourth gives some rules a part."""
    who = draw(st.lists(st.sampled_from("kmn-"), min_size=6, max_size=6))
    done = {
        session: [
            ("set", name, PORT, str(9100 + number))
            for number, name in enumerate(NAMES)
            if who[number] == session
        ]
        for session in "kmn"
    }
    parts = draw(st.sets(st.sampled_from(NAMES), max_size=3))
    done["p"] = [("set", name, ("parameters", "component"), name) for name in sorted(parts)]
    done["p"].append(("set", NAMES[0], ("notes",), "p"))
    writers = {
        name: w for name, w in zip(NAMES, who, strict=True) if w != "-" and name not in parts
    }
    return done, writers


def groups(pairs):
    """Which instructions are connected."""
    known = []
    for pair in pairs:
        meets = [group for group in known if group & set(pair)]
        known = [group for group in known if group not in meets]
        known.append(set(pair).union(*meets))
    return sorted(map(sorted, known))


@given(port_edits())
def test_who_ends_first_does_not_matter_and_a_group_is_asked_about_once(edits):
    """Those are connected whom two sessions set at odds, by as few conflicts as connect them."""
    done, writers = edits
    sessions = [incoming(BASE, some, who) for who, some in done.items()]
    heads = [merged_all(BASE, sessions, order) for order in ORDERS]
    assert all(found(head) == found(heads[0]) for head in heads)
    pairs = [instructions_of(conflict) for conflict in open_conflicts(heads[0])]
    expected = groups(p for p in combinations(writers, 2) if writers[p[0]] != writers[p[1]])
    assert groups(pairs) == expected
    assert len(pairs) == sum(len(group) - 1 for group in expected)
    for conflict in open_conflicts(heads[0]):
        wrote = [tuple(w.session for w in side.writers) for side in conflict.all_sides]
        assert wrote == [(writers[name],) for name in instructions_of(conflict)]


@given(port_edits(), st.integers(0, 4))
def test_clones_that_unite_ask_what_one_line_asks(edits, cut):
    """Wherever the sessions ended, and whichever clone asks."""
    done, _ = edits
    sessions = [incoming(BASE, some, who) for who, some in done.items()]
    line = Line(BASE)
    heads = []
    for part in (list(done)[:cut], list(done)[cut:]):
        head = line.root
        for who in part:
            head = line.session(head, done[who], who, line.root)
        heads.append(head)
    alone = found(merged_all(BASE, sessions, range(4)))
    for pair in (heads, heads[::-1]):
        for remote in (True, False):
            assert found(line.states[line.unite(*pair, remote=remote)]) == alone
