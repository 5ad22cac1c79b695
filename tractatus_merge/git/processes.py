"""Git as a process: how it is started, and what is started before its answer is needed.

Git reads its configuration for some milliseconds before it does anything. What will be asked of it
is often known earlier: then it does so beside what is done meanwhile. Standard library only.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from subprocess import PIPE, Popen

from tractatus_merge.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SURROUNDING = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH",
)  # fmt: skip
"""What a git hook finds in its environment: which repository it belongs to."""
PLACES = (
    "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir",
    "--is-inside-work-tree", "--show-cdup",
)  # fmt: skip
"""Words that have git tell where a repository's parts are."""
READER = ("cat-file", "--batch-command", "--buffer")
"""Words that have git read what it is asked for, until nobody asks any more.

It answers what was asked up to each `flush`, in few pieces.
"""
FORMAT = (
    "config", "--show-scope", "-z", "--get-regexp",
    r"^(core\.sharedrepository|extensions\.objectformat)$",
)  # fmt: skip
"""Words that have git tell what the object store's files depend on."""
QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    **dict.fromkeys(("GIT_ICASE_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS"), "0"),
}
"""No prompts, no language, and paths that mean what they say."""

_PIPE = 1 << 16
"""Bytes that a pipe holds, and that are read from it at once."""


class Early:
    """Processes that are started before they are needed, by all that tells what they do."""

    def __init__(self) -> None:
        self._started: dict[tuple[object, ...], Popen[bytes]] = {}

    def begin(self, folder: str, words: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a process that `taken` will be asked for. That it cannot be is told later."""
        named = _named(folder, words, env)
        if named not in self._started:
            with contextlib.suppress(StoreError):
                self._started[named] = start(folder, words, env)

    def taken(
        self, folder: str, words: Sequence[str], env: Mapping[str, str]
    ) -> Popen[bytes] | None:
        """The process that does this, if it was started; it is given away once."""
        return self._started.pop(_named(folder, words, env), None)

    def end(self) -> None:
        """End what nobody took: nothing was said to it."""
        while self._started:
            self._started.popitem()[1].communicate()


def _named(folder: str, words: Sequence[str], env: Mapping[str, str]) -> tuple[object, ...]:
    return folder, tuple(words), frozenset(env.items())


_AHEAD = Early()
"""What was started for the verb that is being loaded."""


def of_repository(common_dir: str) -> dict[str, str]:
    """The environment of a process that works in a repository, in none of its worktrees."""
    return {**QUIET, "GIT_DIR": common_dir, "GIT_LITERAL_PATHSPECS": "1"}


def read_ahead(folder: str, common_dir: str, *, writes: bool) -> None:
    """Start what a verb asks first: where it is, what reads there, and with `writes` the format.

    Nothing where a git hook has said which repository is meant.
    """
    if any(name in os.environ for name in SURROUNDING):
        return
    atexit.register(_AHEAD.end)
    _AHEAD.begin(folder, PLACES, QUIET)
    for words in (READER, FORMAT)[: 1 + writes]:
        _AHEAD.begin(common_dir, words, of_repository(common_dir))


def start(folder: str, words: Sequence[str], env: Mapping[str, str]) -> Popen[bytes]:
    """Start git in a folder, with the environment as it is and what is added; StoreError if not.

    What was started ahead is taken.
    """
    early = _AHEAD.taken(folder, words, env)
    if early is not None:
        return early
    try:
        return Popen(
            ("git", *words), cwd=folder, env={**os.environ, **env},
            stdin=PIPE, stdout=PIPE, stderr=PIPE, bufsize=_PIPE,
        )  # fmt: skip
    except OSError as error:
        if error.filename != "git":  # it is the folder that Popen names, if it could not go there
            from shlex import quote  # rarely needed

            why, hint = f"git cannot be run in {folder}", f"ls -ld {quote(folder)}"
        elif isinstance(error, FileNotFoundError):
            why = "there is no git in the folders of PATH"
            hint = "apt-get install git   (or without it: tractatus-merge init --store file:)"
        else:
            get = "apt-get install git" if isinstance(error, PermissionError) else "command -v git"
            why, hint = "git cannot be run", get
        raise StoreError(f"{why}: {error.strerror}.", hint=hint) from None
