"""Texts as sentences, sentences as words and parts. What a part says stands in `clauses`.

Conventions of the inner form: lower case, one space between words, a word of code or in quotes with
a "`" before it, so that no word of the grammar is ever found in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

HARD = ("", ";", ":", "\u2014", "but", "however")
_BREAKS = (*HARD, ",", "(", ")")
_ORDERS = ("never", "do", "always", "avoid", "must")
_ASIDES = (*_ORDERS, "not", "no")
_SENTENCE = r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<=[.!?])[\"')*]*\s+|\n"
_WORD = r"[^\W_](?:[\w'./@+#-]*[\w+#])?"
_QUOTES = frozenset("`\"'\u201c\u201d")
_DASHES = ("\u2013", "\u2014")
_EXCEPT = ("unless", "without", "until", "except ")
"""How an exception begins."""
_LINK = r"\]\([^)\s]*\)"
_CODE = r"`+([^`]+)`+|[\"\u201c]([^\"\u201c\u201d]{1,60})[\"\u201d]|(?<!\w)'([^']{1,60})'(?!\w)"
_ITEM = r"[,;()]|[^\s,;()]+"
_NOT = r"(?<!\S)(do|does|did|must|should|shall|could|would|will|is|are|need|may)n't"

_GIT = r"\bgit (?=(?:add|commit|push|pull|merge|rebase|tag)\b)"
_SLASH = r"(?<!\S)[a-z]{2,}(?:/[a-z]{2,})+(?![\w/.-])"
_ASKED = (
    r"(?<!\S)(?:unless|without|until|except (?:when|if))(?: [\w']+){0,4}? "
    r"(?:ask(?:ed|ing)?|told|tell(?: you)?|request(?:ed|s)?|instruct(?:ed|ions?)|permission"
    r"|approval|consent|confirmation)(?: to| otherwise)?(?: do(?: so| it)?)?(?![\w'])"
)
"""Such an exception leaves nothing that is done unasked: a standing order contradicts it."""


def sentences(text: str) -> list[str]:
    """The sentences of a text, as they stand there."""
    return [part.strip() for part in re.split(_SENTENCE, text) if part.strip()]


def words(text: str) -> frozenset[str]:
    """The words of a text, lower case, without its punctuation."""
    return frozenset(re.findall(_WORD, text.lower().replace("\u2019", "'")))


def inner(sentence: str) -> list[str]:
    """The words and breaks of a sentence, in the inner form."""

    def marked(found: re.Match[str]) -> str:
        code = next(group for group in found.groups() if group)
        return " " + " ".join(f"`{word}" for word in re.sub(r"[(),;]+", " ", code).split()) + " "

    text = sentence.lower().replace("\u2019", "'").replace("**", "")
    for pattern, sign, left in ((_LINK, "](", "]"), (_GIT, "git ", "")):
        text = re.sub(pattern, left, text) if sign in text else text
    if not _QUOTES.isdisjoint(text):
        text = re.sub(_CODE, marked, text)
    if "'" in text or "cannot" in text:
        text = (
            re.sub(_NOT, r"\1 not", text).replace("can't", "can not").replace("cannot", "can not")
        )
    if any(word in text for word in _EXCEPT):
        text = re.sub(_ASKED, "", text)
    if "/" in text:
        text = re.sub(_SLASH, lambda found: found[0].replace("/", " or "), text)
    for dash in _DASHES:  # a word of its own, wherever it stands
        text = text.replace(dash, f" {dash} ")
    found = []
    for word in re.findall(_ITEM, text):
        bare = word if word[0] == "`" else word.strip("*_'\"[]{}<>#\u2022")
        if word in ("-", "--", "\u2013"):
            bare = "\u2014"
        found.append(bare.rstrip(".!?:"))
        found.append(":" if bare.endswith(":") else "")
    said = (word for word in found if word in _BREAKS or any(map(str.isalnum, word)))
    return [word for word in said if word]


def segments(tokens: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The parts of a sentence between its breaks, each with the break before it.

    Of what stands in brackets only what orders is kept.
    """
    mark, part, aside = "", list[str](), False
    for word, after in zip([*tokens, ";"], [*tokens[1:], "", ""], strict=False):
        joint = word in ("and", "or") and after in _ORDERS
        if word not in _BREAKS and not joint:
            part.append(word)
            continue
        if part and (not aside or part[0] in _ASIDES):
            yield mark, part
        mark, part = (word if word in HARD else ","), []
        aside = (aside or word == "(") and word != ")"
