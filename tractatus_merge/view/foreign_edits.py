"""Look whether other programs wrote into the history file, and have it merged.

Mostly nobody did, and then nothing is loaded that merges. What an edit is, and what it was made
from, is in `intake`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tractatus_merge.errors import DocumentError
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.system import files
from tractatus_merge.value import Value, replace
from tractatus_merge.view.file import View

if TYPE_CHECKING:
    from tractatus_merge.core.plans.outcome import Outcome
    from tractatus_merge.instructions.rounded_numbers import Place


class Taken(Value):
    """What was merged, what cannot be read, the records that stay apart, and rounded numbers."""

    merged: Outcome | None = None
    complaint: str | None = None
    apart: tuple[str, ...] = ()
    rounded: tuple[Place, ...] = ()


def take_in(repo: Repository, by: Session | None = None) -> Taken:
    """Look at the view and merge foreign edits; `by` is the session that has just written there."""
    if repo.read_only is not None:  # (and a broken tip is stepped back from)
        return Taken(complaint=repo.read_only.sentence)
    view = View(repo)
    _forget_what_is_gone(repo, view)
    late = _late(repo, view)
    if not view.notes.apart and view.is_unchanged():
        return late
    try:
        data = view.data()
        if data is None:
            return late
        taken = _merge(repo, view, data, by)
        if view.unchanged(data):  # its rounded numbers were told
            taken = replace(taken, rounded=())
        view.note(known=files.digest(data), apart=taken.apart)
    except DocumentError as error:
        return replace(late, complaint=f"{error}. The view is left alone until it can be read")
    return _with_late(late, taken)


def _late(repo: Repository, view: View) -> Taken:
    """Merge what programs wrote into the file that the view has replaced since."""
    found = Taken()
    for name, _, data, known in view.late.written():
        with contextlib.suppress(DocumentError):  # a writer is still at work: the next look
            if not known:
                found = _with_late(found, replace(_merge(repo, view, data), apart=()))
                view.late.take(name, data)
    return found


def _with_late(late: Taken, taken: Taken) -> Taken:
    """What was taken in after what had been written late."""
    rounded = tuple(dict.fromkeys((*late.rounded, *taken.rounded)))
    return replace(taken, merged=taken.merged or late.merged, rounded=rounded)


def _forget_what_is_gone(repo: Repository, view: View) -> None:
    """A version that held what was taken in may be gone, or the head be set back behind it.

    Then the file is looked through anew.
    """
    merged = view.notes.merged
    if merged is not None and not repo.in_head(merged):
        view.note(merged=None, known="", digest="", taken={}, header=None)


def _merge(repo: Repository, view: View, data: bytes, by: Session | None = None) -> Taken:
    from tractatus_merge.view.intake import merge  # mostly there is no edit: 60 ms

    return merge(repo, view, data, by)
