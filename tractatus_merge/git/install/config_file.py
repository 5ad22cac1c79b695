"""Git's configuration file as bytes: values set and taken back by git itself, in a copy of it.

The copy is written over the file in one step, by who calls this; nothing else is touched here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tractatus_merge.git.plumbing import Plumbing

Values = Mapping[str, Sequence[str]]
"""The values of each key; none: the key is not there."""


class Configuration:
    """Edits of one configuration file's text."""

    def __init__(self, git: Plumbing) -> None:
        self._git = git

    def values(self, data: bytes, keys: Sequence[str]) -> dict[str, list[str]]:
        """What the text says of these keys (all in small letters)."""
        with self._copy(data) as copy:
            there = self._all(copy)
        return {key: there.get(key, []) for key in keys}

    def saying(self, data: bytes, wanted: Values) -> bytes:
        """The text with these values, and no others, of each key."""
        with self._copy(data) as copy:
            there = self._all(copy)
            for key, values in wanted.items():
                if there.get(key, []) == list(values):
                    continue
                if key in there:
                    self._git.must("config", "--file", str(copy), "--unset-all", key)
                for value in values:
                    self._git.must("config", "--file", str(copy), "--add", key, value)
            return copy.read_bytes()

    def without(self, data: bytes, ours: Values, earlier: Values) -> bytes:
        """The text with the earlier values again of each key that still says ours."""
        there = self.values(data, list(ours))
        same = [key for key, values in ours.items() if there[key] == list(values)]
        return self.saying(data, {key: earlier.get(key, ()) for key in same})

    @contextmanager
    def _copy(self, data: bytes) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="tractatus-") as folder:
            copy = Path(folder, "config")
            copy.write_bytes(data)
            yield copy

    def _all(self, copy: Path) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        out = self._git.must("config", "--file", str(copy), "--null", "--list")
        for entry in out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            key, _, value = entry.partition("\n")
            found.setdefault(key, []).append(value)
        return found
