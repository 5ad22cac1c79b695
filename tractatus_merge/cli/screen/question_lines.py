"""A question as a screen of lines: what is contested, who said what, every answer with its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tractatus_merge.cli.screen.typed_line import TypedLine
from tractatus_merge.cli.terminal.colour import Line, Piece, broken, marked, wide
from tractatus_merge.cli.terminal.output import fitted
from tractatus_merge.core.model.conflict import EDIT_RETIRE, MEANING, Writer
from tractatus_merge.instructions import edit_against_retire
from tractatus_merge.review.questions import KEYS, Offer, Question, SideView
from tractatus_merge.review.render import moment
from tractatus_merge.system.printable import clean

_LABEL = 8
_MOVES = (
    ("w", "say why"),
    ("s", "skip"),
    ("p", "back"),
    ("u", "undo"),
    ("q", "quit"),
    ("?", "help"),
)


def headline(question: Question, at: int, total: int, width: int) -> Line:
    """The first line: how far, how grave, what about."""
    conflict = question.conflict
    left = f"{at} of {total}  "
    place = fitted(question.place, max(width - len(left) - len(conflict.severity) - 14, 12))
    return [
        ("strong", left),
        (conflict.severity, conflict.severity),
        ("", "  "),
        ("strong", place),
        ("faint", f"  {conflict.id}"),
    ]


def body(question: Question, width: int, *, unfolded: bool) -> list[Line]:
    """All that one needs to decide; longer than a screen if it must be."""
    lines: list[Line] = []
    kind = question.conflict.kind
    if kind == EDIT_RETIRE:
        lines += broken([("", edit_against_retire.IN_WORDS)], width)
        lines += _labelled("it says", [("", question.words)], width)
        for place, change in question.edits:
            lines += _labelled("edited", [("", f"{place}: "), *marked(change)], width)
    elif kind == MEANING:
        lines += broken([("", "both are in force, and they contradict each other")], width)
    else:
        lines += _labelled("base", [("", question.base)], width)
    for side_view in question.side_views:
        lines += [[]]
        lines += _side_lines(side_view, width)
    lines += [[]]
    if question.related:
        lines += _labelled("also", [("", f"open here: {', '.join(question.related)}")], width)
    if question.alike:
        many = f"{len(question.alike)} more with this very choice"
        lines += _labelled("alike", [("", f"{many} ("), ("key", "a"), ("", " answers all)")], width)
    lines += list(_others(question, width, unfolded=unfolded))
    if question.suggestion is not None:
        key = KEYS.get(question.suggestion.take, question.suggestion.take)
        said: list[Piece] = [("key", key), ("", f"  {question.suggestion.reason}")]
        lines += _labelled("suggest", said, width)
    return lines


def _labelled(label: str, pieces: Sequence[Piece], width: int, style: str = "faint") -> list[Line]:
    return broken([(style, label.ljust(_LABEL)), *pieces], width, _LABEL)


def _side_lines(side_view: SideView, width: int) -> Iterator[Line]:
    """A side: what it says, with the words it changed; who wrote it, when and why."""
    mark = "  (in\u00a0force)" if side_view.in_force else ""
    mark = mark or ("  (a\u00a0proposal)" if side_view.side.proposal else "")
    if (
        len(side_view.changes) == 1
        and len({kind for kind, _ in side_view.changes[0]} - {"new"}) > 1
    ):
        said: list[Piece] = marked(side_view.changes[0])
    else:
        said = [("", side_view.says)]
    yield from _labelled(str(side_view.number), [*said, ("faint", mark)], width, "key")
    if not isinstance(side_view.side.value, str):
        for change in side_view.changes:
            yield from _labelled("", change, width)
    for writer in side_view.side.writers:
        yield from _labelled("", [("faint", _by(writer))], width)
        if writer.why:
            yield from _labelled("", [("faint", "why: "), ("", f'"{writer.why}"')], width)
    if not side_view.side.writers:
        yield from _labelled("", [("faint", "as it was adopted")], width)


def _by(writer: Writer) -> str:
    who = writer.author.removesuffix(" <>").partition(" <")[0]
    return f"session {writer.session}, {who}, {moment(writer.at)}"


def _others(question: Question, width: int, *, unfolded: bool) -> Iterator[Line]:
    if not question.others:
        return
    if unfolded or question.conflict.kind == MEANING:
        for key, value in question.others:
            yield from broken([("faint", f"{key}: "), ("", value)], width, _LABEL)
        return
    if question.words and question.conflict.kind != EDIT_RETIRE:
        yield from _labelled("it says", [("", fitted(question.words, 2 * width))], width)
    fields = f"{len(question.others)} other field{'s' * (len(question.others) != 1)}"
    yield from _labelled("more", [("", f"{fields} ("), ("key", "m"), ("", " shows them)")], width)


def keys(question: Question, width: int, moves: Sequence[tuple[str, str]] = _MOVES) -> list[Line]:
    """The last lines: each answer's key and what it leads to."""
    rows = [(KEYS.get(o.take, o.take), _short(o, question)) for o in question.offers]
    rows += [("e", "edit")] if question.editable else []
    lines: list[list[Piece]] = [[]]
    used = 0
    for key, word in (*rows, *moves):
        size = len(key) + wide(word) + 1
        if used and used + 2 + size > width:
            lines.append([])
            used = 0
        lines[-1] += [("", "  " if used else ""), ("key", key), ("", f" {word}")]
        used += size + (2 if used else 0)
    return list(lines)


def _short(offer: Offer, question: Question) -> str:
    """An answer in a word or two."""
    if offer.take == "both":
        return "both"
    if offer.take in ("base", "retire"):
        return offer.take
    if question.conflict.kind == EDIT_RETIRE:
        return "retire" if offer.value is False else "keep"
    if question.conflict.kind == MEANING:
        return str(offer.value["instruction"])
    return f"side {offer.take}" if offer.take != "1" else "in force"


def help_lines(question: Question, width: int) -> list[Line]:
    """What each key does, and what each answer leads to."""
    lines: list[Line] = [[("strong", "Answers")]]
    for offer in question.offers:
        key = KEYS.get(offer.take, offer.take)
        lines += broken([("key", f"  {key}  "), ("", offer.means)], width, 5)
    more = [
        *([("e", "write a value of your own in $EDITOR")] if question.editable else []),
        *([("a", "one answer for all alike; they are shown first")] if question.alike else []),
        ("w", "write down why, before you answer; Esc leaves it as it was"),
    ]
    moves = [
        ("s", "skip: it stays open"), ("p", "back to the one before"),
        ("u", "undo your last answer: the conflict is open again"),
        ("m", "show or fold the other fields"), ("space", "scroll down; up with -"),
        ("q", "quit; every answer you gave is published already"),
    ]  # fmt: skip
    for title, rows in (("More answers", more), ("Moves", moves)):
        lines += [[], [("strong", title)]]
        for key, word in rows:
            lines += broken([("key", f"  {key}  "), ("", word)], width, 5)
    return lines


def alike_lines(every: Sequence[Question], width: int) -> list[Line]:
    """The conflicts that one answer would settle, each with what its instruction says."""
    lines: list[Line] = [[("strong", f"One answer for {len(every)} conflicts")], []]
    for question in every:
        lines += broken([("key", f"  {question.place}  "), ("", question.words)], width, 4)
    for side_view in every[0].side_views:
        mark = "  (in\u00a0force)" if side_view.in_force else ""
        said: list[Piece] = [("", side_view.says), ("faint", mark)]
        lines += [[], *_labelled(str(side_view.number), said, width, "key")]
    return lines


def alike_keys(question: Question, width: int) -> list[Line]:
    """The answers that all of them can get, and the way back."""
    return [*keys(question, width, ()), [("faint", "any other key goes back")]]


def typed_lines(typing: TypedLine, width: int) -> list[Line]:
    """The line that is typed now: its end, where it is longer than the screen."""
    label, hint = f"{typing.label}: ", "Enter takes it, Esc leaves it"
    room = max(width - len(label) - 1, 1)
    text = clean(typing.text)
    while wide(text) > room:
        text = text[1:]
    return [[("faint", hint[:width])], [("key", label), ("", text)]]
