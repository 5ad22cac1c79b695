"""The verb that explains another: help."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("verb", required=False)
@click.pass_context
def help_(context: click.Context, *, verb: str | None) -> None:
    """Explain a verb, with examples; without one, show them all."""
    parent = context.parent
    assert parent is not None and isinstance(parent.command, click.Group)
    if verb is None:
        click.echo(parent.get_help())
        return
    _, command, _ = parent.command.resolve_command(parent, [verb])
    assert command is not None
    with click.Context(command, parent, verb, **command.context_settings) as there:
        click.echo(command.get_help(there))
