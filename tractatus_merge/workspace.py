"""Where everything is: the repository, the `.claude` folder, the line, the settings.

Nothing is read from the history here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tractatus_merge.errors import DocumentError, RequestError
from tractatus_merge.settings import SETTINGS, VIEW, settings
from tractatus_merge.stores.git import DEFAULT_BRANCH
from tractatus_merge.stores.plumbing import Places, Plumbing, discover

_BRANCH = re.compile(r"(?!.*(\.\.|//|\.lock$|/$))[A-Za-z0-9_][A-Za-z0-9._/-]*")
_AGENTS = (
    "CLAUDECODE",
    "CLAUDE_CODE_SESSION_ID",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "CODEX_SANDBOX",
    "AI_AGENT",
)


@dataclass(frozen=True)
class Workspace:
    """One worktree's place in a repository, and the line of governance it follows."""

    places: Places
    claude: Path
    branch: str = DEFAULT_BRANCH
    view_write: str = "auto"
    agents_may_resolve: bool = False
    block: str = "WARNING"
    budget: int = 0
    publish_metrics: bool = False

    @property
    def view(self) -> Path:
        """The file in the working tree that agents and scripts read."""
        return self.claude / VIEW

    @property
    def view_name(self) -> str:
        """The view's path from the top of the work tree, as git writes it."""
        return self.view.relative_to(self.places.top or self.claude).as_posix()

    @property
    def state(self) -> Path:
        """The folder in the git directory that all worktrees share."""
        return self.places.common_dir / "tractatus"

    @property
    def sessions(self) -> Path:
        """Where live sessions have their folders."""
        return self.state / "sessions"

    @property
    def queue(self) -> Path:
        """The lock file of the courtesy queue of this line."""
        return self.state / f"queue-{quote(self.branch, safe='')}.lock"

    @property
    def view_notes(self) -> Path:
        """Where this worktree remembers what it last wrote as its view."""
        name = quote(str(self.claude.relative_to(self.places.top or self.claude.parent)), safe="")
        return self.places.git_dir / "tractatus" / f"view-{name}"

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
        return path.read_text().strip()


def find(folder: Path) -> Workspace:
    """The workspace a folder is in; NotARepository, or DocumentError for settings that are none."""
    places = discover(folder)
    if places.top is None:
        raise RequestError(
            f"{folder} is not in a work tree.", hint="git worktree add ../work   (then go there)"
        )
    claude = _claude(folder.resolve(), places.top)
    said = settings(claude / SETTINGS)
    if not said and claude.parent != places.top:
        said = settings(places.top / ".claude" / SETTINGS)
    store, view, policy, check, metrics, publish = (
        said.get(name, {}) for name in ("store", "view", "policy", "check", "metrics", "publish")
    )
    branch = str(store.get("branch", DEFAULT_BRANCH))
    if not _BRANCH.fullmatch(branch):
        why = f"[store] branch = {branch!r} is no branch name"
        raise DocumentError(str(claude / SETTINGS), None, why, hint='branch = "tractatus/history"')
    return Workspace(
        places,
        claude,
        branch,
        str(view.get("write", "auto")),
        bool(policy.get("agents_may_resolve", False)),
        str(check.get("block", "WARNING")),
        int(str(metrics.get("budget", 0))),
        bool(publish.get("metrics", False)),
    )


def _claude(folder: Path, top: Path) -> Path:
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


def author(environment: Mapping[str, str], git: Plumbing) -> str:
    """Who acts: `name <mail>` as git would write it, else the login name."""
    settings = git.run("config", "--get-regexp", r"^user\.(name|email)$").out
    lines = settings.decode("utf-8", "replace").splitlines()
    known = dict(line.split(" ", 1) for line in lines if " " in line)
    name = environment.get("GIT_AUTHOR_NAME") or known.get("user.name")
    mail = environment.get("GIT_AUTHOR_EMAIL") or known.get("user.email", "")
    name = name or environment.get("USER") or environment.get("LOGNAME") or "unknown"
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in "<>")
    return f"{clean.strip() or 'unknown'} <{mail.strip('<> ')}>"
