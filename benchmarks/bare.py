"""The floors under `start` and `add`: a program of click that does their bare work, and no more.

usage: bare.py start|add REPOSITORY ID

`start` reads the history from git and makes a session's folder, `add` puts one rule more into its
copy; what they write is on the disk before it has its name, as `sync` and `mv` would do it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import click

REF = "refs/heads/bare"
HISTORY = "instruction-history.json"


@click.group()
def main() -> None:
    """Do the bare work of a verb."""


@main.command()
@click.argument("repo", type=Path)
@click.argument("name")
def start(repo: Path, name: str) -> None:
    """Make a session's folder: base, copy, and what is told of it."""
    head = git(repo, "rev-parse", REF).decode().strip()
    rows = git(repo, "ls-tree", "-r", head).decode().splitlines()
    blobs = "".join(f"{row.split()[2]}\n" for row in rows)
    git(repo, "cat-file", "--batch", stdin=blobs.encode())
    data = (repo / ".claude" / HISTORY).read_bytes()
    staged, folder = repo / f".git/bare/.{name}", repo / f".git/bare/{name}"
    staged.mkdir(parents=True)
    told = json.dumps({"session": name, "base": head}, indent=2).encode()
    for file, content in (("base.json", data), (HISTORY, data), ("session.json", told)):
        put(staged / file, content)
    staged.rename(folder)
    settle(folder.parent)


@main.command()
@click.argument("repo", type=Path)
@click.argument("name")
def add(repo: Path, name: str) -> None:
    """Put one rule more into the session's copy, and a line into its journal."""
    git(repo, "rev-parse", REF)
    copy = repo / ".git/bare" / name / HISTORY
    said = json.loads(copy.read_bytes())
    said["instructions"].append(json.loads((repo / f"bare/{name}.json").read_bytes()))
    put(copy, json.dumps(said, indent=2).encode())
    with copy.with_name("journal.jsonl").open("a") as file:
        file.write('{"event": "add"}\n')


def git(repo: Path, *words: str, stdin: bytes = b"") -> bytes:
    """Run git and give back what it printed."""
    command = ["git", "-C", str(repo), *words]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


def put(path: Path, data: bytes) -> None:
    """Put a whole file at a path, durably."""
    staged = path.with_name(f".{path.name}")
    with staged.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    staged.rename(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main()
