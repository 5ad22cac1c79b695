"""The view: the history file in the work tree, a rendering of the head for agents and scripts.

It is written only where that disturbs nothing, and only the changed records' bytes. What foreign
programs wrote into it is taken in first; a torn or invalid file is reported and left alone.
"""

from __future__ import annotations

import json
from typing import Any

from tractatus_merge import files, jsonl
from tractatus_merge.core.state import State
from tractatus_merge.documents import history
from tractatus_merge.documents.history import Document
from tractatus_merge.errors import DocumentError
from tractatus_merge.repository import Repository

_BUSY = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "rebase-merge",
    "rebase-apply",
    "index.lock",
)


class View:
    """The view of one worktree."""

    def __init__(self, repo: Repository) -> None:
        self.repo = repo
        self.path = repo.workspace.view
        self._notes = repo.workspace.view_notes

    def data(self) -> bytes | None:
        """The file's bytes, or None if there is no file."""
        if self.path.exists() and not self.path.is_file():
            why = "this is no plain file"
            raise DocumentError(str(self.path), None, why, hint=f"ls -ld {self.path}")
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            why = f"it cannot be read: {error.strerror}"
            raise DocumentError(str(self.path), None, why, hint=f"ls -l {self.path}") from None

    def _readable(self) -> bytes | None:
        """The file's bytes, or None if there is none that can be read."""
        try:
            return self.data()
        except DocumentError:
            return None

    def notes(self) -> dict[str, Any]:
        """What was last written here: its `digest`, `version`, `branch`; `known` foreign bytes."""
        return jsonl.load(self._notes.with_suffix(".json"))

    def note(self, **changes: Any) -> None:
        """Remember something of the above."""
        data = json.dumps({**self.notes(), **changes}).encode()
        files.replace(self._notes.with_suffix(".json"), data)

    def unchanged(self, data: bytes) -> bool:
        """Whether the bytes are what was last written here, or were looked through already."""
        notes = self.notes()
        return files.digest(data) in (notes.get("digest"), notes.get("known"))

    def apart(self) -> list[str]:
        """The records in the file that could not be taken in, for other clones published them."""
        return list(self.notes().get("apart") or ())

    def late(self) -> bytes | None:
        """What a program wrote into the file that the view has replaced since."""
        keep = self._notes.with_suffix(".late")
        if not keep.exists():
            return None
        data = keep.read_bytes()
        return data if data and files.digest(data) != self.notes().get("replaced") else None

    def forget_late(self) -> None:
        """The late writing was taken in."""
        self._notes.with_suffix(".late").unlink(missing_ok=True)

    def write(self, state: State, *, asked: bool = False) -> str | None:
        """Render the head into the file where that is fitting; returns why not, None if it did.

        `asked`: a person wants it written, wherever this is; still never over an unread edit.
        """
        document = self.repo.document(state)
        try:
            data = self.data()
            new = history.write(document)
            if data is not None:
                new = history.rewrite(data, document, str(self.path))
        except DocumentError as error:
            if asked:
                error.hint = f"mv {self.path} {self.path}.broken"
                raise
            return str(error)
        if new == data:
            self._wrote(new, state, document)
            return None
        refusal = self._refusal(exists=data is not None, asked=asked)
        if refusal is not None:
            return refusal
        keep = self._notes.with_suffix(".late")
        keep.parent.mkdir(parents=True, exist_ok=True)
        self.note(replaced=files.digest(data) if data is not None else "")
        self._wrote(new, state, document)
        files.exchange(self.path, new, keep)
        return None

    def _wrote(self, data: bytes, state: State, document: Document) -> None:
        header = history.header_value(document.header)
        notes = {"version": state.version, "header": header, "branch": self._branch()}
        self.note(digest=files.digest(data), taken={}, apart=[], **notes)

    def is_of_this_branch(self) -> bool:
        """Whether it was last written while the branch was checked out that is now."""
        return bool(self.notes().get("branch") == self._branch())

    def _branch(self) -> str:
        """The branch (or commit) that is checked out, as git keeps it."""
        return (self.repo.workspace.places.git_dir / "HEAD").read_text("utf-8").strip()

    def after_taking_in(self, state: State) -> None:
        """Show the head after foreign edits were merged, but leave a clean checkout clean."""
        data = self._readable()
        if data is not None and self.committed()[0] != data:
            self.write(state)

    def is_behind(self, state: State) -> bool:
        """Whether there is a file that can be read and shows another version than the head."""
        data = self._readable()
        if data is None or self.notes().get("digest") == files.digest(data):
            return data is not None and self.notes().get("version") != state.version
        try:
            return history.rewrite(data, self.repo.document(state), str(self.path)) != data
        except DocumentError:
            return False

    def catch_up(self, state: State) -> None:
        """Bring the view up to the head where that overwrites nothing and dirties no checkout.

        That is: as it was written here and is not committed, or looked through (`known`) and not
        tracked by git, or not there and ignored.
        """
        data, notes = self._readable(), self.notes()
        if data is None:  # a merge that stopped tracking the file has taken it away
            if not self.path.exists() and self.ignored():
                self.write(state)
            return
        if notes.get("version") == state.version:
            return
        name = files.digest(data)
        if name == notes.get("digest"):
            self.after_taking_in(state)
        elif name == notes.get("known") and not self.stages():
            self.write(state)

    def _refusal(self, *, exists: bool, asked: bool) -> str | None:
        workspace = self.repo.workspace
        busy = [name for name in _BUSY if (workspace.places.git_dir / name).exists()]
        if busy:
            return f"git is in the middle of something ({busy[0]})"
        if self.path.is_symlink():
            return "the file is a symbolic link"
        if asked or workspace.view_write == "always":
            return None
        return self._automatic_refusal(exists=exists)

    def _automatic_refusal(self, *, exists: bool) -> str | None:
        workspace = self.repo.workspace
        if workspace.view_write == "never":
            return "[view] write = never"
        if self.apart():
            names = ", ".join(self.apart()[:3])
            return f"another clone published {names} in it, which a sync brings"
        stages = self.stages()
        if stages - {0}:
            return "the file has a conflict in git's index"
        if stages and workspace.places.linked:
            return "the file is tracked, and this is a linked worktree"
        if not exists and (stages or not self.ignored()):
            return "there is no such file here, and git does not ignore it"
        return None

    def stages(self) -> set[int]:
        """The path's stages in git's index: none if it is untracked, {0} if it is tracked."""
        out = self.repo.store.git.in_worktree("ls-files", "--stage", "--", str(self.path)).out
        return {int(line.split(b"\t")[0].split()[2]) for line in out.split(b"\n") if line}

    def ignored(self) -> bool:
        """Whether git ignores the path."""
        git = self.repo.store.git
        return git.in_worktree("check-ignore", "-q", "--", str(self.path)).status == 0

    def committed(self) -> tuple[bytes | None, str]:
        """The bytes of the view in HEAD, and who committed them last; (None, "") if not there."""
        git, name = self.repo.store.git, self._name()
        found = git.in_worktree("cat-file", "blob", f"HEAD:{name}")
        if found.status != 0:
            return None, ""
        who = git.in_worktree("log", "-1", "--format=%an <%ae>", "HEAD", "--", name)
        return found.out, who.out.decode("utf-8", "replace").strip()

    def path_history(self) -> list[tuple[str, bytes]]:
        """(commit, content) of every commit, on any branch, that changed the path; newest first."""
        git = self.repo.store.git
        names = ("--format=%H", "--all", "--full-history", "--", self._name())
        commits = git.in_worktree("log", *names).out.decode().split()
        found = ((commit, git.read(f"{commit}:{self._name()}")) for commit in commits)
        return [(commit, item.content) for commit, item in found if item is not None]

    def reachable(self, commits: list[str]) -> set[str]:
        """Those commits and their ancestors, as far as they changed the path."""
        if not commits:
            return set()
        words = ("rev-list", "--full-history", *commits[:200], "--", self._name())
        return set(self.repo.store.git.in_worktree(*words).out.decode().split())

    def _name(self) -> str:
        top = self.repo.workspace.places.top
        return str(self.path.relative_to(top)) if top else self.path.name
