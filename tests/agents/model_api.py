"""The model's API, played: what Claude Code, Codex and Gemini CLI need to work without a network.

It speaks Anthropic's Messages, OpenAI's Responses and Gemini's generateContent on loopback, and
keeps every request. A prompt that holds a task's word (`Model.task`) is answered by that task's
steps, one a turn; any other by a sentence. It knows nothing of what is tested.
"""

from __future__ import annotations

import http.server
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

WORD = re.compile(r"task-\d+-of-the-tests")
IDLE = "Done."
"""What is said when a task has no more steps, and to all that is no task."""


@dataclass(frozen=True)
class Step:
    """One answer of the model: a line for the client's shell, the call of a tool, or a text."""

    shell: str = ""
    tool: str = ""
    input: Mapping[str, Any] = field(default_factory=dict)
    namespace: str = ""  # Codex has the tools of an MCP server in one
    text: str = IDLE
    tokens: int = 20_000  # what the context held, as the client is told
    before: Callable[[], object] = lambda: None  # waited for, before it is said


class Turn(NamedTuple):
    """One message of a conversation; `text` is what a person or the model said."""

    model: bool
    text: str


@dataclass(frozen=True)
class Request:
    """One request for an answer: whose, and everything that the model would read."""

    client: str
    body: Mapping[str, Any]
    at: float

    @property
    def read(self) -> str:
        """All texts in it, whoever wrote them."""
        return "\n".join(_strings(self.body))


class Call(NamedTuple):
    """A tool as one client names it."""

    name: str
    input: Mapping[str, Any]
    namespace: str = ""


SHELLS: Mapping[str, Callable[[str], Call]] = {
    "claude": lambda line: Call("Bash", {"command": line, "description": "run"}),
    "codex": lambda line: Call("exec_command", {"cmd": line, "yield_time_ms": 30_000}),
    "gemini": lambda line: Call("run_shell_command", {"command": line}),
}


class Model:
    """The API on a port of its own, for the length of a `with`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._tasks: dict[str, tuple[Step, ...]] = {}
        self._counter = itertools.count(1)
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def task(self, *steps: Step | str) -> str:
        """A prompt that is answered by these steps; a plain text is a line for the shell."""
        word = f"task-{next(self._counter)}-of-the-tests"
        self._tasks[word] = tuple(Step(step) if isinstance(step, str) else step for step in steps)
        return f"Do {word}."

    def read(self, prompt: str) -> str:
        """All that the model read in the requests about a task, from the first on."""
        found = [request.read for request in list(self.requests)]
        return "\n".join(text for text in found if prompt in text)

    def answer(self, client: str, body: Mapping[str, Any]) -> tuple[Step, Call | None, int]:
        """What is due, the tool it calls if the client offers that, and the answer's number."""
        self.requests.append(Request(client, body, time.time()))
        step = self._due(_TURNS[client](body))
        call = SHELLS[client](step.shell) if step.shell else None
        if step.tool:
            call = Call(step.tool, step.input, step.namespace)
        if call and call.name not in set(_strings(body.get("tools", []))):
            step, call = Step(), None  # a side request: for a title, say
        step.before()
        return step, call, next(self._counter)

    def _due(self, turns: Iterator[Turn]) -> Step:
        """The step of the last task that was given: as many as the model has spoken since."""
        steps: tuple[Step, ...] = ()
        done = 0
        for turn in turns:
            if turn.model:
                done += 1
            elif turn.text.strip():  # else the result of a tool
                words = WORD.findall(turn.text)
                steps, done = self._tasks[words[-1]] if words else (), 0
        return steps[done] if done < len(steps) else Step()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _claude_turns(body: Mapping[str, Any]) -> Iterator[Turn]:
    for message in body["messages"]:
        parts = message["content"]
        if isinstance(parts, str):
            parts = [{"type": "text", "text": parts}]
        if message["role"] in ("user", "assistant"):
            yield Turn(message["role"] == "assistant", _text(parts))


def _codex_turns(body: Mapping[str, Any]) -> Iterator[Turn]:
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind.endswith("_call"):
            yield Turn(model=True, text="")
        elif kind == "message" and item["role"] in ("user", "assistant"):
            yield Turn(item["role"] == "assistant", _text(item["content"]))


def _gemini_turns(body: Mapping[str, Any]) -> Iterator[Turn]:
    for content in body["contents"]:
        yield Turn(content.get("role") == "model", _text(content["parts"]))


def _text(parts: list[Mapping[str, Any]]) -> str:
    """What was written in a message: no results of tools, and nothing that the client put in."""
    text = "\n".join(part["text"] for part in parts if "text" in part)
    return re.sub(r"<([a-z_-]+)>.*?</\1>", "", text, flags=re.DOTALL)


_TURNS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Turn]]] = {
    "claude": _claude_turns,
    "codex": _codex_turns,
    "gemini": _gemini_turns,
}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that was killed may have left one that waits

    def __init__(self, model: Model) -> None:
        self.model = model
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """A client that has ended reads no more answers: nothing to report."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Claude Code asks whether somebody is there."""
        self._json({})

    def do_GET(self) -> None:
        """Codex asks for the models."""
        self._json({"object": "list", "data": [], "models": []})

    def do_POST(self) -> None:
        """Answer in the protocol that the path names."""
        path = urlsplit(self.path).path
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        if path.endswith(("/count_tokens", ":countTokens")):
            self._json({"input_tokens": 1234, "totalTokens": 1234})
        elif path.endswith("/messages"):
            self._claude(body)
        elif path.endswith("/responses"):
            self._codex(body)
        elif path.endswith((":generateContent", ":streamGenerateContent")):
            self._gemini(body, stream="stream" in path)
        else:
            self._json({})

    def _json(self, value: Mapping[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _stream(self, *events: Mapping[str, Any]) -> None:
        """Server-sent events, named after their type where they have one."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())
        self.close_connection = True

    def _claude(self, body: Mapping[str, Any]) -> None:
        step, call, number = self.server.model.answer("claude", body)
        usage = {"input_tokens": 10, "cache_creation_input_tokens": 0, "output_tokens": 20}
        usage["cache_read_input_tokens"] = step.tokens - 10
        block: dict[str, Any] = {"type": "text", "text": step.text}
        delta = {"type": "text_delta", "text": step.text}
        if call:
            block = {"type": "tool_use", "id": f"toolu_{number:06}", "name": call.name}
            block["input"] = call.input
            delta = {"type": "input_json_delta", "partial_json": json.dumps(call.input)}
        message = {"id": f"msg_{number:06}", "type": "message", "role": "assistant"}
        message |= {"model": body["model"], "content": [block], "usage": usage}
        message |= {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
        if not body.get("stream"):
            self._json(message)
            return
        empty = {**block, "input": {}} if call else {**block, "text": ""}
        self._stream(
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
                "usage": {"output_tokens": 20},
            },
            {"type": "message_stop"},
        )

    def _codex(self, body: Mapping[str, Any]) -> None:
        step, call, number = self.server.model.answer("codex", body)
        text = {"type": "output_text", "text": step.text, "annotations": []}
        item: dict[str, Any] = {"type": "message", "role": "assistant", "content": [text]}
        if call:
            item = {"type": "function_call", "name": call.name, "call_id": f"call_{number:06}"}
            item["arguments"] = json.dumps(call.input)
            if call.namespace:
                item["namespace"] = call.namespace
        item |= {"id": f"item_{number:06}", "status": "completed"}
        usage = {"input_tokens": step.tokens, "input_tokens_details": {"cached_tokens": 0}}
        usage |= {"output_tokens": 20, "output_tokens_details": {"reasoning_tokens": 0}}
        usage |= {"total_tokens": step.tokens + 20}
        response = {"id": f"resp_{number:06}", "object": "response", "model": body["model"]}
        self._stream(
            {"type": "response.created", "response": {**response, "status": "in_progress"}},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {
                "type": "response.completed",
                "response": {**response, "status": "completed", "output": [item], "usage": usage},
            },
        )

    def _gemini(self, body: Mapping[str, Any], *, stream: bool) -> None:
        step, call, _ = self.server.model.answer("gemini", body)
        part: dict[str, Any] = {"text": step.text}
        if call:
            part = {"functionCall": {"name": call.name, "args": call.input}}
        elif body.get("generationConfig", {}).get("responseMimeType") == "application/json":
            # Which model is to answer, and who speaks next: questions of the client's own.
            part = {"text": json.dumps({"reasoning": "", "complexity_reasoning": "",
                    "complexity_score": 1, "model_choice": "flash", "next_speaker": "user"})}  # fmt: skip
        content = {"role": "model", "parts": [part]}
        usage = {"promptTokenCount": step.tokens, "candidatesTokenCount": 20}
        usage |= {"totalTokenCount": step.tokens + 20}
        answer = {
            "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
            "usageMetadata": usage,
            "modelVersion": "gemini-2.5-pro",
        }
        if stream:
            self._stream(answer)
        else:
            self._json(answer)
