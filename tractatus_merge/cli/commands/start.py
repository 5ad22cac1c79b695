"""The verb that begins a session, or goes on with one: start."""

from __future__ import annotations

import click

from tractatus_merge.cli.common import catch_up, look, verb
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option, offers
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.workspace import agent_name
from tractatus_merge.sessions import whose
from tractatus_merge.sessions.start import start as start_session
from tractatus_merge.system import processes


@click.command()
@click.option("--session", "own_id", metavar="ID",
              help="The id that the agent has; else a new one is made.")  # fmt: skip
@click.option("--id", "own_id", hidden=True)
@click.option("--agent", default="", metavar="NAME", help="What kind of agent it is.")
@click.option("--resume", metavar="SESSION", shell_complete=offers("session"),
              help="Begin with what another session wrote, under the new id.")  # fmt: skip
@dry_run_option
@json_option
@verb
def start(
    repo: Repository,
    *,
    own_id: str | None,
    agent: str,
    resume: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give a session its own copy of the history, or continue one that there is."""
    own_id = own_id or whose.own_id(repo)
    look(repo, finish=not dry_run)
    if dry_run:
        line = f"would start session {own_id or '(a new id)'}"
        emit([line], {"session": own_id, "dry_run": True}, as_json=as_json)
        return
    process = processes.known_agent() if repo.agent else None
    agent = agent or agent_name(repo.environment, own_id or "")
    session = start_session(repo, own_id, agent=agent, resume=resume, process=process)
    catch_up(repo)
    data = {"session": session.id, "tag": session.tag, "base": session.base_version,
            "copy": str(session.copy_path), "state": session.state.value}  # fmt: skip
    lines = [f"session {session.id} ({session.tag}), from version {session.base_version[:12]}",
             f"  its copy: {session.copy_path}"]  # fmt: skip
    emit(lines, data, as_json=as_json)
