"""What git said when it could do nothing: what that means, and what to type.

Texts in, texts out; no git is run here. What a fetch or a push says is read by `sync.git_errors`.
"""

from __future__ import annotations

import re
from shlex import quote

NEEDED = "2.36"
"""The first git that brings to the disk all that it is asked to."""
_LINES = (
    r"bad config line (?P<line>\d+) in file (?P<file>[^\n]+)",
    r"in file '(?P<file>[^\n]+)' at line (?P<line>\d+)",
)
_KEY = r"bad (?:\w+ )?config (?:value '[^\n]*' for|value for|variable) '(?P<key>[^'\n]+)'"
_SETTINGS = (
    r"bad zlib compression level|command-line config|configuration files|maximum include depth"
    r"|could not expand include path"
)
_OWNED = r"^\s*(git config --global --add safe\.directory [^\n]+)$"
_OLD = (
    r"unknown repository extension|Expected git repo version|unknown option|unknown switch"
    r"|is not a git command|^usage: git"
)


def told(said: str, doing: str, otherwise: str) -> tuple[str, str]:
    """Why git could not do something, in a sentence with git's own words, and what to type.

    `otherwise` is typed where the words tell nothing.
    """
    words = "; ".join(line.strip() for line in said.splitlines() if line.strip())
    owned = re.search(_OWNED, said, re.MULTILINE)
    if owned:
        first = words.split(";", maxsplit=1)[0]
        return f"{doing}: {first}.", f"{owned[1]}   (if you trust what is there)"
    for pattern in _LINES:
        if found := re.search(pattern, said):
            hint = f"${{EDITOR:-vi}} +{found['line']} {quote(found['file'])}"
            return f"git cannot read its configuration: {words}.", hint
    if found := re.search(_KEY, said):
        hint = f"git config --show-origin --get-all {quote(found['key'])}"
        return f"git cannot use its configuration: {words}.", hint
    if re.search(_SETTINGS, said):
        return f"git cannot use its configuration: {words}.", "git config --list --show-origin"
    if re.search(_OLD, said, re.MULTILINE):
        return (
            f"{doing}, for it is too old: {words}.",
            f"git version   ({NEEDED} or newer is needed)",
        )
    return f"{doing}: {words}.", otherwise
