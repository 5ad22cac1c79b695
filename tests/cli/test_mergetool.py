"""`git mergetool` after `git merge` stopped: real git, a real terminal, keys pressed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import bakery, git
from tests.standin import StandIn, installed
from tests.terminal import Shown, on_terminal, program
from tests.tool import plain_edit, run, tool

VIEW = ".claude/instruction-history.json"
LIST = "my list #1.jsonl"
TABLE = f'[documents."{LIST}"]\ncollection = "[*]"\nkey = "name"\n[documents."*.json"]\ncollection = "issues[*]"\nkey = "number"\n'
ASK = "? help: "


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Iterator[Path]:
    """The bakery's repository, with everything installed and committed."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        made = bakery(folder)
        (made / ".claude" / "tractatus.toml").write_text(TABLE)
        installed(made, StandIn(folder), patch)
        git(made, "add", "--all")
        git(made, "commit", "--quiet", "--message=Merge by records")
        yield made


@pytest.fixture
def clone(template, tmp_path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "clone", symlinks=True))


def commit(folder: Path) -> None:
    """Commit everything; the gate is not what is tested here."""
    quiet = ("-c", "core.hooksPath=/dev/null")
    git(folder, "add", "--all")
    git(folder, *quiet, "commit", "--quiet", "--message=Change")


def stopped(folder: Path, sides: Mapping[str, Any]) -> bytes:
    """Merge two branches that each did one of two things; what stands after git has stopped."""
    git(folder, "branch", "side")
    for branch, change in sides.items():
        git(folder, "switch", "--quiet", branch)
        change(folder)
        commit(folder)
    git(folder, "switch", "--quiet", "main")
    done = subprocess.run(["git", "-C", folder, "merge", "side"], capture_output=True, check=False)
    assert done.returncode == 1, done
    return done.stderr


def fields(number: int = 0, **changes: Any) -> Any:
    """A change of an instruction in the file, as a script would do it."""
    return lambda folder: plain_edit(
        folder / VIEW, lambda document: document["instructions"][number].update(changes)
    )


def text(name: str, data: str) -> Any:
    """A change of a whole file."""
    return lambda folder: (folder / name).write_text(data) and None


def asked(folder: Path, *keys: str, **more: Any) -> Shown:
    """Run the mergetool and press a key at each question."""
    words = ("git", "-c", "mergetool.keepBackup=false", "mergetool", "--tool=tractatus")
    return on_terminal(folder, *words, "--no-prompt", keys=[(ASK, key) for key in keys], **more)


def said(folder: Path, number: int = 0) -> dict[str, Any]:
    """An instruction in the file."""
    found = json.loads((folder / VIEW).read_text("utf-8"))["instructions"][number]
    assert isinstance(found, dict)
    return found


OURS = {"text": "Use port 5434, always.", "persistence": "LOW", "quadrant": "OURS"}
THEIRS = {"text": "Use port 5435, always.", "persistence": "MEDIUM", "source": "theirs"}


def test_each_field_is_asked_and_the_answers_are_committed(clone):
    """Local, remote, base: the file is valid JSON with just that, and what merged by itself."""
    told = stopped(clone, {"main": fields(**OURS), "side": fields(**THEIRS)})
    assert b"git mergetool -t tractatus" in told
    shown = asked(clone, "2", "b")
    assert shown.code == 0, shown.text
    assert "1 of 2" in shown.text
    assert "inst_001\x1b[0m   field \x1b[1mtext" in shown.text
    assert "\x1b[32m{+5435,+}" in shown.text or "{+Use port 5435, always.+}" in shown.text
    assert not git(clone, "ls-files", "--unmerged")
    assert not git(clone, "ls-files", "--others")
    commit(clone)
    assert git(clone, "show", "-s", "--format=%p").count(" ") == 1
    found = said(clone)
    assert (found["text"], found["persistence"]) == (THEIRS["text"], "HIGH")
    assert (found["quadrant"], found["source"]) == ("OURS", "theirs")
    assert found["explicitness"] == 0.9
    assert '"explicitness": 0.9' in (clone / VIEW).read_text()
    assert run(clone, "init").code == 0
    assert tool(clone, "show", "inst_001")["text"] == THEIRS["text"]


def test_a_rebase_in_a_linked_worktree_is_settled_from_a_folder_below(clone, tmp_path):
    """There local is the branch that one rebases onto, and the replayed commit is remote."""
    git(clone, "branch", "side")
    fields(**OURS)(clone)
    commit(clone)
    linked = tmp_path / "linked"
    git(clone, "worktree", "add", "--quiet", str(linked), "side")
    fields(text=THEIRS["text"])(linked)
    commit(linked)
    words = ["git", "-C", linked, "rebase", "main"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1
    shown = asked(linked / ".claude", "2")
    assert shown.code == 0, shown.text
    git(linked, "-c", "core.editor=true", "-c", "core.hooksPath=/dev/null", "rebase", "--continue")
    assert said(linked)["text"] == THEIRS["text"]
    assert said(linked)["quadrant"] == "OURS"


@pytest.mark.parametrize("key", ["q", "\x1b", "\x04", "\x03"], ids=["q", "escape", "^D", "^C"])
def test_who_quits_leaves_the_file_as_it_was(clone, key):
    """Also after a first answer; git keeps the conflict."""
    stopped(clone, {"main": fields(**OURS), "side": fields(**THEIRS)})
    before = (clone / VIEW).read_bytes()
    index = git(clone, "ls-files", "--stage")
    shown = asked(clone, "2", key)
    assert shown.code != 0
    assert (clone / VIEW).read_bytes() == before
    assert git(clone, "ls-files", "--stage") == index
    assert not git(clone, "ls-files", "--others")


def editor(folder: Path, *texts: str) -> dict[str, str]:
    """An editor that writes one text after the other, and notes what it was given."""
    script = folder / "an editor"
    cases = "\n".join(
        f'{n}) printf %s {shlex.quote(text)} >"$1" ;;' for n, text in enumerate(texts)
    )
    script.write_text(
        f'#!/bin/sh\nn=$(cat "$0.n" 2>/dev/null || echo 0)\necho $((n + 1)) >"$0.n"\n'
        f'cp "$1" "$0.given"\ncase $n in\n{cases}\nesac\n'
    )
    script.chmod(0o755)
    return {"EDITOR": f"'{script}'"}


def test_a_text_is_edited_as_it_is(clone, tmp_path):
    """The editor gets the local text; what it saves stands, line ends inside included."""
    stopped(clone, {"main": fields(text="ours"), "side": fields(text="theirs")})
    shown = asked(clone, "e", env=editor(tmp_path, "both\nof them\n"))
    assert shown.code == 0, shown.text
    assert (tmp_path / "an editor.given").read_text() == "ours\n"
    assert said(clone)["text"] == "both\nof them"


def test_anything_else_is_edited_as_json_until_it_is_json(clone, tmp_path):
    """What does not parse is told, and asked again; so is an unknown key, and an unsaved file."""
    stopped(clone, {"main": fields(explicitness=0.1), "side": fields(explicitness=0.2)})
    env = editor(tmp_path, "{", "0.150")
    shown = asked(clone, "x", "e", "e", env=env)
    assert shown.code == 0, shown.text
    assert "2  the remote value stands" in shown.text
    assert "not taken: " in shown.text
    assert '"explicitness": 0.150' in (clone / VIEW).read_text()


@pytest.mark.parametrize("env", [{"EDITOR": "true"}, {"EDITOR": "false"}, {"EDITOR": "/no/editor"}])
def test_an_editor_that_gives_nothing_is_no_answer(clone, env):
    """Nothing saved, failed, not there: asked again."""
    stopped(clone, {"main": fields(text="ours"), "side": fields(text="theirs")})
    shown = asked(clone, "e", "1", env={"VISUAL": "", **env})
    assert shown.code == 0
    assert "not taken: " in shown.text
    assert said(clone)["text"] == "ours"


def test_what_is_not_there_on_one_side_can_be_the_answer(clone):
    """A field that one side took away goes; counters that were right are right again."""

    def ours(document: dict[str, Any]) -> None:
        del document["instructions"][0]["notes"]
        document["instructions"][1]["active"] = False
        document["stats"]["active_instructions"] = 1

    def theirs(document: dict[str, Any]) -> None:
        document["instructions"][0]["notes"] = "N"
        document["instructions"][1]["text"] = "T"

    sides = {"main": ours, "side": theirs}
    stopped(clone, {
        name: lambda folder, change=change: plain_edit(folder / VIEW, change)
        for name, change in sides.items()
    })  # fmt: skip
    shown = asked(clone, *"12")
    assert shown.code == 0, shown.text
    assert "(not there)" in shown.text
    assert "notes" not in said(clone)
    assert (said(clone, 1)["active"], said(clone, 1)["text"]) == (True, "T")
    assert json.loads((clone / VIEW).read_text())["stats"]["active_instructions"] == 2


@pytest.mark.parametrize(("key", "stands"), [("2", "theirs"), ("b", None)])
def test_both_added_the_file(clone, key, stands):
    """Without a base: what both say differently is asked, and `base` takes it away."""
    document = json.loads((clone / VIEW).read_text())
    path = "package/" + VIEW

    def added(text_: str) -> Any:
        def write(folder: Path) -> None:
            (folder / path).parent.mkdir(parents=True)
            (folder / path).write_text(json.dumps({**document, "description": text_}))

        return write

    stopped(clone, {"main": added("ours"), "side": added("theirs")})
    shown = asked(clone, key)
    assert shown.code == 0, shown.text
    assert "base     (not there)" in shown.text
    after = json.loads((clone / path).read_text())
    assert after.pop("description", None) == stands
    assert after == {name: value for name, value in document.items() if name != "description"}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_a_file_with_a_table_is_asked_by_its_keys(clone, tmp_path, form, end):
    """Records are known by the key that the table names; what nobody touched keeps its bytes."""
    git(clone, "config", "core.autocrlf", "false")
    key, name = ("name", LIST) if form == "jsonl" else ("number", "a b.json")
    plain = '{"%s": 1,  "n": %s, "t":"%s"}'
    other = f'{{"{key}": 2, "n": 1.0}}'

    def data(n: str, t: str) -> str:
        rows = [plain % (key, n, t), other]
        whole = f'{{"issues": [\n{rows[0]},\n{rows[1]}\n]}}\n'
        return (whole if form == "json" else "".join(f"{row}\n" for row in rows)).replace("\n", end)

    (clone / name).write_bytes(data("1", "x").encode())
    commit(clone)
    sides = {
        branch: lambda folder, words=words: (folder / name).write_bytes(data(*words).encode())
        for branch, words in (("main", ("2", "y")), ("side", ("3", "z")))
    }
    stopped(clone, sides)
    shown = asked(clone, "2", "e", env=editor(tmp_path, "y and z"))
    assert shown.code == 0, shown.text
    assert (clone / name).read_bytes() == data("3", "y and z").encode()


def test_what_needs_no_person_is_written_without_a_question(clone):
    """Git's own merge of lines stops where the records merge: the tool alone mends it."""
    git(clone, "config", "merge.tractatus.driver", "false")
    stopped(clone, {"main": fields(quadrant="A"), "side": fields(persistence="B")})
    shown = asked(clone)
    assert shown.code == 0, shown.text
    assert f"{VIEW}: clean" in shown.text
    assert (said(clone)["quadrant"], said(clone)["persistence"]) == ("A", "B")


def test_an_edit_against_a_deletion_is_asked(clone):
    """The whole record goes where that is the answer."""
    rows = ['{"name": "a", "n": 1}\n', '{"name": "b", "n": 1}\n']
    text(LIST, "".join(rows))(clone)
    commit(clone)
    stopped(
        clone,
        {"main": text(LIST, rows[1]), "side": text(LIST, rows[0].replace("1", "2") + rows[1])},
    )
    assert asked(clone, "1").code == 0
    assert (clone / LIST).read_text() == rows[1]


def test_an_answer_that_doubles_a_record_is_refused(clone, tmp_path):
    """The tool fails with the id, and the file is as it was."""
    rows = ['{"name": "a", "n": 1}\n', '{"name": "b", "n": 1}\n']
    text(LIST, "".join(rows))(clone)
    commit(clone)
    stopped(
        clone,
        {"main": text(LIST, rows[1]), "side": text(LIST, rows[0].replace("1", "2") + rows[1])},
    )
    before = (clone / LIST).read_bytes()
    shown = asked(clone, "e", env=editor(tmp_path, '{"name": "b"}'))
    assert shown.code != 0
    assert "two records of one list have the name 'b'" in shown.text
    assert (clone / LIST).read_bytes() == before


def test_an_answer_of_several_lines_has_the_line_ends_of_the_file(clone, tmp_path):
    """No line of a file with CRLF ends otherwise."""
    git(clone, "config", "core.autocrlf", "false")

    def data(value: Any) -> bytes:
        return json.dumps({"plan": value, "n": 1}, indent=2).replace("\n", "\r\n").encode()

    (clone / "a b.json").write_bytes(data({"x": 1}))
    commit(clone)
    stopped(clone, {
        branch: lambda folder, value=value: (folder / "a b.json").write_bytes(data(value))
        for branch, value in (("main", [1]), ("side", {"x": 2}))
    })  # fmt: skip
    shown = asked(clone, "e", env=editor(tmp_path, '{"x": {"y": [1, 2]}}'))
    assert shown.code == 0, shown.text
    assert (clone / "a b.json").read_bytes() == data({"x": {"y": [1, 2]}})


def test_a_list_without_keys_is_one_value(clone, tmp_path):
    """Lines that are no records: the whole is asked, and edited as one list."""
    name = "numbers.jsonl"
    with (clone / ".gitattributes").open("a") as file:
        file.write(f"{name} merge=tractatus\n")
    with (clone / ".claude/tractatus.toml").open("a") as file:
        file.write(f'[documents."{name}"]\nlists = "whole"\n')
    text(name, "1\n2\n")(clone)
    commit(clone)
    stopped(clone, {"main": text(name, "1\n3\n"), "side": text(name, "1\n4\n")})
    assert asked(clone, "e", env=editor(tmp_path, "[1, 3, 4]")).code == 0
    assert (clone / name).read_text() == "1\n3\n4\n"


def test_an_agent_is_refused_unless_the_settings_allow_it(clone):
    """Exit as for every refusal, the line for a person; `agents_may_resolve` opens it."""
    stopped(clone, {"main": fields(text="ours"), "side": fields(text="theirs")})
    before = (clone / VIEW).read_bytes()
    shown = asked(clone, env={"CLAUDECODE": "1"})
    assert shown.code != 0
    assert "Give this line to a person:" in shown.text
    assert f"git mergetool --tool=tractatus -- {VIEW}" in shown.text
    assert (clone / VIEW).read_bytes() == before
    with (clone / ".claude/tractatus.toml").open("a") as file:
        file.write("[policy]\nagents_may_resolve = true\n")
    assert asked(clone, "2", env={"CLAUDECODE": "1"}).code == 0
    assert said(clone)["text"] == "theirs"


def test_without_a_terminal_the_next_command_is_said(clone):
    """Exit 2; nothing is written."""
    stopped(clone, {"main": fields(text="ours"), "side": fields(text="theirs")})
    before = (clone / VIEW).read_bytes()
    ran = run(clone, "mergetool", VIEW, VIEW, VIEW, VIEW)
    assert ran.code == 2
    assert f"git mergetool --tool=tractatus -- {VIEW}" in ran.err
    assert (clone / VIEW).read_bytes() == before


def test_a_version_that_is_not_json_is_refused(clone):
    """Exit 2, with the name of the version; git keeps the conflict."""
    for name in ("base", "local"):
        shutil.copy(clone / VIEW, clone / name)
    (clone / "remote").write_text("{")
    shown = on_terminal(clone, *program("mergetool", "base", "local", "remote", VIEW))
    assert shown.code == 2
    assert f"{VIEW} (theirs):1" in shown.text


def test_untrusted_text_is_shown_and_not_obeyed(clone):
    """Escapes, line ends and marks of direction in ids, fields and values."""
    evil = "x\x1b]0;t\x07\x1b[2J\nsecond\u202egnol"
    name = f"inst_{evil}"
    plain_edit(clone / VIEW, lambda d: d["instructions"].append({"id": name, "text": "t", evil: 1}))
    commit(clone)
    stopped(clone, {
        "main": fields(3, text=f"ours {evil}", **{evil: [evil, 1]}),
        "side": fields(3, text=f"theirs {evil}", **{evil: {evil: 2}}),
    })  # fmt: skip
    shown = asked(clone, "2", "1", env={"FORCE_COLOR": "1"})
    assert shown.code == 0, shown.text
    questions = shown.text[shown.text.index("1 of 2") :]
    assert "\u202e" not in questions
    assert "\x1b]" not in questions
    assert "\x1b[2J" not in questions
    assert "\nsecond" not in questions
    assert said(clone, 3)["text"] == f"theirs {evil}"


def test_the_printed_line_settles_the_file_also_where_git_remembers_answers(clone):
    """With `rerere.enabled` git itself names no file; typed below the top, the line finds its own."""
    git(clone, "config", "rerere.enabled", "true")
    git(clone, "config", "mergetool.prompt", "false")
    name = "sub/it's [1] $HOME.json"
    (clone / "sub").mkdir()
    (clone / name).write_text('{"n": 1, "m": 1}\n')
    commit(clone)
    sides = {"main": '{"n": 2, "m": 1}\n', "side": '{"n": 3, "m": 2}\n'}
    git(clone, "branch", "side")
    for branch, data in sides.items():
        git(clone, "switch", "--quiet", branch)
        (clone / name).write_text(data)
        commit(clone)
    git(clone, "switch", "--quiet", "main")
    here = clone / "sub"
    done = subprocess.run(["git", "merge", "side"], cwd=here, capture_output=True, check=False)
    found = re.search(r"Settle it: (.*); or edit it, then: (.*)\n", done.stderr.decode())
    assert found is not None, done.stderr
    without = on_terminal(here, "git", "mergetool", "-t", "tractatus")
    assert "No files need merging" in without.text
    shown = on_terminal(here, "sh", "-c", found[1], keys=[(ASK, "2")])
    assert shown.code == 0, shown.text
    assert (clone / name).read_text() == '{"n": 3, "m": 2}\n'
    assert not git(clone, "ls-files", "--unmerged")
    git(here, *shlex.split(found[2])[1:])
