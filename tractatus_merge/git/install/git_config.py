"""What names the merge driver, the mergetool and the textconv: git's settings, and attributes.

Nothing is written here. Every word that is not ours is quoted for `sh`; no data is in a command.
"""

from __future__ import annotations

from collections.abc import Iterable

from tractatus_merge.git.install.hook_texts import Program

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
