"""The page as a Flask application: the guard before every request, the errors after."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from tractatus_merge.errors import (
    AgentRefused,
    ContentionError,
    NewerNeeded,
    RequestError,
    StoreError,
    TractatusError,
    UnknownConflict,
    UnknownInstruction,
    UnknownResolution,
)
from tractatus_merge.system.printable import clean
from tractatus_merge.web import actions, page_frame, pages
from tractatus_merge.web.guard import HEADERS, MOST_BYTES, Guard

_STATUS = {
    UnknownConflict: HTTPStatus.NOT_FOUND,
    UnknownInstruction: HTTPStatus.NOT_FOUND,
    UnknownResolution: HTTPStatus.CONFLICT,
    AgentRefused: HTTPStatus.FORBIDDEN,
    RequestError: HTTPStatus.BAD_REQUEST,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    NewerNeeded: HTTPStatus.CONFLICT,
    ContentionError: HTTPStatus.SERVICE_UNAVAILABLE,
    TractatusError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""What an error is to a browser: of its classes, the first that is here says it."""


class _Page(Flask):
    """Every text that a template writes is made visible first, then escaped."""

    jinja_options = {  # noqa: RUF012 (as Flask declares it)
        "finalize": lambda value: clean(value) if type(value) is str else value,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }


def make_app(folder: Path, guard: Guard) -> Flask:
    """The application over the repository that holds a folder."""
    app = _Page(__name__)
    app.config.update(
        {
            page_frame.FOLDER: folder,
            page_frame.GUARD: guard,
            "MAX_CONTENT_LENGTH": MOST_BYTES,
            "MAX_FORM_MEMORY_SIZE": MOST_BYTES,
        }
    )
    app.before_request(_admitted)
    app.after_request(_headed)
    app.teardown_request(lambda _: page_frame.close())
    app.register_error_handler(HTTPException, _odd_request)
    app.register_error_handler(TractatusError, _failed)
    app.register_blueprint(pages.pages)
    app.register_blueprint(actions.answers)
    return app


def _admitted() -> AnyResponse | None:
    """Refuse what is not the person's; take the token out of the address."""
    guard = page_frame.guard()
    refusal = guard.refusal(request)
    if refusal is not None:
        status, why = refusal
        return Response(f"{why}\n", status, mimetype="text/plain")
    if request.method == "GET" and "token" in request.args:
        let_in = redirect(page_frame.linked(request.path), HTTPStatus.SEE_OTHER)
        guard.admit(let_in)
        return let_in
    return None


def _headed(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _odd_request(error: HTTPException) -> Response:
    """What no route takes: an unknown address, a wrong method, too large an answer."""
    sentence = error.description or str(error)
    status = HTTPStatus(error.code or 500)
    response = page_frame.page("refused.html", None, status, sentence=sentence, hint=None)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers.extend(dict(error.get_headers(None)))
        response.content_type = "text/html; charset=utf-8"
    return response


def _failed(error: TractatusError) -> Response:
    """What the program refuses, in its own words."""
    kinds = filter(_STATUS.get, type(error).__mro__)
    status = _STATUS[next(kinds, TractatusError)]
    return page_frame.page("refused.html", None, status, sentence=error.sentence, hint=error.hint)
