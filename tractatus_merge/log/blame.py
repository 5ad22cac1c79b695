"""Who wrote each field of an instruction as it stands, and which resolution settled it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict, Writer
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolutions
from tractatus_merge.core.model.record import STAMP
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import element_id, get, is_keyed
from tractatus_merge.errors import UnknownInstruction
from tractatus_merge.value import Value


class Blamed(Value):
    """One field: its value, who wrote it (nobody: it is as it was adopted), what settled it.

    `conflict` is the open conflict in which other sides wait there.
    """

    path: Path
    value: Json
    writers: tuple[Writer, ...]
    resolution: str | None = None
    conflict: str | None = None

    def to_json(self) -> dict[str, Json]:
        """As `blame --json` shows it."""
        return {
            "field": shown(self.path),
            "path": list(self.path),
            "value": self.value,
            "writers": [{"at": one.at, **one.to_json()} for one in self.writers],
            "resolution": self.resolution,
            "conflict": self.conflict,
        }


def blame(head: State, instruction: str) -> list[Blamed]:
    """Every field of an instruction, in its order; UnknownInstruction where there is none."""
    record = head.record(instruction)
    if record is None:
        raise UnknownInstruction(instruction)
    creators = _creators(head, instruction, record.vector)
    answers = active_resolutions(resolutions(head))
    contested = [
        conflict
        for conflict in open_conflicts(head)
        if conflict.instruction == instruction and conflict.kind != MEANING
    ]
    found = []
    for path, value in leaves(record.content):
        writers = summaries.blame(head, instruction, record.vector, path, value) or creators
        sessions = {writer.session for writer in writers}
        settled = (
            answer["id"]
            for answer in answers
            if answer["session"] in sessions and _says(answer, instruction, path, value)
        )
        found.append(Blamed(path, value, writers, next(settled, None), _waiting(contested, path)))
    return found


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The fields of a record: objects are entered, and lists of objects with ids; not the stamp."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if (*path, key) != (STAMP,):
                yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value and is_keyed(value):
        for item in value:
            yield from leaves(item, (*path, str(element_id(item))))
    else:
        yield path, value


def _creators(head: State, instruction: str, vector: VersionVector) -> tuple[Writer, ...]:
    """Who brought the record as a whole: they wrote every field that nobody wrote since."""
    found = set()
    for tag in vector.creators:
        about = summaries.summary(head, tag) or {}
        for publication in summaries.publications(head, tag):
            for edit in publication.edits:
                if edit["instruction"] == instruction and not edit["path"]:
                    author = edit.get("author", about.get("author", ""))
                    why = edit.get("why", "")
                    when = publication.published
                    found.add(Writer(edit["at"], about["session"], author, why, when))
    return tuple(sorted(found))


def _waiting(contested: Iterable[Conflict], path: Path) -> str | None:
    """The open conflict at, above or below a field."""
    for conflict in contested:
        shorter = min(len(conflict.path), len(path))
        if conflict.path[:shorter] == path[:shorter]:
            return conflict.id
    return None


def _says(answer: Mapping[str, Json], instruction: str, path: Path, value: Json) -> bool:
    """Whether the answer still stands in the field: what came later undoes what it settled."""
    place = tuple(answer["path"])
    if answer["instruction"] != instruction or path[: len(place)] != place:
        return True  # of two instructions the other, or one that the answer itself added
    said = get(answer.get("value", MISSING), path[len(place) :])
    return same(said, value)
