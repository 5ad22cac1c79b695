"""A repository in a rich state, what may be seen in it, and what has to be true of it at last."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.crash.forking import Done, Forker
from tractatus_merge.factory import open_repository

ALPHA, BETA, GAMMA = "alpha111", "beta2222", "gamma333"
OURS, THEIRS = "Beta's text of inst_001, published first.", "Alpha's text of inst_001."
ADDED, WRITTEN = "Alpha adds this by the tool.", "Alpha writes this into the file."
TAKEN, WAITING = "Beta took the id inst_019.", "Gamma ended, and nobody merged it."
FINE = {0, 1}
READING = ("list", "conflicts", "log")


class Story:
    """One repository at one place, its command line, and its texts."""

    def __init__(self, folder: Path, run: Forker) -> None:
        self.folder, self.run = folder, run
        self.saved = folder.with_name("saved")
        self._seen: dict[tuple[str, ...], Done] = {}
        self.last = Done(0, "", "")

    def save(self) -> None:
        """Remember how everything is now."""
        subprocess.run(["cp", "-a", self.folder, self.saved], check=True)

    def restore(self) -> None:
        """Put everything back as it was saved, at the same place."""
        self.forget()
        shutil.rmtree(self.folder)
        subprocess.run(["cp", "-a", self.saved, self.folder], check=True)

    def forget(self) -> None:
        """Others have written: what was read before is old."""
        self._seen.clear()

    def do(self, *words: str, may: set[int] = FINE) -> Done:
        """Run a command that has to work (or to exit as it may); reading twice is done once."""
        if words[0] not in READING:
            self.forget()
        if words in self._seen:
            return self._seen[words]
        done = self.run(*words)
        if words[0] in READING:
            self._seen[words] = done
        assert done.status in may, (words, done)
        assert "Traceback" not in done.err and "bug:" not in done.err, (words, done)
        return done

    def kill(
        self, words: tuple[str, ...], step: int, *, alone: bool = False, fresh: bool = True
    ) -> Done:
        """Run a command that is killed before a step, by default from the saved state."""
        self.forget()
        if fresh:
            self.restore()
        done = self.last = self.run(*words, kill=step, alone=alone)
        for lock in (self.folder / ".git" / "refs").rglob("*.lock"):  # nobody's after 5 seconds
            os.utime(lock, (lock.stat().st_atime - 10, lock.stat().st_mtime - 10))
        return done

    def session(self, name: str) -> Path:
        """A session's folder."""
        if self.in_git:
            return self.folder / ".git" / "tractatus" / "sessions" / name
        return self.folder / ".claude" / "sessions" / name

    @property
    def in_git(self) -> bool:
        """Whether the folder is in git, and the history too."""
        return self.folder.name == "repo"

    def write(self, name: str, record: dict[str, Any]) -> None:
        """Add a record to a session's copy as a script does, with no tool."""
        path = self.session(name) / "instruction-history.json"
        document = json.loads(path.read_text("utf-8"))
        document["instructions"].append(record)
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False), "utf-8")

    def ended(self, name: str) -> None:
        """A session that ended and was killed before it could merge."""
        path = self.session(name) / "session.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "state": "ended"}))

    def instructions(self, *words: str) -> list[dict[str, Any]]:
        """All instructions, of the head or (with --session) of a copy."""
        found: list[dict[str, Any]] = self.do("list", "--all", "--json", *words).json[
            "instructions"
        ]
        return found

    def texts(self, *words: str) -> Counter[str]:
        """How often each text is there."""
        return Counter(item["text"] for item in self.instructions(*words))

    def instruction(self, name: str) -> dict[str, Any]:
        """The one instruction of that id."""
        (found,) = [item for item in self.instructions() if item["id"] == name]
        return found

    def conflicts(self) -> list[dict[str, Any]]:
        """What is open."""
        found: list[dict[str, Any]] = self.do("conflicts", "--json").json["conflicts"]
        return found

    def published(self) -> Counter[str]:
        """How often each session is in the log."""
        return Counter(entry["session"] for entry in self.do("log", "--json").json["entries"])

    def sound(self) -> None:
        """Git finds nothing wrong, or the store has every version; and the view is the head."""
        if self.in_git:
            self._fsck()
        else:
            with closing(open_repository(self.folder)) as repo:
                assert [sorted(repo.store.load(entry.version)) for entry in repo.store.log()]
        view = json.loads((self.folder / ".claude" / "instruction-history.json").read_text("utf-8"))
        assert view["instructions"] == self.instructions()

    def _fsck(self) -> None:
        checked = subprocess.run(
            ["git", "-C", self.folder, "fsck", "--full", "--no-progress"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        wrong = [line for line in checked.stderr.splitlines() + checked.stdout.splitlines()
                 if not line.startswith("dangling")]  # fmt: skip
        assert (checked.returncode, wrong) == (0, [])


def told(folder: Path, run: Forker) -> Story:
    """Beta has published since alpha began; alpha disagrees, adds, and has a colliding id."""
    story = Story(folder, run)
    shutil.rmtree(folder / ".git" / "hooks", ignore_errors=True)  # samples, copied each time
    story.do("init")
    story.do("start", "--id", ALPHA)
    story.do("start", "--id", BETA)
    record = {"timestamp": "2025-11-04T08:00:00Z", "persistence": "HIGH", "active": True}
    story.write(BETA, {"id": "inst_019", "text": TAKEN, **record})
    story.do("edit", "inst_001", "--set", f"text={OURS}", "--session", BETA)
    story.do("edit", "inst_002", "--set", "notes=Beta was here.", "--session", BETA)
    story.do("end", "--session", BETA)
    story.do("add", ADDED, "--session", ALPHA)
    story.do("edit", "inst_001", "--set", f"text={THEIRS}", "--session", ALPHA)
    story.do("edit", "inst_002", "--set", "persistence=LOW", "--session", ALPHA)
    story.do("retire", "inst_003a", "--session", ALPHA)
    story.write(ALPHA, {"id": "inst_019", "text": WRITTEN, **record})
    return story


def add_waiting(story: Story) -> None:
    """A third session, which ended and waits to be finished by whoever comes."""
    story.do("start", "--id", GAMMA)
    story.do("add", WAITING, "--session", GAMMA)
    story.ended(GAMMA)


def all_there(
    story: Story,
    *more: str,
    waiting: bool = False,
    settled: str | None = None,
    merges: Collection[int] = (1,),
) -> None:
    """Everything that the sessions wrote is in the head or a conflict: once, and nothing reverted."""
    texts = story.texts()
    expected = {ADDED, WRITTEN, TAKEN, settled or OURS, *more, *({WAITING} if waiting else ())}
    assert [text for text in expected if texts[text] != 1] == [], texts
    assert len(story.instructions()) == 3 + 3 + len(more) + waiting, texts
    assert story.instruction("inst_019")["text"] == TAKEN
    second = story.instruction("inst_002")
    assert (second["notes"], second["persistence"]) == ("Beta was here.", "LOW")
    assert story.instruction("inst_003a")["active"] is False
    open_ = [[(side["value"], side["in_force"]) for side in c["sides"]] for c in story.conflicts()]
    assert open_ == ([] if settled else [[(OURS, True), (THEIRS, False)]])
    published = story.published()
    assert published[BETA] == 1 and published[ALPHA] in merges, published
    assert published[GAMMA] == waiting, published
    if settled is None:
        assert story.instructions("--session", ALPHA) == story.instructions()
    story.sound()


def not_reverted(story: Story, *stands: str) -> None:
    """Whatever was published stands, at any moment."""
    texts = story.texts()
    assert [texts[text] for text in (TAKEN, *stands)] == [1] * (1 + len(stands)), texts
    assert story.instruction("inst_019")["text"] == TAKEN
    assert story.instruction("inst_002")["notes"] == "Beta was here."


def aged(story: Story) -> None:
    """Let a minute pass for the sessions' folders."""
    sessions = story.session("x").parent
    for path in (*sessions.glob("*/session.json"), *sessions.glob(".new-*")):
        stat = path.stat()
        os.utime(path, (stat.st_atime - 60, stat.st_mtime - 60))
