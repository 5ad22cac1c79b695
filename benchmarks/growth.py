"""What a history, its past and its session folders cost the everyday verbs as they grow.

    .venv/bin/python -m benchmarks.growth [--rounds N] [SCENE]...

Every verb is a whole process, in an environment with what the program needs and no more (`plain`);
its CPU is that of the process and its children, the least of the rounds, for what else runs on the
machine only ever adds. Each scene is told as multiples of what the same verb costs in another one,
measured in the same run, turn about:

- records-1000, records-10000: against 100 records; the aim at 10,000 is 3.
- versions-500, versions-5000: merged versions of a history of 100 records, against 60; the aim at
  5,000 is 1.2, and 1.5 for the first page of the log.
- folders-200, folders-1000: folders of merged sessions, against the same history with none; 1.2.
- stamps: a session whose copy has lost its stamps, at 60 versions, against one that has them; 1.5.
- disk: the bytes of a session's folder as multiples of the history file: as soon as its merge is
  done (aim: 2.5), and in bytes when its time is over (aim: 20,000).

The versions are written by `git fast-import` in the form of the store, with summaries and stamps.
Every history is a quarter of an hour old, in which its head was looked through (`git/trust.py`).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.end import git, our, record, run
from benchmarks.imports import cpu
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.git.paths import SUMMARIES, digits_of, file_name, file_of
from tractatus_merge.git.tree import FEW
from tractatus_merge.git.trust import AGE

REF = "refs/heads/tractatus/history"
VERBS = ("start", "add", "status", "list", "log", "end")
SCENES = (
    "records-1000", "records-10000", "versions-500", "versions-5000", "folders-200",
    "folders-1000", "stamps", "disk",
)  # fmt: skip
_AGED = 24 * 3600


def made(folder: Path, records: int) -> Path:
    """A repository with so many instructions."""
    (folder / ".claude").mkdir(parents=True)
    rows = [record(number) for number in range(1, records + 1)]
    history = {"version": "1.0", "last_updated": "2025-10-12T00:10:00Z", "instructions": rows}
    view(folder).write_text(json.dumps(history, indent=2))
    git(folder, "init", "--quiet")
    run(our(folder, "init"))
    run(our(folder, "status"))
    settle(folder)
    return folder


def view(repo: Path) -> Path:
    """The history file."""
    return repo / ".claude/instruction-history.json"


def sessions(repo: Path) -> Path:
    """Where the folders of sessions are."""
    return repo / ".git/tractatus/sessions"


def ended(repo: Path, name: str) -> Path:
    """A session that added an instruction and ended; its folder."""
    for words in (["start", "--id", name], ["add", "One more rule"], ["end"]):
        run(our(repo, *words, *(["--session", name] if words[0] != "start" else [])))
    return sessions(repo) / name


def tag_of(name: str) -> str:
    """A tag as a session of that name might have."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def summary(session: str, count: int, base: str, instruction: str) -> str:
    """What the head keeps of a merged session that edited one field."""
    moment = f"2026-01-01T00:{count // 60 % 60:02}:{count % 60:02}.000Z"
    edit = {"instruction": instruction, "path": ["notes"], "value": "612e37e64713", "at": moment}
    done = {"count": 1, "published": moment, "base": base, "seal": seal_of(session)}
    found = {"session": session, "tag": tag_of(session), "agent": "", "author": "Jo <jo@x.org>"}
    return json.dumps({**found, "publications": [{**done, "edits": [edit]}]}, indent=2)


def seal_of(session: str) -> str:
    """A seal as a session of that name might have."""
    return hashlib.sha256(f"seal {session}".encode()).hexdigest()[:16]


def blob(path: str, text: str) -> str:
    """A file of a commit, as fast-import reads it."""
    return f"M 100644 inline {path}\ndata {len(text.encode()) + 1}\n{text}\n\n"


class Summaries:
    """The summaries of a line, each where the store would have it: folders are divided in time."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._folders: dict[str, set[str]] = {"": set()}

    def put(self, tag: str, text: str) -> str:
        """One more, and what moves by that, as fast-import reads it."""
        file = file_name(tag)
        self._texts[file] = text
        digits = next(d for n in range(64) if (d := digits_of(file)[:n]) in self._folders)
        there = self._folders[digits]
        there.add(file)
        if len(there) <= FEW:
            return self._blob(digits, file)
        del self._folders[digits]
        self._folders |= {f"{digits}{digit}": set() for digit in "0123456789abcdef"}
        moved = []
        for one in there:
            deeper = digits_of(one)[: len(digits) + 1]
            self._folders[deeper].add(one)
            moved.append(self._blob(deeper, one))
        return "".join([f"D {'/'.join((SUMMARIES, *digits))}\n", *moved])

    def _blob(self, digits: str, file: str) -> str:
        return blob("/".join((SUMMARIES, *digits, file)), self._texts[file])


def commit(mark: str, parents: Sequence[str], message: str, seconds: int) -> str:
    """A commit, as fast-import reads it."""
    heads = "".join(f"{'merge' if n else 'from'} {one}\n" for n, one in enumerate(parents))
    who = f"committer Jo <jo@x.org> {seconds} +0000"
    return f"commit {REF}-{mark}\nmark :{mark}\n{who}\ndata {len(message)}\n{message}{heads}"


def versions(repo: Path, count: int) -> None:
    """Publish so many sessions that edited a field each: a merge and the session's own commit."""
    base = git(repo, "rev-parse", REF)
    stream, head, told_of = [], base, Summaries()
    rows: dict[str, Record] = {}
    for n in range(count):
        session, name = f"grown-{n:05}", f"inst_{n % 90 + 1:03}"
        was = rows.get(name) or Record(git(repo, "show", f"{base}:{file_of((INSTRUCTIONS, name))}"))
        vector = was.vector.tick(tag_of(session), 1)
        rows[name] = was.published({**was.content, "notes": f"Said in session {n}"}, vector)
        seconds = 1_767_225_600 + n
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
        told = f"Session: {session}\nTag: {tag_of(session)}\nPublished: {moment}\n\n[skip ci]\n"
        text = blob(file_of((INSTRUCTIONS, name)), rows[name].text)
        own = commit(
            f"{2 * n + 1}", [head], f"Session {session}: its own changes\n\n{told}", seconds
        )
        merged = commit(
            f"{2 * n + 2}", [head, f":{2 * n + 1}"],
            f"Merge session {session}: 1 edited\n\n{told}", seconds,
        )  # fmt: skip
        about = told_of.put(tag_of(session), summary(session, n, base, name))
        stream += [own, text, merged, text, about]
        head = f":{2 * n + 2}"
    _import(repo, stream, head)


def summaries(repo: Path, names: Sequence[str]) -> None:
    """Publish many sessions in one version: their summaries alone."""
    base = git(repo, "rev-parse", REF)
    message = "Merge sessions\n\nPublished: 2026-01-02T00:00:00.000Z\n\n[skip ci]\n"
    stream, told_of = [commit("1", [base], message, 1_767_312_000)], Summaries()
    for number, name in enumerate(names):
        text = summary(name, number, base, "inst_001")
        stream.append(told_of.put(tag_of(name), text))
    _import(repo, stream, ":1")


def settle(repo: Path) -> None:
    """Let a quarter of an hour pass: a head that was found whole is trusted then."""
    for note in (repo / ".git/tractatus").glob("whole-*.json"):
        said = json.loads(note.read_text())
        note.write_text(json.dumps({**said, "since": said["since"] - AGE}))
    run(our(repo, "status"))


def _import(repo: Path, stream: Sequence[str], head: str) -> None:
    words = ["git", "-C", str(repo), "fast-import", "--quiet", "--force"]
    last = f"reset {REF}\nfrom {head}\n\n"
    subprocess.run(words, input="".join([*stream, last]).encode(), check=True)
    marks = git(repo, "for-each-ref", "--format=delete %(refname)", f"{REF}-*")
    git(repo, "update-ref", "--stdin", stdin=f"{marks}\n")
    run(our(repo, "view", "--write"))
    settle(repo)


def folders(repo: Path, count: int) -> None:
    """Give the line so many merged sessions, each with the folder that it leaves."""
    left = ended(repo, "model")
    facts = json.loads((left / "session.json").read_text())
    names = [f"grown-{n:05}" for n in range(count)]
    summaries(repo, names)
    head = git(repo, "rev-parse", REF)
    for name in names:
        there = left.with_name(name)
        shutil.copytree(left, there)
        last = {**facts["last"], "seal": seal_of(name), "head": head}
        mine = {**facts, "id": name, "tag": tag_of(name), "last": last}
        path = there / "session.json"
        path.write_text(json.dumps(mine, indent=2))
        aged(path)
    aged(left / "session.json")


def aged(path: Path) -> None:
    """Let a file be of yesterday."""
    then = time.time() - _AGED
    os.utime(path, (then, then))


def spent(repo: Path, verb: str, session: str) -> float:
    """The seconds of CPU of one run of a verb."""
    words = {
        "start": ["start", "--id", session],
        "add": ["add", f"Deploy {session} by hand", "--session", session],
        "status": ["status", "--session", session],
        "end": ["end", "--session", session],
        "log": ["log", "-n", "20"],
    }.get(verb, [verb])
    before = cpu()
    run(our(repo, *words))
    return cpu() - before


def measured(repos: dict[str, Path], rounds: int) -> dict[str, dict[str, float]]:
    """The least CPU of each verb in each repository, turn about; the first round is for warmth."""
    found: dict[str, dict[str, float]] = {name: {} for name in repos}
    for number in range(rounds + 1):
        for verb in VERBS:
            for name, repo in repos.items():
                used = spent(repo, verb, f"round-{number}")
                if number:
                    found[name][verb] = min(used, found[name].get(verb, used))
    return found


def told(found: dict[str, dict[str, float]], floor: str) -> None:
    """Print what each scene costs, as multiples of the floor."""
    base = found[floor]
    print(f"{floor:16} " + "".join(f"{verb:>8}" for verb in VERBS))
    print(f"{'  (ms)':16} " + "".join(f"{base[verb] * 1000:8.0f}" for verb in VERBS))
    for name, row in found.items():
        if name != floor:
            print(f"{name:16} " + "".join(f"{row[verb] / base[verb]:8.2f}" for verb in VERBS))


def grown(folder: Path, kind: str, sizes: Sequence[int], rounds: int) -> None:
    """Build and measure one kind of growth."""
    if kind == "records":
        floor = "records-100"
        repos = {f"{kind}-{size}": made(folder / f"r{size}", size) for size in (100, *sizes)}
    elif kind == "versions":
        floor, repos = "versions-60", {}
        for size in (60, *sizes):
            repos[f"{kind}-{size}"] = made(folder / f"v{size}", 100)
            versions(folder / f"v{size}", size)
    else:
        for size in sizes:
            repo = made(folder / f"f{size}", 100)
            folders(repo, size)
            shutil.copytree(repo, bare := folder / f"n{size}", symlinks=True)
            shutil.rmtree(sessions(bare))
            told(measured({"none": bare, f"{kind}-{size}": repo}, rounds), "none")
        return
    told(measured(repos, rounds), floor)


def stamps(folder: Path, rounds: int) -> None:
    """Measure the end of a session whose copy has lost its stamps."""
    repo = made(folder / "s", 100)
    versions(repo, 60)
    least: dict[bool, float] = {}
    for number in range(2 * (rounds + 1)):
        name, bare = f"stamps-{number}", bool(number % 2)
        run(our(repo, "start", "--id", name))
        copy = sessions(repo) / name / "instruction-history.json"
        text = copy.read_text()
        if bare:
            text = re.sub(r',\n\s*"version_vector": "[^"]*"', "", text)
        copy.write_text(text.replace(f"Rule {61 + number}:", "What nobody published before:"))
        before = cpu()
        run(our(repo, "end", "--session", name))
        if number > 1:
            least[bare] = min(cpu() - before, least.get(bare, 9e9))
    print(f"stamps           end without them {least[True] / least[False]:.2f} times one with")


def disk(folder: Path) -> None:
    """Tell how large a session's folder is."""
    for size in (100, 1_000):
        repo = made(folder / f"d{size}", size)
        left = ended(repo, "one")
        history = view(repo).stat().st_size
        at_once = bytes_of(left)
        time.sleep(21)
        ended(repo, "two")
        aged(left / "session.json")
        ended(repo, "three")
        later = bytes_of(left) if left.exists() else 0
        print(
            f"disk-{size:<11} {at_once / history:.2f} times the history at once; "
            f"later {later:,} bytes"
        )


def bytes_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Build and measure."""
    options = asked(sys.argv[1:])
    scenes = options.scenes or SCENES
    with _room(options.keep) as folder:
        for kind in ("records", "versions", "folders"):
            sizes = [int(s.split("-")[1]) for s in scenes if s.startswith(f"{kind}-")]
            if sizes:
                grown(folder, kind, sizes, options.rounds)
        if "stamps" in scenes:
            stamps(folder, options.rounds)
        if "disk" in scenes:
            disk(folder)


def asked(words: Sequence[str]) -> argparse.Namespace:
    """What is to be measured; no scenes: all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenes", nargs="*", metavar="SCENE", choices=[*SCENES, []])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="build in this folder, and leave it")
    return parser.parse_args(words)


@contextlib.contextmanager
def _room(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
