"""What changed in a long text, without what nobody needs."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.review.excerpts import LONG, excerpt
from tractatus_merge.review.render import pieces

WORDS = [f"word{n}" for n in range(700)]


def length(runs):
    """How many letters a reader has before them."""
    return sum(len(text) for kind, text in runs if kind != "cut")


def test_a_short_text_is_shown_whole():
    """Nothing is left out that fits."""
    runs = pieces("Prices are cents.", "Prices are integers.")
    assert excerpt(runs) == runs


def test_each_change_has_its_words_around_it():
    """And what is left out is counted, so that nobody takes it for the whole."""
    changed = [*WORDS[:300], "three", *WORDS[301:600], "six", *WORDS[601:]]
    shown = excerpt(pieces(" ".join(WORDS), " ".join(changed)))
    text = "".join(text for kind, text in shown if kind != "cut")
    for words in ("word298 word299 ", "word300", "three", " word301 word302", "six"):
        assert words in text
    assert [kind for kind, _ in shown].count("cut") == 3
    assert length(shown) < LONG


def test_what_is_wholly_another_text_is_shown_by_its_start_and_end():
    """The middle of what was lost, or is new, is folded too."""
    shown = excerpt([("gone", "a " * 3000), ("new", "b " * 3000)])
    assert [kind for kind, _ in shown] == ["gone", "cut", "gone", "new", "cut", "new"]
    assert excerpt([("same", "a " * 3000)])[-1] == ("cut", "5,749")


@given(st.lists(st.tuples(st.sampled_from(["same", "gone", "new"]), st.text("ab \n", max_size=900)), max_size=6))  # fmt: skip
def test_nothing_is_lost_but_what_is_counted(runs):
    """What is shown and what is left out make the whole; each run begins as it did."""
    shown = excerpt(runs)
    cut = sum(int(text.replace(",", "")) for kind, text in shown if kind == "cut")
    assert length(shown) + cut == length(runs)
    whole = "".join(text for _, text in runs)
    left = "".join("\0" if kind == "cut" else text for kind, text in shown)
    assert re.fullmatch(".*".join(map(re.escape, left.split("\0"))), whole, re.DOTALL)
