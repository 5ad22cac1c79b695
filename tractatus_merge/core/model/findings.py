"""Contradictions as conflicts: two instructions that merge cleanly and contradict each other.

How a contradiction is found is the document's policy (`DocumentType.meaning`). Here it becomes a
conflict of kind `meaning`, whose id is a hash of what the two say: once settled, it is not
reported again until one of them changes. Both instructions stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tractatus_merge.core.model.conflict import MEANING, Conflict, Side, Writer
from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, digest
from tractatus_merge.value import Value

TWIN = "twin"

Contents = Mapping[str, dict[str, Json]]


class Finding(Value):  # noqa: PLW1641 (what is said may be a list)
    """What two instructions disagree on, or (code "twin") that they say the same.

    `code` is parameter, prohibition or twin; `ids` are sorted, `says` is in their order, and so are
    `places`: where each of the two says it, which does not count where findings are compared.
    """

    code: str
    severity: str
    ids: tuple[str, str]
    about: str
    says: tuple[Json, Json]
    places: tuple[tuple[Path, ...], tuple[Path, ...]] = ((), ())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._said == other._said

    @property
    def _said(self) -> tuple[Json, ...]:
        return self.code, self.severity, self.ids, self.about, self.says

    @property
    def id(self) -> str:
        """A hash of what is said: the same in every clone, another one when a word changes."""
        return "c" + digest([MEANING, self.code, *self.ids, self.about, *self.says], 8)

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        one, other = self.ids
        if self.code == TWIN:
            return f"{one} and {other} say nearly the same"
        first, second = (say if isinstance(say, str) else json_text.dump(say) for say in self.says)
        return f'{one} says "{first}", {other} says "{second}" (about {self.about})'


FindContradictions = Callable[[Contents, Contents], list[Finding]]


Writers = Callable[[str, tuple[Path, ...]], tuple[Writer, ...]]
"""Who wrote these places of an instruction."""


def conflict_of(finding: Finding, writers: Writers = lambda *_: ()) -> Conflict:
    """The finding as a conflict; a side for each instruction, in the order of their ids."""
    force, side = (
        Side(MISSING, {"instruction": name, "says": said}, writers(name, places))
        for name, said, places in zip(finding.ids, finding.says, finding.places, strict=True)
    )
    path = (MEANING, finding.ids[1], finding.about)
    return Conflict(finding.id, MEANING, finding.ids[0], path, finding.severity, force, (side,))


def all_findings(head: State, find: FindContradictions) -> list[Finding]:
    """Every finding in a whole history that no person has dismissed, each disagreement once."""
    contents = head.contents()
    found = without_repeats(find(contents, contents))
    return [finding for finding in found if not is_settled(head, finding)]


def open_findings(head: State, find: FindContradictions) -> list[Finding]:
    """Every finding that no person has dismissed: also those that only repeat another."""
    contents = head.contents()
    return [finding for finding in find(contents, contents) if not is_settled(head, finding)]


def without_repeats(findings: list[Finding]) -> list[Finding]:
    """One finding for one disagreement: where the texts contradict, parameters only repeat it."""
    said = {finding.ids for finding in findings if finding.code == "prohibition"}
    return [f for f in findings if f.code != "parameter" or f.ids not in said]


def is_known(heads: Iterable[State], finding: Finding) -> bool:
    """Whether the finding is open or settled in any of the heads."""
    return any((CONFLICTS, finding.id) in head or is_settled(head, finding) for head in heads)


def is_settled(head: State, finding: Finding) -> bool:
    """Whether a person has answered the finding."""
    return (RESOLUTIONS, resolution_name(finding.id)) in head


def resolution_name(conflict: str) -> str:
    """The id under which the answer to a finding is kept: one, whoever gave it."""
    return f"m{conflict}"
