"""What a session brings to a merge: its base, its copy, and who did what, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tractatus_merge.core.model.conflict import Writer
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import Version
from tractatus_merge.core.values.equality import Json, Path, same
from tractatus_merge.core.values.places import leaves
from tractatus_merge.value import Value, field


class EditNote(Value):
    """When a session wrote something, the reason it gave, and the author."""

    at: str
    why: str = ""
    author: str = ""


class Incoming(Value):
    """A session's side of a merge; all from its own folder, nothing from the head.

    `edit_notes` are by (instruction, path), the empty path for a whole record; `at` is when the
    copy was sealed, for edits without a note; `seen` tells what an instruction's base showed;
    `complete`: base and copy are whole histories, not only the records that changed. `metrics` are
    the session's numbers, where they are published; `step` is what its publication steps over.
    """

    session: str
    tag: str
    author: str
    at: str
    base: Mapping[str, Record]
    copy: Mapping[str, Record]
    agent: str = ""
    base_version: Version | None = None
    base_header: Json = field(default_factory=dict)
    copy_header: Json = field(default_factory=dict)
    edit_notes: Mapping[tuple[str, Path], EditNote] = field(default_factory=dict)
    seen: Callable[[str], Seen] = lambda _: Seen()
    seal: str = ""
    note: str = ""
    complete: bool = True
    metrics: Mapping[str, Json] | None = None
    step: Mapping[str, str] = field(default_factory=dict)

    def added(self) -> list[str]:
        """Ids the copy has and the base has not."""
        return [name for name in self.copy if name not in self.base]

    def edited(self) -> list[str]:
        """Ids whose record differs from its base."""
        return [
            name
            for name, record in self.copy.items()
            if (was := self.base.get(name)) is not None
            and record is not was
            and record.text != was.text
            and not same(record.content, was.content)
        ]

    def absent(self) -> list[str]:
        """Ids the base has and the copy has not: they stay, there is no deletion."""
        return [name for name in self.base if name not in self.copy]

    def writer(self, instruction: str, path: Path, published: str = "") -> Writer:
        """Who wrote what this session has at the path."""
        note = self._edit_note(instruction, path)
        return Writer(note.at, self.session, note.author or self.author, note.why, published)

    def _edit_note(self, instruction: str, path: Path) -> EditNote:
        while True:
            found = self.edit_notes.get((instruction, path))
            if found is not None or not path:
                return found or EditNote(self.at)
            path = path[:-1]

    def edits(self, instruction: str) -> Iterator[tuple[Path, Json]]:
        """The places this session wrote in a record, and what it wrote."""
        after = self.copy[instruction].content
        if instruction not in self.base:
            yield (), after
        else:
            for path, _, value in leaves(self.base[instruction].content, after):
                yield path, value


class Seen(Value):
    """What the session's copy knew when it was made: open conflicts and resolutions."""

    conflicts: frozenset[str] = frozenset()
    resolutions: frozenset[str] = frozenset()
