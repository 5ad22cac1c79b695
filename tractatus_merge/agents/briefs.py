"""What an agent is told, in statements: what is in force, what others published, what waits.

The words of instructions are other people's: each is one clean line, and never looks like a tag.
"""

from __future__ import annotations

import re

from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import INSTRUCTIONS, State, Version
from tractatus_merge.core.values.equality import Json
from tractatus_merge.instructions.field_rules import words
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.lookup import decided
from tractatus_merge.sessions.folder import Session
from tractatus_merge.system.printable import clean

LIMIT = 9_000
"""Characters of a brief."""
_WIDTH = 240
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_RANK = {"HIGH": 0, "MEDIUM": 1, "VARIABLE": 2, "LOW": 3}


def in_force(repo: Repository, session: Session | None = None, at: Version | None = None) -> str:
    """The instructions that hold, the strongest first, and where the session's copy is.

    They are those of the version `at`; by default of the newest.
    """
    head = repo.store.load(at) if at else repo.head()
    found = head.contents()
    active = {name: content for name, content in found.items() if not is_retired(content)}
    order = sorted(active, key=lambda name: (_RANK.get(str(active[name].get("persistence")), 4),))
    foot = _waiting(head)
    if session is not None:
        foot.append(
            f"This is session {session.id}. Its own copy of the history is {session.copy_path};"
            " `tractatus-merge add`, `edit` and `retire` write into it, and its end merges it."
        )
    count = "1 instruction is" if len(active) == 1 else f"{len(active)} instructions are"
    title = f"{count} in force (records of this repository's history):"
    return _fitted(title, [_line(name, active[name]) for name in order], foot)


def published(repo: Repository, session: Session, heard: str) -> str:
    """What others published since a version, as far as it concerns the session; or nothing."""
    before, head = repo.store.load(heard), repo.head()
    writers = _writers(repo, session, heard)
    lines = [
        _change(name, before, head, writers[name])
        for name in sorted({*before.names(INSTRUCTIONS), *head.names(INSTRUCTIONS)})
        if before.get(INSTRUCTIONS, name) != head.get(INSTRUCTIONS, name) and name in writers
    ]
    known = {conflict.id for conflict in open_conflicts(before)}
    new = [one for one in open_conflicts(head) if one.id not in known]
    answers = [
        f"- The conflict about {clean(str(told['instruction'] or 'the header'))} was answered by"
        f" {clean(str(told['author']))}."
        for told in decided(before, head, session.id)
    ]
    if not (lines or new or answers):
        return ""
    behind = repo.behind(session.base_version)
    foot = [*answers, *(_waiting(head) if new else [])]
    if behind:
        word = "version" if behind == 1 else "versions"
        foot.append(
            f"This session's copy is {behind} {word} behind: `tractatus-merge refresh` takes"
            " them in."
        )
    title = "Published by others since this session was last told:" if lines else ""
    return _fitted(title, lines, foot)


def _writers(repo: Repository, session: Session, heard: str) -> dict[str, str]:
    """Which session, and whose, published a change of an instruction since; not this one."""
    found: dict[str, str] = {}
    for entry in repo.store.log(since=heard):
        if entry.tag != session.tag:
            who = _plain(entry.author.partition(" <")[0])
            who = f"session {_plain(entry.session)} ({who})" if entry.session else who
            for kind, name in entry.changes:
                if kind == INSTRUCTIONS:
                    found.setdefault(name, who)
    return found


def _change(name: str, before: State, head: State, who: str) -> str:
    """One change, who published it, and what holds now."""
    old, new = before.get(INSTRUCTIONS, name), head.get(INSTRUCTIONS, name)
    if new is None:
        return f"- {_plain(name)} is not in the history any more, by {who}"
    content = head.content(name)
    word = "changed" if old is not None else "added"
    if is_retired(content) and (old is None or not is_retired(before.content(name))):
        word = "retired"
    return f"{_line(name, content)} ({word} by {who})"


def _waiting(head: State) -> list[str]:
    count = len(open_conflicts(head))
    if not count:
        return []
    word = "conflict waits" if count == 1 else "conflicts wait"
    return [f"{count} {word} for a person: `tractatus-merge conflicts` shows them."]


def _line(name: str, content: dict[str, Json]) -> str:
    said = " ".join(words(content).split())
    said = said if len(said) <= _WIDTH else f"{said[:_WIDTH]}..."
    kind = " ".join(str(content[k]) for k in ("persistence", "quadrant") if content.get(k))
    return f"- {_plain(name)}{f' [{_plain(kind)}]' if kind else ''} {_plain(said)}"


def _plain(text: str) -> str:
    return _TAG.sub("< ", clean(" ".join(text.split())))


def _fitted(title: str, lines: list[str], foot: list[str]) -> str:
    """As many lines as fit between the title and the foot."""
    room = LIMIT - sum(len(line) + 1 for line in (title, *foot)) - 80
    shown: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    more = [f"- and {left} more: `tractatus-merge list`"] if left else []
    return "\n".join(text for text in (title, *shown, *more, *foot) if text)
