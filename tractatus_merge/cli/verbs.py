"""The command group: the verbs, what each is for, and the module that has it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from tractatus_merge import __version__
from tractatus_merge.cli.examples import EXAMPLES
from tractatus_merge.cli.terminal import guesses
from tractatus_merge.cli.terminal.output import NO_PAGER, talk
from tractatus_merge.errors import StoreError

GROUPS: dict[str, tuple[str, ...]] = {
    "Every day": ("status", "list", "add", "edit", "retire", "end", "sync"),
    "Decide": ("review", "conflicts", "resolve", "undo", "redo"),
    "Look": ("show", "log", "diff", "blame", "sessions", "metrics", "check", "audit"),
    "Set up": (
        *("init", "import", "migrate", "install", "uninstall", "doctor"),
        *("config", "completion", "demo", "help"),
    ),
    "An agent's run": ("start", "refresh", "merge", "abandon", "env", "run"),
    "Files": ("view", "export", "merge-file"),
}
"""The verbs as `--help` shows them."""

_ROOMS = {
    "edit": ("add", "edit", "retire"),
    "end": ("end",),
    "status": ("status",),
    "lists": ("list",),
    "conflicts": ("conflicts",),
    "start": ("start",),
    "log": ("log", "blame"),
    "show": ("show",),
    "diff": ("diff",),
    "sessions": ("refresh", "merge", "abandon", "sessions"),
    "resolve": ("resolve",),
    "undo": ("undo", "redo"),
    "review": ("review",),
    "check": ("check",),
    "audit": ("audit",),
    "metrics": ("metrics", "export"),
    "init": ("init", "demo"),
    "import_": ("import",),
    "migrate": ("migrate",),
    "view": ("view",),
    "merge_file": ("merge-file",),
    "install": ("install", "uninstall"),
    "doctor": ("doctor",),
    "run": ("env", "run"),
    "sync": ("sync",),
    "merge_driver": ("merge-driver", "textconv"),
    "config": ("config",),
    "completion": ("completion",),
    "help": ("help",),
    "agents": ("hook", "statusline", "mcp"),
    "mergetool": ("mergetool",),
}
"""The module that has a verb; only the one that is asked for is loaded. Not all are shown."""

_ATTRIBUTES = {
    "list": "list_",
    "import": "import_",
    "help": "help_",
    "merge-file": "merge_file",
    "merge-driver": "merge_driver",
}
"""Where the verb's name is Python's own, or no name in Python."""


class _Verbs(click.Group):
    """The verbs, each loaded when it is asked for, shown by what they are for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb."""
        del ctx
        return [verb for verbs in GROUPS.values() for verb in verbs]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, or None."""
        del ctx
        room = next((room for room, verbs in _ROOMS.items() if cmd_name in verbs), None)
        if room is None:
            return None
        command = getattr(
            import_module(f"tractatus_merge.cli.commands.{room}"),
            _ATTRIBUTES.get(cmd_name, cmd_name),
        )
        assert isinstance(command, click.Command)
        if cmd_name in EXAMPLES and command.epilog is None:
            lines = (f"  tractatus-merge {line}" for line in EXAMPLES[cmd_name])
            command.epilog = "\b\n" + "\n".join(["For example:", *lines])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is typed; where there is none, those that may be meant are named."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            close = guesses.meant(name, self.list_commands(ctx))
            asked = f" {guesses.question(close).capitalize()}" if close else ""
            ctx.fail(f"there is no verb '{name}'.{asked}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; no pipe that breaks ends it with 1, as click would have it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            hint = "type the same command again"
            raise StoreError(
                "a program that was asked ended before all was said.", hint=hint
            ) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups."""
        for title, verbs in GROUPS.items():
            with formatter.section(title):
                commands = [command for verb in verbs if (command := self.get_command(ctx, verb))]
                formatter.write_dl([(str(c.name), c.get_short_help_str(100)) for c in commands])


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-C", "folder", type=click.Path(), help="Work as if started in this folder.")
@click.option("-P", "--no-pager", is_flag=True, help="Print long texts straight to the terminal.")
@click.version_option(__version__, prog_name="tractatus-merge")
@click.pass_context
def tractatus_merge(context: click.Context, *, folder: str | None, no_pager: bool) -> None:
    """Merge what concurrent agent sessions write, as git merges code.

    Every session works on its own copy of the instruction history; its end is a three-way merge.
    Exit codes: 0 clean, 1 a person is needed, 2 bad usage or input (nothing changed),
    3 store unavailable or damaged, 75 busy (try again), 70 a bug.
    """
    context.obj = folder
    context.meta[NO_PAGER] = no_pager


def run(words: Sequence[str]) -> int:
    """Run a verb and return its exit code; what the program's own errors are, the caller knows."""
    try:
        tractatus_merge.main(list(words), prog_name="tractatus-merge", standalone_mode=False)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        talk((said.getvalue() + _example(error, words)).rstrip("\n"))
        return error.exit_code
    except click.Abort:
        talk("stopped")
        return 130
    return 0


def _example(error: click.ClickException, words: Sequence[str]) -> str:
    """How a verb is typed, with the option that was wrong if there is such an example."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    typed = context.command_path.split() if context else words
    lines = next(filter(None, map(EXAMPLES.get, typed)), ())
    option = getattr(error, "option_name", None)
    fits = [line for line in lines if option in line.split()] or lines
    return f"  for example: tractatus-merge {fits[0]}" if fits else ""
