"""What stands in the place of a file and is none: no verb and no hook waits for it, or crashes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from tests.cli.test_check import VIEW
from tests.conftest import ROOT
from tests.fakeagent import PROGRAM
from tests.system.test_plain_file import device, fifo, folder, socket_at
from tests.tool import run, tool

HERE = {**os.environ, "PYTHONPATH": str(ROOT)}
VERBS = (
    ("list",), ("status",), ("sessions",), ("add", "More"), ("check", "--staged"), ("diff",),
    ("merge", "--session", "one11111"), ("end", "--session", "one11111"), ("start", "--id", "two2"),
    ("doctor",), ("metrics",), ("view", "--write"), ("audit",), ("sync",),
)  # fmt: skip


def replaced(path, kind):
    """Put something else in a file's place."""
    if path.exists():
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    kind(path)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [fifo, folder, socket_at, device])
def test_no_verb_waits_for_what_is_no_file(repo, tmp_path, kind):
    """In the place of each file that others can put something at: an exit code, and no bug."""
    tool(repo, "init")
    tool(repo, "start", "--id", "one11111")
    tool(repo, "add", "More", "--session", "one11111")
    run(repo, "view", "--write")
    ours = repo / ".git/tractatus"
    session = ours / "sessions/one11111"
    places = [
        repo / VIEW, repo / ".claude/tractatus.toml", repo / ".gitattributes",
        ours / "view-.json", ours / "clone-id", session / "session.json",
        session / "journal.jsonl", session / "instruction-history.json",
        next(session.glob("base-*")), repo / ".git/packed-refs",
    ]  # fmt: skip
    for place in places:
        if place.name in ("packed-refs", ".gitattributes") and kind is not folder:
            continue  # git itself waits for it
        for verb in VERBS:
            shutil.rmtree(tmp_path / "copy", ignore_errors=True)
            shutil.copytree(repo, tmp_path / "copy")
            replaced(tmp_path / "copy" / place.relative_to(repo), kind)
            ran = run(tmp_path / "copy", *verb)
            assert ran.code in (0, 1, 2, 3), (place, verb, ran)
            assert "bug" not in ran.err, (place, verb, ran.err)
    shutil.rmtree(tmp_path / "copy")


@pytest.mark.parametrize("kind", [fifo, folder, device])
def test_a_hook_waits_for_no_transcript(line, tmp_path, kind):
    """Every event, with something else in the transcript's place: exit 0, within its budget."""
    path = kind(tmp_path / "transcript")
    for event in ("SessionStart", "UserPromptSubmit", "PostToolUse", "Stop", "SessionEnd"):
        said = {
            "hook_event_name": event, "session_id": "s1", "cwd": str(line), "source": "resume",
            "transcript_path": str(path), "prompt": "x", "tool_name": "Bash",
        }  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(
            [*PROGRAM, "hook"], input=json.dumps(said), cwd=line, env=HERE, text=True,
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert time.monotonic() - began < 10  # a machine that does much else


def texts(folder):
    """Three versions of a file, of which both sides changed something."""
    for name, a, b in (("base", 1, 1), ("ours", 2, 1), ("theirs", 1, 2)):
        (folder / f"{name}.json").write_text(json.dumps({"a": a, "b": b}))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", [fifo, folder, socket_at, device])
def test_merge_file_waits_for_no_name(tmp_path, kind):
    """Exit 2 with the name, whichever of the three it is; no file changes."""
    three = ("base", "ours", "theirs")
    for name in three:
        here = tmp_path / name
        here.mkdir()
        texts(here)
        replaced(here / f"{name}.json", kind)
        for verb in ("merge-file", "merge-driver"):
            ran = run(here, verb, *(str(here / f"{one}.json") for one in three))
            assert ran.code in (2, 129), ran
            assert f"{name}.json" in ran.err


def test_merge_file_reads_what_a_shell_hands_over(tmp_path):
    """`<(...)`, /dev/stdin and /dev/null are read; what cannot be written back is said first."""
    texts(tmp_path)
    tool_ = f"{sys.executable} -m tractatus_merge"
    line = f"{tool_} merge-file -p <(cat base.json) /dev/stdin <(cat theirs.json) <ours.json"
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env=HERE, capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout)) == (0, {"a": 2, "b": 2}), done.stderr
    same = run(tmp_path, "merge-file", "-o", "out.json", "/dev/null", "ours.json", "ours.json")
    assert same.code == 0
    refused = run(tmp_path, "merge-file", "base.json", "/dev/stdin", "theirs.json")
    assert (refused.code, "add -p" in refused.err) == (2, True)


def test_a_value_is_read_from_no_fifo(line, tmp_path):
    """`--value @FILE`: refused at once, with its name."""
    for name, text in (("one11111", "x"), ("two22222", "y")):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"text={text}", "--session", name)
    tool(line, "end", "--session", "one11111")
    (conflict,) = tool(line, "end", "--session", "two22222", code=1)["conflicts"]
    refused = run(line, "resolve", conflict, "--value", f"@{fifo(tmp_path / 'pipe')}")
    assert (refused.code, "pipe cannot be read" in refused.err) == (2, True)
