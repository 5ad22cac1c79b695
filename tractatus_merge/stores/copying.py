"""The versions of one store made versions of another one, of whatever kinds the two are.

A store that knows only one line gets the versions in an order in which each follows its first
parent. What two heads had that were united stands behind one another then: first the line of the
first parents, each version as it was; then what the other head brought, as changes alone (`exact`
is false for these); then the union, as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tractatus_merge.core.model.state import Entry, Key, State, Version
from tractatus_merge.errors import ContentionError, RequestError, StoreError
from tractatus_merge.stores.base import Store
from tractatus_merge.value import replace


class Step(NamedTuple):
    """One version that is copied; `exact`: it becomes what it was, record by record."""

    entry: Entry
    exact: bool


Progress = Callable[[Sequence[Step]], Iterable[Step]]
"""Gives the steps back, one by one, and may tell how far it is."""


def steps(store: Store) -> list[Step]:
    """Every version of a store, in the order in which they are copied."""
    head = store.head()  # first: a log that is read later has all that this one follows
    entries = {entry.version: entry for entry in store.log()}
    line, at = set(), head
    while at in entries:
        line.add(at)
        at = next(iter(entries[at].parents), None)
    found: dict[Version, Step] = {}
    todo = [(head, False)]
    while todo:
        version, ready = todo.pop()
        if version is None or version in found or version not in entries:
            continue  # a session's own commit is not in the log
        entry = entries[version]
        if ready:
            found[version] = Step(entry, version in line)
            continue
        todo.append((version, True))
        todo += [(parent, False) for parent in reversed(entry.parents)]
    return list(found.values())


def copied(target: Store, todo: Sequence[Step]) -> dict[Version, Version]:
    """The new names of the versions that the target has already: the first so many.

    RequestError where it has other versions.
    """
    done = steps(target)
    if len(done) > len(todo) or not all(
        _is_alike(step.entry, there.entry) for step, there in zip(todo, done, strict=False)
    ):
        raise RequestError(
            "the new store has a history of its own: nothing was written.",
            hint="name an empty one: another branch, folder, file, line or database",
        )
    pairs = zip(todo, done, strict=False)
    return {step.entry.version: there.entry.version for step, there in pairs}


def copy(
    source: Store, target: Store, todo: Sequence[Step], progress: Progress = iter
) -> dict[Version, Version]:
    """Copy what the target lacks yet; the new name of every version.

    RequestError where the target has other versions; ContentionError where another writes there.
    """
    names = copied(target, todo)
    done = list(names.values())
    head = done[-1] if done else None
    state = State(_texts(target.load(head)) if head else {}, head)
    for step, items in _states(source, progress(todo), skipped=len(done), start=state.items):
        before = state.items
        changed = {
            key: items.get(key) for key in (*before, *items) if before.get(key) != items.get(key)
        }
        entry = replace(
            step.entry, base=_new_base(step.entry, names), own=None, version="", parents=(),
            changes=tuple(changed),
        )  # fmt: skip
        version = target.commit(state.version, state.with_(changed), entry)
        if version is None:
            raise ContentionError(
                "another program writes into the new store.", hint="the same command again"
            )
        names[step.entry.version] = version
        state = State(items, version, entry.time)
    return names


def verify(
    source: Store,
    target: Store,
    todo: Sequence[Step],
    names: Mapping[Version, Version],
    progress: Progress = iter,
    *,
    skipped: int = 0,
) -> None:
    """Read all back: StoreError, naming the version, where one is not what it was."""
    there = {step.entry.version: step.entry for step in steps(target)}
    start = _texts(target.load(names[todo[skipped - 1].entry.version])) if skipped else {}
    for step, items in _states(source, progress(todo), skipped=skipped, start=start):
        new = names[step.entry.version]
        if not _is_alike(step.entry, there[new]) or _texts(target.load(new)) != items:
            raise StoreError(
                f"version {step.entry.version} is not the same in the new store, as {new}.",
                hint="tractatus-merge doctor   (the old store is as it was, and in use)",
            )


def _states(
    source: Store, todo: Iterable[Step], *, skipped: int, start: Mapping[Key, str]
) -> Iterator[tuple[Step, dict[Key, str]]]:
    """What each version is to hold in the new store, behind those skipped, which left `start`."""
    items = dict(start)
    for number, step in enumerate(todo):
        if number < skipped:
            continue
        state = source.load(step.entry.version)
        if step.exact:
            items = _texts(state)
        else:
            new = {key: state.get(*key) for key in step.entry.changes}
            items = {key: text for key, text in {**items, **new}.items() if text is not None}
        if not step.entry.time:
            step = step._replace(entry=replace(step.entry, time=state.time))  # noqa: PLW2901
        yield step, items


def _texts(state: State) -> dict[Key, str]:
    return {key: text for key in state if (text := state.get(*key)) is not None}


def _new_base(entry: Entry, names: Mapping[Version, Version]) -> Version | None:
    """The version that an entry's session began with; None where it is gone."""
    return names.get(entry.base) if entry.base else None


_SAID = ("message", "session", "tag", "agent", "author", "conflicts")


_HALF = re.compile("[\ud800-\udfff\ufffd?]|\\\\ud[89a-f][0-9a-f]{2}")
"""Half a character, and what stores write for it."""


def _is_alike(one: Entry, other: Entry) -> bool:
    """Whether two entries tell the same, as far as every store can keep it.

    Git has one line for a message, and no control characters; a database has no half characters.
    """
    same = (not one.time or one.time == other.time) and bool(one.base) >= bool(other.base)
    return same and all(
        _plain(getattr(one, name)) == _plain(getattr(other, name)) for name in _SAID
    )


def _plain(said: str | tuple[str, ...]) -> list[str]:
    text = said if isinstance(said, str) else " ".join(said)
    clean = "".join(letter if letter.isprintable() else " " for letter in _HALF.sub(" ", text))
    return clean.removesuffix(" <>").split()
