"""The merge driver as git runs it: every way in which git merges a file."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import bakery, git
from tests.standin import StandIn, installed
from tests.tool import run, tool
from tractatus_merge.cli.commands.merge_driver import UNMERGEABLE

VIEW = ".claude/instruction-history.json"


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Iterator[Path]:
    """The bakery's repository, with everything installed and committed."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        made = bakery(folder)
        installed(made, StandIn(folder), patch)
        git(made, "add", "--all")
        git(made, "commit", "--quiet", "--message=Merge by records")
        yield made


@pytest.fixture
def clone(template, tmp_path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "clone", symlinks=True))


def tried(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run git, whatever its exit code."""
    return subprocess.run(
        ["git", "-C", folder, *words], capture_output=True, text=True, check=False
    )


def edit(folder: Path, name: str = "inst_001", **changes: Any) -> None:
    """Change fields of an instruction in the file, or add it, as a script would."""
    path = folder / VIEW
    document = json.loads(path.read_text("utf-8"))
    found = next((item for item in document["instructions"] if item["id"] == name), None)
    if found is None:
        document["instructions"].append({"id": name, **changes})
    else:
        found |= changes
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False), "utf-8")


def commit(folder: Path, name: str = "inst_001", **changes: Any) -> str:
    """Commit such a change; the gate is not what is tested here."""
    edit(folder, name, **changes)
    git(
        folder,
        "-c",
        "core.hooksPath=/dev/null",
        "commit",
        "--quiet",
        "--all",
        f"--message=Change {name}",
    )
    return git(folder, "rev-parse", "HEAD").strip()


def said(folder: Path, name: str = "inst_001", path: str = VIEW) -> dict[str, Any]:
    """What the file in the work tree says of an instruction; the file is JSON."""
    document = json.loads((folder / path).read_text("utf-8"))
    return next(item for item in document["instructions"] if item["id"] == name)


def stages(folder: Path) -> set[str]:
    """The stages that the index keeps of the file."""
    return {line.split()[2] for line in git(folder, "ls-files", "-u", "--", VIEW).splitlines()}


def two_sides(folder: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """A branch `side` with one change, and main with another; the side's commit."""
    git(folder, "switch", "--quiet", "--create", "side")
    found = commit(folder, **theirs)
    git(folder, "switch", "--quiet", "main")
    commit(folder, **ours)
    return found


def test_without_the_driver_git_stops_and_with_it_the_fields_merge(clone):
    """Two fields on neighbouring lines: markers in the JSON without, a clean merge with it."""
    two_sides(clone, {"quadrant": "A"}, {"persistence": "B"})
    plain = tried(clone, "-c", "merge.tractatus.driver=false", "merge", "side")
    assert plain.returncode == 1
    git(clone, "merge", "--abort")
    text = tried(clone, "-c", "core.attributesFile=/dev/null", "merge-file", "-p", VIEW, VIEW, VIEW)
    assert text.returncode == 0
    git(clone, "merge", "--quiet", "side")
    assert (said(clone)["quadrant"], said(clone)["persistence"]) == ("A", "B")


def test_a_contested_field_stops_the_merge_with_valid_json_and_the_stages(clone):
    """Exit 1, ours stands in the file, git keeps all three versions, and one line says what to do."""
    two_sides(clone, {"text": "ours\n\x1b[31m"}, {"text": "theirs"})
    done = tried(clone, "merge", "side")
    assert done.returncode == 1
    assert said(clone)["text"] == "ours\n\x1b[31m"
    assert stages(clone) == {"1", "2", "3"}
    told = [line for line in done.stderr.splitlines() if "conflict in" in line]
    sides = 'ours "ours\\n\\u001b[31m" stands, theirs "theirs" waits'
    ways = f"Settle it: git mergetool -t tractatus -- {VIEW}; or edit it, then: git add {VIEW}"
    assert told == [f"{VIEW}: conflict in inst_001.text: {sides}. {ways}"]
    edit(clone, text="both")
    git(clone, "add", VIEW)
    git(clone, "commit", "--quiet", "--message=Settled")
    assert said(clone)["text"] == "both"


@pytest.mark.parametrize("way", ["rebase", "cherry-pick", "stash pop", "revert"])
def test_every_way_of_git_merges_by_records(clone, way):
    """What is replayed, picked, popped or reverted keeps what stands in other fields."""
    if way == "revert":
        picked = commit(clone, persistence="B")
        commit(clone, quadrant="A")
        git(clone, "revert", "--no-edit", picked)
        assert (said(clone)["quadrant"], said(clone)["persistence"]) == ("A", "HIGH")
        return
    if way == "stash pop":
        edit(clone, persistence="B")
        git(clone, "stash", "--quiet")
        commit(clone, quadrant="A")
        git(clone, "stash", "pop", "--quiet")
    else:
        side = two_sides(clone, {"quadrant": "A"}, {"persistence": "B"})
        if way == "rebase":
            git(clone, "switch", "--quiet", "side")
            git(clone, "rebase", "--quiet", "main")
        else:
            git(clone, "cherry-pick", side)
    assert (said(clone)["quadrant"], said(clone)["persistence"]) == ("A", "B")


@pytest.mark.parametrize("reverted", [False, True], ids=["contested", "taken back"])
def test_a_criss_cross_merge_drops_nobodys_word(clone, reverted):
    """Two merges of the same two commits, settled differently: the merge of both asks again.

    And what one side took back since, where the other left it alone, stays taken back.
    """
    side = two_sides(clone, {"text": "one", "quadrant": "A"}, {"text": "two", "notes": "N"})
    main = git(clone, "rev-parse", "HEAD").strip()
    for branch, other, text in (("left", side, "one"), ("right", main, "two")):
        git(clone, "switch", "--quiet", "--create", branch, main if branch == "left" else side)
        assert tried(clone, "merge", other).returncode == 1
        edit(clone, text="same" if reverted else text)
        git(clone, "commit", "--quiet", "--all", "--message=Settled")
    if reverted:
        commit(clone, quadrant="SYSTEM")
    assert len(git(clone, "merge-base", "--all", "left", "right").split()) == 2
    done = tried(clone, "merge", "left")
    assert done.returncode == (0 if reverted else 1)
    assert said(clone)["notes"] == "N"
    if reverted:
        assert (said(clone)["text"], said(clone)["quadrant"]) == ("same", "SYSTEM")
    else:
        assert said(clone)["text"] == "two"
        assert said(clone)["quadrant"] == "A"


def test_with_a_missing_base_what_is_alike_merges_and_two_new_records_both_stay(clone):
    """Histories without a common commit: nothing counts as deleted, nothing is lost."""
    commit(clone, "inst_009", text="ours", timestamp="2025-11-01T00:00:00Z")
    head = (clone / VIEW).read_bytes()
    git(clone, "switch", "--quiet", "--orphan", "other")
    (clone / ".claude").mkdir()
    (clone / VIEW).write_bytes(head)
    edit(clone, "inst_009", text="theirs", timestamp="2025-12-01T00:00:00Z")
    edit(clone, "inst_010", text="new")
    git(clone, "add", VIEW)
    git(clone, "commit", "--quiet", "--message=Another beginning")
    git(clone, "switch", "--quiet", "main")
    done = tried(clone, "merge", "--allow-unrelated-histories", "--no-edit", "other")
    assert done.returncode == 0, done.stderr
    assert "both sides have a new inst_009" in done.stderr
    found = json.loads((clone / VIEW).read_text("utf-8"))["instructions"]
    assert {"ours", "theirs", "new"} <= {item["text"] for item in found}
    assert said(clone, "inst_009")["text"] == "ours"
    assert len(found) == 6


def test_a_renamed_file_is_followed(clone):
    """One side moves the file into a package, the other edits it: the edit is in the moved file."""
    git(clone, "switch", "--quiet", "--create", "side")
    (clone / "package").mkdir()
    git(clone, "mv", ".claude", "package/.claude")
    moved = f"package/{VIEW}"
    path = clone / moved
    path.write_text(path.read_text("utf-8").replace('"SYSTEM"', '"B"'), "utf-8")
    git(clone, "commit", "--quiet", "--all", "--message=Move it")
    git(clone, "switch", "--quiet", "main")
    commit(clone, persistence="A")
    git(clone, "merge", "--quiet", "side")
    assert (said(clone, path=moved)["persistence"], said(clone, path=moved)["quadrant"]) == (
        "A",
        "B",
    )


def test_a_file_with_a_table_merges_by_it(repo, tmp_path, monkeypatch):
    """What `[documents]` names is merged by its rules, whatever its name."""
    settings = '[documents."my list #1.jsonl"]\ncollection = "[*]"\nkey = "id"\nrules = {"[*].n" = "max"}\n'
    (repo / ".claude" / "tractatus.toml").write_text(settings)
    path = repo / "my list #1.jsonl"
    lines = ['{"id": "a", "n": 1, "t": "x"}\n', '{"id": "b", "n": 1}\n']
    path.write_text("".join(lines))
    installed(repo, StandIn(tmp_path), monkeypatch)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=A list")
    for branch, number, text in (("side", 3, "y"), ("main", 2, "z")):
        git(repo, "switch", "--quiet", *(["--create"] if branch == "side" else []), branch)
        path.write_text(f'{{"id": "a", "n": {number}, "t": "{text}"}}\n{lines[1]}')
        git(repo, "commit", "--quiet", "--all", "--message=Count")
    done = tried(repo, "merge", "side")
    assert done.returncode == 1
    assert "conflict in a.t" in done.stderr
    assert path.read_text() == f'{{"id": "a", "n": 3, "t": "z"}}\n{lines[1]}'


@pytest.mark.parametrize("style", ["merge", "diff3"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ('"SYSTEM"', '{"instructions": ['),
        ('"A"', '"B", "quadrant": "B"'),
        ('"A"', "[" * 500 + "]" * 500),
        ('"A"', "[" * 500),
        ('"SYSTEM"', "[" * 500 + "]" * 500),
    ],
    ids=["torn", "a double key", "too deep", "too deep and torn", "clean"],
)
def test_what_cannot_be_read_is_merged_as_git_does_alone(clone, ours, theirs, style):
    """The same file, markers included, the same exit code and index; and why, in one line."""
    text = (clone / VIEW).read_text("utf-8")
    git(clone, "config", "merge.conflictStyle", style)
    git(clone, "switch", "--quiet", "--create", "side")
    torn = theirs if theirs.startswith("{") else text.replace('"SYSTEM"', theirs, 1)
    for branch, said_ in (("side", torn), ("main", text.replace('"SYSTEM"', ours, 1) + "\n")):
        git(clone, "switch", "--quiet", branch)
        (clone / VIEW).write_text(said_, "utf-8")
        git(clone, "commit", "--quiet", "--all", "--no-verify", "--message=Edit")
    alone = Path(shutil.copytree(clone, clone.with_name("alone"), symlinks=True))
    (alone / ".git/info").mkdir(exist_ok=True)
    (alone / ".git/info/attributes").write_text("* merge -diff\n")
    words = ("merge", "--no-edit", "--no-verify", "side")
    done, expected = tried(clone, *words), tried(alone, *words)
    assert done.returncode == expected.returncode
    assert f"{VIEW} (theirs):" in done.stderr
    found, wanted = ((folder / VIEW).read_text("utf-8") for folder in (clone, alone))
    assert found == wanted
    assert stages(clone) == stages(alone)


UNREADABLE = {
    "comments": '{\n  // note\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4\n}\n',
    "trailing commas": '{\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4,\n}\n',
    "a double key": '{\n  "a": 1,\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4\n}\n',
    "NaN": '{\n  "a": 1,\n  "b": [NaN, -Infinity],\n  "c": 3,\n  "d": 4\n}\n',
    "deep": f'{{\n  "a": 1,\n  "b": {"[" * 5000}{"]" * 5000},\n  "c": 3,\n  "d": 4\n}}\n',
    "deeper": f'{{\n  "a": 1,\n  "b": {"[" * 200000},\n  "c": 3,\n  "d": 4\n}}\n',
    "Latin-1": '{\n  "a": 1,\n  "b": "\xe9",\n  "c": 3,\n  "d": 4\n}\n',
    "two values": '{\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4\n}\n{}\n',
    "UTF-16": "\0{\0\n\0 \0 \0a\0: 1\n\n\n\0d\0:4\n",
}
"""Files that are not the JSON they should be, by why. Each has a `1` and a `4` some lines apart."""


@pytest.mark.slow
@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_a_file_that_is_no_json_is_never_worse_off_than_without_the_tool(
    repo, tmp_path, monkeypatch, style
):
    """Clean where git is clean, else the same markers, labels, exit code and index; a line says why."""
    (repo / ".claude").mkdir(exist_ok=True)
    table = '[documents."*.json"]\n'
    (repo / ".claude/tractatus.toml").write_text(table)
    git(repo, "config", "merge.conflictStyle", style)
    installed(repo, StandIn(tmp_path), monkeypatch)
    names = {
        f"{why} {way}.json": text
        for why, text in UNREADABLE.items()
        for way in ("clean", "contested")
    }
    names |= {"empty.json": "", "emptied.json": UNREADABLE["NaN"]}

    def write(branch: str, change: Any) -> None:
        git(repo, "switch", "--quiet", *(["--create"] if branch == "side" else []), branch)
        for name, text in names.items():
            (repo / name).write_bytes(change(name, text).encode("latin-1"))
        git(repo, "add", "--all")
        git(repo, "commit", "--quiet", "--no-verify", "--message=Change")

    def ours(name: str, text: str) -> str:
        other = {"empty.json": "[NaN]\n", "emptied.json": ""}
        return other[name] if name in other else text.replace("1", "2", 1)

    def theirs(name: str, text: str) -> str:
        if name == "empty.json":
            return "[1]\n"
        return text.replace("4", "5", 1) if "clean" in name else text.replace("1", "3", 1)

    write("main", lambda _, text: text)
    write("side", theirs)
    write("main", ours)
    alone = Path(shutil.copytree(repo, tmp_path / "alone", symlinks=True))
    (alone / ".git/info").mkdir(exist_ok=True)
    (alone / ".git/info/attributes").write_text("* merge -diff\n")
    words = ("merge", "--no-edit", "--no-verify", "side")
    done, expected = tried(repo, *words), tried(alone, *words)
    assert done.returncode == expected.returncode == 1
    for name in names:
        assert (repo / name).read_bytes() == (alone / name).read_bytes(), name
        told = [line for line in done.stderr.splitlines() if line.startswith(name)]
        assert len(told) == 1, (name, done.stderr)
        assert "merged line by line, as git does without rules" in told[0]
        assert f"git add {shlex.quote(name)}" in told[0] or "clean" in name
    assert git(repo, "ls-files", "--unmerged") == git(alone, "ls-files", "--unmerged")


def test_the_markers_have_the_size_and_the_names_that_git_gives(tmp_path):
    """Of git 2.44 and newer; an older one hands the placeholders on, a config may lack them."""
    files = {"base": "[0", "ours": "[1", "theirs": "[2"}
    words = [str(tmp_path / name) for name in files]
    for more, names in (
        (("9", VIEW, "HEAD", "abc", "a branch (x)"), ("HEAD", "a branch (x)")),
        (("9", VIEW, "%X", "%S", "%Y"), ("ours", "theirs")),
        (("9", VIEW), ("ours", "theirs")),
    ):
        for name, text in files.items():
            (tmp_path / name).write_text(text + "\n")
        assert run(tmp_path, "merge-driver", *words, *more).code == 1
        lines = (tmp_path / "ours").read_text().splitlines()
        assert (lines[0], lines[-1]) == (f"{'<' * 9} {names[0]}", f"{'>' * 9} {names[1]}")


def test_what_has_no_lines_stays_as_it_is(tmp_path):
    """Git does not merge binary files: ours stands, and a person is needed."""
    for name in ("base", "ours", "theirs"):
        (tmp_path / name).write_bytes(name.encode() + b"\0")
    words = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
    assert run(tmp_path, "merge-driver", *words, "7", VIEW).code == 1
    assert (tmp_path / "ours").read_bytes() == b"ours\0"


def test_rules_that_cannot_be_read_are_mended_first(tmp_path):
    """No version is at fault: 129, and nothing is merged by lines behind the rules' back."""
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/tractatus.toml").write_text('[documents."x.json"]\nlists = "odd"\n')
    for name, text in (("base", "[]"), ("ours", "[1]"), ("theirs", "[2]")):
        (tmp_path / name).write_text(text)
    words = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
    done = run(tmp_path, "merge-driver", *words, "7", str(tmp_path / "x.json"))
    assert (done.code, (tmp_path / "ours").read_text()) == (UNMERGEABLE, "[1]")


@pytest.mark.parametrize("missing", ["base", "ours", "theirs"])
def test_the_driver_says_129_for_a_file_that_is_not_there(tmp_path, missing):
    """Git is not told that a merge was clean or contested where there was none."""
    for name in {"base", "ours", "theirs"} - {missing}:
        (tmp_path / name).write_text('{"instructions": []}')
    words = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
    done = run(tmp_path, "merge-driver", *words, "7", VIEW)
    assert done.code == UNMERGEABLE == 129
    assert str(tmp_path / missing) in done.err


def test_the_driver_touches_no_store(clone):
    """An aborted merge leaves history, refs and the git directory's own state as they were."""
    run(clone, "init")
    two_sides(clone, {"text": "ours"}, {"text": "theirs"})
    state = sorted(p for p in (clone / ".git" / "tractatus").rglob("*"))
    refs = git(clone, "for-each-ref")
    assert tried(clone, "merge", "side").returncode == 1
    git(clone, "merge", "--abort")
    assert git(clone, "for-each-ref") == refs
    assert sorted(p for p in (clone / ".git" / "tractatus").rglob("*")) == state


@pytest.mark.slow
def test_a_rebase_of_thirty_commits_stops_once_at_most_and_an_abort_leaves_no_trace(clone):
    """Each commit edits a record; main edits one of them too, and brings a record of its own."""
    for number in range(10, 40):
        edit(clone, f"inst_0{number}", text="x", notes="y", rank=1)
    git(clone, "commit", "--quiet", "--all", "--message=Thirty")
    git(clone, "switch", "--quiet", "--create", "side")
    for number in range(10, 40):
        commit(clone, f"inst_0{number}", text=f"side {number}")
    git(clone, "switch", "--quiet", "main")
    for number in range(10, 40):
        edit(clone, f"inst_0{number}", rank=2)
    commit(clone, "inst_011", text="main")
    run(clone, "init")
    refs = git(clone, "for-each-ref")
    git(clone, "switch", "--quiet", "side")
    assert tried(clone, "rebase", "main").returncode == 1
    git(clone, "rebase", "--abort")
    assert git(clone, "for-each-ref") == refs
    assert not git(clone, "status", "--short")
    stops, done = 0, tried(clone, "rebase", "main")
    while done.returncode and stops < 30:
        stops += 1
        edit(clone, "inst_011", text="both")
        git(clone, "add", VIEW)
        done = tried(clone, "-c", "core.editor=true", "rebase", "--continue")
    assert stops == 1
    assert said(clone, "inst_039") == {"id": "inst_039", "text": "side 39", "notes": "y", "rank": 2}


def test_diff_and_log_show_a_line_for_each_field(clone):
    """`git diff` and `git log -p` tell record and field, and no control character gets through."""
    path = clone / VIEW
    path.write_text(path.read_text("utf-8").replace('"The order', '"The\\u001b[2Jorder'), "utf-8")
    git(clone, "commit", "--quiet", "--all", "--message=A new word")
    for words in (("diff", "HEAD~"), ("log", "-p", "-1"), ("show",)):
        out = git(clone, *words)
        assert '+instructions.inst_001.text: "The\\u001b[2Jorder database' in out
        assert "\x1b" not in out
        assert len([line for line in out.splitlines() if line[:1] == "+" and line[1:2] != "+"]) == 1
    (clone / VIEW).write_text("{\x1b[2J", "utf-8")
    assert "+{\\u001b[2J" in git(clone, "diff")
    assert git(clone, "for-each-ref", "refs/notes")
    tool(clone, "uninstall")
    assert not git(clone, "for-each-ref", "refs/notes")


def instruction(folder: Path, name: str = "inst_001") -> dict[str, Any]:
    """An instruction as the history has it, after a look at the file."""
    found = tool(folder, "list", "--all")["instructions"]
    return next(item for item in found if item["id"] == name)


@pytest.mark.parametrize("published", [False, True], ids=["by hand", "one side published"])
def test_what_was_merged_is_taken_in_at_the_next_look_once(clone, published):
    """Both sides' edits are in the history then, and the look after that finds nothing new."""
    tool(clone, "init")
    git(clone, "switch", "--quiet", "--create", "side")
    commit(clone, persistence="LOW")
    git(clone, "switch", "--quiet", "main")
    if published:
        tool(clone, "edit", "inst_001", "--set", "quadrant=RULES")
        git(clone, "commit", "--quiet", "--all", "--message=Publish")
    else:
        commit(clone, quadrant="RULES")
    git(clone, "merge", "--quiet", "side")
    found = instruction(clone)
    assert (found["quadrant"], found["persistence"]) == ("RULES", "LOW")
    head = git(clone, "rev-parse", "tractatus/history")
    instruction(clone)
    assert git(clone, "rev-parse", "tractatus/history") == head


def test_two_published_versions_merge_into_what_the_history_has(clone):
    """Nothing is new in the merged file, so the next look publishes nothing."""
    tool(clone, "init")
    head = git(clone, "rev-parse", "HEAD").strip()
    for branch, value in (("side", "quadrant=RULES"), ("main", "persistence=LOW")):
        git(clone, "switch", "--quiet", *(["--create"] if branch == "side" else []), branch)
        tool(clone, "edit", "inst_001", "--set", value)
        git(clone, "commit", "--quiet", "--all", "--message=Publish")
    assert git(clone, "merge-base", "side", "main").strip() == head
    version = git(clone, "rev-parse", "tractatus/history")
    git(clone, "merge", "--quiet", "side")
    found = instruction(clone)
    assert (found["quadrant"], found["persistence"]) == ("RULES", "LOW")
    assert git(clone, "rev-parse", "tractatus/history") == version


def test_a_rebase_follows_a_new_record_that_got_another_id(clone):
    """Main has a record of that id already: the replayed edits reach the one that gave way."""
    git(clone, "switch", "--quiet", "--create", "side")
    for text in ("first", "second", "third"):
        commit(clone, "inst_009", text=text, timestamp="2025-12-02T00:00:00Z")
    git(clone, "switch", "--quiet", "main")
    commit(clone, "inst_009", text="main", timestamp="2025-12-01T00:00:00Z")
    git(clone, "switch", "--quiet", "side")
    done = tried(clone, "rebase", "main")
    assert done.returncode == 0, done.stderr
    assert said(clone, "inst_009")["text"] == "main"
    found = json.loads((clone / VIEW).read_text("utf-8"))["instructions"]
    assert [item["text"] for item in found if item["id"].startswith("inst_009_")] == ["third"]
