"""The verbs that keep concurrent test runs apart: env and run."""

from __future__ import annotations

import os
import signal

import click

from tractatus_merge.cli.common import meant_session, verb
from tractatus_merge.cli.terminal.arguments import json_option, session_option
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.errors import ReadOnly
from tractatus_merge.isolation.names import FORMATS, said
from tractatus_merge.isolation.slots import variables, without_slot
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.workspace import is_walled
from tractatus_merge.sessions.folder import Session


@click.command()
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0],
              show_default=True, help="Who is to read it.")  # fmt: skip
@session_option
@json_option
@verb
def env(repo: Repository, *, form: str, name: str | None, as_json: bool) -> None:
    """Print names that no other live session has: for databases, ports, fixed names in tests.

    In a shell: eval "$(tractatus-merge env)". Outside a session they are the calling process's.
    """
    session = meant_session(repo, name, optional=True, writes=True)
    found = _names(repo, session, os.getppid(), runs=False)
    emit(said(found, form), found, as_json=as_json)


@click.command(context_settings={"allow_interspersed_args": False})
@session_option
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="CMD...")
@verb
def run(repo: Repository, *, name: str | None, words: tuple[str, ...]) -> None:
    """Run a command with names that no other live session has: `run -- npm test`.

    Signals and the exit code are the command's own: it takes this process's place. Options are
    ours before the command's name only.
    """
    session = meant_session(repo, name, optional=True, writes=True)
    environment = {**os.environ, **_names(repo, session, os.getpid(), runs=True)}
    repo.close()
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and the command would inherit it
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvpe(words[0], words, environment)  # noqa: S606 (no shell)
    except FileNotFoundError:
        talk(f"error: {words[0]}: command not found")
        raise SystemExit(127) from None
    except OSError as error:
        talk(f"error: {words[0]}: {error.strerror}")
        raise SystemExit(126) from None


def _names(repo: Repository, session: Session | None, pid: int, *, runs: bool) -> dict[str, str]:
    """The names; without a slot, and with a warning, where a sandbox forbids to write it down."""
    try:
        return variables(repo, session, pid, runs=runs)
    except OSError as error:
        if not is_walled(error, repo.environment):
            raise
        walled = ReadOnly(str(error.filename), str(error.strerror))
        talk(f"warning: no slot, so no TRACTATUS_PORT_OFFSET: {walled.sentence}")
        talk(f"  {walled.hint}")
        return without_slot(repo, session, pid)
