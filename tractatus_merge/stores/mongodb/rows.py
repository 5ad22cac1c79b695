"""The newest records as documents to query: the collections that the framework's own design names.

Written after the head has moved, and never read as truth. Each has in `seq` the number of the
version that wrote it, and only a higher one takes its place; so whoever is late does no harm. Of a
record that was taken away `{_id, seq, removed: true}` stays.

| collection | one document for |
| --- | --- |
| instructions, conflicts, resolutions | each record, with all its fields |
| sessions | each session's summary, by its tag |
| session_state | the same session's numbers, where it publishes them (`[publish] metrics = true`) |
| token_checkpoints | its checkpoints |
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import bson
from pymongo import ReplaceOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from tractatus_merge.core.model import state
from tractatus_merge.core.model.state import Key
from tractatus_merge.stores.mongodb import chain, documents
from tractatus_merge.stores.mongodb.chain import CHANGES, HEADS, Head
from tractatus_merge.stores.mongodb.documents import Document, as_bson

SESSION_STATE, TOKEN_CHECKPOINTS = "session_state", "token_checkpoints"
_OF = {
    state.INSTRUCTIONS: (state.INSTRUCTIONS,),
    state.CONFLICTS: (state.CONFLICTS,),
    state.RESOLUTIONS: (state.RESOLUTIONS,),
    state.SESSIONS: (state.SESSIONS, SESSION_STATE, TOKEN_CHECKPOINTS),
}
"""In which collections the records of one are shown."""
COLLECTIONS = tuple(name for names in _OF.values() for name in names)
_MARK = "rows"
"""The document of `head` that says up to which version all rows are written."""
_BEHIND = 64
"""If more versions than this were not written, all rows are."""
_BATCH = 500
_DEEPEST, _LARGEST = 50, 8 * 2**20
_DUPLICATE = 11000
_OURS = ("_id", "seq", "removed")
_GONE: Document = {"removed": True}


def keep_up(database: Database[Document], head: Head, changed: Mapping[Key, str | None]) -> None:
    """Write the rows of a new version, and those of versions before it whose writers did not."""
    _write(database, changed, head.seq, below=head.seq)
    heads = database[HEADS]
    done = {"$set": {"seq": head.seq}}
    if heads.update_one({"_id": _MARK, "seq": head.seq - 1}, done).matched_count:
        return
    mark = heads.find_one(_MARK) or {"seq": 0}
    if not 0 < head.seq - mark["seq"] <= _BEHIND:
        return  # a later one has written all; or too many are missing: `doctor --fix` writes them
    for version in chain.down(database, head, mark["seq"] + 1):
        if version["seq"] != head.seq:
            found = database[CHANGES].find({"attempt": version["attempt"]}, sort=[("n", 1)])
            seq = version["seq"]
            _write(database, dict(documents.unpacked(found)), seq, below=seq)
    heads.update_one({"_id": _MARK}, {"$max": {"seq": head.seq}}, upsert=True)


def rebuild(database: Database[Document], seq: int, items: Mapping[Key, str]) -> None:
    """Write all rows anew as of a version with that number; rows of later ones are to follow."""
    for name in COLLECTIONS:
        database[name].delete_many({"$nor": [{"seq": {"$lte": seq}}]})
    _write(database, items, seq, below=seq + 1)
    for name in COLLECTIONS:
        left = [one["_id"] for one in database[name].find({"seq": {"$lt": seq}}, ["_id"])]
        _put(database, name, [(of, _GONE) for of in left], seq, below=seq)
    database[HEADS].update_one({"_id": _MARK}, {"$set": {"seq": seq}}, upsert=True)


def astray(database: Database[Document], items: Mapping[Key, str]) -> list[str]:
    """`collection/id` of each row that does not say what the records do."""
    wanted: dict[str, dict[Any, Document]] = {name: {} for name in COLLECTIONS}
    for key, text in items.items():
        for name, row in _rows(key, text):
            wanted[name][as_bson(key[1])] = row
    wrong = []
    for name, there in wanted.items():
        for found in database[name].find():
            row = {word: value for word, value in found.items() if word not in _OURS}
            said = {} if found.get("removed") is True else there.pop(found["_id"], {"": None})
            if bson.encode(said) != bson.encode(row):
                wrong.append(f"{name}/{found['_id']}")
        wrong += [f"{name}/{missing}" for missing in there]
    return wrong


def _write(
    database: Database[Document], changed: Mapping[Key, str | None], seq: int, *, below: int
) -> None:
    """Bring the rows of some records, if their `seq` is below a number, up to a version."""
    found: dict[str, list[tuple[Any, Document]]] = {}
    for key, text in changed.items():
        for name, row in _rows(key, text):
            found.setdefault(name, []).append((as_bson(key[1]), row))
    for name, rows in found.items():
        _put(database, name, rows, seq, below=below)


def _put(
    database: Database[Document],
    name: str,
    rows: list[tuple[Any, Document]],
    seq: int,
    *,
    below: int,
) -> None:
    for at in range(0, len(rows), _BATCH):
        writes = [
            ReplaceOne({"_id": of, "seq": {"$lt": below}}, {**row, "seq": seq}, upsert=True)
            for of, row in rows[at : at + _BATCH]
        ]
        try:
            database[name].bulk_write(writes, ordered=False)
        except BulkWriteError as error:  # a row of a higher number stands: the upsert finds its id
            if any(one["code"] != _DUPLICATE for one in error.details["writeErrors"]):
                raise


def _rows(key: Key, text: str | None) -> Iterator[tuple[str, Document]]:
    """The collections that show a record, and its row in each."""
    record = {} if text is None else _read(text)
    numbers = record.get("metrics")
    for name in _OF.get(key[0], ()):
        row: Document = record
        if name in (SESSION_STATE, TOKEN_CHECKPOINTS):
            row = numbers if isinstance(numbers, dict) else {}
            marks = row.get("checkpoints", [])
            row = {word: value for word, value in row.items() if word != "checkpoints"}
            if name == TOKEN_CHECKPOINTS:
                row = {"checkpoints": marks}
            row = {"session": record.get("session"), **row}
        elif key[0] == state.SESSIONS:
            row = {word: value for word, value in record.items() if word != "metrics"}
        yield name, _GONE if text is None else _fitting(row)


def _read(text: str) -> Document:
    """A record's text as an object; an empty one where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _fitting(row: Document) -> Document:
    """A row as MongoDB takes it: without what is this program's own, and not too large."""
    try:
        fit: Document = {word: value for word, value in _fit(row).items() if word not in _OURS}
        size = len(bson.encode(fit))
    except (bson.errors.BSONError, RecursionError) as error:
        return {"not_shown": str(error)}
    return fit if size <= _LARGEST else {"not_shown": f"{size} bytes"}


def _fit(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, dict | list) and depth == _DEEPEST:
        return json.dumps(value)
    if isinstance(value, list):
        return [_fit(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_name(word): _fit(item, depth + 1) for word, item in value.items()}
    return value


def _name(word: str) -> str:
    """A field's name as MongoDB takes it."""
    plain = word.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return plain.replace("$", "\N{FULLWIDTH DOLLAR SIGN}", 1) if plain.startswith("$") else plain
