"""A git that can do nothing: it is told what it is, in git's own words, with what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import run
from tractatus_merge.git.failures import told

OWNED = """fatal: detected dubious ownership in repository at '/srv/x'
To add an exception for this directory, call:

\tgit config --global --add safe.directory /srv/x
"""


@pytest.mark.parametrize(
    ("said", "why", "hint"),
    [
        ("fatal: bad config line 3 in file /a b/.gitconfig\n",
         "git cannot read its configuration: fatal: bad config line 3 in file /a b/.gitconfig.",
         "${EDITOR:-vi} +3 '/a b/.gitconfig'"),
        ("error: missing value for 'user.name'\nfatal: bad config variable 'user.name' in file '/g' at line 2\n",
         "git cannot read its configuration: error: missing value for 'user.name'; fatal: bad config variable 'user.name' in file '/g' at line 2.",
         "${EDITOR:-vi} +2 /g"),
        ("fatal: bad boolean config value 'no way' for 'core.bare'",
         "git cannot use its configuration: fatal: bad boolean config value 'no way' for 'core.bare'.",
         "git config --show-origin --get-all core.bare"),
        ("fatal: unable to parse command-line config",
         "git cannot use its configuration: fatal: unable to parse command-line config.",
         "git config --list --show-origin"),
        (OWNED, "X: fatal: detected dubious ownership in repository at '/srv/x'.",
         "git config --global --add safe.directory /srv/x   (if you trust what is there)"),
        ("fatal: Expected git repo version <= 1, found 9",
         "X, for it is too old: fatal: Expected git repo version <= 1, found 9.",
         "git version   (2.36 or newer is needed)"),
        ("fatal: broken", "X: fatal: broken.", "Y"),
    ],
)  # fmt: skip
def test_what_git_said_is_told_with_what_to_type(said, why, hint):
    """A broken configuration with file and line or key, another owner, an old git; else as it is."""
    assert told(said, "X", "Y") == (why, hint)


def ran_with(monkeypatch, folder, *words, **environment):
    """What a command did in another environment, which ends with it: git looks at the folder then."""
    with monkeypatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        return run(folder, *words)


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("[core\n", "bad config line 1 in file", "+1 "),
        ("[user]\n\tname\n", "at line 2", "+2 "),
        ("[include]\n\tpath = ~nosuchperson/x\n", "bad config line 2", "+2 "),
        ("[core]\n\tbare = perhaps\n", "core.bare", "--get-all core.bare"),
        ("[core]\n\tcompression = 99\n", "compression level 99", "--list --show-origin"),
    ],
)
def test_a_broken_configuration_of_the_person_is_told_as_that(
    line, tmp_path, monkeypatch, text, where, hint
):
    """Exit 3, by every verb: git's message with file and line, and what to type; no bug."""
    config = tmp_path / "gitconfig"
    config.write_text(text)
    for words in (("status",), ("add", "More"), ("check", "--staged"), ("doctor",), ("audit",)):
        ran = ran_with(monkeypatch, line, *words, GIT_CONFIG_GLOBAL=str(config))
        assert (ran.code, ran.out) == (3, ""), words
        assert "its configuration: " in ran.err and where in ran.err and hint in ran.err


def stand_in(folder: Path, text: str) -> str:
    """A folder with a program that is called git, and no other."""
    path = folder / "bin" / "git"
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o755)
    return str(path.parent)


def test_no_git_is_told(line, monkeypatch):
    """As what is missing, with the command that brings it."""
    ran = ran_with(monkeypatch, line, "status", PATH="/nowhere")
    assert ran.code == 3
    assert "there is no git in the folders of PATH" in ran.err and "install git" in ran.err


def test_a_git_that_does_not_run_is_told(line, tmp_path, monkeypatch):
    """No program at all in its place."""
    ran = ran_with(monkeypatch, line, "status", PATH=stand_in(tmp_path, "no program"))
    assert ran.code == 3
    assert "git cannot be run: Exec format error" in ran.err and "command -v git" in ran.err


def test_an_old_git_is_told(line, tmp_path, monkeypatch):
    """Before 2.31 `rev-parse` gives back what it does not know, and goes on."""
    old = stand_in(tmp_path, '#!/bin/sh\nprintf "%s\\n" "$2" .git .git true ""\n')
    ran = ran_with(monkeypatch, line, "status", PATH=old)
    assert ran.code == 3
    assert "too old" in ran.err and "--path-format" in ran.err and "git version" in ran.err


def test_an_extension_that_this_git_lacks_is_told(line):
    """A repository of a newer git."""
    config = line / ".git/config"
    before = config.read_bytes()
    git(line, "config", "core.repositoryFormatVersion", "1")
    git(line, "config", "extensions.fromTheFuture", "true")
    ran = run(line, "status")
    config.write_bytes(before)
    assert (ran.code, "too old" in ran.err, "fromthefuture" in ran.err) == (3, True, True)
