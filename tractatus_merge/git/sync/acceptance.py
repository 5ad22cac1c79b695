"""Whether a version from elsewhere may become ours, and ours theirs. Nothing is changed here."""

from __future__ import annotations

from tractatus_merge.core.model.needs import must_be_readable
from tractatus_merge.core.model.state import (
    DOCUMENT,
    FORMAT,
    HEADER,
    INSTRUCTIONS,
    LAYOUT,
    Key,
    State,
    Version,
)
from tractatus_merge.errors import DamagedFormat, Missing, RemoteError, RequestError
from tractatus_merge.git.graph import bases
from tractatus_merge.git.paths import file_of
from tractatus_merge.git.store import GitStore


def must_be_sound(store: GitStore, version: Version, known: Version | None) -> None:
    """Missing, naming the record, for a version that commands could not work with.

    NewerNeeded, or DamagedFormat, for one that not even its reader may be.

    What a known version (our head) has as well is not looked at again.
    """
    from tractatus_merge.git.sync.soundness import fault, fault_of_file  # imports msgspec

    state = store.load(version)
    must_be_readable(state)
    news = store.news(version, known)
    instructions = set(state.names(INSTRUCTIONS))
    for key, said in news.items():
        why = fault(key, said, instructions)
        if why:
            raise _damage(key, why)
    for base in bases(store.git, version, [known]) if known else ():
        for name in store.load(base).names(INSTRUCTIONS):
            if name not in instructions:
                why = "it is gone, and an instruction is retired, never taken away"
                raise _damage((INSTRUCTIONS, name), why)
    document = (DOCUMENT, HEADER), (DOCUMENT, LAYOUT)
    for key in document:
        if key not in state:
            raise _damage(key, "it is missing")
    shown = [key for key in news if key[0] in (INSTRUCTIONS, DOCUMENT)]
    if shown:
        texts = {key: news[key].decode() if key in news else state.items[key] for key in document}
        texts |= {key: news[key].decode() for key in shown}
        why = fault_of_file(State(texts))
        if why:
            raise Missing(f"{why}.", hint="git fsck")


def must_be_acceptable(state: State) -> None:
    """RequestError, naming the record, for a state that other clones would refuse to take."""
    from tractatus_merge.git.sync.soundness import fault, fault_of_file  # imports msgspec

    instructions = set(state.names(INSTRUCTIONS))
    changed = {key: text for key, text in state.changed.items() if text is not None}
    for key, text in changed.items():
        why = fault(key, text.encode("utf-8", "surrogatepass"), instructions)
        if why:
            raise _unacceptable(f"{file_of(key)}: {why}")
    shown = {key: text for key, text in changed.items() if key[0] in (INSTRUCTIONS, DOCUMENT)}
    if shown:
        around = {key: state.get(*key) for key in ((DOCUMENT, HEADER), (DOCUMENT, LAYOUT))}
        why = fault_of_file(State({k: t for k, t in around.items() if t is not None} | shown))
        if why:
            raise _unacceptable(why)


def _unacceptable(why: str) -> RequestError:
    return RequestError(
        f"no other clone would take this, and nothing was published: {why}.",
        hint="tractatus-merge doctor",
    )


def _damage(key: Key, why: str) -> Missing:
    return Missing(f"{file_of(key)}: {why}.", hint="git fsck")


def must_be_sound_at(
    remote: str, store: GitStore, version: Version, known: Version | None, hint: str
) -> None:
    """RemoteError, naming the record, for such a version of a remote's branch.

    NewerNeeded for one that this program cannot read.
    """
    try:
        must_be_readable(store.load(version), f"the history at {remote}")
        must_be_sound(store, version, known)
    except DamagedFormat as error:
        named = file_of((DOCUMENT, FORMAT))
        why = f"its history is damaged: {named}: {error.why}; nothing of it was taken in."
        raise RemoteError(remote, why, hint=hint) from None
    except Missing as error:
        why = f"its history is damaged: {error.sentence.rstrip('.')}; nothing of it was taken in."
        raise RemoteError(remote, why, hint=hint) from None
