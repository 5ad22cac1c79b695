"""How versions of one branch descend from each other. It looks; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import StoreError
from tractatus_merge.git.plumbing import Plumbing


def bases(git: Plumbing, one: Version, others: Sequence[Version]) -> list[Version]:
    """The newest versions that one has in common with what the others come to."""
    found = git.run("merge-base", "--all", one, *others)
    if found.status not in (0, 1):
        raise StoreError(f"git merge-base failed: {found.err.strip()}", hint="git fsck")
    return sorted(found.out.decode().split())


def roots(git: Plumbing, version: Version) -> list[Version]:
    """The versions before which there was none."""
    return sorted(git.must("rev-list", "--max-parents=0", version).decode().split())


def group(
    git: Plumbing, version: Version, before: Version | None, cut: Container[Version]
) -> list[Version]:
    """A version, and those before it that became the head's history in the same step.

    `before` is what was the head then, if that is known; of the versions in `cut` the parents are
    not there. More than a command of ours merges at once came by a sync, which looks at each.
    """
    found = [version]
    while before and found[-1] not in cut and len(found) <= _AT_ONCE:
        commit = git.read(found[-1])
        if commit is None:  # it is told by whoever reads it
            return found
        parent = re.search(rb"^parent (\w+)$", commit.content.partition(b"\n\n")[0], re.MULTILINE)
        if parent is None or parent[1].decode() == before:
            return found
        found.append(parent[1].decode())
    return [version]


_AT_ONCE = 32
"""So many versions at most become the head's history in one step of ours."""


def is_ancestor(git: Plumbing, older: Version, newer: Version) -> bool:
    """Whether one version is in the history of another, or is it.

    Mostly it is one of the last few: those are looked at without another process of git. In a
    shallow clone git alone knows where a history ends, whatever its commits say.
    """
    version = newer
    cut = (git.places.common_dir / "shallow").exists()
    for _ in range(0 if cut else _NEAR):
        commit = git.read(version)
        if commit is None:
            break
        if version == older:
            return True
        first = re.search(rb"^parent (\w+)$", commit.content.partition(b"\n\n")[0], re.MULTILINE)
        if first is None:
            break
        version = first[1].decode()
    return git.run("merge-base", "--is-ancestor", older, newer).status == 0


_NEAR = 32
"""So many versions, by their first parents."""


def is_spare(git: Plumbing, one: Version, other: Version) -> bool:
    """Whether all that one version has and another lacks are unions of two heads, and fewer.

    Of two that lack each other's unions alone just one is spare: the greater id breaks a tie.
    """
    rows = (
        git.must("rev-list", "--left-right", "--parents", f"{one}...{other}").decode().split("\n")
    )
    mine = [row.split() for row in rows if row.startswith("<")]
    yours = sum(row.startswith(">") for row in rows)
    return all(len(row) > 2 for row in mine) and (len(mine), one) < (yours, other)


def versions(git: Plumbing, newer: Version, older: Version | None) -> list[str]:
    """One line for each version that one has and the other lacks, newest first: id, who, what.

    A session's own commit is none: its merge stands for it.
    """
    form = "--format=%H%x00%P%x00%h %an: %s%x00%B"
    less = [f"^{older}"] if older else []
    plain = ("-c", "log.showSignature=false", "log", "-z", "--encoding=UTF-8")
    fields = git.must(*plain, form, newer, *less, "--").decode("utf-8", "replace").split("\0")
    lines, own = [], set()
    for at in range(0, len(fields) - 3, 4):
        oid, parents, line, message = fields[at : at + 4]
        if oid in own:
            continue
        if "\nSession: " in message:
            own.update(parents.split()[1:])
        lines.append(line)
    return lines
