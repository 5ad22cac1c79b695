"""The URL of a store on a server: no password stands in it. Text alone; nothing is opened.

A URL is written into settings, shown in messages and given to programs, where others read it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from tractatus_merge.errors import RequestError

_SERVER = r"[A-Za-z][A-Za-z0-9+.-]*://(.*)"
_CREDENTIAL = r"[?&;][^=&;]*(?:pass(?:word|wd|phrase)|pwd|secret|token)[^=&;]*="


def has_secret(url: str) -> bool:
    """Whether a URL has a password in it, or what may be one: then it must not be shown."""
    found = re.fullmatch(_SERVER, url, re.DOTALL)
    if found is None:
        return False
    return any(
        ":" in text.rpartition("@")[0] or re.search(_CREDENTIAL, text, re.IGNORECASE)
        for text in (found[1], unquote(found[1]))
    )


def must_have_no_secret(url: str) -> None:
    """RequestError that does not repeat the URL, if it may have a password in it."""
    if not has_secret(url):
        return
    scheme = url.partition("://")[0]
    how = "docs/how-to/keep-the-history-on-a-server.md"
    hint = f"take it out, and give it by a file or the environment: {how}"
    if scheme.startswith("postgres"):
        hint = "take it out, and write it into ~/.pgpass or PGPASSWORD   (an @ after the host: %40)"
    if scheme.startswith("mongodb"):
        hint = "take it out, and: export TRACTATUS_MONGODB_PASSWORD=...   (jo@HOST names the user)"
    if scheme == "redis":
        hint = "take it out, and: export TRACTATUS_REDIS_PASSWORD=...   (jo@HOST names the user)"
        raise RequestError("the redis URL of the lock has a password in it.", hint=hint)
    raise RequestError(f"the {scheme} URL of the store has a password in it.", hint=hint)
