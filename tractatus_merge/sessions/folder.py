"""One session's own folder: what it is, its base, its copy, its journal. Nobody else writes here.

| file | what |
| --- | --- |
| session.json | id, tag, agent, state, worktree, base, older bases, renames, work in progress |
| base-<digest>.json | the history as it was when the copy was made; never overwritten |
| rows-<digest>.json | where the records stand in a long base: it need not be parsed; disposable |
| instruction-history.json | the session's own copy, editable by anything |
| sealed-<seal>.json | what the copy had otherwise than its base when a merge began (waiting: all) |
| late/ | replaced copies, in which a program may still be writing |
| journal.jsonl | append-only events: edits with their why |

Re-basing is one step to a crash: `session.json` names the intended base, then the copy is
exchanged, then the new base is named; whoever finds it half done compares digests (`recover`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tractatus_merge.core.model.state import Version
from tractatus_merge.core.values import json_text
from tractatus_merge.errors import ContentionError, DocumentError, RequestError
from tractatus_merge.instructions import history_file, rounded_numbers
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.instructions.rounded_numbers import Place
from tractatus_merge.sessions import base_file, journal, seals
from tractatus_merge.sessions.facts import Base, Facts, Rebasing, SealedCopy, Work
from tractatus_merge.sessions.late_writes import Late
from tractatus_merge.sessions.lifecycle import Event, Life, after
from tractatus_merge.sessions.seals import Seal
from tractatus_merge.system import files, jsonl, locks, plain_file
from tractatus_merge.value import Value, replace

if TYPE_CHECKING:
    from tractatus_merge.core.plans.incoming import EditNote

COPY = "instruction-history.json"
_STEPS = ("base-", "sealed-", "next-", "rows-")
"""How the files begin that a step of a session needs."""
_HALF_MADE = 30.0
"""Seconds after which a folder that never got its name belongs to nobody."""
History = Callable[[Version], tuple[Version, bytes]]
"""The history file of a version, and which version it is of."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def checked_id(name: str) -> str:
    """The id if it may name a folder; RequestError if not."""
    if not _ID.fullmatch(name):
        raise RequestError(
            f"{json.dumps(name)} is no session id: letters, digits, '.', '_' and '-', at most 100.",
            hint="tractatus-merge start",
        )
    return name


class _Seen(Value):
    """The copy as it was read last."""

    data: bytes
    digest: str
    document: Document


class Session:
    """A session's folder. Whoever changes anything in it but the journal holds `lock`."""

    def __init__(self, folder: Path, history: History | None = None) -> None:
        self.folder = folder
        self._history = history
        self._late = Late(folder / "late")
        self.facts = self._read()
        self.rounded: tuple[Place, ...] = ()
        """Where the copy had a number that a program only rounded."""
        self._named: tuple[str, Document] = "", history_file.EMPTY
        self._seen: _Seen | None = None

    def _read(self) -> Facts:
        path = self.folder / "session.json"
        try:
            facts = Facts.from_json(json_text.parse(plain_file.read(path).decode()))
            if not _ID.fullmatch(facts.id):
                raise ValueError(f"{ascii(facts.id)[:120]} is no session id")  # noqa: TRY301
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            why = f"cannot be read: {getattr(error, 'strerror', None) or error}"
            raise DocumentError(str(path), None, why, hint=_hint(self.folder, error)) from None
        return facts

    def reload(self) -> None:
        """Read session.json again; DocumentError if it is not one."""
        self.facts = self._read()

    @classmethod
    def create(cls, sessions: Path, facts: Facts, document: bytes) -> Session:
        """A new folder with base and copy; it appears whole or not at all."""
        sessions.mkdir(parents=True, exist_ok=True)
        files.sweep(sessions, ".new-*", _HALF_MADE)
        staged = sessions / f".new-{os.urandom(8).hex()}"
        staged.mkdir()
        base_file.keep(staged, facts.base, document)
        files.replace(staged / COPY, document, settled=False)
        files.replace(staged / "session.json", _bytes(facts))
        try:
            staged.rename(sessions / facts.id)
        except OSError:  # somebody else made it at the same moment: theirs stays
            from shutil import rmtree  # rarely needed

            rmtree(staged, ignore_errors=True)
        return cls(sessions / facts.id)

    @property
    def id(self) -> str:
        """The id the agent gave."""
        return self.facts.id

    @property
    def tag(self) -> str:
        """The short name of this session in vectors."""
        return self.facts.tag

    @property
    def state(self) -> Life:
        """Where the session stands."""
        return self.facts.state

    @property
    def base_version(self) -> Version:
        """The version that base and copy were made from."""
        return self.facts.base.version

    @property
    def copy_path(self) -> Path:
        """The file that the agent may edit."""
        return self.folder / COPY

    @property
    def written(self) -> float:
        """When the copy was written last, in seconds; OSError where it is not there."""
        return self.copy_path.stat().st_mtime

    @property
    def renames(self) -> Mapping[str, str]:
        """Old ids of records that the session wrote, and what they are called by now."""
        return self.facts.renames

    def meant(self, instruction: str, records: Container[str]) -> str:
        """The id that a command means: as it stands in the copy; else what it is called by now."""
        return instruction if instruction in records else self.renames.get(instruction, instruction)

    def base_of(self, instruction: str) -> Version:
        """The version an instruction's base is from."""
        return self.facts.older.get(instruction, self.base_version)

    @contextmanager
    def lock(self, wait: float = 10.0, *, back: bool = True) -> Iterator[None]:
        """Keep other commands of this session out; ContentionError if they take too long.

        With `back`, base and copy are in the folder then.
        """
        with locks.locked(self.folder / "lock", wait) as got:
            if not got:
                raise ContentionError(
                    f"another command of session {self.id} is still at work.", hint="try again"
                )
            self.reload()
            self._late.look_anew()
            if back and self.is_shrunk:
                self._get_back()
            self.recover()
            self.take_late()
            yield

    def save(self, **changes: Any) -> None:
        """Change some of the facts in session.json."""
        self._save(replace(self.facts, **changes))

    def _save(self, facts: Facts) -> None:
        files.replace(self.folder / "session.json", _bytes(facts))
        self.facts = facts

    def transition(self, event: Event) -> None:
        """Move along the life table, or refuse."""
        self.save(state=after(self.id, self.state, event))

    def told(self, seals: Collection[str]) -> None:
        """Note of some publications that their outcome was told."""
        left = tuple(seal for seal in self.facts.untold if seal not in seals)
        if left != self.facts.untold:
            self.save(untold=left)

    def note(self, event: str, at: str, **fields: Any) -> None:
        """Add one event to the journal."""
        jsonl.append(self.folder / journal.JOURNAL, {"event": event, "at": at, **fields})

    def journal(self) -> list[dict[str, Any]]:
        """The events, oldest first; a torn line is passed over."""
        return jsonl.events(self.folder / journal.JOURNAL)

    def said(self, otherwise: str) -> dict[tuple[str, tuple[str, ...]], EditNote]:
        """When (else `otherwise`) and why each place was written, from the journal.

        The last word counts. What was said of a record under an old id is said of it still.
        """
        said = journal.said(self.journal(), otherwise)
        return {
            **{(self.renames.get(one, one), path): note for (one, path), note in said.items()},
            **said,
        }

    def base(self) -> Document:
        """The document the copy was made from."""
        if self.is_shrunk:
            return history_file.read(self._shown()[1], str(self._base))
        return self._document(self._base.name)

    @property
    def _base(self) -> Path:
        return base_file.path_of(self.folder, self.facts.base)

    @property
    def is_shrunk(self) -> bool:
        """Whether it was merged so long ago that it let go of its base: the history has that."""
        gone = self.state is Life.MERGED and not self.facts.older and not self._base.exists()
        return gone and self._history is not None

    def _shown(self) -> tuple[Version, bytes]:
        assert self._history is not None
        return self._history(self.base_version)

    def shrink(self) -> bool:
        """Let go of base and copy, if they are what the history says and nobody is at work.

        What a program is writing into the copy at this moment is looked at as any late write.
        Returns whether there is nothing left to be let go of.
        """
        if self.is_shrunk:
            return self.let_go()
        with self.lock(wait=0.0):
            if self.facts.merging is None and not self.facts.older and self.state is Life.MERGED:
                data = self._bytes(self.copy_path)
                if files.digest(data) == self.facts.base.digest:
                    base_file.drop(self.folder, self.facts.base)  # first: a copy alone is a loss
                    self._late.put_away(self.copy_path, data)
                    self._late.look_anew()
                    self.take_late()
        return self._late.is_empty()

    def _get_back(self) -> None:
        """Have base and copy in the folder again, as the history has them."""
        version, data = self._shown()
        files.create(self.copy_path, data, self.folder / "late")
        base = Base(version, files.digest(data))
        base_file.keep(self.folder, base, data)
        self.save(base=base)

    def let_go(self) -> bool:
        """Look a last time at what was replaced long ago, whosever command this is.

        Returns whether nothing more has to be looked at.
        """
        if self._late.is_due():
            with self.lock(wait=0.0, back=False):
                pass
        return self._late.is_empty()

    def _document(self, name: str) -> Document:
        """A file whose name is that of its content; what was read last is known still."""
        if self._named[0] != name:
            path = self.folder / name
            data = self._bytes(path)
            told = path == self._base
            index = base_file.index(self.folder, self.facts.base, data) if told else b""
            self._named = name, history_file.read(data, str(path), index)
        return self._named[1]

    def _bytes(self, path: Path) -> bytes:
        """The bytes of a file of this folder; DocumentError, but for one that is not there."""
        try:
            return plain_file.read(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            why = f"it cannot be read: {error.strerror}"
            raise DocumentError(str(path), None, why, hint=f"ls -ld {path}") from None

    def copy(self) -> tuple[bytes, Document]:
        """The copy; DocumentError if some program left it torn.

        Numbers that a program only rounded are the base's, and their places in `rounded`.
        """
        path, base = self.copy_path, self._base
        try:
            data = self._copy_bytes()
        except FileNotFoundError:
            if self.is_shrunk:
                data = self._shown()[1]
                return data, history_file.read(data, str(path))
            hint = f"cp {base} {path}"
            raise DocumentError(str(path), None, "the copy is gone", hint=hint) from None
        try:
            data, document = self._noted(data)
        except DocumentError as error:
            error.hint = f"mend that line by hand; or give its changes up: cp {base} {path}"
            raise
        if self._digest(data) == self.facts.base.digest:
            return data, document
        since = journal.unpublished(self.journal())
        written = {
            (name, path) for one, path in since for name in (one, self.renames.get(one, one))
        }
        document, found = rounded_numbers.unrounded(self.base(), document, written)
        self.rounded = tuple(dict.fromkeys((*self.rounded, *found)))
        return data, document

    def _copy_bytes(self) -> bytes:
        """The bytes of the copy; those that were read last, where it holds them still."""
        known = self._seen
        with contextlib.suppress(OSError):  # whoever reads it says what is wrong
            if known and plain_file.holds(self.copy_path, known.data):
                return known.data
        return self._bytes(self.copy_path)

    def _noted(self, data: bytes) -> tuple[bytes, Document]:
        """The copy, read; what was read last, where that is the same: a command reads it often."""
        if self._seen is None or self._seen.data != data:
            if base_file.index_path(self.folder, self.facts.base).exists():
                self.base()  # of a long copy only what is otherwise than there is parsed
            document = history_file.read(data, str(self.copy_path))
            self._seen = _Seen(data, files.digest(data), document)
        return self._seen.data, self._seen.document

    def _digest(self, data: bytes) -> str:
        known = self._seen
        return known.digest if known and known.data is data else files.digest(data)

    def untouched(self) -> bool:
        """Whether the copy is as it was made."""
        try:
            return files.digest(plain_file.read(self.copy_path)) == self.facts.base.digest
        except FileNotFoundError:
            return self.is_shrunk
        except OSError:
            return False

    def write_copy(self, seen: bytes, document: Document) -> None:
        """Replace the copy; what a foreign program wrote into it meanwhile is kept."""
        data = history_file.rewrite(seen, document, str(self.copy_path))
        history_file.read(data, str(self.copy_path))  # what could not be read back is not written
        self._late.exchange(self.copy_path, data, seen)
        self.take_late()

    def take_late(self) -> None:
        """Take in what programs wrote into a copy that was replaced while they had it open.

        A program that read the copy before that, and writes it back after, takes nothing away:
        for as long as the old file is in sight, what it brought and is absent is put back.
        """
        for name, was, is_, taken in self._late.written():
            from tractatus_merge.instructions import rebase  # rarely needed

            try:
                before, late = (history_file.read(data, str(self.copy_path)) for data in (was, is_))
                seen, now = self.copy()
            except DocumentError:  # a writer is still at work: the next look
                continue
            late, _ = rounded_numbers.unrounded(before, late)
            known = {*now.records, *self.renames} if taken else set()
            names = rebase.late_ids(before, now, late, self.renames, self.tag)
            copy = rebase.with_late_writes(before, now, late, known, names)
            if copy != now and not (taken and copy.records == now.records):
                data = history_file.rewrite(seen, copy, str(self.copy_path))
                self._late.exchange(self.copy_path, data, seen)
            if not taken:
                added = {old: new for old, new in names.items() if old not in before.records}
                if added.items() - self.renames.items():
                    self.save(renames={**self.renames, **added})
                self._late.take(name, is_)

    def seal(self, base: Document, copy: Document, seal: str, state: Life) -> None:
        """Keep what the copy has otherwise than its base, for the merge that begins in a state."""
        kept = seals.to_bytes(seals.sealed(base, copy, self.facts.older))
        files.replace(self._sealed(seal), kept, settled=False)
        self.save(merging=SealedCopy(seal, self.base_version), state=state)

    def sealed(self, work: SealedCopy) -> Seal:
        """What a merge that was begun (`merging`) or done (one of `works`) brought."""
        path = self._sealed(work.seal)
        return seals.from_bytes(self._bytes(path), str(path))

    def _sealed(self, seal: str) -> Path:
        return self.folder / f"sealed-{seal}.json"

    def works(self) -> Sequence[Work]:
        """The publications whose texts are still kept here, oldest first."""
        last = self.facts.last
        return (*self.facts.earlier, *([last] if last else []))

    def replace_work(self, old: Work, new: Work) -> None:
        """Note something more of one of `works`."""
        last = new if self.facts.last == old else self.facts.last
        earlier = tuple(new if work == old else work for work in self.facts.earlier)
        self.save(last=last, earlier=earlier)

    def rebase(
        self, facts: Facts, base: bytes, copy: bytes, seen: bytes, event: Event | None = None
    ) -> None:
        """Give the session a new base and copy, in steps that `recover` can finish.

        `facts` are true when that is done, but for their base's digest and for the state, which is
        that after the event; `seen` is the copy as it was read.
        """
        facts = based(facts, base)
        last = after(self.id, self.state, event) if event else self.state
        if facts.base == self.facts.base and copy == seen:
            self._save(replace(facts, state=last))
            return
        new = facts.base.digest if copy is base else files.digest(copy)
        beside = self.folder / f"next-{new}.json"
        kept = base_file.keep(self.folder, facts.base, base)
        if copy is not base or not files.link(kept, beside):
            files.replace(beside, copy, settled=False)
        self.save(next=Rebasing(self._digest(seen), new, facts))
        self._finish(seen, copy, last)
        self._seen = None  # it is no longer what the copy says

    def recover(self) -> None:
        """Finish a re-basing that a crash cut off."""
        step = self.facts.next
        if step is None:
            return
        data = self._bytes(self.copy_path)
        now = files.digest(data)
        exchanged = now == step.copy or (now != step.seen and self._has_moved(data, step))
        if now == step.seen or exchanged:
            self._finish(None if exchanged else data)
        else:  # edited before the exchange: the old base is still the right one
            self.save(next=None)

    def _has_moved(self, data: bytes, step: Rebasing) -> bool:
        """Whether an edited copy was made from the new one, judged by its untouched records."""
        new = self._document(f"next-{step.copy}.json").records
        old = self.base().records
        now = history_file.read(data, str(self.copy_path)).records
        moved = [name for name in now if name in new and new[name].text != _text(old, name)]
        return any(now[name].text == new[name].text for name in moved)

    def _finish(
        self, seen: bytes | None, copy: bytes | None = None, state: Life | None = None
    ) -> None:
        """Do the rest of a re-basing, which leaves the session in that state, or the one it has.

        `seen`: what the copy says yet, `copy`: what it will say.
        """
        step = self.facts.next
        assert step is not None
        if seen is not None:
            new = copy or self._bytes(self.folder / f"next-{step.copy}.json")
            self._late.exchange(self.copy_path, new, seen)
        self._save(replace(step.after, state=state or self.state))
        self.take_late()
        self._tidy()

    def _tidy(self) -> None:
        """Remove files that no step names any more."""
        works = [
            work for work in (*self.works(), self.facts.merging) if isinstance(work, SealedCopy)
        ]
        keep = {self._sealed(work.seal).name for work in works}
        keep |= {self._base.name, base_file.index_path(self.folder, self.facts.base).name}
        for path in self.folder.glob("*-*.json"):
            if path.name.startswith(_STEPS) and path.name not in keep:
                path.unlink(missing_ok=True)


def based(facts: Facts, base: bytes) -> Facts:
    """Facts of a session whose new base file has these bytes."""
    return replace(facts, base=Base(facts.base.version, files.digest(base)), next=None)


def _hint(folder: Path, error: Exception) -> str:
    """What to type where a session's facts cannot be read: the name it gets is passed over."""
    if isinstance(error, OSError):
        return f"ls -ld {folder} {folder / 'session.json'}"
    return f"mv {folder} {folder.with_name(f'.{folder.name}.broken')}"


def _bytes(facts: Facts) -> bytes:
    return json_text.dump(facts.to_json()).encode()


def _text(records: Mapping[str, Any], name: str) -> str:
    return records[name].text if name in records else ""
