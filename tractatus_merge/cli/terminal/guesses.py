"""What a person may have meant by a name that nothing has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_AT_MOST = 3


def meant(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are spelt like one, the nearest first."""
    from difflib import get_close_matches  # only who mistyped pays for it

    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), by_lower, _AT_MOST, 0.65)
    return [by_lower[one] for one in found]


def question(names: Sequence[str]) -> str:
    """Whether one of them was meant, asked in a line."""
    *others, last = names
    return f"did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
