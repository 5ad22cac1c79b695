"""What a push of code is about to do, as far as git tells the hook that runs before it.

Git tells the refs that it will move, and not that it only rehearses: that stands in its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tractatus_merge import processes

_VALUED = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source")
"""Git's own options whose value is the next word."""
_PUSH_VALUED = ("--repo", "--push-option", "--receive-pack", "--exec")
"""The same of `git push`."""
_REHEARSES = "--dry-run"


def moves(told: bytes, branch: str) -> bool:
    """Whether a push moves a branch at the remote; `told` is what pre-push is given on stdin.

    Git has read the remote's refs by then: who moves one now makes the push fail.
    """
    return f" refs/heads/{branch} ".encode() in told


def is_rehearsal() -> bool:
    """Whether this process runs in a `git push --dry-run`."""
    found = map(pushed_with, processes.ancestors())
    return rehearses(next((words for words in found if words is not None), []))


def pushed_with(line: Sequence[str]) -> list[str] | None:
    """The words after `push` in a command line of git; None if it is another."""
    if not line or line[0].rpartition("/")[2] not in ("git", "git.exe"):
        return None
    words = iter(line[1:])
    for word in words:
        if word in _VALUED:
            next(words, None)
        elif not word.startswith("-"):
            return list(words) if word == "push" else None
    return None


def rehearses(options: Iterable[str]) -> bool:
    """Whether the words after `git push` say that nothing is to be pushed; the last one counts."""
    found = False
    words = iter(options)
    for word in words:
        if word in ("--", "--end-of-options"):
            break
        if word in _PUSH_VALUED:
            next(words, None)
        elif word.startswith("--"):
            found = _said(word, found)
        elif word.startswith("-"):
            flags, value, rest = word[1:].partition("o")  # -o: a push option, here or next
            found = found or "n" in flags
            if value and not rest:
                next(words, None)
    return found


def _said(word: str, before: bool) -> bool:  # noqa: FBT001
    """What a long option says, which git lets one cut short, after what was said before."""
    positive = word.replace("--no-", "--", 1)
    if len(positive) < len("--dr") or not _REHEARSES.startswith(positive):
        return before
    return positive == word
