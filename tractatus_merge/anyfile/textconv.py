"""A JSON or JSONL file as lines for `git diff`: one for each record and field, each telling where.

No layout, no braces, no line numbers: a file that was only laid out anew has the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from tractatus_merge.anyfile.merge import JSONL
from tractatus_merge.anyfile.row_merge import refusal
from tractatus_merge.core.rules.lists import is_scalars
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import element_id, is_keyed

_LINE = json_text.Style(None)


def lines_of(data: bytes, form: str, name: str) -> Iterator[str]:
    """The lines `path: value`, in the order of the file; DocumentError where it is not JSON."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(name, data.count(b"\n", 0, error.start) + 1, error) from None
    try:
        if form == JSONL:
            value = [json_text.parse(line) for line in text.split("\n") if line.strip()]
        else:
            value = json_text.parse(text) if text.strip() else []
    except JsonError as error:
        raise refusal(name, None, error) from None
    return _lines(value, ())


def _lines(value: Json, path: Path) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _lines(item, (*path, key))
    elif isinstance(value, list) and value and is_keyed(value):
        for item in value:
            yield from _lines(item, (*path, str(element_id(item))))
    elif isinstance(value, list) and value and not is_scalars(value):
        for item in value:  # no place of its own: a number would change with every line before it
            yield f"{shown(path)}[*]: {json_text.dump(item, _LINE)}"
    else:
        yield f"{shown(path)}: {json_text.dump(value, _LINE)}".removeprefix(": ")
