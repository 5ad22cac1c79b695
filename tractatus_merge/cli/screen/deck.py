"""The conflicts of one review, in order: which is asked now, what was answered, and its undo."""

from __future__ import annotations

from tractatus_merge.cli.terminal.outcomes import answered_line
from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import State
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import NewerNeeded, RequestError, StaleAnswer, UnknownConflict
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.answer import resolve, revoke
from tractatus_merge.review.lookup import find_conflict, find_resolution, weighty
from tractatus_merge.review.questions import Question, question


class Deck:
    """A person's way through the open conflicts; `first` is asked first.

    Invariants: 1. `at` is an index of `ids`, or their number when all were asked; 2. `given` are
    the (resolution, place) of the answers that stand, the last one last.
    """

    def __init__(self, repo: Repository, first: str | None) -> None:
        self.repo = repo
        self.head: State = repo.head()
        self.ids = [conflict.id for conflict in self.open()]
        if first is not None:
            self.ids = [first, *(name for name in self.ids if name != first)]
        self.at = 0
        self.given: list[tuple[str, str]] = []
        self._answered: list[str] = []

    def open(self) -> list[Conflict]:
        """The conflicts open in the head as it was last read, the gravest first."""
        return sorted(open_conflicts(self.head), key=weighty)

    def progress(self) -> tuple[int, int]:
        """Which one this is, of how many."""
        return self.at + 1, len(self.ids)

    def current(self) -> Question | None:
        """What is asked now, as it stands; None when all were asked or answered."""
        self.head = self.repo.head()
        while self.at < len(self.ids):
            name = self.ids[self.at]
            if name not in self._answered:
                try:
                    return question(self.head, name)
                except (UnknownConflict, NewerNeeded):  # settled elsewhere, or taken further
                    pass
            self.at += 1
        return None

    def skip(self) -> None:
        """Leave it open, and go on."""
        self.at += 1

    def back(self) -> None:
        """To the one before that is still open."""
        for at in range(self.at - 1, -1, -1):
            if self.ids[at] not in self._answered:
                self.at = at
                return

    def answer(self, asked: Question, ids: list[str], take: str, value: Json, why: str) -> str:
        """Publish one answer for these conflicts, the one asked among them; what became of it."""
        told = []
        for name in ids:
            try:
                conflict = (
                    asked.conflict if name == asked.conflict.id else find_conflict(self.head, name)
                )
                settled = resolve(self.repo, conflict, take=take, value=value, why=why)
            except StaleAnswer:
                told.append(f"{name} has changed meanwhile: this is how it stands now")
                continue
            except UnknownConflict:
                self.head = self.repo.head()
                said = find_resolution(self.head, name)
                told.append(
                    f"settled meanwhile: {answered_line(said)}" if said else f"{name} is gone"
                )
                continue
            except RequestError as error:
                told.append(error.sentence)
                continue
            self.head = settled.head
            found = find_resolution(self.head, name) or {}
            place = f"{conflict.instruction or 'header'} {'.'.join(conflict.path)}"
            self.given.append((str(found.get("id", name)), place))
            self._answered.append(name)
            told.append(f"settled {place}: {_said(asked, take)}")
        return "; ".join(told) if len(told) < 4 else f"{len(told)} settled: {_said(asked, take)}"

    def undo(self) -> str:
        """Open the last answered conflict again, and ask it; what became of it."""
        if not self.given:
            return "there is no answer of this review to undo"
        resolution, place = self.given[-1]
        try:
            revoked = revoke(self.repo, resolution)
        except RequestError as error:
            return error.sentence
        self.given.pop()
        name = self._answered.pop()
        self.head = revoked.head
        self.ids[self.ids.index(name)] = revoked.conflict.id
        self.at = self.ids.index(revoked.conflict.id)
        return f"undone: {place} is open again"


def _said(asked: Question, take: str) -> str:
    return next(
        (offer.means for offer in asked.offers if offer.take == take), "a value of your own"
    )
