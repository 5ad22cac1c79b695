"""The verb that puts conflicts to a person: on screens, on a page, or as data."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tractatus_merge.cli.common import catch_up, look, verb, write_view
from tractatus_merge.cli.screen.conversation import Screen
from tractatus_merge.cli.screen.deck import Deck
from tractatus_merge.cli.screen.last_screen import summary
from tractatus_merge.cli.terminal.arguments import json_option
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflicts
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.answer import refuse_agents
from tractatus_merge.review.questions import Question, question, questions


@click.command()
@click.argument("conflict", required=False, metavar="[CONFLICT]")
@click.option("--web", is_flag=True, help="On a page of this machine, in the browser.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The page's port.")
@json_option
@verb
def review(repo: Repository, *, conflict: str | None, web: bool, port: int, as_json: bool) -> None:
    """Settle conflicts, the gravest first: one screen each, one key an answer.

    Without a terminal it prints what it would ask, as JSON. Only a person answers.
    """
    line = " ".join(filter(None, ("tractatus-merge review", conflict, "--web" if web else "")))
    refuse_agents(repo, "review", line)
    look(repo)
    catch_up(repo)
    head = repo.head()
    for other in later_conflicts(head) if conflict is None else ():
        error = newer_for(head, other)
        talk(f"{error.sentence}\n  {error.hint}")
    first = question(head, conflict).conflict.id if conflict else None
    if web:
        from tractatus_merge.web import serve  # an extra of its own

        serve(Path(repo.workspace.top), port=port, announce=talk, open_at=first)
        return
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        found = questions(head)
        found = [item for item in found if first in (None, item.conflict.id)]
        emit((), {"questions": list(map(question_json, found))}, as_json=True)
        return
    deck = Deck(repo, first)
    try:
        if deck.ids:
            Screen(deck).run()
    finally:
        if deck.given:
            write_view(repo, str(repo.workspace.top), repo.head())
    _farewell(deck)


def question_json(asked: Question) -> dict[str, Json]:
    """A question as data: the conflict, every answer with what it leads to, what is suggested."""
    offers = [
        {
            "take": offer.take,
            "means": offer.means,
            **({} if offer.value is MISSING else {"value": offer.value}),
        }
        for offer in asked.offers
    ]
    hint = asked.suggestion
    return {
        **asked.conflict.to_json(),
        "answers": offers,
        "suggestion": {"take": hint.take, "reason": hint.reason} if hint else None,
        "related": list(asked.related),
        "alike": list(asked.alike),
    }


def _farewell(deck: Deck) -> None:
    lines = [summary(deck)]
    if deck.given:
        last = deck.given[-1]
        lines += [
            f"  undo {last.places[0]}: tractatus-merge resolve --revoke {last.resolutions[0]}"
        ]
        if len(deck.given) + len(last.places) > 2:
            lines += ["  every answer: tractatus-merge conflicts --settled"]
    emit(lines)
    if deck.open():
        raise SystemExit(1)
