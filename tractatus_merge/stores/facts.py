"""What a store can say of itself to a doctor, beside its history."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tractatus_merge.value import Value


class Facts(Value):
    """The program that keeps a store, its schema, its clock, and what it does not allow.

    `clock` is in seconds since 1970, None where it is this machine's. `may_not` names what this
    account lacks, and `grant` is the command that looks after it.
    """

    program: str
    schema: str
    clock: float | None = None
    may_not: Sequence[str] = ()
    grant: str = ""


def on_disk(program: str, schema: str, *places: Path) -> Facts:
    """The facts of a store in files, all of which are to be written; what is missing is none."""
    from shlex import quote  # for `doctor`

    closed = [place for place in places if place.exists() and not _may_write(place)]
    named = " ".join(quote(str(place)) for place in closed)
    return Facts(program, schema, None, [f"write {place}" for place in closed], f"ls -ld {named}")


def _may_write(place: Path) -> bool:
    return os.access(place, os.R_OK | os.W_OK | (os.X_OK if place.is_dir() else 0))
