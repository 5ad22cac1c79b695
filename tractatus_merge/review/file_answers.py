"""A merged file with a person's answers at its contested places: bytes in, bytes out. No store.

What the answers do not touch keeps its bytes, and the result is checked as every merged file is.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.anyfile.merge import JSONL, merge_file
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules import line_ends
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path
from tractatus_merge.core.values.paths import Every, Pattern, pattern_of
from tractatus_merge.core.values.places import GUESSED, element_id, put
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.history_file import Document, header_value, with_header
from tractatus_merge.value import Value

Answers = Mapping[Path, Json]
"""What is to stand at each place; MISSING: nothing."""


def answered_history(data: bytes, answers: Answers, name: str) -> bytes:
    """The history file with the answers in its records and header, its counters counted again."""
    document = history_file.read(data, name)
    records = dict(document.records)
    header = header_value(document.header)
    for path, value in answers.items():
        record = records.get(path[0])
        if record is None:
            header = put(header, path, value)
        else:
            records[path[0]] = record.edited(put(record.content, path[1:], value))
    header = HISTORY.finish(
        header,
        lambda: {name: record.content for name, record in document.records.items()},
        lambda: {name: record.content for name, record in records.items()},
        "",
    )
    after = Document(with_header(document.header, header), records, document.layout)
    return history_file.rewrite(data, after, name)


def answered_file(data: bytes, answers: Answers, table: Table, form: str, name: str) -> bytes:
    """Any JSON or JSONL file with the answers; DocumentError where two records would be one."""
    text = line_ends.plain(data).decode("utf-8")
    placing = _Placing(answers, table)
    if form == JSONL:
        after = _lines(text, placing)
    else:
        after = json_text.rewrite(text, placing.placed(json_text.parse(text)))
    new = line_ends.dressed(after.encode("utf-8"), [data] * 3)
    return merge_file(data, data, new, table, form, names=(name,) * 3).data


class _Placing(Value):
    """The answers on their way into a value; a step into a list is what the list's key says."""

    answers: Answers
    table: Table

    def placed(self, value: Json) -> Json:
        for path, new in self.answers.items():
            value = self._set(value, path, new, ())
        return value

    def _set(self, value: Json, path: Path, new: Json, at: Pattern) -> Json:
        if not path:
            return new
        if isinstance(value, list):
            below = (*at, Every.ELEMENT)
            key = self.key(at, value, path[0])
            items = [
                self._set(item, path[1:], new, below) if element_id(item, key) == path[0] else item
                for item in value
            ]
            return [item for item in items if item is not MISSING]
        there = value.get(path[0], MISSING)
        inner = self._set(there, path[1:], new, (*at, path[0]))
        if inner is MISSING:
            return {key: item for key, item in value.items() if key != path[0]}
        return {**value, path[0]: inner}

    def key(self, at: Pattern, value: list[Json], name: str) -> str:
        """The key by which the elements of the list at a place are known, one as `name`."""
        for text, key in self.table.keys.items():
            pattern = pattern_of(text)[:-1]
            if len(pattern) == len(at) and all(
                step in (here, Every.KEY) for step, here in zip(pattern, at, strict=True)
            ):
                return key
        for key in GUESSED:
            names = [element_id(item, key) for item in value]
            if name in names and None not in names and len({*names}) == len(names):
                return key
        return "id"


def _lines(text: str, placing: _Placing) -> str:
    """The same of a file in which each line is a value; a line that stays keeps its bytes."""
    lines = [line for line in text.split("\n") if line.strip()]
    values = [json_text.parse(line) for line in lines]
    texts = {id(value): line for value, line in zip(values, lines, strict=True)}
    key = next((placing.key((), values, path[0]) for path in placing.answers if path), "id")
    named = {element_id(value, key): texts[id(value)] for value in values}
    after = []
    for value in placing.placed(values):
        known = texts.get(id(value))
        if known is None:
            was = named.get(element_id(value, key))
            known = json_text.rewrite(was, value) if was else json_text.dump(value, _LINE)
        after.append(known)
    if len(after) == len(lines):
        fresh = iter(after)
        return "\n".join(next(fresh) if line.strip() else line for line in text.split("\n"))
    return "\n".join(after) + ("\n" if after and text.endswith("\n") else "")


_LINE = json_text.Style(None)
