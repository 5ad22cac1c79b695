"""The conflicts of one review, in order: which is asked now, what was answered, and its undo."""

from __future__ import annotations

from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import CONFLICTS, State
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import NewerNeeded, RequestError, StaleAnswer, UnknownConflict
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.answer import resolve, revoke
from tractatus_merge.review.edited import edits
from tractatus_merge.review.lookup import find_conflict, find_resolution, weighty
from tractatus_merge.review.outcomes import answered_line
from tractatus_merge.review.questions import Question, question
from tractatus_merge.value import Value, replace


class Answered(Value):
    """One answer of a person, to one conflict or to some that are alike: undone together.

    `conflicts`, `resolutions` and `places` belong together, the one that was asked first.
    """

    said: str
    conflicts: tuple[str, ...]
    resolutions: tuple[str, ...]
    places: tuple[str, ...]


class Deck:
    """A person's way through the open conflicts; `first` is asked first.

    Invariants: 1. `at` is an index of `ids`, or their number when all were asked; 2. `given` are
    the answers that stand, the last one last.
    """

    def __init__(self, repo: Repository, first: str | None) -> None:
        self.repo = repo
        self.head: State = repo.head()
        self.ids = [conflict.id for conflict in self.open()]
        if first is not None:
            self.ids = [first, *(name for name in self.ids if name != first)]
        self.at = 0
        self.given: list[Answered] = []

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
            if not self._is_answered(name):
                try:
                    return self._question(name)
                except (UnknownConflict, NewerNeeded):  # settled elsewhere, or taken further
                    pass
            self.at += 1
        return None

    def _question(self, name: str) -> Question:
        asked = question(self.head, name)
        return replace(asked, edits=edits(self.repo, asked.conflict))

    def _is_answered(self, name: str) -> bool:
        return any(name in answered.conflicts for answered in self.given)

    def skipped(self) -> bool:
        """Whether one before this is still open."""
        opened = self.head.names(CONFLICTS)
        return any(name in opened for name in self.ids[: self.at])

    def skip(self) -> None:
        """Leave it open, and go on."""
        self.at += 1

    def back(self) -> None:
        """To the one before that is still open."""
        opened = self.head.names(CONFLICTS)
        for at in range(self.at - 1, -1, -1):
            if self.ids[at] in opened:
                self.at = at
                return

    def answer(self, asked: Question, ids: list[str], take: str, value: Json, why: str) -> str:
        """Publish one answer for these conflicts, the one asked first; what became of it."""
        told, done = [], []
        said = _said(asked, take)
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
                other = find_resolution(self.head, name)
                told.append(
                    f"settled meanwhile: {answered_line(other)}" if other else f"{name} is gone"
                )
                continue
            except RequestError as error:
                told.append(error.sentence)
                continue
            self.head = settled.head
            found = find_resolution(self.head, name) or {}
            place = f"{conflict.instruction or 'header'} {'.'.join(conflict.path)}"
            done.append((name, str(found.get("id", name)), place))
        if done:
            names, resolutions, places = zip(*done, strict=True)
            self.given.append(Answered(said, names, resolutions, places))
            what = places[0] if len(places) == 1 else f"{len(places)} alike"
            told.append(f"settled {what}: {said}")
        return "; ".join(told)

    def undo(self) -> str:
        """Open again what the last answer settled, and ask it; what became of it."""
        if not self.given:
            return "there is no answer of this review to undo"
        last = self.given[-1]
        renamed: dict[str, str] = {}
        told = []
        for name, resolution in zip(last.conflicts, last.resolutions, strict=True):
            try:
                revoked = revoke(self.repo, resolution)
            except RequestError as error:
                told.append(error.sentence)
                continue
            self.head = revoked.head
            renamed[name] = revoked.conflict.id
        self.given.pop()
        self.ids = [renamed.get(name, name) for name in self.ids]
        if renamed:
            self.at = self.ids.index(next(iter(renamed.values())))
            what = last.places[0] if len(last.places) == 1 else f"{len(renamed)} alike"
            told.append(f"undone: {what} {'is' if len(last.places) == 1 else 'are'} open again")
        return "; ".join(told)


def _said(asked: Question, take: str) -> str:
    return next(
        (offer.means for offer in asked.offers if offer.take == take), "a value of your own"
    )
