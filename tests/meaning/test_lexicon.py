"""Forms of words."""

from __future__ import annotations

import pytest

from tractatus_merge.meaning.lexicon import Scope, _set, is_verb, scope_of, stem, stems, verb_class


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dependency", "dependencies"), ("cache", "caches"), ("branch", "branches"), ("class", "classes"),
        ("type", "types"), ("alias", "aliases"), ("database", "databases"), ("test", "tests"), ("box", "boxes"),
    ],
)  # fmt: skip
def test_plurals(one, other):
    """One stem, which but for a y begins both."""
    assert stem(one) == stem(other)
    assert all(word.startswith(stem(one).removesuffix("y")) for word in (one, other))


@pytest.mark.parametrize("word", ["bus", "status", "this", "css", "app.js", "v2s", "npm", "as"])
def test_what_is_no_plural(word):
    """Stays as it is."""
    assert stem(word) == word


@pytest.mark.parametrize(
    ("verb", "root"),
    [
        ("committing", "commit"), ("committed", "commit"), ("commits", "commit"), ("using", "use"), ("used", "use"),
        ("writing", "add"), ("running", "run"), ("passes", "pass"), ("pass", "pass"), ("calling", "call"),
        ("utilizes", "use"), ("`commit", "commit"), ("ing", "ing"), ("caching", "cach"), ("cache", "cach"),
        ("free", "fr"), ("frees", "fr"), ("freed", "fr"), ("is", "is"),
    ],
)  # fmt: skip
def test_verbs(verb, root):
    """Every form has one class; a verb of none is its own."""
    assert verb_class(verb) == root


def test_known_verbs():
    """Orders and gerunds; nouns and code are none."""
    assert is_verb("use") and is_verb("using") and is_verb("use", order=True)
    assert not is_verb("using", order=True)
    assert not any(map(is_verb, ["uses", "`use", "string", "thing", "npm"]))


def test_a_table_is_a_set_of_words():
    """In a text, with spaces between them."""
    assert _set("a or  b") == {"a", "or", "b"}


def test_stems():
    """Without the words that say nothing, marks of code and empty brackets."""
    assert stems(["the", "`the", "Tests".lower(), "load()", "`"]) == ("the", "test", "load")


def test_scopes():
    """What follows a purpose's word is purpose, else it limits; a reason is neither."""
    assert scope_of(["in", "tests", "for", "speed", "when", "slow", "because", "old"]) == Scope(
        frozenset({"test", "slow"}), frozenset({"speed"})
    )
    assert Scope(frozenset("a")) | Scope(frozenset("b"), frozenset("c")) == Scope(
        frozenset("ab"), frozenset("c")
    )
