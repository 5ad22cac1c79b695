"""The door people use: the command line.

Here and in `agents` alone things are printed and asked. What a verb does is in the rooms below: a
command reads its options, calls one of them, and says what came of it.

- `plain`: the words of an end that is asked for plainly, read before anything is loaded
- `door`: the one place where an error becomes an exit code
- `verbs`: the command group
- `commands`: a module for each verb, or for a few that belong together
- `ending`: what `end` does
- `common`: what every verb shares: the repository, the session it means, its options
- `completions`: what a shell offers for a word
- `terminal`: words in and out: arguments, output, colours, the pager
- `examples`: an example or two for each verb
- `screen`: the review at a terminal, one question a screen
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    from tractatus_merge.cli import door  # whose end another command does needs none of it

    return door.run(sys.argv[1:] if arguments is None else arguments)
