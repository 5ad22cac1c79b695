"""Hook managers: what tells that one is in use, and the lines that a person gives it.

Their files are never touched: they are shared, and their owner's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tractatus_merge.git.install.hook_texts import GATED, PORTABLE
from tractatus_merge.system import plain_file

MANAGERS: Mapping[str, tuple[str, ...]] = {
    "pre-commit": (".pre-commit-config.yaml", "prek.toml"),
    "lefthook": tuple(
        f"{folder}lefthook.{kind}"
        for folder in ("", ".", ".config/")
        for kind in ("yml", "yaml", "toml", "json", "jsonc")
    ),
    "husky": (".husky",),
    "hk": ("hk.pkl", ".hk.pkl", ".config/hk.pkl"),
}
"""Hook managers, and what in the top folder tells that one is in use."""


def in_use(top: Path) -> tuple[str, str] | None:
    """The manager of a work tree, and the file that tells; None if there is none."""
    for manager, names in MANAGERS.items():
        found = next((name for name in names if (top / name).exists()), None)
        if found:
            return manager, found
    return None


def is_of_one(path: Path) -> bool:
    """Whether a hook stands in a folder that is a manager's, and is shared with its files."""
    return any(name in path.parts for name in MANAGERS["husky"])


def has_lines(top: Path) -> bool:
    """Whether a person has given the manager of a work tree our lines."""
    names = [name for some in MANAGERS.values() for name in some]
    husky = [f".husky/{name}" for name in GATED]
    found = (plain(top / name) for name in (*names, *husky))
    return any(b"tractatus-merge" in data and b"check" in data for data in found)


def plain(path: Path) -> bytes:
    """A file's bytes; none where there is no such file."""
    return plain_file.read(path) if path.is_file() else b""


def lines_for(manager: str) -> list[str]:
    """The lines that a person adds to a hook manager's own file."""
    check = PORTABLE.line("check", "--staged")
    return {
        "pre-commit": [
            "in .pre-commit-config.yaml, under repos:",
            "-   repo: local",
            "    hooks:",
            "    -   id: tractatus-merge",
            "        name: tractatus-merge (governance instructions)",
            f"        entry: {check}",
            "        language: system",
            "        always_run: true",
            "        pass_filenames: false",
            "        require_serial: true",
            "        stages: [pre-commit, pre-merge-commit]",
            "then: pre-commit install -t pre-commit -t pre-merge-commit   (or prek install ...)",
        ],
        "lefthook": [
            "in lefthook's file, under pre-commit: and under pre-merge-commit:",
            "  commands:",
            "    tractatus-merge:",
            f"      run: {check}",
        ],
        "husky": ["in .husky/pre-commit and .husky/pre-merge-commit:", check],
        "hk": [
            'in hk.pkl, in the steps of ["pre-commit"]:',
            '["tractatus-merge"] {',
            f'    check = "{check}"',
            "}",
        ],
    }[manager]
