"""Repositories made in one go: any graph of commits of one file, by `git fast-import`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DAY = 86400
START = 1_760_000_000


class Graph:
    """Commits of one file, each made from marks of earlier ones; `make` writes them all."""

    def __init__(self, folder: Path, file: str = "records.jsonl") -> None:
        self.folder, self.file = folder, file
        self.stream: list[bytes] = []
        self.marks = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def commit(
        self,
        content: bytes | Iterable[Any] | None,
        *parents: int,
        by: str = "Jo",
        message: str = "write",
        file: str | None = None,
        also: bytes = b"",
        at: int | None = None,
    ) -> int:
        """Commit a content (records: one a line; None: the file is gone); the mark of the commit.

        It is a day later than the one before, or `at` a time.
        """
        self.marks += 1
        if content is not None and not isinstance(content, bytes):
            content = lines(content)
        when = self.time(self.marks) if at is None else at
        who = f"{by} <{by.lower().replace(' ', '')}@example.org> {when} +0000"
        words = [f"commit refs/heads/main\nmark :{self.marks}\nauthor {who}\ncommitter {who}\n"]
        words.append(f"data {len(message.encode())}\n{message}\n")
        words += [f"{'merge' if n else 'from'} :{mark}\n" for n, mark in enumerate(parents)]
        if not parents:
            words.insert(0, "reset refs/heads/main\n")
        data = "".join(words).encode() + also
        name = json.dumps(file or self.file, ensure_ascii=False)
        if content is None:
            data += f"D {name}\n".encode()
        else:
            data += f"M 644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n"
        self.stream.append(data)
        return self.marks

    def time(self, mark: int) -> int:
        """When a commit was made, of those that were not given a time."""
        return START + mark * DAY

    def make(self) -> dict[int, str]:
        """Write the commits, the last one HEAD and checked out; ids by marks."""
        marks = self.folder / ".git" / "marks"
        self.git(
            "fast-import", "--quiet", "--force", f"--export-marks={marks}",
            stdin=b"".join(self.stream),
        )  # fmt: skip
        self.git("reset", "--quiet", "--hard")
        pairs = (line[1:].split() for line in marks.read_text().splitlines())
        return {int(mark): oid for mark, oid in pairs}

    def git(self, *words: str, stdin: bytes = b"") -> str:
        """Run git here."""
        done = subprocess.run(
            ["git", "-C", self.folder, *words], input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode()


def lines(records: Iterable[Any]) -> bytes:
    """Records as JSONL."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
