"""A history file in which a program only rounded numbers: what it says without that."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tractatus_merge.core.values.equality import Path
from tractatus_merge.instructions.header import header_value, with_header
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.value import replace

Place = tuple[str, Path]
"""Where a number was rounded: the instruction (or HEADER), and the path in it."""
HEADER = "header"


def unrounded(
    base: Document, copy: Document, meant: Iterable[Place] = ()
) -> tuple[Document, tuple[Place, ...]]:
    """The copy with the base's numbers where a program only rounded them, and where that was.

    What was written at one of the `meant` places is an edit, however it reads.
    """
    records, header = dict(copy.records), copy.header
    edited: dict[str, list[Path]] = {}
    for name, path in meant:
        edited.setdefault(name, []).append(path)
    places: list[Place] = []
    for name, record in copy.records.items():
        was = base.records.get(name)
        if was is not None and was is not record and was.text != record.text:
            records[name], paths = record.unrounded(was, edited.get(name, ()))
            places += [(name, path) for path in paths]
    if header != base.header:
        from tractatus_merge.core.values.rounding import without_rounding  # rarely needed

        value, paths = without_rounding(header_value(base.header), header_value(header))
        header = with_header(header, value) if paths else header
        places += [(HEADER, path) for path in paths]
    return (replace(copy, header=header, records=records) if places else copy), tuple(places)


def told(places: Collection[Place]) -> list[str]:
    """The line that says which numbers were left as they are; none where there is none."""
    if not places:
        return []
    from tractatus_merge.core.values.paths import shown  # mostly there is none

    names = [f"{name} {shown(path)}" for name, path in places]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    where = ", ".join(names[:_SHOWN]) + more
    why = "numbers rounded by the program that wrote the file were left as they are"
    return [f"{why}: {where}"]


_SHOWN = 8
