"""What people call a session: its id where that can be read, else its tag. Pure."""

from __future__ import annotations

import re

PERSON = "person"
"""The agent of what a person did with one command: no session is named for it."""

_OPAQUE = re.compile(r"[0-9a-fA-F-]{20,}")
"""A UUID, or a hash: nobody knows it again."""


def session_name(session: str, tag: str, agent: str = "") -> str:
    """How a session is named to people: every `--session` takes it. Nothing for a person's command.

    An agent's kind is told beside a tag, which says nothing by itself.
    """
    if agent == PERSON or not session:
        return ""
    if not _OPAQUE.fullmatch(session):
        return f"session {session}"
    return f"session {tag or session[-8:]}{f' ({agent})' if agent else ''}"
