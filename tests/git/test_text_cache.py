"""The texts of a long line are kept in one file, which says only what is so."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.git.test_tree import BLOBS, Trees
from tests.stores.conformance import put
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.git import text_cache
from tractatus_merge.git.text_cache import MANY, Kept, TextCache, texts_file
from tractatus_merge.git.tree import FEW, NEWEST
from tractatus_merge.git.version_files import Files, Texts

KEPT = Kept(
    "f" * 40, {"": "", "a/b": '{"id": "a"}', "b c": "grüßen\n\n", "字\n": "\0:\n 字", "\ud800": "x"}
)


@pytest.fixture
def path(tmp_path):
    """A file with the texts."""
    text_cache.write(tmp_path / "texts", KEPT)
    return tmp_path / "texts"


def test_what_was_kept_is_read(path):
    """Whatever the ids and the texts are, and the last in place of what was there."""
    assert text_cache.read(path) == KEPT
    text_cache.write(path, Kept("e" * 64, {}))
    assert text_cache.read(path) == Kept("e" * 64, {})


@given(st.data())
def test_a_file_that_is_not_whole_counts_for_nothing(tmp_path_factory, data):
    """Cut off anywhere, or with one byte that is another."""
    path = tmp_path_factory.mktemp("damaged") / "texts"
    text_cache.write(path, KEPT)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]):
        path.write_bytes(damaged)
        assert text_cache.read(path) is None


def test_where_nothing_can_be_kept_nothing_is(tmp_path):
    """No folder, a folder in the file's place: no error, and no text."""
    text_cache.write(tmp_path / "none" / "texts", KEPT)
    assert not (tmp_path / "none").exists()
    (tmp_path / "texts").mkdir()
    text_cache.write(tmp_path / "texts", KEPT)
    assert text_cache.read(tmp_path / "texts") is None
    assert text_cache.read(tmp_path / "none" / "texts") is None


def instructions(*numbers):
    """Records of these numbers."""
    return {(INSTRUCTIONS, f"i{number}"): f'{{"id": "i{number}", "t": "ü"}}' for number in numbers}


class Asked:
    """A store that is opened anew, and counts the texts that it asks of git."""

    def __init__(self, folder, open_store, monkeypatch):
        self.store = open_store(folder)
        self.count, read = 0, self.store.git.read_all

        def read_all(names):
            found = list(read(names))
            texts = [one for one in found if one is not None and one.kind == "blob"]
            self.count += len(texts) if len(names) > 1 else 0
            return iter(found)

        monkeypatch.setattr(self.store.git, "read_all", read_all)

    def load(self, version):
        """The instructions of a version, and how many texts git was asked for."""
        self.count, state = 0, self.store.load(version)
        return {key: state.items[key] for key in state.items}, self.count


def test_a_long_line_is_read_from_git_once(new_repository, open_store, monkeypatch):
    """Then only what is new, text by text; and all again where the file is damaged or gone."""
    folder = new_repository()
    (folder / ".git" / "tractatus").mkdir()
    store, many = open_store(folder), range(MANY)
    first = put(store, instructions(*many))
    assert Asked(folder, open_store, monkeypatch).load(first) == (instructions(*many), MANY)
    assert Asked(folder, open_store, monkeypatch).load(first) == (instructions(*many), 0)
    more = (*many, MANY, MANY + 1)
    second = put(store, instructions(*more))
    assert Asked(folder, open_store, monkeypatch).load(second) == (instructions(*more), 2)
    file = texts_file(folder / ".git", store.branch)
    file.write_bytes(file.read_bytes()[:-1])
    assert Asked(folder, open_store, monkeypatch).load(second) == (instructions(*more), len(more))
    assert Asked(folder, open_store, monkeypatch).load(second) == (instructions(*more), 0)


def test_a_short_line_keeps_no_file(new_repository, open_store):
    """What git reads at once need not be kept."""
    folder = new_repository()
    (folder / ".git" / "tractatus").mkdir()
    store = open_store(folder)
    version = put(store, instructions(*range(MANY - 1)))
    assert len(open_store(folder).load(version).items[INSTRUCTIONS, "i0"]) > 0
    assert not texts_file(folder / ".git", store.branch).exists()


class Line:
    """Versions in memory, each read by what was kept of the one before; what that asked for."""

    def __init__(self, path):
        self.trees, self.cache, self.asked = Trees(), TextCache(path), []

    def texts(self, blobs):
        self.asked += blobs
        return [f"the text of {blob}" for blob in blobs]

    def read(self, top, cache=None):
        """The instructions of a version, and how many texts were asked for."""
        self.asked.clear()
        found = Texts(self.texts, Files(top, self.trees), {}, cache or self.cache)
        return found.texts(INSTRUCTIONS), len(self.asked)


@pytest.mark.parametrize("layout", [1, NEWEST])
@pytest.mark.parametrize("many", [3, FEW - 5, FEW + 5, 20 * FEW])
def test_a_version_is_told_by_what_was_kept_of_another(tmp_path, layout, many):
    """Whatever was changed, added or taken away in between, and over the bound of a folder."""
    line, dice, top, there = Line(tmp_path / "texts"), random.Random(many), [], {}
    news = {f"inst_{number:04}": dice.choice(BLOBS) for number in range(many)}
    for step in range(8):
        top = line.trees.version({(INSTRUCTIONS, n): blob for n, blob in news.items()}, top, layout)
        there = {n: blob for n, blob in {**there, **news}.items() if blob}
        before = Texts(line.texts, Files(top, line.trees), {}, line.cache)
        line.asked.clear()
        assert sorted(before.names(INSTRUCTIONS)) == sorted(there)
        assert not line.asked
        found, asked = line.read(top)
        assert [*found.items()] == [(n, f"the text of {there[n]}") for n in sorted(there)]
        assert asked <= len(news)
        whole, _ = line.read(top, TextCache(tmp_path / "none" / "texts"))
        assert [*whole.items()] == [*found.items()]
        some = dice.sample(sorted(there), min(3, len(there)))
        news = {name: dice.choice([*BLOBS, None]) for name in some}
        news |= {f"new {step}{number}/": dice.choice(BLOBS) for number in range(step % 4 * 3)}


def test_what_other_programs_named_is_read_whole(tmp_path):
    """Two files may have one id then: no folder tells which of them counts."""
    line = Line(tmp_path / "texts")
    plain = line.trees.version({(INSTRUCTIONS, "a"): BLOBS[0]})
    ((_, folder, _),) = [row for row in plain if row[2] == INSTRUCTIONS]
    rows = [*line.trees.read(folder), ("100644", BLOBS[1], "%61.json")]
    (odd,) = line.trees.write_trees([rows])
    foreign = [row if row[1] != folder else (row[0], odd, row[2]) for row in plain]
    twice = line.read(foreign)
    assert line.cache.newest() is None
    assert line.read(plain) == ({"a": f"the text of {BLOBS[0]}"}, 1)
    assert line.cache.newest().folder == folder
    assert line.read(foreign) == twice
    assert line.cache.newest().folder == folder


def test_where_the_kept_folder_is_gone_all_is_read(new_repository, open_store, monkeypatch):
    """A prune may take it, or the file come from another clone."""
    folder = new_repository()
    (folder / ".git" / "tractatus").mkdir()
    store, many = open_store(folder), range(MANY)
    version = put(store, instructions(*many))
    assert len(open_store(folder).load(version).texts(INSTRUCTIONS)) == MANY
    file = texts_file(folder / ".git", store.branch)
    text_cache.write(file, text_cache.read(file)._replace(folder="0" * 40))
    assert Asked(folder, open_store, monkeypatch).load(version) == (instructions(*many), MANY)
    assert Asked(folder, open_store, monkeypatch).load(version) == (instructions(*many), 0)


def test_a_few_news_are_not_put_into_the_file(new_repository, open_store, monkeypatch):
    """It is as long as the history; what is kept in memory is newer."""
    folder = new_repository()
    (folder / ".git" / "tractatus").mkdir()
    store = open_store(folder)
    first = put(store, instructions(*range(MANY)))
    file = texts_file(folder / ".git", store.branch)
    open_store(folder).load(first).texts(INSTRUCTIONS)
    before = file.read_bytes()
    second = put(store, instructions(*range(2 * MANY - 1)))
    asked = Asked(folder, open_store, monkeypatch)
    assert asked.load(second) == (instructions(*range(2 * MANY - 1)), MANY - 1)
    assert asked.load(first)[1] == 0
    assert file.read_bytes() == before
    third = put(store, instructions(*range(2 * MANY)))
    assert Asked(folder, open_store, monkeypatch).load(third)[1] == MANY
    assert file.read_bytes() != before
    assert Asked(folder, open_store, monkeypatch).load(third)[1] == 0
