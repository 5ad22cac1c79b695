"""Which of the open conflicts are listed: by severity, by session, by how long they wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.review.lookup import weighty
from tractatus_merge.value import Value

AGES = {
    "": "any time",
    "hour": "the last hour",
    "day": "the last day",
    "week": "the last week",
    "older": "more than a week ago",
}
_SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class Filter(Value):
    """What a person asked for; an empty text asks for nothing."""

    severity: str = ""
    session: str = ""
    age: str = ""

    @classmethod
    def asked(cls, said: Callable[[str], str]) -> Filter:
        """As the values of an address say."""
        age = said("age")
        return cls(said("severity"), said("session"), age if age in AGES else "")

    @property
    def values(self) -> dict[str, str]:
        """What links carry on."""
        return {"severity": self.severity, "session": self.session, "age": self.age}

    def __bool__(self) -> bool:
        return any(self.values.values())

    def fits(self, conflict: Conflict, now: datetime) -> bool:
        """Whether the conflict is wanted."""
        if self.severity and conflict.severity != self.severity:
            return False
        if self.session and self.session not in sessions_of(conflict):
            return False
        return not self.age or self._is_of_age(since(conflict), now)

    def _is_of_age(self, moment: str, now: datetime) -> bool:
        try:
            began = datetime.fromisoformat(moment)
        except ValueError:
            return self.age == "older"
        waited = now - (began if began.tzinfo else began.replace(tzinfo=UTC))
        return waited > _SPANS["week"] if self.age == "older" else waited <= _SPANS[self.age]


def sessions_of(conflict: Conflict) -> list[str]:
    """The sessions with a side in a conflict, each once."""
    writers = (writer for side in conflict.all_sides for writer in side.writers)
    return list(dict.fromkeys(writer.session for writer in writers))


def since(conflict: Conflict) -> str:
    """Since when a side waits; an empty text where that is not known."""
    writers = (writer for side in conflict.sides for writer in side.writers)
    return min((writer.published or writer.at for writer in writers), default="")


def grouped(conflicts: Iterable[Conflict]) -> list[tuple[str | None, list[Conflict]]]:
    """The conflicts by instruction: the one with the gravest first, and in each the gravest."""
    found: dict[str | None, list[Conflict]] = {}
    for one in sorted(conflicts, key=weighty):
        found.setdefault(one.instruction, []).append(one)
    gravest = {name: weighty(group[0])[0] for name, group in found.items()}
    names = sorted(found, key=lambda name: (gravest[name], name is None, name or ""))
    return [(name, found[name]) for name in names]


def in_order(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """The conflicts one after the other, as the list shows them."""
    return [one for _, group in grouped(conflicts) for one in group]


def choices(conflicts: Iterable[Conflict]) -> tuple[list[str], list[str]]:
    """The severities and the sessions to choose from."""
    known = list(conflicts)
    severities = dict.fromkeys(conflict.severity for conflict in known)
    return list(severities), sorted({name for one in known for name in sessions_of(one)})
