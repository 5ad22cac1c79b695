"""Try a merge driver: two merges by real git, in a repository that is thrown away."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tractatus_merge.errors import StoreError
from tractatus_merge.git.plumbing import FILE, Places, Plumbing
from tractatus_merge.repository.settings import VIEW
from tractatus_merge.system import plain_file

_EVENTS = ("pre-merge-commit", "post-merge", "post-index-change", "reference-transaction")
"""At which a person's configuration may have hooks; a hooks' folder that is none does without."""
_QUIET = (
    "-c", "core.hooksPath=/dev/null", "-c", "merge.verifySignatures=false",
    "-c", "user.name=tractatus-merge", "-c", "user.email=trial", "-c", "core.autocrlf=false",
    *(word for event in _EVENTS for word in ("-c", f"hook.{event}.enabled=false")),
)  # fmt: skip
_BASE, _OURS = ("1", "a"), ("2", "a")
_TRIALS = (  # what theirs says, what git has to exit with, what has to stand there, what it shows
    (("1", "b"), 0, ("2", "b"), "merges what needs no person"),
    (("3", "a"), 1, _OURS, "stops where a person is needed"),
)


def merge(driver: str) -> None:
    """Merge what needs no person, then what needs one; StoreError if git does not get both right.

    Git's own merge of lines fails in both: the fields stand on neighbouring lines.
    """
    with tempfile.TemporaryDirectory(prefix="tractatus-") as folder:
        top = Path(folder).resolve()
        git = Plumbing(Places(top / ".git", top / ".git", top))
        try:
            _merge(git, top, driver)
        finally:
            git.close()


def _merge(git: Plumbing, top: Path, driver: str) -> None:
    git.places.git_dir.mkdir()
    git.must("init", "--quiet", "--template=", str(top))
    attributes = top / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(f"{VIEW} merge=tractatus\n")
    base = _commit(git, _BASE)
    ours = _commit(git, _OURS, base)
    for says, status, wanted, shows in _TRIALS:
        theirs = _commit(git, says, base)
        git.in_worktree(*_QUIET, "reset", "--hard", "--quiet", ours)
        words = ("-c", f"merge.tractatus.driver={driver}", "merge", "--no-commit", "--no-ff")
        done = git.in_worktree(*_QUIET, *words, "--quiet", theirs)
        found = plain_file.read(top / VIEW) if (top / VIEW).exists() else b""
        if done.status != status or found != _text(wanted):
            said = (done.err.strip() or found.decode("utf-8", "replace").strip()).splitlines()
            told = f": {said[-1]}" if said else ""
            raise StoreError(
                f"the merge driver was tried in a throwaway repository. It should show that it "
                f"{shows}, and git ended with {done.status}{told}",
                hint=driver,
            )


def _text(fields: tuple[str, ...]) -> bytes:
    record = {"id": "inst_001", **dict(zip(("port", "note"), fields, strict=True))}
    return json.dumps({"instructions": [record]}, indent=2).encode() + b"\n"


def _commit(git: Plumbing, fields: tuple[str, ...], *parents: str) -> str:
    (blob,) = git.write("blob", [_text(fields)])
    (tree,) = git.write_trees([[(FILE, blob, VIEW)]])
    return git.commit_tree(tree, parents, "A trial\n", who="tractatus-merge <trial>", seconds=0)
