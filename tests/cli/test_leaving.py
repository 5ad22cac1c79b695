"""How the program leaves: nothing that was said is lost, and nothing is said that nobody can hear."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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


PRINT = (
    "list", "list --json", "log", "view", "help", "help log", "log --help", "--help", "--version",
    "completion bash", "config list", "merge-file -p a.json a.json a.json",
)  # fmt: skip
"""Words that print something; some by click itself."""


def printed(folder, words: str, stdout, **more: str) -> subprocess.CompletedProcess[str]:
    """What a verb does that prints there."""
    (folder / "a.json").write_text("{}")
    return subprocess.run(
        [sys.executable, "-m", "tractatus_merge", *words.split()],
        cwd=folder, env=os.environ | more, stdout=stdout, stderr=subprocess.PIPE, text=True,
        timeout=LIMIT, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("words", PRINT)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_whoever_has_read_enough_ends_the_program_as_sigpipe_does(line, words, unbuffered):
    """No traceback, and no code that says something else: 1 would mean that a person is needed."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = printed(line, words, nobody, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
@pytest.mark.parametrize("words", PRINT)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_cannot_be_printed_is_told(line, words, unbuffered):
    """A full disk under stdout is no success, and no bug."""
    with Path("/dev/full").open("wb") as full:
        done = printed(line, words, full, PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 3
    said, hint = done.stderr.splitlines()
    assert said == "error: standard output cannot be written: No space left on device."
    assert hint.startswith("  tractatus-merge status ")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_part_that_was_printed_is_no_whole(line, unbuffered):
    """A disk that fills up in the middle: Python takes the part for all where it does not buffer."""
    done = shell(line, f"ulimit -f 1; PYTHONUNBUFFERED={unbuffered} PROGRAM help >../part")
    assert (line.parent / "part").stat().st_size == 1024
    assert done.returncode == 3
    assert "File too large" in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_stream_that_a_parent_made_non_blocking_is_waited_for(line, unbuffered):
    """As Node does with what it shares: nothing is lost, however slowly it is read."""
    whole = run(line, "help").out
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    assert len(whole) > fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)
    with os.fdopen(reader, "r") as read, ThreadPoolExecutor(1) as other:
        with os.fdopen(writer, "wb") as pipe:
            done = other.submit(printed, line, "help", pipe, PYTHONUNBUFFERED=unbuffered)
            while not select.select([read], [], [], 0.01)[0]:
                pass
            time.sleep(0.3)  # it is full by then
            said = os.read(read.fileno(), 100).decode()
            said += os.read(read.fileno(), 4096).decode()
            assert done.result().returncode == 0
        assert said + read.read() == whole


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
def test_an_end_that_cannot_be_told_is_done(line):
    """Also when another end did it; it says that stdout is the fault, and the next one is fine."""
    tool(line, "start", "--session", "one")
    tool(line, "add", "A rule", "--session", "one")
    for _ in range(2):
        done = shell(line, "PROGRAM end --session one >/dev/full")
        assert done.returncode == 3
        assert "standard output cannot be written" in done.stderr
    assert [each["state"] for each in tool(line, "sessions", "--all")["sessions"]] == ["merged"]


def test_all_that_was_said_is_there_when_it_has_left(line):
    """Through a pipe, where nothing is written before it must be."""
    done = shell(line, "PROGRAM list --json")
    assert done.returncode == 0
    assert done.stdout == run(line, "list", "--json").out


FOLLOWS = """
import sys
from types import SimpleNamespace
from tractatus_merge import __main__
from tractatus_merge.sessions import follower
done = SimpleNamespace(
    view_is_due=False, json="{}", text="clean", code=0, told=lambda: open("../told", "w")
)
follower.ended = lambda *_: done
__main__.program()
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
def test_an_end_that_another_command_did_and_that_cannot_be_told_is_not_told(line):
    """It is told by the whole program, which says what is wrong with stdout."""
    tool(line, "start", "--session", "one")
    (line.parent / "follows.py").write_text(FOLLOWS)
    follows = f"'{sys.executable}' ../follows.py end --session one"
    done = shell(line, f"{follows} >/dev/full")
    assert done.returncode == 3
    assert "standard output cannot be written" in done.stderr
    assert not (line.parent / "told").exists()
    assert shell(line, follows).stdout == "clean\n"
    assert (line.parent / "told").exists()


def test_a_pipe_that_breaks_is_no_conflict(line, monkeypatch):
    """That of a program which was asked something: click would end with 1, and say nothing."""

    def broken(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("tractatus_merge.cli.commands.lists.look", broken)
    ran = run(line, "list")
    assert ran.code == 3
    said = "a program that was asked ended before all was said."
    assert ran.err == f"error: {said}\n  type the same command again\n"
