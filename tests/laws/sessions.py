"""A tiny harness: sessions that edit a state in memory and merge into it by `plan_merge`."""

from __future__ import annotations

from collections import Counter

from tractatus_merge.core.model.conflict import FIELD
from tractatus_merge.core.model.open_conflicts import closings, open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import DOCUMENT, INSTRUCTIONS, State
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, canonical
from tractatus_merge.core.values.places import get, put
from tractatus_merge.instructions.field_rules import HISTORY

HEADER = '{\n  "version": "1.0",\n  "last_updated": "2025-01-01",\n  "instructions": []\n}'
NOW = "2025-06-01T00:00:00.000Z"


def state_of(records, header=HEADER):
    """A state as adopted from a file."""
    items = {(INSTRUCTIONS, name): json_text.dump(content) for name, content in records.items()}
    return State({**items, (DOCUMENT, "header"): header}, "base", "")


def records_of(state):
    """The records of a state, by id."""
    return {name: Record(state.get(INSTRUCTIONS, name)) for name in state.names(INSTRUCTIONS)}


def contents_of(state):
    """What the instructions of a state say, stamps left aside."""
    return {name: record.content for name, record in records_of(state).items()}


def edited(content, verb, path, value):
    """A record's content after one edit."""
    if verb == "tag":
        return {**content, "tags": [*content.get("tags", []), value]}
    if verb == "untag":
        return {**content, "tags": [item for item in content.get("tags", []) if item != value]}
    return put(content, path, value)


def incoming(base, done, who, at="2025-05-01T00:00:00.000Z", header=None):
    """A session's side of a merge: its base and what it did in its copy."""
    before = records_of(base)
    copy = dict(before)
    for verb, name, path, value in done:
        if verb == "add":
            copy.setdefault(name, Record.of({"id": name, "text": value}))
        elif name in copy:
            copy[name] = copy[name].edited(edited(copy[name].content, verb, path, value))
    found = {c.id for c in open_conflicts(base)}
    known = {name: frozenset(c.id for c in closings(base, name)) for name in (*before, None)}
    text = base.get(DOCUMENT, "header")
    old = HISTORY.header(text) if text else {}
    return Incoming(
        session=who, tag=(who * 8)[:8], author=f"{who} <{who}@x>", at=at, base=before, copy=copy,
        base_version=base.version, base_header=old, copy_header={**old, **(header or {})},
        seen=lambda name: Seen(frozenset(found), known.get(name or None, frozenset())),
        seal=repr((who, done)),
    )  # fmt: skip


def merged(head, session, now=NOW):
    """The head after a session's merge."""
    plan = plan_merge(head, session, HISTORY, now)
    state = plan.state
    items = {key: state.get(*key) for key in state}
    return State(items, f"{head.version}+{session.session}", now)


def merged_all(head, sessions, order):
    """The head after several merges, one after the other."""
    for place in order:
        head = merged(head, sessions[place])
    return head


def sides_of(state, *, authors=False):
    """All sides of all open conflicts: (instruction, path, base, value, in force?, sessions)."""
    found = Counter()
    for conflict in open_conflicts(state):
        for side in conflict.all_sides:
            who = tuple(sorted({w.session for w in side.writers})) if authors else ()
            terms = (canonical(_sorted(side.base)), canonical(_sorted(side.value)))
            found[conflict.instruction, conflict.path, conflict.kind, terms, who] += 1
    return found


def terms_of(state):
    """The conflicts as jj's algebra sees them: all values (and who wrote them), all waiting bases.

    Which base the value in force was made from is told to people, but is no term of the algebra:
    with sessions of mixed bases it depends on which of them opened the conflict.
    """
    found = Counter()
    for conflict in open_conflicts(state):
        place = (conflict.instruction, conflict.path, conflict.kind)
        for side in conflict.all_sides:
            fresh = conflict.kind == FIELD
            who = tuple(sorted({w.session for w in side.writers})) if fresh else ()
            found[*place, "value", canonical(_sorted(side.value)), who] += 1
        for side in conflict.sides:
            found[*place, "base", canonical(_sorted(side.base))] += 1
    return found


def uncontested(state):
    """The instructions as a set: contested fields left out, lists sorted, renamed ids by text."""
    contents = contents_of(state)
    for conflict in open_conflicts(state):
        if conflict.instruction in contents:
            content = contents[conflict.instruction]
            if get(content, conflict.path) is not MISSING or conflict.path[:-1] == ():
                contents[conflict.instruction] = put(content, conflict.path, MISSING)
    return Counter(canonical(_sorted(_anonymous(content))) for content in contents.values())


def _anonymous(content):
    if content["id"].startswith("inst_01"):
        return {"id": content["id"][:8], "text": content["text"].split(" by ")[-1]}
    return content


def _sorted(value):
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=canonical)
    return value
