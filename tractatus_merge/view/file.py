"""The view: the history file in the work tree, a rendering of the head for agents and scripts.

It is written only where that disturbs nothing, and only the changed records' bytes. What foreign
programs wrote into it is taken in first; a torn or invalid file is reported and left alone.
"""

from __future__ import annotations

from typing import Any

from tractatus_merge.core.model.state import State
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.late_writes import Late
from tractatus_merge.system import files, plain_file
from tractatus_merge.value import replace
from tractatus_merge.view.notes import ViewNotes


def expect_write(repo: Repository) -> None:
    """Have git look for what a `View.write` asks of it, beside what is done until then."""
    if repo.workspace.view_write == "auto":
        repo.checkout.expect_tracking(repo.workspace.view)


class View:
    """The view of one worktree. Its notes are read once."""

    def __init__(self, repo: Repository) -> None:
        self.repo = repo
        self.path = repo.workspace.view
        self.checkout = repo.checkout
        self.late = Late(repo.workspace.view_notes.with_suffix(".replaced"))
        self.notes = ViewNotes.read(repo.workspace.view_notes)

    def data(self) -> bytes | None:
        """The file's bytes, or None if there is no file."""
        if self.path.exists() and not self.path.is_file():
            why = "this is no plain file"
            raise DocumentError(str(self.path), None, why, hint=f"ls -ld {self.path}")
        try:
            return plain_file.read(self.path)
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

    def note(self, *, settled: bool = True, **changes: Any) -> None:
        """Remember something more of the view: fields of its notes; `settled` as in `replace`."""
        now = ViewNotes.read(self.repo.workspace.view_notes)  # others look at this view as well
        self.notes = replace(now, **changes)
        self.notes.write(self.repo.workspace.view_notes, settled=settled)

    def unchanged(self, data: bytes) -> bool:
        """Whether the bytes are what was last written here, or were looked through already."""
        return files.digest(data) in (self.notes.digest, self.notes.known)

    def is_unchanged(self) -> bool:
        """The same of what the file holds; False where it cannot be read."""
        try:
            return files.digest_of(self.path) in (self.notes.digest, self.notes.known)
        except OSError:
            return False

    def write(self, state: State, *, asked: bool = False) -> str | None:
        """Render the head into the file where that is fitting; returns why not, None if it did.

        `asked`: a person wants it written, wherever this is. Never over an edit that was not taken
        in: whoever writes looks with `foreign_edits.take_in` first.
        """
        document = self.repo.document(state)
        try:
            data = self.data()
            if data is None:
                new = history_file.write(document)
            else:
                new = history_file.rewrite(data, document, str(self.path))
        except DocumentError as error:
            if asked:
                error.hint = f"mv {self.path} {self.path}.broken"
                raise
            return str(error)
        if new == data:
            self._wrote(new, state, document)
            return None
        if data is not None and not self.unchanged(data):
            return "another program has changed the file, which the next command takes in"
        refusal = self._refusal(exists=data is not None, asked=asked)
        if refusal is not None:
            return refusal
        before = self.notes
        self._wrote(new, state, document)
        try:
            self.late.exchange(self.path, new, data or b"")
        except OSError as error:
            self.notes = before
            self.notes.write(self.repo.workspace.view_notes)
            if asked:
                raise
            return f"{error.filename}: {error.strerror}"
        return None

    def _wrote(self, data: bytes, state: State, document: Document) -> None:
        """Note what the file is to say; where a loss of power takes that, it is looked through."""
        self.note(
            settled=False,
            digest=files.digest(data),
            version=state.version,
            header=history_file.header_value(document.header),
            branch=self.checkout.branch(),
            taken={},
            apart=(),
        )

    def is_of_this_branch(self) -> bool:
        """Whether it was last written while the branch was checked out that is now."""
        return self.notes.branch == self.checkout.branch()

    def after_taking_in(self, state: State) -> None:
        """Show the head after foreign edits were merged, but leave a clean checkout clean."""
        data = self._readable()
        if data is not None and self.checkout.committed(self.path)[0] != data:
            self.write(state)

    def is_behind(self, state: State) -> bool:
        """Whether there is a file that can be read and shows another version than the head."""
        data = self._readable()
        if data is None or self.notes.digest == files.digest(data):
            return data is not None and self.notes.version != state.version
        try:
            return history_file.rewrite(data, self.repo.document(state), str(self.path)) != data
        except DocumentError:
            return False

    def catch_up(self, state: State) -> None:
        """Bring the view up to the head where that overwrites nothing and dirties no checkout.

        That is: as it was written here and is not committed, or looked through (`known`) and not
        tracked by git, or not there and ignored.
        """
        if not self.path.exists():  # a merge that stopped tracking the file has taken it away
            if self.checkout.ignored(self.path):
                self.write(state)
            return
        data = None if self.notes.version == state.version else self._readable()
        if data is None:
            return
        name = files.digest(data)
        if name == self.notes.digest:
            self.after_taking_in(state)
        elif name == self.notes.known and not self.checkout.tracking(self.path).tracked:
            self.write(state)

    def _refusal(self, *, exists: bool, asked: bool) -> str | None:
        """Why the file must not be written now; None where it may be."""
        busy = self.checkout.busy()
        if busy is not None and (not asked or busy.endswith(".lock")):
            return f"git is in the middle of something ({busy})"
        if busy is not None and self.checkout.tracking(self.path).conflicted:
            return "the file has a conflict in git's index (git mergetool -t tractatus settles it)"
        if self.path.is_symlink():
            return "the file is a symbolic link"
        if asked or self.repo.workspace.view_write == "always":
            return None
        return self._automatic_refusal(exists=exists)

    def _automatic_refusal(self, *, exists: bool) -> str | None:
        """Why nobody would want it written unasked; None where it may be."""
        if self.repo.workspace.view_write == "never":
            return "[view] write = never"
        if self.notes.apart:
            names = ", ".join(self.notes.apart[:3])
            return f"another clone published {names} in it, which a sync brings"
        tracking = self.checkout.tracking(self.path)
        if tracking.conflicted:
            return "the file has a conflict in git's index"
        if tracking.tracked and self.checkout.linked:
            return "the file is tracked, and this is a linked worktree"
        if not exists and (tracking.tracked or not self.checkout.ignored(self.path)):
            return "there is no such file here, and git does not ignore it"
        return None
