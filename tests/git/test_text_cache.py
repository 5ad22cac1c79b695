"""The texts of a long line are kept in one file, which says only what is so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stores.conformance import put
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.git import text_cache
from tractatus_merge.git.text_cache import MANY, texts_file

TEXTS = {"a" * 40: '{"id": "a"}', "b" * 40: "grüßen\n\n", "c" * 40: "", "d" * 64: "\0:\n 字"}


@pytest.fixture
def kept(tmp_path):
    """A file with the texts."""
    text_cache.write(tmp_path / "texts", TEXTS)
    return tmp_path / "texts"


def test_what_was_kept_is_read_as_far_as_it_is_wanted(kept):
    """And no other text is made up."""
    assert text_cache.read(kept, {*TEXTS, "e" * 40}) == TEXTS
    assert text_cache.read(kept, {"b" * 40}) == {"b" * 40: TEXTS["b" * 40]}
    text_cache.write(kept, {})
    assert text_cache.read(kept, TEXTS) == {}


@given(st.data())
def test_a_file_that_is_not_whole_counts_for_nothing(tmp_path_factory, data):
    """Cut off anywhere, or with one byte that is another."""
    path = tmp_path_factory.mktemp("damaged") / "texts"
    text_cache.write(path, TEXTS)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]):
        path.write_bytes(damaged)
        assert text_cache.read(path, TEXTS) == {}


def test_where_nothing_can_be_kept_nothing_is(tmp_path):
    """No folder, a folder in the file's place: no error, and no text."""
    text_cache.write(tmp_path / "none" / "texts", TEXTS)
    assert not (tmp_path / "none").exists()
    (tmp_path / "texts").mkdir()
    text_cache.write(tmp_path / "texts", TEXTS)
    assert text_cache.read(tmp_path / "texts", TEXTS) == {}
    assert text_cache.read(tmp_path / "none" / "texts", TEXTS) == {}


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
