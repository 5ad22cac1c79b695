"""A commit's version of the history file as the next version of the shared state. Pure.

Its records get no stamp: they are adopted, as `init` adopts a file, and say what the file says. Who
wrote what stands in summaries, by commits in the place of sessions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tractatus_merge.core.model import imported, summaries
from tractatus_merge.core.model.conflict import Writer
from tractatus_merge.core.model.state import SESSIONS, Entry, Key, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.places import leaves
from tractatus_merge.instructions import conversion
from tractatus_merge.instructions.history_file import EMPTY, Document, header_value

_TOGETHER = 64
"""So many commits share a summary: one each would be many, and a single one is written each time
anew."""

Edit = dict[str, Json]
"""One place that a commit wrote, as a summary keeps it."""


class Commit(NamedTuple):
    """Who wrote a version of the file, and when; times are as the state writes them."""

    oid: str
    author: str
    written: str
    committed: str
    message: str

    @property
    def session(self) -> str:
        """What stands for a session where the log and `blame` name one."""
        return imported.session(self.oid)


def edits(before: Document | None, after: Document, by: Commit) -> Iterator[Edit]:
    """The places that a commit wrote: new records whole, others and the header place by place."""
    writer = Writer(by.written, by.session, by.author, by.message)
    old = before or EMPTY
    for name, record in after.records.items():
        there = old.records.get(name)
        if there is None:
            yield summaries.edit(name, (), record.content, writer)
        elif there.text != record.text:
            for path, _, value in leaves(there.content, record.content):
                yield summaries.edit(name, path, value, writer)
    if before is not None and before.header != after.header:
        headers = header_value(before.header), header_value(after.header)
        for path, _, value in leaves(*headers):
            yield summaries.edit(None, path, value, writer)


def without_known(found: Iterator[Edit], known: Sequence[Edit]) -> Iterator[Edit]:
    """The edits of a merge that none of the commits which it brought made."""
    there = {_place(edit) for edit in known}
    return (edit for edit in found if _place(edit) not in there)


def _place(edit: Edit) -> tuple[Json, ...]:
    return edit["instruction"], *edit["path"], edit["value"]


def next_version(
    before: State, document: Document, by: Commit, wrote: Sequence[Edit], number: int
) -> tuple[State, Entry]:
    """The state that a commit makes of the one before, and its line in the log.

    The state shows `document` and nothing else: what the commit took out of the file is out.
    `number` is the commit's, from 0 on; `wrote` says who wrote what in it.
    """
    changed = _changed(before, document)
    time = max(by.committed, before.time)
    tag, text = _summary(before, by, wrote, (number, time))
    changed[SESSIONS, tag] = text
    entry = Entry(
        message=by.message,
        session=by.session,
        tag=tag,
        agent="git",
        author=by.author,
        time=time,
        root=before.version is None,
        changes=tuple(changed),
    )
    return before.with_(changed), entry


def _changed(before: State, document: Document) -> dict[Key, str | None]:
    wanted = conversion.adopted_state(document).changed
    adopted = {key for key in before if key[0] != SESSIONS}
    changed: dict[Key, str | None] = dict.fromkeys(sorted(adopted - wanted.keys()))
    changed.update((key, text) for key, text in wanted.items() if before.get(*key) != text)
    return changed


def _summary(
    before: State, by: Commit, wrote: Sequence[Edit], when: tuple[int, str]
) -> tuple[str, str]:
    """The summary that the commit is told in: its tag and text."""
    number, time = when
    first = number - number % _TOGETHER
    start = f"{imported.TAG}{first:06d}-"
    tag = next((name for name in before.names(SESSIONS) if name.startswith(start)), None)
    if tag is None:
        tag = start + hashlib.sha256(by.oid.encode()).hexdigest()[:8]
    found = summaries.summary(before, tag) or {
        "session": tag,
        "tag": tag,
        "agent": "git",
        "publications": [],
    }
    done = summaries.Publication(number - first + 1, time, None, by.oid, {}, tuple(wrote))
    found["publications"] = [*found["publications"], done.to_json()]
    return tag, json_text.dump(found)
