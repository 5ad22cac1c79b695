"""What a remote may say no with, and connections that break: told clearly, nothing lost, next sync goes on."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.conftest import git
from tests.git.sync import wire
from tests.git.sync.crowd import BRANCH, head, pair_of
from tests.tool import run, texts, tool


@pytest.fixture
def pair(tmp_path):
    """A hub with a history, and two clones; either has something the other lacks."""
    hub, ada, bo = pair_of(tmp_path)
    tool(bo, "add", "From Bo")
    tool(bo, "sync")
    tool(ada, "add", "From Ada")
    return hub, ada, bo


def hook(hub, name, text):
    """A hook of the server's."""
    (hub / "hooks" / name).write_text(f"#!/bin/sh\n{text}\n")
    (hub / "hooks" / name).chmod(0o755)


RULES = {
    "protected": (
        "update",
        f'case $1 in *{BRANCH}) echo "GH006: Protected branch update failed for $1." >&2; exit 1;; esac',
        "GH006: Protected branch",
    ),
    "linear": (
        "pre-receive",
        'while read old new ref; do if git rev-list --merges "$old..$new" | grep -q .; then echo "error: This branch must not contain merge commits." >&2; exit 1; fi; done',
        "must not contain merge commits",
    ),
    "size": (
        "pre-receive",
        'echo "remote: push exceeds the size limit of 1 MB" >&2; exit 1',
        "size limit of 1 MB",
    ),
    "escape": ("pre-receive", 'printf "no \\033[2J\\033]0;x\\007 way\\n" >&2; exit 1', "way"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_the_forge(pair, rule):
    """The remote's own words, what to do; what it has is taken in; when the rule is gone all is sent."""
    hub, ada, bo = pair
    name, text, words = RULES[rule]
    hook(hub, name, text)
    ran = run(ada, "sync")
    assert ran.code == 3, ran.out + ran.err
    assert words in ran.err and "refused the push" in ran.err
    assert f"exempt the branch {BRANCH}" in ran.err
    assert "\x1b" not in ran.err
    assert {"From Ada", "From Bo"} <= set(texts(ada).values()), "what could be fetched is there"
    (hub / "hooks" / name).unlink()
    tool(ada, "sync")
    tool(bo, "sync")
    assert head(ada) == head(bo) == head(hub)


def test_no_right_to_write(pair):
    """A repository that may be read and not written."""
    hub, ada, _ = pair
    git(
        ada,
        "config",
        "remote.origin.receivepack",
        "sh -c 'echo \"ERROR: Permission to bakery.git denied to ada.\" >&2; exit 1' sh",
    )
    ran = run(ada, "sync")
    assert ran.code == 3 and "may read it, but not write" in ran.err
    assert "From Bo" in texts(ada).values()
    assert "From Ada" not in git(hub, "grep", "-h", "From", BRANCH)


def test_not_there_and_not_reachable(pair):
    """No repository at the address, no host, a closed port, no helper: each by its own words."""
    _, ada, _ = pair
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for address, words in (
        ("/nowhere/at/all.git", "no repository at its address"),
        (f"git://127.0.0.1:{port}/x.git", "cannot be reached"),
        (f"http://127.0.0.1:{port}/x.git", "cannot be reached"),
        ("nosuch://127.0.0.1/x.git", "no helper that works for its kind of address"),
    ):
        git(ada, "remote", "set-url", "origin", address)
        ran = run(ada, "sync")
        assert ran.code == 3 and words in ran.err, ran.err
        assert len(ran.err.strip().splitlines()) == 2, "a sentence and what to type"


class Asks(BaseHTTPRequestHandler):
    """A forge that wants a password."""

    def do_GET(self):
        """Say so."""
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="forge"')
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


def test_missing_credentials_never_prompt(pair):
    """In a hook nobody is there to answer: it fails at once, and says how to give them."""
    _, ada, _ = pair
    server = HTTPServer(("127.0.0.1", 0), Asks)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        git(ada, "remote", "set-url", "origin", f"http://127.0.0.1:{server.server_port}/x.git")
        ran = run(ada, "sync")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert ran.code == 3 and "no valid credentials" in ran.err and "git ls-remote origin" in ran.err


DROPS = {
    "before a word": (-1, 0),
    "while the branches are told": (-1, 150),
    "before the pack": (0, -1),
    "in the commands": (120, -1),
    "in the middle of the pack": (900, -1),
    "in the report": (-1, 700),
}


def cut(clone, key, program, limits):
    """Let the connection of a clone break after so many bytes in and out."""
    script = clone.parent / f"cut-{key}"
    words = [sys.executable, wire.__file__, *map(str, limits), program]
    script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$1"\n')
    script.chmod(0o755)
    git(clone, "config", f"remote.origin.{key}", str(script))


@pytest.mark.parametrize("step", DROPS)
def test_a_push_whose_connection_drops(pair, step):
    """At each step of a push: nothing is lost, nothing is there twice, the next sync completes."""
    hub, ada, bo = pair
    cut(ada, "receivepack", "git-receive-pack", DROPS[step])
    ran = run(ada, "sync")
    assert ran.code in (0, 3, 75), ran.err
    git(ada, "config", "--unset", "remote.origin.receivepack")
    tool(ada, "sync")
    tool(bo, "sync")
    assert head(ada) == head(bo) == head(hub)
    said = sorted(text for text in texts(bo).values() if text.startswith("From"))
    assert said == ["From Ada", "From Bo"]
    git(hub, "fsck", "--strict")


@pytest.mark.parametrize("limits", [(-1, 0), (-1, 150), (0, -1), (60, -1), (-1, 900)])
def test_a_fetch_whose_connection_drops(pair, limits):
    """Ours stands as it was, and is not sent over what could not be looked at."""
    hub, ada, bo = pair
    before = head(ada), head(hub)
    cut(ada, "uploadpack", "git-upload-pack", limits)
    assert run(ada, "sync").code == 3
    assert (head(ada), head(hub)) == before
    git(ada, "config", "--unset", "remote.origin.uploadpack")
    tool(ada, "sync")
    tool(bo, "sync")
    assert head(ada) == head(bo)


def test_hooks_of_the_person_do_not_run(pair):
    """A pre-push hook that judges code has no say in the history, and costs it nothing."""
    _, ada, _ = pair
    path = ada / ".git/hooks/pre-push"
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    tool(ada, "sync")


def test_settings_of_the_person_do_not_disturb(pair):
    """Followed tags, a mirror, a pruned fetch, another push default: the branch alone is pushed."""
    hub, ada, _ = pair
    git(ada, "tag", "-a", "v1", "-m", "v1")
    for key, value in (
        ("push.followTags", "true"),
        ("remote.origin.prune", "true"),
        ("fetch.prune", "true"),
        ("push.default", "nothing"),
        ("push.gpgSign", "if-asked"),
        ("core.quotePath", "true"),
        ("log.showSignature", "true"),
        ("color.ui", "always"),
    ):
        git(ada, "config", key, value)
    tool(ada, "sync")
    assert git(hub, "tag") == ""
    assert head(ada) == head(hub)
    assert re.fullmatch(r"[0-9a-f]{40}", head(ada))


def test_ssh_of_the_person_s_own_never_asks(pair, monkeypatch):
    """However it is configured: what it would ask goes to a program that fails."""
    _, ada, _ = pair
    seen = ada.parent / "seen"
    fake = ada.parent / "fake-ssh"
    fake.write_text(
        f'#!/bin/sh\necho "$SSH_ASKPASS $SSH_ASKPASS_REQUIRE ${{DISPLAY:+display}}" >"{seen}"\n'
        'echo "x@hub: Permission denied (publickey)." >&2\nexit 255\n'
    )
    fake.chmod(0o755)
    git(ada, "remote", "set-url", "origin", "ssh://x@hub.example/x.git")

    def asks():
        ran = run(ada, "sync")
        assert ran.code == 3 and "no valid credentials" in ran.err
        told = seen.read_text()
        seen.unlink()
        return told

    for name in ("GIT_SSH", "GIT_SSH_COMMAND"):
        monkeypatch.setenv(name, str(fake))
        assert asks() == "false force display\n"
        monkeypatch.delenv(name)
    git(ada, "config", "core.sshCommand", str(fake))
    assert asks() == "false force display\n"


def test_a_push_that_always_breaks(pair):
    """It is no race: git's own words, and what the remote has is taken in."""
    _, ada, _ = pair
    cut(ada, "receivepack", "git-receive-pack", (900, -1))
    ran = run(ada, "sync")
    assert ran.code == 3 and "hung up" in ran.err and "pushed" not in ran.err, ran.err
    assert {"From Ada", "From Bo"} <= set(texts(ada).values())


@pytest.mark.parametrize("setting", ["push.pushOption=x", "push.gpgSign=true"])
def test_a_server_that_lacks_what_is_asked(pair, setting):
    """It is told at once, with the settings that ask it."""
    hub, ada, _ = pair
    git(hub, "config", "receive.advertisePushOptions", "false")
    git(ada, "config", *setting.split("="))
    ran = run(ada, "sync")
    assert ran.code == 3 and "git config --show-origin" in ran.err, ran.err
    assert "From Bo" in texts(ada).values()


def test_a_push_that_goes_to_another_place(pair):
    """The fetch sees the branch of one, the push that of another: told, after three such rounds."""
    hub, ada, bo = pair
    fork = hub.with_name("fork.git")
    shutil.copytree(hub, fork)
    tool(bo, "add", "Bo's second")
    tool(bo, "sync")
    git(ada, "remote", "set-url", "origin", str(fork))
    git(ada, "remote", "set-url", "--push", "origin", str(hub))
    ran = run(ada, "sync")
    assert ran.code == 3 and "git remote -v" in ran.err, ran.err
    assert {"From Ada", "From Bo"} <= set(texts(ada).values())
    assert "Bo's second" not in texts(ada).values()


def test_a_fetch_that_lags_behind_the_push(pair):
    """A replica that shows the branch some rounds late is waited for."""
    hub, ada, bo = pair
    lag = hub.with_name("lag.git")
    shutil.copytree(hub, lag)
    tool(bo, "add", "Bo's second")
    tool(bo, "sync")
    count = ada.parent / "count"
    script = ada.parent / "replica"
    script.write_text(
        f'#!/bin/sh\necho >>"{count}"\n'
        f'test "$(wc -l <"{count}")" -gt 3 && exec git-upload-pack "{hub}"\n'
        f'exec git-upload-pack "{lag}"\n'
    )
    script.chmod(0o755)
    git(ada, "config", "remote.origin.uploadpack", str(script))
    git(ada, "remote", "set-url", "--push", "origin", f"file://{hub}")
    assert tool(ada, "sync")["rounds"] == 4
    assert head(ada) == head(hub)


@pytest.mark.parametrize("other", ["tractatus", f"{BRANCH}/x"])
def test_a_branch_in_the_way(pair, other):
    """Git keeps no branch beside one of which its name is a part: told at once, with both ways out."""
    hub, ada, _ = pair
    git(hub, "update-ref", "-d", f"refs/heads/{BRANCH}")
    git(hub, "branch", other, "main")
    ran = run(ada, "sync")
    assert ran.code == 3 and f"a branch '{other}'" in ran.err, ran.err
    assert "[store] branch" in ran.err
    git(hub, "branch", "-D", other)
    tool(ada, "sync")


def test_what_is_left_of_a_branch_that_was_in_the_way(pair):
    """Here, where it was fetched once: told, with what takes it away."""
    _, ada, _ = pair
    git(ada, "update-ref", "-d", f"refs/remotes/origin/{BRANCH}")
    git(ada, "update-ref", "refs/remotes/origin/tractatus", "main")
    ran = run(ada, "sync")
    assert ran.code == 3 and "git remote prune origin" in ran.err, ran.err
    git(ada, "remote", "prune", "origin")
    tool(ada, "sync")


def test_a_tracking_branch_that_lost_its_objects(pair):
    """A loss of power left it so after a plain fetch; git refuses to fetch from then on."""
    hub, ada, bo = pair
    tool(bo, "add", "Bo's")
    tool(bo, "sync")
    name = f"refs/remotes/origin/{BRANCH}"
    (ada / ".git" / name).write_text("1" * 40 + "\n")
    tool(ada, "sync")
    assert head(ada) == head(hub) == git(ada, "rev-parse", name).strip()


@pytest.mark.parametrize("kind", ["below", "submodule", "separate", "bare"])
def test_a_relative_address(pair, tmp_path, monkeypatch, kind):
    """It is meant from the top of the main worktree, for a lock that was left behind there too."""
    hub, ada, bo = pair
    place, work = ada, ada / "deep"
    git(ada, "remote", "set-url", "origin", "../hub.git")
    if kind == "submodule":
        git(bo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(hub), "sub/mod")
        place = work = bo / "sub/mod"
        git(place, "remote", "set-url", "origin", "../../../hub.git")
    elif kind == "separate":
        (tmp_path / "elsewhere").mkdir()
        git(ada, "init", "-q", f"--separate-git-dir={tmp_path / 'elsewhere/gd'}")
    elif kind == "bare":
        subprocess.run(["git", "clone", "-q", "--bare", hub, tmp_path / "own.git"], check=True)
        git(tmp_path / "own.git", "remote", "set-url", "origin", "../hub.git")
        place, work = tmp_path / "own.git", tmp_path / "far/off/work"
        git(place, "worktree", "add", "-q", str(work), "main")
    work.mkdir(exist_ok=True)
    if kind != "bare":
        git(work, "fetch", "-q")
    git(place, "config", "user.name", "Ada")
    git(place, "config", "user.email", "ada@bakery.example")
    if kind in ("submodule", "bare"):
        tool(work, "init")
    monkeypatch.chdir("/")
    lock = hub / f"refs/heads/{BRANCH}.lock"
    lock.touch()
    os.utime(lock, (1, 1))
    tool(work, "add", "From afar")
    tool(work, "sync")
    assert head(place) == head(hub) and not lock.exists()


@pytest.mark.parametrize("name", ["--all", "-n", "a=b", "--a=b"])
def test_a_remote_with_an_odd_name(pair, name):
    """A dash begins no option, and an equals sign ends no name."""
    hub, ada, bo = pair
    git(ada, "config", f"remote.{name}.url", str(hub))
    ran = run(ada, "sync", "--json", "--", name)
    assert ran.code == 0 and ran.json["remote"] == name, ran.err
    tool(bo, "sync")
    assert head(ada) == head(bo) == head(hub)


def test_a_remote_s_name_runs_nothing(pair):
    """Also where it is the only one, and nobody named it."""
    _, ada, _ = pair
    git(ada, "remote", "remove", "origin")
    git(ada, "config", "remote.--upload-pack=touch pwned;.url", "x")
    ran = run(ada, "sync")
    assert ran.code == 3 and ran.err
    assert not list(ada.rglob("pwned"))


def test_another_fetch_at_the_same_time(pair):
    """It moves what we are about to move: that is looked at again."""
    hub, ada, _ = pair
    other, server = ada.parent / "other", ada.parent / "server"
    mark = ada.parent / "mark"
    other.write_text(
        f'#!/bin/sh\ntest -e "{mark}" || env -u GIT_DIR git -C "{ada}" '
        f'update-ref "refs/remotes/origin/{BRANCH}" {head(ada)}\n: >"{mark}"\nexec "$@"\n'
    )
    server.write_text(
        f'#!/bin/sh\nexec git -c uploadpack.packObjectsHook="{other}" upload-pack "$1"\n'
    )
    for script in (other, server):
        script.chmod(0o755)
    git(ada, "config", "remote.origin.uploadpack", str(server))
    tool(ada, "sync")
    assert mark.exists() and head(ada) == head(hub)
