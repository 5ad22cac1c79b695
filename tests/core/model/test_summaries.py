"""What the head remembers of sessions, and blame drawn from it."""

from __future__ import annotations

from typing import Annotated

import pytest
from msgspec import Meta, Struct, ValidationError, convert

from tests.laws.sessions import incoming, merged, records_of, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core.model.conflict import Writer
from tractatus_merge.core.model.state import SESSIONS, State
from tractatus_merge.core.model.summaries import (
    Publication,
    blame,
    blame_places,
    blame_record,
    edit,
    fault,
    publications,
    summary,
)
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.publications import with_publication
from tractatus_merge.core.values.equality import digest

BASE = state_of(RECORDS)
PORT = ("parameters", "port")


def _blame(head, path, value, **more):
    vector = records_of(head)["inst_001"].vector
    return [w.session for w in blame(head, "inst_001", vector, path, value, **more)]


def test_blame_names_who_wrote_exactly_this_value():
    """Not who wrote another value there before, nor who wrote elsewhere."""
    head = merged(BASE, incoming(BASE, [("set", "inst_001", PORT, "1")], "k"))
    head = merged(
        head,
        incoming(head, [("set", "inst_001", PORT, "2"), ("set", "inst_001", ("text",), "t")], "m"),
    )
    assert _blame(head, PORT, "2") == ["m"]
    assert _blame(head, PORT, "1") == ["k"]
    assert _blame(head, ("text",), "t") == ["m"]


def test_blame_of_a_mixture_names_all_who_had_a_hand_in_it():
    """A merged list or object was written by nobody alone."""
    one, two = (incoming(BASE, [("tag", "inst_001", ("tags",), w)], w) for w in "km")
    head = merged(merged(BASE, one), two)
    assert _blame(head, ("tags",), ["x", "y", "k", "m"]) == ["k", "m"]
    ported = merged(BASE, incoming(BASE, [("set", "inst_001", PORT, "9")], "k"))
    assert _blame(ported, ("parameters",), {"port": "9", "db": "dev"}) == ["k"]
    assert _blame(ported, ("text",), "nobody's") == []


def test_blame_can_leave_out_what_a_base_knew():
    """`since` a vector, only later publications count."""
    head = merged(BASE, incoming(BASE, [("set", "inst_001", PORT, "1")], "k"))
    since = records_of(head)["inst_001"].vector
    assert _blame(head, PORT, "1", since=since) == []
    head = merged(
        head,
        incoming(
            head,
            [
                ("set", "inst_001", PORT, "0"),
            ],
            "m",
        ),
    )
    head = merged(head, incoming(head, [("set", "inst_001", PORT, "1")], "k"))
    assert _blame(head, PORT, "1") == ["k", "k"]
    assert _blame(head, PORT, "1", since=since) == ["k"]


def test_nobody_is_blamed_for_what_was_adopted():
    """A record as it was taken in has no writers."""
    assert _blame(BASE, ("text",), "Use port 27017") == []
    assert summary(BASE, "kkkkkkkk") is None
    assert publications(BASE, "kkkkkkkk") == []


def test_an_edit_keeps_a_digest_not_the_value():
    """The summary names place, moment, author and reason, and a digest of what was written."""
    note = edit("i", PORT, "secret", Writer("t", "s", "A", "why"))
    assert note | {"value": ""} == {
        "instruction": "i", "path": ["parameters", "port"], "value": "", "at": "t", "author": "A", "why": "why",
    }  # fmt: skip
    assert "secret" not in str(note)
    assert blame(BASE, "i", VersionVector({"unknowns": 1}), PORT, "x") == ()


def test_a_summary_that_names_nobody_is_nobodys():
    """One without an author, as a store of another program may have it, is still read."""
    text = (
        '{"session": "s", "publications": [{"count": 1, "published": "p", "base": null, "seal": "", '
        '"edits": [{"instruction": "i", "path": ["text"], "value": "%s", "at": "t"}]}]}'
    )
    head = BASE.with_({(SESSIONS, "tttttttt"): text % digest("x")})
    writers = blame(head, "i", VersionVector({"tttttttt": 1}), ("text",), "x")
    assert writers == (Writer("t", "s", "", "", "p"),)


def test_what_nobody_else_signed_is_the_sessions_authors():
    """An edit without an author of its own was made by whom the summary names."""
    session = incoming(BASE, [("set", "inst_001", PORT, "1")], "k")
    wrote = edit("inst_001", PORT, "1", Writer("t", "k"))
    assert wrote.keys() == {"instruction", "path", "value", "at"}
    publication = Publication(1, "p", None, "", {}, (wrote,))
    head = BASE.with_({(SESSIONS, session.tag): with_publication(BASE, session, publication)})
    writers = blame(head, "inst_001", VersionVector({session.tag: 1}), PORT, "1")
    assert writers == (Writer("t", "k", "k <k@x>", "", "p"),)


def test_nobody_is_blamed_for_another_instruction():
    """A session that wrote the same value at the same place of another one is not named."""
    done = [("set", "inst_002", ("text",), "x"), ("set", "inst_001", PORT, "1")]
    head = merged(BASE, incoming(BASE, done, "k"))
    assert _blame(head, ("text",), "x") == []
    assert _blame(head, PORT, "1") == ["k"]


def test_a_publication_reads_back_and_names_renames_only_where_there_are_some():
    """What is stored for good holds no empty words."""
    session = incoming(BASE, [], "k")
    head = BASE
    told = [Publication(1, "p", None, "s", {}, ()), Publication(2, "q", "v", "t", {"a": "b"}, ())]
    for publication in told:
        text = with_publication(head, session, publication)
        head = head.with_({(SESSIONS, session.tag): text})
    assert publications(head, session.tag) == told
    assert ["renamed" in publication.to_json() for publication in told] == [False, True]


def test_numbers_are_kept_with_the_summary():
    """Where a session publishes its numbers, the newest stand beside its publications."""
    done = Publication(1, "2026-01-01T00:00:00.000Z", None, "seal", {}, ())
    one = Incoming("s", "aaaa0001", "Jo", "", {}, {}, metrics={"pressure_score": 14.7})
    text = with_publication(State(), one, done)
    there = State({("sessions", "aaaa0001"): text})
    two = Incoming("s", "aaaa0001", "Jo", "", {}, {}, metrics={"pressure_score": 42.5})
    found = summary(
        State({("sessions", "aaaa0001"): with_publication(there, two, done)}), "aaaa0001"
    )
    assert found["metrics"] == {"pressure_score": 42.5}
    silent = Incoming("s", "aaaa0002", "Jo", "", {}, {})
    assert "metrics" not in with_publication(State(), silent, done)


def test_who_wrote_some_places_is_told_by_the_nearest_publication():
    """By itself, else above or below it, else with the whole record; of no place, as a record."""
    head = merged(BASE, incoming(BASE, [("add", "inst_900", (), "Count the trays")], "k"))
    head = merged(head, incoming(head, [("set", "inst_900", ("notes",), "twice")], "m"))

    def wrote(*places, name="inst_900"):
        return [writer.session for writer in blame_places(head, name, places)]

    assert wrote(("notes",)) == ["m"]
    assert wrote(("text",)) == ["k"]
    assert sorted(wrote(("text",), ("notes",))) == ["k", "m"]
    assert wrote(("notes",), name="inst_901") == []
    assert wrote(("text",), name="inst_001") == []
    assert wrote() == [writer.session for writer in blame_record(head, "inst_900")]


class _Edit(Struct):
    instruction: str | None
    path: list[str]
    value: str
    at: str
    author: str = ""
    why: str = ""


class _Publication(Struct):
    count: Annotated[int, Meta(gt=0, lt=10**9)]
    published: str
    base: str | None
    seal: str
    edits: list[_Edit]
    renamed: dict[str, str] = {}


class _Summary(Struct):
    """What a summary must look like, told in another way."""

    session: str
    tag: str
    publications: Annotated[list[_Publication], Meta(min_length=1)]
    agent: str = ""
    author: str = ""


WROTE = {"instruction": None, "path": ["text"], "value": "d", "at": "t", "author": "A", "why": ""}
DONE = {"count": 1, "published": "p", "base": None, "seal": "s", "edits": [WROTE], "renamed": {}}
WHOLE = {"session": "s", "tag": "t", "agent": "", "author": "", "publications": [DONE], "more": 1}
PLACES = [
    *((name,) for name in WHOLE),
    *(("publications", 0, name) for name in (*DONE, "undoes")),
    *(("publications", 0, "edits", 0, name) for name in WROTE),
    *(("publications", 0), ("publications", 0, "edits", 0), ("publications", 0, "renamed", "a")),
    ("publications", 0, "edits", 0, "path", 0),
    (),
]
GONE = object()


def changed(value, place, to):
    """The value with something else at that place, or with nothing."""
    if not place:
        return to
    step, rest = place[0], place[1:]
    if not rest and to is GONE:
        kept = enumerate(value) if isinstance(value, list) else value.items()
        left = {key: item for key, item in kept if key != step}
        return list(left.values()) if isinstance(value, list) else left
    whole = value.copy()
    whole[step] = changed(value.get(step) if isinstance(value, dict) else value[step], rest, to)
    return whole


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "to", [GONE, None, True, 0, -1, 7, 10**9, "x", "", [], ["x"], [1], {}, {"a": "b"}, {"a": 1}]
)
def test_what_is_no_summary(place, to):
    """The same are refused as by a library that is told the shape; of those the fault is told."""
    value = WHOLE if not place and to is GONE else changed(WHOLE, place, to)
    try:
        convert(value, _Summary)
    except ValidationError:
        assert fault(value)
    else:
        assert fault(value) == ""


@pytest.mark.parametrize(
    ("place", "to", "why"),
    [
        ((), [], "it is no object"),
        (("tag",), GONE, 'it has no "tag"'),
        (("author",), None, 'it has a "author" of the wrong type'),
        (("publications",), [], "it has no publications"),
        (("publications", 0), 1, "one of its publications is no object"),
        (("publications", 0, "count"), True, 'one of its publications has a "count" of the wrong type'),
        (("publications", 0, "count"), 10**9,
         'one of its publications has a "count" that no version vector can have'),
        (("publications", 0, "renamed"), {"a": 1},
         'one of its publications has a "renamed" that names no ids'),
        (("publications", 0, "edits", 0, "at"), GONE, 'one of its edits has no "at"'),
        (("publications", 0, "edits", 0, "path"), [0], 'one of its edits has a "path" that is none'),
    ],
)  # fmt: skip
def test_the_fault_of_a_summary(place, to, why):
    """What is wrong is said, and where."""
    assert fault(changed(WHOLE, place, to)) == why
