"""What a merge did, in words."""

from __future__ import annotations

import pytest

from tractatus_merge.core.outcome import Outcome, message


@pytest.mark.parametrize(
    ("outcome", "word", "line"),
    [
        (Outcome(), "nothing", "header"),
        (Outcome(added=("a",), retired=("b", "c")), "clean", "1 added, 2 retired"),
        (Outcome(edited=("a",), conflicts=("c1",)), "conflicts", "1 edited, 1 in conflict"),
        (Outcome(added=("n",), renamed={"a": "n"}), "clean", "1 added, 1 renamed"),
    ],
)
def test_a_word_and_a_line(outcome, word, line):
    """Conflicts come first; the log's line counts."""
    assert outcome.word == word
    assert message("s1", outcome) == f"Merge session s1: {line}"
