"""What people, agents and scripts do in a random model: a seed makes a story."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from tests.crash.forking import KILLED
from tests.models.world import FINE, World, changed_in

SHARED = ["inst_050", "inst_051"]
"""Ids that everybody gives: two that meet are two records."""
FIELDS = (("text",), ("notes",), ("parameters", "p1"), ("parameters", "p2"))
Record = dict[str, Any]


class Play:
    """One story: each step is one thing that somebody does in one of the clones."""

    def __init__(self, world: World, seed: int, *, kills: bool = False) -> None:
        self.world, self.random, self.kills = world, random.Random(seed), kills
        self.clone = world.clones[0]

    def act(self, steps: int) -> None:
        """Do so many things, then end all and look."""
        for clone in self.world.clones if self.world.hub else ():
            self.clone = clone
            self._add(SHARED[0])
            for number in self.clone.names:
                self._do("merge", "--session", self.clone.names[number], may={0})
        for _ in range(steps):
            self.clone = self.random.choice(self.world.clones)
            verbs = dict(VERBS)
            if self.world.hub:
                verbs |= {"sync": 30}
            (name,) = self.random.choices(list(verbs), list(verbs.values()))
            getattr(self, f"_{name}")()
        self.finish()

    def finish(self) -> None:
        """Everybody goes on, ends and syncs, until nobody has anything new."""
        for clone in self.world.clones:
            self.clone = clone
            for number in list(self.clone.names):
                self._do("start", "--id", self.clone.names[number], may={0})
                self._do("end", "--session", self.clone.names[number], may={0, 1})
        if self.world.hub:
            for _ in range(3):
                for clone in self.world.clones:
                    self.world.do(clone, "sync", may={0, 1})
                    self.world.do(clone, "view", "--write")
                    self.world.do(clone, "status")
        self.world.whole()

    def _do(self, *words: str, may: set[int] = FINE) -> None:
        kill = self.random.randint(1, 90) if self.kills and self.random.random() < 0.1 else 0
        done = self.world.do(self.clone, *words, may=may, kill=kill)
        if done.status == KILLED:
            self._after_kill()
            self.world.do(self.clone, *words)

    def _after_kill(self) -> None:
        """Nobody holds what the dead held; whoever comes next finishes what it had begun."""
        for lock in (self.clone.folder / ".git" / "refs").rglob("*.lock"):
            os.utime(lock, (lock.stat().st_atime - 10, lock.stat().st_mtime - 10))
        kept = self.world.waiting.pop(self.clone.folder)
        self.world.run("-C", str(self.clone.folder), "status")
        for number in self.clone.names:
            self.world.run(
                "-C", str(self.clone.folder), "refresh", "--session", self.clone.names[number]
            )
        lost = kept - self.world.seen(self.clone) - self.world.replaced
        if lost:
            self.world.fail(f"lost by a kill: {sorted(lost)}")

    # Sessions

    def _number(self) -> int:
        """A session that there is: the number of one that is started else."""
        number = self.random.choice((1, 2) if self.world.hub else (1, 2, 3))
        if number not in self.clone.names:
            self.clone.names[number] = f"s{number}-{self.clone.folder.name}-0"
            self.world.do(self.clone, "start", "--id", self.clone.names[number], may={0})
        return number

    def _one_is_open(self) -> bool:
        """Whether a command that names no session means the only one there is."""
        states = [self.clone.facts(number)["state"] for number in self.clone.names]
        return states.count("open") == 1

    def _start(self) -> None:
        number = self._number()
        old = self.clone.names[number]
        if self.random.random() < 0.3:
            stem, _, count = old.rpartition("-")
            new = f"{stem}-{int(count) + 1}"
            done = self.world.run(
                "-C", str(self.clone.folder), "start", "--resume", old, "--id", new
            )
            self.world.steps.append(("start", "--resume", old, "--id", new, f"-> {done.status}"))
            if done.status == 0:
                self.clone.names[number] = new
        else:
            self._do("start", "--id", old)

    def _life(self) -> None:
        verb = self.random.choice(["merge", "merge", "end", "refresh", "refresh", "abandon"])
        self._do(verb, "--session", self.clone.names[self._number()])

    def _left(self) -> None:
        """A session ended, and was killed before it could merge."""
        number = self._number()
        facts = self.clone.facts(number)
        if facts["state"] == "open":
            path = self.clone.session(number) / "session.json"
            path.write_text(json.dumps({**facts, "state": "ended"}))

    # What is written

    def _place(self, records: list[Record]) -> tuple[Record, tuple[str, ...], Any]:
        """A record, a field of it, and what it says there."""
        shared = [record for record in records if record["id"].startswith(tuple(SHARED))]
        record = self.random.choice(shared if shared and self.random.random() < 0.6 else records)
        path = self.random.choice(FIELDS)
        value: Any = record
        for key in path:
            value = value.get(key, "") if isinstance(value, dict) else ""
        return record, path, value

    def _value(self, number: int, record: Record, path: tuple[str, ...], old: Any) -> str:
        """A new value by a session; in notes also one that goes on from what is there."""
        new = self.world.new()
        self.world.owner[new] = record.get("born", record["id"])
        self.clone.wrote.setdefault(number, []).append(new)
        if path == ("notes",) and self.random.random() < 0.5:
            return f"{old}\n{new}".strip()
        return f"Say {new}." if path == ("text",) else new

    def _edit(self) -> None:
        """An edit by the tool, in a session or by a person at once."""
        number = self._number()
        session = self.random.random() < 0.85 or self._one_is_open()
        records = _records(self.clone.copy(number)) if session else self._head()
        record, path, old = self._place(records)
        value = self._value(number, record, path, old)
        if "\n" not in value:
            self.world.replace(old)
        words = [
            "edit",
            record["id"],
            "--set",
            f"{'.'.join(path)}={json.dumps(value)}",
            "--why",
            "so",
        ]
        self._write(words, value, number if session else None)

    def _add(self, name: str = "") -> None:
        """A new rule by the tool, now and then under an id that others give as well."""
        number = self._number()
        session = self.random.random() < 0.85 or self._one_is_open()
        new, born = self._born(number)
        value = f"Say {new}."
        words = ["add", value, "--set", f"born={born}"]
        if name or self.random.random() < 0.6:
            words += ["--id", name or self.random.choice(SHARED)]
            self.clone.gave.setdefault(number, set()).add(words[-1])
        self._write(words, value, number if session else None)

    def _born(self, number: int) -> tuple[str, str]:
        """The text of a new record, and what tells it apart for ever."""
        new = self.world.new()
        self.world.owner[new] = new.replace("text", "born")
        self.clone.wrote.setdefault(number, []).extend((new, self.world.owner[new]))
        return new, self.world.owner[new]

    def _retire(self) -> None:
        number = self._number()
        record = self.random.choice(_records(self.clone.copy(number)))
        self._do("retire", record["id"], "--session", self.clone.names[number])

    def _write(self, words: list[str], value: str, number: int | None) -> None:
        """Run a writing command: what it took is there, what it refused counts as never written."""
        if number is None:
            done = self.world.do(self.clone, *words)
        else:
            done = self.world.do(self.clone, *words, "--session", self.clone.names[number])
        if done.status == 2:
            self.world.replace(value)
        elif not _mentioned(value) <= self.world.seen(self.clone):
            self.world.fail(f"not written: {value}\n{done.out}{done.err}")

    def _script(self) -> None:
        """A script changes a session's copy."""
        number = self._number()
        if self.clone.facts(number)["state"] == "abandoned":
            return
        self._tell("a script in the copy of", self.clone.names[number])
        self._rewrite(
            self.clone.copy(number), json.loads(self.clone.copy(number).read_text()), number
        )

    def _remember(self) -> None:
        """An agent reads its copy, to write it back some time."""
        number = self._number()
        self._tell("reads the copy of", self.clone.names[number])
        self.clone.read[number] = json.loads(self.clone.copy(number).read_text())
        self.clone.wrote[number] = []

    def _write_back(self) -> None:
        """It writes back the whole of what it read, with a change."""
        number = self._number()
        document = self.clone.read.pop(number, None)
        if document is None or self.clone.facts(number)["state"] == "abandoned":
            return
        self._tell("writes back what it read:", self.clone.names[number])
        self.world.replaced |= self.clone.written(number) | {*self.clone.wrote.get(number, ())}
        self._rewrite(self.clone.copy(number), document, number)

    def _late(self) -> None:
        """A program opens the copy, the tool replaces it, the program writes what it read."""
        number = self._number()
        if self.clone.facts(number)["state"] == "abandoned":
            return
        with self.clone.copy(number).open("r+") as file:
            document = json.load(file)
            verb = self.random.choice(["refresh", "merge"])
            done = self.world.do(self.clone, verb, "--session", self.clone.names[number])
            if done.status == 2:
                return
            self._tell("late, in the copy of", self.clone.names[number])
            self._change(document, number)
            file.seek(0)
            file.truncate()
            json.dump(document, file)
        wrote = f"text-{self.world.count}"
        self.world.do(self.clone, "refresh", "--session", self.clone.names[number], may={0})
        if wrote not in self.world.seen(self.clone):
            self.world.fail(f"written late, and lost: {wrote}")

    def _view(self) -> None:
        """A script changes the history file in the work tree."""
        if self.clone.view.exists():
            document = json.loads(self.clone.view.read_text())
            self._tell("a script in the view")
            self._rewrite(self.clone.view, document)
            self.world.waiting.setdefault(self.clone.folder, set()).add(f"text-{self.world.count}")
            self._do("status")

    def _rewrite(self, path: Path, document: Any, number: int = 0) -> None:
        self._change(document, number)
        path.write_text(json.dumps(document, indent=2))

    def _change(self, document: Any, number: int = 0) -> None:
        """One change of a document: a place of a record, or a new record."""
        records = document["instructions"]
        gave = self.clone.gave.setdefault(number, set())
        free = [name for name in SHARED if name not in {*gave, *(one["id"] for one in records)}]
        if free and self.random.random() < 0.3:
            new, born = self._born(number)
            name = self.random.choice(free)
            gave.add(name)
            records.append({"id": name, "text": f"Say {new}.", "active": True, "born": born})
            self._tell("adds", name, new)
            return
        record, path, old = self._place(records)
        value = self._value(number, record, path, old)
        if "\n" not in value:
            self.world.replace(old)
        if len(path) == 2 and not isinstance(record.get(path[0]), dict):
            record[path[0]] = {}
        (record if len(path) == 1 else record[path[0]])[path[-1]] = value
        self._tell("writes", record["id"], *path, f"{old!r} -> {value!r}")

    def _tell(self, *words: str) -> None:
        """Note what no command does."""
        self.world.steps.append((self.clone.folder.name, "(", *words, ")"))

    # People

    def _answer(self) -> None:
        found = self._json("conflicts")["conflicts"]
        if not found:
            return
        conflict = self.random.choice(found)
        if self.random.random() < 0.3 and conflict.get("field") in ("text", "notes"):
            words = ["--value", json.dumps(f"Say {self.world.new()}.")]
        else:
            sides = [str(number + 1) for number in range(len(conflict["sides"]))]
            words = ["--take", self.random.choice([*sides, "base", "both"])]
        value = words[1] if words[0] == "--value" else ""
        self._tell("answers", json.dumps(conflict)[:2000])
        done = self.world.do(self.clone, "resolve", conflict["id"], *words, "--why", "so")
        if done.status == 2:
            self.world.replace(value)

    def _revoke(self) -> None:
        told = self._json("conflicts", "--settled")["resolutions"]
        if told:
            self._do("resolve", "--revoke", self.random.choice(told)["id"])

    def _undo(self) -> None:
        entries = [one for one in self._json("log")["entries"] if one["session"] and one["parents"]]
        if entries:
            version = self.random.choice(entries[:6])["version"]
            self.world.replaced |= changed_in(self.clone, version)
            self._do("undo", version)

    def _step(self) -> None:
        """A person goes back over what was done last, or forward again."""
        word = self.random.choice(["undo", "undo", "redo"])
        steps = self._json("undo", "--list")[word]
        for step in steps[:1]:
            over = step["version"][:12]
            brought = {step["version"]}
            for entry in self._json("log")["entries"]:
                brought |= {entry["version"]} if over in entry["message"] else set()
            for version in brought:
                self.world.replaced |= changed_in(self.clone, version)
        self._do(word, may={0, 1} if steps else {2})

    def _sync(self) -> None:
        self._do("sync", may={0, 1})

    def _json(self, *words: str) -> Any:
        return self.world.do(self.clone, *words, "--json", may={0}).json

    def _head(self) -> list[Record]:
        found: list[Record] = self._json("list", "--all")["instructions"]
        return found


VERBS = {
    "start": 6, "life": 16, "left": 2, "edit": 20, "add": 8, "retire": 2, "script": 10, "remember": 5,
    "write_back": 5, "late": 4, "view": 5, "answer": 4, "revoke": 2, "undo": 3, "step": 4,
}  # fmt: skip
"""What is done how often."""


def _records(path: Path) -> list[Record]:
    found: list[Record] = json.loads(path.read_text())["instructions"]
    return found


def _mentioned(value: str) -> set[str]:
    """The text that a value brings: the last one."""
    return {value.rstrip(".").split()[-1]}
