"""A file's past made the first versions of a line: one version a commit, in any store.

Every version depends on the commits alone: two clones that import the same make the same. An import
that was cut short goes on behind the last commit that it has; one that is done is never done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tractatus_merge.core.model import imported
from tractatus_merge.core.model.state import State
from tractatus_merge.core.model.summaries import publications
from tractatus_merge.errors import ContentionError, RequestError
from tractatus_merge.git.past import PassedOver, Past
from tractatus_merge.git.path_log import Commit
from tractatus_merge.instructions.commits import next_version
from tractatus_merge.repository.line import Repository
from tractatus_merge.system import locks


class Adopted(NamedTuple):
    """What an import did: versions made now, those there were, and the commits passed over."""

    made: int
    there: int
    passed_over: Sequence[PassedOver]


def adopt(
    repo: Repository,
    past: Past,
    progress: Callable[[Sequence[Commit]], Iterable[Commit]] = iter,
) -> Adopted:
    """Make each commit of the past a version of the line, which has nothing else yet.

    While it goes on, the line has no head for other commands.

    Raises:
        RequestError: the line has versions of its own, or of other commits.
        ContentionError: another import is at work on the same line.
    """
    marker = repo.workspace.importing
    with locks.locked(marker.with_name(f"{marker.name}.lock"), 0) as alone:
        if not alone:
            raise _busy(repo)
        done, state = _so_far(repo)
        there = made = 0
        for version in past.versions(progress):
            if there < len(done):
                if done[there] != version.by.oid:
                    raise _taken(repo, "has other commits")
                there += 1
                continue
            if not made:
                marker.touch()
            number = there + made
            state, entry = next_version(state, version.document, version.by, version.edits, number)
            name = repo.store.commit(state.version, state, entry)
            if name is None:
                raise _busy(repo)
            made, state = made + 1, repo.store.load(name)
        if there < len(done):
            raise _taken(repo, "has other commits")
        marker.unlink(missing_ok=True)
    return Adopted(made, there, past.passed_over)


def _so_far(repo: Repository) -> tuple[list[str], State]:
    """The commits that the line has, oldest first, and its newest state.

    RequestError where it has something else.
    """
    head = repo.store.head()
    if head is None:
        return [], State()
    state = repo.store.load(head)
    done = [done.seal for tag in imported.tags(state) for done in publications(state, tag)]
    if not done:
        raise _taken(repo, "has begun already")
    newest = next(iter(repo.store.log()))
    if not newest.tag.startswith(imported.TAG):
        raise _taken(repo, f"has the commits up to {done[-1][:10]} already, and more of its own")
    return done, state


def _taken(repo: Repository, why: str) -> RequestError:
    return RequestError(
        f"the history '{repo.workspace.line}' {why}: nothing was imported.",
        hint="tractatus-merge log   (to import beside it: import --store git:ANOTHER-BRANCH)",
    )


def _busy(repo: Repository) -> ContentionError:
    return ContentionError(
        f"another import into '{repo.workspace.line}' is at work.", hint="the same command again"
    )
