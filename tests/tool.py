"""The program as the tests run it: in this process, in a folder, with what it printed."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

from tractatus_merge.cli import main
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.numbers import as_javascript, is_number


class Ran(NamedTuple):
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def run(folder: Path, *words: str) -> Ran:
    """Run `tractatus-merge WORDS` in a folder."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["-C", str(folder), *words])
    return Ran(code, out.getvalue(), err.getvalue())


def tool(folder: Path, *words: str, code: int = 0) -> Any:
    """Run a command with --json, insist on its exit code, and return what it said."""
    ran = run(folder, *words, "--json")
    assert ran.code == code, f"{words}: exit {ran.code}\n{ran.out}\n{ran.err}"
    return json.loads(ran.out) if ran.out else None


def plain_edit(path: Path, change: Any) -> None:
    """Change a JSON file as a script would: read, change, write the whole in place."""
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False), "utf-8")


def texts(folder: Path, *words: str) -> dict[str, str]:
    """The instructions of the head: id to text."""
    found = tool(folder, "list", "--all", *words)["instructions"]
    return {item["id"]: item.get("text", "") for item in found}


def javascript(path: Path, change: Any = lambda document: None) -> None:
    """Change a JSON file as a script in JavaScript would: every number passes through a double."""
    document = _in_doubles(json_text.parse(path.read_text("utf-8")))
    change(document)
    path.write_text(json_text.dump(document), "utf-8")


def _in_doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_doubles(item) for item in value]
    if not is_number(value):
        return value
    double = as_javascript(value)
    return None if double is None else float(double)
