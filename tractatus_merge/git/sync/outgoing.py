"""What a sync sends: version by version, which instructions and which reasons leave the machine."""

from __future__ import annotations

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import INSTRUCTIONS, RESOLUTIONS, Entry, State, Version
from tractatus_merge.core.values import json_text
from tractatus_merge.errors import Missing
from tractatus_merge.instructions.schema import words
from tractatus_merge.repository.line import Repository
from tractatus_merge.value import Value


class Leaving(Value):
    """One version: what its instructions say in it, and why it was made."""

    version: Version
    author: str
    message: str
    instructions: dict[str, str]
    reasons: tuple[str, ...]


def leaving(repo: Repository, known: Version | None) -> list[Leaving]:
    """The head's versions that one (the remote's) has not, newest first."""
    return [_of(repo, entry) for entry in repo.store.log(since=known)]


def _of(repo: Repository, entry: Entry) -> Leaving:
    try:
        return _leaving(entry, repo.older(entry.version))
    except Missing as error:  # it goes with what mended it
        return Leaving(entry.version, entry.author, f"{entry.message} ({error.sentence})", {}, ())


def _leaving(entry: Entry, state: State) -> Leaving:
    names = [name for kind, name in entry.changes if kind == INSTRUCTIONS]
    return Leaving(
        entry.version,
        entry.author,
        entry.message,
        {n: words(state.content(n)) for n in sorted(names)},
        tuple(dict.fromkeys(_reasons(entry, state))),
    )


def _reasons(entry: Entry, state: State) -> list[str]:
    """The reasons given for edits, and for answers."""
    told = [
        edit.get("why")
        for publication in summaries.publications(state, entry.tag)
        if publication.published == entry.time
        for edit in publication.edits
    ]
    for kind, name in entry.changes:
        if kind == RESOLUTIONS:
            answer = json_text.parse(state.get(RESOLUTIONS, name) or "{}")
            told.append(answer.get("why") if isinstance(answer, dict) else None)
    return [str(why) for why in told if why]
