"""Who leads merges those who wait behind its own merge, and says what came of each.

Each is merged as if it had come next by itself: on the head that the one before it left, in a merge
commit of its own. All of them become the head's history in one step. Nothing is written in a folder
of another session: what becomes of it, its own command does. Decision 50.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tractatus_merge import __version__
from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.values import json_text
from tractatus_merge.errors import RequestError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.loop import Prepare
from tractatus_merge.sessions import adoption, contribution, publish, seals
from tractatus_merge.sessions.facts import Facts, Rebasing, SealedCopy
from tractatus_merge.sessions.folder import Session, based
from tractatus_merge.sessions.follower import settings_digest
from tractatus_merge.sessions.lifecycle import Event, Life, after
from tractatus_merge.sessions.publish import TROUBLE, Merged
from tractatus_merge.sessions.waiting import Waiting
from tractatus_merge.stores.base import Grouped
from tractatus_merge.system import files, jsonl, plain_file
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value, replace

MOST = 16
"""Requests that are merged behind one merge: whoever leads waits for them too."""
LONGEST = 0.2
"""Seconds for which one who leads plans for others."""

Words = Callable[[Merged], tuple[str, str]]
"""How an outcome is told: to people, and as JSON."""


def leader(repo: Repository, session: Session, words: Words) -> Leader | None:
    """The leader, if this process is to lead, and can; `session` is its own."""
    waiting = Waiting(repo.workspace.state)
    if not waiting.leads or not isinstance(repo.store, Grouped) or repo.workspace.unknown:
        return None
    return Leader(repo, session.id, waiting, words)


class Leader:
    """Merges what waits, behind a merge of its own."""

    def __init__(self, repo: Repository, own: str, waiting: Waiting, words: Words) -> None:
        self.repo, self.own, self.waiting, self.words = repo, own, waiting, words
        self._known: dict[str, Asked] = {}
        self._bases: dict[str, Document] = {}
        self._done: list[_Done] = []

    def behind(self, head: State, prepare: Prepare) -> None:
        """See `loop.Behind`. What cannot be merged is left to its own command."""
        self._done, end, made = [], time.monotonic() + LONGEST, 0
        for name, path in self.waiting.asked():
            if made >= MOST or time.monotonic() > end:
                break
            if name == self.own:
                continue
            with contextlib.suppress(TROUBLE):  # it stops nobody, and its own command meets it
                asked = self._known.get(name) or self._read(name, path)
                if not self.waiting.take(name):
                    continue
                plan = contribution.planned(asked.incoming(self.repo))(head)
                then = prepare(head, plan) if plan.entry is not None else head
                self._done.append(_Done(asked, head, plan, then))
                head, made = then, made + 1

    def _read(self, name: str, path: str) -> Asked:
        said = jsonl.parse(plain_file.read(path)) or {}
        ours = self.repo.workspace
        mine = (ours.line, __version__, settings_digest(str(ours.claude), str(ours.top)))
        if tuple(said.get(key) for key in ("line", "program", "settings")) != mine:
            raise RequestError(f"the request of {name} is for another command.")
        self._known[name] = Asked(ours.sessions / name, said, self._bases)
        return self._known[name]

    @property
    def newest(self) -> State | None:
        """The head that the last of them left; None where nobody waited."""
        return self._done[-1].after if self._done else None

    def answer(self) -> None:
        """Tell those who wait what came of it. Whoever is not told finds it in the history."""
        for done in self._done:
            self.repo.note_opened(done.head, done.plan)
            with contextlib.suppress(TROUBLE):  # it stops nobody, and its own command meets it
                self.waiting.answer(done.asked.id, self._answer(done, self._done[-1].after))
        with contextlib.suppress(OSError):
            self.waiting.tidy()

    def _answer(self, done: _Done, newest: State) -> dict[str, Any]:
        """What a session's own command is to write, and to say.

        The texts of `session.json`: while base and copy are exchanged, and when the outcome was
        told.
        """
        asked = done.asked
        outcome = publish.told_of(self.repo, done.after, asked, done.plan, seal=asked.under)
        merged = Merged(asked, outcome, done.after, (asked.under,), rounded=asked.rounded)
        text, data = self.words(merged)
        known = summaries.publications(done.after, asked.tag)
        is_there = any(
            one.seal == asked.under for one in known
        )  # else there was nothing to publish
        work = adoption.done_by(asked, done.plan, done.after) if is_there else None
        adoption.adopt(self.repo, asked, newest, asked.document, (done.plan.outcome.renamed, work))
        facts, base, copy = asked.rebased
        if base != copy:
            raise RequestError(f"{asked.id} goes on with a copy of its own.")
        facts = replace(facts, state=after(asked.id, facts.state, Event.MERGE))
        step = Rebasing(files.digest(asked.data), files.digest(copy), facts)
        told = replace(facts, untold=tuple(one for one in facts.untold if one != asked.under))
        kept = seals.sealed(asked.base(), asked.document, asked.facts.older)
        works = (*facts.earlier, facts.last)
        return {
            "seal": asked.under,
            "sealed": seals.to_bytes(kept).decode(),
            "base": self.waiting.put_base(base),
            "exchanging": _text(replace(asked.facts, next=step)),
            "told": _text(told),
            "keep": [one.seal for one in works if isinstance(one, SealedCopy)],
            "note": {"event": "merge", "at": now(), "head": newest.version,
                     "outcome": outcome.status},
            "text": text,
            "json": data,
            "code": 1 if outcome.conflicts else 0,
            "worktree": str(self.repo.workspace.top),
        }  # fmt: skip


class _Done(Value):
    """A request, the head that it was planned into, the plan, and what that came to."""

    asked: Asked
    head: State
    plan: Plan
    after: State


class Asked(Session):
    """A session as its request has it: its folder is not looked at, and nothing is written there.

    ValueError, TypeError, KeyError or DocumentError for what is no request.
    """

    def __init__(self, folder: Path, said: dict[str, Any], bases: dict[str, Document]) -> None:
        self._said = said
        super().__init__(folder)
        texts = {name: said[name].encode() for name in ("base", "copy", "journal")}
        self.data: bytes = texts["copy"]
        self._events = texts["journal"]
        merging, name = self.facts.merging, files.digest(texts["base"])
        if self.facts.id != folder.name or merging is None or self.facts.state is not Life.ENDED:
            raise ValueError(f"{folder.name} has asked for nothing")
        if self.facts.command or self.facts.next is not None or name != self.facts.base.digest:
            raise ValueError(f"{folder.name} is at something else")
        self.under = merging.seal
        """Its seal."""
        if contribution.seal_of(self, self.data) != self.under:
            raise ValueError(f"{folder.name} asks under another's seal")
        bases[name] = bases.get(name) or history_file.read(texts["base"], str(self._base))
        self._read_base: Document = bases[name]
        self.document: Document = self.copy()[1]
        self.rebased: tuple[Facts, bytes, bytes] = (self.facts, b"", b"")

    def _read(self) -> Facts:
        return Facts.from_json(self._said["session"])

    def incoming(self, repo: Repository) -> Incoming:
        """The session's side of the merge."""
        return contribution.incoming_of(
            self, repo, base=self.base(), copy=self.document, seal=self.under
        )

    @property
    def written(self) -> float:
        """See Session."""
        return float(self._said["written"])

    def base(self) -> Document:
        """See Session."""
        return self._read_base

    def journal(self) -> list[dict[str, Any]]:
        """See Session."""
        return [found for line in self._events.splitlines() if (found := jsonl.parse(line))]

    def rebase(
        self, facts: Facts, base: bytes, copy: bytes, seen: bytes, event: Event | None = None
    ) -> None:
        """Keep in mind what is to be true of the session."""
        del seen, event
        self.rebased = (based(facts, base), base, copy)

    def _copy_bytes(self) -> bytes:
        return self.data


def _text(facts: Facts) -> str:
    return json_text.dump(facts.to_json())
