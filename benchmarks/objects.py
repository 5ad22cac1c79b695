"""Writing the objects of one merge, durably: what each way costs against `git hash-object`.

    .venv/bin/python -m benchmarks.objects [--rounds N]

The twelve objects of an `end` at 100 instructions: five records, three folders, two tops, two
commits; they are new in each round, and on the disk when it ends. In turns:

- hash-object: one process a kind and step, for a folder names its files, a commit its tree. Git
  syncs the files, we the folders.
- fast-import: one process for all; it writes a pack, which git syncs, and its index.
- ours: loose objects, as the store writes them.

CPU is user and system time of this process and its children.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tractatus_merge.git.plumbing import FILE, FOLDER, Plumbing, discover
from tractatus_merge.system import files

RECORDS = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    ways = {"hash-object": by_hash_object, "fast-import": by_fast_import, "ours": by_ourselves}
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        repo = Path(folder)
        subprocess.run(["git", "init", "-q", repo], check=True)
        for number in range(rounds):
            for name, way in ways.items():  # turn about, so that all meet the same noise
                texts = [f'{{"id": "{name}-{number}-{n}"}}\n'.encode() for n in range(5)]
                seconds, used = timed(lambda way=way, texts=texts: way(repo, texts))
                wall[name].append(seconds)
                cpu[name].append(used)
    for name in ways:
        times, used = ratios(wall, name), ratios(cpu, name)
        print(f"{name:12} wall {shown(times)}   cpu {shown(used)}")


def ratios(measured: dict[str, list[float]], name: str) -> list[float]:
    """Each round against `hash-object` in the same round."""
    pairs = zip(measured[name], measured["hash-object"], strict=True)
    return [one / floor for one, floor in pairs]


def shown(found: list[float]) -> str:
    """The median, and between what half of the rounds are."""
    low, middle, high = statistics.quantiles(found, n=4)
    return f"{middle:4.2f} [{low:4.2f}-{high:4.2f}]"


def timed(act: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and of CPU, children's too."""
    before, began = used(), time.perf_counter()
    act()
    return time.perf_counter() - began, used() - before


def used() -> float:
    """The CPU seconds of this process and of the children that have ended."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def rows(blob: str) -> list[tuple[str, str, str]]:
    """A folder of records, all but the first the same text."""
    return [(FILE, blob, f"inst_{number:03d}.json") for number in range(RECORDS)]


def by_ourselves(repo: Path, texts: list[bytes]) -> None:
    """As the store does."""
    git = Plumbing(discover(repo))
    blobs = git.write("blob", texts)
    folders = git.write_trees([rows(blob) for blob in blobs[:3]])
    tops = git.write_trees([[(FOLDER, one, "instructions")] for one in folders[:2]])
    own = git.commit_tree(tops[0], [], "own\n", who="A <a@x>", seconds=1)
    git.commit_tree(tops[1], [own], "merge\n", who="A <a@x>", seconds=1)
    git.sync()
    git.close()


def by_hash_object(repo: Path, texts: list[bytes]) -> None:
    """A process a kind and step; then the folders are synced."""
    git = Plumbing(discover(repo))
    blobs = hashed(git, "blob", texts)
    folders = hashed(git, "tree", [tree(rows(blob)) for blob in blobs[:3]])
    tops = hashed(git, "tree", [tree([(FOLDER, one, "instructions")]) for one in folders[:2]])
    own = hashed(git, "commit", [commit(tops[0], [], "own")])
    last = hashed(git, "commit", [commit(tops[1], own, "merge")])
    made = [*blobs, *folders, *tops, *own, *last]
    objects = repo / ".git/objects"
    files.sync({objects / oid[:2] for oid in made} | {objects})
    git.close()


def hashed(git: Plumbing, kind: str, contents: list[bytes]) -> list[str]:
    """Write some objects of one kind by `git hash-object`."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number, content in enumerate(contents):
            path = Path(folder, str(number))
            path.write_bytes(content)
            names.append(str(path))
        listing = b"".join(os.fsencode(name) + b"\n" for name in names)
        words = ("hash-object", "-t", kind, "-w", "--no-filters", "--stdin-paths")
        return git.must(*words, stdin=listing).decode().split()


def tree(entries: list[tuple[str, str, str]]) -> bytes:
    """A raw tree of one kind of entries, in git's order."""
    return b"".join(
        f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(oid) for mode, oid, name in entries
    )


def commit(top: str, parents: list[str], message: str) -> bytes:
    """A raw commit."""
    above = "".join(f"parent {parent}\n" for parent in parents)
    who = "A <a@x> 1 +0000"
    return f"tree {top}\n{above}author {who}\ncommitter {who}\n\n{message}\n".encode()


def by_fast_import(repo: Path, texts: list[bytes]) -> None:
    """One process; its marks tell what the ids are."""
    who = b"A <a@x> 1 +0000"
    said = [b"blob\nmark :%d\ndata %d\n%s\n" % (n + 1, len(t), t) for n, t in enumerate(texts)]
    names = [f"instructions/inst_{number:03d}.json".encode() for number in range(RECORDS)]
    for mark, (blob, above) in enumerate([(1, b""), (2, b"from :11\n")], 11):
        files_ = b"".join(b"M 100644 :%d %s\n" % (blob, name) for name in names)
        head = b"commit refs/bench/one\nmark :%d\nauthor %s\ncommitter %s\n" % (mark, who, who)
        said.append(head + b"data 2\nm\n" + above + b"deleteall\n" + files_ + b"\n")
    git = Plumbing(discover(repo))
    git.must("-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--force",
             stdin=b"".join(said))  # fmt: skip
    git.close()


if __name__ == "__main__":
    main()
