"""`tractatus-merge hook`: one event of an agent's session, from stdin.

It appends to the session's journal with one write; what needs more is done in a child. It fails
open: whatever happens, the exit code is 0, and a line in a log file says what it was. Standard
library only: it runs on every tool call.

| event | journal | done besides |
| --- | --- | --- |
| SessionStart | start or resume; compacted | a copy is made or found again; the agent is told |
| UserPromptSubmit | prompt | what others published since is told |
| PostToolUse, PostToolUseFailure | tool, failure | a checkpoint passed is told; a history file
that the tool wrote is taken in |
| SubagentStart | | the subagent is told what its session was told |
| Stop, StopFailure, SubagentStop | reply, api-error, subagent | state.json is derived |
| PreCompact, PostCompact | compacting, compacted | |
| SessionEnd | end | merged in a child |
| WorktreeRemove | | what ended is merged in a child |
"""

from __future__ import annotations

import os
import sys

from tractatus_merge.agents import background, context, edits, protocol
from tractatus_merge.git import discovery
from tractatus_merge.system import jsonl, plain_file
from tractatus_merge.system.clock import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_START, _NEWS = 20.0, 8.0
"""Seconds that an agent is kept waiting for a child."""

KINDS = {
    "UserPromptSubmit": "prompt",
    "PostToolUse": "tool",
    "PostToolUseFailure": "failure",
    "Stop": "reply",
    "StopFailure": "api-error",
    "SubagentStop": "subagent",
    "PreCompact": "compacting",
    "PostCompact": "compacted",
}
"""The event of the journal that an event of the agent becomes."""
_GEMINI = {
    "BeforeAgent": "UserPromptSubmit",
    "AfterAgent": "Stop",
    "AfterTool": "PostToolUse",
    "PreCompress": "PreCompact",
}
"""What Gemini CLI calls the same; Codex has Claude Code's names."""


class _Trouble(Exception):
    """Why an event cannot be attended to."""


class _Instead(Exception):
    """What the agent is told where it can have no session."""


class _Event:
    """One event, and where it belongs."""

    def __init__(self, said: dict[str, Any], agent: str) -> None:
        self.said, self.agent = said, agent
        told = self.text("hook_event_name")
        self.name = _GEMINI.get(told, told)
        self.told = told
        self.session = self.text("session_id")
        if not discovery.is_id(self.session):
            raise _Trouble(f"{ascii(self.session)[:120]} is no session id")
        cwd = self.text("cwd") or os.getcwd()
        project = os.environ.get("CLAUDE_PROJECT_DIR") if agent != "codex" else None
        place = discovery.place_of(self.session, project, cwd)
        if place is None:
            state = discovery.state_of(cwd) or (discovery.state_of(project) if project else "")
            where = f"no history in {os.path.dirname(state or '')!a}: tractatus-merge init"
            raise _Trouble(where if state else f"{cwd!a} is not in a git repository")
        self.cwd, self.state = place
        self.folder = f"{discovery.sessions_of(self.state)}/{self.session}"
        self.facts = self._facts()
        home = os.path.dirname(str(self.facts.get("claude") or ""))
        inside = self.cwd != cwd or f"{cwd}/".startswith(f"{self.facts.get('worktree')}/")
        if home and inside and os.path.isdir(home):
            self.cwd = home  # the session's own line, wherever in its worktree it is now

    def text(self, key: str) -> str:
        """A text that the agent gave; nothing where it gave none."""
        found = self.said.get(key)
        return found if isinstance(found, str) else ""

    def _facts(self) -> dict[str, Any]:
        return jsonl.load(f"{self.folder}/session.json")

    def attach(self) -> str:
        """Have the session made, or found again; what the agent is told about it."""
        parent = os.getppid()  # asked here: the child's is this process
        work = lambda: str(  # noqa: E731
            _attending().begin(self.cwd, self.said, parent, self.agent)
        )
        told = background.ask(work, _START, self.failed)
        self.facts = self._facts()
        if not self.facts and told:
            raise _Instead(told)
        if not self.facts:
            raise _Trouble(f"session {self.session} could not be started")
        return told

    def note(self, kind: str, **fields: Any) -> None:
        """One line in the session's journal."""
        jsonl.append(f"{self.folder}/journal.jsonl", {"event": kind, "at": now(), **fields})

    def failed(self, error: BaseException) -> None:
        """Write down what went wrong."""
        protocol.log(f"{self.told} of {self.session}: {type(error).__name__}: {error}", self.state)


def main(agent: str = "") -> None:
    """Attend to the event on stdin; exit code 0 whatever happens.

    `agent` is its name in the settings that run this; older settings do not say it.
    """
    state: str | None = None
    try:
        said = jsonl.parse(protocol.read())
        if said is None:
            raise _Trouble("what came on stdin is no JSON object")  # noqa: TRY301
        event = _Event(said, agent)
        state = event.state
        told = _attend(event)
        if told:
            protocol.tell(event.told, told)
    except _Instead as told_instead:
        if _is_heard(event.name):
            protocol.tell(event.told, str(told_instead))
    except BaseException as error:  # noqa: BLE001 (fails open: an agent's work goes on)
        protocol.log(f"{type(error).__name__.lstrip('_')}: {error}", state)
    _leave()


def _is_heard(event: str) -> bool:
    """Whether it is the place to tell an agent that it has no session: not at every tool."""
    return event in ("SessionStart", "SubagentStart") or KINDS.get(event) == "prompt"


def _leave() -> NoReturn:
    """Leave at once: nothing is left to be put away."""
    try:
        sys.stdout.flush()
    except OSError:
        pass
    os._exit(0)


def _attend(event: _Event) -> str:
    """Do what the event asks for; what the agent is told."""
    if event.name == "SessionStart":
        return _start(event)
    if event.name in ("SessionEnd", "WorktreeRemove"):
        return _end(event)
    if event.name == "SubagentStart":
        return _brief(event) if event.facts else event.attach()
    kind = KINDS.get(event.name)
    if kind is None:
        raise _Trouble(f"an unknown event: {ascii(event.told)[:80]}")
    parts = []
    if event.facts.get("state") not in ("open", "abandoned"):
        parts += [event.attach()]
    own = not event.said.get("agent_id")
    found = _context(event) if own and kind != "compacted" else None
    event.note(kind, **_fields(event, kind), **(found.fields if found else {}))
    parts += _told(event, kind, found)
    if kind == "compacted":
        context.emptied(event.folder)
    if kind == "reply":
        _derive(event)
    return "\n".join(text for text in parts if text)


def _told(event: _Event, kind: str, found: context.Context | None) -> list[str]:
    """What the agent is told in answer to an event; `found` is its own context, if it is asked."""
    parts = []
    if kind == "prompt":
        parts += [_news(event)]
    if kind == "tool":
        parts += [_written(event, path) for path in edits.views(event.said)]
    if kind in ("prompt", "tool", "failure") and found:
        parts += [_marks(event, found)]
    return parts


def _start(event: _Event) -> str:
    told = event.attach()
    if event.text("source") == "compact":
        event.note("compacted")
        context.emptied(event.folder)
    return told


def _brief(event: _Event) -> str:
    """What is in force, for a subagent: it works on its session's copy."""
    return background.ask(lambda: _attending().brief(event.cwd, event.session), _NEWS, event.failed)


def _end(event: _Event) -> str:
    if event.name == "SessionEnd":
        life = _life(event)
        if not life or not context.first(event.folder, f"ended-{life}"):
            return ""
        try:
            event.note("end", reason=event.text("reason"), **_context(event).fields)
        except OSError:  # not said: the next one that says so is the first
            os.unlink(f"{event.folder}/ended-{life}")
            raise
    background.detach(lambda: _finish(event), event.failed)
    return ""


def _finish(event: _Event) -> str:
    """Have the session merged: by who leads, else in this child."""
    from tractatus_merge.sessions import follower

    ends = event.name == "SessionEnd" and os.environ.get("TRACTATUS_QUEUE") != "off"
    done = follower.ended(event.state, event.session) if ends else None
    if done is None:
        return str(_attending().finish(event.cwd, event.session))
    done.told()  # to nobody: the agent is gone
    if done.view_is_due:
        _attending().show(event.cwd, event.session)
    return ""


def _life(event: _Event) -> int:
    """Which life of the session this end would end; 0 if it never began or has ended already.

    Some commands of agents send an end without a start, and some exits send three.
    """
    count, over = 0, True
    for line in jsonl.events(f"{event.folder}/journal.jsonl") if event.facts else ():
        kind = line.get("event")
        if kind == "end":
            over = True
        elif over and kind not in ("merge", "refresh", "reap", "context"):
            count, over = count + 1, False
    return 0 if over else count


def _fields(event: _Event, kind: str) -> dict[str, Any]:
    """What the journal keeps of the event beside its kind."""
    fields: dict[str, Any] = {}
    once = _once(event, kind)
    if once:
        fields["once"] = once
    if kind in ("tool", "failure"):
        fields["tool"] = event.text("tool_name")[:100]
        spent = event.said.get("duration_ms")
        fields |= {"ms": spent} if isinstance(spent, (int, float)) else {}
    if kind == "api-error":
        fields["error"] = event.text("error")[:100]
    if event.said.get("agent_id"):
        fields["subagent"] = True
    return fields


def _once(event: _Event, kind: str) -> str:
    """What tells the event from others of its kind: two hooks may hear of one."""
    if kind in ("tool", "failure"):
        return event.text("tool_use_id")
    if kind == "subagent":
        return event.text("agent_id")
    turn = event.text("prompt_id") or event.text("turn_id")
    if kind == "reply" and turn:  # another hook may let the agent go on, and it stops once more
        import binascii

        said = event.text("last_assistant_message").encode("utf-8", "replace")
        turn += f" {binascii.crc32(said):x}"
    return turn if kind in ("prompt", "reply") else ""


def _context(event: _Event) -> context.Context:
    path, model = event.text("transcript_path"), event.text("model")
    return context.measured(event.folder, event.facts, path, model)


def _marks(event: _Event, found: context.Context) -> str:
    """A checkpoint or a level that the session has reached anew."""
    limit = context.limit_of(found, event.facts.get("budget"))
    words, marks = context.warning(event.folder, found, limit)
    for mark in marks:
        event.note("checkpoint", percentage=mark, tokens=found.tokens, budget=limit)
    return words


def _news(event: _Event) -> str:
    """What others published since the agent was told last."""
    branch = event.facts.get("branch")
    head = discovery.head_in(event.state, branch if isinstance(branch, str) else discovery.BRANCH)
    if head and head in (_kept(event, "heard"), _kept(event, "asked")):
        return ""
    return background.ask(lambda: _attending().news(event.cwd, event.session), _NEWS, event.failed)


def _kept(event: _Event, name: str) -> str:
    """What a child has written down for the session; nothing where it has not."""
    try:
        return plain_file.read(f"{event.folder}/{name}").decode("ascii", "replace")
    except OSError:
        return ""


def _written(event: _Event, path: str) -> str:
    """What came of the history file that the session's own tool has written."""
    place = os.path.join(event.cwd, path)
    return background.ask(lambda: _attending().written(event.session, place), _NEWS, event.failed)


def _derive(event: _Event) -> None:
    """The session's numbers in the framework's own files."""
    from tractatus_merge.sessions import framework_files

    framework_files.derive(event.folder, event.facts.get("budget"))


def _attending() -> Any:
    """The work of the children: loads everything else."""
    from tractatus_merge.agents import hook_actions

    return hook_actions
