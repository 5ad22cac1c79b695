"""A commit's version of the file as the next version of the shared state."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model import imported, summaries
from tractatus_merge.core.model.conflict import Writer
from tractatus_merge.core.model.state import SESSIONS, State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.instructions import commits, conversion, history_file
from tractatus_merge.instructions.commits import Commit
from tractatus_merge.instructions.history_file import Document

NONE = VersionVector()


def document(*records: dict, **header: object) -> Document:
    """A history file, read."""
    text = json.dumps({"version": "1.0", **header, "instructions": list(records)}, indent=2)
    return history_file.read(text.encode(), "history.json")


def rule(name: str, **more: object) -> dict:
    """An instruction."""
    return {"id": name, **more}


def commit(number: int, day: int = 0) -> Commit:
    """The commit of that number; each has an author of its own."""
    moment = f"2025-01-{day or number + 1:02d}T00:00:00.000Z"
    return Commit(f"{number:040x}", f"Writer {number} <>", moment, moment, f"message {number}")


def published(*documents: Document, days: dict[int, int] | None = None) -> list[State]:
    """The state after each document, as a line of commits makes it."""
    states, before, state = [], None, State()
    for number, after in enumerate(documents):
        by = commit(number, (days or {}).get(number, 0))
        wrote = list(commits.edits(before, after, by))
        planned, entry = commits.next_version(state, after, by, wrote, number)
        items = {key: planned.get(*key) or "" for key in planned}
        state = State(items, f"v{number}", entry.time)
        states.append(state)
        before = after
    return states


def blamed(state: State, name: str | None, path: tuple[str, ...], value: object) -> list[str]:
    """Whom a state names for a value at a place."""
    return [w.author.split()[1] for w in summaries.blame(state, name, NONE, path, value)]


RECORDS = st.dictionaries(
    st.sampled_from("abc"), st.dictionaries(st.sampled_from("xy"), st.integers(0, 2)), max_size=3
)


@given(st.lists(RECORDS, min_size=1, max_size=6))
def test_each_state_shows_its_document_and_nothing_else(versions):
    """To the byte, whatever came before: what is not in the file is not in the state."""
    documents = [
        document(*(rule(name, **more) for name, more in records.items()), count=len(records))
        for records in versions
    ]
    for state, wanted in zip(published(*documents), documents, strict=True):
        shown = conversion.document_of(state)
        assert history_file.write(shown) == history_file.write(wanted)
        assert not any(record.stamped for record in shown.records.values())


@given(st.lists(RECORDS, min_size=1, max_size=6))
def test_each_field_is_blamed_on_the_commit_that_wrote_it_last(versions):
    """Compared with a naive twin that keeps a writer beside every field."""
    documents = [document(*(rule(n, **more) for n, more in one.items())) for one in versions]
    writers: dict[tuple[str, str], int] = {}
    for number, records in enumerate(versions):
        before = versions[number - 1] if number else {}
        for name, fields in records.items():
            for field, value in fields.items():
                if name not in before or before[name].get(field) != value:
                    writers[name, field] = number
    state = published(*documents)[-1]
    for name, fields in versions[-1].items():
        for field, value in fields.items():
            assert blamed(state, name, (field,), value) == [str(writers[name, field])]


def test_a_record_is_blamed_as_a_whole_on_who_wrote_any_of_it():
    """On who added it, while it stands so; on who wrote in it since."""
    documents = [
        document(rule("a", x={"y": 1, "z": 1})),
        document(rule("a", x={"y": 2, "z": 1})),
        document(rule("a", x={"y": 2, "z": 3})),
    ]
    states = published(*documents)
    whole = [state.content("a") for state in states]
    assert blamed(states[0], "a", (), whole[0]) == ["0"]
    assert blamed(states[2], "a", (), whole[2]) == ["1", "2"]
    assert blamed(states[2], "a", ("x",), whole[2]["x"]) == ["1", "2"]
    assert blamed(states[2], "a", ("id",), "a") == ["0"]
    assert blamed(states[2], "b", ("id",), "b") == []


def test_the_header_is_blamed_too():
    """A key of the file's header, on the commit that changed it."""
    states = published(document(), document(last_updated="today"))
    assert blamed(states[1], None, ("last_updated",), "today") == ["1"]


def test_times_do_not_go_back():
    """A commit that says it is older is published when the one before was."""
    states = published(document(), document(rule("a")), days={0: 9, 1: 3})
    assert [state.time[:10] for state in states] == ["2025-01-09", "2025-01-09"]


def test_what_another_commit_brought_is_told_as_its_work():
    """The merge's own edits are those that no commit before it made; each names its commit."""
    before, after = document(rule("a", x=1)), document(rule("a", x=2, y=3))
    side = [
        {**edit, imported.COMMIT: commit(7).oid}
        for edit in commits.edits(before, document(rule("a", x=2)), commit(7))
    ]
    own = list(commits.without_known(commits.edits(before, after, commit(1)), side))
    assert [edit["path"] for edit in own] == [["y"]]
    (start,) = published(before)
    planned, _ = commits.next_version(start, after, commit(1), [*side, *own], 1)
    (writer,) = summaries.blame(planned, "a", NONE, ("x",), 2)
    assert (writer.session, writer.author) == (imported.session(commit(7).oid), "Writer 7 <>")
    (writer,) = summaries.blame(planned, "a", NONE, ("y",), 3)
    assert writer.session == imported.session(commit(1).oid)


def test_commits_share_summaries_in_their_order():
    """64 in each: what the line keeps grows with what was written, and stays in few records."""
    states = published(
        *(document(rule("a", x=number)) for number in range(130)), days=dict.fromkeys(range(130), 1)
    )
    tags = imported.tags(states[-1])
    assert [tag[:10] for tag in tags] == ["git-000000", "git-000064", "git-000128"]
    told = [done.seal for tag in tags for done in summaries.publications(states[-1], tag)]
    assert told == [commit(number, 1).oid for number in range(130)]
    assert blamed(states[-1], "a", ("x",), 129) == ["129"]


def test_a_session_that_wrote_later_is_named_before_any_commit():
    """A commit is told only where no session of the record's vector wrote the value."""
    (state,) = published(document(rule("a", x=1, y=1)))
    writer = Writer("2025-02-01T00:00:00.000Z", "later", "Someone Else <>")
    note = {
        "session": "later", "tag": "7f3a91c2", "author": "Someone Else <>",
        "publications": [
            summaries.Publication(
                1, writer.at, None, "", {}, (summaries.edit("a", ("x",), 2, writer),)
            ).to_json()
        ],
    }  # fmt: skip
    state = state.with_({(SESSIONS, "7f3a91c2"): json.dumps(note)})
    vector = VersionVector({"7f3a91c2": 1})
    assert [w.session for w in summaries.blame(state, "a", vector, ("x",), 2)] == ["later"]
    (writer,) = summaries.blame(state, "a", vector, ("y",), 1)
    assert writer.session == imported.session(commit(0).oid)


def test_a_record_that_came_back_is_wholly_who_brought_it_back():
    """Who had edited it before it was removed wrote nothing of what stands."""
    one, two = document(rule("a", x=1)), document(rule("a", x=2))
    state = published(one, two, document(), two)[-1]
    assert blamed(state, "a", ("x",), 2) == ["3"]
    assert blamed(state, "a", (), state.content("a")) == ["3"]
