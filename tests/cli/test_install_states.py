"""Install, then uninstall, over many starting states: every byte, mode, link and folder is back."""

from __future__ import annotations

import random
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import tool
from tractatus_merge.git.install import trial

SH = "#!/bin/sh\n# theirs\necho theirs\n"


def hook(text: str | bytes, mode: int = 0o755, name: str = "pre-commit") -> Callable[[Path], None]:
    """A state in which a hook says this."""

    def make(top: Path) -> None:
        folder = Path(
            git(top, "rev-parse", "--path-format=absolute", "--git-path", "hooks").strip()
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        (folder / name).chmod(mode)

    return make


def link(target: str) -> Callable[[Path], None]:
    """A state in which a hook is a symbolic link."""

    def make(top: Path) -> None:
        (top / "their-hook").write_text(SH)
        (top / "their-hook").chmod(0o755)
        (top / ".git/hooks").mkdir(exist_ok=True)
        (top / ".git/hooks/pre-commit").symlink_to(target)

    return make


def configured(*words: str, then: Callable[[Path], None] | None = None) -> Callable[[Path], None]:
    """A state in which the configuration has a value."""

    def make(top: Path) -> None:
        git(top, "config", *words)
        if then:
            then(top)

    return make


def written(name: str, data: bytes) -> Callable[[Path], None]:
    """A state in which a file says this; what was there comes first."""

    def make(top: Path) -> None:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((path.read_bytes() if path.exists() else b"") + data)

    return make


def no_hooks(top: Path) -> None:
    """No folder of hooks at all."""
    for path in (top / ".git/hooks").iterdir():
        path.unlink()
    (top / ".git/hooks").rmdir()


def linked_attributes(top: Path) -> None:
    """A `.gitattributes` that git does not read."""
    (top / "attributes").write_text("*.md text\n")
    (top / ".gitattributes").symlink_to("attributes")


def linked_config(top: Path) -> None:
    """A configuration kept elsewhere."""
    (top / ".git/config").rename(top / "config-elsewhere")
    (top / ".git/config").symlink_to("../config-elsewhere")


def nothing(top: Path) -> None:
    """As git makes it."""


HOOKS: dict[str, Callable[[Path], None]] = {
    "samples": nothing,
    "no folder": no_hooks,
    "sh": hook(SH),
    "sh, no newline at the end": hook(SH.rstrip()),
    "a first line alone": hook("#!/bin/sh"),
    "empty": hook(""),
    "no first line": hook("echo theirs\n"),
    "bash by env, CRLF": hook("#!/usr/bin/env bash\r\necho theirs\r\n"),
    "no UTF-8": hook(b"#!/bin/sh\n# \xff\xfe\n"),
    "an odd mode": hook(SH, 0o711),
    "switched off": hook(SH, 0o644),
    "python": hook("#!/usr/bin/env python3\nprint()\n"),
    "a program": hook(b"\x7fELF\0\1"),
    "a link": link("../../their-hook"),
    "a dangling link": link("nowhere"),
    "for merges": hook(SH, name="pre-merge-commit"),
    "for messages": hook(SH, name="prepare-commit-msg"),
    "kept once before": hook(SH, name="pre-commit.before-tractatus"),
    "hooksPath, relative": configured("core.hooksPath", "the hooks", then=hook(SH)),
    "hooksPath, not there": configured("core.hooksPath", "a/b c/d'e"),
    "hooksPath, switched off": configured("core.hooksPath", "/dev/null"),
}
ATTRIBUTES: dict[str, Callable[[Path], None]] = {
    "none": nothing,
    "some": written(".gitattributes", b"*.md text\n"),
    "no newline at the end": written(".gitattributes", b"*.md text"),
    "empty": written(".gitattributes", b""),
    "CRLF, no UTF-8": written(".gitattributes", b"*.\xff text\r\n"),
    "ours already": written(
        ".gitattributes", b"**/.claude/instruction-history.json merge=tractatus diff=tractatus\n"
    ),
    "a link": linked_attributes,
    "info": written(".git/info/attributes", b"*.txt -text"),
}
CONFIG: dict[str, Callable[[Path], None]] = {
    "plain": nothing,
    "no newline at the end": written(".git/config", b"[a]\n\tb = c"),
    "a comment last, odd blanks": written(".git/config", b"\n  [a]\tb=c ; d\n# end  "),
    "values of their own": configured("merge.tractatus.driver", "their own %A"),
    "a mergetool of their own": written(
        ".git/config",
        b'[mergetool "tractatus"]\n\tCmd = theirs "$MERGED"\n[merge]\n\ttool = tractatus\n',
    ),
    "several of one key": written(
        ".git/config", b'[diff "tractatus"]\n\ttextconv = x\n\ttextconv = y\n\tbinary = true\n'
    ),
    "an empty section": written(".git/config", b'[merge "tractatus"]\n'),
    "a link": linked_config,
}
REST: dict[str, Callable[[Path], None]] = {
    "plain": nothing,
    "initialised": lambda top: tool(top, "init") and None,
    "pre-commit": written(".pre-commit-config.yaml", b"repos: []\n"),
    "lefthook": written("lefthook.yml", b"{}\n"),
    "husky": written(".husky/pre-commit", b"true\n"),
    "hk": written("hk.pkl", b"\n"),
    "settings": written(".claude/tractatus.toml", b'[documents."a b.jsonl"]\nkey = "id"\n'),
}


def states() -> list[tuple[str, str, str, str]]:
    """Each value of each part, with others by chance; always the same."""
    chance = random.Random(4)
    found = []
    for name in HOOKS:
        plain = chance.random() < 0.7
        rest = "plain" if plain else chance.choice(list(REST))
        found.append((name, chance.choice(list(ATTRIBUTES)), chance.choice(list(CONFIG)), rest))
    found += [("sh", name, "plain", "plain") for name in ATTRIBUTES]
    found += [("sh", "some", name, "plain") for name in CONFIG]
    found += [("sh", "some", "plain", name) for name in REST]
    return sorted(set(found))


def everything(top: Path) -> dict[str, tuple[int, bytes]]:
    """Every file, folder and link of a repository: its mode, and what it says."""
    found = {}
    for path in sorted(top.rglob("*")):
        mode = path.lstat().st_mode
        data = b""
        if stat.S_ISLNK(mode):
            data = str(path.readlink()).encode()
        elif stat.S_ISREG(mode):
            data = path.read_bytes()
        found[str(path.relative_to(top))] = (mode, data)
    return found


@pytest.mark.parametrize("state", states(), ids=" / ".join)
def test_every_byte_is_back(repo, monkeypatch, state):
    """Installed twice, with and without the trailer, then uninstalled: nothing tells that it was."""
    monkeypatch.setattr(trial, "merge", lambda _: None)
    for part, name in zip((HOOKS, ATTRIBUTES, CONFIG, REST), state, strict=True):
        part[name](repo)
    before = everything(repo)
    first = tool(repo, "install", "--agent", "none", "--commit-trailer")
    assert everything(repo) != before
    assert git(repo, "check-attr", "merge", ".claude/instruction-history.json").endswith(
        "tractatus\n"
    )
    assert "merge-driver" in git(repo, "config", "merge.tractatus.driver")
    assert git(repo, "config", "mergetool.tractatus.cmd").endswith('"$REMOTE" "$MERGED"\n')
    assert git(repo, "config", "--bool", "mergetool.tractatus.hideResolved") == "false\n"
    assert bool(first["lines"]) == (first["hooks"] == "lines")
    tool(repo, "install", "--agent", "none")
    assert tool(repo, "uninstall")["notes"] == []
    assert everything(repo) == before
