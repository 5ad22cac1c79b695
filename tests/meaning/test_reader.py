"""What a quick look at two instructions says that they can contradict each other in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.meaning import reader
from tractatus_merge.meaning.reader import Clues, Reach, Rule


def rule(text="", **parameters):
    """A rule of one text."""
    return Rule("it", {"text": text, "parameters": parameters})


def reach(one, other):
    """What the quick look says of the two."""
    clues = Clues(one)
    return clues.reach(other, set(filter(other.low.__contains__, clues.needles)))


WORDS = "aa bb cc dd ee ff gg hh ii jj"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((WORDS, {}), (WORDS, {}), Reach(False, False, True)),
        ((WORDS, {}), (WORDS, {"n": 1}), None),
        ((WORDS, {}), ("aa bb cc dd ee ff gg", {}), None),
        ((WORDS, {}), ("aa bb cc dd ee ff gg hh", {}), Reach(False, False, True)),
        ((WORDS, {}), ("aa", {}), None),
        ((WORDS, {"n": 1}), ("aa", {"n": 2}), Reach(True, False, False)),
        (("Use npm", {}), ("Never use npm", {}), Reach(False, True, True)),
        (("Use npm", {"n": 1}), ("Never use npm", {}), Reach(False, True, False)),
        (("Use npm", {"n": 1}), ("Never use yarn", {"n": 1}), Reach(True, False, False)),
        (("Never use npm", {}), ("Bake npm cakes", {}), Reach(False, True, False)),
    ],
)  # fmt: skip
def test_which_findings_a_pair_can_have(one, other, expected):
    """Parameters of one name, a thing that one of them forbids, more than seven of ten words."""
    assert reach(rule(one[0], **one[1]), rule(other[0], **other[1])) == expected


@pytest.mark.parametrize(
    ("value", "wished"),
    [
        ("sqlite", {"sqlit"}), ("a database", {"databas"}), ("my sqlite", {"sqlit"}), (5433, {"5433"}), ("go", set()),
        ("bun", {"bun"}), (["sqlite"], set()), (True, set()), (None, set()),
    ],
)  # fmt: skip
def test_what_of_a_parameter_another_text_must_name_to_forbid_it(value, wished):
    """The longest word of a text or an integer, if it is long enough for a name."""
    assert Clues(rule(engine=value)).wished == wished


def test_a_text_of_several_words_has_one_clue():
    """Which of two that are as long does not matter, but that it is one does."""
    assert len(Clues(rule(engine="blue reds")).wished) == 1


pieces = st.sampled_from(
    ["never", "not", "no", "t", "n't", "n\u2019t", "o", "ban", "banned", "over", "moreover", "stop",
     "deprecated", "know", "note", " ", "_", "-", "\n", '"', "\u00e9", "1", "."]
)  # fmt: skip


@given(st.lists(pieces, max_size=6).map("".join))
def test_a_word_that_could_forbid_is_seen_at_once_or_not_there(text):
    """The quick look says what the slow one says."""
    assert reader.could_forbid(text) == (re.search(reader._CUE, text) is not None)
