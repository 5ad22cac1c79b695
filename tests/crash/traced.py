"""A command under strace, and what of a repository was on the disk when its branch moved."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT
from tests.fakeagent import PROGRAM

CALLS = "trace=fsync,fdatasync,mkdir,mkdirat,link,linkat,rename,renameat,renameat2"
_QUOTED = re.compile(r'"([^"]*)"')


class Call(NamedTuple):
    """One system call that succeeded: when it began and ended, and the paths it names."""

    name: str
    began: int
    ended: int
    paths: tuple[str, ...]


def calls_of(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> list[Call]:
    """Run a command of the program in a folder, traced; the calls of it and all its children."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    trace = folder.parent / "trace"
    alone = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
    strace = ["strace", "-f", "-o", str(trace), "-e", CALLS, "-y", "-s", "4096"]
    subprocess.run([*strace, *PROGRAM, *words], cwd=folder, check=True, env=alone)
    return list(_calls(trace.read_text("utf-8", "replace").splitlines()))


def _calls(lines: list[str]) -> Iterator[Call]:
    began: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        pid, _, said = line.partition(" ")
        said = said.strip()
        if said.endswith("<unfinished ...>"):
            began[pid] = number, said.removesuffix("<unfinished ...>").strip()
            continue
        start = number
        if said.startswith("<... "):
            start, first = began.pop(pid)
            said = first + said.partition("resumed>")[2]
        name = said.partition("(")[0]
        if not said.rstrip().endswith("= 0"):
            continue
        paths = _QUOTED.findall(said) or re.findall(r"\(\d+<([^>]*)>", said)
        yield Call(name, start, number, tuple(map(os.path.normpath, paths)))


class Store:
    """What a trace says of one repository's files."""

    def __init__(self, calls: list[Call], common: Path, ref: str) -> None:
        self.calls, self.objects = calls, common / "objects"
        (self.moved,) = (  # the only time that it takes its name
            call.ended for call in calls if call.paths[-1:] == (str(common / ref),)
        )

    def synced(self, path: str | Path, since: int = -1) -> bool:
        """Whether a file or folder was synced after some call, before the ref moved."""
        return any(
            call.name in ("fsync", "fdatasync")
            and call.paths == (str(path),)
            and since < call.began
            and call.ended < self.moved
            for call in self.calls
        )

    def made(self) -> list[Call]:
        """The calls by which an object or a pack took its name before the ref moved."""
        inside = f"{self.objects}/"
        return [
            call
            for call in self.calls
            if call.name.startswith(("link", "rename"))
            and call.paths[1].startswith(inside)
            and call.ended < self.moved
        ]

    def unsynced(self) -> list[str]:
        """What had a name, and might have been lost with it, when the ref moved."""
        found = [
            path
            for call in self.made()
            for path, since in ((call.paths[0], -1), (Path(call.paths[1]).parent, call.ended))
            if not self.synced(path, since)
        ]
        folders = (call for call in self.calls if call.name.startswith("mkdir"))
        for call in folders:
            folder = Path(call.paths[0])
            inside = folder.parent == self.objects and call.ended < self.moved
            if inside and not self.synced(self.objects, call.ended):
                found.append(folder)
        return [str(path) for path in found]
