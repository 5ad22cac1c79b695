"""Is a store one register that is moved by compare-and-swap? Recorded calls, and their checker.

Each version names the one that it was made from, so the versions of a sound store are a chain, and
the question is whether each can have become the head at a moment within its commit, one after
the other, so that every head that was read was the head at a moment within the reading, and each
lost race was lost to somebody. Each call bounds the moment of one version from one side alone, so
the earliest moments that respect the lower bounds decide it: one pass, and exact.
"""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tractatus_merge.core.model.state import Entry, State, Version
from tractatus_merge.errors import StoreError
from tractatus_merge.stores.base import Store

LOST = "lost"
UNKNOWN = "unknown"
"""A call that failed, or never came back: it may have had its effect, at any time."""
COUNT = ("sessions", "n")
"""The record in which a version says how many came before it."""


@dataclass(frozen=True)
class Call:
    """One call of `head` (`mark` is empty) or of `commit`, when it began and came back.

    `version`: what it gave back; for a commit also LOST or UNKNOWN.
    """

    mark: str
    expected: Version | None
    version: Version | None
    began: float
    ended: float


class Impossible(Exception):
    """No register answers so."""


def fault(chain: list[tuple[Version, str]], calls: Iterable[Call]) -> str:
    """Why the calls are not those of one register; empty if they can be.

    `chain`: the versions in the end, oldest first, each with the mark of the commit that made it.
    A process expects only what it has read before.
    """
    try:
        bounds = _Bounds(chain)
        for call in calls:
            bounds.heed(call)
        bounds.must_leave_moments()
    except Impossible as why:
        return str(why)
    return ""


class _Bounds:
    """Between which moments each version can have become the head; number 0 is no version."""

    def __init__(self, chain: list[tuple[Version, str]]) -> None:
        self.versions: list[Version | None] = [None, *(version for version, _ in chain)]
        self.order = {version: at for at, version in enumerate(self.versions)}
        self.makers = {mark: at for at, (_, mark) in enumerate(chain, 1)}
        self.least = [-math.inf] * (len(chain) + 2)
        self.most = [math.inf] * (len(chain) + 2)
        self.seen: set[str] = set()
        if len(self.order) != len(chain) + 1 or len(self.makers) != len(chain):
            raise Impossible("a version, or a commit, is twice in the chain")

    def heed(self, call: Call) -> None:
        """Narrow the bounds by one call."""
        if call.expected not in self.order or call.version not in {*self.order, LOST, UNKNOWN}:
            raise Impossible(f"not in the chain: {call}")
        self.seen.add(call.mark)
        if not call.mark:
            at = self.order[call.version]
            self._became(at, before=call.ended)
            self._became(at + 1, after=call.began)
        elif call.mark in self.makers:
            self._made(self.makers[call.mark], call)
        elif call.version == LOST:
            self._became(self.order[call.expected] + 1, before=call.ended)
        elif call.version != UNKNOWN:
            raise Impossible(f"another made its version: {call}")

    def _made(self, at: int, call: Call) -> None:
        """A commit whose version is in the chain."""
        if call.version not in {UNKNOWN, self.versions[at]}:
            raise Impossible(f"it became the head all the same: {call}")
        if call.expected != self.versions[at - 1]:
            raise Impossible(f"it became the head after another than it expected: {call}")
        self._became(at, after=call.began, before=call.ended)

    def _became(self, at: int, *, after: float = -math.inf, before: float = math.inf) -> None:
        self.least[at] = max(self.least[at], after)
        self.most[at] = min(self.most[at], before)

    def must_leave_moments(self) -> None:
        """Each version became the head within its bounds, and after the one before it."""
        if missing := self.makers.keys() - self.seen:
            raise Impossible(f"nobody made {missing}")
        if self.most[-1] < math.inf:
            raise Impossible("a race was lost to nobody")
        now = -math.inf
        for at, version in enumerate(self.versions):
            now = max(now, self.least[at])
            if now > self.most[at]:
                raise Impossible(f"at no moment can {version} have become the head")


def chain_of(store: Store) -> list[tuple[Version, str]]:
    """The versions of a store's log, oldest first, with their marks; what each counts is looked at."""
    entries = list(store.log())[::-1]
    for number, entry in enumerate(entries, 1):
        assert entry.parents[:1] == ((entries[number - 2].version,) if number > 1 else ())
        assert store.load(entry.version).get(*COUNT) == str(number)
    assert store.head() == (entries[-1].version if entries else None)
    return [(entry.version, entry.message) for entry in entries]


def work(store: Store, name: str, tell: Callable[[list[Any]], object], swaps: int) -> None:
    """Read the head, pause, swap; over and over. `tell` is told before and after each call."""
    wait = random.Random(name)
    for number in range(swaps):
        try:
            head = _told(tell, ["", None], store.head)
            state = store.load(head) if head else State()
            count = int(state.get(*COUNT) or 0) + 1
            new = state.with_({COUNT: str(count)})
            mark = f"{name}.{number}"
            entry = Entry(mark, author="A <a@x>", time="2025-06-01T10:00:00.000Z")
            if wait.random() < 0.5:
                time.sleep(wait.uniform(0, 0.003))
            _told(tell, [mark, head], lambda: store.commit(head, new, entry) or LOST)  # noqa: B023
        except StoreError:  # busy: whether it took effect is not known
            continue


def _told(tell: Callable[[list[Any]], object], what: list[Any], call: Callable[[], Any]) -> Any:
    tell([*what, time.monotonic()])
    done = call()
    tell([done, time.monotonic()])
    return done


def calls_in(lines: Iterable[list[Any]]) -> list[Call]:
    """What one process told, as calls; one without an end is unknown, and a reading without one is none."""
    found, begun = [], None
    for line in [*lines, ["", None, math.inf]]:
        if len(line) == 2:
            assert begun is not None
            found.append(Call(*begun[:2], line[0], begun[2], line[1]))
            begun = None
        else:
            if begun is not None and begun[0]:
                found.append(Call(*begun[:2], UNKNOWN, begun[2], math.inf))
            begun = line
    return found


def into(file: Path) -> Callable[[list[Any]], object]:
    """Append lines to a file, each by one write: those of a killed process are whole."""
    target = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    return lambda line: os.write(target, json.dumps(line).encode() + b"\n")


def calls_of(files: Iterable[Path]) -> list[Call]:
    """What all processes told."""
    return [
        call
        for file in files
        for call in calls_in(json.loads(line) for line in file.read_text().splitlines())
    ]
