"""What the program does, to the byte, as it was recorded: a refactoring changes none of it."""

from __future__ import annotations

import pytest

from tests.recorded.__main__ import difference, played
from tests.recorded.script import CHAPTERS


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_it_does_what_was_recorded(chapter, tmp_path):
    """Output, exit codes, files, refs and the bytes of each commit.

    What is meant to change is recorded anew: `python -m tests.recorded --write`.
    """
    found = difference(chapter, played(chapter, tmp_path))
    if found:
        pytest.fail("\n".join(found[:200]), pytrace=False)
