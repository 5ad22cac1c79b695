"""`mcp`: the six tools, driven by the SDK's own client over stdio against the real process."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.server.mcpserver.exceptions import ToolError

from tests.conftest import ROOT
from tests.tool import texts, tool
from tractatus_merge.agents.mcp import server
from tractatus_merge.errors import RequestError


@pytest.fixture
def line(line):
    """A repository with a history and one session."""
    tool(line, "start", "--id", "s1")
    return line


def served(folder, talk, **environment):
    """What a conversation with the server comes to."""
    keep = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
    }
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "tractatus_merge", "-C", str(folder), "mcp"],
        env={**keep, "PYTHONPATH": str(ROOT), **environment},
    )

    async def conversation():
        async with Client(stdio_client(parameters)) as client:
            return await talk(client)

    return asyncio.run(conversation())


def said(result):
    """The text of an answer."""
    return "".join(getattr(part, "text", "") for part in result.content)


def test_the_tools(line):
    """Six, with what they are for; none settles a conflict."""

    async def talk(client):
        return (await client.list_tools()).tools

    found = served(line, talk)
    assert sorted(one.name for one in found) == [
        "add",
        "conflicts",
        "edit",
        "list",
        "retire",
        "status",
    ]
    assert all(one.description for one in found)
    reading = {one.name for one in found if one.annotations and one.annotations.read_only_hint}
    assert reading == {"list", "status", "conflicts"}, "a client need not ask before these"


def test_a_session_by_its_tools(line):
    """What the tools write is in the session's copy, told by the others, and merged at its end."""

    async def talk(client):
        odd = "--why not\n</system> \x1b[2J 'quoted' $HOME"
        added = await client.call_tool(
            "add",
            {
                "text": odd,
                "fields": {"persistence": "HIGH", "n": 1.5},
                "parameters": {"port": "1=2"},
                "why": "-x",
                "id": "inst_odd",
            },
        )
        assert not added.is_error and added.structured_content["id"] == "inst_odd"
        edited = await client.call_tool(
            "edit", {"id": "inst_001", "fields": {"parameters.port": "9", "active": True}}
        )
        assert edited.structured_content["changed"] == ["parameters.port"]
        assert not (await client.call_tool("retire", {"id": "inst_002"})).is_error
        status = (await client.call_tool("status", {})).structured_content
        assert (status["session"], status["added"], status["retired"]) == (
            "s1",
            ["inst_odd"],
            ["inst_002"],
        )
        rows = (await client.call_tool("list", {"session": "s1"})).structured_content[
            "instructions"
        ]
        record = next(row for row in rows if row["id"] == "inst_odd")
        assert (record["text"], record["n"], record["parameters"]["port"]) == (odd, 1.5, "1=2")
        shared = (await client.call_tool("list", {})).structured_content["instructions"]
        assert "inst_odd" not in [row["id"] for row in shared]
        return (await client.call_tool("conflicts", {})).structured_content

    assert served(line, talk) == {"conflicts": []}
    assert "inst_odd" not in texts(line)
    tool(line, "end", "--session", "s1")
    assert "inst_odd" in texts(line)


def test_two_servers_at_once(line):
    """Each writes into the session of its own environment."""
    tool(line, "start", "--id", "s2")

    async def talk(client):
        for n in range(4):
            assert not (await client.call_tool("add", {"text": f"rule {n}"})).is_error
        return (await client.call_tool("status", {})).structured_content

    async def both():
        return await asyncio.gather(
            *(
                asyncio.to_thread(served, line, talk, CLAUDE_CODE_SESSION_ID=name)
                for name in ("s1", "s2")
            )
        )

    first, second = asyncio.run(both())
    assert (first["session"], len(first["added"])) == ("s1", 4)
    assert (second["session"], len(second["added"])) == ("s2", 4)


ERRORS = [
    ("edit", {"id": "nothing", "fields": {"text": "x"}}, "nothing"),
    ("edit", {"id": "inst_001"}, "nothing to change"),
    ("add", {"text": " "}, "has to say something"),
    ("add", {"text": "x", "session": "../../etc"}, "etc"),
    ("add", {}, "text"),
    ("resolve", {"conflict": "x"}, "resolve"),
]


def test_errors(line):
    """Are answers with our sentence, and the server goes on; there is no traceback."""

    async def call(client, name, arguments):
        try:
            answer = await client.call_tool(name, arguments)
            told, failed = said(answer), answer.is_error
        except Exception as error:  # noqa: BLE001 (an unknown tool is the protocol's own error)
            told, failed = str(error), True
        alive = await client.call_tool("status", {})
        return failed, told, alive.is_error

    async def talk(client):
        return [await call(client, name, arguments) for name, arguments, _ in ERRORS]

    for (failed, told, dead), (_, _, words) in zip(served(line, talk), ERRORS, strict=True):
        assert failed and words in told and not dead
        assert "Traceback" not in told


@pytest.mark.slow
def test_a_text_of_any_size_and_any_character_is_taken(line):
    """A process's arguments have an end and hold no NUL; a tool's do not, and are kept as they are."""
    text, why = "long \0 " + "x" * 1_000_000, "because \0 " + "y" * 200_000

    async def talk(client):
        words = {"text": text, "why": why, "id": "inst_\0", "fields": {"notes": "n\0"}}
        added = await client.call_tool("add", words)
        assert added.structured_content["id"] == "inst_\0"
        longer = {"parameters": {"k": "v" * 1_000_000}}
        edited = await client.call_tool("edit", {"id": "inst_\0", **longer, "why": why})
        assert edited.structured_content["changed"] == ["parameters.k"]
        wrong = await client.call_tool("edit", {"id": "inst_001", "fields": {"verison": text}})
        assert wrong.is_error and "Did you mean version?" in said(wrong)
        missing = await client.call_tool("retire", {"id": "no\0ne"})
        assert missing.is_error and "there is no instruction 'no\\u0000ne'" in said(missing)
        found = await client.call_tool("list", {"session": "s1"})
        return found.structured_content["instructions"]

    record = next(item for item in served(line, talk) if item["id"] == "inst_\0")
    assert (record["text"], record["notes"]) == (text, "n\0")
    tool(line, "end", "--session", "s1")
    assert texts(line)["inst_\0"] == text


def test_what_no_answer_can_carry_comes_as_its_escape(line):
    """Half a surrogate pair in one record fails no answer; whole ones are what they are."""
    tool(
        line, "edit", "inst_001", "--set", r'notes="\ud800 \ud83d\ude00 \\ud800"', "--session", "s1"
    )

    async def talk(client):
        return await client.call_tool("list", {"session": "s1"})

    found = served(line, talk).structured_content["instructions"]
    assert found[0]["notes"] == "\\ud800 \U0001f600 \\ud800"


@pytest.mark.parametrize("levels", [150, 1_300])
def test_what_nests_too_deep_is_refused_with_the_reason(line, levels):
    """By the limit of a record, however deep it is."""
    deep = []
    for _ in range(levels):
        deep = [deep]
    call = server(str(line)).call_tool("edit", {"id": "inst_001", "fields": {"n": deep}})
    with pytest.raises(ToolError, match="deeper than"):
        asyncio.run(call)


def test_an_agent_without_a_session_is_told_so(line):
    """What it writes is never published as a person's."""
    tool(line, "abandon", "--session", "s1")

    async def talk(client):
        return await client.call_tool("add", {"text": "x"})

    answer = served(line, talk)
    assert answer.is_error and "start" in said(answer)


def test_without_the_sdk_it_says_what_to_install(monkeypatch, line):
    """The extra is named, with the command."""
    from tractatus_merge.cli.commands.agents import mcp

    monkeypatch.setitem(sys.modules, "tractatus_merge.agents.mcp", None)
    with pytest.raises(RequestError, match="MCP SDK") as caught:
        mcp.main([], standalone_mode=False, obj=str(line))
    assert "pip install" in caught.value.hint


def test_numbers_come_as_they_are(line):
    """A long integer is exact, and a decimal that no double is comes as a text."""
    tool(line, "edit", "inst_001", "--set", "parameters.k=0.10000000000000001", "--session", "s1")

    async def talk(client):
        fields = {"parameters.n": 123456789012345678901234567890, "parameters.m": 0.5}
        await client.call_tool("edit", {"id": "inst_001", "fields": fields, "session": "s1"})
        return await client.call_tool("list", {"session": "s1"})

    said = served(line, talk).structured_content["instructions"][0]["parameters"]
    assert [said[key] for key in "nmk"] == [
        123456789012345678901234567890,
        0.5,
        "0.10000000000000001",
    ]


def test_a_number_that_the_protocol_made_infinite_is_refused(line):
    """1e400 on the wire is no double: it is not written as another one."""
    call = server(str(line)).call_tool("edit", {"id": "inst_001", "fields": {"n": float("inf")}})
    with pytest.raises(ToolError, match="beyond every double"):
        asyncio.run(call)
