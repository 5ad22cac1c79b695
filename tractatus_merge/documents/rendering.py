"""Between the shared state and the history file: the state of a file, the file of a state."""

from __future__ import annotations

from tractatus_merge.core import jsontext, summaries
from tractatus_merge.core.plan import HEADER, LAYOUT
from tractatus_merge.core.record import Record
from tractatus_merge.core.state import DOCUMENT, INSTRUCTIONS, Key, State
from tractatus_merge.documents.history import EMPTY, Document, Layout


def adopted(document: Document) -> State:
    """The first state: a function of the adopted file alone."""
    items: dict[Key, str | None] = {
        (INSTRUCTIONS, name): record.text for name, record in document.records.items()
    }
    items[DOCUMENT, HEADER] = document.header
    items[DOCUMENT, LAYOUT] = jsontext.dump(document.layout.to_json())
    return State(changed=items)


def document_of(state: State) -> Document:
    """The history as a file shows it: header, records in order, layout."""
    header = state.get(DOCUMENT, HEADER)
    layout = state.get(DOCUMENT, LAYOUT)
    records = {
        name: Record(text)
        for name in state.names(INSTRUCTIONS)
        if (text := state.get(INSTRUCTIONS, name)) is not None
    }
    shape = Layout.from_json(jsontext.parse(layout)) if layout else EMPTY.layout
    return Document(header or EMPTY.header, _ordered(state, records, shape.order), shape)


def _ordered(
    state: State, records: dict[str, Record], adopted_order: tuple[str, ...]
) -> dict[str, Record]:
    """As they stood when the file was adopted, then by timestamp (else when published), then id."""
    first = dict.fromkeys(name for name in adopted_order if name in records)
    rest = sorted(
        (name for name in records if name not in first),
        key=lambda name: (_moment(state, name, records[name]), name),
    )
    return {name: records[name] for name in (*first, *rest)}


def _moment(state: State, name: str, record: Record) -> str:
    for key in ("timestamp", "created_at"):
        written = record.content.get(key)
        if isinstance(written, str) and written:
            return written
    times = [
        publication.published
        for tag in record.vector.creators
        for publication in summaries.publications(state, tag)
        if any(edit["instruction"] == name and not edit["path"] for edit in publication.edits)
    ]
    return min(times, default="~")
