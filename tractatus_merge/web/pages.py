"""The pages that show: what is open, one conflict, what was settled, the history, the sessions."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Blueprint, Response, jsonify

from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflicts, open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS, Entry, State
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import RequestError, UnknownConflict, UnknownInstruction
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.schema import words
from tractatus_merge.log.blame import blame
from tractatus_merge.log.versions import find_version, story
from tractatus_merge.review import render
from tractatus_merge.review.lookup import find_resolution, weighty
from tractatus_merge.review.questions import Pieces, chose, place_of, question, says_of
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import overview, troubles
from tractatus_merge.value import replace
from tractatus_merge.web.filters import AGES, Filter, choices, grouped, sessions_of, since
from tractatus_merge.web.page_frame import linked, page, repository, said
from tractatus_merge.web.question_page import (
    Typed,
    asked,
    fitting,
    gone,
    outcome,
    says,
    settled,
    short,
)

pages = Blueprint("pages", __name__)
_ALIKE = 24
"""Letters at the start that all sides may share on a row of the list."""
_MANY = 40
"""Entries of the log on one page."""
_FEW = 15
"""Versions that are told place by place on one page: each is loaded."""


@pages.get("/")
def index() -> Response:
    """The open conflicts, the gravest first."""
    head = repository().head()
    wanted = Filter.asked(said)
    every = open_conflicts(head)
    found = fitting(every, wanted)
    severities, sessions = choices(sorted(every, key=weighty))
    groups = [
        {
            "name": name or "header",
            "instruction": name,
            "words": words(HISTORY.content(head, name)) if name else "",
            "rows": [_conflict_row(conflict) for conflict in conflicts],
        }
        for name, conflicts in grouped(found)
    ]
    newer = [newer_for(head, kept) for kept in later_conflicts(head)]
    return page("list.html", head, groups=groups, shown=len(found), total=len(every),
                wanted=wanted, ages=AGES, newer=newer, severities=severities, sessions=sessions,
                outcome=outcome(head))  # fmt: skip


def _conflict_row(conflict: Conflict) -> dict[str, Any]:
    """One conflict on one line: the place within its instruction, what each side says."""
    group = f"{conflict.instruction or 'header'} "
    return {
        "conflict": conflict,
        "group": group,
        "place": place_of(conflict).removeprefix(group),
        "values": _told_apart([says_of(conflict, side) for side in conflict.all_sides]),
        "sessions": sessions_of(conflict),
        "since": since(conflict),
    }


def _told_apart(values: list[str]) -> list[str]:
    """The values from where they differ, so that the start of a line tells one from the other."""
    letters = enumerate(zip(*values, strict=False))
    alike = next((at for at, each in letters if len(set(each)) > 1), min(map(len, values)))
    start = values[0].rfind(" ", 0, alike) + 1
    return [f"… {value[start:]}" for value in values] if start > _ALIKE else values


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
    rows = [_entry_row(entry, name, head) for entry in found[:many]]
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
    row = {
        **_entry_row(entry, "", head),
        "steps": [_step_row(step) for step in story(repo, entry)],
    }
    return page("version.html", head, row=row)


def _entry_row(entry: Entry, name: str, head: State) -> dict[str, Json]:
    """One version as the history page shows it; the instruction it is listed for left out."""
    opened = head.names(CONFLICTS)
    changed = [one for kind, one in entry.changes if kind == INSTRUCTIONS and one != name]
    return {
        "version": entry.version,
        "at": "" if entry.root else entry.time,
        "moment": "as adopted" if entry.root else render.moment(entry.time),
        "author": entry.author.removesuffix(" <>"),
        "session": entry.session,
        "agent": entry.agent,
        "message": _in_words(entry, head),
        "changes": [(one, linked("/history", instruction=one)) for one in changed],
        "conflicts": [
            (one, linked(f"/conflict/{one}") if one in opened else None) for one in entry.conflicts
        ],
    }


def _in_words(entry: Entry, head: State) -> str:
    """What a version did: of an answer who chose what over what; else as the log says it."""
    if not entry.message.startswith("Resolve "):
        return entry.message
    told = [find_resolution(head, name) for kind, name in entry.changes if kind == RESOLUTIONS]
    author = entry.author.removesuffix(" <>").partition(" <")[0]
    found = [f"{author} chose {chose(one)}" for one in told if one and "take" in one]
    return "; ".join(found) or entry.message


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
    """The head, for an open page that asks whether it is still true, and who settled it if not."""
    repo = repository()
    name = said("conflict")
    told = find_resolution(repo.head(), name) if name else None
    return jsonify(head=repo.store.head(), settled=short(told) if told else None)
