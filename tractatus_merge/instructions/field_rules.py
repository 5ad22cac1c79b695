"""The policy of the instruction history: which rule for which field, and what is derived.

The tables are meant to be read by the person who owns the policy.
The file's form is in `history_file`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tractatus_merge.core.plans.document_type import DocumentType, Policy
from tractatus_merge.core.rules.base import Merge, Merged, Rule
from tractatus_merge.core.rules.generic import conflict, fields, keep
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.counters import COUNTERS, finish, higher, latest
from tractatus_merge.instructions.edit_against_retire import edit_against_retire
from tractatus_merge.instructions.judged_meaning import find_contradictions
from tractatus_merge.instructions.retirement import is_retired, stance
from tractatus_merge.instructions.severity import severity

if TYPE_CHECKING:
    from tractatus_merge.core.values.equality import Path

__all__ = [
    "COUNTERS",
    "HEADER",
    "HISTORY",
    "INSTRUCTION",
    "METADATA",
    "finish",
    "higher",
    "latest",
    "only_a_person",
]


def by_shape(path: Path, merge: Merge) -> Merged:
    """A rule by what stands there: objects key by key, lists of records by their id."""
    from tractatus_merge.core.rules import lists  # two sides rarely change a field differently

    return lists.by_shape(path, merge)


def text(path: Path, merge: Merge) -> Merged:
    """Merge a text by lines: changes at different places, and additions of both sides."""
    from tractatus_merge.core.rules import texts  # as above

    return texts.text(path, merge)


only_a_person = conflict

INSTRUCTION: dict[str, Rule] = {
    "id": keep,
    "text": only_a_person,
    "title": only_a_person,
    "persistence": only_a_person,
    "quadrant": only_a_person,
    "active": only_a_person,
    "parameters": by_shape,
    "notes": text,
    "description": text,
    "context": text,
    "rationale": text,
}

METADATA: dict[str, Rule] = {
    "version": higher,
    "lastUpdated": latest,
    "totalInstructions": keep,
    "activeInstructions": keep,
}

HEADER: dict[str, Rule] = {
    "version": higher,
    "last_updated": latest,
    "stats": keep,
    "metadata": fields(METADATA, by_shape),
}


HISTORY = DocumentType(
    policy=Policy(edit_against_retire(fields(INSTRUCTION, by_shape)), severity, stance),
    header_policy=Policy(fields(HEADER, by_shape), severity, lambda *_: False),
    header=history_file.header_value,
    with_header=history_file.with_header,
    finish=finish,
    retired=is_retired,
    meaning=find_contradictions,
)
