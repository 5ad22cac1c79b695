"""What is put into hooks to share the history when code is shared."""

from __future__ import annotations

from tractatus_merge.hooktexts import Program

SHARED = "pre-push"
REBASED = "post-rewrite"
EVENTS = (SHARED, "post-merge", REBASED)
"""The hooks that sync: the first with the remote of a push, the others with the usual one."""


def synced(program: Program, event: str) -> str:
    """Share the history with the remote that code is pushed to, or after it was merged from one.

    It stops nothing, and asks nobody: stdin is not the hook's. A remote that never had the history
    is not given it. After a rebase too, which `git pull` may be; not after an amended commit.
    """
    line = program.line("sync", "--hook")
    call = f'{line} -- "$1"' if event == SHARED else line
    asked = f'test "$1" = rebase && {program.is_there}' if event == REBASED else program.is_there
    return f"""\
if {asked}; then
    {call} </dev/null || :
fi
"""
