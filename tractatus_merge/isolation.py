"""Names that keep concurrent test runs apart: the environment of one session, or of one run.

| variable | what | for |
| --- | --- | --- |
| TRACTATUS_SESSION | the session's id (none outside a session) | this tool |
| TRACTATUS_SLUG | 8 hex digits, the session's own | the end of fixed names: slugs, e-mails, files |
| TRACTATUS_SLOT | 0, 1, 2, ...: the smallest that no live session holds | what there are few of |
| TRACTATUS_PORT_OFFSET | 100 times the slot | added to every port |
| TRACTATUS_TEST_DB | `tractatus_test_` clone `_` slot | a database; there are as many as slots |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from shlex import quote

from tractatus_merge import processes, slots
from tractatus_merge.repository import Repository
from tractatus_merge.session import Session

PORTS = 100
"""Ports between two slots."""
LONGEST = 63
"""Bytes of a database's name in PostgreSQL, and less than MongoDB's 63."""
FORMATS = ("sh", "fish", "dotenv", "json")


def variables(repo: Repository, session: Session | None, pid: int) -> dict[str, str]:
    """The environment of a session; without one, of the process that lives as long as the run."""
    if session is not None:
        slot = slots.take(repo, {"session": session.id})
        return {"TRACTATUS_SESSION": session.id, **_names(repo, session.tag, slot)}
    facts = processes.facts_of(pid) or {"pid": pid}
    slot = slots.take(repo, {"process": facts})
    return _names(repo, _hashed(json.dumps(facts, sort_keys=True)), slot)


def of_worker(name: str, worker: str, longest: int = LONGEST) -> str:
    """A database's name for one worker of a test run, no longer than it may be."""
    end = f"_{worker}" if worker else ""
    return name[: longest - len(end)] + end


def said(found: Mapping[str, str], form: str) -> list[str]:
    """The variables, one a line, as a reader of that form takes them."""
    if form == "json":
        return [json.dumps(dict(found))]
    pattern = {"sh": "export {}={}", "fish": "set -gx {} {}", "dotenv": "{}={}"}[form]
    return [pattern.format(name, quote(value)) for name, value in found.items()]


def _names(repo: Repository, slug: str, slot: int) -> dict[str, str]:
    return {
        "TRACTATUS_SLUG": slug,
        "TRACTATUS_SLOT": str(slot),
        "TRACTATUS_PORT_OFFSET": str(slot * PORTS),
        "TRACTATUS_TEST_DB": f"tractatus_test_{_hashed(repo.workspace.clone_id())}_{slot}",
    }


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
