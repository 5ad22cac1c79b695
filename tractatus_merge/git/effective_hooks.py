"""Whether the hooks that git runs in a worktree hold the gate, whoever wrote them there.

A hook holds it by our section, by a line of its own, or because it starts a hook manager whose own
file has our line for that event. It stands in a file, or in git's configuration from 2.54 on. All
are read as text: none is run, and none is changed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from tractatus_merge.git import configured_hooks
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.system import plain_file
from tractatus_merge.system.marked_sections import has_section, without_section

GATED = ("pre-commit", "pre-merge-commit")
"""The hooks that run the gate: merges run the second, and not the first."""
MANAGERS: Mapping[str, tuple[str, ...]] = {
    "pre-commit": (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml"),
    "lefthook": tuple(
        f"{folder}lefthook{local}.{kind}"
        for local in ("", "-local")
        for folder in ("", ".", ".config/")
        for kind in ("yml", "yaml", "toml", "json", "jsonc")
    ),
    "husky": (".husky",),
    "simple-git-hooks": (
        *(f"{dot}simple-git-hooks.{kind}" for dot in (".", "") for kind in ("json", "cjs", "js")),
        "package.json",
    ),
    "hk": ("hk.pkl", ".hk.pkl", ".config/hk.pkl"),
}
"""Hook managers, and what in the top folder tells that one is in use."""
_KEY = "simple-git-hooks"
_CHECK = re.compile(rb"tractatus\S*\s(?:\S*\s)*?check\s(?:\S*\s)*?--staged\b")
_ITEM = re.compile(r"(?:^|[\s{,])['\"]?(?:id|repo)['\"]?\s*[:=]")
_STAGES = re.compile(r"(?:default_)?stages['\"]?\s*[:=]\s*(\[[^\]]*\]|(?:\n\s*-\s*\S+)+)")


def in_use(top: Path) -> tuple[str, str] | None:
    """The manager of a work tree, and the file that tells; None if there is none."""
    for manager, names in MANAGERS.items():
        for name in names:
            if (top / name).exists() and (name != "package.json" or _named_in(top / name)):
                return manager, name
    return None


def is_of_a_manager(path: Path) -> bool:
    """Whether a hook stands in a folder that is a manager's, and is shared with its files."""
    return ".husky" in path.parts and path.parent.name != "_"


def without_gate(git: Plumbing, folder: Path, top: Path) -> list[str]:
    """The events of GATED at which git runs no gate in a worktree, which has its hooks in a folder.

    The configuration is asked only where no file holds it.
    """
    missing = [name for name in GATED if not _holds(folder / name, top, ours=True)]
    configured = configured_hooks.commands(git, missing)
    return [name for name in missing if not _any_holds(configured[name].values(), top, name)]


def gated_by_others(git: Plumbing, folder: Path, top: Path, ours: Collection[str]) -> list[str]:
    """The events at which git would run the gate without our section, and hooks named as ours."""
    configured = configured_hooks.commands(git, GATED)
    theirs = {
        event: [command for name, command in found.items() if name not in ours]
        for event, found in configured.items()
    }
    return [
        name
        for name in GATED
        if _holds(folder / name, top, ours=False) or _any_holds(theirs[name], top, name)
    ]


def kept_beside(folder: Path, name: str) -> Path | None:
    """Our hook, where pre-commit or prek was installed later: they keep it beside, and run it."""
    legacy = folder / f"{name}.legacy"
    ours = has_section(plain(legacy)) and not has_section(plain(folder / name))
    return legacy if ours and b"hook-impl" in plain(folder / name) else None


def has_lines(top: Path, event: str) -> bool:
    """Whether the files of a work tree's manager run our check at an event."""
    texts = {name: _text(top / name) for names in MANAGERS.values() for name in names}
    return any(
        _framework(text, event)
        if name in MANAGERS["pre-commit"]
        else _check_in(_block(text, event, name))
        for name, text in texts.items()
        if text
    ) or _check_in(_text(top / ".husky" / event))


def plain(path: Path) -> bytes:
    """A file's bytes; none where there is no such file."""
    return plain_file.read(path) if path.is_file() else b""


def _holds(path: Path, top: Path, *, ours: bool) -> bool:
    if not os.access(path, os.X_OK):
        return False
    data = plain(path)
    if ours and has_section(data):
        return True
    text = _uncommented(without_section(data).decode("utf-8", "replace"))
    if _check_in(text):
        return True
    if "hook-impl" in text and ours and os.access(f"{path}.legacy", os.X_OK):
        legacy = plain(path.with_name(f"{path.name}.legacy"))
        if has_section(legacy) or _CHECK.search(legacy):
            return True
    husky = path.parent.name == "_" and path.parent.parent.name == ".husky"
    if husky:
        return _check_in(_text(path.parent.parent / path.name))
    return _starts_a_manager(text) and has_lines(top, path.name)


def _any_holds(commands: Collection[str], top: Path, event: str) -> bool:
    """Whether one of these commands, or the script that it starts, holds the gate."""
    texts = [text for command in commands for text in (command, _script(command, top))]
    return any(
        _check_in(text) or (_starts_a_manager(text) and has_lines(top, event)) for text in texts
    )


def _script(command: str, top: Path) -> str:
    """What the script says that a command names first; "" if that is none."""
    try:
        word = next(iter(shlex.split(command)), "")
        data = plain(top / Path(word).expanduser()) if "/" in word else b""
    except (ValueError, RuntimeError, OSError):  # no command, nobody's home, nothing to be read
        return ""
    return "" if b"\0" in data else _uncommented(data.decode("utf-8", "replace"))


def _starts_a_manager(text: str) -> bool:
    return "hook-impl" in text or "lefthook" in text or "hk run" in text


def _check_in(text: str) -> bool:
    return _CHECK.search(text.encode("utf-8", "replace") + b" ") is not None


def _text(path: Path) -> str:
    return _uncommented(plain(path).decode("utf-8", "replace"))


def _uncommented(text: str) -> str:
    """The text without lines that are comments of a shell, YAML, TOML, pkl or JSON with them."""
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.lstrip().startswith(("#", "//"))
    )


def _named_in(path: Path) -> bool:
    """Whether a package names hooks for simple-git-hooks."""
    try:
        found = json.loads(plain(path))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and _KEY in found


def _framework(text: str, event: str) -> bool:
    """Whether a configuration of pre-commit or prek has our hook, for this event."""
    everywhere = _STAGES.search(text) if "default_stages" in text else None
    for item in _items(text):
        if "tractatus" in item and ("check" in item or re.search(r"id\W+tractatus-merge", item)):
            said = _STAGES.search(item) or everywhere
            short = event.removeprefix("pre-")
            words = re.findall(r"[\w-]+", said[1]) if said else [event]
            return event in words or short in words
    return False


def _items(text: str) -> Iterator[str]:
    """The text in pieces, each beginning at an id or a repository."""
    starts = [found.start() for found in _ITEM.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        yield text[start:end]


def _block(text: str, event: str, name: str) -> str:
    """What a manager's file says of one event."""
    if name.endswith(("json", "jsonc")):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return ""
        found = found.get(_KEY, found) if isinstance(found, dict) else {}
        return " ".join(_strings(found.get(event) if isinstance(found, dict) else None))
    lines, inside, kept = text.splitlines(), False, list[str]()
    for line in lines:
        top_level = line[:1] not in ("", " ", "\t", "}", "]", "-")
        if top_level or f'["{event}"]' in line:
            inside = re.match(rf"\[*\s*['\"]?{event}['\"]?\s*[\]:.=]", line.strip()) is not None
            inside = inside or f'["{event}"]' in line
        elif name.endswith(".pkl") and re.match(r'\s*\["(pre|post|commit|fix|check)', line):
            inside = False
        kept += [line] if inside else []
    return "\n".join(kept)


def _strings(value: object) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
