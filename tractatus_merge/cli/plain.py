"""The words of an end that is asked for plainly, as scripts and agents ask for it.

Standard library only, and of it little at import: what reads them may be all that is loaded.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def end(words: Sequence[str]) -> tuple[str, str, bool] | None:
    """What is asked by `[-C FOLDER] end [--session ID] [--json]`; None for any other words.

    That is the folder, empty where none is named; the session, likewise; whether JSON is wanted.
    """
    folder, session, rest = "", "", list(words)
    if rest[:1] == ["-C"] and len(rest) > 1 and rest[1]:
        folder, rest = rest[1], rest[2:]
    if rest[:1] != ["end"]:
        return None
    as_json = rest[-1] == "--json"
    rest = rest[1 : len(rest) - as_json]
    if len(rest) == 2 and rest[0] == "--session" and rest[1]:
        session, rest = rest[1], []
    return None if rest else (folder, session, as_json)
