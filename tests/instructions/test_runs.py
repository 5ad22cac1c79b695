"""Runs of records that two lists have in common, and what is written by them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document, Layout
from tractatus_merge.instructions.runs import runs


@st.composite
def records(draw):
    """Records in some order, of few names and few texts each."""
    names = draw(st.lists(st.sampled_from("abcdefghijkl"), unique=True))
    return {
        name: Record(f'{{\n  "id": "{name}",\n  "n": {draw(st.integers(0, 1))}\n}}')
        for name in names
    }


@given(records(), records())
def test_runs_are_the_new_list_and_as_long_as_can_be(old, new):
    """Each stands in the old one as it does in the new; none could go on by another record."""
    before, after, at = [*old.items()], [*new.items()], 0
    for place, first, count in runs(old, new):
        assert first == at
        at += max(count, 1)
        name, record = after[first]
        assert place == ([*old].index(name) if name in old else None)
        if place is None:
            assert count == 0
            continue
        assert before[place : place + count] == after[first : first + count]
        following = before[place + count : place + count + 1]
        assert not following or following != after[first + count : first + count + 1]
        assert count or old[name] != record
    assert at == len(after)


def one_by_one(data: bytes, document: Document) -> bytes:
    """As `rewrite` does it, but each record is an item of its own; the header stays."""
    text = data.decode()
    rows = history_file._located(text, "f").rows
    names = [row.name for row in rows]
    there = history_file._located(text, "f")
    parts = []
    for name, record in document.records.items():
        if name not in names:
            margin = rows[0].margin if rows else "    "
            parts.append((None, json_text.indent(record.text, margin)))
        elif record.text == rows[names.index(name)].record.text:
            parts.append((names.index(name), None))
        else:
            row = rows[names.index(name)]
            part = json_text.rewrite(text[row.start : row.end], record.value, row.margin)
            parts.append((names.index(name), part))
    spans = [(row.start, row.end) for row in rows]
    pieces = json_text.pieces(text, spans, parts, (there.start, there.end))
    body = "".join(one if isinstance(one, str) else text[slice(*one)] for one in pieces)
    return (text[: there.start] + body + text[there.end :]).encode()


GAPS = st.sampled_from([",", ", ", ",\n    ", ",\n\n    ", " ,\n  "])


@given(records().filter(bool), records().filter(bool), st.lists(GAPS, min_size=12, max_size=12))
def test_a_file_is_rewritten_as_if_each_record_stood_alone(old, new, gaps):
    """Added, edited, moved, taken away: the white space between two that stay is as it was."""
    texts = [json_text.indent(record.text, "    ") for record in old.values()]
    body = "".join(text + gap for text, gap in zip(texts, gaps, strict=False))
    body = body[: len(body) - len(gaps[len(texts) - 1])]
    data = f'{{\n  "instructions": [\n    {body}\n  ]\n}}\n'.encode()
    document = Document(history_file.read(data, "f").header, new, Layout())
    assert history_file.rewrite(data, document, "f") == one_by_one(data, document)
