"""Tell a program of the person's own that conflicts are new: `[notify] command` of the settings.

It is a list of words, run without a shell, at most `LIMIT` seconds long; `{message}` in a word
becomes a sentence without anybody's words in it, and stdin is JSON. What it does, or that it
fails, changes nothing else. A settings file that came with a commit starts nothing: else to clone
a repository would be to run what it says.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tractatus_merge.repository.settings import SETTINGS
from tractatus_merge.value import Value

if TYPE_CHECKING:
    from tractatus_merge.repository.line import Repository

LIMIT = 5.0
"""Seconds that the program may take; then it is ended."""
ALLOWED = "TRACTATUS_NOTIFY"
"""`on` in the environment: run the command of a tracked settings file too."""
_MESSAGE = "{message}"


class Notice(Value):
    """What is to be run, where, and what it reads; or, without words, why nothing is."""

    words: tuple[str, ...]
    folder: str
    text: str
    refused: str = ""


def notice(repo: Repository) -> Notice | None:
    """The notice of the conflicts that this repository has opened since it was asked last."""
    opened, words = repo.opened, repo.workspace.notify
    repo.opened = []
    if not opened or not words:
        return None
    top = str(repo.workspace.top)
    path = repo.workspace.claude / SETTINGS
    if repo.environment.get(ALLOWED) != "on" and repo.checkout.tracking(path).tracked:
        why = f"[notify] of a tracked {SETTINGS} is not run: {ALLOWED}=on allows it"
        return Notice((), top, "", why)
    many = f"{len(opened)} new conflict{'s' * (len(opened) != 1)}"
    command = "tractatus-merge review" + (f" {opened[0]}" if len(opened) == 1 else "")
    message = f"{many} for a person: {command}"
    facts = {"message": message, "command": command, "conflicts": opened, "repository": top}
    said = tuple(word.replace(_MESSAGE, message) for word in words)
    return Notice(said, top, json.dumps(facts) + "\n")


def run(told: Notice) -> str:
    """Run it, and wait; what went wrong, or nothing."""
    if told.refused:
        return told.refused
    try:
        process = _started(told.words, told.folder)
    except (OSError, ValueError) as error:  # not there, or a NUL in a word
        return f"[notify] command cannot be run: {getattr(error, 'strerror', None) or error}"
    try:
        process.communicate(told.text.encode(), LIMIT)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"[notify] command took over {LIMIT:g} seconds, and was ended"
    code = process.returncode
    return f"[notify] command ended with {code}" if code else ""


def leave(told: Notice) -> None:
    """Have it run by a process of its own: nobody waits, and nobody hears what went wrong."""
    if told.refused:
        return
    words = (sys.executable, "-P", "-m", __name__)
    with contextlib.suppress(OSError):
        process = _started(words, told.folder)
        assert process.stdin is not None
        with process.stdin as pipe:
            pipe.write(json.dumps([*told.words, told.text]).encode())
        process.returncode = 0  # it is nobody's child: no warning that it still runs


def _started(words: Sequence[str], folder: str) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        words, cwd=folder, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
    )


if __name__ == "__main__":
    *_words, _text = json.load(sys.stdin)
    run(Notice(tuple(_words), ".", _text))
