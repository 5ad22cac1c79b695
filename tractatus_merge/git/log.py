"""How an entry of the log is written in git, and read back. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice, takewhile

from tractatus_merge.core.model.state import ROOT_TIME, Entry, Key
from tractatus_merge.git.paths import key_of, places_of

LOG = (
    "-c", "log.showRoot=true", "-c", "log.follow=false", "-c", "log.showSignature=false",
    "-c", "diff.relative=false",
    "log", "--diff-merges=first-parent", "--raw", "--no-abbrev", "--no-renames", "-z",
    "--encoding=UTF-8", "--format=%x00%H %P%x00%an <%ae>%x00%B%x00",
)  # fmt: skip
"""Everything that a person's configuration could change is said. Fields end with NUL, which no
commit can hold."""

_LAST_YEAR = 9000
"""A later one is nobody's clock, and dates end soon after."""
_PLAIN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_SKIP = "[skip ci]"
_TRAILERS = ("Session", "Tag", "Agent", "Base", "Conflicts", "Published")


def message_of(first: str, entry: Entry) -> str:
    """Subject, trailers, and the mark that keeps forges from running CI for it."""
    conflicts = " ".join(entry.conflicts)
    values = (entry.session, entry.tag, entry.agent, entry.base or "", conflicts, entry.time)
    trailers = [
        f"{key}: {one_line(value)}" for key, value in zip(_TRAILERS, values, strict=True) if value
    ]
    parts = [one_line(first), *(["\n".join(trailers)] if trailers else []), _SKIP]
    return "\n\n".join(parts) + "\n"


def one_line(text: str) -> str:
    """A text as a line of a commit's message: nothing in it ends the line."""
    return " ".join("".join(max(letter, " ") for letter in text).split())


def seconds_of(moment: str) -> int:
    """A moment as a commit keeps it; one that is none is the root's."""
    return int(datetime.fromisoformat(_moment(moment) or ROOT_TIME).timestamp())


def time_of(commit: bytes) -> str:
    """When a version was published, from its trailer, else from its commit."""
    text = commit.decode("utf-8", "replace")
    for trailer in reversed(re.findall(r"^Published: (\S+)$", text, re.MULTILINE)):
        if moment := _moment(trailer):
            return moment
    date = re.search(r"^committer .* (\d{1,11}) [+-]\d{4}$", text, re.MULTILINE)
    return _written(datetime.fromtimestamp(int(date[1]) if date else 0, UTC))


def is_published(commit: bytes) -> bool:
    """Whether a commit says in its own words that this program, or a later one, published it."""
    text = commit.decode("utf-8", "replace")
    return text.endswith(f"\n{_SKIP}\n") and "\nPublished: " in text


def _moment(text: str) -> str:
    """A moment as the state writes it; nothing for one without a zone, or that is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if found.tzinfo is None or not 1 < found.year < _LAST_YEAR:
        return ""
    return text if re.fullmatch(_PLAIN, text, re.ASCII) else _written(found.astimezone(UTC))


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def about(collection: str | None, name: str | None) -> list[str]:
    """The last words of a LOG: of all that was published, of a collection or of a record.

    A simplified history would leave out commits behind a union that wrote the same, and a commit's
    other files.
    """
    if collection is None:
        return ["--"]
    return ["--full-history", "--full-diff", "--", *places_of(collection, name)]


def entries_of(pieces: Iterable[bytes]) -> Iterator[Entry]:
    """What `git log` says: for each commit nothing, its ids, its author, its message; its files.

    A file is two fields: what it was and is, and its path. Each entry as soon as it is there.
    """
    fields = _fields(pieces)
    next(fields)
    while len(head := list(islice(fields, 4))) == 4:
        ids, author, message, _ = head  # the last is how `git log` itself ends a commit
        yield _entry(ids, author, message, list(takewhile(bool, fields)))


def _fields(pieces: Iterable[bytes]) -> Iterator[str]:
    """The texts between NULs."""
    rest: list[bytes] = []
    for piece in pieces:
        first, *others = piece.split(b"\0")
        rest.append(first)
        if others:
            yield b"".join(rest).decode("utf-8", "replace")
            rest = [others.pop()]
            for field in others:
                yield field.decode("utf-8", "replace")
    yield b"".join(rest).decode("utf-8", "replace")


def _entry(ids: str, author: str, message: str, files: list[str]) -> Entry:
    version, *parents = ids.split()
    first, *lines = message.split("\n")
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    trailers = {key: value for key, value in pairs if key in _TRAILERS}
    return Entry(
        message=first,
        session=trailers.get("Session", ""),
        tag=trailers.get("Tag", ""),
        agent=trailers.get("Agent", ""),
        author=author.removesuffix(" <>"),
        time=_moment(trailers.get("Published", "")),
        base=trailers.get("Base"),
        conflicts=tuple(trailers.get("Conflicts", "").split()),
        version=version,
        parents=tuple(parents),
        changes=_changes(files),
        root=not parents,
    )


def _changes(files: list[str]) -> tuple[Key, ...]:
    """The records that are other than they were; one whose file only moved is not."""
    before: dict[Key, str] = {}
    after: dict[Key, str] = {}
    for row, path in zip(files[::2], files[1::2], strict=False):
        if "/" not in path:
            continue
        _, _, old, new, _ = row.split()
        key = key_of(path)
        for seen, oid in ((before, old), (after, new)):
            seen[key] = oid if oid.strip("0") else seen.get(key, "")
    return tuple(key for key, oid in before.items() if oid != after[key])
