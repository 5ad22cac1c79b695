"""What an audit finds in histories of which it is known what each commit lost.

    .venv/bin/python -m benchmarks.losses [--commits N] [--seed N]

Three models of how agents and people write a record file: a tracker in JSONL whose issues are
closed and reopened, a JSON list that is edited by hand and whose records and file are renamed, and
an object keyed by id. Each history has honest commits of many kinds, faithful merges, and planted
losses: writes from an older copy, two records under one id, truncations, merges that leave one side
out. The oracle knows from which version each writer started; that is all it judges by, and nothing
of the product is in it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.graphs import Graph
from tractatus_merge.git.audit import report
from tractatus_merge.git.audit.record_versions import parts_of
from tractatus_merge.git.plumbing import Plumbing, discover

Record = dict[str, Any]
State = dict[str, Record]
"""The records of a version by id, in the order of the file."""

AGENTS = ("ann", "bo", "cy", "di")


def lost(known: State, before: State, after: State) -> set[str]:
    """The oracle: what changed since the version that the writer knew, and is not in the result."""
    return {
        name
        for name in known.keys() | before.keys()
        if before.get(name) != known.get(name) and after.get(name) != before.get(name)
    }


class Tracker:
    """Issues, a line each, with times."""

    file, title = "issues.jsonl", "tracker, JSONL"

    def new(self, number: int, clock: int) -> tuple[str, Record]:
        """A record's id, and the record."""
        at = f"2025-01-01T00:{clock // 60 % 60:02}:{clock % 60:02}.{clock:06}Z"
        words = {"title": f"Issue number {number}", "status": "open", "priority": number % 4}
        return f"bd-{number}", {**words, "created_at": at, "updated_at": at}

    def edit(self, chance: random.Random, record: Record, clock: int) -> Record:
        """The record, edited."""
        at = f"2025-01-02T00:{clock // 60 % 60:02}:{clock % 60:02}.{clock:06}Z"
        act = chance.choice(("close", "close", "priority", "title", "note"))
        if act == "close":
            status = "open" if record["status"] == "closed" else "closed"
            return {**record, "status": status, "updated_at": at}
        if act == "priority":
            return {**record, "priority": (record["priority"] + 1) % 5, "updated_at": at}
        return {**record, act: f"{record.get(act, 'said')} and {clock}", "updated_at": at}

    def write(self, state: State) -> str:
        """The file."""
        return "".join(json.dumps({"id": name, **record}) + "\n" for name, record in state.items())


class ByHand:
    """A list in an object, with short fields."""

    file, title = "services.json", "list by hand, JSON"

    def new(self, number: int, clock: int) -> tuple[str, Record]:
        """A record's id, and the record."""
        return f"svc{number}", {"name": f"Service {number}", "port": 8000 + clock, "tier": "a"}

    def edit(self, chance: random.Random, record: Record, clock: int) -> Record:
        """The record, edited."""
        act = chance.choice(("port", "port", "tier"))
        return {**record, act: 9000 + clock if act == "port" else f"t{clock}"}

    def write(self, state: State) -> str:
        """The file."""
        services = [{"id": name, **record} for name, record in state.items()]
        return json.dumps({"version": "1.0", "services": services}, indent=2) + "\n"


class Keyed:
    """An object of small objects by their keys."""

    file, title = "flags.json", "object by id, JSON"

    def new(self, number: int, clock: int) -> tuple[str, Record]:
        """A record's id, and the record."""
        return f"flag-{number}", {"on": clock % 2 == 0, "owner": f"team {number}"}

    def edit(self, chance: random.Random, record: Record, clock: int) -> Record:
        """The record, edited."""
        if chance.random() < 0.6:
            return {**record, "on": not record["on"]}
        return {**record, "owner": f"team {clock}"}

    def write(self, state: State) -> str:
        """The file."""
        return json.dumps(state, indent=2) + "\n"


MODELS = (Tracker, ByHand, Keyed)


@dataclass
class Commit:
    """A version on the main line: its records, and who wrote it."""

    mark: int
    state: State
    by: str


@dataclass
class History:
    """A history in the making: what each commit lost by the oracle, and how many of each kind."""

    model: Any
    graph: Graph
    chance: random.Random
    line: list[Commit] = field(default_factory=list)
    losses: dict[int, set[str]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def commit(
        self, state: State, known: State, kind: str, by: str, message: str = "", *more: int
    ) -> None:
        """Commit a version, made by one who knew another one."""
        before = self.line[-1].state
        there = [self.line[-1].mark, *more]
        said = message or self.chance.choice(("update", "sync", "wip", "chore: state"))
        said += f"\n\nSession: {by}-{self.graph.marks // 40}"
        author = "agents" if by in AGENTS[:2] else by  # two of them share one author
        mark = self.graph.commit(self.model.write(state).encode(), *there, by=author, message=said)
        self.line.append(Commit(mark, state, by))
        self.kinds[kind] += 1
        gone = lost(known, before, state)
        assert bool(gone) == kind.startswith("loss"), kind
        if gone:
            self.losses[mark] = gone

    def added(self, state: State) -> State:
        """A version with one record more."""
        self.number += 1
        name, record = self.model.new(self.number, self.graph.marks)
        return {**state, name: record}

    def edited(self, state: State, name: str) -> State:
        """A version with one record edited, as it has not been lately: nothing is set back."""
        known = [one.state.get(name) for one in self.line[-60:]]
        record = state[name]
        while record in known:
            record = self.model.edit(self.chance, state[name], self.graph.marks)
        return {**state, name: record}

    def honest(self, by: str) -> None:
        """One of the many things that a writer does who knows the newest version."""
        tip, chance = self.line[-1].state, self.chance
        names = list(tip)
        newest, some = names[-1], chance.choice(names)
        kind = chance.choice(("add", "add", "add", "edit", "edit", *INNOCENT))
        message = ""
        if kind == "add":
            state = self.added(tip)
        elif kind == "edit":
            state = self.edited(tip, some)
        elif kind == "edit the newest and add":
            state = self.added(self.edited(tip, newest))
        elif kind == "delete the newest":
            state = {name: record for name, record in tip.items() if name != newest}
        elif kind == "delete, and say so, and add":
            state = self.added({name: r for name, r in tip.items() if name != newest})
            message = chance.choice((f"{newest} is done", f"Remove {newest}, add one"))
        elif kind == "set back, and nothing else":
            state = {**tip, **{n: r for n, r in self.line[-2].state.items() if n in tip}}
        elif kind == "another id":
            moved = self.model.edit(chance, tip[newest], self.graph.marks)
            name = f"{newest}-{self.graph.marks}"
            state = {
                name if n == newest else n: moved if n == newest else r for n, r in tip.items()
            }
        elif kind == "another order":
            state = dict(chance.sample(list(tip.items()), k=len(tip)))
        else:
            state = dict(list(tip.items())[-len(tip) // 3 :])
            message = "Archive what is done"
        self.commit(state, tip, f"innocent: {kind}", by, message)

    def stale(self, by: str) -> None:
        """A write from an older copy, with something of its own."""
        back = self.chance.randrange(1, 6)
        known = self.line[-1 - back].state
        tip = self.line[-1].state
        if self.chance.random() < 0.5:
            state = self.added(known)
        else:
            same = [name for name in known if tip.get(name) == known[name]]
            if not same:
                return
            state = self.edited(known, self.chance.choice(same))
        gone, others = lost(known, tip, state), False
        for before, one in zip(self.line[-back - 1 :], self.line[-back:], strict=False):
            others |= one.by != by and bool(gone & lost(before.state, one.state, before.state))
        if others:
            self.commit(state, known, f"loss: copy {back} versions old", by)

    def collision(self, by: str) -> None:
        """Two writers who gave one id to two records; the second one wrote its copy back."""
        known, tip = self.line[-2].state, self.line[-1].state
        new = [name for name in tip if name not in known]
        if len(new) != 1 or self.line[-1].by == by or lost(known, tip, known) != {*new}:
            return
        _, record = self.model.new(5000 + self.number, self.graph.marks)
        if "title" in record:
            record["title"] = f"Quite different {self.number}"
            self.commit({**known, new[0]: record}, known, "loss: one id, two records", by)

    def shorter(self, by: str) -> None:
        """A writer that leaves a part of the file; then somebody restores it, and goes on."""
        tip = self.line[-1].state
        if len(tip) < 10:
            return
        left = self.chance.choice((0, 1, len(tip) // 4))
        state = dict(list(tip.items())[:left])
        self.commit(state, {}, "loss: truncation", by)
        self.losses[self.line[-1].mark] = tip.keys() - state.keys()
        self.commit(self.added(tip), state, "innocent: restore", AGENTS[2], "Restore what was lost")

    def merge(self, by: str, *, whole: bool) -> None:
        """Two sides that each did something; the merge has both, or leaves the second out."""
        tip = self.line[-1]
        names = list(tip.state)
        sides = []
        picked = self.chance.sample(names, k=min(2, len(names)))
        for who, name in zip(AGENTS, picked, strict=False):
            state = self.added(self.edited(tip.state, name))
            data = self.model.write(state).encode()
            sides.append((state, self.graph.commit(data, tip.mark, by=who, message="side")))
        if len(sides) < 2:
            return
        (ours, first), (theirs, second) = sides
        brought = {n: r for n, r in theirs.items() if tip.state.get(n) != r}
        self.line.append(Commit(first, ours, AGENTS[0]))
        result = {**ours, **brought} if whole else ours
        data = self.model.write(result).encode()
        mark = self.graph.commit(data, first, second, by=by, message="merge")
        self.line.append(Commit(mark, result, by))
        self.kinds["innocent: merge" if whole else "loss: merge"] += 1
        if not whole:
            self.losses[mark] = set(brought)


INNOCENT = (
    "edit the newest and add", "delete the newest", "delete, and say so, and add",
    "set back, and nothing else", "another id", "another order", "archive",
)  # fmt: skip


def build(model: Callable[[], Any], folder: Path, commits: int, seed: int) -> History:
    """A history of one model, at least so long."""
    chance = random.Random(seed)  # noqa: S311 not for secrets
    made = History(model(), Graph(folder, model().file), chance)
    state: State = {}
    for _ in range(12):
        state = made.added(state)
    data = made.model.write(state).encode()
    made.line.append(Commit(made.graph.commit(data, by="ann", message="import"), state, "ann"))
    while made.graph.marks < commits:
        by, turn = chance.choice(AGENTS), chance.random()
        while len(made.line) < 8 or len(made.line[-1].state) < 6:
            state = made.added(made.line[-1].state)
            made.commit(state, made.line[-1].state, "innocent: add", chance.choice(AGENTS))
        if turn < 0.05:
            made.stale(by)
        elif turn < 0.06:
            made.collision(by)
        elif turn < 0.07:
            made.shorter(by)
        elif turn < 0.12:
            made.merge(by, whole=turn < 0.11)
        else:
            made.honest(by)
    return made


def found(made: History) -> dict[int, set[str]]:
    """What the audit tells: the records by commit."""
    ids = {oid: mark for mark, oid in made.graph.make().items()}
    git = Plumbing(discover(made.graph.folder))
    try:
        told = report.audit(git, made.graph.file)
    finally:
        git.close()
    by_commit: dict[int, set[str]] = {}
    for one in told.losses():
        by_commit.setdefault(ids[one.commit.oid], set()).add(parts_of(one.loss.name)[1])
    return by_commit


def main(words: list[str]) -> None:
    """Build, audit and count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(words)
    for model in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            made = build(model, Path(folder, "repo"), options.commits, options.seed)
            told = found(made)
        planted = {(mark, name) for mark, names in made.losses.items() for name in names}
        claims = {(mark, name) for mark, names in told.items() for name in names}
        innocent = sum(n for kind, n in made.kinds.items() if kind.startswith("innocent"))
        cells = (
            model.title, made.graph.marks, innocent,
            f"{len(planted)} in {len(made.losses)} commits",
            len(planted & claims), len(claims - planted),
        )  # fmt: skip
        print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main(sys.argv[1:])
