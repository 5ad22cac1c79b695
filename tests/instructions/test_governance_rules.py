"""The framework's collection: instructions as rules and back, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import same
from tractatus_merge.errors import RequestError
from tractatus_merge.instructions.governance_rules import changes, counterpart, untaken, write

INSTRUCTION = {
    "id": "inst_001",
    "text": "Never log tokens — jamais",
    "timestamp": "2025-10-06T10:00:00Z",
    "quadrant": "SYSTEM",
    "persistence": "HIGH",
    "temporal_scope": "PERMANENT",
    "verification_required": "MANDATORY",
    "explicitness": 0.9,
    "source": "user",
    "parameters": {"port": "27017", "source": "user", "expires_at": "2026-01-31T08:00:00Z"},
    "expires_at": "2026-01-31T08:00:00.5Z",
    "created_by": "Jo",
    "related_rules": ["inst_002"],
    "active": True,
    "notes": "",
}
RULE = {
    "_id": {"$oid": "68e3f0c2a1b2c3d4e5f60718"},
    "id": "inst_002",
    "text": "Ask first",
    "scope": "PROJECT_SPECIFIC",
    "applicableProjects": ["*"],
    "variables": [],
    "quadrant": "STORAGE",
    "persistence": "LOW",
    "category": "other",
    "priority": 50,
    "temporalScope": "IMMEDIATE",
    "expiresAt": None,
    "clarityScore": None,
    "usageStats": {"lastUsed": {"$date": "2025-10-11T00:00:00Z"}},
    "active": False,
    "source": "framework_default",
    "createdBy": "system",
    "relatedRules": [],
    "createdAt": {"$date": "2025-10-11T00:00:00.123Z"},
    "__v": 0,
}


def lines(*rules: object) -> str:
    """What mongoexport writes."""
    return "".join(f"{json.dumps(rule)}\n" for rule in rules)


def records(*contents: dict) -> dict[str, Record]:
    """Instructions by id."""
    return {content["id"]: Record.of(content) for content in contents}


def test_an_instruction_has_the_names_and_dates_of_a_rule():
    """The framework's names and a date for the expiry; what it does not know is as it was."""
    (rule,) = map(json.loads, write(records(INSTRUCTION)).decode().splitlines())
    renamed = {"temporal_scope", "expires_at", "created_by", "related_rules"}
    assert rule == {
        **{key: value for key, value in INSTRUCTION.items() if key not in renamed},
        "source": "user_instruction",
        "temporalScope": "PERMANENT",
        "expiresAt": {"$date": "2026-01-31T08:00:00.5Z"},
        "createdBy": "Jo",
        "relatedRules": ["inst_002"],
    }


def test_a_rule_has_the_names_of_an_instruction():
    """And keeps what only the framework knows, its `_id` too."""
    (found,) = changes(lines(RULE), "f", {}).values()
    assert (found["temporal_scope"], found["source"]) == ("IMMEDIATE", "framework")
    assert (found["_id"], found["createdAt"]) == (RULE["_id"], RULE["createdAt"])
    assert not {"temporalScope", "expiresAt", "createdBy", "relatedRules"} & found.keys()


def test_rules_imported_and_exported_are_the_same_rules():
    """Of a collection nothing is lost on the way through a history."""
    dated = {**RULE, "id": "d", "expiresAt": {"$date": "2026-01-31T08:00:00Z"}}
    found = changes(lines(RULE, dated), "f", {})
    back = write({name: Record.of(content) for name, content in found.items()})
    assert list(map(json.loads, back.decode().splitlines())) == [RULE, dated]


@pytest.mark.parametrize(
    "text", ["2026-02-31T08:00:00Z", "2026-01-31", "2026-01-31T08:00:00.1234Z", "soon", ""]
)
def test_what_is_no_moment_of_a_database_stays_a_text(text):
    """Else mongoimport would refuse the file, or cut off digits."""
    assert counterpart({"expires_at": text}) == {"expiresAt": text}
    assert counterpart({"expiresAt": {"$date": text}}) == {"expires_at": {"$date": text}}


def test_a_stamp_is_neither_exported_nor_imported():
    """It says which version of the history a record is: a database cannot know that."""
    stamped = {**INSTRUCTION, "version_vector": "+7f3a91c2:1 #9c1e0b42"}
    assert b"version_vector" not in write(records(stamped))
    (found,) = changes(lines({**RULE, "version_vector": "x"}), "f", {}).values()
    assert "version_vector" not in found


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(
        ["2026-01-31T08:00:00Z", "2026-02-31T08:00:00Z", "2026-01-31", "user", "framework",
         "user_instruction", "framework_default"]
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["$date", "a"]), inner),
    max_leaves=5,
)  # fmt: skip
keys = st.sampled_from(
    ["temporalScope", "expires_at", "expiresAt", "created_by", "createdBy", "source",
     "related_rules", "relatedRules", "priority", "_id", "$date"]
)  # fmt: skip


@given(st.dictionaries(keys, odd))
def test_twice_the_counterpart_is_the_same_again(content):
    """Whatever names and values stand on either side: nothing gets lost, the order stays."""
    there = counterpart(content)
    assert len(there) == len(content)
    assert json_text.dump(counterpart(there)) == json_text.dump(content)


@given(st.dictionaries(keys, odd))
def test_what_was_exported_imports_as_no_change(content):
    """Into the history it is from; and into an empty one as the same instruction."""
    content = {"id": "inst_001", "text": "Words", **content}
    if not isinstance(content.get("source"), str):
        content["source"] = "user"
    content.pop("temporalScope", None)
    here = records(content)
    text = write(here).decode()
    assert changes(text, "f", here) == {}
    assert same(changes(text, "f", {}), {"inst_001": content})


@pytest.mark.parametrize("text", ["", " \n", "[]", "[ ]\n"])
def test_an_empty_collection_changes_nothing(text):
    """Absence deletes nothing."""
    assert changes(text, "f", records(INSTRUCTION)) == {}


def test_lines_and_arrays_are_read_alike():
    """As mongoexport writes them, with --jsonArray and with --pretty."""
    usual = changes(lines(RULE, INSTRUCTION), "f", {})
    assert list(usual) == ["inst_002", "inst_001"]
    for text in (
        json.dumps([RULE, INSTRUCTION]),
        json.dumps([RULE, INSTRUCTION], indent=2),
        "\n".join(json.dumps(rule, indent=2) for rule in (RULE, INSTRUCTION)),
        lines(RULE, INSTRUCTION).replace("\n", "\r\n\r\n"),
    ):
        assert changes(text, "f", {}) == usual


def test_only_what_a_rule_says_otherwise_is_changed():
    """A field that a rule lacks stays, as when the framework's own script filled the collection."""
    rule = {"id": "inst_001", "text": "Never log secrets", "temporalScope": "PERMANENT"}
    here = records(INSTRUCTION, {"id": "other", "text": "t"})
    wanted = {**INSTRUCTION, "text": "Never log secrets"}
    assert changes(lines(rule), "f", here) == {"inst_001": wanted}


def test_a_database_spells_numbers_and_moments_its_own_way():
    """That is no edit; another number or moment is one, in the spelling that came."""
    text = (
        '{"id": "a", "text": "t", "share": 0.90, "wide": 9007199254740993,'
        ' "expires_at": "2026-01-31T08:00:00.000Z"}'
    )
    here = {"a": Record(text)}
    rule = '{"id":"a","text":"t","share":0.9,"wide":9007199254740992,"expiresAt":{"$date":"%s"}}'
    assert changes(rule % "2026-01-31T08:00:00Z", "f", here) == {}
    (found,) = changes(rule % "2026-01-31T09:00:00Z", "f", here).values()
    assert found["expires_at"] == "2026-01-31T09:00:00Z"
    assert str(found["wide"]) == "9007199254740993"


def test_what_was_odd_before_stops_nothing():
    """Only what a rule makes odd is refused."""
    here = records({"id": "a", "text": "t", "quadrant": "ODD", "persistence": "HIGH"})
    rule = {"id": "a", "text": "u", "quadrant": "ODD"}
    assert changes(lines(rule), "f", here)["a"]["text"] == "u"
    with pytest.raises(RequestError, match=r'f, line 1, record 1 \(a\): its persistence is "ODD"'):
        changes(lines({**rule, "persistence": "ODD"}), "f", here)


DEEP = '{"id": "a", "text": "t", "x": ' + "[" * 100 + "]" * 100 + "}"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('{"id": "a", ', "f, line 2, record 2: "),
        ("7", "f, line 2, record 2: it is no object"),
        (DEEP, "f, line 2, record 2: objects and lists nest deeper than 100 levels"),
        ('{"text": "t"}', "f, line 2, record 2: its id is no text of at most 120 bytes"),
        ('{"id": " ", "text": "t"}', "f, line 2, record 2: its id is no text"),
        (lines({"id": "é" * 61, "text": "t"}), "f, line 2, record 2: its id is no text"),
        ('{"id": "a"}', "f, line 2, record 2 (a): it says nothing"),
        ('{"id": "a", "text": 7}', "f, line 2, record 2 (a): its text is 7, not a string"),
        ('{"id": "inst_002", "text": "t"}', "record 2 (inst_002): line 1 has the same id"),
        (
            '{"id": "a", "text": "t", "priority": {"$numberInt": "50"}}',
            "its priority is in the canonical form; export it with --jsonFormat=relaxed",
        ),
    ],
)
def test_what_is_no_rule_is_refused_with_line_and_record(bad, said):
    """Whatever came before it."""
    with pytest.raises(RequestError) as refused:
        changes(lines(RULE) + bad, "f", {})
    assert said in str(refused.value)
    assert refused.value.hint


def test_an_id_of_just_the_longest_length_is_one():
    """In bytes, as the history has it."""
    assert len(changes(lines({"id": "é" * 60, "text": "t"}), "f", {})) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[\n{"id": "a", "text": "t"},\n{"id": }]', "f, line 3: "),
        ('[\n{"id": "a", "text": "t"},\n7]', "f, line 3, record 2: it is no object"),
        ("[\n7]", "f, line 2: it is no object"),
        ('[{"id": "a", "text": "t"}]\nx', "f, line 2: more text"),
    ],
)
def test_what_is_wrong_in_an_array_is_refused_with_its_line(text, said):
    """And with its number, where those before it could be read."""
    with pytest.raises(RequestError) as refused:
        changes(text, "f", {})
    assert str(refused.value).startswith(said)


def test_what_the_frameworks_model_does_not_save_is_told():
    """Its words are fewer than those of its files; and it needs a text."""
    assert untaken(records({**INSTRUCTION, "category": None}, counterpart(RULE))) == []
    other = {"id": "b", "title": "T", "quadrant": "STOCHASTIC", "temporal_scope": "TASK"}
    assert untaken(records({**other, "persistence": "HIGH", "source": "inferred"})) == [
        "b has no text",
        'b quadrant "STOCHASTIC"',
        'b temporalScope "TASK"',
        'b source "inferred"',
    ]
