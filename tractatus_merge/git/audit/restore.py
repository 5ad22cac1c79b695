"""Put records back into a JSON or JSONL file's text; what is there keeps its bytes. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tractatus_merge.core.values import json_text
from tractatus_merge.git.audit import record_versions

_BOM = b"\xef\xbb\xbf"


def restore(data: bytes, records: Sequence[tuple[str, bytes]], form: str) -> bytes:
    """The file with records, each of a list, at the end of their lists; the file must be valid."""
    lead = _BOM if data.startswith(_BOM) else b""
    text = data.removeprefix(_BOM).decode()
    crlf = text.count("\r\n")
    if form == record_versions.JSON:
        value = json_text.parse(text)
        for place, row in records:
            record = record_versions.value(row)
            if isinstance(value, list):
                value = [*value, record]
            else:
                value = {**value, place: [*value.get(place, []), record]}
        text = json_text.rewrite(text, value)
    else:
        ended = not text or text.endswith("\n")
        lines = "\n".join(row.decode() for _, row in records)
        text = f"{text}{lines}\n" if ended else f"{text}\n{lines}"
    if crlf and crlf == data.count(b"\n"):
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return lead + text.encode()
