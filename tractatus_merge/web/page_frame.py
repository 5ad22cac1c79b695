"""What one request works on: the repository, opened afresh, and what every page shows."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from flask import Response, current_app, g, make_response, render_template, request
from markupsafe import escape

from tractatus_merge.core.model.state import CONFLICTS, State
from tractatus_merge.factory import open_repository
from tractatus_merge.repository import notify
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.render import moment
from tractatus_merge.web.guard import Guard

FOLDER, GUARD, GIVEN = "TRACTATUS_FOLDER", "TRACTATUS_GUARD", "TRACTATUS_GIVEN"


def repository() -> Repository:
    """The repository, for this request only: a store belongs to one thread."""
    if "repository" not in g:
        folder: Path = current_app.config[FOLDER]
        g.repository = open_repository(folder)
    opened: Repository = g.repository
    return opened


def close() -> None:
    """Let the request's repository go."""
    opened = g.pop("repository", None)
    if opened is not None:
        if isinstance(opened, Repository) and (new := notify.notice(opened)):
            notify.leave(new)
        opened.close()


def guard() -> Guard:
    """The secrets of this run of the page."""
    found: Guard = current_app.config[GUARD]
    return found


def given() -> list[tuple[str, str]]:
    """What was answered on this run of the page and stands: the ids, joined by commas, and where.

    The last one last. The ids of one answer to some that are alike are undone together.
    """
    found: list[tuple[str, str]] = current_app.config.setdefault(GIVEN, [])
    return found


def said(name: str) -> str:
    """A value of the address: half a surrogate too, since an id is any string."""
    text = request.query_string.decode("ascii", "replace")
    try:
        found = parse_qs(text, errors="surrogatepass")
    except UnicodeDecodeError:  # no id that was ever kept
        found = parse_qs(text, errors="replace")
    return found.get(name, [""])[-1]


def linked(path: str, **values: str | None) -> str:
    """A path of the page with its values, those that say nothing left out."""
    told = {key: value for key, value in values.items() if value}
    query = urlencode(told, errors="surrogatepass")
    return f"{quote(path)}{'?' if query else ''}{query}"


def page(
    template: str, head: State | None, status: HTTPStatus = HTTPStatus.OK, **facts: Any
) -> Response:
    """A page with what stands on all of them: how much is open, and the version that is shown."""
    shown = {
        "head": head.version if head else "",
        "waiting": len(head.names(CONFLICTS)) if head else None,
        "seal": guard().seal,
        "linked": linked,
        "raw": escape,
        "moment": moment,
        "last": given()[-1] if head and given() else None,
    }
    return make_response(render_template(template, **shown, **facts), status)
