"""The tools of `tractatus-merge mcp`: six verbs for agents that speak the Model Context Protocol.

Each call runs the verb itself as a process, so that there is one behaviour and one JSON contract.
There is no tool that settles a conflict: that is a person's.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from tractatus_merge import __version__
from tractatus_merge.core.values.numbers import Number, equal
from tractatus_merge.repository.workspace import is_agent

_WHAT = (
    "This repository's instructions live in a shared history; each session writes into its own copy"
    " of it, which is merged when the session ends. Conflicts are settled by people."
)

_CHILD = """
import json, sys
from tractatus_merge.cli import main
sys.exit(main(json.load(sys.stdin)))
"""
"""A verb whose line comes on stdin: one in a process's arguments has an end, and no NUL."""

_HALF = re.compile("[\ud800-\udfff]")

Fields = dict[str, Any]


def server(folder: str) -> MCPServer:
    """The server of one folder."""
    tools = _Tools(folder)
    made = MCPServer("tractatus-merge", instructions=_WHAT, version=__version__)
    for writing in (tools.add, tools.edit, tools.retire):
        made.add_tool(writing)
    reads = ToolAnnotations(read_only_hint=True)  # a client need not ask before it calls them
    for reading in (tools.list, tools.status, tools.conflicts):
        made.add_tool(reading, annotations=reads)
    return made


class _Tools:
    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def add(  # noqa: PLR0917 (the arguments are the tool's form)
        self,
        text: str,
        fields: Fields | None = None,
        parameters: dict[str, str] | None = None,
        why: str = "",
        id: str = "",  # noqa: A002
        session: str = "",
    ) -> dict[str, Any]:
        """Add an instruction to the session's copy of the history. Returns its id.

        `fields` are further fields, as persistence (HIGH, MEDIUM, LOW) and quadrant; `why` is
        shown to people. Other sessions get it when this one is merged.
        """
        words = [*_changes(fields, parameters), *_option("--why", why), *_option("--id", id)]
        return await self._run("add", *words, *_option("--session", session), last=text)

    async def edit(
        self,
        id: str,  # noqa: A002
        fields: Fields | None = None,
        parameters: dict[str, str] | None = None,
        why: str = "",
        session: str = "",
    ) -> dict[str, Any]:
        """Change fields of an instruction in the session's copy. A key may be a path: a.b."""
        words = [*_changes(fields, parameters), *_option("--why", why)]
        return await self._run("edit", *words, *_option("--session", session), last=id)

    async def retire(self, id: str, why: str = "", session: str = "") -> dict[str, Any]:  # noqa: A002
        """Set an instruction inactive in the session's copy: it stays on record."""
        words = [*_option("--why", why), *_option("--session", session)]
        return await self._run("retire", *words, last=id)

    async def list(self, session: str = "", *, all: bool = False) -> dict[str, Any]:  # noqa: A002
        """List the instructions in force: of the shared history, or of a session's copy."""
        words = [*_option("--session", session), *(["--all"] if all else [])]
        return await self._run("list", *words)

    async def status(self, session: str = "") -> dict[str, Any]:
        """Show what the session has changed, how far it is behind, its pressure, what waits."""
        return await self._run("status", *_option("--session", session))

    async def conflicts(self) -> dict[str, Any]:
        """Show the open conflicts with their sides. A person settles them."""
        return await self._run("conflicts")

    async def _run(self, verb: str, *words: str, last: str | None = None) -> dict[str, Any]:
        """What a verb says as JSON; ToolError with its sentence and the next command."""
        end = [] if last is None else ["--", last]
        environment = dict(os.environ)
        if not is_agent(environment) and "TRACTATUS_SESSION" not in environment:
            environment["AI_AGENT"] = "mcp"  # no person's: what it writes belongs to a session
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", _CHILD,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=environment,
        )  # fmt: skip
        line = ["-C", self._folder, verb, "--json", *words, *end]
        out, err = await process.communicate(json.dumps(line).encode("ascii"))
        said = err.decode("utf-8", "replace").strip()
        if process.returncode not in (0, 1) or not out.strip():
            raise ToolError(said or f"{verb} ended with exit code {process.returncode}")
        found = _speakable(json.loads(out, parse_float=_double_or_text))
        return {**found, "said": said} if said else found


def _speakable(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer in UTF-8, which has no half of a surrogate pair: it comes as its escape."""
    text = json.dumps(answer, ensure_ascii=False)
    text = _HALF.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text)
    found: dict[str, Any] = json.loads(text)
    return found


def _double_or_text(text: str) -> float | str:
    """A number as a double, which is all that an answer can carry, else its text."""
    return float(text) if equal(Number(text), float(text)) else text


def _option(name: str, value: str) -> list[str]:
    return [f"{name}={value}"] if value else []


def _changes(fields: Fields | None, parameters: dict[str, str] | None) -> list[str]:
    try:
        written = {key: json.dumps(value, allow_nan=False) for key, value in (fields or {}).items()}
    except RecursionError:
        raise ToolError("objects and lists nest deeper than a record may.") from None
    except ValueError:
        why = "a number is beyond every double: it does not reach this tool as it was written"
        raise ToolError(f"{why}. In a terminal: tractatus-merge edit ID --set KEY=NUMBER") from None
    sets = [f"--set={key}={value}" for key, value in written.items()]
    return sets + [f"--param={key}={value}" for key, value in (parameters or {}).items()]
