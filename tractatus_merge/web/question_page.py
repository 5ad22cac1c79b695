"""The sheet of one conflict, and of what was answered: every fact that the page writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Response

from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import REVOKES, active_resolutions, byline
from tractatus_merge.core.model.state import CONFLICTS, DOCUMENT, HEADER, INSTRUCTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, digest
from tractatus_merge.errors import Missing, UnknownConflict
from tractatus_merge.instructions import edit_against_retire
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import render
from tractatus_merge.review.edited import edits
from tractatus_merge.review.excerpts import LONG, excerpt
from tractatus_merge.review.lookup import find_resolution
from tractatus_merge.review.questions import KEYS, Question, place_of, question, verdict
from tractatus_merge.system.printable import escaped
from tractatus_merge.value import Value, replace
from tractatus_merge.web.filters import Filter, in_order, since
from tractatus_merge.web.page_frame import linked, page, repository, said
from tractatus_merge.web.timeline import Picture, picture


class Typed(Value):
    """What a person has typed into the form, given back where it was not taken."""

    value: str | None = None
    why: str = ""


def asked(
    head: State,
    found: Question,
    typed: Typed,
    complaint: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """The page of one conflict, as it stands now, with what was typed and what is wrong with it."""
    wanted = Filter.asked(said)
    found = replace(found, edits=edits(repository(), found.conflict))
    opened = {one.id: one for one in in_order(open_conflicts(head))}
    names = [one.id for one in fitting(opened.values(), wanted)]
    alike = [question(head, name) for name in opened if name in found.alike]
    at = names.index(found.conflict.id) if found.conflict.id in names else None
    before, after = around(names, found.conflict.id)
    draft, form = draft_of(found.conflict)
    here = linked(f"/conflict/{found.conflict.id}", **wanted.values)
    return page("conflict.html", head, status, asked=found, at=at, of=len(names), before=before,
                after=after, wanted=wanted, keys=KEYS, complaint=complaint, typed=typed, form=form,
                draft=draft, draft_mark=digest(draft), outcome=outcome(head), says=says,
                since=since(found.conflict), here=here, alike=alike, excerpt=excerpt, long=LONG,
                in_words=edit_against_retire.IN_WORDS, told=found.conflict.id,
                places={name: place_of(one) for name, one in opened.items()},
                picture=_drawn(repository(), found))  # fmt: skip


def gone(head: State, name: str, typed: Typed | None) -> Response:
    """A conflict that is not open: what was said of it, and what was typed here too late."""
    told = _answer(head, name)
    if told is None and typed is None:
        raise UnknownConflict(name)
    status = HTTPStatus.CONFLICT if typed and told else HTTPStatus.NOT_FOUND
    wanted = Filter.asked(said)
    left = in_order(fitting(open_conflicts(head), wanted))
    following = linked(f"/conflict/{left[0].id}", **wanted.values) if left else None
    return page("gone.html", head, status, name=name, typed=typed, following=following,
                here=linked(f"/conflict/{name}", **wanted.values),
                told=settled(told) if told else None)  # fmt: skip


def around(names: list[str], name: str) -> tuple[str | None, str | None]:
    """The conflicts before and after one; the first is after one that is not there."""
    if name not in names:
        return None, names[0] if names else None
    at = names.index(name)
    return (names[at - 1] if at else None), (names[at + 1] if at + 1 < len(names) else None)


def draft_of(conflict: Conflict) -> tuple[str, str]:
    """What free editing begins with, and whether it is a text or JSON.

    A text with characters that nobody sees is edited as JSON, where they are spelled out.
    """
    value = conflict.force.value
    if isinstance(value, str) and escaped(value) == value:
        return value, "text"
    return "" if value is MISSING else escaped(json_text.dump(value)), "json"


def fitting(conflicts: Iterable[Conflict], wanted: Filter) -> list[Conflict]:
    """Those of the conflicts that a person wants to see."""
    now = datetime.now(UTC)
    return [one for one in conflicts if wanted.fits(one, now)]


def says(value: Json) -> str:
    """A value on one line; of a contradiction, what the instruction says."""
    if isinstance(value, dict) and set(value) == {"instruction", "says"}:
        return f"{value['instruction']}: {render.spelled(value['says'])}"
    return render.spelled(value)


def outcome(head: State) -> dict[str, Json] | None:
    """What the person did last, as the address names it, told from what stands."""
    name = said("answered")
    found = [told for one in name.split(",") if (told := _answer(head, one))] if name else []
    if found:
        stand = {item["id"] for item in active_resolutions(resolutions(head))}
        undone = not any(told["id"] in stand for told in found)
        missed = said("missed")
        return {**settled(found[0]), "ids": name, "of": len(found), "undone": undone,
                "missed": int(missed) if missed.isdecimal() else 0,
                "view": said("view")}  # fmt: skip
    if said("reopened"):
        return {"reopened": True, "view": said("view")}
    return None


def short(told: dict[str, Json]) -> str:
    """Who settled it, and how, on one line; an empty text of what is no answer."""
    if REVOKES in told:
        return ""
    found = settled(told)
    why = f": “{found['why']}”" if found["why"] else ""
    return escaped(f"{found['author']} settled {found['place']}: {found['verdict']}{why}")


def _answer(head: State, name: str) -> dict[str, Json] | None:
    """The answer of that id, or the last one to a conflict of that id; a revocation is none."""
    told = find_resolution(head, name)
    return None if told is None or REVOKES in told else told


def settled(told: dict[str, Json]) -> dict[str, Json]:
    """An answer as people read it."""
    conflict = Conflict.from_json({"severity": "", **told, "id": told["conflict"]})
    return {
        "id": told["id"],
        "place": place_of(conflict),
        "verdict": verdict(told),
        "author": told["author"].removesuffix(" <>") + byline(told.get("by", "person")),
        "why": told["why"],
        "at": told["published"],
    }


def _drawn(repo: Repository, found: Question) -> Picture:
    """The picture of how it came to this, from the log of what it is about."""
    conflict = found.conflict
    names = [conflict.instruction, *(conflict.path[1:2] if conflict.kind == MEANING else ())]
    about = [(INSTRUCTIONS, name) if name else (DOCUMENT, HEADER) for name in names]
    entries = {
        entry.version: entry
        for key in ((CONFLICTS, conflict.id), *about)
        for entry in repo.store.log(*key)
        if not entry.root
    }
    wrote = {writer.session for side in conflict.all_sides for writer in side.writers}
    known = [entry for entry in entries.values() if entry.session in wrote]
    times = {}
    for base in {entry.base for entry in known if entry.base}:
        with contextlib.suppress(Missing):  # a shallow clone: then it has no place
            times[base] = repo.store.load(base).time
    return picture(found.side_views, known, times)
