"""The verb that compares two histories: diff."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import click

from tractatus_merge.cli.common import look, the_session, verb
from tractatus_merge.cli.terminal import moments
from tractatus_merge.cli.terminal.arguments import format_option, json_option, session_option
from tractatus_merge.cli.terminal.colour import Line, Piece, marked
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.cli.terminal.pager import emit_paged
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import leaves
from tractatus_merge.git.in_force import compared
from tractatus_merge.instructions.header import header_value
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import markdown, render


@click.command()
@click.argument("one", required=False, metavar="[A")
@click.argument("other", required=False, metavar="[B]]")
@session_option
@format_option
@json_option
@verb
def diff(
    repo: Repository, *, one: str | None, other: str | None, name: str | None, form: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Show what the session changed; or what changed from version A to B (else to the head).

    A and B are versions of the history, times, or commits of the code: what was in force when
    they were made. In A..B and A...B the file is compared, as commits have it.
    """
    if form != "markdown" or one is None:
        look(repo)
    headers: tuple[dict[str, Json], dict[str, Json]] = {}, {}
    if one is None:
        session = the_session(repo, name)
        base, copy = session.base(), session.copy()[1]
        before, after = dict(base.records), dict(copy.records)
        headers = header_value(base.header), header_value(copy.header)
    else:
        before, after = map(dict, compared(repo, one, other, _times(one, other)))
    if form == "markdown" and not as_json:
        version = repo.store.head()
        emit([markdown.report(repo.store.load(version) if version else None, before, after)])
        return
    changes: list[dict[str, Json]] = [
        {"instruction": None, "field": shown(path), **_sides(old, new)}
        for path, old, new in leaves(*headers)
    ]
    changes += [
        {"instruction": key, "field": shown(path), **_sides(old, new)}
        for key in dict.fromkeys((*before, *after))
        if key in after
        for path, old, new in leaves(
            before[key].content if key in before else {}, after[key].content
        )
        if key in before or path in {("text",), ("title",)}
    ]
    lines: list[str | Line] = []
    for key, group in itertools.groupby(changes, key=lambda change: change["instruction"]):
        is_new = key is not None and key not in before
        lines.append([("id", key or "header"), ("new", "  (new)" if is_new else "")])
        for change in group:
            sides = change.get("before", MISSING), change.get("after", MISSING)
            lines += [
                [("strong", f"  {change['field']}"), ("", ": "), *told] for told in _told(*sides)
            ]
    as_json = as_json or form == "json"
    emit_paged(repo, lines or ["no difference"], {"changes": changes}, as_json=as_json)


def _times(*names: str | None) -> dict[str, str]:
    """Those of the names that are times."""
    return {name: time for name in names if name and (time := moments.typed(name))}


def _sides(old: Json, new: Json) -> dict[str, Json]:
    found = {"before": old, "after": new}
    return {key: value for key, value in found.items() if value is not MISSING}


def _told(before: Json, after: Json) -> Iterable[list[Piece]]:
    """A change as `render.differences` tells it, what is gone and what is new in their colours."""
    if isinstance(before, str) and isinstance(after, str):
        return [marked(render.pieces(before, after))]
    if not isinstance(before, (dict, list)) or not isinstance(after, (dict, list)):
        return [[("gone", render.spelled(before)), ("", " -> "), ("new", render.spelled(after))]]
    return [[("", line)] for line in render.differences(before, after)]
