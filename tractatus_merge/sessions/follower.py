"""The end of a session while another command leads: sealed here, merged there, told here.

Nothing that merges is loaded, so that many who end at once cost little. Whatever is unusual (a
merge that was cut off, a copy that is no text, a program that writes late) is left to the command
line, which does it all by itself. Decision 50. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import time

from tractatus_merge import __version__
from tractatus_merge.sessions.late_writes import Late
from tractatus_merge.sessions.waiting import Waiting
from tractatus_merge.system import files, jsonl, locks, plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WAIT = 10.0
"""Seconds for who leads; then everybody goes on alone."""
_LOOK, _RAREST = 0.004, 0.03
"""Seconds between two looks for the answer: at first, and when it takes long."""
_UNUSUAL = ("merging", "next", "command", "untold", "older")
"""Facts of a session that somebody left in the middle of something, or that is a person's."""
_LARGEST = 4 * 1024 * 1024
"""Bytes of a journal: one that is larger is not asked about."""
_STEPS = ("base-", "sealed-", "next-", "rows-")
"""How the files begin that a step of a session needs."""
_TEXTS = ("seal", "sealed", "base", "exchanging", "told", "text", "json", "worktree")


class Ended:
    """What came of an end: what is to be said, the exit code, and who wrote the view."""

    def __init__(self, folder: str, worktree: str, answer: dict[str, Any]) -> None:
        self.text: str = answer["text"]
        self.json: str = answer["json"]
        self.code: int = answer["code"]
        self.worktree: str = worktree
        self.view_is_due: bool = answer["worktree"] != worktree
        """Whether the view of its own worktree is still to be written: the leader has another."""
        self._folder, self._told = folder, answer["told"]
        sealed = (f"sealed-{seal}.json" for seal in answer["keep"])
        self._kept = {f"base-{answer['base']}.json", *sealed}

    def told(self) -> None:
        """Note that the outcome was told; if that fails, it is told again, which harms nobody."""
        with contextlib.suppress(OSError):
            files.replace(f"{self._folder}/session.json", self._told.encode())
            for name in os.listdir(self._folder):  # files that no step names any more
                if name.startswith(_STEPS) and name.endswith(".json") and name not in self._kept:
                    os.unlink(f"{self._folder}/{name}")


def ended(state: str, name: str) -> Ended | None:
    """Have a session ended and merged by who leads: the outcome.

    None where the caller has to do it: nobody leads (then this process does, until it ends), or
    the session is not one for it, or nobody has answered. Its lock is kept, if it was free.
    """
    folder, waiting = f"{state}/sessions/{name}", Waiting(state)
    with contextlib.suppress(OSError):
        if not os.path.isfile(f"{folder}/session.json") or not locks.keep(f"{folder}/lock"):
            return None
        if waiting.lead():
            return None
        request = _request(folder, name)
        if request is None:
            return None
        _seal(folder, request)
        waiting.ask(name, _sealed(folder, request))
        answer = _answer(waiting, name, request)
        if answer is not None:
            _adopt(waiting, folder, name, request, answer)
            return Ended(folder, request["session"]["worktree"], answer)
    return None


def settings_digest(claude: str, worktree: str) -> str:
    """What tells the settings of one `.claude` folder, else of its worktree's top, from others."""
    for folder in (claude, f"{worktree}/.claude"):
        with contextlib.suppress(FileNotFoundError):
            return files.digest(plain_file.read(f"{folder}/tractatus.toml"))
    return ""


def _request(folder: str, name: str) -> dict[str, Any] | None:
    """All that a session brings; None where something is unusual about it."""
    facts = jsonl.load(f"{folder}/session.json")
    base = facts.get("base")
    if facts.get("id") != name or facts.get("state") != "open" or not isinstance(base, dict):
        return None
    if any(facts.get(key) for key in _UNUSUAL) or _written_late(f"{folder}/late"):
        return None
    journal, path = f"{folder}/journal.jsonl", f"{folder}/instruction-history.json"
    if os.path.exists(journal) and os.path.getsize(journal) > _LARGEST:
        return None
    try:
        copy, written = plain_file.read(path), os.stat(path).st_mtime
        version, digest = str(base["version"]), str(base["digest"])
        seal = files.digest(
            jsonl.dump([{"version": version, "digest": digest}, files.digest(copy)])
        )
        facts |= {"state": "ended", "merging": {"seal": seal, "version": version}}
        return {
            "line": facts["branch"],
            "program": __version__,
            "settings": settings_digest(facts["claude"], facts["worktree"]),
            "written": written,
            "session": facts,
            "journal": plain_file.read_text(journal) if os.path.exists(journal) else "",
            "base": plain_file.read_text(f"{folder}/base-{digest}.json"),
            "copy": copy.decode(),
        }
    except (ValueError, TypeError, KeyError):
        return None


def _written_late(folder: str) -> bool:
    """Whether a program wrote into a copy after it was replaced, or that cannot be told."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return False
    for name in names:
        if name.endswith(".seen"):
            try:
                old = f"{folder}/{name.removesuffix('.seen')}.file"
                if not plain_file.are_same(f"{folder}/{name}", old):
                    return True
            except OSError:
                return True
    return False


def _seal(folder: str, request: dict[str, Any]) -> None:
    """Keep for good what the session brings, and that it has ended with it."""
    files.replace(_sealed(folder, request), jsonl.dump(request))
    files.replace(f"{folder}/session.json", jsonl.dump(request["session"]))


def _sealed(folder: str, request: dict[str, Any]) -> str:
    return f"{folder}/sealed-{request['session']['merging']['seal']}.json"


def _answer(waiting: Waiting, name: str, request: dict[str, Any]) -> dict[str, Any] | None:
    """What a leader says of the request; None where nobody does in time, or this process leads."""
    end, pause = time.monotonic() + WAIT, _LOOK
    while time.monotonic() < end:
        answer = waiting.answered(name)
        if not answer and waiting.lead():  # an answer may have come at the last moment
            answer = waiting.answered(name)
            if answer:
                waiting.step_down()
        if answer or waiting.leads:
            return answer if _fits(answer, request) else None
        time.sleep(pause)
        pause = min(_RAREST, pause * 1.5)
    return None


def _fits(answer: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether an answer is one, and to this request."""
    texts = all(isinstance(answer.get(key), str) for key in _TEXTS)
    rest = answer.get("code") in (0, 1) and isinstance(answer.get("note"), dict)
    keep = isinstance(answer.get("keep"), list) and all(isinstance(s, str) for s in answer["keep"])
    return texts and rest and keep and answer["seal"] == request["session"]["merging"]["seal"]


def _adopt(
    waiting: Waiting, folder: str, name: str, request: dict[str, Any], answer: dict[str, Any]
) -> None:
    """Give the session the base and copy that it has by now; OSError where something is amiss.

    The steps are those of `Session.rebase`, so that whoever comes after a crash finishes them.
    """
    path = f"{folder}/instruction-history.json"
    old = request["copy"].encode()
    if plain_file.read(path) != old:
        raise FileExistsError(path)  # somebody goes on writing: the command line has an eye for it
    digest = answer["base"]
    base, new = f"{folder}/base-{digest}.json", plain_file.read(waiting.base(digest))
    if files.digest(new) != digest:
        raise FileNotFoundError(base)
    if answer["seal"] in answer["keep"]:
        files.replace(_sealed(folder, request), answer["sealed"].encode())
    if new != old or digest != request["session"]["base"]["digest"]:
        for beside in (base, f"{folder}/next-{digest}.json"):
            with contextlib.suppress(FileExistsError):
                os.link(waiting.base(digest), beside)
        files.replace(f"{folder}/session.json", answer["exchanging"].encode())
        Late(f"{folder}/late").exchange(path, new, old)
    with contextlib.suppress(OSError):  # a diary only
        jsonl.append(f"{folder}/journal.jsonl", answer["note"])
    waiting.forget(name)
