"""Our entries in an agent's settings: put in, found, taken out again.

Bytes in, bytes out; what is not ours keeps its bytes, its order and its layout.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from tractatus_merge.agents.catalogue import Agent
from tractatus_merge.agents.guard import INSTALLED
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.numbers import is_number
from tractatus_merge.errors import DocumentError

_BOM = b"\xef\xbb\xbf"
_OURS = re.compile(
    r"tractatus[-_]merge\S* (?:hook|statusline)(?: --agent \S+)?(?:; \}(?:; done)+)?\s*$"
)
_EXEC = re.compile(
    r".*\bexec (?P<words>.+?) (?:hook|statusline)(?: --agent \S+)?(?:; \}(?:; done)+)?\s*$"
)
_STATUS = "statusLine"


def parsed(data: bytes | None, path: str) -> dict[str, Json]:
    """What a settings file says; DocumentError if it is no JSON object."""
    text = _text(data, path)
    if not text.strip():
        return {}
    try:
        found = json_text.parse(text)
    except JsonError as error:
        line = text.count("\n", 0, error.at) + 1
        raise DocumentError(path, line, error.why, hint=_hint(path)) from None
    if not isinstance(found, dict):
        raise DocumentError(path, 1, "the settings are no JSON object", hint=_hint(path))
    events = found.get("hooks", {})
    if not isinstance(events, dict) or not all(isinstance(some, list) for some in events.values()):
        why = "'hooks' is not what an agent reads: an object of lists"
        raise DocumentError(path, None, why, hint=_hint(path))
    return found


def with_ours(
    data: bytes | None,
    path: str,
    groups: Mapping[str, dict[str, Any]],
    status: dict[str, Any] | None = None,
) -> bytes:
    """The settings with exactly these groups of ours, and the status line if one is given."""
    old = parsed(data, path)
    new = _without(old)
    events: dict[str, Any] = dict(new.get("hooks") or {})
    for event, group in groups.items():
        there = [one for one in _list(old, event) if _is_ours(one)]
        if len(there) == 1 and same(there[0], group):
            events[event] = _list(old, event)  # it stays where it stands
        else:
            events[event] = [*events.get(event, []), group]
    new["hooks"] = events
    if status is not None and _STATUS not in new:
        new[_STATUS] = status
    return _rewritten(data, path, old, new)


def without_ours(data: bytes, path: str = "") -> bytes:
    """The settings without our entries; nothing, where nothing else was there."""
    try:
        old = parsed(data, path)
    except DocumentError:
        return data
    new = _without(old)
    return _rewritten(data, path, old, new) if new else b""


def entries(found: dict[str, Json]) -> dict[str, list[dict[str, Any]]]:
    """Our handlers by their events."""
    there: dict[str, list[dict[str, Any]]] = {}
    for event in found.get("hooks") or {}:
        for group in _list(found, event):
            if isinstance(group, dict):
                handlers = group.get("hooks")
                ours = [one for one in handlers if _ours(one)] if isinstance(handlers, list) else []
                there.setdefault(event, []).extend(ours)
    return {event: some for event, some in there.items() if some}


def has_foreign_status_line(found: dict[str, Json]) -> bool:
    """Whether a status line is set that is not ours."""
    return found.get(_STATUS) is not None and not _ours(found[_STATUS])


def is_guarded(found: dict[str, Json]) -> bool:
    """Whether each of our hooks asks first whether the repository is ours."""
    handlers = [handler for some in entries(found).values() for handler in some]
    return all(INSTALLED in handler["command"] for handler in handlers)


def program(line: str) -> list[str]:
    """The words of the program that a hook's line starts; none where that cannot be told."""
    found = _EXEC.match(line)
    return shlex.split(found["words"]) if found else []


def seconds(handler: dict[str, Any], agent: Agent) -> float | None:
    """How long a handler may take, if it says so."""
    limit = handler.get("timeout")
    return float(limit) / agent.per_second if is_number(limit) else None


def _without(found: dict[str, Json]) -> dict[str, Json]:
    """The settings without our entries, and without what only held them."""
    new = dict(found)
    status = new.get(_STATUS)
    if _ours(status):
        del new[_STATUS]
    events: dict[str, Any] = {}
    for event in found.get("hooks") or {}:
        groups = [left for group in _list(found, event) if (left := _group(group)) is not None]
        if groups or not _list(found, event):
            events[event] = groups
    if "hooks" in new:
        new["hooks"] = events
        if not events and found["hooks"]:
            del new["hooks"]
    return new


def _group(group: Json) -> Json | None:
    """A group without our handlers; None if it had no others."""
    handlers = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(handlers, list) or not any(map(_ours, handlers)):
        return group
    left = [one for one in handlers if not _ours(one)]
    return {**group, "hooks": left} if left else None


def _is_ours(group: Json) -> bool:
    """Whether a group holds nothing but our handler."""
    return _group(group) is None


def _ours(handler: Json) -> bool:
    command = handler.get("command") if isinstance(handler, dict) else None
    return isinstance(command, str) and _OURS.search(command.replace("'", "")) is not None


def _list(found: dict[str, Json], event: str) -> list[Json]:
    return list((found.get("hooks") or {}).get(event, []))


def _rewritten(data: bytes | None, path: str, old: dict[str, Json], new: dict[str, Json]) -> bytes:
    if data is not None and same(old, new) and list(old) == list(new):
        return data
    text = _text(data, path)
    if not text.strip():
        return (json_text.dump(new) + "\n").encode()
    crlf = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    plain = text.replace("\r\n", "\n") if crlf else text
    changed = json_text.rewrite(plain, new)
    changed = changed.replace("\n", "\r\n") if crlf else changed
    head = _BOM if data is not None and data.startswith(_BOM) else b""
    return head + changed.encode("utf-8", "surrogatepass")


def _text(data: bytes | None, path: str) -> str:
    try:
        return (data or b"").removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise DocumentError(path, None, "it is not UTF-8", hint=_hint(path)) from None


def _hint(path: str) -> str:
    return f"mend {path}, or move it away; nothing was written"
