"""Which files an agent's own tool has just written, by what its event says. Standard library only.

Claude Code and Gemini CLI name the file, Codex gives the patch. What a shell command writes is not
seen here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TOOLS = frozenset({"Edit", "Write", "MultiEdit", "write_file", "replace", "apply_patch"})
_PATCH = ("*** Update File: ", "*** Add File: ", "*** Move to: ")
_VIEW = "instruction-history.json"
_COPIES = ("/tractatus/sessions/", "/.claude/sessions/")


def views(said: dict[str, Any]) -> list[str]:
    """The paths that the tool has written and that may be a view's; a session's copy is none."""
    given = said.get("tool_input")
    if said.get("tool_name") not in _TOOLS or not isinstance(given, dict):
        return []
    named = [given.get("file_path")]
    patch = given.get("command")
    for line in patch.splitlines() if isinstance(patch, str) else ():
        named += [line[len(start) :].strip() for start in _PATCH if line.startswith(start)]
    paths = [path for path in named if isinstance(path, str)]
    return [
        path
        for path in paths
        if path.endswith(_VIEW) and not any(copies in path for copies in _COPIES)
    ]
