"""Documents in random layouts, and what two sides edit in them: so a merge is known to the byte.

Nothing of the package is used here.
"""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

LEAVES = [
    "1", "-0", "0.90", "1E2", '"x"', '"é"', r'"Ren\u00e9"', r'"https:\/\/y"', "null", "true", "{}", "[]", "[ ]",
    "{ }", "[0, 0, 1]", "[1,2]", "[ 1 , 2 ]", "12345678901234567890", r'"\ud83d\ude00"', '""', '"a,b: {c}"',
]  # fmt: skip
SCALARS = LEAVES[:4]
NAMES = ["id", "uuid", "key", "name"]
UNITS = ["  ", "    ", "\t", " "]
DRESSES = ["", "", "CRLF", "mark", "end"]
"""What a side can change of the text as a whole."""


@dataclass
class Item:
    """A member or element: its key and colon (of a member), its value, and what marks it."""

    head: str
    value: str | Box
    number: int
    blank: bool = False
    """Whether a blank line stands before it."""
    is_name: bool = False
    """Whether it is what its record is known by."""

    def text(self, level: str) -> str:
        return self.head + (self.value if isinstance(self.value, str) else self.value.text(level))


@dataclass
class Box:
    """An object or list, and how it is laid out: on lines, on one line, or on the bracket's."""

    is_object: bool
    way: str
    unit: str
    comma: str
    pad: str = ""
    name: str = ""
    """The key that its records are known by; "": it is no list of records."""
    items: list[Item] = field(default_factory=list)

    def text(self, level: str) -> str:
        opening, closing = "{}" if self.is_object else "[]"
        if self.way != "lines":
            inner = self.comma.join(item.text(level) for item in self.items)
            return f"{opening}{self.pad}{inner}{self.pad}{closing}"
        text = opening
        for number, item in enumerate(self.items):
            comma = self.comma + "\n" * item.blank if number else ""
            text += f"{comma}\n{level + self.unit}{item.text(level + self.unit)}"
        return f"{text}\n{level}{closing}"

    def boxes(self) -> Iterator[Box]:
        yield self
        for item in self.items:
            if isinstance(item.value, Box):
                yield from item.value.boxes()


class Writer:
    """Writes random documents, and edits of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.numbers = itertools.count()
        self.unit = self.random.choice(UNITS)

    def document(self) -> Box:
        pick = self.random.random()
        if pick < 0.3:
            return self._records("lines" if pick < 0.2 else "hugged", 2)
        box = self._box(True, self.random.random() < 0.1)
        self._fill(box, 3)
        return box

    def item(self, value: str | Box, *, key: bool) -> Item:
        number = next(self.numbers)
        name = self.random.choice(['"%s%d"', r'"\u0061%s%d"', '"é%s%d"']) % (
            self.random.choice("abxyz"),
            number,
        )
        head = name + self.random.choice([":", ": ", ": ", " : "]) if key else ""
        return Item(head, value, number, blank=self.random.random() < 0.2)

    def inside(self, box: Box, depth: int) -> Item:
        """A new item for a box."""
        on_one_line = box.way == "one line"
        if box.is_object:
            return self.item(self.value(depth, on_one_line), key=True)
        if box.name:
            return self.item(self._record(box.name, depth, on_one_line), key=False)
        return self.item(self.random.choice(SCALARS), key=False)

    def value(self, depth: int, on_one_line: bool) -> str | Box:
        if depth <= 0 or self.random.random() < 0.4:
            return self.random.choice(LEAVES)
        pick = self.random.random()
        if pick < 0.2:
            return self._records(
                "one line" if on_one_line else self.random.choice(["lines", "hugged"]), depth
            )
        box = self._box(pick < 0.8, on_one_line)
        self._fill(box, depth - 1)
        return box

    def _box(self, is_object: bool, on_one_line: bool) -> Box:
        if on_one_line or self.random.random() < 0.25:
            comma = self.random.choice([",", ", ", " , "])
            return Box(is_object, "one line", "", comma, self.random.choice(["", " "]))
        return Box(is_object, "lines", self.unit, self.random.choice([",", ",", ",", " ,"]))

    def _records(self, way: str, depth: int) -> Box:
        comma = "," if way == "lines" else ", "
        box = Box(False, way, self.unit, comma, name=self.random.choice(NAMES))
        self._fill(box, depth - 1)
        return box

    def _record(self, name: str, depth: int, on_one_line: bool) -> Box:
        box = self._box(True, on_one_line)
        number = next(self.numbers)
        box.items = [Item(f'"{name}": ', f'"r{number}"', number, is_name=True)]
        self._fill(box, depth - 1)
        return box

    def _fill(self, box: Box, depth: int) -> None:
        box.items += [self.inside(box, depth) for _ in range(self.random.randint(1, 4))]


@dataclass
class Edit:
    """What one side does at a place: new items after one (-1: at the front), one gone, another value."""

    side: int
    box: Box
    at: int
    new: list[Item] | str | Box | None


def edits_of(writer: Writer, document: Box) -> list[Edit]:
    """Some, of both sides; whatever a side replaces or takes away, the other leaves alone."""
    pick = writer.random
    found: list[Edit] = []
    touched: set[int] = set()
    """Items that somebody touched, or in which; and (by their box) those after which is an insertion."""
    closed: set[int] = set()
    owner: dict[int, int] = {}
    for _ in range(pick.randint(1, 7)):
        side, box = pick.choice([1, 2]), pick.choice(list(document.boxes()))
        if id(box) in closed:
            continue
        if not (box.is_object or box.name) and owner.setdefault(id(box), side) != side:
            continue
        places = [
            n for n, item in enumerate(box.items) if not item.is_name and item.number not in touched
        ]
        whole = [n for n in places if _is_free(box.items[n], touched)]
        way = pick.choice(["insert", "insert", "remove", "replace"])
        if way == "insert" and (places or not box.items):
            at = pick.choice([*places, -1]) if not box.items[0].is_name else pick.choice(places)
            if at == -1 and -id(box) in touched:
                continue
            touched.add(box.items[at].number if at >= 0 else -id(box))
            new = [writer.inside(box, 2) for _ in range(pick.randint(1, 2))]
            found.append(Edit(side, box, box.items[at].number if at >= 0 else -1, new))
        elif way != "insert" and whole and not (way == "replace" and box.name):
            item = box.items[pick.choice(whole)]
            if way == "remove" and (
                len(box.items) < 3 or id(box) in owner or _is_near(box, item, touched)
            ):
                continue
            value = (
                writer.value(2, box.way == "one line") if box.is_object else pick.choice(SCALARS)
            )
            found.append(Edit(side, box, item.number, None if way == "remove" else value))
            touched.add(item.number)
            if way == "remove":
                touched |= {-id(box), *(other.number for other in box.items)}
            if isinstance(item.value, Box):
                closed |= {id(inner) for inner in item.value.boxes()}
    return found


def _is_free(item: Item, touched: set[int]) -> bool:
    """Whether nobody touched what is in an item."""
    if not isinstance(item.value, Box):
        return True
    inner = list(item.value.boxes())
    return not touched & {-id(box) for box in inner} | touched & {
        i.number for box in inner for i in box.items
    }


def _is_near(box: Box, item: Item, touched: set[int]) -> bool:
    return bool(touched & {-id(box), *(other.number for other in box.items)})


def edited(document: Box, edits: list[Edit], sides: tuple[int, ...]) -> Box:
    """The document with the edits of these sides."""
    memo: dict[int, object] = {}
    new = copy.deepcopy(document, memo)
    for edit in edits:
        if edit.side not in sides:
            continue
        box = memo[id(edit.box)]
        assert isinstance(box, Box)
        at = next((n for n, item in enumerate(box.items) if item.number == edit.at), -1)
        if isinstance(edit.new, list):
            box.items[at + 1 : at + 1] = edit.new
        elif edit.new is None:
            del box.items[at]
        else:
            box.items[at].value = edit.new
    return new


def four_texts(seed: int) -> tuple[bytes, bytes, bytes, bytes]:
    """A base, two sides, and the text that has what both did; one side may lay all out anew."""
    writer = Writer(seed)
    document = writer.document()
    edits = edits_of(writer, document)
    pick = writer.random
    end, who = pick.choice(["", "\n"]), pick.choice([1, 2])
    dress = pick.choice(DRESSES)
    plain = document.text("")
    unit = pick.choice([None, None, *UNITS]) if f"\n{writer.unit}" in plain else None
    has_lines = "\n" in plain + end  # without one, nobody can change how lines end

    def text(*sides: int) -> bytes:
        new = edited(document, edits, sides)
        if who not in sides:
            return (new.text("") + end).encode()
        for box in new.boxes():
            box.unit = unit or box.unit
        text = new.text("") + (end if dress != "end" else "" if end else "\n")
        if dress == "CRLF" and has_lines:
            text = text.replace("\n", "\r\n")
        return (("\ufeff" if dress == "mark" else "") + text).encode()

    return text(), text(1), text(2), text(1, 2)
