"""How an entry of the log and a record's name are written in git, and read back. Runs nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from tractatus_merge.core.state import Entry, Key

ROOT_TIME = "2000-01-01T00:00:00.000Z"
LOG = (
    "-c", "log.showRoot=true", "-c", "log.follow=false", "-c", "log.showSignature=false",
    "-c", "diff.relative=false",
    "log", "--diff-merges=first-parent", "--name-only", "--no-renames", "--encoding=UTF-8", "-z",
    "--format=%x01%H %P%n%an <%ae>%n%B%x02",
)  # fmt: skip
"""Everything that a person's configuration could change is said. No path is, for git would leave
out commits behind a union that wrote it."""

_TRAILERS = ("Session", "Tag", "Agent", "Base", "Conflicts", "Published")


def file_of(key: Key) -> str:
    """The path of a record's file: `instructions/inst_001.json`."""
    return f"{key[0]}/{quote(key[1], safe='', errors='surrogatepass')}.json"


def message_of(first: str, entry: Entry) -> str:
    """Subject, trailers, and the mark that keeps forges from running CI for it."""
    conflicts = " ".join(entry.conflicts)
    values = (entry.session, entry.tag, entry.agent, entry.base or "", conflicts, entry.time)
    trailers = [
        f"{key}: {_one_line(value)}" for key, value in zip(_TRAILERS, values, strict=True) if value
    ]
    parts = [_one_line(first), *(["\n".join(trailers)] if trailers else []), "[skip ci]"]
    return "\n\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    return " ".join("".join(max(letter, " ") for letter in text).split())


def name_of(file: str) -> str:
    """The id in a file's name."""
    return unquote(file.removesuffix(".json"), errors="surrogatepass")


def seconds_of(moment: str) -> int:
    """A moment as a commit keeps it."""
    return int(datetime.fromisoformat(moment or ROOT_TIME).timestamp())


def time_of(commit: bytes) -> str:
    """When a version was published, from its trailer, else from its commit."""
    text = commit.decode("utf-8", "replace")
    trailers = re.findall(r"^Published: (\S+)$", text, re.MULTILINE)
    if trailers:
        return str(trailers[-1])
    date = re.search(r"^committer .* (\d+) [+-]\d{4}$", text, re.MULTILINE)
    moment = datetime.fromtimestamp(int(date[1]) if date else 0, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def entry_of(record: str) -> Entry:
    """One record of `git log`: header lines and message, then the files."""
    head, _, files = record.rpartition("\x02")
    first, author, *message = head.split("\n")
    version, *parents = first.split()
    pairs = [line.split(": ", 1) for line in message[1:] if ": " in line]
    trailers = {key: value for key, value in pairs if key in _TRAILERS}
    named = [file.partition("/") for file in files.strip("\n\0").split("\0") if "/" in file]
    changes = [(collection, name_of(file)) for collection, _, file in named]
    return Entry(
        message=message[0],
        session=trailers.get("Session", ""),
        tag=trailers.get("Tag", ""),
        agent=trailers.get("Agent", ""),
        author=author.removesuffix(" <>"),
        time=trailers.get("Published", ""),
        base=trailers.get("Base"),
        conflicts=tuple(trailers.get("Conflicts", "").split()),
        version=version,
        parents=tuple(parents),
        changes=tuple(changes),
        root=not parents,
    )
