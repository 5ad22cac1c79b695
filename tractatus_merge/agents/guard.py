"""The shell's question whether a repository is ours, asked before a Python is started.

Settings of a person are read in every repository: in those that are not ours a hook is to cost no
more than its shell. Only builtins are used, so that no process is started. It finds what
`git.discovery` finds: a test holds them together.
"""

from __future__ import annotations

HISTORY = "tractatus"
"""In git's common folder, or in `.claude` where the history is not kept in git: it is here."""
INSTALLED = f"{HISTORY}/user-hooks"
"""There too, not empty: `install` asked here for the hooks in a person's settings."""

_ASKED = (
    'for d in "$PWD" "${CLAUDE_PROJECT_DIR:-$PWD}"; do p=$d;'
    ' until [ -e "$d/.git" ]; do case $d in /*) d=${d%/*} ;; *) break ;; esac; done;'
    ' g=$d/.git; [ ! -f "$g" ] || read -r _ g <"$g"; case $g in /*) ;; *) g=$d/$g ;; esac;'
    ' c=.; [ ! -f "$g/commondir" ] || read -r c <"$g/commondir";'
    " case $c in /*) ;; *) c=$g/$c ;; esac;"
    ' r=${p#"$d"}/; while [ "$r" ]; do r=${r%/*};'
    ' for s in "$c" "$d$r/.claude" "$c/..$r/.claude"; do'
)


def guarded(line: str, test: str, name: str) -> str:
    """A line for `sh` that is run only where a name passes a test of `sh` beside a history.

    That is in git's common folder, or in the `.claude` of a folder from here up to the top of the
    work tree, here or in the main worktree. Asked for the folder in which the hook runs, then for
    the one in which the session was started: a session may have gone into a submodule.
    """
    asked = f'{_ASKED} [ ! {test} "$s/{name}" ] || {{ {line}; }}'
    return f"cd -P . || exit 0; {asked}; done; done; done"
