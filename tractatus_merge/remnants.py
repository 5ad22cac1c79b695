"""What an install left whose ledger is gone: found by its marks, and taken out."""

from __future__ import annotations

import os
from pathlib import Path

from tractatus_merge import files, marking
from tractatus_merge.configuring import Configuration
from tractatus_merge.hooktexts import ASIDE, DATED, GATED, HOOKS, PORTABLE, configuration
from tractatus_merge.ledger import read, under_lock
from tractatus_merge.stores.plumbing import Plumbing


def swept(hooks: Path, common_dir: Path, git: Plumbing) -> list[str]:
    """Take our sections out of the hooks, and our keys out of the configuration; what was done.

    Attributes stay: they may be another clone's, committed.
    """
    told = []
    for name in (*GATED, *DATED):
        path = hooks / name
        data = read(path) if path.is_file() else None
        if data is not None and marking.has_section(data):
            _out_of(path, data)
            told.append(f"took our section out of {path}")
    path = (common_dir / "config").resolve()
    data = read(path) or b""
    keys = [
        *configuration(PORTABLE),
        *(f"hook.{h}.{k}" for h in HOOKS for k in ("command", "event")),
    ]
    edits = Configuration(git)
    there = {key: values for key, values in edits.values(data, keys).items() if values}
    if any("tractatus_merge" in value for value in there.get("merge.tractatus.driver", ())):
        under_lock(path, edits.without(data, there, {}))
        told.append(f"took {', '.join(there)} out of {path}")
    return told


def _out_of(path: Path, data: bytes) -> None:
    aside = path.with_name(path.name + ASIDE)
    left = marking.without_ours(data)
    if os.path.lexists(aside) and aside.name.encode() in left:
        aside.replace(path)
    elif left:
        files.replace(path, left)
    else:
        path.unlink()
