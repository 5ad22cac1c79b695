"""Every error of the program, on one page, with its exit code. Nothing here prints or decides.

An error keeps its fields, reads as a sentence, and names the next command to type (`hint`).
Not errors: a conflict, a lost race (the loop reads again), nothing to merge, an unknown key.
"""

from __future__ import annotations

from collections.abc import Sequence


class TractatusError(Exception):
    """What every error of this package is; `str()` is the sentence, `hint` the next command."""

    exit_code = 70

    def __init__(self, sentence: str, *, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class RequestError(TractatusError, ValueError):
    """The request cannot be met as it stands; nothing was changed."""

    exit_code = 2


class NotARepository(RequestError):
    """No git repository holds the folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(
            f"{folder} is not in a git repository, and the history is kept in one.",
            hint="go into your repository   (or make one here: git init; or keep the history in"
            " this folder, without git: tractatus-merge init --store file:)",
        )


class NotInitialised(RequestError):
    """The repository has no history yet on this line."""

    def __init__(self, line: str, remotes: Sequence[str] = ()) -> None:
        self.line, self.remotes = line, remotes
        where = f"{'in' if ':' in line else 'on the branch'} '{line}'"
        if remotes:
            super().__init__(
                f"this clone has no history {where} yet, and {remotes[0]} has it.",
                hint=f"tractatus-merge init   (takes it from {remotes[0]})",
            )
            return
        super().__init__(f"there is no history {where} yet.", hint="tractatus-merge init")


class ImportUnfinished(RequestError):
    """A past is being brought into the line, or that was cut short; `command` goes on with it."""

    def __init__(self, line: str, command: str) -> None:
        self.line = line
        super().__init__(
            f"the import into '{line}' is not finished: its history is not whole yet.",
            hint=f"{command or 'tractatus-merge import'}   (it goes on where it stopped)",
        )


class UnknownSession(RequestError):
    """No session answers to the name, or more than one does.

    `own`: the id of the agent's own session, which has no copy here; empty where nobody knows it.
    """

    def __init__(self, name: str | None, candidates: list[str], *, own: str | None = None) -> None:
        self.name, self.candidates, self.own = name, candidates, own
        if own is not None:
            named = f" ({own})" if own else ""
            start = "tractatus-merge start" + ("" if own else " --session YOUR-SESSION-ID")
            super().__init__(
                f"this agent's session{named} has no copy of the history here"
                " (its hooks did not run).",
                hint=f"{start}   (gives it one; then the same command again)",
            )
            return
        known = f"open here: {', '.join(candidates)}" if candidates else "none is open"
        what = f"no single session is named '{name}'" if name else "no session is named"
        hint = "tractatus-merge start" + (f" --id {name}" if name and not candidates else "")
        if candidates:
            hint = f"add to the command: --session {candidates[0]}"
        super().__init__(f"{what}; {known}.", hint=hint)


class TooDeep(RequestError):
    """What was asked for would nest objects and lists deeper than a record may."""

    def __init__(self, levels: int) -> None:
        self.levels = levels
        super().__init__(
            f"objects and lists would nest deeper than {levels} levels.",
            hint="nothing was written; keep what is inside as a text, or give a flatter value",
        )


class UnknownInstruction(RequestError):
    """No instruction has the id."""

    def __init__(self, instruction: str) -> None:
        self.instruction = instruction
        super().__init__(
            f"there is no instruction '{instruction}'.", hint="tractatus-merge list --all"
        )


class NotInCopy(RequestError):
    """The history has the instruction, and the session's copy was made before it was published."""

    def __init__(self, instruction: str, session: str) -> None:
        self.instruction, self.session = instruction, session
        super().__init__(
            f"'{instruction}' was published after the copy of session {session} was made.",
            hint=f"tractatus-merge refresh --session {session}   (takes it in; then again)",
        )


class UnknownConflict(RequestError):
    """No open conflict has the id, or more than one begins with it."""

    def __init__(self, conflict: str) -> None:
        self.conflict = conflict
        super().__init__(
            f"there is no single open conflict '{conflict}'.", hint="tractatus-merge conflicts"
        )


class UnknownResolution(RequestError):
    """No answer that stands has the id, or the place it settled is in conflict again."""

    def __init__(
        self, resolution: str, again: str | None = None, *, said_otherwise: bool = False
    ) -> None:
        self.resolution, self.again, self.said_otherwise = resolution, again, said_otherwise
        if said_otherwise:
            sentence = f"what {resolution} settled is no contradiction any more: one was edited."
            hint = "tractatus-merge edit ID --set active=true"
            super().__init__(sentence, hint=hint)
        elif again:
            sentence = f"what {resolution} settled is in conflict again: {again}."
            super().__init__(sentence, hint=f"tractatus-merge review {again}")
        else:
            sentence = f"no answer '{resolution}' stands that could be revoked."
            super().__init__(sentence, hint="tractatus-merge conflicts --settled")


class VersionGone(RequestError):
    """The history has the version no more, nor one that was made of it."""

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__(
            f"version {version[:12]} is not in the history any more.", hint="tractatus-merge log"
        )


class StaleAnswer(RequestError):
    """The conflict changed after the person looked at it."""

    def __init__(self, conflict: str) -> None:
        self.conflict = conflict
        super().__init__(
            f"conflict {conflict} has changed since it was read; the answer was not taken.",
            hint=f"tractatus-merge review {conflict}",
        )


class IllegalTransition(RequestError):
    """The life of a session does not allow the event in its state."""

    def __init__(self, session: str, state: str, event: str) -> None:
        self.session, self.state, self.event = session, state, event
        super().__init__(
            f"session {session} is {state}: '{event}' is not possible.",
            hint=f"tractatus-merge start --resume {session}",
        )


class AgentRefused(RequestError):
    """An agent asked for what only a person does (a guard rail, not security)."""

    def __init__(self, verb: str, line: str) -> None:
        self.verb = verb
        super().__init__(
            f"'{verb}' is a person's act, and this is an agent's environment. "
            "Give this line to a person:",
            hint=line,
        )


class DocumentError(TractatusError, ValueError):
    """A file cannot be read as what it should be; it was left as it is."""

    exit_code = 2

    def __init__(self, file: str, line: int | None, why: str, *, hint: str | None = None) -> None:
        self.file, self.line, self.why = file, line, why
        where = f"{file}:{line}" if line is not None else file
        super().__init__(f"{where}: {why}", hint=hint)


class StoreError(TractatusError, OSError):
    """The store cannot be reached, refused, or is damaged; nothing half-done is visible."""

    exit_code = 3


class Missing(StoreError):
    """The store answered that something is not there, or not whole.

    Any other StoreError is no answer: it says nothing of what the store holds.
    """


class StoreBusy(StoreError):
    """Another process held the store's lock for too long; the same command again goes on."""

    exit_code = 75


class ReadOnly(StoreError):
    """The git directory may not be written from here, as in an agent's sandbox."""

    def __init__(self, path: str, why: str) -> None:
        self.path, self.why = path, why
        git = f"{path.partition('/.git/')[0]}/.git" if "/.git/" in path else path
        super().__init__(
            f"{path}: {why}. A sandbox that keeps the git directory read-only forbids it.",
            hint="let the sandbox write there (Codex: in config.toml, [sandbox_workspace_write]"
            f' writable_roots = ["{git}"]), or use the tools of `tractatus-merge mcp`, which run'
            " outside it",
        )


class NotPrinted(TractatusError):
    """Standard output cannot be written; what the verb did before it told of it stays done."""

    exit_code = 3

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"standard output cannot be written: {why}.",
            hint="tractatus-merge status   (what was done stays done)",
        )


class NewerNeeded(TractatusError):
    """Only a later version of the program can do it; nothing was written."""

    exit_code = 3

    def __init__(self, sentence: str, version: str | None) -> None:
        self.version = version
        wanted = f"'tractatus-merge>={version}'" if version else "tractatus-merge"
        newer = f"version {version} or a newer one" if version else "a newer version"
        super().__init__(f"{sentence}; install {newer}.", hint=f"pip install --upgrade {wanted}")


class HistoryMoved(NewerNeeded):
    """The history was moved to another store; in this one nothing is written any more."""

    def __init__(self, source: str, target: str) -> None:
        from shlex import quote  # it moves once in a while

        self.source, self.target, self.version = source, target, None
        TractatusError.__init__(
            self,
            f"the history has moved from {source} to {target}; nothing is written here any more.",
            hint=f"tractatus-merge migrate {quote(source)} {quote(target)}   (takes this clone and"
            " its sessions there)",
        )


class DamagedFormat(TractatusError):
    """Nobody can tell what the history asks of programs, so none may read it."""

    exit_code = 3

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"document/format: {why}; it says who may read this history, so nothing was read.",
            hint="git log -p --all -- document/format.json   (who wrote it; without git: a backup)",
        )


class RemoteError(TractatusError, OSError):
    """A remote cannot be reached, or refuses; nothing is lost, and the next sync catches up."""

    exit_code = 3

    def __init__(self, remote: str, why: str, *, hint: str) -> None:
        self.remote, self.why = remote, why
        super().__init__(f"{remote}: {why}", hint=hint)


class ContentionError(TractatusError, TimeoutError):
    """Others were faster for too long; nothing is lost, the same command again goes on."""

    exit_code = 75
