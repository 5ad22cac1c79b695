"""What is put into hooks to share the history when code is shared."""

from __future__ import annotations

from tractatus_merge.git.install.hook_texts import Program

SHARED = "pre-push"
REBASED = "post-rewrite"
EVENTS = (SHARED, "post-merge", REBASED)
"""The hooks that sync: the first with the remote of a push, the others with the usual one."""


def synced(program: Program, event: str) -> str:
    """Share the history with the remote that code is pushed to, or after it was merged from one.

    It stops nothing, and asks nobody. A remote that never had the history gets it by
    `sync NAME` alone. After a rebase too, which `git pull` may be; not after an amended commit.
    """
    if event == SHARED:
        return _pushed(program)
    asked = f'test "$1" = rebase && {program.is_there}' if event == REBASED else program.is_there
    return f"""\
if {asked}; then
    {program.line("sync", "--hook")} </dev/null || :
fi
"""


def _pushed(program: Program) -> str:
    """Before a push: what git tells on stdin is read, told to us, and to what runs after ours."""
    return f"""\
tractatus_pushed=$(cat)
if {program.is_there}; then
    {program.line("sync", "--hook")} -- "$1" <<TRACTATUS || :
$tractatus_pushed
TRACTATUS
fi
if test -n "$tractatus_pushed"; then
    exec <<TRACTATUS
$tractatus_pushed
TRACTATUS
else
    exec </dev/null
fi
"""
