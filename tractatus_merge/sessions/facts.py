"""What a session's `session.json` says, as typed records. No files here.

Keys that this version does not know are kept as they are: another version wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from tractatus_merge.core.model.state import State, Version
from tractatus_merge.core.plans.person_decision import Answer, Decision, Revocation
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.value import Value, asdict, field, fields, replace

if TYPE_CHECKING:
    from tractatus_merge.core.plans.outcome import Plan

T = TypeVar("T")
_TAG, _DIGITS = 8, frozenset("0123456789abcdef")
"""The characters of a tag."""


class Base(Value):
    """The version that a copy was made from, and the digest of the base file's bytes."""

    version: Version
    digest: str


class SealedCopy(Value):
    """What a copy had otherwise when a merge began, under its seal, and what it is from.

    `head` and `at` say which version published it, and when, `onto` which head that followed;
    nothing while it is not published.
    """

    seal: str
    version: Version
    head: Version = ""
    at: str = ""
    onto: Version = ""


class UndoRequest(Decision):
    """What is to be undone: a version, a record of it, or a place in that.

    `published` is the version's own seal: what a prune took and its session published again is a
    version of another name. `over` is the version that a step goes over: what is undone for it is
    that one, or the last step over it.
    """

    version: Version
    instruction: str | None
    path: tuple[str, ...]
    published: str = ""
    over: Version = ""


Request = UndoRequest | Answer | Revocation
"""What a person asks for in a session of one command."""
_REQUESTS: dict[str, type[Request]] = {
    "undo": UndoRequest,
    "answer": Answer,
    "revocation": Revocation,
}
"""The key under which `session.json` has each."""


class Requested(Value):
    """A person's request, under the seal by which the head tells that it was published.

    `head`, `at` and `onto` are as a sealed copy has them. `aside` says why what was asked for, and
    is gone from the head, cannot be published again.
    """

    seal: str
    request: Request
    head: Version = ""
    at: str = ""
    onto: Version = ""
    aside: str = ""


Work = SealedCopy | Requested
"""What a session published, or is about to, from which the same can be published again."""


def published(work: Work, plan: Plan, head: State) -> Work:
    """The work, with the version that published it: the head that the plan was made into."""
    return replace(work, head=str(head.version), at=head.time, onto=str(plan.state.version or ""))


def in_order(works: Iterable[tuple[T, Work]]) -> list[tuple[T, Work]]:
    """Works, each with whose it is, in the order in which they were published.

    Each after the one whose version it followed, whatever their clocks said; the others by time.
    """
    left = sorted(works, key=lambda item: _moment(item[1]))
    found = []
    while left:
        heads = {work.head for _, work in left} - {""}
        free = (number for number, (_, work) in enumerate(left) if work.onto not in heads)
        found.append(left.pop(next(free, 0)))
    return found


def _moment(work: Work) -> str:
    """When it was published; when it was asked for, where nobody knows of that."""
    return work.at or (work.request.at if isinstance(work, Requested) else "")


class Rebasing(Value):
    """A change of base and copy that has begun: the digests of both copies, and what is true after.

    `seen` is the old copy as it was read, `copy` the new one.
    """

    seen: str
    copy: str
    after: Facts


class Facts(Value, kw_only=True):
    """All that `session.json` says.

    `older` has the version of each instruction's own older base; `merging` is the merge in
    progress, `last` the newest publication, `earlier` those of the last minutes, `untold` the seals
    of those whose outcome nobody has been told. `command`: the session is one command of a person.
    `hooked`: an agent's hooks attend to it; `model` is what its client was started with.
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
    model: str = ""
    budget: int | None = None
    merging: SealedCopy | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[Work, ...] = ()
    last: Work | None = None
    untold: tuple[str, ...] = ()
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
        missing = [name for name in _NEEDED if name not in known]
        if missing:
            raise ValueError(f"{_NONE}: it has no {missing[0]}")
        for name, fits in _FITS.items():
            if name in known and not fits(known[name]):
                raise ValueError(f"{_NONE}: {name} is {str(known[name])[:40]!a}")
        made = {name: _READ[name](said) if name in _READ else said for name, said in known.items()}
        other = {name: said for name, said in value.items() if name not in _NAMES}
        return cls(**made, other=other)


_NONE = "it is not what a session keeps"
_NAMES = [name for name in fields(Facts) if name != "other"]
_ALWAYS = _NAMES[: _NAMES.index("command")]
_NEEDED = ("id", "tag", "state", "branch", "base")
_MOST_TOKENS = 10**12


def _plain(value: Any) -> Any:
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_tag(value: Any) -> bool:
    return _is_text(value) and len(value) == _TAG and _DIGITS.issuperset(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _names_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_process(value: Any) -> bool:
    return isinstance(value, dict) and type(value.get("pid")) is int


def _is_budget(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST_TOKENS


_FITS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("id", "agent", "author", "branch", "claude", "worktree"), _is_text),
    **dict.fromkeys(("started", "transcript", "model"), _is_text),
    "tag": _is_tag,
    **dict.fromkeys(("command", "hooked"), _is_flag),
    **dict.fromkeys(("previous_ids", "untold"), _are_texts),
    **dict.fromkeys(("renames", "older", "base", "merging"), _names_texts),
    "process": _is_process,
    "budget": _is_budget,
}
"""What each of the facts has to be; the others are looked at where they are read."""


def _work(value: Work) -> dict[str, Any]:
    if isinstance(value, SealedCopy):
        return asdict(value)
    name = next(name for name, kind in _REQUESTS.items() if isinstance(value.request, kind))
    said = {key: text for key in _PUBLISHED if (text := getattr(value, key))}
    return {"seal": value.seal, name: asdict(value.request), **said}


_PUBLISHED = ("head", "at", "onto", "aside")


def _read_work(value: dict[str, Any]) -> Work:
    for name, kind in _REQUESTS.items():
        if name in value:
            said = _texts(value, ("seal", *_PUBLISHED))
            return Requested(request=_read_request(kind, value[name]), **said)
    return _read_sealed(value)


def _read_request(kind: type[Request], said: dict[str, Any]) -> Request:
    known = {name: said[name] for name in fields(kind) if name in said}
    texts = {key: value for key, value in known.items() if key not in _NO_TEXT}
    if kind is UndoRequest:
        if not _are_texts(known["path"]) or not isinstance(known["instruction"], str | None):
            raise ValueError(_NONE)
        known["path"] = tuple(known["path"])
    if not _names_texts(texts):
        raise ValueError(_NONE)
    return kind(**known)


_NO_TEXT = frozenset({"path", "instruction", "value", "gone", "both"})


def _read_sealed(value: dict[str, Any]) -> SealedCopy:
    return SealedCopy(**_texts(value, fields(SealedCopy)))


def _texts(value: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    """The texts of some names; another version may have said more."""
    found = {name: value[name] for name in names if name in value}
    if not _names_texts(found):
        raise ValueError(_NONE)
    return found


def _rebasing(value: Rebasing) -> dict[str, Any]:
    return {"seen": value.seen, "copy": value.copy, "after": value.after.to_json()}


def _read_rebasing(value: dict[str, Any]) -> Rebasing:
    after = Facts.from_json(value["after"])
    return Rebasing(**_texts(value, ("seen", "copy")), after=after)


_WRITE: dict[str, Any] = {
    "state": lambda state: state.value,
    "base": asdict,
    "merging": asdict,
    "last": _work,
    "earlier": lambda works: [_work(work) for work in works],
    "next": _rebasing,
    "previous_ids": list,
    "untold": list,
    "renames": dict,
    "older": dict,
}
_READ: dict[str, Any] = {
    "state": Life,
    "base": lambda said: Base(said["version"], said["digest"]),
    "merging": _read_sealed,
    "last": _read_work,
    "earlier": lambda works: tuple(map(_read_work, works)),
    "next": _read_rebasing,
    "previous_ids": tuple,
    "untold": tuple,
}
