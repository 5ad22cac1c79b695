"""The shell's question whether a repository is ours, asked before a Python is started.

Settings of a person are read in every repository: in those that are not ours a hook is to cost no
more than its shell. Only builtins are used, so that no process is started. It finds the folder that
`git.discovery` finds: a test holds them together.
"""

from __future__ import annotations

HISTORY = "tractatus"
"""In git's common folder: there is a history here."""
INSTALLED = f"{HISTORY}/user-hooks"
"""In git's common folder, not empty: `install` asked here for the hooks in a person's settings."""

_ASKED = (
    'for d in "$PWD" "$CLAUDE_PROJECT_DIR"; do'
    ' until [ -e "$d/.git" ]; do case $d in /*) d=${d%/*} ;; *) break ;; esac; done;'
    ' g=$d/.git; [ ! -f "$g" ] || read -r _ g <"$g"; case $g in /*) ;; *) g=$d/$g ;; esac;'
    ' c=.; [ ! -f "$g/commondir" ] || read -r c <"$g/commondir";'
    " case $c in /*) ;; *) c=$g/$c ;; esac;"
)


def guarded(line: str, test: str, name: str) -> str:
    """A line for `sh` that is run only where a name in git's common folder passes a test of `sh`.

    Asked for the folder in which the hook runs, then for the one in which the session was started:
    a session may have gone into a submodule.
    """
    return f'cd -P . || exit 0; {_ASKED} [ ! {test} "$c/{name}" ] || {{ {line}; }}; done'
