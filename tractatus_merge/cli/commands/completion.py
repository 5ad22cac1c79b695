"""The verb that teaches a shell to complete words: completion."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tractatus_merge.errors import RequestError

_PROGRAMS = ("tractatus-merge", "git-tractatus")
_ASKED = "_TRACTATUS_MERGE_COMPLETE"
"""The variable by which a shell asks the program for the words that fit: click's."""
_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print what makes a shell complete verbs, options, and the ids of this history."""
    if context.parent is None:
        raise RequestError(f"nobody asks for the words of {shell}.", hint="tractatus-merge help")
    for program in _PROGRAMS:
        click.echo(script(context.parent.command, shell, program))
    if shell == "bash":
        click.echo(_OF_GIT)


def script(command: click.Command, shell: str, program: str = _PROGRAMS[0]) -> str:
    """What makes a shell complete the words of one program."""
    made = get_completion_class(shell)
    assert made is not None, f"click knows no {shell}"
    lines = made(command, {}, program, _ASKED)
    return lines.source_template % lines.source_vars()


_OF_GIT = """\
_git_tractatus() {  # git's own completion calls this for `git tractatus`
    local words=("${COMP_WORDS[@]:2}") before=$COMP_CWORD
    local COMP_WORDS=(tractatus-merge "${words[@]}") COMP_CWORD=$((before - 1))
    _tractatus_merge_completion tractatus-merge
}
"""
