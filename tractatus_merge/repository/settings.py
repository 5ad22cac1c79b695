"""What `.claude/tractatus.toml` says: checked settings, and tables of rules by file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from tractatus_merge.errors import DocumentError
from tractatus_merge.system import plain_file

SETTINGS = "tractatus.toml"
DEFAULT_BRANCH = "tractatus/history"
"""The name of the line where no settings name another."""
DEFAULT_LOCK = "flock"
"""The lock in front of the loop where no settings name another."""
VIEW = "instruction-history.json"
"""The file of a `.claude` folder that agents and scripts read."""
_SETTINGS: dict[str, dict[str, tuple[type, tuple[object, ...]]]] = {
    "store": {"branch": (str, ()), "url": (str, ()), "lock": (str, ())},
    "view": {"write": (str, ("auto", "always", "never"))},
    "policy": {"agents_may_resolve": (bool, ())},
    "metrics": {"budget": (int, ())},
    "publish": {"metrics": (bool, ())},
    "notify": {"command": (list, ())},
    "check": {"block": (str, ("MINOR", "WARNING", "CRITICAL", "never"))},
}


def settings(path: Path) -> dict[str, dict[str, object]]:
    """The settings of a file, by section; none where there is no file."""
    try:
        text = plain_file.read_text(path)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(str(path), None, f"cannot be read: {error}") from None
    import tomllib  # 4 ms, and most repositories have no settings

    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(str(path), None, f"not TOML: {error}") from None
    for section, values in found.items():
        if section == "documents":
            continue  # tables of rules: whoever merges such a file checks them
        known = _SETTINGS.get(section)
        if known is None or not isinstance(values, dict):
            raise DocumentError(str(path), None, f"there is no section [{section}]", hint=_known())
        for key, value in values.items():
            kind, choices = known.get(key, (type(None), ()))
            words = value if isinstance(value, list) else ["a word"]
            is_list = bool(words) and all(isinstance(word, str) for word in words)
            if type(value) is not kind or (choices and value not in choices) or not is_list:
                why = f"[{section}] {key} = {value!r} is not possible"
                raise DocumentError(str(path), None, why, hint=_known())
    return found


def _known() -> str:
    return "known: " + ", ".join(f"[{s}] {key}" for s, keys in _SETTINGS.items() for key in keys)


def rules_of(file: Path) -> tuple[str, Mapping[str, object]] | None:
    """The table of rules that the settings nearest above a file have for it: (where, table).

    The names in `[documents."NAME"]` are patterns (`*.jsonl`), matched with the file's name and
    with its path from the folder that holds `.claude`; the first that fits counts.
    """
    file = file.absolute()
    found = documents_above(file.parent)
    return None if found is None else table_for(file, *found)


def documents_above(folder: Path) -> tuple[Path, dict[str, object]] | None:
    """The nearest folder with settings, from this one up, and the tables they have."""
    for place in (folder, *folder.parents):
        path = place / ".claude" / SETTINGS
        if path.is_file():
            return place, documents_of(path)
    return None


def documents_of(path: Path) -> dict[str, object]:
    """The tables of a settings file, by the name of the file they are for."""
    documents = settings(path).get("documents", {})
    if not isinstance(documents, dict):
        raise DocumentError(str(path), None, "documents is no section", hint=_known())
    return documents


def table_for(
    file: Path, folder: Path, documents: Mapping[str, object]
) -> tuple[str, Mapping[str, object]] | None:
    """The first of a folder's tables whose name fits the file: (where, table)."""
    for name, table in documents.items():
        pattern = name.lstrip("/")
        if fnmatch(file.name, name) or fnmatch(str(file.relative_to(folder)), pattern):
            path = folder / ".claude" / SETTINGS
            if not isinstance(table, dict):
                raise DocumentError(str(path), None, f'[documents."{name}"] is no table')
            return f'{path}: [documents."{name}"]', table
    return None


def with_store(text: str, key: str, value: str) -> str | None:
    """The text of a settings file that names another store: `url` or `branch` is another one.

    All else stays as it is. None where it is written in a way in which that cannot be said.
    """
    import tomllib

    said = f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
    kept: list[str] = []
    section, written = "", False
    for line in text.splitlines(keepends=True):
        begins = re.match(r"\s*\[([^]]*)\]", line)
        section = begins[1].strip() if begins else section
        if section == "store" and re.match(r"""\s*["']?(url|branch)["']?\s*=""", line):
            continue
        kept.append(line)
        if begins and section == "store":
            kept[-1:] = [line.rstrip("\r\n") + "\n", said]
            written = True
    if not written:
        kept += ["\n"] if text and not text.endswith("\n") else []
        kept += [*(["\n"] if text else []), f"[store]\n{said}"]
    found = "".join(kept)
    try:
        old, new = (tomllib.loads(one) for one in (text, found))
    except tomllib.TOMLDecodeError:
        return None
    store = {name: one for name, one in old.get("store", {}).items() if name not in _WHERE}
    return found if new == {**old, "store": {**store, key: value}} else None


_WHERE = ("url", "branch")
