"""A version read as a decision: what it changed, from what to what, why, and what it answered.

All of it stands in the version, in those it was made from, and in its session's summary there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import is_known, open_conflicts
from tractatus_merge.core.model.resolutions import ResolutionRecord
from tractatus_merge.core.model.session_names import session_name
from tractatus_merge.core.model.state import INSTRUCTIONS, RESOLUTIONS, Entry, State
from tractatus_merge.core.model.summaries import publications, summary
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import Missing
from tractatus_merge.log.versions import story
from tractatus_merge.repository.line import Repository
from tractatus_merge.system import plain_file
from tractatus_merge.value import Value


class Decision(Value):
    """What a version did: places with the reasons for them, conflicts it opened, answers given.

    `damage` says why nothing more can be told of it.
    """

    entry: Entry
    steps: tuple[Step, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    answers: tuple[ResolutionRecord, ...] = ()
    edits: tuple[Mapping[str, Json], ...] = ()
    damage: str = ""

    def why(self, step: Step) -> str:
        """The reasons that were given for what the version did at a place."""
        found = dict.fromkeys(
            " ".join(str(edit["why"]).split())
            for edit in self.edits
            if edit.get("why")
            and edit["instruction"] == step.instruction
            and _meets(tuple(edit["path"]), step.path)
        )
        return "; ".join(found)

    def waiting(self, step: Step) -> Conflict | None:
        """The conflict in which what the version brought to a place waits for a person."""
        for conflict in self.conflicts:
            if conflict.instruction == step.instruction and _meets(conflict.path, step.path):
                return conflict
        return None


def _meets(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two places are the same, or one is in the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def decision(repo: Repository, entry: Entry) -> Decision:
    """What a version of the log decided."""
    try:
        after = repo.older(entry.version)
        steps = tuple(story(repo, entry))
        done = publications(after, entry.tag) if entry.tag else []
    except Missing as error:
        return Decision(entry, damage=error.sentence)
    conflicts = tuple(one for one in open_conflicts(after) if one.id in entry.conflicts)
    return Decision(
        entry, steps, conflicts, tuple(_answers(after, entry)), done[-1].edits if done else ()
    )


def _answers(after: State, entry: Entry) -> Iterator[ResolutionRecord]:
    for kind, name in entry.changes:
        text = after.get(RESOLUTIONS, name) if kind == RESOLUTIONS else None
        if text is not None and is_known((kind, name), text):
            yield {"id": name, **json_text.parse(text)}


def answer_of(head: State, resolution: str) -> ResolutionRecord:
    """The answer of that id, which the head has."""
    text = head.get(RESOLUTIONS, resolution)
    return json_text.parse(text) if text is not None else {}


def writer_names(head: State, vector: VersionVector) -> dict[str, str]:
    """What the sessions that wrote a record are called: id to name."""
    told = (summary(head, tag) for tag in vector.counts)
    return {
        one["session"]: session_name(one["session"], one["tag"], one.get("agent", ""))
        for one in told
        if one is not None
    }


def names_in(head: State, conflict: Conflict) -> dict[str, str]:
    """What the sessions are called that have a side in a conflict."""
    about = [conflict.instruction]
    if conflict.kind == MEANING:
        about = [side.value["instruction"] for side in conflict.all_sides]
    records = (head.record(name) for name in about if name is not None)
    vectors = [record.vector for record in records if record is not None]
    return {key: name for one in vectors for key, name in writer_names(head, one).items()}


def touches(entry: Entry, instructions: tuple[str, ...]) -> bool:
    """Whether a version changed one of these instructions; of none, whether it is any."""
    return not instructions or any(
        kind == INSTRUCTIONS and name in instructions for kind, name in entry.changes
    )


def adopted_at(repo: Repository) -> str | None:
    """When the history was taken in, if that was in this clone: its first version bears no time."""
    try:
        return plain_file.read_text(repo.workspace.adopted).strip()
    except FileNotFoundError:
        return None
