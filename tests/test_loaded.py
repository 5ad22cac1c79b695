"""What a verb loads: the everyday ones leave alone what they do not need.

Half of what a short verb costs is imports. `benchmarks/imports.py` says what they cost; this says
what must stay away, so that one import at the top of a module does not bring it all back.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RUN = """
import sys
from tractatus_merge.cli import main
code = main(sys.argv[1:])
assert code == 0, code
sys.stderr.write("\\nLOADED " + " ".join(sys.modules))
"""
FOREIGN = (
    *("deepdiff", "git", "sqlalchemy", "pymongo", "redis", "bson", "psycopg", "flask", "mcp"),
    "msgspec",
)
HEAVY = ("html", "shutil")
"""Every entity there is, and every archiver: a millisecond each, for one function of them."""
ELSEWHERE = (
    *("agents", "anyfile", "doctor", "isolation", "web"),
    *(f"review.{name}" for name in ("answer", "contests", "file_answers", "lookup", "questions")),
    *(f"review.{name}" for name in ("markdown", "render", "structures", "undo")),
    *("git.audit", "git.gate", "git.install", "git.sync.exchange", "git.sync.outgoing"),
    "repository.redis_lock",
    *("stores.file", "stores.memory", "stores.sql.store", "stores.mongodb.store"),
    *("cli.commands.sync", "cli.screen"),
)
"""What other verbs are for, other stores, and other locks."""
UNITE = ("unite", *(f"unite_{what}" for what in ("contradictions", "head", "place", "record")))
ENGINE = ("core.rules", "core.plans.merge", "core.plans.merge_record", "instructions.field_rules")
TOLD = ("sessions.overlaps", "sessions.unpublished", "log.versions")
"""What is said of other sessions and of older versions."""
WRITING = (
    "git.sync.acceptance",
    "git.sync.forge_page",
    "git.sync.soundness",
    "instructions.rebase",
)
NUMBERS = ("metrics.fold", "metrics.levels", "metrics.pressure", "sessions.live_metrics")
EVERY = (*ELSEWHERE, *(f"core.plans.{name}" for name in (*UNITE, "resolve", "revoke", "undo")))
NOBODYS = ("sessions.replay", "sessions.untold", "sessions.troubles", "view.intake")
"""Where nobody died, was undone, or wrote into the history file."""
QUIET = (*EVERY, *NOBODYS, *ENGINE, *WRITING, *NUMBERS)
"""For a verb that publishes nothing."""
AWAY: dict[str, tuple[str, ...]] = {
    "status": (*QUIET, *TOLD, "sessions.publish", "sessions.sweep", "sessions.start"),
    "status --session": (*EVERY, *NOBODYS, *ENGINE, *WRITING, *TOLD, "sessions.sweep"),
    "list": (*QUIET, *TOLD, "sessions.publish", "sessions.sweep", "sessions.start", "git.sync"),
    "start": (*QUIET, *TOLD, "git.sync"),
    "add": (*EVERY, *NOBODYS, *ENGINE, *WRITING, *NUMBERS, "sessions.sweep", "git.sync"),
    "end": (*EVERY, *NOBODYS, *NUMBERS, *TOLD, "sessions.start"),
}
"""Modules and rooms, by verb."""
WORDS = {
    "status": ["status"],
    "status --session": ["status", "--session", "one"],
    "list": ["list"],
    "start": ["start", "--id", "another"],
    "add": ["add", "Rules are written down", "--session", "one"],
    "end": ["end", "--session", "one"],
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., set[str]]:
    """Run the program in a history with one instruction and two open sessions; what it loaded."""
    repo: Path = tmp_path_factory.mktemp("loaded")

    def run(*words: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "-C", str(repo), *words],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return set(done.stderr.rpartition("\nLOADED ")[2].split())

    subprocess.run(["git", "init", "--quiet", repo], check=True)
    file = repo / ".claude" / "instruction-history.json"
    file.parent.mkdir()
    rule = {"id": "inst_001", "text": "Tests pass before a merge", "persistence": "HIGH"}
    file.write_text(json.dumps({"version": "1.0", "instructions": [rule]}))
    run("init")
    run("start", "--id", "one")
    run("start", "--id", "two")  # so that neither is meant where none is named
    return run


def found(loaded: set[str], away: tuple[str, ...]) -> list[str]:
    """What is loaded of what is to stay away."""
    names = {name.removeprefix("tractatus_merge.") for name in loaded if "tractatus_merge." in name}
    return sorted(n for n in names if any(n == one or n.startswith(f"{one}.") for one in away))


@pytest.mark.parametrize("verb", list(AWAY))
def test_a_verb_leaves_alone_what_it_does_not_need(
    scene: Callable[..., set[str]], verb: str
) -> None:
    """It loads no other verb's rooms, no other store, no engine that it has no work for."""
    loaded = scene(*WORDS[verb])
    assert not found(loaded, AWAY[verb])
    assert not loaded & {*FOREIGN}
    assert verb == "list" or not loaded & {*HEAVY}  # which asks how wide the terminal is


def test_the_child_of_a_hook_begins_with_what_every_hook_needs() -> None:
    """What ends a session for a hook loads no merge before there is one, and no numbers."""
    code = "import sys, tractatus_merge.agents.hook_actions; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    away = tuple({*QUIET, *TOLD, "review"} - {"agents", "metrics.levels"})
    assert not found(set(done.stdout.split()), (*away, "agents.news", "sessions.overview"))


@pytest.mark.parametrize("name", sorted({name for names in AWAY.values() for name in names}))
def test_each_of_them_is_there(name: str) -> None:
    """What must stay away has this name: a module that is renamed is not let in by that."""
    assert importlib.util.find_spec(f"tractatus_merge.{name}") is not None
