"""What others have written, seen at a glance: no less than a whole reading of both files finds."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from tractatus_merge.sessions import unpublished

words = st.text("ab{}[]\",\\\n 'é", max_size=6)
records = st.dictionaries(st.sampled_from(["text", "notes", "parameters"]), words | st.just({}))
histories = st.dictionaries(st.sampled_from([f"i{n}" for n in range(6)]), records, max_size=6)
layouts = st.sampled_from(
    [
        lambda said: json.dumps(said, indent=2),
        lambda said: json.dumps(said, indent="\t", ensure_ascii=False).replace("\n", "\r\n"),
        json.dumps,
        lambda said: json.dumps(said).replace("}, {", "},\n{"),
    ]
)


def file_of(history, order, layout, header) -> str:
    """A file of these instructions."""
    rows = [{"id": name, **history[name]} for name in order if name in history]
    return str(layout({"version": "1.0", "last_updated": header, "instructions": rows}))


def differing(one: str, other: str):
    """What stands in one of two files otherwise than in the other, by a whole reading."""
    old, new = unpublished._records(one), unpublished._records(other)
    return {name: (old.get(name), new[name]) for name in new if old.get(name) != new[name]}


@given(
    histories, st.lists(st.tuples(st.sampled_from([f"i{n}" for n in range(8)]), records)),
    st.permutations([f"i{n}" for n in range(8)]), layouts, layouts, st.booleans(),
)  # fmt: skip
@example({"i1": {}}, [("i2", {})], [f"i{n}" for n in range(8)], json.dumps, json.dumps, False)
def test_no_draft_is_missed_and_none_is_made_up(before, edits, order, first, second, dated):
    """Whatever was edited, added, taken out or moved, and however the files are laid out."""
    after = {
        name: said for name, said in before.items() if len(name) % 2 or name not in dict(edits)
    }
    after |= dict(edits)
    one = file_of(before, sorted(before), first, "then")
    other = file_of(after, order, second, "now" if dated else "then")
    old, new = unpublished._fresh(one, other)
    found = {name: (old.get(name), new[name]) for name in new if old.get(name) != new[name]}
    assert found == differing(one, other)


@given(st.text("ab", max_size=20), st.text("ab", max_size=20))
def test_what_two_texts_have_in_common(one, other):
    """At their starts, and at their ends."""
    same = unpublished._common(one, other)
    assert one[:same] == other[:same]
    assert same == min(len(one), len(other)) or one[same] != other[same]
    assert unpublished._common(one, other, step=-1) == unpublished._common(one[::-1], other[::-1])


def test_few_records_of_many_are_read():
    """One that was edited, and one that was added, among ten thousand."""
    rows = [{"id": f"i{n}", "text": f"Rule {n}"} for n in range(10_000)]
    one = json.dumps({"version": "1.0", "instructions": rows}, indent=2)
    rows[9_000] = {"id": "i9000", "text": "Another"}
    other = json.dumps({"version": "1.0", "instructions": [*rows, {"id": "new"}]}, indent=2)
    old, new = unpublished._fresh(one, other)
    assert new == {"i9000": {"id": "i9000", "text": "Another"}, "new": {"id": "new"}}
    assert {"i9000"} <= old.keys() <= {"i9000", "i9999"}
    assert sum(map(len, unpublished._apart(one, other))) < 0.3 * len(one)
