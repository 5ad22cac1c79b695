"""What a session's copy knew, told by a record's version vector where its version is gone."""

from __future__ import annotations

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolution_prefix, resolutions
from tractatus_merge.core.model.state import SESSIONS, State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.incoming import Seen


def seen_by(head: State, instruction: str, base: VersionVector) -> Seen:
    """The head's conflicts and resolutions about an instruction that a base of it showed.

    Whoever answers ticks the record, and so did everyone who wrote a side: the base knew an answer
    if it has the answer's publication, and a conflict if it has those of all who wrote it.
    """
    known = set()
    for tag in head.names(SESSIONS):
        session = (summaries.summary(head, tag) or {}).get("session", "")
        for done in summaries.publications(head, tag):
            if done.count <= base.count(tag):
                known.add((session, done.published))
    conflicts = [
        conflict.id
        for conflict in open_conflicts(head)
        if conflict.instruction == instruction
        and all((w.session, w.published) in known for s in conflict.all_sides for w in s.writers)
    ]
    prefix = resolution_prefix(instruction)
    told = resolutions(head, prefix)
    answers = [one["id"] for one in told if (one["session"], one["published"]) in known]
    return Seen(frozenset(conflicts), frozenset(answers))
