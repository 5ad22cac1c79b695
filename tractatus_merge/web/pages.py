"""The pages that show: what is open, one conflict, what was settled, the history, the sessions."""

from __future__ import annotations

import itertools
from collections.abc import Container
from typing import Any

from flask import Blueprint, Response, jsonify

from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflicts, open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, Entry
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import RequestError, UnknownConflict, UnknownInstruction
from tractatus_merge.log.blame import blame
from tractatus_merge.log.versions import find_version, story
from tractatus_merge.review import render
from tractatus_merge.review.lookup import weighty
from tractatus_merge.review.questions import Pieces, place_of, question, says_of
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import overview, troubles
from tractatus_merge.value import replace
from tractatus_merge.web.filters import AGES, Filter, choices, sessions_of, since
from tractatus_merge.web.page_frame import linked, page, repository, said
from tractatus_merge.web.question_page import Typed, asked, fitting, gone, outcome, says, settled

pages = Blueprint("pages", __name__)
_MANY = 40
"""Entries of the log on one page."""
_FEW = 15
"""Versions that are told place by place on one page: each is loaded."""


@pages.get("/")
def index() -> Response:
    """The open conflicts, the gravest first."""
    head = repository().head()
    wanted = Filter.asked(said)
    every = sorted(open_conflicts(head), key=weighty)
    found = fitting(every, wanted)
    severities, sessions = choices(every)
    rows = [
        {
            "conflict": conflict,
            "place": place_of(conflict),
            "values": [says_of(conflict, side) for side in conflict.all_sides],
            "sessions": sessions_of(conflict),
            "since": since(conflict),
        }
        for conflict in found
    ]
    newer = [newer_for(head, kept) for kept in later_conflicts(head)]
    return page("list.html", head, rows=rows, total=len(every), wanted=wanted, ages=AGES,
                newer=newer, severities=severities, sessions=sessions,
                outcome=outcome(head))  # fmt: skip


@pages.get("/conflict/<name>")
def conflict(name: str) -> Response:
    """One conflict, with all its answers."""
    head = repository().head()
    try:
        found = question(head, name)
    except UnknownConflict:
        return gone(head, name, None)
    return asked(head, found, Typed())


@pages.get("/settled")
def answered() -> Response:
    """What persons answered, newest first; each can be undone."""
    head = repository().head()
    rows = [settled(dict(told)) for told in active_resolutions(resolutions(head))]
    return page("settled.html", head, rows=rows)


@pages.get("/history")
def history() -> Response:
    """Who published what, newest first; of one instruction place by place."""
    repo = repository()
    name = said("instruction")
    number = said("page")
    at = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    many = _FEW if name else _MANY
    log = repo.store.log(INSTRUCTIONS, name) if name else repo.store.log()
    found = list(itertools.islice(log, (at - 1) * many, at * many + 1))
    if name and not found and at == 1:
        raise UnknownInstruction(name)
    head = repo.head()
    opened = head.names(CONFLICTS)
    rows = [_entry_row(entry, name, opened) for entry in found[:many]]
    if name:
        for row, entry in zip(rows, found, strict=False):
            alone = replace(entry, changes=((INSTRUCTIONS, name),))
            row["steps"] = [_step_row(step) for step in story(repo, alone)]
    more = linked("/history", instruction=name, page=str(at + 1)) if len(found) > many else None
    fewer = linked("/history", instruction=name, page=str(at - 1)) if at > 1 else None
    facts: dict[str, Any] = {"rows": rows, "name": name, "more": more, "fewer": fewer}
    facts["fields"] = blame(head, name) if name and at == 1 else []
    return page("history.html", head, **facts, shown=shown, says=says)


@pages.get("/version/<name>")
def version(name: str) -> Response:
    """How one version came to what it is, place by place."""
    repo = repository()
    entry = find_version(repo, name)
    if entry is None:
        raise RequestError(f"there is no version '{name}'.", hint="tractatus-merge log")
    head = repo.head()
    opened = head.names(CONFLICTS)
    row = {
        **_entry_row(entry, "", opened),
        "steps": [_step_row(step) for step in story(repo, entry)],
    }
    return page("version.html", head, row=row)


def _entry_row(entry: Entry, name: str, opened: Container[str]) -> dict[str, Json]:
    """One version as the history page shows it; the instruction it is listed for left out."""
    changed = [one for kind, one in entry.changes if kind == INSTRUCTIONS and one != name]
    return {
        "version": entry.version,
        "at": "" if entry.root else entry.time,
        "moment": "as adopted" if entry.root else render.moment(entry.time),
        "author": entry.author.removesuffix(" <>"),
        "session": entry.session,
        "agent": entry.agent,
        "message": entry.message,
        "changes": [(one, linked("/history", instruction=one)) for one in changed],
        "conflicts": [
            (one, linked(f"/conflict/{one}") if one in opened else None) for one in entry.conflicts
        ],
    }


def _step_row(step: Step) -> dict[str, Json]:
    """One place that a version changed: a word difference, or before and after."""
    changes: list[Pieces] = []
    if step.how == "new":
        content = step.theirs if isinstance(step.theirs, dict) else {}
        changes.append([("new", render.spelled(content.get("text", content.get("title", ""))))])
    elif isinstance(step.base, str) and isinstance(step.theirs, str):
        changes.append(render.pieces(step.base, step.theirs))
    else:
        changes += [[("same", line)] for line in render.differences(step.base, step.theirs)]
    place = f"{step.instruction or 'header'} {shown(step.path)}".rstrip()
    return {"place": place, "how": render.how(step), "changes": changes}


@pages.get("/sessions")
def sessions() -> Response:
    """The sessions side by side, as the verb `sessions` tells them."""
    repo = repository()
    every = bool(said("all"))
    found = session_lookup.line_sessions(repo) if every else session_lookup.open_sessions(repo)
    rows = [overview.session_row(repo, session) for session in found]
    shown = [session.folder for session in found]
    broken = [trouble.sentence for trouble in troubles.troubles(repo, but=shown)]
    facts: dict[str, Any] = {"rows": rows, "every": every, "broken": broken, "says": says}
    return page("sessions.html", repo.head(), **facts)


@pages.get("/head.json")
def newest() -> Response:
    """The head, for an open page that asks whether it is still true."""
    return jsonify(head=repository().store.head())
