"""What came of publications that nobody was told of, read from the head.

A command may be killed, or its output lost, when the head has its merge already: whoever ends the
session again is told then. What a copy lacked and what was only noted is not kept, and not told.
"""

from __future__ import annotations

from collections.abc import Sequence

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import CONFLICTS, State
from tractatus_merge.core.model.summaries import Publication
from tractatus_merge.core.plans.outcome import Outcome
from tractatus_merge.core.values.equality import digest
from tractatus_merge.log import versions
from tractatus_merge.repository.line import Repository
from tractatus_merge.value import replace

_RETIRED = digest(False)  # noqa: FBT003 (the value itself)


def joined(
    repo: Repository, head: State, tag: str, seals: Sequence[str], outcome: Outcome
) -> Outcome:
    """An outcome, and before it those of earlier publications of the session.

    Of their conflicts only those that are open still.
    """
    earlier = [done for done in summaries.publications(head, tag) if done.seal in seals]
    for done in reversed(earlier):
        outcome = _after(_outcome(repo, head, tag, done), outcome)
    return outcome


def _outcome(repo: Repository, head: State, tag: str, done: Publication) -> Outcome:
    entry = versions.publication(repo, done.seal, tag)
    wrote: dict[str, list[tuple[str, ...]]] = {}
    retired = []
    for edit in done.edits:
        name, path = edit["instruction"], tuple(edit["path"])
        wrote.setdefault(name or "", []).append(path)
        if path == ("active",) and edit["value"] == _RETIRED:
            retired.append(name)
    header = wrote.pop("", None) is not None
    added = [name for name, paths in wrote.items() if () in paths]
    return Outcome(
        added=tuple(added),
        edited=tuple(name for name in wrote if name not in (*added, *retired)),
        retired=tuple(retired),
        renamed=done.renamed,
        conflicts=tuple(
            one for one in (entry.conflicts if entry else ()) if (CONFLICTS, one) in head
        ),
        header=header,
    )


def _after(first: Outcome, second: Outcome) -> Outcome:
    """One outcome for two merges, the one after the other."""
    return replace(
        second,
        added=_both(first.added, second.added),
        edited=_both(first.edited, second.edited),
        retired=_both(first.retired, second.retired),
        renamed={**first.renamed, **second.renamed},
        conflicts=_both(first.conflicts, second.conflicts),
        header=first.header or second.header,
    )


def _both(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
