"""The two things that a person does on the page: answer conflicts, and undo an answer."""

from __future__ import annotations

import contextlib
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from tractatus_merge.core.model.conflict import EDIT_RETIRE, MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, digest
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.errors import RequestError, StaleAnswer, UnknownConflict
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import answer as review_answer
from tractatus_merge.review.answer import refuse_agents
from tractatus_merge.review.lookup import find_conflict, find_resolution
from tractatus_merge.review.questions import place_of, question
from tractatus_merge.view import foreign_edits
from tractatus_merge.view.file import View
from tractatus_merge.web.filters import Filter, in_order
from tractatus_merge.web.page_frame import given, guard, linked, repository, said
from tractatus_merge.web.question_page import Typed, around, asked, draft_of, fitting, gone

answers = Blueprint("answers", __name__)
OWN = "value"
"""What `take` says where the value is the person's own."""


@answers.post("/conflict/<name>/answer")
def answer(name: str) -> AnyResponse:
    """Settle a conflict as it was seen; where it is not so any more, show how it is."""
    _sealed(f"answer {name}")
    repo = _ready()
    fields = request.form
    typed = _typed(fields)
    head = repo.head()
    opened = in_order(open_conflicts(head))
    try:
        found = find_conflict(head, name)
    except UnknownConflict:
        return gone(head, name, typed)
    if fields.get("seen") != found.terms:
        return _stale(head, name, typed)
    try:
        take = fields.get("take", "")
        value = _own(found, fields.get("value", "")) if take == OWN else MISSING
        review_answer.resolve(
            repo, found, take=take, value=value, why=typed.why.strip(), seen=fields["seen"]
        )
    except StaleAnswer:
        return _stale(repo.head(), name, typed)
    except UnknownConflict:
        return gone(repo.head(), name, typed)
    except RequestError as error:
        put = question(head, name)
        return asked(head, put, typed, error.sentence, HTTPStatus.BAD_REQUEST)
    others = _alike_too(repo, fields, (take, value, typed.why.strip()))
    head = repo.head()
    ids = _told(head, found.id, *(one for one, taken in others.items() if taken))
    given().append((ids, place_of(found)))
    names = [
        conflict.id
        for conflict in fitting(opened, Filter.asked(said))
        if not others.get(conflict.id)
    ]
    following = around(names, found.id)[1] or next((n for n in names if n != found.id), None)
    missed = [one for one, taken in others.items() if not taken]
    return _onward(repo, head, following, answered=ids, missed=str(len(missed) or ""))


def _alike_too(
    repo: Repository, fields: MultiDict[str, str], answered: tuple[str, Json, str]
) -> dict[str, bool]:
    """Give the conflicts that were ticked the same answer; by id, whether it was taken.

    One that changed since it was read stays open.
    """
    take, value, why = answered
    taken = {}
    for ticked in fields.getlist("also"):
        name, _, seen = ticked.rpartition(" ")
        taken[name] = False
        with contextlib.suppress(StaleAnswer, UnknownConflict, RequestError):
            there = find_conflict(repo.head(), name)
            review_answer.resolve(repo, there, take=take, value=value, why=why, seen=seen)
            taken[name] = True
    return taken


def _told(head: State, *names: str) -> str:
    """The ids of the answers to these conflicts, joined by commas."""
    found = (find_resolution(head, name) for name in names)
    return ",".join(str(told["id"]) for told in found if told)


@answers.post("/undo/<ids>")
def undo(ids: str) -> AnyResponse:
    """Open again what an answer settled: all that it settled, where it was to some alike."""
    _sealed(f"undo {ids}")
    repo = _ready()
    done = [review_answer.revoke(repo, name) for name in ids.split(",")]
    given()[:] = [(one, place) for one, place in given() if one != ids]
    return _onward(repo, done[-1].head, done[0].conflict.id, reopened="yes")


def _sealed(form: str) -> None:
    if not guard().is_sealed(form, request.form):
        raise Forbidden("This form was not made by this run of the page. Load the page again.")


def _ready() -> Repository:
    """The repository, with what programs wrote into the view taken in; agents are refused."""
    repo = repository()
    refuse_agents(repo, "review", "tractatus-merge review --web")
    taken = foreign_edits.take_in(repo)
    if taken.rounded or (taken.merged is not None and taken.merged.status != "nothing"):
        View(repo).after_taking_in(repo.head())
    return repo


def _typed(fields: MultiDict[str, str]) -> Typed:
    """What the person typed: of the value only what the page did not put there."""
    value = fields.get("value", "").replace("\r\n", "\n")
    return Typed(None if digest(value) == fields.get("draft") else value, fields.get("why", ""))


def _own(found: Conflict, text: str) -> Json:
    """The value that a person wrote, of the form that the field of the page had."""
    if found.kind in (MEANING, EDIT_RETIRE):
        raise RequestError("of this conflict only what is offered can stand.")
    text = text.replace("\r\n", "\n")
    if draft_of(found)[1] == "text":
        return text
    try:
        return json_text.parse(text)
    except JsonError as error:
        raise RequestError(f"the value is not JSON: {error.why}.") from None


def _stale(head: State, name: str, typed: Typed) -> Response:
    complaint = "This conflict has changed since you read it. Nothing was taken: see how it is now."
    try:
        found = question(head, name)
    except UnknownConflict:
        return gone(head, name, typed)
    return asked(head, found, typed, complaint, HTTPStatus.CONFLICT)


def _onward(repo: Repository, head: State, name: str | None, **told: str) -> AnyResponse:
    """Write the view, and go on to a conflict, or to the list: reloading answers nothing twice."""
    kept = View(repo).write(head)
    path = f"/conflict/{name}" if name else "/"
    target = linked(path, **told, view="kept" if kept else None, **Filter.asked(said).values)
    return redirect(f"{target}#outcome", HTTPStatus.SEE_OTHER)
