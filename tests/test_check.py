"""`make check` says on one screen what failed: tools/check.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

MAKEFILE = """\
ARGS = given
fine:
\t@echo "all is well $(ARGS)."
style:
\t@echo "one.py:1:1: E501 Line too long"; echo "Found 1 error."; exit 1
tests:
\t@for n in 1 2 3 4 5 6 7 8 9; do echo "noise $$n"; done
\t@for n in $(COUNT); do echo "FAILED tests/test_$$n.py::test_it - assert 1 == 2"; done
\t@echo "9 failed, 2 passed in 1.00s"; exit 1
"""


def check(folder, *targets, count=""):
    """Run it on a Makefile; exit code, all that it printed, and what stands after the last target."""
    (folder / "Makefile").write_text(MAKEFILE.replace("$(COUNT)", count or "1"))
    words = (sys.executable, ROOT / "tools" / "check.py", *targets)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stdout.partition("\n\nok ")[2]


def test_all_targets_run_and_each_has_a_line(tmp_path):
    """One that fails does not keep the next from being told; what they print is shown."""
    code, out, end = check(tmp_path, "fine", "style", "tests")
    assert code == 1
    assert "all is well ." in out and "noise 3" in out and "9 failed, 2 passed" in out
    assert [line.split()[:2] for line in ("ok " + end).splitlines()[:3]] == [
        ["ok", "fine"],
        ["FAILED", "style"],
        ["FAILED", "tests"],
    ]


def test_the_end_says_why_and_what_to_type(tmp_path):
    """Of tests the lines that name them, of all else the last lines; never make's own."""
    _, _, end = check(tmp_path, "fine", "style", "tests")
    assert "\nmake style\n  one.py:1:1: E501 Line too long\n  Found 1 error.\n" in end
    assert "\nmake tests\n  FAILED tests/test_1.py::test_it - assert 1 == 2\n" in end
    assert "noise" not in end and "***" not in end


@pytest.mark.parametrize("number", [24, 25, 200])
def test_however_much_fails_it_is_one_screen(tmp_path, number):
    """What there is no room for is counted."""
    code, _, end = check(tmp_path, "fine", "tests", count=" ".join(map(str, range(number))))
    assert code == 1 and len(end.splitlines()) <= 30
    shown = end.count("  FAILED tests/")
    assert (
        shown + sum(int(line.split()[2]) for line in end.splitlines() if " and " in line) == number
    )


def test_what_is_asked_of_other_targets_leaves_no_test_out(tmp_path, monkeypatch):
    """`make check ARGS=...` runs everything all the same."""
    monkeypatch.setenv("MAKEFLAGS", " -- ARGS=-k\\ nothing")
    assert "all is well .\n" in check(tmp_path, "fine")[1]


def test_nothing_failed(tmp_path):
    """Exit 0, and nothing but a line for each target."""
    code, _, end = check(tmp_path, "fine")
    assert code == 0 and len(end.splitlines()) == 1
