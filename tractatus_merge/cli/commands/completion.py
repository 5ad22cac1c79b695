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
    made = get_completion_class(shell)
    if made is None or context.parent is None:
        raise RequestError(f"nobody knows the shell {shell}.", hint="tractatus-merge help")
    for program in _PROGRAMS:
        script = made(context.parent.command, {}, program, _ASKED)
        click.echo(script.source_template % script.source_vars())
    if shell == "bash":
        click.echo(_OF_GIT)


_OF_GIT = """\
_git_tractatus() {  # git's own completion calls this for `git tractatus`
    local words=("${COMP_WORDS[@]:2}") before=$COMP_CWORD
    local COMP_WORDS=(tractatus-merge "${words[@]}") COMP_CWORD=$((before - 1))
    _tractatus_merge_completion tractatus-merge
}
"""
