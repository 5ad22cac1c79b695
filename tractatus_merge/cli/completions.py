"""What a shell offers for a word: ids of instructions, conflicts, answers, sessions, versions.

Nothing is merged, taken in or said, and what fails offers nothing: somebody is typing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS
from tractatus_merge.errors import TractatusError
from tractatus_merge.factory import open_repository
from tractatus_merge.instructions.schema import words
from tractatus_merge.repository import settings
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup

_WIDTH = 60


def offered(kind: str, context: click.Context, incomplete: str) -> list[CompletionItem]:
    """What fits the beginning of a word of this kind."""
    folder = context.find_root().params.get("folder") or "."
    try:
        repo = open_repository(Path(str(folder)))
    except (TractatusError, OSError):
        return []
    try:
        return [one for one in _KINDS[kind](repo) if str(one.value).startswith(incomplete)]
    except (TractatusError, OSError):
        return []
    finally:
        repo.close()


def _instructions(repo: Repository) -> Iterator[CompletionItem]:
    for name, content in repo.head().contents().items():
        said = " ".join(words(content).split())
        yield CompletionItem(name, help=said if len(said) <= _WIDTH else f"{said[:_WIDTH]}…")


def _conflicts(repo: Repository) -> Iterator[CompletionItem]:
    yield from map(CompletionItem, repo.head().names(CONFLICTS))


def _answers(repo: Repository) -> Iterator[CompletionItem]:
    yield from map(CompletionItem, repo.head().names(RESOLUTIONS))


def _sessions(repo: Repository) -> Iterator[CompletionItem]:
    for session in lookup.line_sessions(repo):
        yield CompletionItem(session.id, help=session.state.value)


def _shown(repo: Repository) -> Iterator[CompletionItem]:
    yield from _instructions(repo)
    yield from _conflicts(repo)


def _settings(_: Repository) -> Iterator[CompletionItem]:
    for name, one in settings.KNOWN.items():
        yield CompletionItem(name, help=one.help)


_KINDS: dict[str, Callable[[Repository], Iterable[CompletionItem]]] = {
    "instruction": _instructions,
    "conflict": _conflicts,
    "answer": _answers,
    "session": _sessions,
    "setting": _settings,
    "shown": _shown,
}
