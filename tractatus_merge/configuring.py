"""Git's configuration file as bytes: values set and taken back by git itself, in a copy of it.

The copy is written over the file in one step, by who calls this; nothing else is touched here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tractatus_merge.errors import StoreError
from tractatus_merge.stores.plumbing import Plumbing

Values = Mapping[str, Sequence[str]]
"""The values of each key; none: the key is not there."""


class Configuration:
    """Edits of one configuration file's text."""

    def __init__(self, git: Plumbing) -> None:
        self._git = git

    def values(self, data: bytes, keys: Sequence[str]) -> dict[str, list[str]]:
        """What the text says of these keys."""
        with self._copy(data) as copy:
            return {key: self._all(copy, key) for key in keys}

    def saying(self, data: bytes, wanted: Values) -> bytes:
        """The text with these values, and no others, of each key."""
        with self._copy(data) as copy:
            for key, values in wanted.items():
                self._set(copy, key, values)
            return copy.read_bytes()

    def without(self, data: bytes, ours: Values, earlier: Values) -> bytes:
        """The text with the earlier values again of each key that still says ours."""
        with self._copy(data) as copy:
            for key, values in ours.items():
                if self._all(copy, key) == list(values):
                    self._set(copy, key, earlier.get(key, ()))
            return copy.read_bytes()

    @contextmanager
    def _copy(self, data: bytes) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="tractatus-") as folder:
            copy = Path(folder, "config")
            copy.write_bytes(data)
            yield copy

    def _all(self, copy: Path, key: str) -> list[str]:
        found = self._git.run("config", "--file", str(copy), "--null", "--get-all", key)
        if found.status not in (0, 1):
            raise StoreError(f"git cannot read its configuration: {found.err.strip()}")
        return [value.decode("utf-8", "surrogateescape") for value in found.out.split(b"\0")[:-1]]

    def _set(self, copy: Path, key: str, values: Sequence[str]) -> None:
        if self._all(copy, key) == list(values):
            return
        run: Callable[..., bytes] = self._git.must
        if self._all(copy, key):
            run("config", "--file", str(copy), "--unset-all", key)
        for value in values:
            run("config", "--file", str(copy), "--add", key, value)
