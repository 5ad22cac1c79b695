"""Versions read one after the other say what each says when it is read alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import pytest

from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.record_versions import JSON, JSONL
from tractatus_merge.git.audit.shapes import Shape
from tractatus_merge.git.audit.version_reader import Reader

Records = list[dict]


def jsonl(head: str, records: Records) -> str:
    """A line each."""
    return "".join(json.dumps(record) + "\n" for record in records)


def listed(head: str, records: Records) -> str:
    """A list that is the file."""
    return json.dumps(records, indent=1)


def under_a_key(head: str, records: Records) -> str:
    """Two lists, one after the other, with something before, between and after them."""
    half = len(records) // 2
    parts = {"head": head, "one": records[:half], "x": [1, head], "two": records[half:], "z": 1}
    return json.dumps(parts, indent=2)


def headed(head: str, records: Records) -> str:
    """With a time that changes each time before, and a count after."""
    parts = {"meta": {"at": head, "[": "0]"}, "rules": records, "tags": [], "z": len(head) // 2}
    return json.dumps(parts, indent=2)


def flat(head: str, records: Records) -> str:
    """All on one line."""
    return json.dumps({"rules": records, "head": len(head)})


def by_id(head: str, records: Records) -> str:
    """An object with the ids as its keys."""
    return json.dumps({record.get("id", "none"): record for record in records})


def changed(chance: random.Random, records: Records) -> Records:
    """A few records added, edited, deleted, moved, doubled."""
    records = list(records)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(records) + 1)
        act = chance.choice(("add", "edit", "edit", "delete", "move", "double", "nested"))
        number = chance.randrange(1000)
        if act == "add" and number < 200:
            records.insert(at, {"note": f"no record {number}"})
        elif act == "add" or at >= len(records):
            records.insert(at, {"id": f"n{number}", "text": "x" * chance.randrange(40)})
        elif act == "edit":
            records[at] = {**records[at], "n": number}
        elif act == "delete":
            del records[at]
        elif act == "move":
            records.insert(chance.randrange(len(records)), records.pop(at))
        elif act == "double" and chance.random() < 0.2:
            records.append(records[at])
        else:
            records[at] = {**records[at], "inner": [records[at - 1], number], "t": "},{ \\"}
    return records


def versions(seed: int, form: Callable[[str, Records], str]) -> Iterator[bytes]:
    """Versions that follow each other, now and then torn, emptied, or with another head."""
    chance = random.Random(seed)
    records = [{"id": f"r{n}", "text": f"rule {n}"} for n in range(chance.choice((1, 5, 30)))]
    head = "a"
    for _ in range(60):
        records = changed(chance, records)
        head = head + "b" if form is headed or chance.random() < 0.2 else head
        text = form(head, records)
        torn = chance.random()
        yield (text[: chance.randrange(len(text) + 1)] if torn < 0.05 else text).encode()


@pytest.mark.parametrize("form", [jsonl, listed, under_a_key, headed, flat, by_id])
@pytest.mark.parametrize("seed", range(6))
def test_each_version_is_read_as_if_it_were_alone(form, seed):
    """The same rows, or the same fault; and what is new is named."""
    kind = JSONL if form is jsonl else JSON
    shape = record_versions.shape_of(versions(seed, form), "id", kind)
    reader, before, fast = Reader("id", kind, shape), {}, 0
    for data in versions(seed, form):
        found = reader.read(data)
        alone = record_versions.read(data, "id", kind, shape)
        assert (dict(found.rows), found.fault) == (dict(alone.rows), alone.fault)
        if reader.new is not None:
            fast += 1
            assert record_versions.change(before, found.rows).keys() <= reader.new.keys()
        before = found.rows
    assert fast > 5


A, B, C, D = (b'{"id":"%s"}' % name for name in (b"a", b"b", b"c", b"d"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (A + b"\n" + B, A + b"\n" + B + C),
        (A + b"\n" + B, A + b" " + B),
        (A + b"\n" + B + b"\n" + C, A + b"\n" + D + b" " + C),
        (b"[%s,%s,%s]" % (A, B, C), b"[%s,%s %s]" % (A, D, C)),
        (b"[%s,%s,%s]" % (A, B, C), b"[%s,%s,,%s]" % (A, D, C)),
        (b"[%s,%s,%s]" % (A, B, C), b"[%s,%s,%s,]" % (A, B, C)),
        (b"[%s,%s,%s]" % (A, B, C), b'[%s,{"x":[1,%s]' % (A, C)),
        (b"[%s,%s,%s]" % (A, B, C), b"[%s,7,%s]" % (A, C)),
        (b"[%s,%s]" % (A, B), b"[%s,%s]]" % (A, B)),
        (b"[%s,%s]" % (A, B), b"[%s,%s" % (A, B)),
        (b"[%s,%s]" % (A, B), b"[%s,%s,%s]" % (A, A, B)),
        (b'{"l":[%s,%s],"m":[%s]}' % (A, B, C), b'{"l":[%s,%s],"x":1,"m":[%s]}' % (A, B, C)),
        (b'{"l":[%s,%s],"m":[%s]}' % (A, B, C), b'{"l":[%s,%s],"l":[%s]}' % (A, B, C)),
        (b'{"l":[%s],"m":1}' % A, b'{"l":[%s],"l":1}' % A),
        (b'{"l":[%s,%s],"m":1234567}' % (A, B), b'{"l":[%s,%s],"m":1234567' % (A, B)),
        (b'{"l":[%s,%s],"m":1234567}' % (A, B), b'{"l":[%s,%s],"m":1234567,"l":1}' % (A, B)),
        (b'{"l":[%s,%s],"m":1234567}' % (A, B), b'{"l":[%s,%s,],"m":1234568}' % (A, C)),
        (b'{"l":[%s,%s],"m":1234567}' % (A, B), b'{"l":[%s,%s],"m":[],"m":1234568}' % (A, B)),
        (b'{"l":[%s,%s],"m":1234567}' % (A, B), b'{"l":[%s,%s],"m":[{}],"m":12345}' % (A, B)),
        (b'{"l":[%s,%s],"m":1234567}' % (A, B), b'{"l":[%s],"x":[%s],"m":12345}' % (A, B)),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":2,"m":[%s]}' % A),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":[2,"l":[%s]}' % A),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":2,"l":{"x":[%s]}' % A),
        (b'{"h":1,"l":[%s]}' % A, b'{"l":2,"l":[%s]}' % A),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":"2,"l":[%s]}' % A),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":2,"l":[7,%s]}' % A),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":[%s],"l":[%s]}' % (A, A)),
        (b'{"h":1,"l":[%s]}' % A, b'{"h":{"l":[%s]}}' % A),
    ],
)  # fmt: skip
def test_what_is_no_more_valid_is_not_taken_for_it(before, after):
    """Commas, line ends, brackets and keys are looked at wherever something changed."""
    form = JSONL if before.startswith(b'{"id') else JSON
    reader = Reader("id", form)
    reader.read(before)
    found, alone = reader.read(after), record_versions.read(after, "id", form)
    assert (dict(found.rows), found.fault) == (dict(alone.rows), alone.fault)


@pytest.mark.parametrize(
    "after",
    [
        b'{"a":1,"b":7,"b":7,"c":3}',
        b'{"a":1,"b":7 "c":3}',
        b'{"a":1,"b":[7,"c":3}',
        b'{"a":1,"a":7,"c":3}',
        b'{"a":1,"b":7,"c":3,}',
        b'{"a":1,"b":{"x":7},"c":3}',
        b'{"a":1,"x":5,"b":2,"c":3}',
        b'{"a":1,"c":3}',
        b'{"a":12,"b":2,"c":34}',
    ],
)
def test_members_are_looked_at_with_their_keys(after):
    """What is no more valid is not taken for it in an object either."""
    reader = Reader("id", JSON, Shape(top=True))
    reader.read(b'{"a":1,"b":2,"c":3}')
    found, alone = reader.read(after), record_versions.read(after, "id", JSON, Shape(top=True))
    assert (dict(found.rows), found.fault) == (dict(alone.rows), alone.fault)
