"""The pages' commands run, print what is shown, and exit as it says: `tests/pages/play.py`."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.pages.play import PAGES, Player, Step, alike, commands, steps

RUN = re.compile(r"^ *```(?:console|sh)$", re.MULTILINE)
SKIPPED = 20
"""How many blocks may say that they cannot run here, in all pages together."""


def named(page):
    """A page as messages call it."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if RUN.search(p.read_text("utf-8"))], ids=named)
def test_a_page_shows_what_its_commands_print(page, tmp_path):
    """Output and exit codes; what is meant to change: `python -m tests.pages --write PAGE`."""
    player = Player(page, tmp_path)
    player.play()
    if player.failures:
        pytest.fail("\n\n".join(player.failures), pytrace=False)


def test_few_blocks_are_passed_over():
    """A block that is not run says why, and there are few of them."""
    found = [
        (named(page), why)
        for page in PAGES
        for why in re.findall(r"<!--+ skip: \w+(.*)-->", page.read_text("utf-8"))
    ]
    assert all(re.fullmatch(r' ".{15,}" ', why) for _, why in found), found
    assert len(found) <= SKIPPED, found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_command_hides_in_another_kind_of_block(page):
    """Commands stand in blocks `console` or `sh`, which run: never `bash`, `shell` or `text`."""
    text = page.read_text("utf-8")
    assert not re.search(r"^ *```(?:bash|shell|zsh|shell-session)\b", text, re.MULTILINE)
    for kind, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert kind == "console" or not block.startswith("$ "), f"{named(page)}: {block}"


def test_a_page_that_shows_something_else_fails_and_is_mended(tmp_path):
    """The failure names place, command and difference; writing the page anew mends only that."""
    page = ROOT / "docs" / "never.md"
    text = "# Never\n\n```console\n$ echo one  # why\ntwo\n$ X=5\n$ echo $X\n5\n$ false  # exit 1\n```\n"
    player = Player(page, tmp_path, text)
    player.play()
    (failure,) = player.failures
    assert failure.startswith("docs/never.md:3: $ echo one")
    assert "-two" in failure
    assert "+one" in failure
    assert player.text == text.replace("two", "one")


def test_an_exit_code_that_the_page_does_not_say_fails(tmp_path):
    """In both directions, and in blocks whose output is not shown."""
    text = "```sh\nfalse\n```\n\n```console\n$ true  # exit 3\n```\n"
    player = Player(ROOT / "README.md", tmp_path, text)
    player.play()
    assert ["exits with 1, the page says 0" in one for one in player.failures] == [True, False]
    assert "exits with 0, the page says 3" in player.failures[1]


def test_what_a_reader_does_before_is_run_and_what_cannot_run_is_not(tmp_path):
    """Commands in a comment count as typed; the block after `skip: next` is passed over."""
    text = (
        "<!-- invisible-code: sh\ncd ..\n-->\n\n```console\n$ pwd\n~\n```\n\n"
        '<!-- skip: next "it would never end" -->\n```sh\nsleep 1000\n```\n'
    )
    player = Player(ROOT / "README.md", tmp_path, text)
    player.play()
    assert not player.failures
    assert player.skipped == ["README.md:11: it would never end"]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("c04f5cee2 at 2025-11-10 09:04\n", "c1234abcd at 2026-01-01 00:00\n", True),
        ("1 added\n...\nend\n", "1 added\nx\ny\nend\n", True),
        ("1 added\n...\nend\n", "1 added\nend\n", True),
        ("1 added\n...\n", "2 added\n", False),
        ("facade\n", "decade\n", False),
        ("a\n", "a\nb\n", False),
        ("", "a\n", False),
    ],
)
def test_what_counts_as_shown(shown, printed, same):
    """Other ids, other times and what is left out; never other words, more or less."""
    assert alike(shown, printed) is same


def test_commands_are_told_from_their_output():
    """`> ` goes on with a command, in `sh` whatever bash would wait for."""
    assert list(steps("$ a \\\n> b\nout\n$ c  # x, exit 2\n")) == [
        Step("$ a \\\n> b", "out\n"),
        Step("$ c  # x, exit 2", ""),
    ]
    assert [one.code for one in steps("$ a\n$ c  # x, exit 2: why\n")] == [0, 2]
    block = "# a word\na\n\nfor i in 1 2; do\n  b\ndone\ncat <<X\nhi\nX\nc \\\n  d\n"
    assert list(commands(block)) == [
        "a",
        "for i in 1 2; do\n  b\ndone",
        "cat <<X\nhi\nX",
        "c \\\n  d",
    ]
