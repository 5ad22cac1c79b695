"""What is told on one line: an instruction, a session's numbers, a count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tractatus_merge.core.values.equality import Json
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.instructions.schema import words


def instruction_line(content: dict[str, Json], width: int = 0) -> str:
    """An instruction on one line; its id takes so many columns at least."""
    weight = str(content.get("persistence", ""))
    mark = " (retired)" if is_retired(content) else ""
    return f"{content['id']:{width}}  {weight:8} {words(content)}{mark}"


def pressure_lines(row: Mapping[str, Any]) -> list[str]:
    """A session's own numbers, as far as anybody knows them."""
    lines = []
    if row["pressure_score"] is not None:
        share = f"{row['pressure_score']} % {row['level']}"
        tokens = f"{row['context']:,} of {row['budget']:,} tokens"
        lines.append(
            f"{share:15} {bar(row['pressure_score'])}  {tokens}, {row['messages']} messages"
        )
    elif row["context"] is not None:
        tokens = f"{row['context']:,} tokens, of a window that is not known"
        lines.append(f"{tokens}; {row['messages']} messages")
    passed = ", ".join(f"{mark['percentage']} %" for mark in row["checkpoints"])
    lines += [f"checkpoints passed: {passed}"] if passed else []
    lines += [row["recommendation"]] if row["recommendation"] else []
    return lines


def versions(count: int) -> str:
    """So many versions, in words."""
    return f"{count} version{'s' * (count != 1)}"


def bar(percent: float | None, width: int = 20) -> str:
    """A percentage as a bar of so many columns; empty where there is none."""
    full = round(min(max(percent or 0, 0), 100) * width / 100)
    return "█" * full + "░" * (width - full)
