"""The verb that shares a line through a git remote: sync."""

from __future__ import annotations

import sys
from typing import Any

import click

from tractatus_merge import shares, syncing
from tractatus_merge.cli.arguments import dry_run_option, json_option
from tractatus_merge.cli.common import catch_up, look, verb
from tractatus_merge.cli.output import emit, talk
from tractatus_merge.errors import RequestError
from tractatus_merge.repository import Repository
from tractatus_merge.stores.gitremote import Remote, chosen, settings
from tractatus_merge.syncing import Synced
from tractatus_merge.view import View


@click.command()
@click.argument("remote", required=False)
@dry_run_option
@json_option
@verb
def sync(repo: Repository, *, remote: str | None, dry_run: bool, as_json: bool) -> None:
    """Make this clone's history and a remote's one: fetch, unite, push.

    What both changed is merged like everything else; a contested field keeps the remote's value in
    force, and the other waits. Reasons and authors leave this machine with it. Nothing else here
    uses the network. --dry-run fetches, and shows what would be sent.
    """
    if repo.store.head() is not None:  # else the remote's is taken as it is
        look(repo, finish=not dry_run, syncs=True)
    place = remote_of(repo, remote)
    if dry_run:
        done, lines = syncing.preview(repo, place)
        emit(_told(done, lines, dry_run=True), synced_json(done, dry_run=True), as_json=as_json)
        return
    done = shared_with(repo, place)
    emit(synced_lines(done), synced_json(done), as_json=as_json)
    if done.outcome.conflicts:
        raise SystemExit(1)


def remote_of(repo: Repository, name: str | None) -> Remote:
    """The remote that is meant; RequestError if there is none."""
    branch, git = repo.workspace.branch, repo.store.git
    known = settings(git, branch)
    found = chosen(known, name)
    if found is None:
        raise RequestError("this clone has no remote.", hint="git remote add origin URL")
    prompt = not repo.agent and sys.stdin.isatty() and sys.stderr.isatty()
    return Remote(git, found, branch, url=known.urls[found], prompt=prompt, ssh=known.ssh)


def shared_with(repo: Repository, remote: Remote) -> Synced:
    """Sync, and show the worktree's view what came."""
    done = syncing.sync(repo, remote, talk if sys.stderr.isatty() else lambda _: None)
    if repo.store.head() is not None:
        if View(repo).apart():
            look(repo)
        catch_up(repo)
    return done


def unshared_line(repo: Repository) -> tuple[int | None, list[str]]:
    """How many versions the remote lacks, and the line that says so; None without a remote."""
    apart = shares.unshared(repo)
    if apart is None or not apart[1]:
        return apart and apart[1], []
    line = f"  {_versions(apart[1])} not shared with {apart[0]}: tractatus-merge sync"
    return apart[1], [line]


def synced_lines(done: Synced) -> list[str]:
    """What a sync did, for people."""
    return _told(done, [], dry_run=False)


def _told(done: Synced, unsent: list[str], *, dry_run: bool) -> list[str]:
    lines = [f"note: {note}" for note in done.notes]
    if not done.received and not done.sent:
        return [*lines, f"{done.remote} and this clone have the same history"]
    would = "would receive" if dry_run else "received"
    send = "send" if dry_run else "sent"
    told = f"{would} {_versions(done.received)}, {send} {_versions(done.sent)}"
    lines.append(f"{done.remote}: {told}")
    lines += [f"  {line}" for line in unsent]
    for word, names in (
        ("added", done.outcome.added),
        ("edited", done.outcome.edited),
        ("retired", done.outcome.retired),
    ):
        lines += [f"  {word:8} {', '.join(names)}"] if names else []
    lines += [f"  renamed  {old} is {new} now" for old, new in done.outcome.renamed.items()]
    if done.outcome.conflicts:
        lines.append(f"  {len(done.outcome.conflicts)} in conflict: tractatus-merge review")
    return lines


def _versions(count: int) -> str:
    return f"{count} version{'s' * (count != 1)}"


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
        "rounds": done.rounds,
        "notes": done.notes,
        "dry_run": dry_run,
    }
