"""What a random model knows: every text that was written, where it is, and what may take its place.

Each text is written once: `text-17`. After each step, each text that was to be seen before is to be
seen still: in a session's copy (what it has written and not published), in the history (instructions,
open conflicts, answers), or it was replaced by somebody who saw it: an edit of that very place, an
undo of the version that brought it.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import faults
from tests.crash.forking import KILLED, Done

BRANCH = "refs/heads/tractatus/history"
VIEW = ".claude/instruction-history.json"
ADOPTED = ("inst_001", "inst_002", "inst_003a")
FINE = {0, 1, 2}
_TEXT = re.compile(r"text-\d+\b")
_SEEN = ("instructions", "conflicts", "resolutions")


def texts(source: str) -> set[str]:
    """The texts that are mentioned."""
    return set(_TEXT.findall(source))


class Clone:
    """One clone, and the sessions in it by their number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[int, str] = {}
        self.read: dict[int, dict[str, Any]] = {}
        """What an agent read of its copy some time ago."""
        self.gave: dict[int, set[str]] = {}
        """The ids that a session gave: it gives none twice."""
        self.wrote: dict[int, list[str]] = {}
        """What was written in a session since: what is written back takes it away."""

    @property
    def view(self) -> Path:
        """The history file in the work tree."""
        return self.folder / VIEW

    def copy(self, number: int) -> Path:
        """A session's copy."""
        return self.session(number) / "instruction-history.json"

    def session(self, number: int) -> Path:
        """A session's folder."""
        return self.folder / ".git" / "tractatus" / "sessions" / self.names[number]

    def facts(self, number: int) -> dict[str, Any]:
        """What a session's session.json says."""
        found: dict[str, Any] = json.loads((self.session(number) / "session.json").read_text())
        return found

    def written(self, number: int) -> set[str]:
        """The texts of a session's copy that its base has not."""
        if not self.copy(number).exists():
            return set()
        base = self.session(number) / f"base-{self.facts(number)['base']['digest']}.json"
        return texts(self.copy(number).read_text()) - texts(base.read_text())

    def published(self) -> set[str]:
        """The texts of the history as it stands."""
        return published(self.folder)


def published(folder: Path) -> set[str]:
    """The texts of a repository's history as it stands."""
    return set().union(*_by_file(folder).values())


def _by_file(folder: Path) -> dict[str, set[str]]:
    """The texts, and what tells records apart, by file of the history."""
    words = ["git", "-C", str(folder), "grep", "-aoE", "(text|born)-[0-9]+", BRANCH, "--", *_SEEN]
    found: dict[str, set[str]] = {}
    for row in subprocess.run(words, capture_output=True, text=True, check=False).stdout.split():
        _, file, text = row.split(":")
        found.setdefault(file, set()).add(text)
    return found


class World:
    """Clones, what was written in them, and the law that holds at each step."""

    def __init__(self, run: Callable[..., Done], clones: list[Clone], hub: Path | None) -> None:
        self.run, self.clones, self.hub = run, clones, hub
        self.count = 0
        self.replaced: set[str] = set()
        self.owner: dict[str, str] = {}
        """Which record each text was written into: what it was born as, else its id."""
        self.waiting: dict[Path, set[str]] = {}
        """Texts in a view that no command has looked at, or in a session that was killed."""
        self.steps: list[tuple[str, ...]] = []

    def new(self) -> str:
        """A text that nobody has written."""
        self.count += 1
        return f"text-{self.count}"

    def strays(self, clone: Clone) -> list[tuple[str, str]]:
        """The texts that are in another record than the one that they were written into.

        An answer that keeps both sides copies a record: what was born nowhere may be such a copy.
        """
        found = []
        for file, there in _by_file(clone.folder).items():
            born = next((text for text in there if text.startswith("born-")), Path(file).stem)
            if file.startswith("instructions/") and born.startswith(("born-", *ADOPTED)):
                found += [(text, file) for text in there if self.owner.get(text, born) != born]
        return found

    def replace(self, old: Any) -> None:
        """Somebody who saw a value puts another in its place, or asks for that."""
        self.replaced |= texts(json.dumps(old))

    def seen(self, clone: Clone) -> set[str]:
        """All texts that are to be seen in a clone."""
        found = clone.published()
        for number in clone.names:
            found |= clone.written(number)
        return found | self.waiting.get(clone.folder, set())

    def do(self, clone: Clone, *words: str, may: set[int] = FINE, kill: int = 0) -> Done:
        """Run a command, and hold it to the law."""
        before = self.seen(clone)
        more = published(self.hub) if words[0] == "sync" and self.hub else set()
        options: dict[str, Any] = {"kill": kill} if kill else {}
        done = self.run("-C", str(clone.folder), *words, **options)
        self.steps.append((clone.folder.name, *words, f"-> {done.status}"))
        allowed = {*may, KILLED} if kill else may
        if done.status not in allowed or "Traceback" in done.err or "bug:" in done.err:
            self.fail(f"exit {done.status}: {done.err[-2000:]}")
        if done.status == KILLED:
            self.waiting[clone.folder] = before
            return done
        if not _is_apart(done):
            self.waiting.pop(clone.folder, None)
        if words[0] == "sync" and done.status in (0, 1):
            before |= more
        lost = before - self.seen(clone) - self.replaced
        if lost:
            self.fail(f"lost: {sorted(lost)}\n{done.out}\n{done.err}")
        if strays := self.strays(clone):
            self.fail(f"in another record: {strays}\n{done.out}\n{done.err}")
        return done

    def fail(self, why: str) -> None:
        """Tell the story up to here, and what is wrong."""
        raise AssertionError("\n".join([*(" ".join(step) for step in self.steps[-400:]), why]))

    def whole(self) -> None:
        """At last everything that was written is in every history, and git finds nothing wrong."""
        written = {f"text-{number}" for number in range(1, self.count + 1)}
        trees = set()
        for clone in self.clones:
            lost = written - clone.published() - self.replaced
            if lost:
                self.fail(f"lost in {clone.folder.name}: {sorted(lost)}")
            trees.add(_git(clone.folder, "rev-parse", f"{BRANCH}^{{tree}}"))
        if len(trees) != 1:
            self.fail(f"the clones differ: {trees}")
        for folder in [clone.folder / ".git" for clone in self.clones] + [self.hub] * bool(
            self.hub
        ):
            found = faults(folder)
            locks = [str(path) for path in folder.rglob("*.lock") if "tractatus/" not in str(path)]
            if found or locks:
                self.fail(f"{found}{locks}")


def _is_apart(done: Done) -> bool:
    """Whether the view was left alone: it shows what only another clone has."""
    return "not taken in" in done.err or "left alone" in done.err


def changed_in(clone: Clone, version: str) -> set[str]:
    """The texts that a version brought."""
    out = _git(clone.folder, "diff", f"{version}^1", version)
    return texts("\n".join(line for line in out.splitlines() if line.startswith("+")))


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout
