"""What a kind of document tells the plans: which rule merges what, and how its texts are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tractatus_merge.core.model.findings import FindContradictions
from tractatus_merge.core.model.state import (
    DOCUMENT,
    HEADER,
    State,
)
from tractatus_merge.core.rules.base import Rule
from tractatus_merge.core.values.equality import Json, Path
from tractatus_merge.value import Value


class Policy(Value):
    """The rules of one kind of record, as functions.

    `rule` merges; `severity` weighs a contested place of a record; `stance` says whether a side
    (base, side, path) takes part in a whole-record conflict there, and so
    stands for the value it has.
    """

    rule: Rule
    severity: Callable[[Json, Path], str]
    stance: Callable[[Json, Json, Path], bool]


class DocumentType(Value):
    """All that the core asks of a kind of document.

    `header`/`with_header` read and write the header's value in its text; `finish` sets what is
    derived (counters) or follows the edits (dates): (header, old records, new records,
    latest edit). `meaning` finds contradictions between two groups of records.
    """

    policy: Policy
    header_policy: Policy
    header: Callable[[str], dict[str, Json]]
    with_header: Callable[[str, dict[str, Json]], str]
    finish: Callable[[dict[str, Json], Records, Records, str], dict[str, Json]]
    retired: Callable[[Json], bool]
    meaning: FindContradictions

    def content(self, head: State, instruction: str | None) -> dict[str, Json]:
        """What an instruction says, or (None) the header; empty if it is not there."""
        if instruction is not None:
            return head.content(instruction)
        return self.header(head.get(DOCUMENT, HEADER) or "{}")


Records = Callable[[], Mapping[str, dict[str, Json]]]
