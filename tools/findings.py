"""The pages of exit codes and of findings: what each means, and what to do about it.

The codes themselves come from the sources: one that has no words here, or words that have no code
any more, stop `make docs`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "tractatus_merge"
CHECK = {
    "backwards": "an instruction goes back to an earlier version, which this program wrote",
    "behind": "the history file shows an older version of the history",
    "clash": "a file that a forge cannot merge by lines",
    "conflict": "an open conflict, grave enough (`check.block`), of which the commit is a side",
    "conflict-markers": "the file has git's conflict markers",
    "conflicts": "other conflicts are open",
    "dead-session": "a session that nobody will end",
    "deleted": "the history file is deleted, and no branch holds the history",
    "driver": "`.gitattributes` names a merge driver that this clone lacks",
    "duplicate-id": "two records have one id",
    "gate": "the gate was installed, and git does not run it: its hooks come from elsewhere, or are off",
    "invalid": "the file is no JSON, or no history",
    "lost": "an instruction that a parent of the commit has is missing",
    "schema": "an instruction says nothing any more, or a field has a value that it cannot have",
    "session-file": "a file that belongs to one session alone",
    "settings": "`.claude/tractatus.toml` cannot be read",
    "shared-session-id": "a tracked session id, which all sessions would share",
}
"""What `check` finds."""
DOCTOR = {
    "checked-out": "a worktree is on the history's own branch",
    "clock": "this machine's clock and the history's times do not agree",
    "damaged": "a record of the history cannot be read",
    "disabled": "the agent's settings switch hooks off",
    "events": "hooks of an older version, which miss events",
    "format": "the history was written by a newer version of this program",
    "gate": "git does not run the gate that was installed",
    "gone": "hooks that were installed are no longer in the agent's settings",
    "history": "the history cannot be opened",
    "hooks": "no agent's sessions run themselves here",
    "layout": "the branch has an older layout",
    "log": "a hook failed; its last words",
    "network": "sessions lie on a network disk",
    "permissions": "a folder or file that this account may not read or write",
    "plugin": "the agent's plugin is switched on and not installed",
    "program": "the program that a hook names does not run",
    "remote": "the remote's branch is gone, went back or was rewritten",
    "removed": "a commit on the history's branch took instructions out",
    "rows": "the documents or rows for queries are not what the newest version says",
    "settings": "the agent's settings cannot be read",
    "stale": "a session in which nobody seems to work; or a file that is behind",
    "timeout": "a hook has less time than it needs",
    "torn": "a file in the middle of a write, or with conflict markers",
    "twice": "two sources tell of one event",
    "unguarded": "the hooks of an older version, which run in every repository",
    "unreceived": "versions of the remote that are not taken in",
    "unshared": "versions that the remote has not seen",
    "worktree": "a worktree in which no session runs itself",
}
"""What `doctor` finds."""
ONE = {
    "end, merge, sync": "a conflict was opened or joined; everything is published",
    "add, edit, retire, undo, import --rules": "the same, where no session is open and the change is published at once",
    "review": "conflicts are left",
    "check": "it refuses: something is lost or broken, or a conflict must be settled first",
    "doctor": "something is wrong here; notes do not count",
    "merge-file, merge-driver": "both sides changed one place; the value of OURS stands",
    "mergetool": "it was left before the last answer; nothing was written",
    "run": "the exit code is the command's own; 126 and 127 mean that it could not be run",
}
"""What exit code 1 means, by verb."""


def exit_codes(codes: Mapping[int, str], raised: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """The page of exit codes."""
    yield "# Exit codes"
    yield "Every verb uses the same codes."
    rows = [f"| {code} | {what} | {', '.join(raised[code])} |" for code, what in codes.items()]
    yield "\n".join(["| code | means | errors |", "| --- | --- | --- |", *rows])
    yield "## What exit code 1 means, by verb"
    yield "A verb that is not named here never exits with 1."
    rows = [f"| `{'`, `'.join(verb.split(', '))}` | {what} |" for verb, what in ONE.items()]
    yield "\n".join(["| verb | exit code 1 |", "| --- | --- |", *rows])
    yield (
        "A merge driver that cannot merge at all exits with 129, and git says so. A hook of an "
        "agent always exits with 0: what went wrong is in `.git/tractatus/hook.log`."
    )


def findings() -> Iterator[str]:
    """The page of what `check` and `doctor` find."""
    yield "# Findings"
    yield (
        "What `check` and `doctor` can say, by code. Each finding names its place and the next "
        "command to type; `--json` has both."
    )
    yield "## Of check"
    yield (
        "An *error* refuses: exit code 1, and the gate stops the commit. A *warning* is one line, "
        "and stops nothing. Contradictions, which `check --all` lists, are never errors."
    )
    yield from _table(
        CHECK, declared("Fault", "git/gate", {"conflict-markers", "duplicate-id", "invalid"})
    )
    yield "## Of doctor"
    yield (
        "A *finding* is wrong: exit code 1. A *note* is nobody's fault. `doctor --fix` mends what "
        "it can without a decision of yours."
    )
    yield from _table(DOCTOR, declared("Finding", "doctor", set()))


def declared(name: str, folder: str, more: set[str]) -> dict[str, set[str]]:
    """The codes that the sources of a folder give to what they find, with how grave each is."""
    plain, light = ("error", "warning") if name == "Fault" else ("finding", "note")
    found: dict[str, set[str]] = {code: {plain} for code in more}
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == name):
                continue
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                continue
            words = [
                *map(ast.unparse, node.args[4:]),
                *(ast.unparse(k.value) for k in node.keywords if k.arg in {"severity", "note"}),
            ]
            grave = {light} if "WARNING" in words or "True" in words else {plain}
            found.setdefault(str(node.args[0].value), set()).update(
                {plain, light} if "note" in words else grave
            )
    return found


def _table(words: Mapping[str, str], codes: Mapping[str, set[str]]) -> Iterator[str]:
    if words.keys() != codes.keys():
        sys.exit(f"tools/findings.py: words and codes differ: {words.keys() ^ codes.keys()}")
    rows = [
        f"| `{code}` | {' or '.join(sorted(codes[code]))} | {words[code]} |"
        for code in sorted(codes)
    ]
    yield "\n".join(["| code | severity | found |", "| --- | --- | --- |", *rows])
