"""What `--json` of each verb prints, as JSON schemas that are read off the recorded runs.

`tests/recorded` holds what every verb really printed. A key that was there each time is required;
one that was left out once is not. Values that may be anything JSON has are named in FREE.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

WORDS = {
    "absent": "ids that the copy no longer has; they stand all the same",
    "active": "whether the instruction is in force",
    "added": "ids of what is new",
    "after": "the value then; left out where there is none",
    "agent": "what kind of agent the session is of; empty for a person",
    "agents": "what was written into agents' settings",
    "alike": "other conflicts with this very choice",
    "altered": "values that no side has",
    "answered": "resolutions that settled a side of this session",
    "answers": "every possible answer, with what it leads to",
    "at": "when it was written, ISO 8601 in UTC",
    "author": "who: name and e-mail address",
    "base": "what the sides were made from; left out where the field was new; in `start` the version",
    "before": "the value before; left out where there was none",
    "behind": "how many versions the copy is behind the head",
    "brought back": "deletions that were undone",
    "budget": "how many tokens the session's window has",
    "by": "`agent` where an agent answered",
    "changed": "whether anything is other than before",
    "changes": "what changed, a place each",
    "checkpoints": "milestones of the context that were reached",
    "checks": "what was looked at",
    "code": "what kind of finding: [the list](findings.md)",
    "commit": "the commit's id",
    "commits": "how many commits were read",
    "compactions": "how often the context was compacted",
    "config": "settings of git that were written",
    "conflict": "the conflict's id; null where there is none",
    "conflicts": "ids of open conflicts that this opened or joined; of `conflicts` the conflicts themselves; elsewhere how many are open",
    "context": "tokens from which the last reply was made",
    "copy": "the path of the session's copy",
    "counts": "losses by kind",
    "date": "the day of the commit",
    "days": "how many days the commits span",
    "dropped": "records or fields that are not in the result",
    "dry_run": "true where nothing was written",
    "duplicate id": "ids that came to stand twice",
    "edited": "ids of what was changed",
    "entries": "versions, the newest first",
    "events": "commits that lost something",
    "field": "the field, with dots: `parameters.port`",
    "fields": "fields, each with what is said of it",
    "file": "the file's path",
    "files": "files that were written",
    "findings": "what is wrong",
    "fix": "the next command to type",
    "head": "the newest version of the history",
    "header": "whether fields of the file's header changed; which",
    "heard": "what open sessions have changed and not published",
    "hooks": "git hooks that were written",
    "how": "by which rule, in words",
    "hunks": "lines of a text where the changes overlap",
    "id": "the id",
    "in_force": "whether this side's value stands",
    "instruction": "the instruction's id; null for the header",
    "instructions": "the records as they stand; of `init` how many",
    "invalid": "versions that cannot be read",
    "kept": "ids that the copy no longer has, or retired against an edit, and that stand",
    "kind": "the kind: [of conflicts](../explanation/conflicts.md#kinds), of losses",
    "last": "the last event of the session",
    "left": "how many conflicts are still open",
    "level": "NORMAL, ELEVATED, HIGH, CRITICAL or DANGEROUS; empty where it is not known",
    "line": "the line, from 1",
    "lines": "lines for files of yours that are not written for you",
    "list": "the list that the record was in",
    "losses": "what the commit lost",
    "lost": "how many losses",
    "means": "the answer in words",
    "mended": "what `--fix` mended",
    "message": "the sentence for people",
    "messages": "prompts and replies",
    "missing": "ids that are missing today",
    "notes": "sentences that stop nothing; of `doctor` objects like findings",
    "ok": "whether nothing is wrong",
    "ours": "the lines of OURS",
    "outcome": "`clean`, `conflicts` or `nothing`",
    "parents": "the versions that this one follows",
    "path": "the field as a list of keys",
    "peak": "the largest context of the session",
    "percentage": "of the budget",
    "period": "the day, week or month",
    "periods": "losses over time",
    "pressure_score": "the share of the budget, in percent; null where it is not known",
    "prompts": "how many prompts",
    "published": "when it reached the shared history",
    "questions": "open conflicts, each with its answers",
    "reasons": "the reasons that were given",
    "received": "how many versions came",
    "recommendation": "what the framework recommends at this level",
    "record": "the record's id",
    "closed": "ids of conflicts that are open no longer",
    "reopened": "ids of conflicts that are open again",
    "records": "how many records; with `--records` each of them",
    "related": "other conflicts of this instruction",
    "remote": "the remote's name",
    "renamed": "old id to new id, where another session's record had the old one",
    "replies": "how many replies",
    "resolution": "the answer's id; null where there is none",
    "resolutions": "answers that were given",
    "restored": "ids that were brought back",
    "retired": "ids of what is no longer in force",
    "reverted": "edits that are not in the result",
    "rounds": "how often it was tried until nobody was faster",
    "rule": "the rule's name",
    "score": "how pressure was counted",
    "seconds": "how long the session has run",
    "sent": "how many versions went",
    "sentence": "the summary in one sentence",
    "session": "the session's id; null without one",
    "sessions": "sessions, each with what is said of it",
    "settled": "conflicts that were settled",
    "severity": "CRITICAL, WARNING, MINOR: [what they mean](../explanation/conflicts.md#severity); of a finding `error` or `warning`",
    "sides": "the values that wait, and the one in force",
    "stale": "since when nobody seems to work in it; null where somebody does",
    "started": "when the session began",
    "state": "`open`, `ended`, `merged` or `abandoned`: [the life of a session](lifecycle.md)",
    "steps": "what the merge makes of each change (`--dry-run`)",
    "store": "the store: `git:BRANCH`, `file:` and so on",
    "subject": "the commit's first line",
    "subagents": "how many subagents",
    "subagent_tool_calls": "how many tool calls of subagents",
    "suggestion": "an answer that something speaks for, and the reason; null where there is none",
    "sync": "what the sync after the end did, as `sync` says it",
    "tag": "the session's tag, eight hex digits",
    "take": "the word for `resolve --take`",
    "terms": "the sides in one word, for `resolve --seen`",
    "theirs": "what the session made of it",
    "there": "ids that stand already",
    "time": "when, ISO 8601",
    "today": "`missing`, `restored`, `changed since` or `stands`",
    "tokens": "how many tokens",
    "tool_calls": "how many tool calls",
    "tool_errors": "how many failed tool calls",
    "api_errors": "how many failed requests to the model",
    "totals": "sums of what can be summed",
    "unshared": "versions that the remote has not seen",
    "value": "the value that stands, or would stand",
    "version": "the version's id",
    "versions": "versions, or how many",
    "view": "the path of the history file that was written",
    "what": "`merge`, `overwrite`, `truncation` or `write`",
    "where": "the place",
    "why": "the reason that was given; empty without one",
    "worktree": "the folder that the session works in",
    "writers": "everyone who wrote it",
}
"""What a key holds, whichever verb prints it."""
COMMAND = re.compile(
    r"^# \d\d:\d\d \S+\$ tractatus-merge (.*)\n((?:  (?:env|in|out|err) .*\n)*)", re.MULTILINE
)
KINDS = {
    "conflicts": ("--settled",),
    "resolve": ("--all", "--revoke"),
    "audit": ("--restore",),
    "view": ("--write",),
    "show": (),
}
"""Options by which a verb prints another kind of document."""
FREE = {"value", "base", "before", "after", "theirs", "ours"}
"""Keys whose value is a field of an instruction: anything that JSON has."""
MAPS = {"renamed", "unshared"}
"""Keys whose value is an object with names of its own, each with a value of one kind."""
RECORD = {
    "type": "object",
    "description": "an instruction, with all the fields that it has",
    "required": ["id"],
}
TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


def samples(recordings: Path) -> dict[str, list[Any]]:
    """Each document that a verb printed in the recorded runs, by the verb and what it was asked."""
    found: dict[str, list[Any]] = {}
    for path in sorted(recordings.glob("*.txt")):
        for words, body in COMMAND.findall(path.read_text("utf-8")):
            if "--json" not in words.split():
                continue
            out = "".join(
                line[6:] + "\n" for line in body.splitlines() if line.startswith("  out ")
            )
            if out.strip():
                found.setdefault(kind(words.split()), []).append(json.loads(out))
    return found


def kind(words: Sequence[str]) -> str:
    """The verb, with the option that changes what it prints."""
    verb = words[0]
    asked = [option for option in KINDS.get(verb, ()) if option in words]
    return " ".join([verb, *asked[:1]])


def schema(values: Sequence[Any]) -> dict[str, Any]:
    """A JSON schema that all of these values fit."""
    types = sorted({_type(value) for value in values})
    made: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    objects = [value for value in values if isinstance(value, dict)]
    names = list(dict.fromkeys(name for one in objects for name in one))
    if names:
        made["properties"] = {
            name: _member(name, [one[name] for one in objects if name in one]) for name in names
        }
        required = [name for name in names if all(name in one for one in objects)]
        if required:
            made["required"] = required
    items = [item for value in values if isinstance(value, list) for item in value]
    if items:
        made["items"] = schema(items)
    return made


def _member(name: str, values: Sequence[Any]) -> dict[str, Any]:
    if name in FREE:
        return {}
    if name == "instructions" and all(isinstance(value, list) for value in values):
        return {"type": "array", "items": RECORD}
    if name in {*MAPS, "instructions"} and all(isinstance(value, dict) for value in values):
        inner = [one for value in values for one in value.values()]
        return {"type": "object", "additionalProperties": schema(inner) if inner else {}}
    return schema(values)


def documents(recordings: Path) -> dict[str, dict[str, Any]]:
    """The schema of each document, by the verb; `show` has one for each thing that it shows."""
    found = {}
    for verb, values in sorted(samples(recordings).items()):
        if verb != "show":
            found[verb] = schema(values)
            continue
        conflicts = [value for value in values if "sides" in value]
        found["show CONFLICT"] = schema(conflicts)
        found["show ID"] = RECORD
    return found


def page(recordings: Path) -> Iterator[str]:
    """The page of the keys of every document."""
    yield "# The JSON of each verb"
    yield (
        "With `--json` a verb prints one document on standard output, and nothing else there. Keys "
        "may be added by later versions; those that are there stay. A key with *no* under *always* "
        "is left out where there is nothing to say. The same as JSON Schema: "
        "[`schemas.json`](schemas.json)."
    )
    yield (
        "An answer to `add`, `edit` or `retire` without an open session has the keys of `end` as "
        "well, for it is published at once."
    )
    for verb, made in documents(recordings).items():
        yield f"## {verb}"
        rows = []
        for path, kind, always in keys(made):
            name = path.rpartition(".")[2]
            if name not in WORDS and not name.isupper():
                sys.exit(f"tools/json_keys.py: say in WORDS what {path} of {verb} is")
            rows.append(
                f"| `{path}` | {kind} | {'yes' if always else 'no'} | {WORDS.get(name, '')} |"
            )
        if rows:
            yield "\n".join(["| key | type | always | what |", "| --- | --- | --- | --- |", *rows])
        else:
            yield "The instruction as it stands, with all its fields."


def _type(value: Any) -> str:
    return TYPES.get(type(value), "number")


def keys(made: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, bool]]:
    """Each key of a schema: its path, its type in words, whether it is always there."""
    for name, inner in made.get("properties", {}).items():
        here = f"{path}{name}"
        yield here, _words(inner), name in made.get("required", ())
        yield from keys(inner, f"{here}.")
        yield from keys(inner.get("items", {}), f"{here}[].")


def _words(made: Mapping[str, Any]) -> str:
    types = made.get("type", "any")
    return " or ".join([types] if isinstance(types, str) else types)
