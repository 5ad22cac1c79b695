"""What was in force: in a version of the line, when a commit of the code was made, or at a time.

A commit tells it by its trailer, else by the history file in it, else by when it was made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import Entry
from tractatus_merge.errors import Missing, RequestError
from tractatus_merge.git.access import git_of, is_in_git
from tractatus_merge.git.snapshots import Snapshots
from tractatus_merge.instructions import history_file
from tractatus_merge.log.decisions import adopted_at
from tractatus_merge.log.versions import find_version
from tractatus_merge.repository.line import Repository

IN_FORCE = "Instructions-Version"
"""The trailer of a commit of the code that names the version in force; a hook writes it."""

_TRAILER = re.compile(rf"^{IN_FORCE}: ([0-9a-f]{{4,64}})\s*$".encode(), re.MULTILINE)
_COMMITTED = re.compile(rb"^committer .* (\d{1,11}) [+-]\d{4}$", re.MULTILINE)

Records = Mapping[str, Record]


class InForce(NamedTuple):
    """Records, and how it is known that they were in force."""

    records: Records
    how: str


def compared(
    repo: Repository, one: str, other: str | None, times: Mapping[str, str]
) -> tuple[Records, Records]:
    """The records before and after: A and B, `A..B`, `A...B` (since they parted), A and the head.

    In a range of commits, their files are compared, as in a pull request. `times`: what a person
    typed as a time, and which one that is. RequestError where a name means nothing.
    """
    first, dots, last = one.partition("...") if "..." in one else one.partition("..")
    after = last if dots else other
    if dots == "...":
        snapshots = Snapshots(git_of(repo))
        first = snapshots.parting(_commit(snapshots, first), _commit(snapshots, last))
    then = in_force(repo, first, times.get(first), by_file=bool(dots)).records
    if not after:
        return then, repo.document(repo.head()).records
    return then, in_force(repo, after, times.get(after), by_file=bool(dots)).records


def in_force(repo: Repository, name: str, time: str | None, *, by_file: bool = False) -> InForce:
    """What was in force in a version, at a time (if the name is one), or in a commit.

    `by_file`: of a commit that has the history file, the file counts more than the trailer.
    """
    entry = find_version(repo, name)
    if entry is not None:
        return _version(repo, entry, f"version {entry.version[:12]}")
    if time is not None:
        return _at(repo, time, f"at '{name}'")
    if not is_in_git(repo):
        raise RequestError(f"there is no version '{name}'.", hint="tractatus-merge log")
    snapshots = Snapshots(git_of(repo))
    oid = _commit(snapshots, name)
    found = git_of(repo).read(oid)
    assert found is not None
    trailers = _TRAILER.findall(found.content.partition(b"\n\n")[2])
    data = snapshots.content(f"{oid}:{repo.workspace.view_name}")
    if data is not None and (by_file or not trailers):
        records = history_file.read(data, f"{oid[:10]}:{repo.workspace.view_name}").records
        return InForce(records, f"the file in commit {oid[:10]}")
    if trailers:
        return _trailer(repo, oid, trailers[-1].decode())
    when = _COMMITTED.search(found.content)
    if by_file or when is None:
        return InForce({}, f"commit {oid[:10]} has no history file")
    moment = datetime.fromtimestamp(int(when[1]), UTC).replace(tzinfo=None)
    return _at(repo, f"{moment.isoformat()}.999Z", f"when commit {oid[:10]} was made")


def _version(repo: Repository, entry: Entry, how: str) -> InForce:
    return InForce(repo.document(repo.older(entry.version)).records, how)


def _trailer(repo: Repository, oid: str, version: str) -> InForce:
    """What a commit's trailer names; RequestError where that is not here (yet)."""
    entry = find_version(repo, version)
    if entry is None:
        why = f"commit {oid[:10]} was made under version {version}, which is not in this clone."
        raise RequestError(why, hint="tractatus-merge sync")
    return _version(repo, entry, f"version {version}, which commit {oid[:10]} names")


def _at(repo: Repository, time: str, what: str) -> InForce:
    """The newest version at a time; RequestError where the history had not begun."""
    adopted = adopted_at(repo) or ""
    for entry in repo.store.log():
        if (adopted if entry.root else entry.time) <= time:
            return _version(repo, entry, f"version {entry.version[:12]}, the newest {what}")
    raise RequestError(
        f"the history had not begun {what}.",
        hint="tractatus-merge log",
    )


def _commit(snapshots: Snapshots, name: str) -> str:
    try:
        return snapshots.resolved(name)
    except Missing:
        why = f"there is no version and no commit '{name}', and no time is written so."
        raise RequestError(why, hint="tractatus-merge log   (a time: 2026-11-28)") from None
