"""Two histories to compare: versions of the line, or the file as commits have it."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.record import Record
from tractatus_merge.errors import RequestError, StoreError
from tractatus_merge.git.access import git_of, is_in_git
from tractatus_merge.git.snapshots import Snapshots
from tractatus_merge.instructions import history_file
from tractatus_merge.log.versions import find_version
from tractatus_merge.repository.line import Repository

Records = Mapping[str, Record]


def compared(repo: Repository, one: str, other: str | None) -> tuple[Records, Records]:
    """The records before and after: A and B, `A..B`, `A...B` (since they parted), A and the head.

    RequestError where one is neither a version nor a commit.
    """
    first, dots, last = one.partition("...") if "..." in one else one.partition("..")
    after = last if dots else other
    if dots == "...":
        snapshots = Snapshots(git_of(repo))
        first = snapshots.parting(_commit(snapshots, first), _commit(snapshots, last))
    then = _records(repo, first)
    return then, _records(repo, after) if after else repo.document(repo.head()).records


def _records(repo: Repository, name: str) -> Records:
    entry = find_version(repo, name)
    if entry is not None:
        return repo.document(repo.older(entry.version)).records
    if not is_in_git(repo):
        raise RequestError(f"there is no version '{name}'.", hint="tractatus-merge log")
    snapshots = Snapshots(git_of(repo))
    place = f"{_commit(snapshots, name)}:{repo.workspace.view_name}"
    data = snapshots.content(place)
    return history_file.read(data, place).records if data is not None else {}


def _commit(snapshots: Snapshots, name: str) -> str:
    try:
        return snapshots.resolved(name)
    except StoreError:
        why = f"there is no version and no commit '{name}'."
        raise RequestError(why, hint="tractatus-merge log") from None
