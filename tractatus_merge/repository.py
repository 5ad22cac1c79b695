"""A repository's shared history, opened: the head, and the one loop that moves it.

Every change of shared state is *read, plan, commit, and on a lost race again*. In front of the loop
stands a courtesy queue; correctness never depends on it: the commit is the compare-and-swap.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tractatus_merge import files, forgepage, vetting, workspace
from tractatus_merge.core import summaries
from tractatus_merge.core.plan import Plan
from tractatus_merge.core.state import Entry, State, Version
from tractatus_merge.documents import history, rendering
from tractatus_merge.documents.history import Document
from tractatus_merge.errors import ContentionError, NotInitialised, StoreError
from tractatus_merge.roster import all_sessions
from tractatus_merge.stores.git import GitStore
from tractatus_merge.stores.gitlog import ROOT_TIME
from tractatus_merge.workspace import Workspace

QUEUE_WAIT = 10.0
"""Seconds in the courtesy queue; then the loop goes on without it."""
ATTEMPTS = 40
"""Lost races before a command gives up with exit 75; 24 sessions at once need about 10."""

FAILURES = 8
"""Failures of the store that are tried again: every attempt begins from the beginning."""
PATIENCE = 5.0
"""Seconds after which a failure of the store is told: the store itself waits for held locks."""


NOBODY = "tractatus-merge <>"
"""The author of versions that nobody decided: the same bytes, whoever makes them."""


@dataclass
class Repository:
    """One line of governance as seen from one worktree. Belongs to one thread."""

    workspace: Workspace
    store: GitStore
    environment: Mapping[str, str]

    @cached_property
    def author(self) -> str:
        """Who acts here: `name <mail>`."""
        said = self.environment.get("TRACTATUS_AUTHOR")
        return said or workspace.author(self.environment, self.store.git)

    def close(self) -> None:
        """Let the store's processes go."""
        self.store.close()

    @property
    def agent(self) -> bool:
        """Whether an agent's environment is seen."""
        return workspace.is_agent(self.environment)

    def head(self) -> State:
        """The newest shared state; NotInitialised if there is none."""
        version = self.store.head()
        if version is None:
            raise NotInitialised(self.workspace.branch)
        return self.store.load(version)

    def older(self, version: Version) -> State:
        """A version out of the log; StoreError if it is damaged, for only tips are vetted."""
        try:
            vetting.must_be_sound(self.store, version, self.store.head())
        except StoreError as error:
            why = f"version {version[:12]} is damaged: {error.sentence}"
            raise StoreError(why, hint=f"git log -1 {version}   (who wrote it)") from None
        return self.store.load(version)

    def publish(self, make: Callable[[State], Plan]) -> tuple[Plan, State]:
        """Read, plan, commit; again on a lost race. Returns what was planned and the head after it.

        ContentionError when others were faster too often; nothing is lost then.
        """
        patience = 0.0 if self.environment.get("TRACTATUS_QUEUE") == "off" else QUEUE_WAIT
        if patience == 0.0:
            return self._loop(make)
        with files.locked(self.workspace.queue, patience):
            return self._loop(make)

    def _loop(self, make: Callable[[State], Plan]) -> tuple[Plan, State]:
        failures, began = 0, time.monotonic()
        for attempt in range(ATTEMPTS):
            try:
                state = self.head()
                plan = make(state)
                if plan.entry is None:
                    return plan, state
                version = self.store.commit(state.version, plan.state, plan.entry)
            except StoreError:  # a collection of garbage may take folders and objects from under us
                failures += 1
                if failures > FAILURES or time.monotonic() - began > PATIENCE:
                    raise
            else:
                if version is not None:
                    return plan, replace(plan.state, version=version, time=plan.entry.time)
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311 (jitter)
        raise ContentionError(
            f"{ATTEMPTS} times in a row another session was faster.", hint="the same command again"
        )

    def document(self, state: State) -> Document:
        """A state as the history file shows it."""
        return rendering.document_of(state)

    def behind(self, version: Version) -> int:
        """How many versions the head has that one lacks."""
        return sum(1 for _ in self.store.log(since=version))

    def free_tag(self, session: str, state: State) -> str:
        """The session's tag: a hash of its id and this clone's, checked for being free."""
        live = {other.tag: other.id for other in all_sessions(self.workspace.sessions)}
        clone = self.workspace.clone_id()
        number = 0
        while True:
            text = f"{session} {clone} {number}" if number else f"{session} {clone}"
            tag = hashlib.sha256(text.encode()).hexdigest()[:8]
            known = summaries.summary(state, tag)
            owner = known["session"] if known else live.get(tag, session)
            if owner == session and live.get(tag, session) == session:
                return tag
            number += 1


def open_repository(folder: Path, environment: Mapping[str, str] | None = None) -> Repository:
    """Open the history of the repository a folder is in (it need not be initialised yet)."""
    environment = dict(os.environ if environment is None else environment)
    found = workspace.find(folder)
    return Repository(found, GitStore(found.places, found.branch, forgepage.page), environment)


def initialise(repo: Repository) -> tuple[State, str]:
    """Make the head, from a remote-tracking branch where there is one, else from the file there.

    Returns the head and what was done: `adopted`, `created` or `there`. No file is rewritten.
    DocumentError or RemoteError, with nothing changed, if the file or the remote's history cannot
    be read.
    """
    there, remote = repo.store.head() is not None, adoptable(repo)
    view, document = repo.workspace.view, history.EMPTY
    if not there and remote is None and view.exists():
        document = history.read(view.read_bytes(), str(view))
    repo.workspace.state.mkdir(parents=True, exist_ok=True)  # by which hooks know their repository
    if there:
        return repo.head(), "there"
    if remote is not None:
        repo.store.adopt(remote)
        return repo.head(), "adopted"
    state = rendering.adopted_state(document)
    message = f"Take in the instruction history: {len(document.records)} instructions"
    entry = Entry(message, author=NOBODY, time=ROOT_TIME, root=True)
    repo.store.commit(None, state, entry)
    return repo.head(), "created"


def adoptable(repo: Repository) -> Version | None:
    """The version of a remote that the head would be made from; None if there is none, or a head.

    RemoteError if it is damaged.
    """
    if repo.store.head() is not None:
        return None
    for ref, version in repo.store.remotes():
        remote = ref.removeprefix("refs/remotes/").removesuffix(f"/{repo.store.branch}")
        hint = f"git log {ref}   (who wrote it); when it is mended: git fetch {remote}, and again"
        vetting.must_be_sound_at(remote, repo.store, version, None, hint)
        return version
    return None
