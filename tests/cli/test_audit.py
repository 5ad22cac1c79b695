"""The verb `audit`: what it says, what it writes back, and that it writes nothing else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HISTORY
from tests.graphs import DAY, START, Graph, lines
from tests.tool import run, texts, tool

VIEW = ".claude/instruction-history.json"
BASE = json.loads(HISTORY)
NEW = {"id": "inst_052", "text": "Ask before you deploy.", "explicitness": 0.9, "active": True}
OTHER = {"id": "inst_053", "text": "Never on Fridays.", "active": True}


def history(*more: dict) -> bytes:
    """The history of the bakery with more instructions."""
    return json.dumps({**BASE, "instructions": [*BASE["instructions"], *more]}, indent=2).encode()


@pytest.fixture
def lossy(tmp_path: Path) -> Graph:
    """A history in which a merge dropped inst_052 and kept inst_053."""
    graph = Graph(tmp_path / "lossy", VIEW)
    root = graph.commit(history())
    sides = [graph.commit(history(NEW), root, by="Al"), graph.commit(history(OTHER), root)]
    merge = graph.commit(history(OTHER), *sides, by="Jo Baker", message="Merge\n\nbranch")
    graph.commit(history(OTHER), merge, file="README")
    ids = graph.make()
    graph.merge = ids[merge]
    graph.git("config", "user.name", "Jo")
    graph.git("config", "user.email", "jo@example.org")
    return graph


def everything(folder: Path) -> dict[str, bytes]:
    """Every file, the repository's own included."""
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_it_tells_the_losses_and_one_sentence_last(lossy):
    """A line a commit, counts first; the picture; the sentence that one repeats; on request records."""
    before = everything(lossy.folder)
    ran = run(lossy.folder, "audit")
    assert everything(lossy.folder) == before
    assert ran.code == 0
    assert ran.err == ""
    told = ran.out.splitlines()
    row = next(line for line in told if lossy.merge[:10] in line)
    assert row.split() == [
        "1", "dropped", "1", lossy.merge[:10], "2025-10-13", "Jo", "Baker", "merge:", "Merge"
    ]  # fmt: skip
    told = run(lossy.folder, "audit", "--records").out.splitlines()
    row = next(line for line in told if "inst_052" in line)
    assert row.split() == [
        lossy.merge[:10], "2025-10-13", "Jo", "Baker", "merge", "dropped", "inst_052", "(missing)"
    ]  # fmt: skip
    assert any("####" in line and "1 lost in" in line for line in told)
    assert told[-1] == (
        "In 3 days 1 instruction was added, then lost; the last: inst_052, by Jo Baker, "
        f"in merge {lossy.merge[:10]}."
    )


def test_its_json_has_every_merge_with_what_it_added_and_lost(lossy):
    """The same as data, whole ids and times."""
    data = tool(lossy.folder, "audit", VIEW)
    assert data["events"] == [
        {
            "commit": lossy.merge,
            "what": "merge",
            "date": "2025-10-13T08:53:20Z",
            "author": "Jo Baker <jobaker@example.org>",
            "subject": "Merge",
            "added": ["inst_052", "inst_053"],
            "losses": [
                {
                    "kind": "dropped",
                    "today": "missing",
                    "record": "inst_052",
                    "fields": [],
                    "list": "instructions",
                }
            ],
        }
    ]
    assert data["counts"]["dropped"] == 1
    assert data["missing"] == ["inst_052"]
    assert (data["commits"], data["records"], data["days"]) == (4, 4, 3)
    assert sum(period["lost"] for period in data["periods"]) == 1
    assert data["sentence"].startswith("In 3 days 1 instruction was")


def test_since_leaves_out_what_is_older(lossy):
    """A date as git reads it; the days are counted from it."""
    late = START + 4 * DAY
    data = tool(lossy.folder, "audit", VIEW, f"--since=@{late + 1}")
    assert data["events"] == []
    assert data["sentence"].endswith("days no instruction was added, then lost.")
    assert len(tool(lossy.folder, "audit", f"--since=@{late}")["events"]) == 1


def test_restore_writes_the_record_back_and_nothing_else(lossy):
    """Into the working file, the rest byte for byte; twice changes nothing."""
    view = lossy.folder / VIEW
    before = everything(lossy.folder)
    dry = tool(lossy.folder, "audit", "--restore", "--dry-run")
    none = {"there": [], "renamed": {}, "fields": {}}
    assert dry == {"restored": ["inst_052"], **none, "dry_run": True}
    assert everything(lossy.folder) == before
    was = view.read_text()
    assert tool(lossy.folder, "audit", "--restore")["restored"] == ["inst_052"]
    at = was.rindex("\n  ],")
    record = json.dumps(NEW, indent=2).replace("\n", "\n    ")
    assert view.read_text() == f"{was[:at]},\n    {record}{was[at:]}"
    changed = {name for name, data in everything(lossy.folder).items() if data != before.get(name)}
    assert changed == {str(view)}
    again = run(lossy.folder, "audit", "--restore")
    assert "nothing to restore" in again.out
    assert "inst_052 stands there already" in again.err
    assert json.loads(view.read_text())["instructions"][-1] == NEW


def test_restore_brings_back_everything_that_is_told(tmp_path):
    """Records, under a new id where another has theirs, and edits; with the text that was lost."""
    graph = Graph(tmp_path / "r")
    a, b, c = ({"id": name, "title": f"the {name}", "n": 1} for name in "abc")
    root = graph.commit([a])
    one = graph.commit([{**a, "n": 2}, b, c], root, by="Al")
    other = graph.commit([a, {**b, "title": "another"}], root, by="Bo")
    graph.commit([a, {**b, "title": "another"}], one, other, message="merge")
    graph.make()
    ran = run(graph.folder, "audit", graph.file)
    assert "2 records and edits of 1 record missing today" in ran.out
    ran = run(graph.folder, "audit", graph.file, "--restore")
    merge = graph.git("rev-parse", "HEAD")[:10]
    assert ran.out.splitlines() == [
        f"restored b under the id b_{merge[:8]}, as of {merge}: the b",
        f"restored c, as of {merge}: the c",
        f"restored a, as of {merge}: n = 2",
    ]
    assert list(map(json.loads, (graph.folder / graph.file).read_text().splitlines())) == [
        {**a, "n": 2},
        {**b, "title": "another"},
        {**b, "id": f"b_{merge[:8]}"},
        c,
    ]
    again = run(graph.folder, "audit", graph.file, "--restore", "c")
    assert "stands there already: it stays as it is; lost was: the c" in again.err
    assert tool(graph.folder, "audit", graph.file, "--restore")["restored"] == []


def test_two_screens_are_enough(tmp_path):
    """Whatever was lost, in how many commits, over how long a time."""
    graph = Graph(tmp_path / "r")
    base = [{"id": f"r{n}"} for n in range(60)]
    mark = graph.commit(base)
    for number in range(60):
        sides = [graph.commit([*base, {"id": f"{s}{number}"}], mark, by=s) for s in "xy"]
        mark = graph.commit([*base, {"id": f"x{number}"}], *sides, by="z" * 40, message="m" * 200)
        base = [*base, {"id": f"x{number}"}]
    graph.commit(base[:4], mark)
    graph.make()
    ran = run(graph.folder, "audit", graph.file)
    lines = ran.out.splitlines()
    assert len(lines) <= 48
    assert max(map(len, lines)) <= 150
    assert "... and 46 older commits" in ran.out
    assert "shrank from 120 to 4" in ran.out
    assert len(run(graph.folder, "audit", graph.file, "--records").out.splitlines()) > 170


def test_restore_goes_the_way_of_edits_where_there_is_a_head(lossy):
    """After `init` the record is in the shared history, and so in the view, with its author."""
    tool(lossy.folder, "init")
    assert "inst_052" not in texts(lossy.folder)
    ran = run(lossy.folder, "audit", "--restore", "inst_052")
    assert ran.code == 0, ran.err
    assert texts(lossy.folder)["inst_052"] == NEW["text"]
    assert "inst_052" in (lossy.folder / VIEW).read_text()
    assert tool(lossy.folder, "log", "inst_052")["entries"][0]["author"].startswith("Jo")
    assert tool(lossy.folder, "audit", "--restore")["restored"] == []
    tool(lossy.folder, "start", "--id", "alpha111")
    assert tool(lossy.folder, "status", "--session", "alpha111")["added"] == []


def test_a_file_that_git_tracks_no_more_is_judged_as_it_is(lossy):
    """What stands in the file today is not missing, though HEAD has no version of it."""
    lossy.git("rm", "--quiet", "--cached", VIEW)
    lossy.git("commit", "--quiet", "--message=Ignore the view")
    data = tool(lossy.folder, "audit")
    assert (data["records"], data["missing"]) == (4, ["inst_052"])
    tool(lossy.folder, "audit", "--restore")
    data = tool(lossy.folder, "audit")
    assert (data["records"], data["missing"], data["counts"]["dropped"]) == (5, [], 1)


def test_restore_goes_into_an_open_session(lossy):
    """One that is open in this worktree gets the record into its copy."""
    tool(lossy.folder, "init")
    tool(lossy.folder, "start", "--id", "alpha111")
    ran = run(lossy.folder, "audit", "--restore")
    assert "in session alpha111" in ran.err
    assert "inst_052" not in texts(lossy.folder)
    assert tool(lossy.folder, "status", "--session", "alpha111")["added"] == ["inst_052"]


def test_restore_brings_lines_back_as_they_were(tmp_path):
    """In a JSONL file the very bytes; only the ids asked for; no line end at the end stays so."""
    graph = Graph(tmp_path / "r")
    odd = b'{"id":  "b",\t"n": 1.50}'
    a, c = {"id": "a"}, {"id": "c"}
    root = graph.commit(lines([a]))
    sides = [graph.commit(lines([a]) + odd, root), graph.commit(lines([a, c]), root)]
    graph.commit(b'{"id": "a"}', *sides)
    graph.make()
    file = graph.folder / graph.file
    assert tool(graph.folder, "audit", graph.file, "--restore", "b")["restored"] == ["b"]
    assert file.read_bytes() == b'{"id": "a"}\n' + odd
    assert tool(graph.folder, "audit", graph.file, "--restore")["restored"] == ["c"]
    assert file.read_bytes() == b'{"id": "a"}\n' + odd + b'\n{"id": "c"}'


@pytest.mark.parametrize("torn", [None, b"{", b"\xff", history()[:-30]])
def test_restore_leaves_a_file_alone_that_is_not_valid(lossy, torn):
    """Exit 2, with the reason; also where there is no file."""
    view = lossy.folder / VIEW
    view.unlink()
    if torn is not None:
        view.write_bytes(torn)
    ran = run(lossy.folder, "audit", "--restore")
    assert ran.code == 2
    assert VIEW in ran.err
    assert view.exists() == (torn is not None)
    assert torn is None or view.read_bytes() == torn


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["audit", "nowhere.json"], "no commit of this history has a file nowhere.json"),
        (["audit", "/etc/passwd"], "is not in this repository"),
        (["audit", "--key", "number"], "no record of .claude/instruction-history.json has the key"),
        (["audit", "--since", "foo"], "'foo' is no date"),
        (["audit", "--restore", "inst_999"], "a record 'inst_999'"),
        (["audit", "--dry-run"], "--dry-run belongs to --restore"),
        (["audit", "a\nb"], "line end"),
    ],
)
def test_what_cannot_be_audited_is_refused(lossy, words, said):
    """Exit 2, saying what is wrong."""
    ran = run(lossy.folder, *words)
    assert ran.code == 2
    assert said in ran.err


def test_no_commit_is_no_history(tmp_path):
    """A repository that is empty says so."""
    graph = Graph(tmp_path / "empty")
    assert run(graph.folder, "audit", "x.json").code == 2


def test_another_key_is_said_or_set(tmp_path):
    """With --key, or in the table of rules for the file."""
    graph = Graph(tmp_path / "r")
    a, b, c = ({"number": n} for n in (1, 2, 3))
    root = graph.commit([a])
    graph.commit([a, b], graph.commit([a, b], root), graph.commit([a, c], root))
    graph.make()
    assert run(graph.folder, "audit", graph.file).code == 2
    assert tool(graph.folder, "audit", graph.file, "--key", "number")["missing"] == ["3"]
    (graph.folder / ".claude").mkdir()
    table = '[documents."records.jsonl"]\nkey = "number"\n'
    (graph.folder / ".claude/tractatus.toml").write_text(table)
    assert tool(graph.folder, "audit", graph.file)["missing"] == ["3"]


def test_a_shallow_clone_is_told_how_to_become_whole(lossy, tmp_path):
    """Exit 3 and the line to type."""
    clone = tmp_path / "clone"
    words = ["git", "clone", "--quiet", "--depth=1", f"file://{lossy.folder}", str(clone)]
    subprocess.run(words, check=True)
    ran = run(clone, "audit")
    assert ran.code == 3
    assert "git fetch --unshallow" in ran.err


def unpacked(graph: Graph) -> None:
    """Turn the repository's objects into loose ones, which a test can take away."""
    for pack in (graph.folder / ".git/objects/pack").glob("*.pack"):
        data = pack.read_bytes()
        for part in pack.parent.glob(f"{pack.stem}.*"):
            part.chmod(0o600)
            part.unlink()
        graph.git("unpack-objects", "-q", stdin=data)


def lacks(graph: Graph, name: str) -> str:
    """Take one object away; its id."""
    blob = graph.git("rev-parse", name).strip()
    (graph.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    return blob


def test_a_missing_content_is_named_and_passed_over(tmp_path):
    """What can be told without it is told; nothing is told by comparing with it."""
    graph = Graph(tmp_path / "r")
    a, b, c, d = ({"id": name} for name in "abcd")
    mark = graph.commit([a])
    mark = graph.commit([a, b], mark, by="Al")
    mark = graph.commit([a, b, d], mark, by="Bo")
    mark = graph.commit([a, b, c], mark, by="Al")
    mark = graph.commit([a, c], mark, by="Al")
    mark = graph.commit([a, c, b], mark, by="Bo")
    graph.commit([a, c, d], mark, by="Al")
    graph.make()
    unpacked(graph)
    blob = lacks(graph, f"HEAD~4:{graph.file}")
    ran = run(graph.folder, "audit", graph.file, "--records")
    assert ran.code == 0
    assert f"this repository lacks the content {blob[:12]}" in ran.out
    assert "unshallow" not in ran.out + ran.err
    data = tool(graph.folder, "audit", graph.file)
    told = [(loss["kind"], loss.get("record")) for e in data["events"] for loss in e["losses"]]
    assert told == [("invalid", None), ("dropped", "b")]


def test_since_reads_only_what_it_must(tmp_path):
    """A content that is missing from long before is not asked for."""
    graph = Graph(tmp_path / "r")
    mark: list[int] = []
    for number in range(80):
        mark = [graph.commit([{"id": f"r{n}"} for n in range(number + 1)], *mark)]
    graph.make()
    unpacked(graph)
    lacks(graph, f"HEAD~70:{graph.file}")
    assert tool(graph.folder, "audit", graph.file)["counts"]["invalid"] == 1
    data = tool(graph.folder, "audit", graph.file, f"--since=@{START + 75 * DAY}")
    assert data["counts"]["invalid"] == 0
    assert data["commits"] == 6


def test_it_works_in_a_bare_repository_and_a_subfolder(lossy, tmp_path):
    """Wherever git finds a history; the file is named from where one stands."""
    bare = tmp_path / "bare.git"
    lossy.git("clone", "--quiet", "--bare", str(lossy.folder), str(bare))
    assert tool(bare, "audit", VIEW)["missing"] == ["inst_052"]
    there = lossy.folder / ".claude"
    assert tool(there, "audit", "instruction-history.json")["missing"] == ["inst_052"]


def test_names_from_the_history_do_no_harm(tmp_path):
    """Escapes and line ends in ids and authors are shown, not obeyed; each loss stays a row."""
    graph = Graph(tmp_path / "r")
    evil = {"id": "x\x1b[31m\nIn 1 day", "text": "t"}
    root = graph.commit([{"id": "a"}])
    sides = [graph.commit([{"id": "a"}, evil], root), graph.commit([{"id": "a"}], root)]
    graph.commit([{"id": "a"}], *sides, by="Al\x1b[2J")
    graph.make()
    ran = run(graph.folder, "audit", graph.file)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert len([line for line in ran.out.splitlines() if line.startswith("In ")]) == 1


def test_progress_is_shown_on_a_terminal_only(lossy):
    """A bar on standard error where that is a terminal; standard output stays the same."""
    words = [sys.executable, "-m", "tractatus_merge", "-C", str(lossy.folder), "audit", "--json"]
    quiet = subprocess.run(words, capture_output=True, check=True)
    assert quiet.stderr == b""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        out = process.stdout.read()
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert process.returncode == 0
    assert out == quiet.stdout
    assert b"commits" in shown and b"100%" in shown


def test_a_file_that_never_held_records_is_refused(tmp_path):
    """Instead of a sentence that nothing was lost from it."""
    graph = Graph(tmp_path / "other", "README.md")
    graph.commit(b"# Words")
    graph.make()
    refused = run(graph.folder, "audit", "README.md")
    assert refused.code == 2
    assert "no version of README.md is JSON or JSONL" in refused.err
