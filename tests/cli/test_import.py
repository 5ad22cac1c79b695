"""The verb `import`: the commits of a history file as the first versions of a line, in any store."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.graphs import DAY, START, Graph
from tests.tool import plain_edit, run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.instructions import conversion, history_file

VIEW = ".claude/instruction-history.json"
STORES = ("git:tractatus/history", "file:", "sqlite:")
BROKEN = b'{"version": "1.0", "instructions": ['


def history(*records: dict, **header: object) -> bytes:
    """A history file, as a script of the framework writes it."""
    document = {"version": "1.0", **header, "instructions": list(records)}
    return json.dumps(document, indent=2).encode() + b"\n"


def rule(number: int, **more: object) -> dict:
    """An instruction."""
    return {"id": f"inst_{number:03d}", "text": f"Rule {number}", "active": True, **more}


ONE, TWO, THREE, FOUR = map(rule, range(1, 5))
PORT = rule(1, port=27017)


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """A repository without a commit."""
    return Graph(tmp_path / "repo", VIEW)


def made(graph: Graph) -> dict[int, str]:
    """Write the commits of a graph; ids by marks."""
    ids = graph.make()
    graph.git("config", "user.name", "Jo")
    graph.git("config", "user.email", "jo@example.org")
    return ids


@pytest.fixture
def past(graph: Graph) -> dict[int, str]:
    """Adding, editing on a branch, a merge, a version that cannot be read, removing, retiring."""
    first = graph.commit(history(ONE), by="Al", message="Begin\n\nwith one rule")
    second = graph.commit(history(ONE, TWO), first, by="Bo", message="Two")
    side = graph.commit(history(PORT, TWO), second, by="Cy", message="The port")
    third = graph.commit(history(ONE, TWO, THREE), second, by="Di", message="Three")
    merge = graph.commit(history(PORT, TWO, THREE), third, side, by="Mo", message="Merge")
    other = graph.commit(history(PORT, TWO, THREE), merge, by="No", file="README")
    broken = graph.commit(BROKEN, other, by="Ed", message="Half a file")
    graph.commit(history(PORT, {**THREE, "active": False}), broken, by="Fi", message="Tidy up")
    return made(graph)


def wrote(folder: Path, name: str) -> dict[str, str]:
    """Who wrote each field of an instruction, by `blame`."""
    fields = tool(folder, "blame", name)["fields"]
    return {one["field"]: one["writers"][-1]["author"].split()[0] for one in fields}


def shown(folder: Path) -> list[tuple[bytes, str, str, str]]:
    """Every version, oldest first: the file it shows, its author, time and message."""
    repo = open_repository(folder)
    try:
        found = [
            (
                history_file.write(conversion.document_of(repo.store.load(entry.version))),
                entry.author,
                entry.time,
                entry.message,
            )
            for entry in repo.store.log()
        ]
    finally:
        repo.close()
    return found[::-1]


def moment(mark: int) -> str:
    """When a commit of a graph was made."""
    at = time.gmtime(START + mark * DAY)
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", at)


@pytest.mark.parametrize("store", STORES)
def test_every_version_is_the_file_as_its_commit_had_it(graph, past, store):
    """To the byte, in every store; author, time and message are the commit's."""
    done = tool(graph.folder, "import", "--store", store)
    assert (done["imported"], done["there"], done["instructions"]) == (5, 0, 2)
    al, bo, di, mo, fi = (
        f"{name} <{name.lower()}@example.org>" for name in ("Al", "Bo", "Di", "Mo", "Fi")
    )
    assert shown(graph.folder) == [
        (history(ONE), al, moment(1), "Begin"),
        (history(ONE, TWO), bo, moment(2), "Two"),
        (history(ONE, TWO, THREE), di, moment(4), "Three"),
        (history(PORT, TWO, THREE), mo, moment(5), "Merge"),
        (history(PORT, {**THREE, "active": False}), fi, moment(8), "Tidy up"),
    ]


@pytest.mark.parametrize("store", STORES)
def test_blame_knows_from_the_first_day_who_wrote_what(graph, past, store):
    """What a merge brought was written by the commits that it brought, not by who merged."""
    run(graph.folder, "import", "--store", store)
    assert wrote(graph.folder, "inst_001") == {
        "id": "Al", "text": "Al", "active": "Al", "port": "Cy"
    }  # fmt: skip
    assert wrote(graph.folder, "inst_003")["active"] == "Fi"
    fields = tool(graph.folder, "blame", "inst_001")["fields"]
    ((writer,),) = (one["writers"] for one in fields if one["field"] == "port")
    assert writer["session"] == f"commit-{past[3][:12]}"
    assert (writer["why"], writer["at"], writer["published"]) == ("The port", moment(3), moment(5))


def test_sql_knows_who_added_what(graph, past):
    """The view answers for imported versions as for sessions'."""
    run(graph.folder, "import", "--store", "sqlite:")
    with sqlite3.connect(graph.folder / ".claude/history/history.db") as connection:
        query = "SELECT instruction, author, session FROM who_added_what ORDER BY added"
        found = {name: (author.split()[0], by) for name, author, by in connection.execute(query)}
    connection.close()
    assert found["inst_001"] == ("Al", f"commit-{past[1][:12]}")
    assert found["inst_003"] == ("Di", f"commit-{past[4][:12]}")


def test_what_cannot_be_read_is_named_and_passed_over(graph, past):
    """With its commit, and why; what it brought shows in the next commit."""
    ran = run(graph.folder, "import")
    assert ran.code == 0
    assert f"passed over: commit {past[7][:10]} (Half a file): {VIEW}:1: " in ran.err


@pytest.mark.parametrize("store", STORES)
def test_the_file_in_the_work_tree_is_as_it_was_and_no_edit(graph, past, store):
    """Nothing is rewritten, nothing is taken in, and the view is not behind."""
    before = (graph.folder / VIEW).read_bytes()
    run(graph.folder, "import", "--store", store)
    versions = len(shown(graph.folder))
    assert "behind" not in run(graph.folder, "status").out
    assert (graph.folder / VIEW).read_bytes() == before
    assert len(shown(graph.folder)) == versions


def test_the_newest_version_holds_what_init_would_make(graph, past, tmp_path):
    """Records and header to the byte: so a clone that ran `init` meets nothing new in it."""
    run(graph.folder, "import")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", graph.folder, clone], check=True)
    subprocess.run(["git", "-C", clone, "remote", "remove", "origin"], check=True)
    run(clone, "init")
    states = []
    for folder in (graph.folder, clone):
        repo = open_repository(folder)
        head = repo.head()
        states.append({key: head.get(*key) for key in head if key[0] != "sessions"})
        repo.close()
    assert states[0] == states[1]


@pytest.mark.parametrize("store", STORES)
def test_an_edit_of_the_file_after_it_is_an_edit_of_the_imported_record(graph, past, store):
    """A script's file has no stamps: it is known all the same, and nothing gets a second id."""
    run(graph.folder, "import", "--store", store)
    plain_edit(graph.folder / VIEW, lambda doc: doc["instructions"][1].update(text="Changed"))
    assert texts(graph.folder) == {"inst_001": "Rule 1", "inst_003": "Changed"}
    assert tool(graph.folder, "conflicts")["conflicts"] == []


def test_an_old_version_of_the_file_is_no_edit(graph, past):
    """A checkout of an older commit changes nothing, nor brings back what was removed since."""
    run(graph.folder, "import")
    count = len(shown(graph.folder))
    (graph.folder / VIEW).write_bytes(history(ONE, TWO, THREE))
    assert texts(graph.folder) == {"inst_001": "Rule 1", "inst_003": "Rule 3"}
    assert len(shown(graph.folder)) == count


def test_an_edit_of_a_removed_record_is_not_lost(graph, past):
    """Somebody changed it on an old branch: it is there again, with the change."""
    run(graph.folder, "import")
    (graph.folder / VIEW).write_bytes(history(ONE, {**TWO, "text": "Needed"}, THREE))
    assert texts(graph.folder)["inst_002"] == "Needed"


def test_show_tells_what_a_commit_took_out(graph, past):
    """As what it changed."""
    run(graph.folder, "import")
    newest = tool(graph.folder, "log")["entries"][0]["version"]
    assert "inst_002" in run(graph.folder, "show", newest).out


@pytest.mark.parametrize("store", STORES)
def test_an_imported_version_is_undone_as_any_other(graph, past, store):
    """The removed record is back, the retired one is in force, and what came before stands."""
    run(graph.folder, "import", "--store", store)
    newest = tool(graph.folder, "log")["entries"][0]["version"]
    assert tool(graph.folder, "undo", newest)["conflicts"] == []
    assert texts(graph.folder) == {
        "inst_001": "Rule 1", "inst_002": "Rule 2", "inst_003": "Rule 3"
    }  # fmt: skip
    assert "retired" not in run(graph.folder, "list", "--all").out


@pytest.mark.parametrize("store", STORES)
def test_a_conflict_names_the_commit_that_wrote_what_stands(graph, past, store):
    """Two sessions edit what a commit wrote; the base is its value, both sides are theirs."""
    run(graph.folder, "import", "--store", store)
    for name in ("one", "two"):
        run(graph.folder, "start", "--id", name)
        run(
            graph.folder,
            "edit",
            "inst_001",
            "--set",
            f"port={len(name)}{name!r}",
            "--session",
            name,
        )
    assert run(graph.folder, "end", "--session", "one").code == 0
    assert run(graph.folder, "end", "--session", "two").code == 1
    assert wrote(graph.folder, "inst_001")["text"] == "Al"


def test_a_history_is_never_imported_twice(graph, past):
    """Done again it does nothing; with versions of its own the line is left as it is."""
    first = tool(graph.folder, "import")
    again = tool(graph.folder, "import")
    assert (again["imported"], again["there"], again["head"]) == (0, 5, first["head"])
    run(graph.folder, "add", "A rule of the tool")
    ran = run(graph.folder, "import")
    assert ran.code == 2
    assert "has the commits up to" in ran.err
    assert len(shown(graph.folder)) == 6


def test_a_line_that_has_begun_is_left_as_it_is(graph, past):
    """A line made by `init` has no place for a past; nothing changes."""
    run(graph.folder, "init")
    ran = run(graph.folder, "import")
    assert (ran.code, len(shown(graph.folder))) == (2, 1)
    assert "has begun already" in ran.err


def test_another_file_is_not_imported_behind_the_first(graph, past, tmp_path):
    """Its commits are others: nothing is mixed."""
    run(graph.folder, "import")
    other = Graph(tmp_path / "other", VIEW)
    other.commit(history(FOUR))
    other.make()
    ran = run(graph.folder, "import", str(other.folder / VIEW))
    assert (ran.code, len(shown(graph.folder))) == (2, 5)


def test_a_file_of_another_repository_can_be_imported(graph, past, tmp_path):
    """Also into a folder without git: the commits are read where the file is."""
    plain = tmp_path / "plain"
    plain.mkdir()
    done = tool(plain, "import", str(graph.folder / VIEW), "--store", "file:")
    assert (done["imported"], done["store"]) == (5, "file:")
    assert wrote(plain, "inst_001")["port"] == "Cy"


def test_two_clones_that_import_make_the_same_versions(graph, past, tmp_path):
    """The commits alone decide: heads of two clones are one commit."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", graph.folder, clone], check=True)
    heads = [tool(folder, "import")["head"] for folder in (graph.folder, clone)]
    assert heads[0] == heads[1]


def test_a_remote_that_has_the_history_is_adopted_not_imported_again(graph, past, tmp_path):
    """The refusal says what to type."""
    run(graph.folder, "import")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", graph.folder, clone], check=True)
    ran = run(clone, "import")
    assert ran.code == 2
    assert "tractatus-merge init" in ran.err
    assert run(clone, "init").code == 0
    assert wrote(clone, "inst_001")["port"] == "Cy"


def test_a_renamed_file_is_followed(graph):
    """To the names that it had before; the rename itself is no version."""
    old = graph.commit(history(ONE), by="Al", file="rules/history.json")
    older = graph.commit(history(ONE, TWO), old, by="Bo", file="rules/history.json")
    moved = history(ONE, TWO)
    graph.commit(moved, older, by="Cy", also=b"D rules/history.json\n")
    made(graph)
    assert tool(graph.folder, "import")["imported"] == 2
    assert wrote(graph.folder, "inst_002")["text"] == "Bo"


def test_a_file_that_was_gone_for_a_while_goes_on(graph):
    """The commit that deleted it is passed over; records that came back are not new."""
    first = graph.commit(history(ONE, TWO), by="Al")
    gone = graph.commit(None, first, by="Bo", message="Away")
    graph.commit(history(ONE, TWO, THREE), gone, by="Cy")
    made(graph)
    ran = run(graph.folder, "import")
    assert "(Away): the file is not there" in ran.err
    assert len(shown(graph.folder)) == 2
    assert wrote(graph.folder, "inst_001")["text"] == "Al"
    assert wrote(graph.folder, "inst_003")["text"] == "Cy"


def test_a_file_that_is_gone_now_can_be_imported(graph):
    """As it stood last."""
    first = graph.commit(history(ONE, TWO), by="Al")
    graph.commit(None, first, by="Bo")
    made(graph)
    assert tool(graph.folder, "import")["instructions"] == 2


def test_a_record_that_was_removed_and_written_again_is_the_last_writers(graph):
    """Who added it first has no part in it any more."""
    first = graph.commit(history(ONE, TWO), by="Al")
    without = graph.commit(history(ONE), first, by="Bo")
    graph.commit(history(ONE, TWO), without, by="Cy")
    made(graph)
    run(graph.folder, "import")
    assert set(wrote(graph.folder, "inst_002").values()) == {"Cy"}


def test_a_value_that_came_back_is_its_last_writers(graph):
    """A wrote it, B changed it, C wrote it again: C."""
    one = graph.commit(history(rule(1, port=1)), by="Al")
    two = graph.commit(history(rule(1, port=2)), one, by="Bo")
    graph.commit(history(rule(1, port=1)), two, by="Cy")
    made(graph)
    run(graph.folder, "import")
    assert wrote(graph.folder, "inst_001") == {
        "id": "Al", "text": "Al", "active": "Al", "port": "Cy"
    }  # fmt: skip


def test_what_a_merge_wrote_itself_is_who_merged(graph):
    """A value that stands in neither side."""
    base = graph.commit(history(ONE), by="Al")
    left = graph.commit(history(rule(1, port=1)), base, by="Bo")
    right = graph.commit(history(rule(1, port=2)), base, by="Cy")
    graph.commit(history(rule(1, port=3)), left, right, by="Mo")
    made(graph)
    run(graph.folder, "import")
    assert wrote(graph.folder, "inst_001")["port"] == "Mo"


def test_what_a_merge_did_not_take_over_blames_nobody_of_its_branch(graph):
    """Ours was kept: the branch's commits wrote nothing that stands."""
    base = graph.commit(history(ONE), by="Al")
    left = graph.commit(history(rule(1, port=1)), base, by="Bo")
    right = graph.commit(history(rule(1, port=2)), base, by="Cy")
    merge = graph.commit(history(rule(1, port=1)), left, right, by="Mo")
    graph.commit(history(rule(1, port=1), TWO), merge, by="Di")
    made(graph)
    assert tool(graph.folder, "import")["imported"] == 3
    assert wrote(graph.folder, "inst_001")["port"] == "Bo"


def test_times_never_go_back_and_one_wrong_clock_dates_nothing_after_it(graph):
    """A version is not older than the one before; what a commit says of itself stands in blame."""
    marks = [graph.commit(history(ONE), by="Al")]
    for number in range(2, 6):
        records = [rule(one) for one in range(1, number + 1)]
        marks.append(graph.commit(history(*records), marks[-1], by="Bo"))
    days = {2: -400, 3: 9000}  # a rebase kept an old date; a clock that was years ahead
    for mark, day in days.items():
        old = str(START + mark * DAY).encode()
        new = str(START + day * DAY).encode()
        graph.stream[mark - 1] = graph.stream[mark - 1].replace(old, new)
    made(graph)
    run(graph.folder, "import")
    times = [one[2] for one in shown(graph.folder)]
    assert times == [moment(1), moment(1), moment(5), moment(5), moment(5)]
    (field,) = (f for f in tool(graph.folder, "blame", "inst_003")["fields"] if f["field"] == "id")
    assert field["writers"][0]["at"] == moment(9000)


def test_a_dry_run_counts_and_writes_nothing(graph, past):
    """No head, no settings, no folder."""
    before = sorted(graph.folder.rglob("*"))
    said = tool(graph.folder, "import", "--store", "file:", "--dry-run")
    assert (said["commits"], [one["oid"] for one in said["passed_over"]]) == (5, [past[7]])
    assert sorted(graph.folder.rglob("*")) == before


@pytest.mark.parametrize("words", [(), ("--store", "file:")])
def test_where_nothing_can_be_imported_nothing_is_made(tmp_path, words):
    """A folder without git, a file without a commit: said in one line, and what serves instead."""
    plain = tmp_path / "plain"
    plain.mkdir()
    assert run(plain, "import", *words).code == 2
    assert list(plain.iterdir()) == []
    graph = Graph(tmp_path / "repo", VIEW)
    graph.commit(b"hello", file="README")
    graph.make()
    ran = run(graph.folder, "import", *words)
    assert (ran.code, ran.err.splitlines()[0]) == (
        2,
        f"error: no commit of this history has a file {VIEW}.",
    )
    assert not (graph.folder / ".claude").exists()


def test_a_past_of_broken_files_alone_makes_no_history(graph):
    """Nothing was imported, and that is told."""
    graph.commit(BROKEN, graph.commit(b"", by="Al"), by="Bo")
    made(graph)
    ran = run(graph.folder, "import")
    assert ran.code == 2
    assert ran.err.startswith(f"error: no commit has a {VIEW} that can be read; the newest: ")
    assert not (graph.folder / ".git/tractatus").exists()


def many(graph: Graph, count: int) -> None:
    """A line of commits, each of which adds a record."""
    mark: tuple[int, ...] = ()
    for number in range(count):
        records = [rule(one) for one in range(number + 1)]
        mark = (graph.commit(history(*records), *mark, by=f"Writer{number}"),)
    made(graph)


@pytest.mark.slow
@pytest.mark.parametrize("store", STORES)
def test_killed_in_the_middle_it_goes_on_when_it_is_run_again(graph, store):
    """Until then no other verb takes the half for the whole; in the end each commit is there once."""
    many(graph, 90)
    command = [sys.executable, "-m", "tractatus_merge", "-C", graph.folder, "import"]
    marker = None
    for round_ in range(4):
        process = subprocess.Popen(
            [*command, "--store", store], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wanted = 15 * (round_ + 1)
        while process.poll() is None and _versions(graph.folder) < wanted:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        ran = run(graph.folder, "status")
        marker = marker or (ran.code == 2 and "is not finished" in ran.err)
    assert marker, "never killed in the middle"
    tool(graph.folder, "import")
    found = shown(graph.folder)
    assert [one[1].split()[0] for one in found] == [f"Writer{number}" for number in range(90)]
    assert wrote(graph.folder, "inst_070")["text"] == "Writer70"
    assert run(graph.folder, "status").code == 0


def _versions(folder: Path) -> int:
    try:
        repo = open_repository(folder)
    except ValueError:  # the settings are being written
        return 0
    try:
        return sum(1 for _ in repo.store.log()) if repo.store.head() else 0
    finally:
        repo.close()


@pytest.mark.slow
def test_two_imports_at_once_make_one_history(graph):
    """One does it, the other is told to come again; none does anything twice."""
    many(graph, 30)
    command = [sys.executable, "-m", "tractatus_merge", "-C", graph.folder, "import"]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    codes = [(process.communicate(), process.returncode)[1] for process in started]
    assert 0 in codes
    assert set(codes) <= {0, 75}
    assert len(shown(graph.folder)) == 30


@pytest.mark.parametrize("store", STORES)
def test_a_commit_without_a_message_is_a_version_all_the_same(graph, store):
    """Or with one that is no line: it takes nothing from what the log says of it."""
    mark = graph.commit(history(ONE), by="Al", message="")
    mark = graph.commit(history(ONE, TWO), mark, by="Bo", message=" \n\nSession: nobody's")
    graph.commit(history(TWO), mark, by="Cy", message="\x01\x02")
    made(graph)
    assert tool(graph.folder, "import", "--store", store)["imported"] == 3
    messages = [one[3] for one in shown(graph.folder)]
    assert messages == ["(no message)", "Session: nobody's", "(no message)"]
    assert tool(graph.folder, "import")["there"] == 3


@pytest.mark.parametrize("init_first", [False, True])
def test_a_clone_that_ran_init_is_united_with_one_that_imported(graph, tmp_path, init_first):
    """Nothing is doubled or in conflict, and both know who wrote what."""
    first = graph.commit(history(ONE), by="Al")
    graph.commit(history(PORT, TWO), first, by="Bo")
    made(graph)
    hub, clone = tmp_path / "hub.git", tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--bare", graph.folder, hub], check=True)
    subprocess.run(["git", "clone", "-q", hub, clone], check=True)
    graph.git("remote", "add", "origin", str(hub))
    for key, value in (("user.name", "Di"), ("user.email", "di@example.org")):
        subprocess.run(["git", "-C", clone, "config", key, value], check=True)
    verbs = [(clone, "init"), (graph.folder, "import")]
    for folder, word in verbs if init_first else verbs[::-1]:
        assert run(folder, word).code == 0
    for folder in (clone, graph.folder, clone):
        assert run(folder, "sync").code == 0
    heads = {tool(folder, "log")["entries"][0]["version"] for folder in (clone, graph.folder)}
    assert len(heads) == 1
    assert texts(clone) == {"inst_001": "Rule 1", "inst_002": "Rule 2"}
    assert wrote(clone, "inst_001") == {"id": "Al", "text": "Al", "active": "Al", "port": "Bo"}


def test_until_an_import_is_done_every_verb_says_how_it_goes_on(graph, past):
    """Also doctor, and init: half a history is taken for none."""
    run(graph.folder, "import")
    repo = open_repository(graph.folder)
    repo.close()
    repo.workspace.importing.touch()
    for words in (
        ["status"],
        ["log"],
        ["add", "A rule"],
        ["init"],
        ["start"],
        ["doctor"],
        ["sync"],
    ):
        ran = run(graph.folder, *words)
        assert ran.code in (1, 2), words
        assert "tractatus-merge import" in ran.out + ran.err, words
    assert len(shown(graph.folder)) == 5
    assert run(graph.folder, "import").code == 0
    assert run(graph.folder, "status").code == 0


@pytest.mark.damaged
def test_a_content_that_is_missing_is_named_before_any_write(graph, past):
    """Without it no version can be made; the line is not begun."""
    blob = graph.git("rev-parse", f"{past[2]}:{VIEW}").strip()
    (graph.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    ran = run(graph.folder, "import")
    assert (ran.code, blob in ran.err, "git fetch" in ran.err) == (3, True, True)
    assert run(graph.folder, "log").code == 2
