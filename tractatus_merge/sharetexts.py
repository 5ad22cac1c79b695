"""What is put into hooks to share the history when code is shared."""

from __future__ import annotations

from tractatus_merge.hooktexts import Program

SHARED = "pre-push"
"""The hook that syncs with the remote of a push; `post-merge` does with the usual one."""


def synced(program: Program, event: str) -> str:
    """Share the history with the remote that code is pushed to, or after it was merged from one.

    It stops nothing, and asks nobody: stdin is not the hook's.
    """
    remote = ' "$1"' if event == SHARED else ""
    return f"""\
if {program.is_there}; then
    {program.line("sync")}{remote} </dev/null >/dev/null || :
fi
"""
