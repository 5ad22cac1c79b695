"""Clones of one bare repository in which people and sessions work, as a seeded play."""

from __future__ import annotations

import functools
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import HOME, bakery, git
from tests.tool import run, tool

BRANCH = "tractatus/history"


def hub_of(folder: Path, source: Path) -> Path:
    """A bare repository with what a clone has in its main branch."""
    hub = folder / "hub.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(source), str(hub)], check=True)
    return hub


def clone_of(folder: Path, hub: Path | str, name: str) -> Path:
    """A clone, with a person of its own."""
    place = folder / name
    subprocess.run(["git", "clone", "-q", str(hub), str(place)], check=True)
    git(place, "config", "user.name", name.title())
    git(place, "config", "user.email", f"{name}@bakery.example")
    return place


@functools.cache
def _template() -> Path:
    """What `pair_of` copies, made once in each process."""
    folder = Path(HOME.name, "templates", "pair")
    folder.mkdir(parents=True)
    hub = hub_of(folder, bakery(folder))
    for name in ("ada", "bo"):
        clone = clone_of(folder, hub, name)
        tool(clone, "init")
        tool(clone, "sync")
    for sample in folder.glob("**/hooks/*.sample"):
        sample.unlink()
    return folder


def pair_of(folder: Path) -> tuple[Path, Path, Path]:
    """A hub, and two clones, Ada's and Bo's, that have the same history."""
    template = _template()
    for part in template.iterdir():
        shutil.copytree(part, folder / part.name, symlinks=True)
    hub, ada, bo = (folder / name for name in ("hub.git", "ada", "bo"))
    for config in (hub / "config", ada / ".git" / "config", bo / ".git" / "config"):
        config.write_text(config.read_text("utf-8").replace(str(template), str(folder)), "utf-8")
    return hub, ada, bo


def head(folder: Path) -> str:
    """The version that a repository's history is at."""
    return git(folder, "rev-parse", f"refs/heads/{BRANCH}").strip()


def tree(folder: Path) -> str:
    """All records of a history, as one id."""
    return git(folder, "rev-parse", f"refs/heads/{BRANCH}^{{tree}}").strip()


def replaced(folder: Path, name: str, text: bytes, *, inside: str = "") -> str:
    """The head's tree, in which one file (of the folder `inside`) has another text."""
    blob = _fed(folder, text, "hash-object", "-w", "--stdin")
    entry = f"100644 blob {blob}\t{name}"
    if inside:
        entry = f"040000 tree {grafted(folder, f'{BRANCH}:{inside}', entry)}\t{inside}"
    return grafted(folder, BRANCH, entry)


def grafted(folder: Path, treeish: str, entry: str) -> str:
    """A tree, in which one entry (a line of `ls-tree`) is put, or stands in the place of another."""
    name = entry.partition("\t")[2]
    top, _, inside = treeish.partition(":")
    there = not inside or git(folder, "ls-tree", top, inside)
    rows = git(folder, "ls-tree", treeish).splitlines() if there else []
    rows = [row for row in rows if row.partition("\t")[2] != name]
    listing = "".join(f"{row}\n" for row in [*rows, entry])
    return _fed(folder, listing.encode(), "mktree", "--missing")


def _fed(folder: Path, text: bytes, *words: str) -> str:
    ran = subprocess.run(
        ["git", "-C", str(folder), *words], input=text, capture_output=True, check=True
    )
    return ran.stdout.decode().strip()


PERSISTENCE = ("HIGH", "MEDIUM", "LOW", "VARIABLE")


class Crowd:
    """Some clones of one hub, and what they do, by chance of a seed."""

    def __init__(self, folder: Path, count: int, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.hub = hub_of(folder, bakery(folder))
        self.clones = [clone_of(folder, self.hub, f"clone{n:02}") for n in range(count)]
        for clone in self.clones:
            tool(clone, "init")
        self.number = 0
        self.added: set[str] = set()

    def act(self, clone: Path) -> None:
        """One thing that somebody does: a session's life, an answer, an undo, a revocation."""
        kind = self.random.choice(["session"] * 6 + ["answer", "answer", "undo", "revoke"])
        getattr(self, f"_{kind}")(clone)

    def _session(self, clone: Path) -> None:
        self.number += 1
        number, who = self.number, f"s{self.number}"
        tool(clone, "start", "--id", who)
        for _ in range(self.random.randint(1, 3)):
            self._write(clone, who, number)
        ran = run(clone, "end", "--session", who)
        assert ran.code in (0, 1), ran.err

    def _write(self, clone: Path, who: str, number: int) -> None:
        rows = tool(clone, "list", "--all", "--session", who)["instructions"]
        verb = self.random.choice(["add", "add", "edit", "edit", "edit", "retire", "collide"])
        meant = self.random.choice(rows)["id"] if rows else None
        if verb == "add" or meant is None:
            words = ["add", f"Rule {number} of {who}, {self.random.random()}"]
            self.added.add(words[1])
        elif verb == "collide":
            name = f"inst_9{self.random.randint(0, 5)}"
            if any(row["id"] == name for row in rows):
                return
            words = ["add", f"Collides {number} {self.random.random()}", "--id", name]
            self.added.add(words[1])
        elif verb == "retire":
            words = ["retire", meant]
        else:
            field, value = self.random.choice(
                [
                    ("persistence", PERSISTENCE[number % 4]),
                    ("parameters.port", f"port {number % 4}"),
                    ("notes", f"notes {number % 4}"),
                    ("tags", [f"t{number % 5}"]),
                ]
            )
            words = ["edit", meant, "--set", f"{field}={json.dumps(value)}"]
        ran = run(clone, *words, "--session", who, "--why", f"because {number}")
        assert ran.code == 0, (words, ran.err)

    def _answer(self, clone: Path) -> None:
        found = tool(clone, "conflicts")["conflicts"]
        if not found:
            return
        conflict = self.random.choice(found)
        take = self.random.choice([str(n + 1) for n in range(len(conflict["sides"]))] + ["base"])
        ran = run(clone, "resolve", conflict["id"], "--take", take, "--why", "so")
        assert ran.code in (0, 1, 2), (conflict, take, ran.err)

    def _undo(self, clone: Path) -> None:
        entries = [entry for entry in tool(clone, "log")["entries"] if entry.get("session")]
        if entries:
            ran = run(clone, "undo", self.random.choice(entries[:6])["version"])
            assert ran.code in (0, 1, 2), ran.err

    def _revoke(self, clone: Path) -> None:
        told = tool(clone, "conflicts", "--settled")["resolutions"]
        if told:
            ran = run(clone, "resolve", "--revoke", self.random.choice(told)["id"])
            assert ran.code in (0, 1, 2), ran.err

    def sync(self, clone: Path, *remote: str) -> Any:
        """Sync one clone; what it said."""
        ran = run(clone, "sync", *remote, "--json")
        assert ran.code in (0, 1), ran.err + ran.out
        return ran.json

    def settle(self) -> None:
        """All sync in a random order until nobody has anything new."""
        for _ in range(4 * len(self.clones)):
            order = self.random.sample(self.clones, len(self.clones))
            told = [self.sync(clone) for clone in order]
            if all(one["outcome"] == "nothing" for one in told):
                return
        raise AssertionError("they do not come to rest")

    def texts(self, clone: Path) -> set[str]:
        """What the instructions of a clone say."""
        rows = tool(clone, "list", "--all")["instructions"]
        return {row.get("text", "") for row in rows}
