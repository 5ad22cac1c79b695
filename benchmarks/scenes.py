"""Record files of any size for the benchmarks: a base and the two sides that changed it."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import Record, Records, jsonl

NAMES = ("base", "ours", "theirs")
LIST = "instructions"


class Scene(NamedTuple):
    """Three files of one form and size, and the place of the merged one."""

    folder: Path
    form: str
    size: int

    def path(self, name: str) -> Path:
        """Where `base`, `ours`, `theirs` or `merged` is."""
        return self.folder / f"{name}.{self.form}"

    def read(self) -> list[bytes]:
        """The bytes of base, ours and theirs."""
        return [self.path(name).read_bytes() for name in NAMES]

    def write(self, merged: bytes) -> None:
        """Leave the merged file."""
        self.path("merged").write_bytes(merged)


def sides(size: int) -> list[Records]:
    """A base and two sides of it."""
    rng = random.Random(size)  # noqa: S311 - a repeatable choice, no secret
    base = [record(number, rng) for number in range(size)]
    changed = max(1, size // 100)
    both, own = changed // 10, max(1, changed - changed // 10 - 2)
    picked = iter(rng.sample(range(size), both + 2 + 2 * own))
    shared, contested, mine, other = (
        list(itertools.islice(picked, count)) for count in (both, 2, own, own)
    )
    ours = edited(base, {"notes": "Mine, now."}, shared + mine)
    theirs = edited(base, {"persistence": "MEDIUM", "active": False}, shared + other)
    ours = edited(ours, {"text": "Rule of mine"}, contested)
    theirs = edited(theirs, {"text": "Rule of another"}, contested)
    new = range(size, size + max(1, size // 1000))
    ours += [record(number, rng) | {"id": f"inst_{number:06d}_aaaa0001"} for number in new]
    theirs += [record(number, rng) | {"id": f"inst_{number:06d}_bbbb0002"} for number in new]
    return [base, ours, theirs]


def edited(records: Records, change: Record, places: Iterable[int]) -> Records:
    """The records, those at some places changed."""
    result = list(records)
    for place in places:
        result[place] = result[place] | change
    return result


def record(number: int, rng: random.Random) -> Record:
    """An instruction of ordinary size."""
    words = rng.choices(["port", "never", "database", "ask", "before", "session", "grüßen"], k=30)
    return {
        "id": f"inst_{number:06d}",
        "text": f"Rule {number}: " + " ".join(words),
        "timestamp": f"2025-10-{1 + number % 30:02d}T14:00:00Z",
        "quadrant": rng.choice(["SYSTEM", "TACTICAL", "STRATEGIC"]),
        "persistence": "HIGH",
        "temporal_scope": "PROJECT",
        "verification_required": "MANDATORY",
        "explicitness": round(rng.random(), 2),
        "source": "user",
        "session_id": f"2025-10-{1 + number % 30:02d}-kick-off",
        "parameters": {"port": str(20_000 + number), "service": "mongodb", "open": True},
        "active": True,
        "tags": ["money", "api"],
        "notes": "Infrastructure decision from project initialization",
    }


def laid_out(records: Records, form: str) -> bytes:
    """The file that holds the records."""
    if form == "jsonl":
        return jsonl(records)
    document = {"version": "1.0", LIST: records, "stats": {"kept": True}}
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def set_up(folder: Path, form: str, size: int) -> Scene:
    """Write the three files."""
    scene = Scene(folder / f"{form}-{size}", form, size)
    scene.folder.mkdir()
    for name, records in zip(NAMES, sides(size), strict=True):
        scene.path(name).write_bytes(laid_out(records, form))
    return scene
