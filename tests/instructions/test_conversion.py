"""From a file to the first state and from a state to a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.conversion import adopted_state, document_of

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").glob("*.json"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_an_adopted_file_is_rendered_byte_for_byte(path):
    """Whatever its form, a clone that never saw the file writes the same one."""
    data = path.read_bytes()
    state = adopted_state(history_file.read(data, path.name))
    assert history_file.write(document_of(state)) == data


def test_the_real_excerpts_are_rendered_byte_for_byte(data):
    """The framework's own files, where the optional data folder is."""
    for path in sorted((data / "tractatus").glob("instruction-history.*.json")):
        found = path.read_bytes()
        assert (
            history_file.write(document_of(adopted_state(history_file.read(found, path.name))))
            == found
        )


def test_new_records_stand_behind_the_adopted_ones_by_time_then_id():
    """The order is a function of what is there, not of who merged first."""
    state = adopted_state(history_file.read(b'{"instructions": [{"id": "z"}, {"id": "y"}]}', "f"))
    new = {"b": "2026-01-02T00:00:00Z", "a": "2026-01-02T00:00:00Z", "c": "2026-01-01T00:00:00Z"}
    texts = {
        (INSTRUCTIONS, name): Record.of({"id": name, "timestamp": time}).text
        for name, time in new.items()
    }
    assert list(document_of(state.with_(texts)).records) == ["z", "y", "c", "a", "b"]


def test_a_record_without_a_time_stands_where_it_was_published():
    """Its creator's summary knows when."""
    state = adopted_state(history_file.read(b'{"instructions": []}', "f"))
    vector = VersionVector().tick("aaaaaaaa", 1, creates=True)
    untimed = Record.of({"id": "u"}).published({"id": "u"}, vector)
    edits = '[{"instruction": "u", "path": [], "value": "", "at": ""}]'
    summary = (
        '{"session": "s", "tag": "aaaaaaaa", "publications": [{"count": 1, "base": null, '
        f'"published": "2026-01-02T00:00:00Z", "seal": "", "edits": {edits}}}]}}'
    )
    state = state.with_(
        {
            (INSTRUCTIONS, "u"): untimed.text,
            (INSTRUCTIONS, "m"): Record.of({"id": "m", "timestamp": "2026-01-03T00:00:00Z"}).text,
            (INSTRUCTIONS, "e"): Record.of({"id": "e", "timestamp": "2026-01-01T00:00:00Z"}).text,
            ("sessions", "aaaaaaaa"): summary,
        }
    )
    assert list(document_of(state).records) == ["e", "u", "m"]


def test_the_first_publication_counts_and_only_the_records_own():
    """Of two creators the earlier; an edit of the record, or another new one, says nothing."""
    state = adopted_state(history_file.read(b'{"instructions": []}', "f"))

    def published(tag, time, name, path):
        edits = [{"instruction": name, "path": path, "value": "", "at": ""}]
        told = {"count": 1, "base": None, "published": time, "seal": "", "edits": edits}
        summary = {"session": tag, "tag": tag, "publications": [told]}
        return {("sessions", tag): json_text.dump(summary)}

    both = VersionVector().tick("aaaaaaaa", 1, creates=True).tick("bbbbbbbb", 1, creates=True)
    other = VersionVector().tick("cccccccc", 1, creates=True).tick("dddddddd", 1, creates=True)
    state = state.with_(
        {
            (INSTRUCTIONS, "u"): Record.of({"id": "u"}).published({"id": "u"}, both).text,
            (INSTRUCTIONS, "v"): Record.of({"id": "v"}).published({"id": "v"}, other).text,
            (INSTRUCTIONS, "m"): Record.of({"id": "m", "timestamp": "2026-01-03"}).text,
            **published("aaaaaaaa", "2026-01-02", "u", []),
            **published("bbbbbbbb", "2026-01-04", "u", []),
            **published("cccccccc", "2026-01-01", "v", ["text"]),
            **published("dddddddd", "2026-01-01", "u", []),
        }
    )
    assert list(document_of(state).records) == ["u", "m", "v"]


def test_a_state_without_header_and_layout_is_an_empty_history():
    """What was never adopted is rendered as a new project's file."""
    assert document_of(State()) == history_file.EMPTY


def test_a_state_that_is_shown_twice_is_put_together_once():
    """Another one with the same records is put together by itself."""
    state = adopted_state(history_file.read(b'{"instructions": [{"id": "z"}]}', "f"))
    shown = document_of(state)
    assert document_of(state) is shown
    assert document_of(State(changed=state.changed)) == shown
