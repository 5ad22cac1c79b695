"""Whether our plugin is switched on in the settings that an agent reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tractatus_merge.agents import settings
from tractatus_merge.errors import DocumentError
from tractatus_merge.system.ledger import read

MANAGED = (
    Path("/etc/claude-code/managed-settings.json"),
    Path("/Library/Application Support/ClaudeCode/managed-settings.json"),
)
"""What an administrator says, which nobody overrules."""
_NAME = "tractatus-merge"


class Enabled(NamedTuple):
    """The plugin's name with its marketplace, and the settings that switch it on."""

    name: str
    path: Path


def enabled(paths: Iterable[Path]) -> Enabled | None:
    """Our plugin, where the nearest of these settings that speaks of it switches it on."""
    said: dict[str, Enabled | None] = {}
    for path in paths:
        try:
            plugins = settings.parsed(read(path), str(path)).get("enabledPlugins")
        except (DocumentError, OSError):
            continue  # settings that cannot be read switch nothing on; they are told of elsewhere
        for name, on in plugins.items() if isinstance(plugins, dict) else ():
            if name.partition("@")[0] == _NAME:
                said.setdefault(name, Enabled(name, path) if on is True else None)
    return next((found for found in said.values() if found), None)


def is_installed(name: str, home: Path) -> bool:
    """Whether the agent, whose settings are in `home`, has the plugin itself too."""
    path = home / "plugins/installed_plugins.json"
    try:
        there = settings.parsed(read(path), str(path)).get("plugins")
    except (DocumentError, OSError):
        return True  # another version of the agent keeps it elsewhere: nobody is accused
    return isinstance(there, dict) and bool(there.get(name))
