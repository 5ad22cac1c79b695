"""Verbs that agents run, and no person: hook, statusline, mcp. Hidden from help."""

from __future__ import annotations

import sys

import click

from tractatus_merge.errors import RequestError


@click.command(
    hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
@click.option("--agent", default="", metavar="NAME", help="Which agent's settings run this.")
def hook(*, agent: str) -> None:
    """Attend to one event of an agent's session, from stdin. It always exits with 0.

    What went wrong is in `.git/tractatus/hook.log`.
    """
    from tractatus_merge.agents.hook import main

    main(agent)


@click.command(hidden=True)
@click.option("--segment", is_flag=True, help="Without colours, for another's status line.")
def statusline(*, segment: bool) -> None:
    """Print one line on the session that an agent describes on stdin. It always exits with 0."""
    from tractatus_merge.agents.statusline import main

    main(segment=segment)


@click.command(hidden=True)
@click.pass_obj
def mcp(folder: str | None) -> None:
    """Serve six tools over stdio: add, edit, retire, list, status, conflicts (extra [mcp])."""
    try:
        from tractatus_merge.agents.mcp import server
    except ImportError:
        how = f"{sys.executable} -m pip install 'mcp>=2'"
        raise RequestError("the tools need the MCP SDK.", hint=how) from None
    server(folder or ".").run()
