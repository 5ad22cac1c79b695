"""A table of merge rules for any kind of file, as people write it: a name for each path.

From the options of `merge-file` or from `.claude/tractatus.toml`. Names stand for rules; a table is
checked as a whole before anything is merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tractatus_merge.anyfile.ready_made import READY_MADE
from tractatus_merge.core.rules.base import Merge, Merged, Rule
from tractatus_merge.core.rules.generic import conflict, favoured, fields, kept_whole
from tractatus_merge.core.rules.lists import as_set, keyed, sequence, shaped
from tractatus_merge.core.rules.scalars import counter, either, extreme, measure
from tractatus_merge.core.rules.texts import text
from tractatus_merge.core.values.equality import MISSING, Json, Path
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.core.values.paths import Every, Pattern, pattern_of
from tractatus_merge.core.values.places import GUESSED, element_id
from tractatus_merge.errors import DocumentError, RequestError
from tractatus_merge.value import Value

RULES: dict[str, Rule] = {
    "conflict": conflict,
    "max": extreme("max", measure),
    "min": extreme("min", measure, least=True),
    "either": either,
    "set": as_set,
    "sequence": sequence,
    "text": text,
    "counter": counter,
    "whole": conflict,
    "ours": favoured("ours", lambda merge: merge.ours),
    "theirs": favoured("theirs", lambda merge: merge.theirs),
    "base": favoured("base", lambda merge: merge.base),
}
"""The rules that settle a place as a whole."""

INNER = ("keyed", "map")
"""The rules that go on inside: a list of records by their id, an object key by key."""

LISTS = ("sequence", "set", "whole")
"""What a list can be that no rule names and whose elements have no id."""

SETTINGS = ("table", "collection", "key", "lists", "rules")
"""What a table in the settings may say."""

_SETTLING = {"either", "ours", "theirs", "base"}
"""The rules that also settle a deletion against an edit."""


@dataclass
class _Node:
    """One place of the table: the rule named there, the key of its records, what is below."""

    rule: str = ""
    key: str = ""
    below: dict[str | Every, _Node] = field(default_factory=dict)

    @property
    def keys(self) -> Sequence[str]:
        """The keys that may tell the records of a list here apart: the one said, or any."""
        if self.key or self.rule == "keyed":
            return (self.key or "id",)
        return GUESSED

    def at(self, pattern: Pattern) -> _Node:
        node = self
        for step in pattern:
            node = node.below.setdefault(step, _Node())
        return node


class Table(Value):
    """Rules by path, and the keys of lists of records. Make one with `of`, which checks it."""

    keys: Mapping[str, str]
    rules: Mapping[str, str]
    lists: str
    _root: _Node

    @classmethod
    def of(
        cls,
        keys: Mapping[str, str] | None = None,
        rules: Mapping[str, str] | None = None,
        lists: str = "sequence",
    ) -> Table:
        """The table that says this; RequestError, naming path and rule, where it cannot be."""
        if lists not in LISTS:
            raise _refusal(f"lists = '{lists}'", f"a list can be {', '.join(LISTS)}")
        root = _Node()
        for path, name in (rules or {}).items():
            if name not in RULES and name not in INNER:
                known = ", ".join((*RULES, *INNER))
                raise _refusal(f"{path} = {name}", f"there is no rule '{name}'", known)
            root.at(_read(path)).rule = name
        for path, key in (keys or {}).items():
            pattern = _read(path)
            if not key or pattern[-1:] != (Every.ELEMENT,):
                why = "a key belongs to the elements of a list"
                raise _refusal(f"{path} = {key}", why, "issues[*]=id")
            node = root.at(pattern[:-1])
            if node.rule not in ("", "keyed"):
                raise _refusal(f"{path} = {key}", f"the list there has the rule '{node.rule}'")
            node.rule, node.key = "keyed", key
        for place, node in _nodes(root, ()):
            if node.rule in RULES and node.below:
                why = f"'{node.rule}' settles {_shown(place)} whole, and rules stand below it"
                raise _refusal(f"{_shown(place)} = {node.rule}", why)
        return cls(keys or {}, rules or {}, lists, root)

    def with_(
        self, keys: Mapping[str, str], rules: Mapping[str, str], lists: str | None = None
    ) -> Table:
        """This table with more said on top."""
        return Table.of({**self.keys, **keys}, {**self.rules, **rules}, lists or self.lists)

    @classmethod
    def written(cls, section: Mapping[str, object]) -> Table:
        """The table that a `[documents."NAME"]` of the settings says; RequestError if it is none.

        Its keys: `table` (a ready-made one, on top of which the rest stands), `collection` and
        `key` (as `--key COLLECTION=KEY`), `lists`, and `rules` by path.
        """
        unknown = [name for name in section if name not in SETTINGS]
        if unknown:
            raise _refusal(unknown[0], "a table has no such key", ", ".join(SETTINGS))
        rules = section.get("rules", {})
        words = [section.get(name, "") for name in ("table", "collection", "key", "lists")]
        if not isinstance(rules, dict) or not all(
            isinstance(word, str) for word in (*words, *rules.values())
        ):
            raise _refusal("rules", "every path has the name of a rule", "'[*].updated_at' = 'max'")
        table, collection, key, lists = map(str, words)
        keys = {collection or "[*]": key or "id"} if collection or key else {}
        return cls.named(table).with_(keys, rules, lists or None)

    @classmethod
    def named(cls, name: str) -> Table:
        """A ready-made table ("": one that says nothing); RequestError where there is none."""
        if not name:
            return cls.of()
        found = READY_MADE.get(name)
        if found is None:
            raise _refusal(name, "there is no ready-made table of this name", ", ".join(READY_MADE))
        return cls.of(found.keys, found.rules)

    def rule(self) -> Rule:
        """The rule of the whole document."""
        return self._rule(self._root)

    def part(self, path: tuple[str, ...]) -> tuple[Sequence[str], Rule]:
        """How a list merges: the keys that its records may have (none: it is no list of records).

        And the rule of a record.
        """
        node: _Node | None = self._root
        for step in path:
            if node and node.rule not in ("", "map"):
                return (), conflict
            node = node and (node.below.get(step) or node.below.get(Every.KEY))
        if node is None:
            return GUESSED, kept_whole(self._other())
        keys = node.keys if node.rule in ("", "keyed") else ()
        return keys, self._inside(node, Every.ELEMENT)

    def check(
        self,
        value: Json,
        name: str,
        below: Pattern = (),
        *,
        base: Callable[[], Json] = lambda: MISSING,
    ) -> None:
        """Refuse a value in which two records of a list have one id, where its key was said.

        What is double in the base too is let pass: nobody doubled it now.
        """
        node = self._root
        for step in below:
            found = node.below.get(step) or node.below.get(Every.KEY)
            if found is None:
                return
            node = found
        doubles = list(_doubles(node, value))
        known = {*_doubles(node, base())} if doubles else set()
        for key, record in doubles:
            if (key, record) in known:
                continue
            why = f"two records of one list have the {key} '{record}'"
            raise DocumentError(
                name, None, why, hint="give one of them another; nothing was written"
            )

    def _rule(self, node: _Node) -> Rule:
        if node.rule in RULES:
            return RULES[node.rule]
        table = {
            step: self._inside(node, step) for step in node.below if not isinstance(step, Every)
        }
        objects = fields(table, self._inside(node, Every.KEY))
        record = self._inside(node, Every.ELEMENT)
        if node.rule:
            return objects if node.rule == "map" else keyed(record, node.keys[0])

        def records(key: str) -> Rule:
            return keyed(record, key)

        return shaped(RULES[self.lists], objects=objects, records=records, keys=GUESSED)

    def _inside(self, node: _Node, step: str | Every) -> Rule:
        """The rule of what is below a place; what no rule names goes by its shape."""
        child = node.below.get(step)
        if child is None:
            return kept_whole(self._other())
        rule = self._rule(child)
        if child.rule in _SETTLING:
            return rule
        return kept_whole(rule)

    def _other(self) -> Rule:
        """The rule of what no path names: by its shape, and so is all that is in it."""

        def part(path: Path, merge: Merge) -> Merged:
            return kept_whole(other)(path, merge)

        other = shaped(RULES[self.lists], part, keys=GUESSED)
        return other


def _doubles(node: _Node, value: Json) -> Iterator[tuple[str, str]]:
    """The (key, id) that two records of one list have, in lists whose key was said."""
    if node.rule == "keyed" and isinstance(value, list):
        key = node.keys[0]
        names = Counter(filter(None, (element_id(item, key) for item in value)))
        yield from ((key, name) for name, count in names.items() if count > 1)
    items = value.items() if isinstance(value, dict) else ()
    inner = [(node.below.get(key) or node.below.get(Every.KEY), item) for key, item in items]
    if isinstance(value, list):
        inner = [(node.below.get(Every.ELEMENT), item) for item in value]
    for child, item in inner:
        if child is not None:
            yield from _doubles(child, item)


def _nodes(node: _Node, path: Pattern) -> Iterator[tuple[Pattern, _Node]]:
    yield path, node
    for step, child in node.below.items():
        yield from _nodes(child, (*path, step))


def _shown(pattern: Pattern) -> str:
    text_ = "".join(
        step.value
        if step is Every.ELEMENT
        else f".{step.value if isinstance(step, Every) else step}"
        for step in pattern
    )
    return text_.removeprefix(".") or "the document"


def _read(path: str) -> Pattern:
    try:
        return pattern_of(path)
    except JsonError as error:
        hint = "keys joined by dots, [*] for every element: issues[*].labels"
        raise RequestError(f"'{path}' is no path: {error.why}.", hint=hint) from None


def _refusal(what: str, why: str, hint: str | None = None) -> RequestError:
    return RequestError(f"{what}: {why}.", hint=hint)
