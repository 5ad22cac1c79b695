"""A repository's shared history, opened: one line of governance, as one worktree sees it.

In front of the loop that moves the head stands a courtesy queue. Correctness never depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

from tractatus_merge.core.model.needs import must_be_readable, must_be_writable
from tractatus_merge.core.model.state import CONFLICTS, State, Version
from tractatus_merge.errors import (
    ImportUnfinished,
    Missing,
    NewerNeeded,
    NotInitialised,
)
from tractatus_merge.instructions import conversion
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.repository import loop, workspace
from tractatus_merge.repository.checkout import Checkout
from tractatus_merge.repository.lock import Lock, NoLock, Tell
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.stores.base import Cut, Remotes, Rewound, Store, Verified
from tractatus_merge.system import plain_file

if TYPE_CHECKING:
    from tractatus_merge.core.plans.outcome import Plan
    from tractatus_merge.repository.loop import Behind

QUEUE_WAIT = 10.0
"""Seconds in the courtesy queue; then the loop goes on without it."""

NOBODY = "tractatus-merge <>"
"""The author of versions that nobody decided: the same bytes, whoever makes them."""


class Repository:
    """One line of governance as seen from one worktree. Belongs to one thread."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        checkout: Checkout,
        environment: Mapping[str, str],
        lock: Lock | None = None,
    ) -> None:
        self.workspace = workspace
        self.store = store
        self.checkout = checkout
        self.environment = environment
        self.lock = lock or NoLock()
        self.tell: Tell = bool
        """How a line is said beside what a command prints; by default it is not."""
        self.opened: list[str] = []
        """The conflicts that were opened here, of which nobody was notified yet: see `notify`."""
        self._sound: set[Version] = set()
        """Older versions that were looked through already: a version never changes."""

    @cached_property
    def author(self) -> str:
        """Who acts here: `name <mail>`."""
        said = self.environment.get("TRACTATUS_AUTHOR")
        return said or workspace.author(self.environment, *self.checkout.user(self.environment))

    def close(self) -> None:
        """Let the processes of the store and the checkout go."""
        self.store.close()
        self.checkout.close()

    @property
    def agent(self) -> bool:
        """Whether an agent's environment is seen."""
        return workspace.is_agent(self.environment)

    def head(self) -> State:
        """The newest shared state; NotInitialised if there is none, or only part of it yet.

        NewerNeeded where only later programs can read it.
        """
        version = self.store.head()
        if version is None:
            raise NotInitialised(self.workspace.line, self._remotes())
        if self.workspace.importing.exists():
            command = plain_file.read_text(self.workspace.importing)
            raise ImportUnfinished(self.workspace.line, command)
        state = self.store.load(version)
        must_be_readable(state)
        return state

    def _remotes(self) -> list[str]:
        """The remotes that are known to have this line."""
        known = self.store.remotes() if isinstance(self.store, Remotes) else []
        return [name.removeprefix("refs/remotes/").partition("/")[0] for name, _ in known]

    def must_be_writable(self) -> None:
        """NewerNeeded where this program may only read the history: ask before anything is made."""
        must_be_writable(self.head())

    @property
    def read_only(self) -> NewerNeeded | None:
        """Why this program may only read the history; None where it may write there.

        NewerNeeded where it may not even read.
        """
        head = self.head()
        try:
            must_be_writable(head)
        except NewerNeeded as error:
            return error
        return None

    def older(self, version: Version) -> State:
        """A version out of the log; Missing if it is damaged, for only tips are vetted."""
        try:
            if isinstance(self.store, Verified) and version not in self._sound:
                self.store.verify(version)
                self._sound.add(version)
        except Missing as error:
            why = f"version {version[:12]} is damaged: {error.sentence}"
            raise Missing(why, hint=f"git log -1 {version}   (who wrote it)") from None
        state = self.store.load(version)
        must_be_readable(state)
        return state

    def resolved(self, version: Version) -> Version:
        """What a version is called here that came from another store; else its name as it is."""
        if self.store.has(version):
            return version
        from tractatus_merge.core.model import moves  # it moves once in a while

        return moves.names(self.head()).get(version, version)

    def is_cut(self) -> bool:
        """Whether versions before the head are missing here (as in a shallow clone)."""
        return isinstance(self.store, Cut) and self.store.is_cut()

    def in_head(self, version: Version) -> bool:
        """Whether the head still has a version in its history: it may have been set back."""
        if isinstance(self.store, Rewound):
            return self.store.in_head(version)
        return self.store.has(version)

    def has_remotes(self) -> bool:
        """Whether other copies of the line are known, which may have what this one lacks."""
        return isinstance(self.store, Remotes) and bool(self.store.remotes())

    def publish(
        self, make: Callable[[State], Plan], behind: Behind | None = None
    ) -> tuple[Plan, State]:
        """Plan and commit, as `loop.publish` does; who waits, waits for this line's lock."""
        off = self.environment.get("TRACTATUS_QUEUE") == "off"
        planned_on: list[State] = []

        def planned(state: State) -> Plan:
            planned_on[:] = [state]
            return make(state)

        with nullcontext() if off else self.lock.held(QUEUE_WAIT, self.tell):
            plan, head = loop.publish(self.store, self.head, planned, behind)
        self.note_opened(planned_on[0], plan)
        return plan, head

    def note_opened(self, before: State, plan: Plan) -> None:
        """Note the conflicts that a plan opened which was made into a state, and is published."""
        told = plan.outcome.conflicts if plan.entry else ()
        self.opened += [name for name in told if (CONFLICTS, name) not in before]

    def document(self, state: State) -> Document:
        """A state as the history file shows it."""
        return conversion.document_of(state)

    def behind(self, version: Version) -> int:
        """How many versions the head has that one lacks; all, where that one is gone."""
        since = version if self.store.has(version) else None
        return sum(1 for _ in self.store.log(since=since))
