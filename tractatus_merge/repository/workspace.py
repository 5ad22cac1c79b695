"""Where everything of one worktree is, and its settings. Nothing is read from the history here."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from tractatus_merge.repository.settings import (
    DEFAULT_BRANCH,
    DEFAULT_LOCK,
    SETTINGS,
    VIEW,
    settings,
    unknown,
)
from tractatus_merge.system import files, plain_file
from tractatus_merge.value import Value

SESSION_IDS = {
    "CLAUDE_CODE_SESSION_ID": "claude-code",
    "CODEX_THREAD_ID": "codex",
    "CODEX_SESSION_ID": "codex",
    "GEMINI_SESSION_ID": "gemini-cli",
}
"""The variables in which agents name their session, and what kind of agent each is."""
_AGENTS = {
    **SESSION_IDS,
    "CLAUDECODE": "claude-code",
    "GEMINI_CLI": "gemini-cli",
    "CODEX_SANDBOX": "codex",
    "CURSOR_AGENT": "cursor",
    "AI_AGENT": "",
}
"""The variables by which an agent's environment is seen, and its kind where that is known."""
_LONGEST = 200
"""Characters of a line's name that stand in the name of a file; no disk takes more than 255."""


class Workspace(Value):
    """One worktree's place, and the line of governance it follows. All paths are absolute.

    `top` is the root of the work tree, `claude` its `.claude` folder. `state` is the folder that
    all worktrees share, `sessions` where live sessions have their folders, and `own` the folder of
    this worktree alone. `url` says where the history is kept if that is no branch of git, `lock`
    for what writers line up, `notify` what is run when conflicts are new; `unknown` are the
    settings that this program does not know.
    """

    top: Path
    claude: Path
    state: Path
    sessions: Path
    own: Path
    branch: str = DEFAULT_BRANCH
    view_write: str = "auto"
    agents_may_resolve: bool = False
    block: str = "WARNING"
    budget: int = 0
    publish_metrics: bool = False
    url: str = ""
    lock: str = DEFAULT_LOCK
    notify: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def read(cls, top: Path, claude: Path, *, state: Path, sessions: Path, own: Path) -> Workspace:
        """With the settings of `claude`, else of the top; DocumentError where they are none."""
        said = settings(claude / SETTINGS)
        if not said and claude.parent != top:
            said = settings(top / ".claude" / SETTINGS)
        store, view, policy, check, metrics, publish, notify = (
            said.get(name, {})
            for name in ("store", "view", "policy", "check", "metrics", "publish", "notify")
        )
        command = notify.get("command", ())
        assert isinstance(command, Sequence)
        return cls(
            top,
            claude,
            state,
            sessions,
            own,
            branch=str(store.get("branch", DEFAULT_BRANCH)),
            view_write=str(view.get("write", "auto")),
            agents_may_resolve=bool(policy.get("agents_may_resolve", False)),
            block=str(check.get("block", "WARNING")),
            budget=int(str(metrics.get("budget", 0))),
            publish_metrics=bool(publish.get("metrics", False)),
            url=str(store.get("url", "")),
            lock=str(store.get("lock", DEFAULT_LOCK)),
            notify=tuple(map(str, command)),
            unknown=tuple(unknown(said)),
        )

    @classmethod
    def plain(cls, top: Path, place: Path | None = None, main: Path | None = None) -> Workspace:
        """One whose history is not kept in git: all is in a `.claude` folder, as the seed has it.

        That is in `place`, by default the top; `main` is the same folder in the main worktree,
        which has what all worktrees share.
        """
        place = place or top
        shared = (main or place) / ".claude"
        state = own = shared / "tractatus"
        if main not in (None, place):
            own = state / f"worktree-{files.digest(os.fsencode(top))}"
        sessions = shared / "sessions"
        return cls.read(top, place / ".claude", state=state, sessions=sessions, own=own)

    @property
    def line(self) -> str:
        """What the line of governance is called: its branch, or the URL of its store."""
        return self.url or self.branch

    @property
    def store(self) -> str:
        """The URL of the store, as commands take it."""
        return self.url or f"git:{self.branch}"

    @property
    def view(self) -> Path:
        """The file in the working tree that agents and scripts read."""
        return self.claude / VIEW

    @property
    def view_name(self) -> str:
        """The view's path from the top of the work tree, with slashes."""
        return self.view.relative_to(self.top).as_posix()

    @property
    def queue(self) -> Path:
        """The lock file of the courtesy queue of this line."""
        return self.state / f"queue-{self._file_name}.lock"

    @property
    def _file_name(self) -> str:
        """The line's name as part of a file's name: the URL of a server may name many hosts."""
        name = quote(self.line, safe="")
        if len(name) <= _LONGEST:
            return name
        return files.digest(self.line.encode("utf-8", "surrogatepass"))

    @property
    def importing(self) -> Path:
        """A file that is there while a past is brought in: the history is not whole yet.

        In it is the command that goes on with it; nothing for `import`.
        """
        return self.state / f"importing-{self._file_name}"

    @property
    def adopted(self) -> Path:
        """A file with the time at which this clone began the line."""
        return self.state / f"adopted-{self._file_name}"

    @property
    def view_notes(self) -> Path:
        """Where this worktree remembers what it last wrote as its view."""
        folder = self.claude.parent.relative_to(self.top).as_posix()
        name = "" if folder == "." else quote(f"{folder}/", safe="")
        return self.own / f"view-{name}.json"

    def clone_id(self) -> str:
        """A random name of this clone, made once."""
        path = self.state / "clone-id"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            staged = path.with_name(f".clone-id.{os.urandom(8).hex()}")
            staged.write_text(os.urandom(16).hex())
            try:
                os.link(staged, path)  # the first one stays, also if two make it at once
            except FileExistsError:
                pass
            finally:
                staged.unlink()
        return plain_file.read_text(path).strip()


def nearest_claude(folder: Path, top: Path) -> Path:
    """The nearest `.claude` that has settings or a history, from the folder up to the top."""
    while True:
        claude = folder / ".claude"
        if folder == top or top not in folder.parents:
            return top / ".claude"
        if (claude / SETTINGS).is_file() or (claude / VIEW).is_file():
            return claude
        folder = folder.parent


def is_agent(environment: Mapping[str, str]) -> bool:
    """Whether an agent's environment is seen (a guard rail, not security)."""
    return any(environment.get(name) for name in _AGENTS)


def agent_name(environment: Mapping[str, str], session: str = "") -> str:
    """What kind of agent's environment this is: one that names the session, else the first seen.

    Nothing where none is seen: an agent may have started another one, and both have left signs.
    """
    signs = [(environment[name], kind) for name, kind in _AGENTS.items() if environment.get(name)]
    naming = (kind for value, kind in signs if value == session)
    return next(naming, None) or next((kind for _, kind in signs if kind), "")


def is_walled(error: OSError, environment: Mapping[str, str]) -> bool:
    """Whether what failed is a write that a sandbox forbids: a read-only disk, else by an agent."""
    if error.filename is None:
        return False
    forbidden = (errno.EACCES, errno.EPERM)
    return error.errno == errno.EROFS or (error.errno in forbidden and is_agent(environment))


def author(environment: Mapping[str, str], name: str, mail: str) -> str:
    """Who acts: `name <mail>`, or the login name where no name is given."""
    name = name or environment.get("USER") or environment.get("LOGNAME") or "unknown"
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in "<>")
    return f"{clean.strip() or 'unknown'} <{mail.strip('<> ')}>"
