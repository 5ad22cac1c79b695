"""Hypothesis strategies: JSON values, records, histories, and what sessions do to them.

One file for all laws, so that a new kind of value is thought of once.
"""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tractatus_merge.core.model.conflict import Side, Writer
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.core.values.numbers import Number

words = st.text('ab é"\\/\u2028\ud800\x01\n', max_size=6)
keys = st.sampled_from(["a", "b", "c", "port", "a.b", "", 'q"', "é", "version_vector"])
wide = st.one_of(
    st.integers(-3, 3).map(lambda n: 2**53 + n),
    st.integers(0, 9).map(lambda n: 738529527931269420 + n),
    st.integers(10**29, 10**30),
    st.sampled_from(["1e400", "2e400", "1e-400", "1e999999999", "0.1", "0.10000000000000001"]),
).map(lambda n: Number(str(n)))
"""Numbers that no double tells apart from each other, or from another number."""
numbers = st.one_of(
    st.integers(-(10**6), 10**6),
    st.sampled_from(["0.90", "1.0", "-0", "1e-7", "1E3", "1000"]).map(Number),
    wide,
)
scalars = st.one_of(st.none(), st.booleans(), numbers, words)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(keys, values, max_size=4)
maybe = st.one_of(st.just(MISSING), scalars)
spaces = st.text(" \t\n\r", max_size=2)


@st.composite
def texts(draw, of=values):
    """A JSON text in a layout of its own: odd white space, escapes, number spellings."""
    return draw(spaces) + _spelled(draw, draw(of)) + draw(spaces)


def _spelled(draw, value):
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        items = [f"{_spelled(draw, k)}{draw(spaces)}:{_spelled(draw, v)}" for k, v in value.items()]
        return "{" + f",{draw(spaces)}".join(items) + draw(spaces) + "}"
    if isinstance(value, list):
        items = [_spelled(draw, item) for item in value]
        return "[" + draw(spaces) + f"{draw(spaces)},".join(items) + "]"
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("/", "\\/") if draw(st.booleans()) else text


tags = st.sampled_from(["aaaaaaaa", "bbbbbbbb", "cccccccc"])


@st.composite
def vectors(draw):
    """A version vector of up to three sessions."""
    counts = draw(st.dictionaries(tags, st.integers(1, 3)))
    creators = draw(st.sets(st.sampled_from(sorted(counts)))) if counts else set()
    return VersionVector(counts, frozenset(creators))


writers = st.builds(
    Writer,
    at=st.sampled_from(["2025-01-01T00:00:00.000Z", "2025-01-02T00:00:00.000Z"]),
    session=st.sampled_from("xyz"),
    why=st.sampled_from(["", "asked for"]),
)
sides = st.builds(
    Side,
    base=maybe,
    value=maybe,
    writers=st.lists(writers, max_size=2).map(lambda found: tuple(sorted(set(found)))),
    proposal=st.booleans(),
)

# What sessions do to a history of three instructions.

RECORDS = {
    "inst_001": {
        "id": "inst_001", "text": "Use port 27017", "quadrant": "SYSTEM", "persistence": "HIGH",
        "explicitness": Number("0.90"), "parameters": {"port": "27017", "db": "dev"},
        "tags": ["x", "y"], "steps": [{"id": "s1", "do": "a"}, {"id": "s2", "do": "b"}],
        "active": True, "notes": "first",
    },
    "inst_002": {"id": "inst_002", "text": "Ask first", "persistence": "LOW"},
    "inst_003": {"id": "inst_003", "text": "Old", "active": False, "parameters": {}},
}  # fmt: skip

FIELDS = [
    ("text",), ("persistence",), ("explicitness",), ("notes",), ("extra",),
    ("parameters", "port"), ("parameters", "db"), ("steps", "s1", "do"), ("steps", "s2", "do"),
]  # fmt: skip


@st.composite
def edits(draw, who, *, fresh=True, more=("untag", "retire", "back")):
    """What one session does: a list of (verb, instruction, path, value).

    `fresh`: no other session writes the same values. `more`: what it may do besides; all of that
    repeats what others do, or goes back to an older value, for which the algebra promises less.
    """
    verbs = ["set", "set", "set", "tag", "add", *more]
    done = []
    for number in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(["inst_001", "inst_001", "inst_002", "inst_003"]))
        verb = draw(st.sampled_from(verbs))
        if verb == "back" and name == "inst_002":
            continue  # it never was retired: `active: true` where nothing stands says nothing
        value = f"{who}{number}" if fresh else draw(st.sampled_from(["p", "q", "27017"]))
        if verb == "set":
            path = draw(st.sampled_from(FIELDS if name == "inst_001" else FIELDS[:5]))
            done.append((verb, name, path, value))
        elif verb == "add":
            new = draw(st.sampled_from(["inst_010", "inst_011"]))
            done.append((verb, new, (), f"see {new} by {who}" if fresh else "twin"))
        elif verb in ("tag", "untag"):
            item = draw(st.sampled_from(["x", "y"])) if verb == "untag" else f"tag-{value}"
            done.append((verb, "inst_001", ("tags",), item))
        else:
            done.append((verb, name, ("active",), verb == "back"))
    return done


# Rules in words, for `meaning`: few words, so that they meet.

_moods = st.sampled_from(
    ["Never", "Do not", "Always", "Please", "", "Avoid", "We must", "In tests, never", "No"]
)
_deeds = st.sampled_from(["use", "commit", "mock", "using", "edit or delete", "git push", ""])
_things = st.sampled_from(
    ["npm", "`npm`", "mocks", "dependencies", "port 27017", "npm or yarn", "the any type", "caches"]
)
_tails = st.sampled_from(
    [
        "",
        "in tests",
        "for builds",
        "unless asked",
        ", not yarn",
        "instead of yarn",
        "\u2014 use yarn",
    ]
)
sayings = st.builds(lambda *parts: " ".join(filter(None, parts)), _moods, _deeds, _things, _tails)
_settings = st.dictionaries(
    st.sampled_from(["port", "indent", "service", "component", "path", "engine", "notes"]),
    st.sampled_from(["27017", 27017, "npm", "redis", ["npm"], ["npm", "yarn"], 4, None]),
    max_size=3,
)
rules = st.builds(
    lambda said, parameters, active: {
        "text": ". ".join(said),
        "parameters": parameters,
        "active": active,
    },
    st.lists(sayings, min_size=1, max_size=2),
    _settings,
    st.sampled_from([True, True, True, False]),
)
odd_rules = st.one_of(
    rules,
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "text",
                "title",
                "description",
                "parameters",
                "active",
                "persistence",
                "explicitness",
            ]
        ),
        values | _settings | sayings,
        max_size=6,
    ),
)
"""Records as rules are, and records of which each field may be any JSON value."""
