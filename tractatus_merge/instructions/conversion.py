"""Between the shared state and the history file: the state of a file, the file of a state."""

from __future__ import annotations

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import DOCUMENT, HEADER, INSTRUCTIONS, LAYOUT, Key, State
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions.history_file import EMPTY, Document, Layout
from tractatus_merge.instructions.order import ordered


def adopted_state(document: Document) -> State:
    """The first state of a history: a function of the adopted file alone."""
    items: dict[Key, str | None] = {
        (INSTRUCTIONS, name): record.text for name, record in document.records.items()
    }
    items[DOCUMENT, HEADER] = document.header
    items[DOCUMENT, LAYOUT] = json_text.dump(document.layout.to_json())
    return State(changed=items)


class _Last:
    """The state that was shown last, and how: a merge and the view after it show the same one."""

    shown: tuple[State, Document] = State(), EMPTY


def document_of(state: State) -> Document:
    """The history as a file shows it: header, records in order, layout."""
    known = _Last.shown
    if known[0] is not state:
        known = _Last.shown = state, _document_of(state)
    return known[1]


def _document_of(state: State) -> Document:
    header = state.get(DOCUMENT, HEADER)
    layout = state.get(DOCUMENT, LAYOUT)
    records = {name: Record(text) for name, text in state.texts(INSTRUCTIONS).items()}
    shape = Layout.from_json(json_text.parse(layout)) if layout else EMPTY.layout
    records = ordered(records, shape.order, lambda *one: _published(state, *one))
    return Document(header or EMPTY.header, records, shape)


def _published(state: State, name: str, record: Record) -> str:
    """When a record was first published, from its creators' summaries."""
    tags = record.vector.creators
    return min((summaries.first_published(state, tag, name) for tag in tags), default="~")
