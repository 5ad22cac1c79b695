"""The verb that shares a line through a git remote: sync."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import click

from tractatus_merge.cli.common import catch_up, look, verb, view_lines
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit, fitted, talk
from tractatus_merge.cli.terminal.short_lines import versions
from tractatus_merge.errors import RequestError
from tractatus_merge.git.access import git_of, store_of
from tractatus_merge.git.sync import exchange, last_seen
from tractatus_merge.git.sync.exchange import Synced
from tractatus_merge.git.sync.outgoing import Leaving
from tractatus_merge.git.sync.remote import Remote
from tractatus_merge.git.sync.which_remote import chosen, settings
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.outcomes import answered_line
from tractatus_merge.system.printable import clean
from tractatus_merge.value import asdict
from tractatus_merge.view.file import View

_WIDTH = 200
"""Characters of a text that --dry-run shows."""


@click.command()
@click.argument("remote", required=False)
@click.option(
    "--hook", is_flag=True, help="For git's hooks: tell conflicts only; a new REMOTE is left alone."
)
@dry_run_option
@json_option
@verb
def sync(repo: Repository, *, remote: str | None, hook: bool, dry_run: bool, as_json: bool) -> None:
    """Fetch, merge and push the shared history.

    What both changed is merged like everything else; a contested field keeps the remote's value in
    force, and the other waits. Reasons and authors leave this machine with it. Nothing else here
    uses the network. --dry-run fetches, and shows what would be sent.
    """
    store_of(repo, "tractatus-merge log   (to share a history between machines, keep it in git)")
    if hook and remote is not None and not _may_sync(repo, remote):
        return
    if repo.store.head() is not None:  # else the remote's is taken as it is
        look(repo, finish=not dry_run, syncs=True)
    place = remote_of(repo, remote)
    if dry_run:
        done, sent = exchange.preview(repo, place)
        data = synced_json(done, dry_run=True) | {"versions": [asdict(one) for one in sent]}
        emit(_preview_lines(done, sent), data, as_json=as_json)
        return
    done = shared_with(repo, place)
    if hook:
        for line in _urgent(done):
            talk(f"tractatus-merge: {line.strip()}")
        return
    emit([*synced_lines(done), *view_lines(repo)], synced_json(done), as_json=as_json)
    if done.outcome.conflicts:
        raise SystemExit(1)


def _may_sync(repo: Repository, remote: str) -> bool:
    """Whether a push of code to a remote may share the history too.

    Not if nobody means it to, nor if this very push moves the branch: git has read the remote's
    refs by then, and who moves one now makes the push fail. Of a dry run git tells a hook nothing.
    """
    told = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    moved = f" refs/heads/{repo.workspace.branch} ".encode() in told
    return not moved and last_seen.is_known(repo, remote)


def remote_of(repo: Repository, name: str | None) -> Remote:
    """The remote that is meant; RequestError if there is none."""
    branch, git = repo.workspace.branch, git_of(repo)
    known = settings(git, branch)
    found = chosen(known, name)
    if found is None:
        raise RequestError("this clone has no remote.", hint="git remote add origin URL")
    prompt = not repo.agent and sys.stdin.isatty() and sys.stderr.isatty()
    show = _show if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else None
    return Remote(
        git, found, branch, url=known.urls[found], prompt=prompt, ssh=known.ssh, show=show
    )


def _show(line: str) -> None:
    """Write over what it wrote last."""
    click.echo(f"\r\033[K{fitted(line, shutil.get_terminal_size().columns)}", nl=False, err=True)


def shared_with(repo: Repository, remote: Remote) -> Synced:
    """Sync, and show the worktree's view what came."""
    done = exchange.sync(repo, remote, talk if sys.stderr.isatty() else lambda _: None)
    repo.opened += done.outcome.conflicts
    if repo.store.head() is not None:
        if View(repo).notes.apart:
            look(repo)
        catch_up(repo)
    return done


def synced_lines(done: Synced) -> list[str]:
    """What a sync did, for people."""
    lines = [f"note: {note}" for note in done.notes]
    if not done.received and not done.sent:
        return [*lines, f"{done.remote} and this clone have the same history"]
    told = f"received {versions(done.received)}, sent {versions(done.sent)}"
    return [*lines, f"{done.remote}: {told}", *_came(done)]


def _preview_lines(done: Synced, sent: list[Leaving]) -> list[str]:
    lines = [f"note: {note}" for note in done.notes]
    if not done.received and not sent:
        return [*lines, f"{done.remote} and this clone have the same history"]
    lines += [f"{done.remote}: would send {versions(len(sent))}"] if sent else []
    for one in sent:
        author = clean(one.author.partition(" <")[0])
        lines.append(f"  {one.version[:12]}  {author}: {clean(one.message)}")
        for name, text in one.instructions.items():
            lines.append(f"    {clean(name)}  {clean(text)[:_WIDTH]}")
        lines += [f"    why: {clean(why)[:_WIDTH]}" for why in one.reasons]
    if done.received:
        lines += [f"{done.remote}: would receive {versions(done.received)}", *_came(done)]
    return lines


def _came(done: Synced) -> list[str]:
    """What came, and what that means here."""
    lines = []
    for word, names in (
        ("added", done.outcome.added),
        ("edited", done.outcome.edited),
        ("retired", done.outcome.retired),
    ):
        lines += [f"  {word:8} {', '.join(names)}"] if names else []
    lines += [f"  renamed  {old} is {new} now" for old, new in done.outcome.renamed.items()]
    lines += [f"  settled  {answered_line(told)}" for told in done.settled]
    return lines + _contested(done)


def _contested(done: Synced) -> list[str]:
    found = done.outcome.conflicts
    lines = [f"  conflict {one}" for one in found]
    return [*lines, f"  {len(found)} in conflict: tractatus-merge review"] if found else []


def _urgent(done: Synced) -> list[str]:
    """What a hook says: what is lost at the remote, and what waits for a person."""
    return [*done.notes, *_contested(done)[-1:]]


def synced_json(done: Synced, *, dry_run: bool = False) -> dict[str, Any]:
    """The JSON of sync."""
    moved = bool(done.received or done.sent)
    return {
        "remote": done.remote,
        "outcome": "conflicts" if done.outcome.conflicts else "clean" if moved else "nothing",
        "head": done.head,
        "received": done.received,
        "sent": done.sent,
        "added": list(done.outcome.added),
        "edited": list(done.outcome.edited),
        "retired": list(done.outcome.retired),
        "renamed": dict(done.outcome.renamed),
        "conflicts": list(done.outcome.conflicts),
        "settled": [told["id"] for told in done.settled],
        "rounds": done.rounds,
        "notes": done.notes,
        "dry_run": dry_run,
    }
