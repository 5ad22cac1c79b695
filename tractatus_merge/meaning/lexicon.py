"""The words of rules: forms of one word, verbs that mean one thing, what says where and when.

The tables are meant to be read and mended. How a sentence is put together stands in `demands`.
"""

from __future__ import annotations

from tractatus_merge.value import Value


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLASSES = {
    "use": "use utilize utilise employ prefer adopt choose favor favour leverage rely stick",
    "add": "add write create include introduce have contain put insert make generate",
    "edit": "edit modify change alter update touch rewrite",
    "delete": "delete remove erase",
    "run": "run execute launch start",
    "store": "store save persist",
    "skip": "skip bypass omit",
    "hardcode": "hardcode hard-code",
}
"""Verbs that mean one thing where a rule is about its object, under the first of them."""

_VERBS = _set(
    "ask assume build call catch check cite commit connect copy deploy disable document emit "
    "enable expose fabricate fix force force-push format guess ignore import install keep lint "
    "log merge mock move name overwrite place print publish push read rebase refactor release "
    "rename require return revert send set share squash test throw trust try validate verify "
    "wait wrap " + " ".join(CLASSES.values())
)
DROPPED = _set(
    "a an the any all every each this that these those your our their its own some such ever also "
    "please only just instead of it them and or nor etc either both directly explicitly strictly "
    "always e.g i.e"
)
_WHO = _set("you we i agent assistant claude ai developer everyone session tool code must team")
_PURPOSES = _set("for to with as by before after via using through than like over about")
PLACES = _set(
    "in on at for from to into onto with within inside under during by via through using as"
)
_TIMES = _set(
    "when if whenever where unless except without outside before after while until than that"
)
STOPS = PLACES | _TIMES | _set("who whose against between across per like over about upon")
REASONS = _set("because since so due which otherwise thus therefore hence this")
_FILLING = PLACES | _set("when if whenever where is are be do you we i it that who than then")


def stem(word: str) -> str:
    """A word without its plural or last e; what is not purely letters stays as it is."""
    if not word.isalpha() or len(word) < 4 or word.endswith(("ss", "us", "is", "as")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s").removesuffix("e")


def _root(verb: str) -> str:
    """A verb without the endings of its forms: `committing`, `committed`, `commits` are one."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if verb.endswith(ending) and len(verb) - len(ending) > 1 and not verb.endswith("ss"):
            verb = verb[: -len(ending)]
            if ending in ("ing", "ed") and verb[-1] == verb[-2:-1] and verb[-1] not in "sl":
                verb = verb[:-1]
            break
    return verb.removesuffix("e")


_ROOTS = {_root(verb): name for name, verbs in CLASSES.items() for verb in verbs.split()}
_KNOWN = frozenset(map(_root, _VERBS))


def verb_class(verb: str) -> str:
    """The class of a verb, whatever its form; a verb of none is its own."""
    root = _root(verb.removeprefix("`"))
    return _ROOTS.get(root, root)


def is_verb(token: str, *, order: bool = False) -> bool:
    """Whether a word is a verb that the tables know: `use`, and if it is no order also `using`."""
    return token in _VERBS or (not order and token.endswith("ing") and _root(token) in _KNOWN)


def stems(tokens: list[str]) -> tuple[str, ...]:
    """The stems of the words that mean something, in order."""
    bare = (token.removeprefix("`").removesuffix("()") for token in tokens if token not in DROPPED)
    return tuple(stem(token) for token in bare if token)


def subject_of(tokens: list[str]) -> frozenset[str]:
    """Whom a rule speaks of, as stems; nobody where it speaks to its reader."""
    return frozenset(stems(tokens)) - _WHO - _FILLING


class Scope(Value):
    """Where and when a demand holds: its limits, and what it is for, each as stems."""

    limits: frozenset[str] = frozenset()
    purpose: frozenset[str] = frozenset()

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.limits | other.limits, self.purpose | other.purpose)


def scope_of(tokens: list[str]) -> Scope:
    """What a part that begins with "in", "when", "for" ... says of where, when and what for."""
    found: dict[bool, list[str]] = {True: [], False: []}
    purpose = False
    for token in tokens:
        if token in REASONS:
            break
        purpose = token in _PURPOSES if token in STOPS else purpose
        found[purpose].append(token)
    return Scope(*(frozenset(stems(found[kind])) - _FILLING for kind in (False, True)))
