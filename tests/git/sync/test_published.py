"""LAW: whatever a session's folder holds, what it publishes no clone refuses.

The judge is `git.sync.soundness`, as for what comes from a remote.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import HISTORY
from tests.laws.strategies import keys, objects, values, words
from tractatus_merge.core.model.state import INSTRUCTIONS, SESSIONS, Entry
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.values import json_text
from tractatus_merge.errors import DocumentError, RequestError, TooDeep
from tractatus_merge.factory import initialise, open_repository
from tractatus_merge.git.sync.soundness import fault, fault_of_file
from tractatus_merge.repository.checkout import PlainCheckout
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.sessions import publish
from tractatus_merge.sessions.start import start
from tractatus_merge.stores.memory import MemoryStore

LONG = "x" * 120
DEEP = json.loads("[" * 95 + "]" * 95)
ids = st.sampled_from(["inst_001", "inst_002", "inst_009", LONG, "é" * 60, "a/b", " x", "\ud800"])
fields = st.sampled_from(["text", "active", "parameters", "notes", "persistence", "id", "tags"])
anything = values | st.just(DEEP)
records = st.builds(
    lambda name, more: {**more, "id": name}, ids,
    st.dictionaries(fields | keys, anything, max_size=4),
)  # fmt: skip
places = st.lists(st.lists(fields | words | values, max_size=2) | values, max_size=3) | values
notes = st.fixed_dictionaries(
    {"event": st.just("edit"), "instruction": ids | values, "paths": places},
    optional={"at": values | words, "why": anything | words, "author": values | words},
)
headers = st.dictionaries(
    st.sampled_from(["version", "last_updated", "stats", "metadata", "description", "x"]),
    anything,
    max_size=3,
)
sessions = st.tuples(
    st.lists(records, max_size=4, unique_by=lambda record: record["id"]),
    st.lists(notes | objects, max_size=4),
    headers,
)
WHY = {"event": "edit", "at": "x", "instruction": "inst_001", "paths": [["text"]], "why": 7}
EDIT = [{"id": "inst_001", "text": "one"}]
NEW = [{"id": LONG, "text": "one"}]


def written(folder, session, said):
    """Put what was drawn into a session's copy and journal, as a script would."""
    new, journal, header = said
    document = json.loads(session.copy_path.read_bytes())
    there = {record["id"]: record for record in document["instructions"]}
    for record in new:
        there[record["id"]] = {**there.get(record["id"], {}), **record}
    text = json_text.dump({**document, **header, "instructions": list(there.values())})
    session.copy_path.write_bytes(text.encode())
    with (session.folder / "journal.jsonl").open("a") as file:
        for line in journal:
            file.write(json_text.dump(line) + "\n")


def must_be_sound(head):
    """No record of a state, nor the file that shows it, has a fault."""
    names = set(head.names(INSTRUCTIONS))
    for key in head:
        text = head.get(*key)
        assert fault(key, text.encode(), names) == "", (key, text[:500])
    assert fault_of_file(head) == ""


def published(one, two):
    """The head after two sessions of one base."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        (folder / ".claude").mkdir()
        (folder / ".claude/instruction-history.json").write_text(HISTORY, "utf-8", newline="")
        repo = Repository(
            Workspace.plain(folder), MemoryStore(), PlainCheckout(folder), {"USER": "jo"}
        )
        initialise(repo)
        begun = [start(repo, name) for name in ("one", "two")]
        for session, said in zip(begun, (one, two), strict=True):
            written(folder, session, said)
            with contextlib.suppress(DocumentError, TooDeep):  # refused, and nothing is published
                publish.merge(repo, session, end=True)
        return repo.head()
    finally:
        shutil.rmtree(folder)


@settings(max_examples=40)
@given(sessions, sessions)
@example((EDIT, [WHY], {}), ([{"id": "inst_001", "text": "two"}], [WHY], {}))
@example((NEW, [], {}), ([{"id": LONG, "text": "two"}], [], {}))
@example((EDIT, [{**WHY, "why": "\ud800", "author": [1], "at": None}], {}), (EDIT, [], {}))
@example(([{"id": "inst_001", "x": DEEP}], [], {}), ([{"id": "inst_001", "x": [DEEP]}], [], {}))
@example((EDIT, [], {"version": [1], "stats": DEEP}), (EDIT, [], {"version": {}, "stats": 5}))
@pytest.mark.slow
def test_whatever_is_in_a_session_s_folder_what_it_publishes_is_sound(one, two):
    """LAW: random journals, copies and headers; two sessions, so that there are conflicts too."""
    must_be_sound(published(one, two))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((EDIT, [WHY], {}), ([{"id": "inst_001", "text": "two"}], [WHY], {})),
        ((NEW, [], {}), ([{"id": LONG, "text": "two"}], [], {})),
    ],
    ids=["why: 7", "a long id taken twice"],
)
def test_what_is_odd_is_made_sound_before_it_is_published(one, two):
    """A reason that is no text, and an id that has no room for a tag."""
    must_be_sound(published(one, two))


def test_a_plan_that_is_not_sound_is_refused_before_anything_is_written(line):
    """Whatever made it: the last look is the store's own, and the head stays."""
    repo = open_repository(line)
    head = repo.head()
    odd = head.with_({(SESSIONS, "7f3a91c2"): '{"session": 7, "tag": "7f3a91c2"}'})
    with pytest.raises(RequestError, match=r"no other clone would take this.*sessions/7f3a91c2"):
        repo.publish(lambda _: Plan(odd, Entry("odd", session="s", time=head.time)))
    assert repo.head().version == head.version
    repo.close()
