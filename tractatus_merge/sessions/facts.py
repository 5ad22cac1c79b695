"""What a session's `session.json` says, as typed records. No files here.

Keys that this version does not know are kept as they are: another version wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tractatus_merge.core.model.state import Version
from tractatus_merge.core.plans.person_decision import Decision
from tractatus_merge.core.plans.resolve import Answer
from tractatus_merge.core.plans.revoke import Revocation
from tractatus_merge.sessions.lifecycle import Life


@dataclass(frozen=True, slots=True)
class Base:
    """The version that a copy was made from, and the digest of the base file's bytes."""

    version: Version
    digest: str


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """A copy as it was when a merge began: the digests of the two files, and what it is from.

    `head` and `at` say which version published it, and when; nothing while it is not published.
    """

    seal: str
    sealed: str
    base: str
    version: Version
    head: Version = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class UndoRequest(Decision):
    """What is to be undone: a version, a record of it, or a place in that."""

    version: Version
    instruction: str | None
    path: tuple[str, ...]


Request = UndoRequest | Answer | Revocation
"""What a person asks for in a session of one command."""
_REQUESTS: dict[str, type[Request]] = {
    "undo": UndoRequest,
    "answer": Answer,
    "revocation": Revocation,
}
"""The key under which `session.json` has each."""


@dataclass(frozen=True, slots=True)
class Requested:
    """A person's request, under the seal by which the head tells that it was published."""

    seal: str
    request: Request

    @property
    def at(self) -> str:
        """When it was asked for."""
        return self.request.at


Work = SealedCopy | Requested
"""What a session published, or is about to, from which the same can be published again."""


@dataclass(frozen=True, slots=True)
class Rebasing:
    """A change of base and copy that has begun: the digests of both copies, and what is true after.

    `seen` is the old copy as it was read, `copy` the new one.
    """

    seen: str
    copy: str
    after: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that `session.json` says.

    `older` has the version of each instruction's own older base; `merging` is the merge in
    progress, `last` the newest publication, `earlier` those of the last minutes. `command`: the
    session is one command of a person. `hooked`: an agent's hooks attend to it.
    """

    id: str
    tag: str
    agent: str = ""
    author: str = ""
    state: Life
    branch: str
    claude: str = ""
    worktree: str = ""
    started: str = ""
    previous_ids: tuple[str, ...] = ()
    command: bool = False
    process: Mapping[str, Any] | None = None
    base: Base
    hooked: bool = False
    transcript: str = ""
    budget: int | None = None
    merging: SealedCopy | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[Work, ...] = ()
    last: Work | None = None
    older: Mapping[str, Version] = field(default_factory=dict)
    next: Rebasing | None = None
    other: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As `session.json` has it: what says nothing is left out."""
        found: dict[str, Any] = {}
        for name in _NAMES:
            value = getattr(self, name)
            if value or name in _ALWAYS:
                found[name] = _WRITE.get(name, _plain)(value)
        return {**found, **self.other}

    @classmethod
    def from_json(cls, value: Any) -> Facts:
        """Read what `to_json` wrote; ValueError, TypeError or KeyError for anything else."""
        if not isinstance(value, dict):
            raise TypeError(_NONE)
        known = {name: value[name] for name in _NAMES if value.get(name) is not None}
        made = {name: _READ[name](said) if name in _READ else said for name, said in known.items()}
        if not all(isinstance(made.get(name), kind) for name, kind in _NEEDED.items()):
            raise ValueError(_NONE)
        other = {name: said for name, said in value.items() if name not in _NAMES}
        return cls(**made, other=other)


_NONE = "it is not what a session keeps"
_NAMES = [one.name for one in fields(Facts) if one.name != "other"]
_ALWAYS = _NAMES[: _NAMES.index("command")]
_NEEDED: dict[str, type] = {"id": str, "tag": str, "state": Life, "branch": str, "base": Base}


def _plain(value: Any) -> Any:
    return value


def _work(value: Work) -> dict[str, Any]:
    if isinstance(value, SealedCopy):
        return asdict(value)
    name = next(name for name, kind in _REQUESTS.items() if isinstance(value.request, kind))
    return {"seal": value.seal, name: asdict(value.request)}


def _read_work(value: dict[str, Any]) -> Work:
    for name, kind in _REQUESTS.items():
        if name in value:
            said = value[name]
            path = {"path": tuple(said["path"])} if kind is UndoRequest else {}
            return Requested(value["seal"], kind(**{**said, **path}))
    return SealedCopy(**value)


def _rebasing(value: Rebasing) -> dict[str, Any]:
    return {"seen": value.seen, "copy": value.copy, "after": value.after.to_json()}


def _read_rebasing(value: dict[str, Any]) -> Rebasing:
    return Rebasing(value["seen"], value["copy"], Facts.from_json(value["after"]))


_WRITE: dict[str, Any] = {
    "state": lambda state: state.value,
    "base": asdict,
    "merging": asdict,
    "last": _work,
    "earlier": lambda works: [_work(work) for work in works],
    "next": _rebasing,
    "previous_ids": list,
    "renames": dict,
    "older": dict,
}
_READ: dict[str, Any] = {
    "state": Life,
    "base": lambda said: Base(**said),
    "merging": lambda said: SealedCopy(**said),
    "last": _read_work,
    "earlier": lambda works: tuple(map(_read_work, works)),
    "next": _read_rebasing,
    "previous_ids": tuple,
}
