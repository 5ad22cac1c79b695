"""Session summaries: what the head keeps of every merged session, and blame from them.

A summary is kept under the session's tag. Each publication lists the places the session wrote, with
a digest of what it wrote there: that is how a conflict knows who wrote the value in force.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tractatus_merge.core.model.state import SESSIONS, State, Version
from tractatus_merge.core.model.version_vector import MAX_COUNT, VersionVector
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path, digest
from tractatus_merge.core.values.places import get
from tractatus_merge.value import Value, field

if TYPE_CHECKING:
    from tractatus_merge.core.model.conflict import Writer

_Kinds = tuple[type, ...]


UNDOES, REDOES = STEPS = ("undoes", "redoes")
"""The keys by which a publication names the one that it steps back over, or forward again."""


class Publication(Value):
    """One merge of one session: its count, when, from which base and seal, what was written.

    `step`: `{"undoes": SEAL}` or `{"redoes": SEAL}`, where it steps over one of its author's.
    """

    count: int
    published: str
    base: Version | None
    seal: str
    renamed: Mapping[str, str]
    edits: tuple[Mapping[str, Json], ...]
    step: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """As stored."""
        return {
            "count": self.count,
            "published": self.published,
            "base": self.base,
            "seal": self.seal,
            **self.step,
            **({"renamed": dict(self.renamed)} if self.renamed else {}),
            "edits": [dict(edit) for edit in self.edits],
        }


def summary(state: State, tag: str) -> dict[str, Json] | None:
    """The summary of the session with the tag, or None if it never published."""
    text = state.get(SESSIONS, tag)
    return None if text is None else dict(json_text.parse(text))


_TEXT, _NO_TEXT = (str,), (str, type(None))
_SUMMARY = {"session": _TEXT, "tag": _TEXT, "publications": (list,)}
_PUBLICATION = {
    "count": (int,), "published": _TEXT, "base": _NO_TEXT, "seal": _TEXT, "edits": (list,),
}  # fmt: skip
_EDIT = {"instruction": _NO_TEXT, "path": (list,), "value": _TEXT, "at": _TEXT}


def fault(value: Json) -> str:
    """Why a value is no summary; nothing where it is one. Keys that are not known are allowed.

    By hand, since every merge asks it of what it writes: the library that judges the other records
    takes as long to load as a tenth of an `end`.
    """
    why = _misfit(value, _SUMMARY, agent=_TEXT, author=_TEXT)
    if why:
        return f"it {why}"
    if not value["publications"]:
        return "it has no publications"
    for item in value["publications"]:
        why = _misfit(item, _PUBLICATION, renamed=(dict,))
        if not why and not 0 < item["count"] < MAX_COUNT:
            why = 'has a "count" that no version vector can have'
        if not why and not all(isinstance(name, str) for name in item.get("renamed", {}).values()):
            why = 'has a "renamed" that names no ids'
        if why:
            return f"one of its publications {why}"
        for wrote in item["edits"]:
            why = _misfit(wrote, _EDIT, author=_TEXT, why=_TEXT)
            if not why and not all(isinstance(step, str) for step in wrote["path"]):
                why = 'has a "path" that is none'
            if why:
                return f"one of its edits {why}"
    return ""


def _misfit(value: Json, needed: Mapping[str, _Kinds], **allowed: _Kinds) -> str:
    """What an object lacks, or has that is of another type than it must be."""
    if not isinstance(value, dict):
        return "is no object"
    for key, kinds in {**needed, **allowed}.items():
        if key in value and type(value[key]) not in kinds:
            return f'has a "{key}" of the wrong type'
        if key in needed and key not in value:
            return f'has no "{key}"'
    return ""


@functools.lru_cache(maxsize=64)
def _publications(text: str) -> tuple[str, str, list[Json]]:
    """Session, author and publications of a summary: asked for once a place, and long. Read only.

    Whoever changes a summary takes it from `summary`.
    """
    found = json_text.parse(text)
    return found["session"], found.get("author", ""), found.get("publications", [])


def publications(state: State, tag: str) -> list[Publication]:
    """What the session with the tag has published, oldest first."""
    found = summary(state, tag)
    return [
        Publication(
            item["count"],
            item["published"],
            item["base"],
            item["seal"],
            item.get("renamed", {}),
            tuple(item["edits"]),
            {word: item[word] for word in STEPS if word in item},
        )
        for item in (found or {}).get("publications", [])
    ]


def first_published(state: State, tag: str, instruction: str) -> str:
    """When the tag published an instruction as a new one; behind every time if it never did."""
    times = [
        publication.published
        for publication in publications(state, tag)
        if any(
            edit["instruction"] == instruction and not edit["path"] for edit in publication.edits
        )
    ]
    return min(times, default="~")


def edit(instruction: str | None, path: Path, value: Json, writer: Writer) -> dict[str, Json]:
    """One place a session wrote, as a summary keeps it."""
    return {
        "instruction": instruction,
        "path": list(path),
        "value": digest(value),
        "at": writer.at,
        **({"author": writer.author} if writer.author else {}),
        **({"why": writer.why} if writer.why else {}),
    }


def blame(
    state: State,
    instruction: str | None,
    vector: VersionVector,
    path: Path,
    value: Json,
    *,
    since: VersionVector = VersionVector(),  # noqa: B008 (frozen)
) -> tuple[Writer, ...]:
    """Everyone who wrote this value at this place, from the summaries of the record's writers.

    `since`: leave out the publications that this vector knows already.
    Where nobody wrote exactly it (a merged list), everyone who wrote at, above or below the place.
    What stands as it was imported was written by the commits that are told.
    """
    exact, near = [], []
    for tag in sorted(vector.counts):
        for wrote, writer in _edits(state, tag, instruction, since.count(tag)):
            at = tuple(wrote["path"])
            shorter = min(len(at), len(path))
            if at == path and wrote["value"] == digest(value):
                exact.append(writer)
            elif at[:shorter] == path[:shorter] and at:
                near.append(writer)
    if exact:
        return tuple(sorted(exact))
    last, around = _blame_commits(state, instruction, path, value)
    return last or tuple(sorted(near or around))


def _blame_commits(
    state: State, instruction: str | None, path: Path, value: Json
) -> tuple[tuple[Writer, ...], list[Writer]]:
    """The last imported commit that wrote exactly this; else who wrote around it, or all of it."""
    exact: tuple[Writer, ...] = ()
    around: list[Writer] = []
    whole: list[Writer] = []
    for wrote, writer in _commit_edits(state, instruction):
        at = tuple(wrote["path"])
        if not at:  # added, or added again: what was before counts no more
            exact, around, whole = (), [], [writer]
        if at == path and wrote["value"] == digest(value):
            exact = (writer,)
        elif at and at[: len(path)] == path[: len(at)]:
            around.append(writer)
    return exact, around or whole


def _commit_edits(
    state: State, instruction: str | None
) -> Iterator[tuple[Mapping[str, Json], Writer]]:
    from tractatus_merge.core.model import imported  # for who asks who wrote something

    for tag in imported.tags(state):
        yield from _edits(state, tag, instruction, 0)


def blame_places(state: State, instruction: str, places: tuple[Path, ...]) -> tuple[Writer, ...]:
    """Everyone who wrote what an instruction says at the places; of no place, the whole record.

    Where nobody wrote a place by itself, who wrote above or below it, else who added the record.
    """
    record = state.record(instruction)
    if record is None or not places:
        return blame_record(state, instruction)
    found: set[Writer] = set()
    for place in places:
        value = get(record.content, place)
        wrote = blame(state, instruction, record.vector, place, value)
        found.update(wrote or _adders(state, instruction, record.vector))
    return tuple(sorted(found))


def _adders(state: State, instruction: str, vector: VersionVector) -> Iterator[Writer]:
    for tag in sorted(vector.counts):
        for wrote, writer in _edits(state, tag, instruction, 0):
            if not wrote["path"]:
                yield writer


def blame_record(state: State, instruction: str) -> tuple[Writer, ...]:
    """Everyone who wrote an instruction as it stands; nobody if there is none of that id."""
    record = state.record(instruction)
    return blame(state, instruction, record.vector, (), record.content) if record else ()


def _edits(
    state: State, tag: str, instruction: str | None, known: int
) -> Iterator[tuple[Mapping[str, Json], Writer]]:
    from tractatus_merge.core.model import imported  # for who asks who wrote something
    from tractatus_merge.core.model.conflict import Writer

    text = state.get(SESSIONS, tag)
    session, whose, published = _publications(text) if text is not None else ("", "", [])
    for item in published:
        if item["count"] <= known:
            continue
        for wrote in item["edits"]:
            if wrote["instruction"] == instruction:
                by = imported.session_of(tag, wrote, item["seal"]) or session
                author, why = wrote.get("author", whose), wrote.get("why", "")
                yield wrote, Writer(wrote["at"], by, author, why, item["published"])
