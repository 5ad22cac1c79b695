"""The command line by itself: guesses, help, examples, settings, completion, the man page."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.conftest import ROOT, git
from tests.terminal import Terminal
from tests.tool import run, tool
from tractatus_merge.cli.examples import EXAMPLES, words_of
from tractatus_merge.cli.verbs import GROUPS, tractatus_merge
from tractatus_merge.repository.settings import KNOWN

VERBS = tractatus_merge.list_commands(click.Context(tractatus_merge))


@pytest.mark.parametrize(
    ("typed", "meant"), [("lst", "list"), ("statsu", "status"), ("Log", "log"), ("confg", "config")]
)
def test_a_verb_that_nobody_knows_is_guessed(line, typed, meant):
    """Exit 2, and the verbs that are spelt like it; `help` guesses too."""
    for words in ((typed,), ("help", typed)):
        ran = run(line, *words)
        assert ran.code == 2
        assert re.search(rf"there is no verb '{typed}'\. Did you mean .*\b{meant}\b", ran.err)
    assert "Did you mean" not in run(line, "frobnicate").err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("show", "inst_0001"), "inst_001"),
        (("edit", "inst_3a", "--set", "notes=x"), "inst_003a"),
        (("blame", "INST_002"), "inst_002"),
        (("log", "inst_01"), "inst_001"),
        (("end", "--session", "alhpa111"), "alpha111"),
    ],
)
def test_an_id_that_nobody_has_is_guessed(line, words, meant):
    """Of instructions and sessions, and the command that lists them stays."""
    tool(line, "start", "--session", "alpha111")
    ran = run(line, *words)
    assert ran.code == 2
    assert re.search(
        rf"^  did you mean .*\b{meant}\b.*\?\n  (tractatus-merge|add) ", ran.err, re.MULTILINE
    )


def test_an_option_that_nobody_knows_is_guessed(line):
    """By click."""
    assert "'--session'" in run(line, "list", "--sesion", "x").err


@pytest.mark.parametrize("verb", VERBS)
def test_words_that_a_verb_does_not_take_are_answered_by_an_example(line, verb):
    """Of that verb, as the last line of the refusal."""
    ran = run(line, verb, "--no-such-option", "--", "x")
    assert ran.code == 2
    assert ran.err.endswith(f"\n  for example: tractatus-merge {EXAMPLES[verb][0]}\n")


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (("edit", "inst_001", "text=x"), EXAMPLES["edit"][0]),
        (("check", "--range"), EXAMPLES["check"][1]),
        (("-C", ".", "resolve", "--take"), EXAMPLES["resolve"][0]),
        (("show",), EXAMPLES["show"][0]),
        (("config", "get"), EXAMPLES["config"][0]),
    ],
)
def test_the_example_has_the_option_that_lacks_its_value(line, words, example):
    """If there is one with it; else it is the first."""
    ran = run(line, *words)
    assert (ran.code, ran.err.splitlines()[-1]) == (2, f"  for example: tractatus-merge {example}")


def test_without_a_verb_there_is_no_example(line):
    """The program's own options, or a verb that nobody knows."""
    for words in (("--nope",), ("frobnicate", "--range")):
        ran = run(line, *words)
        assert ran.code == 2
        assert "for example" not in ran.err


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_an_example_that_it_understands(verb):
    """Its help shows it; its options and arguments are the verb's own."""
    assert EXAMPLES[verb]
    top = click.Context(tractatus_merge, info_name="tractatus-merge")
    command = tractatus_merge.get_command(top, verb)
    assert "For example:\n" in command.get_help(click.Context(command, top, verb))
    for example in EXAMPLES[verb]:
        first, *words = shlex.split(words_of(example))
        assert first == verb
        command.make_context(verb, words, parent=top)
        assert len(f"    tractatus-merge {example}") <= 100


def test_no_example_is_left_over():
    """Each is a verb's that is shown, and each verb is shown once."""
    assert sorted(EXAMPLES) == sorted(VERBS)
    assert len(VERBS) == len(set(VERBS)) == sum(map(len, GROUPS.values()))


def test_help_of_a_verb_is_its_help(line):
    """`help log` and `log --help` say the same, and `help` is the program's."""
    assert run(line, "help", "log").out == run(line, "log", "--help").out
    assert run(line, "help").out == run(line, "--help").out


def test_a_bare_check_does_the_likely_thing(line):
    """What is staged, else the last commit; and it says which."""
    ran = run(line, "check")
    assert (ran.code, ran.err) == (0, "checked: the last commit; nothing is staged\n")
    view = line / ".claude/instruction-history.json"
    view.write_text(view.read_text().replace("inst_002", "inst_099"))
    git(line, "add", "--all")
    ran = run(line, "check")
    assert ran.code == 1
    assert ran.err.startswith("checked: what is staged\n")
    assert "inst_002" in ran.err


def test_a_fresh_clone_is_told_that_the_remote_has_the_history(line, tmp_path):
    """And to type `init`; `doctor` says it too."""
    git(line, "commit", "--quiet", "--allow-empty", "--message=x")
    git(tmp_path, "clone", "--quiet", str(line), "fresh")
    for verb in ("list", "log", "start", "doctor"):
        ran = run(tmp_path / "fresh", verb)
        assert "origin has it" in ran.out + ran.err, verb
        assert "tractatus-merge init   (takes it from origin)" in ran.out + ran.err
    run(tmp_path / "fresh", "init")
    assert len(tool(tmp_path / "fresh", "list", "--all")["instructions"]) == 3


# --- settings


def settings_of(folder: Path) -> Path:
    """The file of settings."""
    return folder / ".claude/tractatus.toml"


def test_settings_are_listed_with_what_they_mean(line):
    """Each of them, its value, whether that is said in the file, and what is possible."""
    said = tool(line, "config", "list")
    assert [one["name"] for one in said["settings"]] == list(KNOWN)
    assert all(one["help"] and not one["set"] for one in said["settings"])
    text = run(line, "config").out
    assert "view.write = auto  (by default)\n" in text
    assert "(auto | always | never)" in text
    assert run(line, "config", "list").out == text


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("view.write", "never", '[view]\nwrite = "never"\n'),
        ("policy.agents_may_resolve", "true", "[policy]\nagents_may_resolve = true\n"),
        ("metrics.budget", "200000", "[metrics]\nbudget = 200000\n"),
    ],
)
def test_a_setting_is_set_and_read(line, name, value, written):
    """As the type that it has."""
    run(line, "config", "set", name, value, "--dry-run")
    assert not settings_of(line).exists()
    assert run(line, "config", "set", name, value).code == 0
    assert settings_of(line).read_text() == written
    assert run(line, "config", "get", name).out == f"{value}\n"
    assert tool(line, "config", "get", name)["set"] is True


def test_what_else_stands_in_the_file_stays(line):
    """Comments, order, other sections, the comment on the line itself."""
    before = (
        "# ours\n[check]\nblock = 'MINOR'  # strict\n\n[documents.\"*.jsonl\"]\nlists = 'set'\n"
        '[view]\n# often\nwrite = "auto"\n'
    )
    settings_of(line).write_text(before)
    run(line, "config", "set", "check.block", "CRITICAL")
    after = before.replace("'MINOR'  # strict", '"CRITICAL"  # strict')
    assert settings_of(line).read_text() == after
    run(line, "config", "set", "metrics.budget", "5")
    assert settings_of(line).read_text() == f"{after}\n[metrics]\nbudget = 5\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "view.write", "sometimes"), "it is one of auto, always, never"),
        (("set", "policy.agents_may_resolve", "maybe"), "it is true or false"),
        (("set", "metrics.budget", "many"), "it is a whole number"),
        (("set", "view.wirte", "auto"), "Did you mean view.write?"),
        (("get", "nothing"), "there is no setting 'nothing'."),
        (("set", "store.url", "sqlite:"), "tractatus-merge init --store URL"),
    ],
)
def test_what_no_setting_can_be_is_refused(line, words, said):
    """With what is possible; nothing is written."""
    ran = run(line, "config", *words)
    assert ran.code == 2
    assert said in ran.err
    assert not settings_of(line).exists()


def test_a_setting_that_nobody_knows_is_warned_of(line):
    """It is no error: a later program may know it."""
    settings_of(line).write_text('[view]\nwirte = "auto"\n[future]\nx = 1\n')
    ran = run(line, "list")
    assert ran.code == 0
    assert "warning: tractatus.toml has 'view.wirte', which is no setting: did you mean" in ran.err
    assert "'future.x', which is no setting\n" in ran.err


def test_a_value_that_no_setting_can_have_is_refused_with_what_can_be(line):
    """By every verb: who meant `never` must not get `auto`."""
    settings_of(line).write_text('[view]\nwrite = "nevr"\n')
    ran = run(line, "list")
    assert ran.code == 2
    assert "it is one of auto, always, never" in ran.err


# --- completion, by the real shells


@pytest.fixture
def programs(tmp_path):
    """A folder with the program under its name, for PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "tractatus-merge"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tractatus_merge "$@"\n')
    path.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "TERM": "dumb",
    }


def shell(name: str, script: str, folder: Path, env: dict[str, str]) -> list[str]:
    """The lines that a shell prints for a script."""
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name}")
    flags = {"bash": ("--norc", "-c"), "zsh": ("-f", "-c"), "fish": ("--no-config", "-c")}[name]
    done = subprocess.run(
        [name, *flags, script], cwd=folder, env=env, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


SHARE = ROOT / "share"
"""What an installation puts where shells look by themselves."""
BASH = """
eval "$({script})"
COMP_WORDS=({words}) COMP_CWORD={at}
{function} {program}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def bash(
    words: str, folder: Path, env: dict[str, str], told: str = "tractatus-merge completion bash"
) -> list[str]:
    """What bash offers for the last of the words; `''` for an empty one."""
    program = words.split(maxsplit=1)[0]
    function = "_git_tractatus" if program == "git" else "_tractatus_merge_completion"
    at = len(shlex.split(words)) - 1
    script = BASH.format(script=told, words=words, at=at, function=function, program=program)
    return shell("bash", script, folder, env)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tractatus-merge unin", ["uninstall"]),
        ("git tractatus unin", ["uninstall"]),
        ("tractatus-merge show inst_00", ["inst_001", "inst_002", "inst_003a"]),
        ("tractatus-merge list --session al", ["alpha111"]),
        ("tractatus-merge config set view", ["view.write"]),
        ("tractatus-merge init --sto", ["--store"]),
        ("tractatus-merge completion ''", ["bash", "zsh", "fish"]),
    ],
)
def test_bash_completes(line, programs, words, offered):
    """Verbs, options, ids, sessions, settings; as `git tractatus` too."""
    tool(line, "start", "--session", "alpha111")
    assert [one for one in bash(words, line, programs) if one] == offered
    if not words.startswith("git"):
        installed = f"cat {SHARE}/bash-completion/completions/tractatus-merge"
        assert [one for one in bash(words, line, programs, installed) if one] == offered


@pytest.mark.slow
@pytest.mark.parametrize(
    "told",
    [
        "tractatus-merge completion fish | source",
        f"set --prepend fish_complete_path {SHARE}/fish/vendor_completions.d",
    ],
    ids=["typed", "installed"],
)
def test_fish_completes(line, programs, told):
    """As fish itself would offer it, with what each says."""
    script = f"{told}; complete -C 'tractatus-merge show inst_00'"
    offered = shell("fish", script, line, programs)
    assert offered[0].split("\t")[0] == "inst_001"
    assert "PostgreSQL" in offered[0]
    script = script.replace("show inst_00", "unin")
    assert shell("fish", script, line, programs)[0].startswith("uninstall")


@pytest.mark.slow
@pytest.mark.parametrize("installed", [False, True], ids=["typed", "installed"])
def test_zsh_completes(line, programs, installed):
    """In a real one, by the key that people press."""
    if shutil.which("zsh") is None:
        pytest.skip("there is no zsh")
    there = Terminal(line, ["zsh", "-f", "-i"], (80, 24), **programs, PS1="> ")
    try:
        there.until(">")
        if installed:
            there.press(f"fpath=({SHARE}/zsh/site-functions $fpath); clear\r")
        there.press("autoload -Uz compinit; compinit -D\r")
        typed = "" if installed else 'eval "$(tractatus-merge completion zsh)"; '
        there.press(f'{typed}clear; echo read""y\r')
        there.until("ready")
        there.press("tractatus-merge unin\t")
        there.until("> tractatus-merge uninstall")
        there.press("\x15tractatus-merge show inst_00\t\t")
        there.until("inst_001", "inst_003a", "PostgreSQL")
    finally:
        there.close()


@pytest.fixture
def manual(tmp_path, programs):
    """The pages as they are installed, where `man` looks for them; its environment."""
    if shutil.which("man") is None:
        pytest.skip("there is no man")
    shutil.copytree(ROOT / "share", tmp_path / "share")
    for name in ("git-tractatus", "tractatus-merge"):
        (tmp_path / "bin" / name).touch(0o755)
    return {
        **programs,
        "MANPATH": str(tmp_path / "share/man"),
        "MANWIDTH": "80",
        "LC_ALL": "C.UTF-8",
    }


@pytest.mark.slow
@pytest.mark.parametrize("words", [("man", "tractatus-merge"), ("git", "help", "-m", "tractatus")])
def test_the_man_page_is_found_and_read(tmp_path, manual, words):
    """By its own name and as git's help: every verb, its options and its examples are on it."""
    env = {**manual, "MANPAGER": "cat", "PAGER": "cat", "GIT_PAGER": "cat"}
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    text = re.sub(r".\x08|\x1b\[[0-9;]*m", "", done.stdout).replace("\u2010", "-")
    for verb in VERBS:
        assert re.search(rf"^   {verb}$", text, re.MULTILINE), verb
        for example in EXAMPLES[verb]:
            assert f"tractatus-merge {example}" in text
    assert "--since TIME" in text
    assert "TRACTATUS-MERGE(1)" in text


@pytest.mark.slow
def test_the_man_page_is_sound(tmp_path, manual):
    """Nothing in it is warned of."""
    page = str(tmp_path / "share/man/man1/tractatus-merge.1")
    words = ["man", "--warnings=w", "-l", page]
    done = subprocess.run(words, env=manual, capture_output=True, text=True, check=False)
    assert [row for row in done.stderr.splitlines() if "break" not in row] == []


def test_completion_outside_of_every_history_offers_no_ids(tmp_path, programs):
    """And no word of complaint."""
    env = {**programs, "COMP_WORDS": "tractatus-merge show in", "COMP_CWORD": "2",
           "_TRACTATUS_MERGE_COMPLETE": "bash_complete"}  # fmt: skip
    done = subprocess.run(
        ["tractatus-merge"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("", "", 0)
