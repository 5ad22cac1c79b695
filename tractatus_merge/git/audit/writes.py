"""What a commit that is no merge lost: the records compared, and whether its author meant it.

A commit does not say what its author knew. Believed are: its message, where it says that it reverts
or removes, or names a record that it undid; a file that another commit's file now holds the records
of; and that nobody overwrites oneself, unless sessions or times tell of two writers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.git import path_log
from tractatus_merge.git.audit import overwrites, record_versions
from tractatus_merge.git.audit.losses import DROPPED, Delta, Loss
from tractatus_merge.git.audit.record_versions import Change, parts_of
from tractatus_merge.git.audit.walk import Walk
from tractatus_merge.git.path_log import Commit

_BACK = 50
"""How many versions an old copy is looked for."""
_QUICK = 60
"""In so many seconds nobody thinks better of several records."""

_REVERTS = re.compile(
    r"\ARevert |^This reverts commit "
    r"|\A.*\b(undo|undoes|undid|roll(s|ed)? ?back|back out|restor\w+|recover\w*|put back)\b",
    re.MULTILINE | re.IGNORECASE,
)
_REMOVES = re.compile(
    r"\b(remov|delet|drop|prun|purg|archiv|retract|withdraw|discard|supersed|dedup)", re.IGNORECASE
)
_CLEANS = re.compile(
    r"\b(clean|clear|compact|reset|trim|expir|retir|migrat|mov|split|extract|truncat|empt|wip(?:e|ing))"
    r"|\b(start|begin)\w* (over|afresh|anew)",
    re.IGNORECASE,
)
_SESSION = re.compile(r"\bsession[ #:=-]+([\w.-]+)", re.IGNORECASE)
_TRAILER = re.compile(
    r"^([\w-]*(?:session|agent|co-authored-by)[\w-]*): *(\S.*)$", re.MULTILINE | re.IGNORECASE
)
_SPACE = re.compile(r"[^\s,;:()\"'`]+")


class Judged(NamedTuple):
    """What a write lost: its copy was so many versions `older`, or it left so few of so many."""

    losses: tuple[Loss, ...]
    older: int = 0
    shrank: tuple[int, int] | None = None


def judge(walk: Walk, commit: Commit, delta: Mapping[str, Change]) -> Judged | None:
    """What a write lost, and how; None where it may be meant, or nothing is lost."""
    subject = commit.subject
    if _REVERTS.search(commit.message):
        return None
    over = _overwritten(walk, commit, delta)
    shrank = None if _REMOVES.search(subject) or _CLEANS.search(subject) else _shrank(walk, commit)
    losses = list(over.losses) if over else []
    if shrank:  # all of it, in the order of the file
        dropped = overwrites.find_dropped(record_versions.values(delta), walk.key)
        names = {loss.name for loss in dropped}
        losses = [*dropped, *(loss for loss in losses if loss.name not in names)]
    if not losses:
        return None
    moved = _elsewhere(walk, commit, losses)
    losses = [loss for loss in losses if parts_of(loss.name)[1] not in moved]
    if moved and not (shrank and overwrites.is_truncation(shrank[0], len(losses), shrank[1])):
        return None
    return Judged(tuple(losses), over.depth if over else 0, shrank)


def _overwritten(
    walk: Walk, commit: Commit, delta: Mapping[str, Change]
) -> overwrites.Overwrite | None:
    """The overwrite that a commit is; None where it may be meant."""
    depth = overwrites.deepest(delta, map(walk.delta, walk.past(commit)), _BACK)
    if not depth:
        return None
    past = [one for one, _ in zip(walk.past(commit), range(depth), strict=False)]
    own = record_versions.values(delta)
    changes = [record_versions.values(walk.delta(one)) for one in past]
    over = overwrites.find_overwrite(own, changes, walk.key)
    if over is None or not over.brings or _is_meant(commit, over.losses):
        return None
    if _is_renumbering(walk, commit, own, over):
        return None
    others = any(one.author != commit.author for one in past[: over.depth])
    if others or over.depth > 1 or _are_two_writers(commit, past[0], own, over.losses):
        return over
    return None


def _is_meant(commit: Commit, losses: Sequence[Loss]) -> bool:
    """Whether the message says so: it tells of removing, or names what was undone."""
    only_dropped = all(loss.kind == DROPPED for loss in losses)
    if only_dropped and _REMOVES.search(commit.subject):
        return True
    words = {word.rstrip(".!?") for word in _SPACE.findall(commit.message)}
    return any(len(name := parts_of(loss.name)[1]) > 1 and name in words for loss in losses)


def _is_renumbering(walk: Walk, commit: Commit, own: Delta, over: overwrites.Overwrite) -> bool:
    """Whether most records got other ids: then those that are gone tell of no older copy."""
    undone = {loss.name for loss in over.losses}
    gone = sum(new is MISSING and name not in undone for name, (_, new) in own.items())
    new = sum(old is MISSING for old, _ in own.values())
    return gone > 1 and new > 1 and gone * 2 > len(walk.rows(walk.parents(commit)[0]))


def _are_two_writers(commit: Commit, before: Commit, own: Delta, losses: Sequence[Loss]) -> bool:
    """Whether two commits of one author are of two agents: by their sessions, or by times."""
    mine, theirs = _sessions(commit.message), _sessions(before.message)
    if shared := mine.keys() & theirs.keys():
        return any(mine[name] != theirs[name] for name in shared)
    if commit.written < before.written:
        return True
    if any(moment < before.written for moment in _created(own)):
        return True
    dropped = sum(loss.kind == DROPPED and not loss.fields for loss in losses)
    return dropped > 1 and commit.written - before.written < _QUICK


def _sessions(message: str) -> dict[str, str]:
    """What a message says of the agent's session, by the words that say it."""
    found = {name.lower(): said.strip() for name, said in _TRAILER.findall(message)}
    if "session" not in found and (said := _SESSION.search(message)):
        found["session"] = said[1]
    return found


def _created(own: Delta) -> Iterator[float]:
    """When the new records of a write were created, where they say it."""
    for old, new in own.values():
        if old is MISSING and isinstance(new, dict):
            for name, value in new.items():
                if name.lower().startswith("created") and (seconds := _seconds(value)):
                    yield seconds


def _seconds(value: Json) -> float | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):  # it is no time
        return None
    return moment.timestamp() if moment.tzinfo else None


def _shrank(walk: Walk, commit: Commit) -> tuple[int, int] | None:
    """How many records of how many a write left, if that were too few."""
    before, after = walk.rows(walk.parents(commit)[0]), walk.rows(commit)
    if len(after) * 2 >= len(before):
        return None
    gone = sum(name not in after for name in before)
    if not overwrites.is_truncation(len(before), gone, len(after)):
        return None
    return len(before), len(after)


def _elsewhere(walk: Walk, commit: Commit, losses: Sequence[Loss]) -> set[str]:
    """The ids of lost records that stand in another file that the same commit wrote."""
    wanted = {parts_of(loss.name)[1] for loss in losses if loss.kind == DROPPED and not loss.fields}
    found: set[str] = set()
    for data in path_log.other_files(walk.git, commit) if wanted else ():
        version = record_versions.read(data, walk.key)
        found |= wanted & {parts_of(name)[1] for name in version.rows}
    return found
