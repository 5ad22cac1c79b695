"""Trees of versions: a function of what is in them, of which a change writes little."""

from __future__ import annotations

import hashlib
import random
import re

import pytest

from tractatus_merge.core.model.state import COLLECTIONS
from tractatus_merge.errors import StoreError
from tractatus_merge.git import tree
from tractatus_merge.git.plumbing import FILE, FOLDER, _tree_content, tree_entries
from tractatus_merge.git.tree import FEW, is_history, layout_of, must_be_ours
from tractatus_merge.git.version_files import Files, changed_files

BLOBS = [f"{number:040x}" for number in range(1, 9)]


class Trees:
    """Trees in memory, as git's plumbing writes and reads them; which were written, in order."""

    def __init__(self):
        self.kept, self.written = {}, []

    def write_trees(self, trees):
        made = []
        for tree_rows in trees:
            rows = tuple(sorted(tree_rows, key=lambda row: row[2]))
            assert len({row[2] for row in rows}) == len(rows)
            oid = hashlib.sha1(repr(rows).encode("utf-8", "surrogateescape")).hexdigest()
            self.kept[oid] = rows
            self.written.append(rows)
            made.append(oid)
        return made

    def read(self, oid):
        return self.kept[oid]

    def level(self, names):
        """All are there."""

    ahead = level

    def version(self, changed, known=(), layout=tree.NEWEST):
        """The top of a version, sorted."""
        rows = tree.write_version(self, self.read, known, changed, layout)
        return sorted(rows, key=lambda row: row[2])

    tree = read


@pytest.fixture
def trees():
    """Nothing written yet."""
    return Trees()


def names(seed, many):
    """Records of every collection, two of them of later programs, under names of any kind."""
    dice = random.Random(seed)
    kinds = [*COLLECTIONS, "summaries", "later/x.~"]
    odd = ["a/b", "é", "%2F", "..", ".json", "0", "f", "CON", "~"]
    found = [(dice.choice(kinds), dice.choice(odd)) for _ in range(many // 50)]
    found += [(dice.choice(kinds[:2]), f"inst_{dice.randrange(10**6):03d}") for _ in range(many)]
    return {key: dice.choice(BLOBS) for key in found}


@pytest.mark.parametrize("layout", [1, 2])
@pytest.mark.parametrize("many", [1, FEW, 3 * FEW, pytest.param(17 * FEW, marks=pytest.mark.slow)])
def test_a_tree_is_a_function_of_its_records(trees, many, layout):
    """Whoever wrote them, in any order and any portions, some changed or taken away meanwhile."""
    wanted = names(many, many)
    whole = trees.version(wanted, layout=layout)
    assert Files(whole, trees) == wanted
    for seed in range(4):
        dice = random.Random(seed)
        other = names(many + 1000 + seed, max(many // 3, 5))
        todo = [*wanted.items(), *other.items()]
        dice.shuffle(todo)
        at, there = [], {}
        while todo:
            some, todo = dict(todo[: 1 + len(todo) // 3]), todo[1 + len(todo) // 3 :]
            at = trees.version(some, at, layout)
            there |= some
        last = {key: wanted.get(key) for key in there if there[key] != wanted.get(key)}
        for key in list(last):
            at = trees.version({key: last[key]}, at, layout) if seed == 3 else at
        assert trees.version(last, at, layout) == whole
    must_be_ours(whole, trees.read)
    assert is_history(whole, trees.read, published=True)
    assert layout_of(whole) == layout


def test_what_moves_to_another_folder_is_not_changed(trees):
    """One instruction more, and all of them stand in a folder by a digit."""
    there = {("instructions", f"inst_{n}"): BLOBS[0] for n in range(FEW)}
    more = {("instructions", "new"): BLOBS[1]}
    few, many = trees.version(there), trees.version({**there, **more})
    assert changed_files(many, few, trees) == more
    assert changed_files(few, many, trees) == {}


def test_no_folder_is_large_and_no_small_one_is_divided(trees):
    """So a forge shows each of them on one page, and few instructions in a single one."""
    for many in (FEW, FEW + 1, 10_000):
        top = trees.version({("instructions", f"inst_{n}"): BLOBS[0] for n in range(many)})
        rows = trees.read({name: oid for _, oid, name in top}["instructions"])
        assert all(mode == (FILE if many <= FEW else FOLDER) for mode, _, _ in rows)
    assert max(len(rows) for rows in trees.written) <= FEW


@pytest.mark.parametrize("many", [10, 100, 1000, 10_000])
def test_a_merge_writes_small_folders_alone(trees, many):
    """What one more session and one changed instruction write does not grow with the history."""
    top = trees.version({("sessions", f"{n:08x}"): BLOBS[0] for n in range(many)})
    top = trees.version({("instructions", f"inst_{n}"): BLOBS[0] for n in range(many)}, top)
    trees.written.clear()
    trees.version({("sessions", "new"): BLOBS[1], ("instructions", "inst_1"): BLOBS[1]}, top)
    assert sum(len(rows) for rows in trees.written) <= 2 * (FEW + 3 * 16)
    assert len(trees.written) <= 2 * 4


def test_what_is_not_changed_is_not_even_read(trees):
    """Only the folders on the way to a changed record are looked at, and written."""
    top = trees.version({("instructions", f"inst_{n}"): BLOBS[0] for n in range(5000)})
    top = trees.version({("later", "x"): BLOBS[0], ("document", "header"): BLOBS[0]}, top)
    seen = []
    known = trees.kept
    trees.read = lambda oid: seen.append(oid) or known[oid]
    made = trees.version({("instructions", "inst_7"): BLOBS[1]}, top)
    assert len(seen) <= 5
    assert {name for _, oid, name in set(made) - set(top)} == {"instructions"}


def divided(trees, many=FEW + 30):
    """A version with a divided folder, as rows: its top, and how to put another folder there."""
    top = trees.version({("instructions", f"inst_{n}"): BLOBS[0] for n in range(many)})
    rows = {name: oid for _, oid, name in top}

    def with_rows(change, folder="instructions"):
        found = list(trees.read(rows[folder]))
        change(found)
        (oid,) = trees.write_trees([found])
        return sorted([row for row in top if row[2] != folder] + [(FOLDER, oid, folder)])

    return with_rows


def moved(trees, rows):
    """Put a record of one digit's folder into another's."""
    (_, first, one), (_, second, two) = rows[:2]
    files = list(trees.read(first))
    oids = trees.write_trees([files[1:], [*trees.read(second), files[0]]])
    rows[:2] = [(FOLDER, oids[0], one), (FOLDER, oids[1], two)]


CHANGES = {
    "a file beside the folders": lambda trees, rows: rows.append((FILE, BLOBS[0], "x.json")),
    "a folder of no digit": lambda trees, rows: rows.append((FOLDER, rows[0][1], "10")),
    "a record in another's folder": moved,
    "too few to be divided": lambda trees, rows: rows.__delitem__(slice(4, None)),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_tree_that_is_divided_otherwise_is_refused(trees, case):
    """Two clones would not write the same bytes."""
    top = divided(trees)(lambda rows: CHANGES[case](trees, rows))
    with pytest.raises(StoreError, match=r"^instructions"):
        must_be_ours(top, trees.read)


def test_a_full_folder_that_is_not_divided_is_refused(trees):
    """As layout 1 has it: nothing of that is taken for layout 2."""
    first = trees.version({("instructions", f"{n}"): BLOBS[0] for n in range(FEW + 1)}, layout=1)
    must_be_ours(first, trees.read)
    (empty,) = trees.write_trees([[]])
    with pytest.raises(StoreError, match="instructions: it holds too many files"):
        must_be_ours([*first, (FOLDER, empty, "summaries")], trees.read)


def test_summaries_at_the_old_place_are_refused(trees):
    """The first of them is named, and where it belongs."""
    first = trees.version({("sessions", "abc"): BLOBS[0]}, layout=1)
    (empty,) = trees.write_trees([[]])
    with pytest.raises(StoreError, match=r"sessions/abc.json: summaries are in summaries/ here"):
        must_be_ours([*first, (FOLDER, empty, "summaries")], trees.read)


@pytest.mark.parametrize("case", CHANGES)
def test_a_fault_is_found_beside_a_version_that_is_known(trees, case):
    """What a known version has as well is not looked at; what differs is, at its place."""
    for many in (FEW + 30, 10 * FEW):
        with_rows = divided(trees, many)
        known = with_rows(lambda rows: None)
        must_be_ours(known, trees.read, known=known)
        top = with_rows(lambda rows: CHANGES[case](trees, rows))
        try:
            must_be_ours(top, trees.read)
        except StoreError as error:
            with pytest.raises(StoreError, match=re.escape(error.sentence)):
                must_be_ours(top, trees.read, known=known)
        else:
            must_be_ours(top, trees.read, known=known)


def test_of_a_version_beside_a_known_one_little_is_read(trees):
    """The folders on the way to what differs, and so many that enough are counted."""
    known = trees.version({("instructions", f"inst_{n}"): BLOBS[0] for n in range(10_000)})
    top = trees.version({("instructions", "inst_7"): BLOBS[1]}, known)
    seen, folders = [], trees.kept
    must_be_ours(top, lambda oid: seen.append(oid) or folders[oid], known=known)
    assert len(seen) <= 16
    seen.clear()
    must_be_ours(top, lambda oid: seen.append(oid) or folders[oid])
    assert len(seen) > 250


def test_a_known_version_of_another_layout_says_nothing(trees):
    """Its folders have other rules."""
    known = trees.version({("instructions", f"{n}"): BLOBS[0] for n in range(FEW + 1)}, layout=1)
    must_be_ours(known, trees.read)
    (empty,) = trees.write_trees([[]])
    with pytest.raises(StoreError, match="instructions: it holds too many files"):
        must_be_ours([*known, (FOLDER, empty, "summaries")], trees.read, known=known)


def test_a_tree_is_read_to_its_end_or_not_at_all():
    """Entries as git writes them, of any mode and name; a part of a tree is none."""
    rows = [
        (FOLDER, "0a20" * 10, "3"),
        ("120000", "00" * 20, "a b.json"),
        (FILE, "20" * 20, "é\udcff.json"),
    ]
    content = _tree_content(rows)
    assert list(tree_entries(content, 20)) == rows
    for torn in (content[:-1], content[1:], content + b"1", b" " + content, content + b"1 x\0"):
        try:
            found = list(tree_entries(torn, 20))
        except StoreError:
            continue
        assert len(found) == len(rows) and found != rows  # its first mode is another
