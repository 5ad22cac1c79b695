"""What an install left that no ledger tells of: found by its marks, and taken out.

Attributes stay: they may be another clone's, committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tractatus_merge.git.install.git_config import Configuration, configuration
from tractatus_merge.git.install.hook_texts import ASIDE, HOOKS, PORTABLE
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.system import files, marked_sections
from tractatus_merge.system.ledger import read, under_lock

EVENTS = tuple(event for events in HOOKS.values() for event in events)
"""The hooks that may have a section of ours."""


def out_of_hooks(hooks: Path, names: Iterable[str] = EVENTS) -> list[str]:
    """Take our sections out of these hooks; what was done."""
    told = []
    for path in (hooks / name for name in names):
        data = read(path) if path.is_file() else None
        if data is not None and marked_sections.has_section(data):
            _out_of(path, data)
            told.append(f"took our section out of {path}")
    return told


def out_of_legacy(hooks: Path) -> list[str]:
    """The same, where the pre-commit framework was installed later and keeps ours beside."""
    return out_of_hooks(hooks, [f"{name}.legacy" for name in EVENTS])


def out_of_configuration(path: Path, git: Plumbing) -> list[str]:
    """Take our keys out of the configuration, if the driver there is ours; what was done."""
    data, edits = read(path) or b"", Configuration(git)
    hooks = [f"hook.{name}.{key}" for name in HOOKS for key in ("command", "event")]
    values = edits.values(data, [*configuration(PORTABLE), *hooks])
    there = {key: found for key, found in values.items() if found}
    if not any("tractatus_merge" in value for value in there.get("merge.tractatus.driver", ())):
        return []
    under_lock(path, edits.without(data, there, {}))
    return [f"took {', '.join(there)} out of {path}"]


def _out_of(path: Path, data: bytes) -> None:
    aside = path.with_name(path.name + ASIDE)
    left = marked_sections.without_ours(data)
    if os.path.lexists(aside) and aside.name.encode() in left:
        aside.replace(path)
    elif left:
        files.replace(path, left)
    else:
        path.unlink()
