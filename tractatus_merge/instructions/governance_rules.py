"""The framework's collection `governanceRules`, as mongoexport writes it and mongoimport reads it.

A rule has the fields of an instruction, some of them by another name. What only one side knows is
kept as it is, `_id` too, so that both ways lead back to where they began. The stamp of an
instruction stays here: it is neither written into a rule nor taken from one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeGuard

from tractatus_merge.core.model.ids import MAX_ID
from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.values import json_text, rounding
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_text import RECORD_DEPTH, JsonError, Style
from tractatus_merge.errors import RequestError
from tractatus_merge.instructions.schema import faults

Content = dict[str, Json]


def _both_ways(pairs: dict[str, str]) -> dict[str, str]:
    return pairs | {there: here for here, there in pairs.items()}


_NAMES = _both_ways(
    {
        "temporal_scope": "temporalScope",
        "expires_at": "expiresAt",
        "created_by": "createdBy",
        "related_rules": "relatedRules",
    }
)
_SOURCES = _both_ways({"user": "user_instruction", "framework": "framework_default"})
_EXPIRY = ("expires_at", "expiresAt")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?Z")
_TAKEN = {
    "quadrant": ("STRATEGIC", "OPERATIONAL", "TACTICAL", "SYSTEM", "STORAGE"),
    "persistence": ("HIGH", "MEDIUM", "LOW"),
    "temporalScope": ("IMMEDIATE", "SESSION", "PROJECT", "PERMANENT"),
    "category": ("content", "security", "privacy", "technical", "process", "values", "other"),
    "source": (
        "user_instruction", "framework_default", "automated", "migration", "claude_md_migration",
        "test",
    ),
}  # fmt: skip
_NEEDED = ("text", "quadrant", "persistence")
_CANONICAL = ("$numberInt", "$numberLong")
"""How mongoexport writes whole numbers where it was asked for the canonical form."""


def counterpart(fields: Mapping[str, Json]) -> Content:
    """A rule as an instruction, or an instruction as a rule: twice is the same again.

    A name of the one side that stands on the other changes places too: nothing gets lost.
    """
    return {_NAMES.get(key, key): _value(key, value) for key, value in fields.items()}


def _value(key: str, value: Json) -> Json:
    if key == "source" and isinstance(value, str):
        return _SOURCES.get(value, value)
    if key not in _EXPIRY:
        return value
    if isinstance(value, dict) and value.keys() == {"$date"} and _moment(value["$date"]):
        return value["$date"]
    return {"$date": value} if _moment(value) else value


def _moment(value: Json) -> datetime | None:
    """A moment in the words that a rule has for it; None for anything else."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:  # the 31st of February: a text like others
        return None


def write(records: Mapping[str, Record]) -> bytes:
    """The instructions as rules, one a line."""
    rules = (counterpart(record.content) for record in records.values())
    return "".join(f"{json_text.dump(rule, Style(None))}\n" for rule in rules).encode()


def untaken(records: Mapping[str, Record]) -> list[str]:
    """What the framework's model would refuse when it saves the rule, in a few words each."""
    found = []
    for name, record in records.items():
        rule = counterpart(record.content)
        found += [f"{name} has no {key}" for key in _NEEDED if not rule.get(key)]
        found += [
            f"{name} {key} {json_text.dump(rule[key], Style(None))}"
            for key, words in _TAKEN.items()
            if rule.get(key) and rule[key] not in words
        ]
    return found


def changes(text: str, where: str, records: Mapping[str, Record]) -> dict[str, Content]:
    """What the rules of a file say that the instructions do not: the new content, by id.

    A rule that is not in the file changes nothing, nor does a field that is not in a rule. Numbers
    and moments that a database only writes in another way are the same. RequestError, naming line
    and record, for what is no rule.
    """
    found: dict[str, Content] = {}
    lines: dict[str, int] = {}
    for number, (line, rule) in enumerate(_rules(text, where), 1):
        place = f"{where}, line {line}, record {number}"
        name = rule.get("id")
        if not _is_id(name):
            raise _refused(f"{place}: its id is no text of at most {MAX_ID} bytes")
        place = f"{place} ({name})"
        if name in lines:
            raise _refused(f"{place}: line {lines[name]} has the same id")
        lines[name] = line
        old = records[name].content if name in records else {}
        new = _content(rule, old)
        odd = faults(old).values() if old else ()  # what was odd before stops nothing
        wrong = [why for why in faults(new).values() if why not in odd]
        if wrong:
            raise _refused(f"{place}: {wrong[0]}")
        if not same(new, old):
            found[name] = new
    return found


def _content(rule: Content, old: Content) -> Content:
    """An instruction with what a rule says, and with what only the instruction knows."""
    said = counterpart({key: value for key, value in rule.items() if key != STAMP})
    was, until = (_moment(one.get("expires_at")) for one in (old, said))
    if was is not None and was == until:
        said["expires_at"] = old["expires_at"]
    new: Content = rounding.without_rounding(old, {**old, **said})[0]
    return new


def _is_id(name: Json) -> TypeGuard[str]:
    if not isinstance(name, str) or not name.strip():
        return False
    return len(name.encode("utf-8", "surrogatepass")) <= MAX_ID


def _rules(text: str, where: str) -> Iterator[tuple[int, Content]]:
    """The objects of a file, one after the other or in one array, each with its line."""
    number, in_array = 0, text.lstrip().startswith("[")
    try:
        for start, end in _spans(text):
            json_text.check_depth(text, start, end, RECORD_DEPTH)
            yield _line(text, start), _rule(text, start)
            number += 1
    except JsonError as error:
        record = "" if in_array and not number else f", record {number + 1}"
        raise _refused(f"{where}, line {_line(text, error.at)}{record}: {error.why}") from None


def _rule(text: str, start: int) -> Content:
    rule = json_text.value_at(text, start)[0]
    if not isinstance(rule, dict):
        raise JsonError("it is no object", start)
    for key, value in rule.items():
        if isinstance(value, dict) and any(word in value for word in _CANONICAL):
            why = f"its {key} is in the canonical form; export it with --jsonFormat=relaxed"
            raise JsonError(why, start)
    return rule


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = json_text.skip(text, 0)
    if text[at : at + 1] == "[":
        json_text.parse(text)
        yield from json_text.elements(text, at)
        return
    while at < len(text):
        end = json_text.value_at(text, at)[1]
        yield at, end
        at = json_text.skip(text, end)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _refused(why: str) -> RequestError:
    hint = "mongoexport --collection=governanceRules   (writes a file anew)"
    return RequestError(f"{why}. Nothing was imported.", hint=hint)
