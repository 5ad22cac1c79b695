"""Two records of one id: which gives way, under which id, and what follows it."""

from __future__ import annotations

import pytest

from tests.laws.sessions import contents_of
from tractatus_merge.core.model.conflict import FIELD, MEANING, Conflict, Side, conflict_id
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolution_prefix
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS, SESSIONS, State
from tractatus_merge.core.model.summaries import publications
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.collisions import Rename, collisions, with_renames
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, digest

KEPT, OLD, NEW = "keeper01", "inst_010", "inst_010_gives001"
GIVES = "gives001"


def made_by(*tags, **counts):
    """The vector of a record that these tags created."""
    return VersionVector({**dict.fromkeys(tags, 1), **counts}, frozenset(tags))


def wrote(name, path, value):
    """One place that a session wrote."""
    return {"instruction": name, "path": list(path), "value": digest(value), "at": ""}


def publication(count, published, *edits, **more):
    """One publication of a session."""
    return {
        "count": count, "published": published, "base": None, "seal": f"s{count}", **more,
        "edits": list(edits),
    }  # fmt: skip


def state_of(records, summaries=()):
    """A state of (content, vector) records and of the sessions' publications by tag."""
    items = {
        (INSTRUCTIONS, content["id"]): Record("{}").published(content, vector).text
        for content, vector in records
    }
    for tag, told in dict(summaries).items():
        items[SESSIONS, tag] = json_text.dump({"session": tag, "publications": told})
    return State(items)


def head(tag, published, *records, name=OLD):
    """A head in which the tag created the record at a time."""
    content = {"id": name, "text": f"by {tag}"}
    told = [publication(1, published, wrote(name, (), content))]
    return state_of([(content, made_by(tag)), *records], {tag: told})


def renamed(first, second, base=None):
    """Old and new ids of what gives way, and who created it."""
    return [(r.old, r.new, sorted(r.creators)) for r in collisions(base, first, second)]


def test_what_was_published_first_keeps_its_id():
    """Whichever head is asked first; at one instant the smaller tag's does."""
    early, late = head("zzzzzzzz", "2025-01-01"), head("aaaaaaaa", "2025-01-02")
    gives = [(OLD, "inst_010_aaaaaaaa", ["aaaaaaaa"])]
    assert renamed(early, late) == renamed(late, early) == gives
    at_once = head("aaaaaaaa", "2025-01-01")
    gives = [(OLD, "inst_010_zzzzzzzz", ["zzzzzzzz"])]
    assert renamed(early, at_once) == renamed(at_once, early) == gives
    (rename,) = collisions(None, early, late)
    assert (rename.loser, rename.winner) == (made_by("aaaaaaaa"), made_by("zzzzzzzz"))


def test_only_the_publication_of_the_whole_record_tells_when_it_was_created():
    """Not one of another record, nor an earlier one of a place in an earlier record of that id."""
    content = {"id": OLD, "text": "late"}
    told = [
        publication(1, "2025-01-01", wrote("inst_009", (), {})),
        publication(2, "2025-01-02", wrote(OLD, ("text",), "x")),
        publication(3, "2025-01-04", wrote(OLD, (), content)),
    ]
    late = state_of([(content, made_by("aaaaaaaa"))], {"aaaaaaaa": told})
    assert renamed(head("zzzzzzzz", "2025-01-03"), late) == [
        (OLD, "inst_010_aaaaaaaa", ["aaaaaaaa"])
    ]


def test_a_creator_without_a_summary_comes_last():
    """Of several creators the first counts, and gives its name."""
    content = {"id": OLD, "text": "x"}
    told = {"bbbbbbbb": [publication(1, "2025-01-02", wrote(OLD, (), content))]}
    both = state_of([(content, made_by("aaaaaaaa", "bbbbbbbb"))], told)
    gives = [(OLD, "inst_010_bbbbbbbb", ["aaaaaaaa", "bbbbbbbb"])]
    assert renamed(head("zzzzzzzz", "2025-01-01"), both) == gives


def test_an_adopted_record_keeps_its_id_before_all():
    """Nobody published it."""
    adopted = state_of([({"id": OLD, "text": "adopted"}, VersionVector())])
    created = head("aaaaaaaa", "2025-01-01")
    gives = [(OLD, "inst_010_aaaaaaaa", ["aaaaaaaa"])]
    assert renamed(adopted, created) == renamed(created, adopted) == gives
    assert renamed(adopted, created, base=adopted) == []
    assert renamed(adopted, state_of([({"id": OLD, "text": "b"}, VersionVector())])) == []


def test_versions_of_one_record_are_no_collision():
    """One creator in common is enough, or what they say; others still collide, each of its own."""
    names = "inst_001", "inst_002", "inst_003"
    first = state_of(
        [({"id": name, "text": "a"}, made_by("aaaaaaaa", "cccccccc")) for name in names[:1]]
        + [({"id": name, "text": "a"}, made_by("aaaaaaaa")) for name in names[1:]]
    )
    second = state_of(
        [({"id": "inst_001", "text": "b"}, made_by("bbbbbbbb", "cccccccc")),
         ({"id": "inst_002", "text": "a"}, made_by("bbbbbbbb")),
         ({"id": "inst_003", "text": "b"}, made_by("bbbbbbbb")),
         ({"id": "inst_004", "text": "b"}, made_by("bbbbbbbb"))]
    )  # fmt: skip
    gives = [("inst_003", "inst_003_bbbbbbbb", ["bbbbbbbb"])]
    assert renamed(first, second) == renamed(second, first) == gives


@pytest.mark.parametrize("turned", [False, True])
def test_the_new_id_is_one_that_neither_head_has(turned):
    """But the record itself may have given way already in the other head: then it is the same."""
    early = head(KEPT, "2025-01-01")
    late = head(GIVES, "2025-01-02")
    other = {"id": NEW, "text": "other"}, made_by("otherone")
    itself = {"id": NEW, "text": f"by {GIVES}"}, made_by(GIVES)
    for one, two, new in [
        (early, late, NEW),
        (head(KEPT, "2025-01-01", other), late, f"{NEW}_2"),
        (early, head(GIVES, "2025-01-02", other), f"{NEW}_2"),
        (head(KEPT, "2025-01-01", itself), late, NEW),
    ]:
        heads = (two, one) if turned else (one, two)
        assert [found for _, found, _ in renamed(*heads)] == [new]


def test_a_publication_is_of_the_record_that_gives_way_or_of_the_one_that_keeps_the_id():
    """What both vectors count was of the one that keeps it."""
    rename = Rename(OLD, NEW, frozenset({GIVES}), made_by(GIVES, n=3), made_by(KEPT, n=1))
    assert [rename.is_of("n", count) for count in (1, 2, 3, 4)] == [False, True, True, False]
    assert (rename.is_of(GIVES, 1), rename.is_of(KEPT, 1)) == (True, False)


def rename_of(creators=(GIVES,), **counts):
    """The record gives way."""
    return Rename(OLD, NEW, frozenset(creators), made_by(*creators, **counts), made_by(KEPT))


def moved(contents, *edits, **more):
    """A state in which the record has given way; its creator wrote these records and places."""
    vectors = {OLD: made_by(GIVES)}
    records = [(c, vectors.get(c["id"], VersionVector({GIVES: 1}))) for c in contents]
    told = [publication(1, "2025-01-02", *edits, renamed={"x": "y"}, **more)]
    return with_renames(state_of(records, {GIVES: told}), [rename_of()])


def test_a_head_that_has_no_such_record_is_told_as_it_is():
    """Nor one in which another record has the id."""
    for records in ([], [({"id": OLD, "text": "kept"}, made_by(KEPT))]):
        state = state_of(records)
        assert with_renames(state, [rename_of()]) is state


def test_conflicts_and_answers_move_with_the_record():
    """Under ids of the new place; what is another record's stays."""
    state = state_of([({"id": OLD, "text": "v"}, made_by(GIVES))])
    conflicts = [
        Conflict(conflict_id(name, ("text",), ()), FIELD, name, ("text",), "MINOR",
                 Side("b", "v"), (Side("b", "u"),))
        for name in (OLD, "inst_002")
    ]  # fmt: skip
    answers = {
        (RESOLUTIONS, f"{resolution_prefix(name)}1"): json_text.dump(
            {"id": f"{resolution_prefix(name)}1", "instruction": name, "path": ["text"]}
        )
        for name in (OLD, "inst_002")
    }
    told = {(CONFLICTS, c.id): json_text.dump(c.to_json()) for c in conflicts}
    state = with_renames(state.with_({**told, **answers}), [rename_of()])
    found = {c.instruction: c for c in open_conflicts(state)}
    assert set(found) == {NEW, "inst_002"}
    assert found[NEW].id == conflict_id(NEW, ("text",), ())
    assert sorted(state.names(CONFLICTS)) == sorted(c.id for c in found.values())
    names = {name: f"{resolution_prefix(name)}1" for name in (NEW, "inst_002")}
    assert state.names(RESOLUTIONS) == sorted(names.values())
    for name, answer in names.items():
        assert json_text.parse(state.get(RESOLUTIONS, answer)) == {
            "id": answer, "instruction": name, "path": ["text"],
        }  # fmt: skip


def test_a_contradiction_moves_with_the_record():
    """On whichever side of it the record stands; a contradiction of others stays."""
    state = state_of([({"id": OLD, "text": "v"}, made_by(GIVES))])

    def about(one, other):
        sides = [Side(MISSING, {"instruction": name, "says": "v"}) for name in (one, other)]
        path = ("meaning", other, "tabs")
        return Conflict(f"m-{one}-{other}", MEANING, one, path, "MINOR", sides[0], (sides[1],))

    told = [about(OLD, "inst_002"), about("inst_002", OLD), about("inst_002", "inst_003")]
    kept = {(CONFLICTS, c.id): json_text.dump(c.to_json()) for c in told}
    state = with_renames(state.with_(kept), [rename_of()])
    found = [
        (c.instruction, c.path[1], *(side.value["instruction"] for side in c.all_sides))
        for c in open_conflicts(state)
    ]
    assert sorted(found) == sorted(
        (one, other, one, other)
        for one, other in ((NEW, "inst_002"), ("inst_002", NEW), ("inst_002", "inst_003"))
    )


def test_a_publication_tells_the_new_id_beside_those_that_it_told():
    """And names the record by it."""
    content = {"id": OLD, "text": "x"}
    state = moved([content], wrote(OLD, (), content), wrote("inst_002", (), {}))
    (told,) = publications(state, GIVES)
    assert told.renamed == {"x": "y", OLD: NEW}
    assert [edit["instruction"] for edit in told.edits] == [NEW, "inst_002"]


def test_every_mention_that_the_creator_s_session_wrote_follows():
    """In the record itself, in others whole and in several places; the summary tells the new."""
    itself = {"id": OLD, "text": f"see {OLD}", "notes": f"{OLD} again"}
    written = {"id": OLD, "text": f"see {OLD}"}
    other = {"id": "inst_011", "text": f"see {OLD}"}
    third = {"id": "inst_001", "text": f"as {OLD}", "notes": f"not {OLD}"}
    state = moved(
        [itself, other, third],
        wrote("gone", (), {}),
        wrote(None, ("description",), OLD),
        wrote(OLD, ("notes",), itself["notes"]),
        wrote("inst_011", (), other),
        wrote("inst_001", ("text",), third["text"]),
        wrote("inst_001", ("notes",), third["notes"]),
    )
    expected = {
        NEW: {"id": NEW, "text": f"see {OLD}", "notes": f"{NEW} again"},
        "inst_011": {"id": "inst_011", "text": f"see {NEW}"},
        "inst_001": {"id": "inst_001", "text": f"as {NEW}", "notes": f"not {NEW}"},
    }
    assert contents_of(state) == expected
    values = [edit["value"] for edit in publications(state, GIVES)[0].edits]
    now = f"{NEW} again", expected["inst_011"], f"as {NEW}", f"not {NEW}"
    assert values == [digest({}), digest(OLD), *map(digest, now)]
    state = moved([written], wrote(OLD, (), written))
    told = {"id": NEW, "text": f"see {NEW}"}
    assert contents_of(state) == {NEW: told}
    assert publications(state, GIVES)[0].edits[0]["value"] == digest(told)


def test_what_does_not_mention_it_or_was_written_by_others_is_left_alone():
    """Not a byte of it is changed."""
    contents = [
        {"id": OLD, "text": "x"},
        {"id": "inst_001", "text": "no mention"},
        {"id": "inst_002", "text": f"{OLD}, as somebody else wrote"},
    ]
    edits = [wrote("inst_001", ("text",), "no mention"), wrote("inst_002", ("text",), OLD)]
    state = moved(contents, *edits)
    assert {name for kind, name in state.changed if kind == INSTRUCTIONS} == {OLD, NEW}
    assert publications(state, GIVES)[0].edits == tuple(edits)
