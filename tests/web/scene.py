"""A bakery in which sessions disagreed about everything that they can disagree about."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tool import plain_edit, tool

NASTY = "<script>alert(1)</script> \x1b[31mred\x07 \u202egnp.exe \u200bzero\u2066 end"
"""Markup, a terminal's escapes, a bell, an override of direction, what has no width."""


def start(repo: Path, name: str) -> Path:
    """A session's copy."""
    return Path(tool(repo, "start", "--id", name, "--agent", "claude-code")["copy"])


def edit(repo: Path, session: str, name: str, *pairs: str, why: str = "") -> None:
    """What a session writes into an instruction."""
    words = [word for pair in pairs for word in ("--set", pair)]
    tool(repo, "edit", name, *words, "--session", session, *(("--why", why) if why else ()))


def change(copy: Path, name: str, fields: dict) -> None:
    """What a script writes into a session's copy; None takes a field away."""

    def write(document: dict) -> None:
        record = next(r for r in document["instructions"] if r["id"] == name)
        record |= fields
        for key in [key for key, value in fields.items() if value is None]:
            del record[key]

    plain_edit(copy, write)


def end(repo: Path, *sessions: str) -> None:
    """The sessions end, in this order; conflicts are what is wanted."""
    for number, name in enumerate(sessions):
        tool(repo, "end", "--session", name, code=1 if number else 0)


def disagree(repo: Path) -> None:
    """One conflict of two sides about a text, with reasons."""
    tool(repo, "init")
    for name in ("fix-auth", "api-docs"):
        start(repo, name)
    edit(repo, "fix-auth", "inst_002", "text=Prices are integers of euro cents; no float touches money.", why="ops asked")  # fmt: skip
    edit(repo, "api-docs", "inst_002", "text=Prices are decimals with two places; no float touches money.")  # fmt: skip
    end(repo, "fix-auth", "api-docs")


def everything(repo: Path) -> None:
    """Every kind of conflict; afterwards one session stays open."""
    tool(repo, "init")
    copies = [start(repo, name) for name in ("fix-auth", "api-docs", "third-one")]
    for number, copy in enumerate(copies):
        said = ("one", "two", "three")[number]
        fields = {
            "explicitness": (0.8, 0.7, 0.6)[number],
            "persistence": ("MEDIUM", "LOW", "VARIABLE")[number],
            "notes": f"Agreed at the kick-off, says {said}.\nThe port differs from the default on purpose.",
            "parameters": {"port": ("5434", "5435", "5436")[number], "database": "orders", "service": "postgresql"},
            "limits": [{"per": said, "most": number}],
        }  # fmt: skip
        change(copy, "inst_001", fields)
        change(copy, "inst_002", {"verification_required": (None, "OPTIONAL", None)[number],
                                  "text": (f"Prices: {NASTY}", "Prices are decimals.", "Prices are cents.")[number]})  # fmt: skip
        change(copy, "inst_003a", {"quadrant": ("STRATEGIC", "SYSTEM", "TACTICAL")[number]})
        plain_edit(copy, lambda document, said=said: document.update(description=f"Of {said}"))
    tool(repo, "retire", "inst_002", "--session", "api-docs", "--why", "nobody pays")
    rules = ("Always use tabs for indentation.", "Never use tabs for indentation.")
    for name, rule in zip(("fix-auth", "api-docs"), rules, strict=True):
        tool(repo, "add", rule, "--session", name)
    end(repo, "fix-auth", "api-docs", "third-one")
    late = start(repo, "late-one")
    change(late, "inst_001", {"persistence": "LOW"})
    tool(repo, "merge", "--session", "late-one", code=1)
    change(late, "inst_003a", {"notes": "not published yet"})


def opened(repo: Path) -> list[dict]:
    """The open conflicts, the gravest first."""
    return tool(repo, "conflicts")["conflicts"]


def stands(repo: Path, conflict: dict) -> object:
    """What the head has at the place of a conflict; the text "gone" where nothing stands."""
    if conflict["instruction"] is None:
        document = json.loads((repo / ".claude" / "instruction-history.json").read_text("utf-8"))
    else:
        document = tool(repo, "show", conflict["instruction"])
    for key in conflict["path"]:
        if not isinstance(document, dict) or key not in document:
            return "gone"
        document = document[key]
    return document
