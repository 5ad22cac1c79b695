"""A person's steps back and forward: found in the log, the same in every clone.

Each step is a version that says what it steps over, by the seal of that publication: no file says
where a person stands. What was undone, and not done again since, is not stepped over once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tractatus_merge.core.model import imported
from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.core.model.summaries import REDOES, UNDOES, Publication, publications
from tractatus_merge.log import versions
from tractatus_merge.repository.line import Repository
from tractatus_merge.value import Value


class Step(Value):
    """A version to step over: `entry` is what was done, under its `seal`.

    `last` is the version that is to be undone for it: that one, or the last step over it.
    """

    seal: str
    entry: Entry
    last: Entry


def steps_back(repo: Repository, session: str | None = None) -> Iterator[Step]:
    """What stands of the person who asks, or of a session, newest first: what `undo` goes over."""
    mine, head = _whose(repo, session), repo.head()
    newest: dict[str, tuple[str, Entry]] = {}
    for entry in repo.store.log():
        done = _publication(head, entry)
        for word, seal in (done.step if done else {}).items():
            newest.setdefault(seal, (word, entry))
        if (done and done.step) or not mine(entry):
            continue
        seal = _seal(repo, entry, done)
        word, last = newest.get(seal, (REDOES, entry))
        if word == REDOES:
            yield Step(seal, entry, last)


def steps_forward(repo: Repository) -> list[Step]:
    """What the person who asks undid, and can do again: what `redo` goes over, the next one first.

    Nothing, once that person has done something else since.
    """
    mine, head = _whose(repo, None), repo.head()
    undone: dict[str, Entry] = {}
    again: set[str] = set()
    found: dict[str, Step] = {}
    going_on = True
    for entry in repo.store.log():
        if not mine(entry):
            continue
        done = _publication(head, entry)
        if done and done.step:
            for word, seal in done.step.items() if going_on else ():
                if word == UNDOES and seal not in again:
                    undone.setdefault(seal, entry)
                again.add(seal)
            continue
        going_on = False
        seal = _seal(repo, entry, done) if len(found) < len(undone) else ""
        if seal in undone:
            found[seal] = Step(seal, entry, undone[seal])
        if len(found) == len(undone):
            break
    return [found[seal] for seal in undone if seal in found]


def _whose(repo: Repository, session: str | None) -> Callable[[Entry], bool]:
    """Whether a version is of the session, else of who asks; no union, and nothing adopted."""
    author = repo.author.removesuffix(" <>")

    def mine(entry: Entry) -> bool:
        if not entry.session or not entry.parents or entry.tag.startswith(imported.TAG):
            return False
        return entry.session == session if session else entry.author.removesuffix(" <>") == author

    return mine


def _publication(head: State, entry: Entry) -> Publication | None:
    """What the head keeps of the publication that a version is."""
    if not entry.session:
        return None
    found = (one for one in publications(head, entry.tag) if one.published == entry.time)
    return next(found, None)


def _seal(repo: Repository, entry: Entry, done: Publication | None) -> str:
    return done.seal if done else next(iter(versions.seals(repo, entry)), entry.version)
