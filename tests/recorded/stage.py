"""Where a recorded script plays: a folder with a clock, each command a real process, written down.

After a command there stands what it printed, its exit code, each ref that moved, each new commit of
the history (its bytes, and what it changed in the tree), and each file that is other than before, line
by line. How time, ids and file times are held still: `frozen/sitecustomize.py`.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from shlex import join
from typing import Any, NamedTuple

import tractatus_merge
from tests.conftest import HISTORY, ROOT, configures_hooks

FROZEN = Path(__file__).with_name("frozen")
HISTORY_REF = "refs/heads/tractatus/history"
VIEW = ".claude/instruction-history.json"
START = datetime(2025, 11, 10, 9, 0, tzinfo=UTC)
"""Past on every machine: the clock may stand before the file system's, and never after it."""
GIT_FILES = ("config", "hooks/*", "info/*")
"""What of a git directory is watched beside the refs. `config` is git's own in part, and differs
from machine to machine: so a file's first content is not written down where it was there before."""
STATE = ("session.json", "journal.jsonl", "hook.log")
"""What of the folder in the git directory is written down at the end."""
PROCESS = re.compile(r'("(?:pid|boot|namespace|host)": |"started": (?="\d+"))("[^"]*"|\d+)')
"""What names this process of this machine."""
MEASURE = re.compile(r'("after": )"[0-9a-f]{16}"|("now": )\d+')
"""What a ledger measured of a file that names a place of this machine."""
OLDER_GIT = """\
#!/bin/sh
test "$*" != version || exec echo git version 2.53.0
exec {git} "$@"
"""
"""One that gets hooks as files: what is written down is the same with every git."""
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Ran(NamedTuple):
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Stage:
    """A folder of repositories, and what has happened in it so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.minute = 0
        self.lines: list[str] = []
        self._files: dict[str, tuple[bytes, bool]] = {}
        self._refs: dict[str, str] = {}
        self._met: set[str] = set()
        for name in ("home", "tmp"):
            (self.folder / name).mkdir()
        self.programs: list[str] = []
        """Folders that come before all others on the path."""
        if configures_hooks():
            program = self.folder / "home/bin/git"
            program.parent.mkdir()
            program.write_text(OLDER_GIT.format(git=shutil.which("git")))
            program.chmod(0o755)
            self.programs.append(str(program.parent))
        # No gc in the background, which would be waited for.
        (self.folder / "home/.gitconfig").write_text(
            "[user]\n\tname = Jo Baker\n\temail = jo@bakery.example\n[gc]\n\tauto = 0\n"
        )

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return datetime.fromtimestamp(START.timestamp() + 60 * self.minute, UTC)

    def bakery(self, name: str = "repo", *, tracked: bool = True) -> None:
        """A git repository whose work tree has a history of three instructions."""
        folder = self.folder / name
        (folder / ".claude").mkdir(parents=True)
        (folder / VIEW).write_text(HISTORY, "utf-8", newline="")
        (folder / "README.md").write_text("# The bakery\n", "utf-8")
        self.quietly("git", "init", "--quiet", "--template=", "--initial-branch=main", cwd=name)
        if not tracked:
            (folder / ".gitignore").write_text(".claude/\n", "utf-8")
        self.quietly("git", "add", "--all", cwd=name)
        self.quietly("git", "commit", "--quiet", "--message=Open the bakery", cwd=name)
        self.named(name)

    def named(self, name: str) -> None:
        """Give a clone the id that it would make at random; what is there so far is known."""
        path = self.folder / name / ".git/tractatus/clone-id"
        path.parent.mkdir()
        path.write_text(f"{name.encode().hex():0<32}")
        self._files, self._refs = dict(self._watched()), dict(self._tips())

    def put(self, name: str, text: str) -> None:
        """Write a file as an editor does."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        self.lines += ["", f"# {name} is written"]
        self._files = dict(self._watched())

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        text = (self.folder / name).read_text("utf-8")
        assert text.count(old) == 1, (name, old)
        self.put(name, text.replace(old, new))

    def quietly(self, *words: str, cwd: str = ".", env: Any = None, stdin: str = "") -> Ran:
        """Run a command, and wait for all that it leaves behind; nothing is written down."""
        # Whatever it forks has the pipe's other end open: it is over when nobody has.
        over, held = os.pipe()
        process = subprocess.Popen(
            words,
            cwd=self.folder / cwd,
            env=self._environment() | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[held],
        )
        os.close(held)
        try:
            out, err = process.communicate(stdin.encode(), timeout=120)
            assert select.select([over], [], [], 120)[0], f"still at work: {words}"
        finally:
            process.kill()
            os.close(over)
        for path in self.folder.glob("*/.git/tractatus/**/*"):
            if path.is_file() and path.stat().st_mtime > self.now.timestamp():
                os.utime(path, (self.now.timestamp(), self.now.timestamp()))
        return Ran(process.returncode, *(part.decode("utf-8", "replace") for part in (out, err)))

    def git(self, *words: str, cwd: str = "repo", says: bool = False) -> Ran:
        """Run git, and write down what came of it; what it says only if that is ours to say."""
        return self._record(("git", *words), join(("git", *words)), cwd, says=says)

    def __call__(
        self, *words: str, cwd: str = "repo", env: Any = None, stdin: str = "", says: bool = True
    ) -> Ran:
        """Run `tractatus-merge WORDS`, and write down what it did; its words if they are ours."""
        shown = join(("tractatus-merge", *words))
        program = (sys.executable, "-m", "tractatus_merge", *words)
        return self._record(program, shown, cwd, env=env, stdin=stdin, says=says)

    def close(self) -> str:
        """The recording, with what the sessions' folders hold at the end."""
        self.lines += ["", "# at the end"]
        for path in sorted(self.folder.glob("*/.git/tractatus/**/*")):
            if path.name in STATE:
                text = PROCESS.sub(r'\1"..."', path.read_text("utf-8"))
                self.lines += [f"file {self._place(path)}", *self._shown(text, "  +")]
        return "\n".join([*self.lines, ""])

    def _record(
        self,
        words: Any,
        shown: str,
        cwd: str,
        *,
        env: Any = None,
        stdin: str = "",
        says: bool = True,
    ) -> Ran:
        self.minute += 1
        self.lines += ["", self._clean(f"# {self.now:%H:%M} {cwd}$ {shown}")]
        self.lines += self._shown("".join(f"{k}={v}\n" for k, v in (env or {}).items()), "  env ")
        self.lines += self._shown(stdin, "  in  ")
        done = self.quietly(*words, cwd=cwd, env=env, stdin=stdin)
        if says:
            self.lines += [*self._shown(done.out, "  out "), *self._shown(done.err, "  err ")]
        self.lines.append(f"exit {done.code}")
        self.lines += [*self._moved(), *self._changed()]
        return done

    def _environment(self) -> dict[str, str]:
        moment = f"{int(self.now.timestamp())} +0000"
        found = shutil.which("git")
        assert found
        return {
            "PATH": os.pathsep.join((*self.programs, str(Path(found).parent), os.defpath)),
            "PYTHONPATH": os.pathsep.join((str(FROZEN), str(ROOT))),
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DEFAULT_HASH": "sha1",
            "GIT_CEILING_DIRECTORIES": str(self.folder),  # which may be in somebody's repository
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
            "FROZEN_AT": moment.split(maxsplit=1)[0],
            "TZ": "UTC",  # a day that a person names begins at the machine's midnight
            "LC_ALL": "C.UTF-8",
        }

    def _shown(self, text: str, mark: str) -> Iterator[str]:
        """The lines of a text behind a mark; one without a line feed says so."""
        *lines, rest = self._clean(text).split("\n")
        yield from (f"{mark}{line}" for line in lines)
        if rest:
            yield f"{mark}{rest}\\(no newline)"

    def _clean(self, text: str) -> str:
        """The text with the places of this machine and this run replaced, and nothing invisible."""
        for place, name in (
            (self.folder, "STAGE"),
            (sys.executable, "PYTHON"),
            (Path(sys.executable).parent, "BIN"),
            (Path(tractatus_merge.__file__).parent, "PACKAGE"),
        ):
            text = text.replace(str(place), f"<{name}>")
        text = MEASURE.sub(r'\1\2"..."', text)
        return CONTROL.sub(lambda found: repr(found[0])[1:-1], text)

    def _place(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _repositories(self) -> list[Path]:
        """The git directories, but for those of linked worktrees."""
        return sorted(path.parent for path in self.folder.glob("*/.git/HEAD")) + sorted(
            path.parent for path in self.folder.glob("*/HEAD")
        )

    def _watched(self) -> Iterator[tuple[str, tuple[bytes, bool]]]:
        """Each watched file: its bytes, and whether it may be run."""
        found = []
        for top in self.folder.iterdir():
            if top.is_dir() and top.name != "tmp" and not (top / "HEAD").exists():
                found += [path for path in top.rglob("*") if ".git" not in path.parts]
        for folder in self._repositories():
            found += [path for pattern in GIT_FILES for path in folder.glob(pattern)]
        for path in sorted(found):
            if path.is_file() and path.suffix != ".lock":  # empty, named after this run's folder
                yield self._place(path), (path.read_bytes(), os.access(path, os.X_OK))

    def _asked(self, folder: Path, *words: str) -> str:
        """What git says of a repository."""
        done = self.quietly("git", "--git-dir", str(folder), *words)
        assert (done.code, done.err) == (0, ""), done
        return done.out

    def _tips(self) -> Iterator[tuple[str, str]]:
        """Each ref, and where it stands."""
        for folder in self._repositories():
            said = self._asked(folder, "for-each-ref", "--format=%(objectname) %(refname)")
            for oid, name in (line.split() for line in said.splitlines()):
                # Git's cache of what `textconv` said names this machine's Python.
                if not name.startswith("refs/notes/"):
                    yield f"{self._place(folder)} {name}", oid

    def _moved(self) -> Iterator[str]:
        """Each ref that moved, and each commit that came to the history with it."""
        before, self._refs = self._refs, dict(self._tips())
        for name in sorted(before.keys() | self._refs.keys()):
            old, new = before.get(name), self._refs.get(name)
            if old == new:
                continue
            yield f"ref {name} {new or 'is gone'}"
            folder, _, ref = name.partition(" ")
            if new and ref == HISTORY_REF:
                yield from self._commits(self.folder / folder, new)

    def _commits(self, folder: Path, tip: str) -> Iterator[str]:
        """Each commit of a history that is met for the first time."""
        for oid in self._asked(folder, "rev-list", "--reverse", "--topo-order", tip).split():
            if oid in self._met:
                continue
            self._met.add(oid)
            yield f"commit {oid}"
            said = self._asked(folder, "cat-file", "commit", oid)
            yield from self._shown(said, "  | ")
            sides = (f"{oid}^1", oid) if "\nparent " in said else ("--root", oid)
            words = ("diff-tree", "-r", "--no-commit-id", "--raw", "--no-abbrev", *sides)
            yield from self._shown(self._asked(folder, *words), "  ")

    def _changed(self) -> Iterator[str]:
        """Each file that is other than before."""
        before, self._files = self._files, dict(self._watched())
        for name in sorted(before.keys() | self._files.keys()):
            old, new = before.get(name), self._files.get(name)
            if old == new:
                continue
            yield f"file {name}" + (" is gone" if new is None else "  (executable)" * new[1])
            sides = [
                list(self._shown(side[0].decode("utf-8", "replace"), " ")) if side else []
                for side in (old, new)
            ]
            for what, i, j, k, m in SequenceMatcher(None, *sides, autojunk=False).get_opcodes():
                if what != "equal":
                    yield f"  @ {i + 1}"
                    yield from (f"  -{line[1:]}" for line in sides[0][i:j])
                    yield from (f"  +{line[1:]}" for line in sides[1][k:m])
