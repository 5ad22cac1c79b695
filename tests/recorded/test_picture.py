"""The picture in README.md shows what the program prints."""

from __future__ import annotations

import html
import re

import pytest

from tests.recorded.picture import FILE, drawn


def shown(svg):
    """The texts of a picture, in order: how a release of rich draws them is its own affair."""
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.slow
def test_the_picture_is_fresh(tmp_path):
    """It is a run of today's program; else: `make docs`, and look at it."""
    found = shown(FILE.read_text("utf-8"))
    assert found == shown(drawn(tmp_path))
    said = "\n".join(found).replace("\N{NO-BREAK SPACE}", " ")
    for words in (": clean", ": conflicts", "settled"):
        assert words in said


def test_the_picture_needs_no_network():
    """No address but the one that says what SVG is, and no script."""
    text = FILE.read_text("utf-8")
    assert re.findall(r"https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in text and "@import" not in text
