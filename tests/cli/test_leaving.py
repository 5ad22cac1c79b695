"""How the program leaves: nothing that was said is lost, and nothing is said that nobody can hear."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tool import run, tool

LIMIT = 60
PROGRAM = f"'{sys.executable}' -m tractatus_merge"


def shell(folder, words: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a line in which PROGRAM is the program."""
    return subprocess.run(
        ["bash", "-c", words.replace("PROGRAM", PROGRAM)],
        cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("words", "code"), [("list", 0), ("status", 0), ("nonsense", 2)])
def test_a_closed_stream_swallows_what_is_said(line, words, code, closed):
    """The exit code is what it is with open ones, and no bug is told."""
    done = shell(line, f"PROGRAM {words} {closed}")
    assert done.returncode == code == run(line, words).code
    assert "bug:" not in done.stderr


@pytest.mark.parametrize(("words", "code"), [("list", 0), ("nonsense", 2), ("show no", 2)])
def test_a_reader_of_stderr_who_left_changes_no_exit_code(line, words, code):
    """What was done is done, and what was wrong is wrong, whoever hears of it."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "tractatus_merge", *words.split()],
            cwd=line, stdout=subprocess.DEVNULL, stderr=nobody, timeout=LIMIT, check=False,
        )  # fmt: skip
    assert done.returncode == code


def test_an_end_that_cannot_say_its_conflict_still_says_that_there_is_one(line):
    """By its exit code: the merge is published, and a person is needed."""
    for name in ("one", "two"):
        tool(line, "start", "--session", name)
        tool(line, "edit", "inst_001", "--set", f"text={name}", "--session", name)
    for name, code in (("one", 0), ("two", 1)):
        assert shell(line, f"PROGRAM end --session {name} 2>/dev/full").returncode == code
    assert len(tool(line, "conflicts")["conflicts"]) == 1


def test_whoever_has_read_enough_hears_no_traceback(line):
    """The reader of a pipe may leave at any time."""
    done = shell(
        line, "PROGRAM list | head -n 1; PROGRAM list | true; PROGRAM list --json | head -c 1"
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
def test_what_cannot_be_printed_is_told(line):
    """A full disk under stdout is no success."""
    done = shell(line, "PROGRAM list > /dev/full")
    assert done.returncode != 0
    assert "No space left" in done.stderr


def test_all_that_was_said_is_there_when_it_has_left(line):
    """Through a pipe, where nothing is written before it must be."""
    done = shell(line, "PROGRAM list --json")
    assert done.returncode == 0
    assert done.stdout == run(line, "list", "--json").out
