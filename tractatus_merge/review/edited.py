"""What the edit changed that met a retirement, from the log. Nothing is decided or printed here."""

from __future__ import annotations

import contextlib

from tractatus_merge.core.model.conflict import EDIT_RETIRE, Conflict
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import Missing
from tractatus_merge.log.versions import story
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.questions import Pieces
from tractatus_merge.review.render import differences, pieces
from tractatus_merge.value import replace


def edits(repo: Repository, conflict: Conflict) -> tuple[tuple[str, Pieces], ...]:
    """Each place that was edited while another session retired the instruction, and how.

    Nothing for other conflicts, nor where the log does not have the versions (a shallow clone).
    """
    if conflict.kind != EDIT_RETIRE or conflict.instruction is None:
        return ()
    kept = [side for side in conflict.all_sides if side.value is not False]
    wrote = {(writer.session, writer.published) for side in kept for writer in side.writers}
    found: dict[str, Pieces] = {}
    with contextlib.suppress(Missing):
        for entry in repo.store.log(INSTRUCTIONS, conflict.instruction):
            if (entry.session, entry.time) in wrote:
                alone = replace(entry, changes=((INSTRUCTIONS, conflict.instruction),))
                for step in story(repo, alone):
                    if step.path and step.path != conflict.path:
                        found.setdefault(shown(step.path), _change(step))
    return tuple(sorted(found.items()))


def _change(step: Step) -> Pieces:
    if isinstance(step.base, str) and isinstance(step.theirs, str):
        return pieces(step.base, step.theirs)
    return [("same", line) for line in differences(step.base, step.theirs)]
