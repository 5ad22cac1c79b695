"""A transfer that a person watches: how far it is, and that the rest is as without a terminal."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.git.sync.crowd import head, pair_of
from tests.terminal import on_terminal, program
from tests.tool import run, tool
from tractatus_merge.git.sync.progress import watch


@pytest.fixture
def pair(tmp_path):
    """A hub with a history, and two clones; either has something the other lacks."""
    hub, ada, bo = pair_of(tmp_path)
    tool(bo, "add", "From Bo")
    tool(bo, "sync")
    tool(ada, "add", "From Ada")
    return hub, ada, bo


def test_a_person_sees_how_far_it_is(pair):
    """What comes and what goes is counted on one line, which is wiped; else nothing of it is said."""
    hub, ada, _ = pair
    shown = on_terminal(ada, *program("sync"))
    assert shown.code == 0 and head(ada) == head(hub), shown.text
    last = shown.text.rindex("\r\x1b[K")
    assert "unpacking" not in shown.text[last:] and "received 1 version, sent" in shown.text[last:]
    for stage in ("counting", "sending"):
        assert re.search(rf"\r\x1b\[K{stage} 100%", shown.text), shown.text
    assert "counting" not in on_terminal(ada, *program("sync"), env={"TERM": "dumb"}).text
    tool(ada, "add", "More")
    assert "counting" not in run(ada, "sync").err


REFUSAL = """#!/bin/sh
printf '2 reviews: 3 are needed\\nerror: rule 7\\n\\033]0;x\\007 \\377 no\\n' >&2
printf 'Counting objects: 50%% (1/0)\\n' >&2
exit 1
"""


def test_what_a_remote_says_is_no_progress(pair):
    """Its reasons are told whole, also where they look like a count or are no UTF-8."""
    hub, ada, _ = pair
    path = hub / "hooks/update"
    path.write_text(REFUSAL)
    path.chmod(0o755)
    shown = on_terminal(ada, *program("sync"))
    assert shown.code == 3 and "\x1b]0" not in shown.text, shown.text
    assert "2 reviews: 3 are needed error: rule 7" in shown.text, shown.text
    assert "Enumerating" not in shown.text and "Total" not in shown.text
    path.unlink()
    assert on_terminal(ada, *program("sync")).code == 0 and head(ada) == head(hub)


def test_a_git_that_says_much_on_both_sides():
    """Neither of its outputs waits for the other, and bytes that are no text harm nothing."""
    script = "i=0; while test $i -lt 3000; do printf '%0100d\\n' $i; printf '%0100d\\377\\n' $i >&2; i=$((i+1)); done; exit 5"
    pipe = subprocess.PIPE
    with subprocess.Popen(["sh", "-c", script], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        lines: list[str] = []
        done = watch(process, lines.append)
    assert done.status == 5 and lines == [""]
    assert len(done.out.splitlines()) == len(done.err.splitlines()) == 3000
