"""The English of the documentation and of the help: spelling, and the project's own rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.conftest import ROOT
from tractatus_merge.cli.verbs import tractatus_merge

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
READ = [page for page in PAGES if page.parent.name not in {"decisions", "reference"}]
"""Pages that people read from top to bottom."""
FENCE = re.compile(
    r"^ *```.*?^ *```\n|<!--.*?-->|^\|[^\n]*$|^    [^\n]*$", re.MULTILINE | re.DOTALL
)
LONGEST = 36
"""Words of a sentence."""
MEANT = "verison,inforce,befores"
"""A misspelling that is shown as one, and names in the code."""
PLAIN = {
    r"\bgone on with\b": "continue",
    r"\btrue of nobody\b": "say what holds instead",
    r"\btakes? the place of\b": "replace",
    r"\bwhere they parted\b": "their merge base",
    r"\bbrings? along\b": "also add",
    r"\bis not given it\b": "say what the reader has to do",
    r"\bwhich may stand alone\b": "a sentence of its own",
    r"\b(?:where|there|here)(?:of|in|with|upon)\b": "a plain word",
    r"\b(?:obviously|of course|easily|please|utilise|utilize|leverage)\b": "leave it out",
    r"\b(?:e\.g\.|i\.e\.|etc\.)": "for example, that is, and so on",
    r"\b(?:master|slave|whitelist|blacklist)\b": "main, replica, allowed, refused",
}
"""What is not said here, and what to say instead."""


def named(page: Path) -> str:
    """A page as messages call it."""
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """What of a page is sentences: no code, no tables, no comments."""
    return re.sub(r"`[^`]*`", "CODE", FENCE.sub("\n", page.read_text("utf-8")))


def sentences(text: str) -> list[str]:
    """The sentences of a text; a heading, an item of a list and a paragraph end one."""
    text = re.sub(r"\]\([^)]*\)", "]", text)
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|^#+ .*$", text, flags=re.MULTILINE)
    return [
        one for block in blocks for one in re.split(r"(?<=[.:?!])\s+|;\s+", block.strip()) if one
    ]


def rewritten(text: str) -> list[str]:
    """Each phrase of a text that is not said here, with what to say instead."""
    found = []
    for pattern, better in PLAIN.items():
        found += [f"{hit[0]!r}: {better}" for hit in re.finditer(pattern, text, re.IGNORECASE)]
    return found


def helps() -> dict[str, str]:
    """The help of each verb, with that of its options."""
    context = click.Context(tractatus_merge)
    found = {}
    for name in tractatus_merge.list_commands(context):
        command = tractatus_merge.get_command(context, name)
        params = [getattr(param, "help", None) or "" for param in command.params]
        found[name] = "\n\n".join([command.help or "", *params])
    return found


@pytest.mark.parametrize("page", READ, ids=named)
def test_no_sentence_is_too_long(page):
    """A sentence that has more words must be read twice."""
    long = [one for one in sentences(prose(page)) if len(one.split()) > LONGEST]
    assert not long, "\n\n".join(long)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_is_in_plain_words(page):
    """None of the phrases that a stranger stumbled over, and no filler."""
    if "decisions" not in page.parts:
        assert not rewritten(prose(page))


def test_the_help_is_in_plain_words():
    """Of every verb and every option."""
    assert not {name: found for name, text in helps().items() if (found := rewritten(text))}


@pytest.mark.parametrize("page", sorted((ROOT / "docs/how-to").glob("*.md")), ids=named)
def test_a_how_to_says_its_goal_first(page):
    """Right after the title, in one or two sentences."""
    assert re.match(r"# .+\n\n\*\*Goal:\*\* .+", page.read_text("utf-8"))


def test_the_spelling():
    """Of pages, help, messages and comments; misspellings that are meant are in tests."""
    paths = ["README.md", "CONTRIBUTING.md", "docs", "tractatus_merge", "changelog.d", "tools"]
    words = (
        sys.executable,
        "-m",
        "codespell_lib",
        f"-L{MEANT}",
        "--skip=*.1,*.pyc,writes.py",
        *paths,
    )
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It is gone on with.", 1),
        ("The part thereof, e.g. this, is easily seen.", 3),
        ("It continues.", 0),
        ("Herein lies `whereof`.", 1),
    ],
)
def test_the_rules_can_fail(text, count):
    """Each phrase is found, whatever its case; code is none."""
    assert len(rewritten(re.sub(r"`[^`]*`", "CODE", text))) == count


def test_where_a_sentence_ends():
    """At a full stop, a colon, a semicolon, an item, a heading; not in a link's address."""
    text = "# A title\n\nOne [two](three.md#four five). Six: seven; eight\n- nine\n- ten\n"
    assert sentences(text) == ["One [two].", "Six:", "seven", "eight", "- nine", "- ten"]
