"""What an agent is told at a prompt: what others published since, field by field.

Who changed what, from what to what, and why; what the session is at work on first. Values and
reasons are other people's words: quoted, on one clean line. Of what waits in a conflict no words
are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tractatus_merge.agents.briefs import cut, fitted, line, plain, waiting
from tractatus_merge.core.model.conflict import Conflict, Writer
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.session_names import PERSON, session_name
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.core.model.summaries import blame_places, blame_record, summary
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import leaves
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions.retirement import ACTIVE, is_retired
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.lookup import decided
from tractatus_merge.sessions import publish
from tractatus_merge.sessions.folder import Session

_MOST = 60
"""Instructions that are looked into: more have no room, and take too long."""
_WIDTH = 120
_LONG = 900
"""Characters of what is told of one instruction by one writer."""
_AROUND = 24
"""Characters of a long text that are told on either side of what changed in it."""
_ONE_LINE = Style(None)
Places = frozenset[tuple[str, Path]]


class _Who(NamedTuple):
    """Whose a change is, and the reason that was given."""

    name: str
    why: str = ""

    def __str__(self) -> str:
        return self.name + (f': "{cut(self.why, _WIDTH)}"' if self.why else "")


def published(repo: Repository, session: Session, heard: str) -> str:
    """What others published since a version, as far as it concerns the session; or nothing."""
    before, head = repo.store.load(heard), repo.head()
    mine = _own_places(repo, session)
    own = {name for name, _ in mine}
    writers = _writers(repo, session, heard)
    changed = [name for name in writers if before.get(*_key(name)) != head.get(*_key(name))]
    known = {conflict.id for conflict in open_conflicts(before)}
    new = [one for one in open_conflicts(head) if one.id not in known]
    changed.sort(key=lambda name: (name not in own, name))
    lines = [
        text
        for name in changed[:_MOST]
        for text in _change(
            name, before, head, _Reader(session, writers[name], mine, _names(head, name))
        )
    ]
    lines += [_contested(one) for one in sorted(new, key=lambda one: one.instruction not in own)]
    foot = [
        f"- The conflict about {plain(str(told['instruction'] or 'the header'))} was answered by"
        f" {plain(str(told['author']))}."
        for told in decided(before, head, session.id)
    ]
    if not (lines or foot):
        return ""
    foot += waiting(head) if new else []
    behind = repo.behind(session.base_version)
    if behind:
        word = "version" if behind == 1 else "versions"
        foot.append(
            f"This session's copy is {behind} {word} behind: `tractatus-merge refresh` takes"
            " them in."
        )
    title = "Published by others since this session was last told:" if lines else ""
    return fitted(title, lines, foot, "log", max(0, len(changed) - _MOST))[0]


def _key(name: str) -> tuple[str, str]:
    return INSTRUCTIONS, name


def _own_places(repo: Repository, session: Session) -> Places:
    """The places that the session has written and not published."""
    try:
        incoming = publish.changes(repo, session)
    except DocumentError:  # torn: a script is writing it
        return frozenset()
    return frozenset(
        (name, path)
        for name in incoming.edited()
        for path, _, _ in leaves(incoming.base[name].content, incoming.copy[name].content)
    )


def _writers(repo: Repository, session: Session, heard: str) -> dict[str, _Who]:
    """Who published a change of an instruction last, since a version; not this session."""
    found: dict[str, _Who] = {}
    for entry in repo.store.log(since=heard):
        if entry.tag != session.tag:
            agent = entry.agent if entry.agent == PERSON else ""
            who = _Who(_writer(session_name(entry.session, entry.tag, agent), entry.author))
            for kind, name in entry.changes:
                if kind == INSTRUCTIONS:
                    found.setdefault(name, who)
    return found


def _writer(session: str, author: str) -> str:
    who = plain(author.partition(" <")[0])
    return f"{plain(session)} ({who})" if session else who


def _names(head: State, instruction: str) -> dict[str, str]:
    """What the sessions that wrote an instruction are called, by id; a person's have no name."""
    record = head.record(instruction)
    told = (summary(head, tag) for tag in (record.vector.counts if record else ()))
    return {
        one["session"]: session_name(
            one["session"], one["tag"], PERSON if one.get("agent") == PERSON else ""
        )
        for one in told
        if one is not None
    }


class _Reader(NamedTuple):
    """Who is told; who published an instruction last; its own places; what sessions are called."""

    session: Session
    last: _Who
    mine: Places
    names: Mapping[str, str]

    def who(self, writers: Sequence[Writer]) -> _Who | None:
        """Who of these wrote last; None for the session itself."""
        if not writers:
            return self.last
        others = [writer for writer in writers if writer.session != self.session.id]
        if not others:
            return None
        latest = max(others)
        return _Who(_writer(self.names.get(latest.session, ""), latest.author), latest.why)


def _change(name: str, before: State, head: State, reader: _Reader) -> list[str]:
    """What came of one instruction: added, retired, or field by field; a line for each writer."""
    old, new = before.record(name), head.record(name)
    if new is None:
        return [f"- {plain(name)} is not in the history any more, by {reader.last}"]
    if old is None:
        who = reader.who(blame_record(head, name))
        return [f"{line(name, new.content)} (added by {who})"] if who else []
    found: dict[_Who, list[str]] = {}
    for path, was, now in leaves(old.content, new.content):
        who = reader.who(() if now is MISSING else blame_places(head, name, (path,)))
        if who is not None:
            found.setdefault(who, []).append(_told(path, was, now))
    also = [shown(path) for at, path in sorted(reader.mine) if at == name]
    note = f"; this session's copy changes {cut(', '.join(also), _WIDTH)}" if also else ""
    return [
        f"- {plain(name)}: {cut(', '.join(said), _LONG)} (by {who}){note}"
        for who, said in found.items()
    ]


def _told(path: Path, was: Json, now: Json) -> str:
    """One place: what it said, and what it says."""
    if path == ACTIVE and is_retired({"active": now}):
        return "retired"
    place = plain(shown(path))
    if was is MISSING:
        return f"{place} is {_value(now)}"
    if now is MISSING:
        return f"{place} {_value(was)} is gone"
    if isinstance(was, str) and isinstance(now, str):
        was, now = _apart(was, now)
    return f"{place} {_value(was)} -> {_value(now)}"


def _apart(was: str, now: str) -> tuple[str, str]:
    """Two texts without most of what they have in common at either end."""
    start = 0
    while start < min(len(was), len(now)) and was[start] == now[start]:
        start += 1
    end = 0
    while end < min(len(was), len(now)) - start and was[-1 - end] == now[-1 - end]:
        end += 1
    head, tail = max(0, start - _AROUND), max(0, end - _AROUND)
    texts = [text[head : len(text) - tail] for text in (was, now)]
    one, other = (f"{'…' if head else ''}{text}{'…' if tail else ''}" for text in texts)
    return one, other


def _value(value: Json) -> str:
    return cut(json_text.dump(value, _ONE_LINE), _WIDTH)


def _contested(conflict: Conflict) -> str:
    """That a place is contested: what stands there until a person answers, not what waits."""
    place = plain(f"{conflict.instruction or 'the header'} {shown(conflict.path)}".rstrip())
    return f"- {place} is contested ({conflict.id}): what is in force stays until a person answers"
