"""What a person wants undone. What becomes of the head then, `undo` says."""

from __future__ import annotations

from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import INSTRUCTIONS, Entry, State
from tractatus_merge.core.values.equality import Json, Path, same
from tractatus_merge.core.values.places import leaves
from tractatus_merge.value import Value


class Undo(Value):
    """What a person wants undone: a version as the log tells it, or one record or place of it."""

    entry: Entry
    before: State
    after: State
    instruction: str | None = None
    path: Path = ()

    def names(self) -> list[str]:
        """The instructions that the version changed and that are meant."""
        changed = [name for kind, name in self.entry.changes if kind == INSTRUCTIONS]
        return [name for name in changed if self.instruction in (None, name)]

    def says(self, name: str) -> tuple[Json, Json]:
        """An instruction before the version (retired, where the version added it), and after."""
        after, before = self.after.content(name), self.before.record(name)
        return before.content if before else {**after, "active": False}, after

    @property
    def is_there(self) -> bool:
        """Whether the version changed what is named, or brought a side to a conflict about it."""
        if not self.path or self.instruction is None:
            return self.instruction is None or bool(self.names())
        places = [path for name in self.names() for path, _, _ in leaves(*self.says(name))]
        before = {conflict.id: conflict.to_json() for conflict in open_conflicts(self.before)}
        places += [
            conflict.path
            for conflict in open_conflicts(self.after)
            if conflict.instruction == self.instruction
            and not same(conflict.to_json(), before.get(conflict.id))
        ]
        size = len(self.path)
        return any(
            place[:size] == self.path or self.path[: len(place)] == place for place in places
        )

    def is_about(self, conflict: Conflict) -> bool:
        """Whether a conflict is at the place that is named, or about the instruction."""
        if self.path:
            return conflict.instruction == self.instruction and conflict.path == self.path
        other = conflict.path[1] if conflict.kind == MEANING else None
        return self.instruction is None or self.instruction in (conflict.instruction, other)
