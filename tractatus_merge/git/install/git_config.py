"""What names the merge driver, the mergetool and the textconv: git's settings, and attributes.

`Configuration` changes a configuration file's bytes and gives them back. Nothing is written here.
Every word that is not ours is quoted for `sh`; no data is in a command.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tractatus_merge.git.install.hook_texts import Program
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.system import plain_file

_MERGETOOL = '"$BASE" "$LOCAL" "$REMOTE" "$MERGED"'


def configuration(program: Program) -> dict[str, str]:
    """The merge driver, the mergetool and the textconv; every key in small letters.

    The bases of a criss-cross merge are merged by the second driver: where they contradict each
    other, neither may count as what both sides came from. The mergetool's line is read by a shell
    of git's, which has the names of the files as variables: no data is in the line.
    """
    words = "%O %A %B %L %P %X %S %Y"

    def driver(*options: str) -> str:
        return f"{program.line('merge-driver', *options).replace('%', '%%')} {words}"

    return {
        "merge.tractatus.name": "records, field by field (tractatus-merge)",
        "merge.tractatus.driver": driver(),
        "merge.tractatus.recursive": "tractatus-base",
        "merge.tractatus-base.name": "bases of a criss-cross merge (tractatus-merge)",
        "merge.tractatus-base.driver": driver("--virtual"),
        "mergetool.tractatus.cmd": f"{program.line('mergetool', '--')} {_MERGETOOL}",
        "mergetool.tractatus.trustexitcode": "true",
        "mergetool.tractatus.hideresolved": "false",
        "diff.tractatus.textconv": program.line("textconv"),
        "diff.tractatus.cachetextconv": "true",
    }


def attribute_lines(patterns: Iterable[str]) -> list[str]:
    """The lines of `.gitattributes` that name the driver."""
    return [f"{_pattern(pattern)} merge=tractatus diff=tractatus" for pattern in patterns]


def _pattern(pattern: str) -> str:
    """A pattern as a line of attributes begins with it."""
    if pattern[:1] in ("#", "!"):
        pattern = "\\" + pattern
    if not any(letter in ' \t"' for letter in pattern):
        return pattern
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


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
            return plain_file.read(copy)

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
