"""Names that keep concurrent test runs apart: the environment of one session, or of one run.

| variable | what | for |
| --- | --- | --- |
| TRACTATUS_SESSION | the session's id (none outside a session) | this tool |
| TRACTATUS_SLUG | 8 hex digits, the session's own here | the end of fixed names: slugs, files |
| TRACTATUS_SLOT | 0, 1, 2, ...: the smallest that no live session holds | what there are few of |
| TRACTATUS_PORT_OFFSET | 100 times the slot | added to every port |
| TRACTATUS_TEST_DB | `tractatus_test_` clone `_` slot | a database; there are as many as slots |

Where the git directory is read-only, as in an agent's sandbox, there is no slot and no offset, and
the database ends in the slug.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from shlex import quote

PORTS = 100
"""Ports between two slots."""
LONGEST = 63
"""Bytes of a database's name in PostgreSQL, and less than MongoDB's 63."""
FORMATS = ("sh", "fish", "dotenv", "json")


def names(clone: str, slug: str, slot: int) -> dict[str, str]:
    """The names of a slot's holder; MongoDB and SQL both take the database's as it is."""
    return {
        "TRACTATUS_SLUG": slug,
        "TRACTATUS_SLOT": str(slot),
        "TRACTATUS_PORT_OFFSET": str(slot * PORTS),
        "TRACTATUS_TEST_DB": f"tractatus_test_{hashed(clone)}_{slot}",
    }


def without_slot(slug: str) -> dict[str, str]:
    """The names of one who holds none."""
    return {"TRACTATUS_SLUG": slug, "TRACTATUS_TEST_DB": f"tractatus_test_{slug}"}


def of_worker(name: str, worker: str, longest: int = LONGEST) -> str:
    """A database's name for one worker of a test run; one too long ends in a hash of itself."""
    end = f"_{worker}" if worker else ""
    if len(name) + len(end) > longest:
        end = f"_{hashed(name)}{end}"
        name = name[: longest - len(end)]
    return name + end


def said(found: Mapping[str, str], form: str) -> list[str]:
    """The variables, one a line, as a reader of that form takes them."""
    if form == "json":
        return [json.dumps(dict(found))]
    pattern = {"sh": "export {}={}", "fish": "set -gx {} {}", "dotenv": "{}={}"}[form]
    return [pattern.format(name, quote(value)) for name, value in found.items()]


def hashed(text: str) -> str:
    """A text in 8 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
