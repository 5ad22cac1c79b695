"""How far a fetch or a push is, for a person who waits: git's progress, as GitPython reads it.

The only module that imports GitPython, and only imported where somebody watches.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from subprocess import Popen

from git import RemoteProgress

from tractatus_merge.git.plumbing import Result

_STAGES = {
    RemoteProgress.COUNTING: "counting",
    RemoteProgress.COMPRESSING: "compressing",
    RemoteProgress.WRITING: "sending",
    RemoteProgress.RECEIVING: "receiving",
    RemoteProgress.RESOLVING: "unpacking",
}
_SUMS = re.compile(r"(?:remote: )?(?:\w+ objects:\s+|Total )\d")
"""Progress that GitPython takes for words."""


class _Progress(RemoteProgress):
    """Hands on how far it is, and keeps all other lines."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self._show = show
        self.words: list[str] = []

    def update(
        self, op_code: int, cur_count: str | float, max_count: str | float | None = None,
        message: str = "",
    ) -> None:  # fmt: skip
        """Say the stage, its share, and what git adds: how much, and how fast."""
        stage = _STAGES.get(op_code & self.OP_MASK)
        if stage and max_count:
            self._show(f"{stage} {float(cur_count) / float(max_count):.0%} {message}".rstrip())

    def line_dropped(self, line: str) -> None:
        """Keep what is no progress: a remote's own words among it."""
        if not _SUMS.match(line):
            self.words.append(line)


def watch(process: Popen[bytes], show: Callable[[str], None]) -> Result:
    """Wait for a git that was started with `--progress`, and show how far it is, line by line.

    The result's `err` is free of progress. What a remote said is in the lines: it is untrusted.
    """
    assert process.stdin and process.stdout and process.stderr
    process.stdin.close()
    progress = _Progress(show)
    read = progress.new_message_handler()
    lines = io.TextIOWrapper(process.stderr, "utf-8", "replace")
    with process.stdout, lines, ThreadPoolExecutor(1) as pool:
        out = pool.submit(process.stdout.read)  # else git could wait for it to be read
        for line in lines:
            read(line)
    show("")
    err = "\n".join((*progress.words, *progress.error_lines))
    return Result(process.wait(), out.result(), err)
