"""What an agent is told at the start: what is in force, what waits for a person, where its copy is.

What others published since is in `news`. The words of instructions are other people's: each is one
clean line, and never looks like a tag. Of what waits in a conflict no words are told.
"""

from __future__ import annotations

import re

from tractatus_merge.core.model.state import CONFLICTS, State, Version
from tractatus_merge.core.values.equality import Json
from tractatus_merge.instructions.order import timestamp
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.instructions.schema import words
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.system.printable import clean
from tractatus_merge.view.foreign_edits import Taken

LIMIT = 9_000
"""Characters of a brief."""
WIDTHS = ((240, 240), (240, 120), (160, 80), (110, 60), (100, 48))
"""Characters of a grave instruction and of any other: the first pair with which all have room."""
_KIND = 20
_CUT = "…"
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_RANK = {"HIGH": 0, "MEDIUM": 1, "VARIABLE": 2, "LOW": 3}

Contents = dict[str, dict[str, Json]]


def in_force(repo: Repository, session: Session | None = None, at: Version | None = None) -> str:
    """The instructions that hold, the gravest and newest first, and where the copy is.

    They are those of the version `at`; by default of the newest.
    """
    head = repo.store.load(at) if at else repo.head()
    active = {name: one for name, one in head.contents().items() if not is_retired(one)}
    foot = waiting(head)
    if session is not None:
        foot.append(
            f"This is session {session.id}. Its own copy of the history is {session.copy_path};"
            " `tractatus-merge add`, `edit` and `retire` write into it, and its end merges it."
        )
    count = "1 instruction is" if len(active) == 1 else f"{len(active)} instructions are"
    title = (
        f"{count} in force (records of this repository's history), the gravest and newest first:"
    )
    told = ""
    for widths in WIDTHS:
        lines = [_line(name, active[name], widths) for name in _by_weight(active)]
        cut = any(line.endswith(_CUT) for line in lines)
        whole = [f"A text that ends in {_CUT} goes on: `tractatus-merge show ID`."] if cut else []
        told, left = fitted(title, lines, [*whole, *foot])
        if not left:
            break
    return told


def on_the_view(session: Session, taken: Taken, *, again: bool) -> str:
    """What came of the view that a session's tool has written; once, where its own copy is."""
    told = [f"{taken.complaint}."] if taken.complaint else []
    if taken.merged and taken.merged.conflicts:
        told.append("What was written into the view is contested: it waits for a person.")
    if not again:
        told.append(
            "This file is a view of the shared history: what this session writes there is published"
            f" at once, as its work. Its own copy is {session.copy_path}: `tractatus-merge add`,"
            " `edit` and `retire` write into it, and its end merges it."
        )
    return " ".join(told)


def _by_weight(found: Contents) -> list[str]:
    """The ids, the gravest first, of those the newest."""
    places = {name: place for place, name in enumerate(found)}

    def weight(name: str) -> tuple[int, str, int]:
        return -_rank(found[name]), timestamp(found[name]), places[name]

    return sorted(found, key=weight, reverse=True)


def _rank(content: dict[str, Json]) -> int:
    return _RANK.get(str(content.get("persistence")), len(_RANK))


def waiting(head: State) -> list[str]:
    """How many conflicts wait, in a line, if any."""
    count = len(head.names(CONFLICTS))
    if not count:
        return []
    word = "conflict waits" if count == 1 else "conflicts wait"
    return [f"{count} {word} for a person: `tractatus-merge conflicts` shows them."]


def line(name: str, content: dict[str, Json]) -> str:
    """An instruction on a line."""
    return _line(name, content, WIDTHS[0])


def _line(name: str, content: dict[str, Json], widths: tuple[int, int]) -> str:
    kind = content.get("persistence")
    said = cut(words(content), widths[_rank(content) > 0])
    return f"- {plain(name)}{f' [{cut(str(kind), _KIND)}]' if kind else ''} {said}"


def cut(text: str, width: int) -> str:
    """A text on one clean line of so many characters."""
    said = plain(text)
    return said if len(said) <= width else f"{said[: width - 1]}{_CUT}"


def plain(text: str) -> str:
    """Other people's words on one line: printable, and never a tag."""
    return _TAG.sub("< ", clean(" ".join(text.split())))


def fitted(
    title: str, lines: list[str], foot: list[str], verb: str = "list", others: int = 0
) -> tuple[str, int]:
    """As many lines as fit between the title and the foot, and how many did not, and `others`."""
    room = LIMIT - sum(len(text) + 1 for text in (title, *foot)) - 80
    shown: list[str] = []
    for text in lines:
        if len(text) < room:  # a long one keeps none out that comes after it
            room -= len(text) + 1
            shown.append(text)
    left = len(lines) - len(shown) + others
    more = [f"- and {left} more: `tractatus-merge {verb}`"] if left else []
    return "\n".join(text for text in (title, *shown, *more, *foot) if text), left
