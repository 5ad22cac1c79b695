"""What changed in a long text: the changes with a few words around them, the rest left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tractatus_merge.review.questions import Pieces

LONG = 500
"""Letters from which on a text is told by what changed in it."""
_AROUND = 70
"""Letters that stay before and after a change."""


def excerpt(runs: Pieces) -> Pieces:
    """The runs of a word difference with what nobody needs left out: a run "cut" says how much.

    What a text lost or got is shown too, but for the middle of what is very long.
    """
    known = [(kind, text) for kind, text in runs if text]
    if sum(len(text) for _, text in known) <= LONG:
        return known
    return [piece for at, run in enumerate(known) for piece in _shown(at, len(known), run)]


def _shown(at: int, of: int, run: tuple[str, str]) -> Iterator[tuple[str, str]]:
    kind, text = run
    same = kind == "same"
    before = 0 if same and at == 0 else _AROUND if same else LONG // 2
    after = 0 if same and at == of - 1 else before or _AROUND
    if same and of == 1:  # nothing changed: how it begins
        before, after = LONG // 2, 0
    if len(text) <= before + after + _AROUND:
        yield run
        return
    start = _word_end(text, before) if before else 0
    end = _word_start(text, len(text) - after) if after else len(text)
    yield from _some((kind, text[:start]), ("cut", f"{end - start:,}"), (kind, text[end:]))


def _some(*runs: tuple[str, str]) -> Iterable[tuple[str, str]]:
    return (run for run in runs if run[1])


def _word_end(text: str, at: int) -> int:
    """The end of the word at a place, if it comes soon."""
    found = text.find(" ", at, at + _AROUND // 2)
    return at if found < 0 else found


def _word_start(text: str, at: int) -> int:
    """The start of the word at a place, if it is near."""
    found = text.rfind(" ", at - _AROUND // 2, at)
    return at if found < 0 else found
