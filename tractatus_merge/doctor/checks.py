"""What keeps sessions from running themselves here: found, told with the next command, and mended.

Each check is one function from a `CheckContext` to findings; a finding that can be mended says how.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote

from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflicts
from tractatus_merge.core.model.state import State
from tractatus_merge.doctor.agent_checks import hooks
from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.doctor.git_checks import branch, gate
from tractatus_merge.errors import (
    DamagedFormat,
    DocumentError,
    ImportUnfinished,
    NewerNeeded,
    NotInitialised,
    ReadOnly,
    StoreError,
    TractatusError,
)
from tractatus_merge.git import relayout
from tractatus_merge.git.access import git_of, is_kept_in_git
from tractatus_merge.git.sync import last_seen
from tractatus_merge.git.sync.remote import Remote
from tractatus_merge.git.sync.which_remote import settings
from tractatus_merge.instructions import history_file
from tractatus_merge.sessions import liveness, troubles
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.journal import JOURNAL, is_moment
from tractatus_merge.sessions.lookup import all_sessions
from tractatus_merge.sessions.sweep import sweep
from tractatus_merge.stores.base import Shown
from tractatus_merge.system import files, plain_file
from tractatus_merge.system.ledger import read

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs"})
"""File systems whose locks other machines may not see."""
SKEW = 5.0
"""Seconds by which two clocks may differ."""


def findings(context: CheckContext) -> list[Finding]:
    """All that is wrong here."""
    return [found for check in _CHECKS for found in check(context)]


def mend(found: Finding) -> bool:
    """Mend it, if that can be done; whether it was."""
    if found.mend is None:
        return False
    try:
        found.mend()
    except (TractatusError, OSError):
        return False
    return True


def _history(context: CheckContext) -> Iterator[Finding]:
    line = context.repo.workspace.line
    try:
        head = context.repo.head()
    except NotInitialised as error:
        why = error.sentence if error.remotes else "there is no history here"
        yield Finding("history", line, why, str(error.hint))
        return
    except ImportUnfinished as error:
        yield Finding("history", line, error.sentence, str(error.hint))
        return
    except (NewerNeeded, DamagedFormat) as error:
        yield Finding("format", line, error.sentence, str(error.hint))
        return
    newer = context.repo.read_only
    if newer is not None:
        yield Finding("format", line, newer.sentence, str(newer.hint))
    for kept in later_conflicts(head):
        newer = newer_for(head, kept)
        yield Finding("format", line, newer.sentence, str(newer.hint), note=True)
    yield from _store(context, head)
    ahead = datetime.fromisoformat(head.time) - datetime.now(UTC) if head.time else None
    if ahead is not None and ahead.total_seconds() > SKEW * 60:
        what = f"the newest version is from {head.time}, which is to come: no later one follows it"
        yield Finding("clock", "the history", what, "date; set the clock that is wrong")


def _store(context: CheckContext, head: State) -> Iterator[Finding]:
    repo, line = context.repo, context.repo.workspace.line
    if is_kept_in_git(repo):  # which has its own fsck
        if head.version and relayout.is_old(repo, head.version):
            what = "it is in an older layout, which takes more room with each session"
            yield Finding("layout", line, what, relayout.COMMAND, note=True)
        return
    try:
        for _ in repo.store.log():
            pass
    except StoreError as error:
        yield Finding("damaged", line, error.sentence, str(error.hint))


def _rows(context: CheckContext) -> Iterator[Finding]:
    """Rows for queries that lag behind, or that somebody edited."""
    store = context.repo.store
    try:
        wrong = store.astray() if isinstance(store, Shown) else []
    except StoreError:  # `_history` tells of it
        return
    if wrong:
        line, more = context.repo.workspace.line, f", and {len(wrong) - 5} more" * (len(wrong) > 5)
        what = f"rows for queries differ from the newest version: {', '.join(wrong[:5])}{more}"
        mend = store.rebuild if isinstance(store, Shown) else None
        yield Finding("rows", line, what, "tractatus-merge doctor --fix", mend=mend)


def _views(context: CheckContext) -> Iterator[Finding]:
    """The history file of each worktree, where it cannot be read: no edit in it is taken in."""
    view, top = context.repo.workspace.view, context.repo.workspace.top
    for tree in context.repo.checkout.worktrees():
        path = tree.top / view.relative_to(top)
        try:
            data = read(path)
            if data is not None:
                history_file.read(data, str(path))
        except DocumentError as error:
            where = f"{path}:{error.line}" if error.line else str(path)
            aside = f"mv {quote(str(path))} {quote(f'{path}.broken')}"
            fix = f"{aside} && tractatus-merge -C {quote(str(tree.top))} view --write"
            yield Finding("torn", where, f"{error.why}: it is left alone until it can be read", fix)
        except OSError as error:
            yield Finding(
                "torn", str(path), f"it cannot be read: {error.strerror}", f"ls -ld {path}"
            )


def _sessions(context: CheckContext) -> Iterator[Finding]:
    sessions = context.repo.workspace.sessions
    for trouble in troubles.troubles(context.repo):
        mend = partial(_without_damage, trouble.session) if trouble.mendable else None
        note = trouble.code == troubles.ASIDE
        yield Finding(
            trouble.code, str(trouble.where), trouble.what, trouble.fix, note=note, mend=mend
        )
    for session in all_sessions(sessions):
        path = session.folder / JOURNAL
        times = [str(event.get("at", "")) for event in session.journal()]
        newest = max(filter(is_moment, times), default="")
        if newest > _moment(SKEW * 60):
            what = f"its newest event is from {newest}, which is to come"
            yield Finding("clock", str(path), what, "date; set the clock that is wrong", note=True)


def _stale(context: CheckContext) -> Iterator[Finding]:
    repo = context.repo
    for session in session_lookup.open_sessions(repo):
        why = liveness.over(session)
        fix = f"tractatus-merge end --session {session.id}"
        if why is not None:
            yield Finding(
                "stale", session.id, f"nobody ended it: {why}", fix, mend=partial(sweep, repo)
            )  # fmt: skip
        elif liveness.is_stale(session):
            what = "nothing was heard of it for a day, or its worktree is gone"
            yield Finding("stale", session.id, what, fix, note=True)


def _folders(context: CheckContext) -> Iterator[Finding]:
    """Who may write where, and on what kind of disk."""
    state = context.repo.workspace.state
    broken = session_lookup.broken_sessions(context.repo.workspace.sessions)
    closed = {Path(error.file).parent for error in broken}
    for folder in (state, *sorted(context.repo.workspace.sessions.glob("*"))):
        if not folder.is_dir():
            continue
        if folder in closed:
            continue  # told already
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            walled = ReadOnly(f"{folder}/", "the file system is read-only")
            yield Finding("permissions", str(folder), walled.why, str(walled.hint))
            break
        if not os.access(folder, os.W_OK | os.X_OK):
            what = "this account may not write there"
            yield Finding("permissions", str(folder), what, f"ls -ld {folder}; chown or chmod it")
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & stat.S_IWOTH:
            yield Finding(
                "permissions", str(folder), "everybody on this machine may write there",
                f"chmod o-w {folder}", mend=partial(folder.chmod, mode & ~stat.S_IWOTH),
            )  # fmt: skip
    kind = _file_system(state)
    if kind in NETWORK:
        what = f"{kind} is a network file system: do not use it from two machines at once"
        yield Finding("network", str(state), what, "clone to a local disk", note=True)


def _clock(context: CheckContext) -> Iterator[Finding]:
    """Whether the disk has the same time as this machine."""
    state = context.repo.workspace.state
    if not state.is_dir() or not os.access(state, os.W_OK):
        return
    probe = state / f".clock-{os.getpid()}"
    try:
        probe.touch()
        skew = probe.stat().st_mtime - time.time()
    finally:
        probe.unlink(missing_ok=True)
    if abs(skew) > SKEW:
        what = f"the disk's clock is {skew:+.0f} seconds from this machine's"
        yield Finding("clock", str(state), what, "date; set the clock that is wrong")


def _log(context: CheckContext) -> Iterator[Finding]:
    """What the hooks wrote down last."""
    path = context.repo.workspace.state / "hook.log"
    lines = (read(path) or b"").decode("utf-8", "replace").splitlines()
    if lines:
        yield Finding("log", str(path), f"a hook failed: {lines[-1]}", f"tail {path}", note=True)


def _remotes(context: CheckContext) -> Iterator[Finding]:
    """Whether a remote still has what it had; nothing is fetched."""
    repo = context.repo
    if not is_kept_in_git(repo):
        return
    fix, names = "tractatus-merge sync", settings(git_of(repo), repo.workspace.branch).urls
    for name in last_seen.shared(repo):
        known = Remote(git_of(repo), name, repo.workspace.branch).known()
        said = last_seen.lost(repo, name, known) if name in names else None
        if said is not None:
            yield Finding("remote", name, said, f"{fix} {name}   (puts it back)")
    distance = last_seen.distance(repo)
    if distance and distance.ahead and not last_seen.shared(repo):
        what = "this history was never shared with it"
        yield Finding("unshared", distance.remote, what, fix, note=True)
    if distance and distance.behind:
        what = f"it has versions ({distance.behind}) that this clone has not taken in"
        yield Finding("unreceived", distance.remote, what, fix, note=True)


_CHECKS = (
    _history,
    _rows,
    _views,
    hooks,
    gate,
    branch,
    _sessions,
    _stale,
    _folders,
    _clock,
    _log,
    _remotes,
)


def _without_damage(session: Session | None) -> None:
    """Keep the damaged lines beside the journal, and the whole ones in it."""
    assert session is not None
    path = session.folder / JOURNAL
    with session.lock():
        data = plain_file.read(path)
        lines, bad = data.splitlines(), troubles.damaged(data)
        with os.fdopen(plain_file.open_end(session.folder / "journal.damaged"), "ab") as file:
            file.write(b"".join(line + b"\n" for line in bad))
        kept = [line for line in lines if line.strip() and line not in bad]
        files.replace(path, b"".join(line + b"\n" for line in kept))


def _moment(ahead: float) -> str:
    moment = datetime.fromtimestamp(time.time() + ahead, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _file_system(path: Path) -> str:
    """The kind of file system a path is on; nothing where that cannot be looked up."""
    best, kind = -1, ""
    try:
        table = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
    except OSError:
        return ""
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        place = Path(before.split()[4].replace("\\040", " "))
        if (place == path or place in path.parents) and len(place.parts) >= best:
            best, kind = len(place.parts), after.split()[0]
    return kind
