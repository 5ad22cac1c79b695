"""The gate: what stops a commit, and what is only said. It looks, and writes nothing.

Judged are the index, a commit, or what would land, each beside its parents. A commit that stages
nothing that governs is never stopped by what other sessions do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from shlex import quote

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.errors import DocumentError, RequestError, StoreError
from tractatus_merge.git.access import git_of
from tractatus_merge.git.gate.concerns import concerns
from tractatus_merge.git.gate.wholeness import (
    WARNING,
    Fault,
    Records,
    by_hand,
    malformed,
    misnamed,
    missing,
    outdated,
    records_of,
    unreadable,
)
from tractatus_merge.git.governed_files import STATE
from tractatus_merge.git.snapshots import Snapshot, Snapshots
from tractatus_merge.repository import settings
from tractatus_merge.repository.line import Repository
from tractatus_merge.system import jsonl
from tractatus_merge.value import replace
from tractatus_merge.view.file import View

_INSTEAD = "tractatus-merge check --all   (looks through the history itself)"
Content = Callable[[str], bytes | None]


class Shown(Mapping[str, Record]):
    """The instructions of a version, each read when it is looked at."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __iter__(self) -> Iterator[str]:
        return iter(self._state.names(INSTRUCTIONS))

    def __len__(self) -> int:
        return len(self._state.names(INSTRUCTIONS))

    def __getitem__(self, name: str) -> Record:
        record = self._state.record(name)
        if record is None:
            raise KeyError(name)
        return record

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (INSTRUCTIONS, name) in self._state


class Gate:
    """The check of one repository, as seen from one worktree."""

    def __init__(self, repo: Repository) -> None:
        self.repo = repo
        self.snapshots = Snapshots(git_of(repo, _INSTEAD), repo.environment)
        version = repo.store.head()
        self.head: State | None = repo.head() if version else None

    def staged(self, named: Sequence[str] = ()) -> list[Fault]:
        """What the next commit would hold; files that are named, though nothing of them changes."""
        snapshot = self.snapshots.staged()
        faults = [*self._judged(snapshot, self._of(snapshot), published=True)]
        if named:
            others = [path for path in named if path not in snapshot.changed]
            standing = self.snapshots.standing(others)
            faults += self._judged(standing, self._of(standing))
        return [*faults, *concerns(self.repo, self.head, snapshot)]

    def everything(self) -> list[Fault]:
        """All governed files as they stand, and what the last commit made of them."""
        snapshot = self.snapshots.standing()
        faults = [*self._judged(snapshot, self._of(snapshot))]
        if snapshot.parents and not self.snapshots.is_cut("HEAD"):
            known = {(fault.code, fault.file) for fault in faults}
            commit = self.snapshots.commit("HEAD")
            made = self._judged(commit, self._of(commit))
            faults += [fault for fault in made if (fault.code, fault.file) not in known]
        return faults

    def commit(self, name: str) -> list[Fault]:
        """What a commit holds, beside its parents: also a landed one, after a push."""
        snapshot = self.snapshots.commit(name)
        faults = [*self._judged(snapshot, self._of(snapshot))]
        self._must_have_head(snapshot)
        return faults

    def landing(self, base: str, head: str) -> list[Fault]:
        """What a forge would make of `head` on `base`, and the merges on the way there."""
        snapshot, contents, clashes = self.snapshots.landing(base, head)
        faults = []
        for path in clashes:
            why = f"{path} was changed on both sides, and a forge cannot merge it by lines"
            fix = f"git merge {quote(base)}   # with the merge driver: tractatus-merge install"
            faults.append(Fault("clash", why, fix, path, severity=WARNING))
        faults += self._judged(snapshot, contents.get, only=contents.keys() - set(clashes))
        alone = replace(snapshot, name=head, parents=snapshot.parents[:1])
        faults += self._judged(alone, contents.get, only=set(clashes))
        known = {(fault.file, fault.instruction) for fault in faults}
        for merge in self.snapshots.merges(base, head):
            for fault in self._judged(merge, self._of(merge)):
                new = fault.code == "lost" and (fault.file, fault.instruction) not in known
                faults += [fault] if new and self._is_missing(fault, contents, head) else []
        self._must_have_head(snapshot)
        return faults

    def _of(self, snapshot: Snapshot) -> Content:
        def content(path: str) -> bytes | None:
            oid = snapshot.changed[path]
            return self.snapshots.content(oid) if oid else None

        return content

    def _is_missing(self, fault: Fault, contents: Mapping[str, bytes | None], head: str) -> bool:
        """Whether what a merge lost has not come back in what would land."""
        data = contents.get(fault.file) or self.snapshots.content(f"{head}:{fault.file}")
        found = records_of(data or b"", fault.file)
        return isinstance(found, Fault) or fault.instruction not in found

    def _judged(
        self,
        snapshot: Snapshot,
        content: Content,
        *,
        published: bool = False,
        only: set[str] | None = None,
    ) -> Iterator[Fault]:
        for path in snapshot.changed if only is None else only:
            data, name = content(path), PurePosixPath(path).name
            in_state = PurePosixPath(path).parent.name == ".claude"
            if in_state and name == settings.VIEW:
                yield from self._history(snapshot, path, content, published=published)
            elif data is None:
                continue
            elif in_state and name in STATE:
                yield from self._state_file(snapshot, path, data)
            elif ".claude/sessions/" in f"/{path}":
                fix = f"git rm --cached -f -- {_place(path)}"
                yield Fault("session-file", f"{path} belongs to one session alone", fix, path)
            else:
                yield from self._document(path, data)

    def _history(
        self, snapshot: Snapshot, path: str, content: Content, *, published: bool
    ) -> Iterator[Fault]:
        data = content(path)
        if data is None:
            if self.head is None and not self._is_moved(snapshot, path, content):
                why = f"{path} is deleted, and no branch holds the instructions"
                fix = f"git restore --source={_named(snapshot)} --staged --worktree -- "
                yield Fault("deleted", why, fix + _place(path), path)
            return
        before: list[Records] = []
        for parent in snapshot.parents:
            there = records_of(self.snapshots.content(f"{parent}:{path}") or b"", path)
            before += [] if isinstance(there, Fault) else [there]
        texts = {record.text for there in before for record in there.values()}
        found = records_of(data, path, texts)
        if isinstance(found, Fault):
            yield found
            return
        own = published and path == self.repo.workspace.view_name
        before += [self._shown()] if own else []
        yield from self._lost(snapshot, path, found, before)
        for name, known in outdated(found, before):
            why = (
                f"{name} goes back to an earlier version "
                f"({found[name].vector} before {known.vector})"
            )
            line = _line(data, name)
            yield Fault("backwards", why, self._restore(path, name), path, line, instruction=name)
        for name, breach in malformed(found, before):
            line = _line(data, name)
            fix = by_hand(path, line)
            yield Fault("schema", f"{name}: {breach}", fix, path, line, instruction=name)
        for name, slip in misnamed(found, before):
            line = _line(data, name)
            why, fix = f"{name}: {slip}", by_hand(path, line)
            yield Fault("schema", why, fix, path, line, WARNING, name)

    def _is_moved(self, snapshot: Snapshot, path: str, content: Content) -> bool:
        """Whether all instructions of a file that is gone stand in other files of the snapshot."""
        gone, there = set[str](), set[str]()
        for parent in snapshot.parents:
            before = records_of(self.snapshots.content(f"{parent}:{path}") or b"", path)
            gone |= set() if isinstance(before, Fault) else before.keys()
        for other in snapshot.changed:
            if PurePosixPath(other).name == settings.VIEW:
                found = records_of(content(other) or b"", other)
                there |= set() if isinstance(found, Fault) else found.keys()
        return gone <= there

    def _lost(
        self, snapshot: Snapshot, path: str, there: Records, before: list[Records]
    ) -> Iterator[Fault]:
        for name in missing(there, before):
            record = next(records[name] for records in before if name in records)
            who = self._writer(name, record) or self.snapshots.added_by(
                path, json.dumps(name), snapshot.parents
            )
            by = f", which {who} added," if who else ""
            why = f"{name}{by} is missing in {snapshot.name}: an instruction is never deleted"
            yield Fault("lost", why, self._restore(path, name), path, instruction=name)

    def _writer(self, name: str, record: Record) -> str:
        """Who published the instruction first, as the history knows it."""
        if self.head is None or (INSTRUCTIONS, name) not in self.head:
            return ""
        writers = summaries.blame(self.head, name, record.vector, (), record.content)
        first = min(writers, key=lambda writer: writer.at, default=None)
        return f"{first.author.removesuffix(' <>')} in session {first.session}" if first else ""

    def _restore(self, path: str, name: str) -> str:
        """The command that brings an instruction back."""
        if (
            path == self.repo.workspace.view_name
            and self.head
            and (INSTRUCTIONS, name) in self.head
        ):
            return f"tractatus-merge view --write && git add -- {_place(path)}"
        file = "" if path == self.repo.workspace.view_name else f"{quote(path)} "
        audit = f"tractatus-merge audit {file}--restore {quote(name)}"
        return f"{audit} && git add -- {_place(path)}"

    def _shown(self) -> Records:
        """What this worktree's view showed when it was last written here, on this branch."""
        view = View(self.repo)
        version = view.notes.version if view.is_of_this_branch() else None
        if self.head is None or not version or not self.repo.store.has(version):
            return {}
        return Shown(self.repo.store.load(version))

    def _state_file(self, snapshot: Snapshot, path: str, data: bytes) -> Iterator[Fault]:
        """One session's state, committed: new, or with the id that the last commit had."""
        fix = f"git rm --cached -f -- {_place(path)}    # and a line for it in .gitignore"
        before = [self.snapshots.content(f"{parent}:{path}") for parent in snapshot.parents]
        if not any(before):
            yield Fault("session-file", f"{path} belongs to one session alone", fix, path)
            return
        name = _session_id(data)
        if name and any(_session_id(text) == name for text in before if text):
            why = f"every session that starts from {path} has the id {name}"
            yield Fault("shared-session-id", why, fix, path, severity=WARNING)

    def _document(self, path: str, data: bytes) -> Iterator[Fault]:
        from tractatus_merge.anyfile import merge  # rarely needed
        from tractatus_merge.anyfile.tables import Table

        top = self.repo.workspace.top
        found = settings.rules_of(top / path)
        try:
            table = Table.written(found[1] if found else {})
            merge.check_file(data, path, table)
        except DocumentError as error:
            yield unreadable(error)
        except RequestError as error:
            fix = error.hint or "docs/reference/rules.md"
            yield Fault("settings", error.sentence, fix, found[0] if found else path)

    def _must_have_head(self, snapshot: Snapshot) -> None:
        """StoreError where stamped instructions are judged and their branch is not here.

        Of a history that is not kept in git no clone is expected to have it.
        """
        branch = self.repo.workspace.branch
        if self.head is None and not self.repo.workspace.url:
            for path in snapshot.changed:
                for parent in snapshot.parents:
                    text = self.snapshots.content(f"{parent}:{path}") or b""
                    if b'"version_vector"' in text:
                        raise StoreError(
                            f"the branch '{branch}' is not here, and {path} is written from it.",
                            hint=f"git fetch origin {branch}:{branch}",
                        )


def _place(path: str) -> str:
    """A path for git, whatever the folder the command is typed in."""
    return quote(f":/{path}")


def _named(snapshot: Snapshot) -> str:
    """The first parent, as people type it."""
    return snapshot.parents[0][:10] if snapshot.parents else "HEAD"


def _session_id(data: bytes) -> str:
    return str((jsonl.parse(data) or {}).get("session_id") or "")


def _line(data: bytes, name: str) -> int | None:
    at = data.find(json.dumps(name, ensure_ascii=False).encode())
    return data.count(b"\n", 0, at) + 1 if at >= 0 else None
