"""The verb that moves a history, whole, to another store, or to the newest layout of its own."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote

import click

from tractatus_merge.cli.common import closing, take_in
from tractatus_merge.cli.terminal.arguments import json_option
from tractatus_merge.cli.terminal.output import emit, progress, talk
from tractatus_merge.core.model.needs import moved
from tractatus_merge.errors import RequestError
from tractatus_merge.factory import adoptable, at, make_room, open_repository
from tractatus_merge.git import relayout
from tractatus_merge.git.access import is_in_git
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.moving import Moved, move
from tractatus_merge.repository.settings import DEFAULT_BRANCH, SETTINGS, settings
from tractatus_merge.repository.settings_text import with_store
from tractatus_merge.sessions import moving
from tractatus_merge.stores.base import Remotes
from tractatus_merge.system import files, plain_file
from tractatus_merge.system.clock import now


@click.command()
@click.argument("source", metavar="FROM", required=False)
@click.argument("target", metavar="TO", required=False)
@click.option("--layout", is_flag=True, help="Instead: lay out an older branch as new ones are.")
@json_option
@click.pass_obj
def migrate(
    folder: str | None, *, source: str | None, target: str | None, layout: bool, as_json: bool
) -> None:
    """Move the history to another store: git:BRANCH, file:, sqlite:, postgresql: or mongodb:.

    Every version is copied and read back; then the old store is frozen, and tells where the history
    went. Stopped half-way, it goes on when it is run again. Run in another clone or worktree, it
    takes that one, with its sessions, to the new store.

    With --layout, and neither FROM nor TO, a branch that an older version of this program began is
    written once more in the layout of today. Nothing of it changes; open sessions go on.
    """
    place = Path(folder or ".")
    if layout and source is None:
        _turn(place, as_json=as_json)
        return
    if layout or source is None or target is None:
        why = "name FROM and TO, or --layout alone."
        raise RequestError(why, hint="tractatus-merge migrate --help")
    command = f"tractatus-merge migrate {quote(source)} {quote(target)}"
    old = at(place, source)
    with closing(old):
        new = at(place, target)
        with closing(new):
            done, sessions = _move(old, new, command)
            _tell(old, new, (done, sessions), as_json=as_json)


def _turn(place: Path, *, as_json: bool) -> None:
    repo = open_repository(place)
    with closing(repo):
        done = relayout.turn(repo)
        lines = [f"{repo.workspace.line} has the newest layout already"]
        if done.now:
            lines = [
                f"{repo.workspace.line} has the newest layout now, at {done.head[:12]}",
                "elsewhere it takes this version of the program, or a newer one:",
                f"  {relayout.UPGRADE}",
            ]
            lines += [f"tell other clones: tractatus-merge sync {name}" for name in _remotes(repo)]
        emit(lines, {"head": done.head, "turned": done.now}, as_json=as_json)


def _remotes(repo: Repository) -> list[str]:
    """The remotes that have the line's branch."""
    remotes = repo.store.remotes() if isinstance(repo.store, Remotes) else []
    return sorted({ref.split("/")[2] for ref, _ in remotes})


def _move(old: Repository, new: Repository, command: str) -> tuple[Moved, list[str]]:
    if old.workspace.store == new.workspace.store:
        raise RequestError("FROM and TO are one store.", hint="tractatus-merge migrate --help")
    remote = adoptable(new)
    if remote is not None:
        why = f"{remote[0]} has a history already: nothing was written."
        raise RequestError(why, hint="name another branch, or: tractatus-merge init   (adopts it)")
    head = old.store.head()
    if head is not None and moved(old.store.load(head)) is None:
        take_in(old)
    make_room(new.workspace)
    done = move(old, new, now(), command, progress)
    sessions = moving.carry(old, new, done.names)
    _follow(new)
    return done, sessions


def _follow(repo: Repository) -> None:
    """Name the new store in the settings, where they name another."""
    workspace = repo.workspace
    path = workspace.claude / SETTINGS
    said = {"url": workspace.url} if workspace.url else {"branch": workspace.branch}
    stands = settings(path).get("store", {})
    found = {key: stands[key] for key in ("url", "branch") if key in stands}
    if (found or {"branch": DEFAULT_BRANCH}) == said:
        return
    ((key, value),) = said.items()
    text = with_store(plain_file.read_text(path) if path.exists() else "", key, value)
    if text is None:
        line = f"[store] {key} = {json.dumps(value, ensure_ascii=False)}"
        raise RequestError(f"{path} still names the old store.", hint=f"edit it: {line}")
    path.parent.mkdir(parents=True, exist_ok=True)
    files.replace(path, text.encode())
    every = "worktree" if workspace.url else "clone"
    why = f": commit it, so that every {every} follows this line" if is_in_git(repo) else ""
    talk(f"wrote {path}{why}")


def _tell(
    old: Repository, new: Repository, what: tuple[Moved, list[str]], *, as_json: bool
) -> None:
    done, sessions = what
    source, target = old.workspace.store, new.workspace.store
    many = f"{done.versions} version{'s' * (done.versions != 1)}"
    lines = [
        f"moved {many} from {source} to {target}; {source} is frozen"
        if done.now
        else f"{target} has the {many} of {source} already"
    ]
    branch = old.workspace.branch
    lines += [f"tell other clones: git push {name} {branch}" for name in _remotes(old)]
    if sessions:
        lines.append(f"{len(sessions)} session{'s' * (len(sessions) != 1)} came along")
    result = {
        "from": source,
        "to": target,
        "head": new.store.head(),
        "versions": done.versions,
        "moved": done.now,
        "sessions": sessions,
    }
    emit(lines, result, as_json=as_json)
