"""What a commit that is no merge is told to have lost, and what is taken as meant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.git.audit.test_report import report, told
from tests.graphs import Graph, lines
from tests.tool import tool
from tractatus_merge.git.audit.record_versions import parts_of

Step = tuple[Any, str] | tuple[Any, str, str]
"""What stands in the file after it, who wrote it, and the message."""


def tasks(*names: str | int) -> list[dict[str, Any]]:
    """Tasks with a title of their own."""
    return [{"id": f"t{name}", "title": f"task {name}"} for name in names]


def audited(graph: Graph, steps: Iterable[Step]) -> list[tuple]:
    """The losses of commits that follow each other."""
    mark: list[int] = []
    for content, by, *message in steps:
        mark = [graph.commit(content, *mark, by=by, message=message[0] if message else "sync")]
    graph.make()
    return told(report(graph))


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """A repository without a commit."""
    return Graph(tmp_path / "repo")


THREE = [(tasks(1, 2, 3), "Ann"), (tasks(1, 2, 3, 4), "Bo"), (tasks(1, 2, 3, 4, 5), "Ann")]


def test_a_removed_file_is_no_overwrite(graph):
    """Neither are the records that it had lost, nor those of the file that is made anew."""
    assert audited(graph, [*THREE, (None, "Ann", "track tasks elsewhere")]) == []
    mark = graph.commit(tasks(9), graph.marks)
    graph.commit(tasks(9, 10), mark)
    graph.make()
    assert told(report(graph)) == []


def test_a_moved_file_is_no_overwrite_under_either_name(graph):
    """Whichever of the two is looked at."""
    mark: list[int] = []
    for content, by in THREE:
        mark = [graph.commit(content, *mark, by=by)]
    moved = lines(tasks(1, 2, 3, 4, 5))
    graph.commit(moved, *mark, by="Ann", file="new.jsonl", also=b"D records.jsonl\n")
    graph.make()
    assert told(report(graph)) == []
    assert told(report(graph, "new.jsonl")) == []


def test_a_side_that_removed_the_file_may_win(graph):
    """A merge that has no file, as one of its sides: a choice."""
    root = graph.commit(tasks(1))
    gone, edited = graph.commit(None, root), graph.commit(tasks(1, 2), root)
    graph.commit(None, gone, edited)
    graph.make()
    assert told(report(graph)) == []


def test_a_truncation_is_told_whole(graph):
    """Every record that it dropped, those of the file's first commit too, and from how many."""
    many = tasks(*range(242))
    found = audited(graph, [(many[:200], "Ann"), (many, "Bo"), (many[:8], "Ann")])
    assert len(found) == 234
    assert {one[:2] + one[3:] for one in found} == {("truncation", "dropped", "missing")}
    assert [event.shrank for event in report(graph).events] == [(242, 8)]


def test_an_emptied_file_is_a_truncation_of_all_its_versions(graph):
    """Each record as it was last."""
    edited = [tasks(1)[0], {**tasks(2)[0], "n": 2}, *tasks(3)]
    steps = [(tasks(1, 2), "Ann"), (edited[:2], "Ann"), (edited, "Ann"), (b"", "Ann")]
    found = audited(graph, steps)
    assert [one[2] for one in found] == ["t1", "t2", "t3"]
    rows = {parts_of(one.loss.name)[1]: one.row for one in report(graph).losses()}
    assert rows["t2"] == json.dumps(edited[1]).encode()


@pytest.mark.parametrize(
    "message", ["Clean up old tasks", "chore: archive what is done", "Remove all but one", "Reset"]
)
def test_a_message_that_says_so_makes_a_truncation_meant(graph, message):
    """The records are gone because somebody took them out."""
    assert audited(graph, [(tasks(*range(20)), "Ann"), (tasks(0), "Ann", message)]) == []


def test_records_that_another_file_has_now_are_not_lost(graph):
    """One commit took them from here and put them there: into an archive, or a new file."""
    many = tasks(*range(20))
    mark = graph.commit(many, graph.commit(many[:19]), by="Bo")
    archive = lines(many[1:])
    also = b"M 644 inline old/archive.jsonl\ndata %d\n%s\n" % (len(archive), archive)
    graph.commit([*many[:1], *tasks(20)], mark, by="Ann", message="roll", also=also)
    graph.make()
    assert told(report(graph)) == []


def test_a_truncation_beside_an_archive_that_has_only_some_is_told(graph):
    """Those that stand nowhere."""
    many = tasks(*range(20))
    mark = graph.commit(many)
    archive = lines(many[10:])
    also = b"M 644 inline archive.jsonl\ndata %d\n%s\n" % (len(archive), archive)
    graph.commit(many[:1], mark, message="roll", also=also)
    graph.make()
    assert [one[2] for one in told(report(graph))] == [f"t{n}" for n in range(1, 10)]


@pytest.mark.parametrize(
    "message", ["t5 was a mistake", "Drop the newest, add t6", "undo the last one", "Close `t5`."]
)
def test_a_message_that_tells_of_it_makes_a_drop_meant(graph, message):
    """It names the record, or says that it removes."""
    steps = [*THREE, (tasks(1, 2, 3, 4, 6), "Bo", message)]
    assert audited(graph, steps) == []


def test_other_ids_for_all_records_are_no_overwrite(graph):
    """Renumbered, and edited in the same commit: who drops all tells of no older copy."""
    new = [{"id": f"n{n}", "label": f"task no. {n}"} for n in range(1, 6)]
    assert audited(graph, [*THREE, (new, "Bo")]) == []


def test_a_record_with_a_new_id_and_its_old_title_is_not_lost(graph):
    """Renamed and edited by hand in one commit."""
    renamed = {"id": "task-5", "title": "task 5", "state": "done"}
    assert audited(graph, [*THREE, ([*tasks(1, 2, 3, 4), renamed], "Bo")]) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("session A: new", "session B: create", ["t2", "t3"]),
        ("new\n\nSession: 7f3a", "create\n\nSession: 91c2", ["t2", "t3"]),
        ("new\n\nClaude-Session-Id: x", "create\n\nClaude-Session-Id: y", ["t2", "t3"]),
        ("new\n\nAgent: one", "create\n\nAgent: two", ["t2", "t3"]),
        ("new", "create", []),
        ("new\n\nSession: 7f3a", "create\n\nSession: 7f3a", []),
        ("session A: new", "session A: create", []),
        ("new", "create\n\nSession: 7f3a", []),
    ],
)
def test_two_sessions_of_one_author_are_two_writers(graph, before, after, expected):
    """By a trailer or the subject; nobody overwrites oneself."""
    found = audited(
        graph, [(tasks(1), "Al"), (tasks(1, 2, 3), "Al", before), (tasks(1, 9), "Al", after)]
    )
    assert [one[2] for one in found] == expected


@pytest.mark.parametrize(
    ("seconds", "new", "dropped"),
    [
        (30, tasks(9), ["t2", "t3"]),
        (3600, tasks(9), []),
        (-5, tasks(9), ["t2", "t3"]),
        (3600, [{**tasks(9)[0], "created_at": "2025-10-09T08:00:00Z"}], ["t2", "t3"]),
        (3600, [{**tasks(9)[0], "created_at": "2030-10-09T08:00:00Z"}], []),
        (3600, [{**tasks(9)[0], "created_at": "soon"}], []),
        (3600, [{**tasks(9)[0], "created_at": "2025-10-09T08:00:00"}], []),
    ],
)
def test_times_tell_of_two_writers(graph, seconds, new, dropped):
    """A commit written before the one that it undoes, or a minute after; a record made before."""
    mark = graph.commit(tasks(1, 2, 3), graph.commit(tasks(1)))
    graph.commit([*tasks(1), *new], mark, at=graph.time(mark) + seconds)
    graph.make()
    assert [one[2] for one in told(report(graph))] == dropped


def test_one_record_that_is_replaced_at_once_is_thought_better_of(graph):
    """Within a minute, by its own author."""
    mark = graph.commit(tasks(1, 2), graph.commit(tasks(1)))
    graph.commit(tasks(1, 9), mark, at=graph.time(mark) + 5)
    graph.make()
    assert told(report(graph)) == []


ACT = [
    ("Ann", {"a": 1, "b": 1, "c": 1}),
    ("Bo", {"a": 1, "b": 1, "c": 1, "d": 1}),
    ("Ann", {"a": 2, "b": 1, "c": 1}),
]
"""Ann's copy is from before d; she edits a."""


def keyed(values: dict[str, int]) -> dict:
    """Flags by their names."""
    return {name: {"on": value, "owner": f"team {name}"} for name, value in values.items()}


@pytest.mark.parametrize(
    ("file", "wrap", "place"),
    [
        ("flags.json", keyed, ""),
        ("locales/fr.json", lambda values: {n: f"texte {v}" for n, v in values.items()}, ""),
        ("state.json", lambda values: {"version": "1", "flags": keyed(values)}, "flags"),
        ("two.json", lambda values: {"flags": keyed(values), "people": keyed({"x": 1, "y": 1})}, "flags"),
        ("lists.json", lambda values: {"people": [{"id": "x"}], "flags": [{"id": n, "v": v} for n, v in values.items()]}, "flags"),
        ("both.json", lambda values: {"people": [{"id": "x"}], "flags": keyed(values)}, "flags"),
    ],
)  # fmt: skip
def test_a_loss_is_found_in_every_shape(tmp_path: Path, file, wrap, place):
    """Objects keyed by id, flat maps, several collections; and it can be brought back."""
    graph = Graph(tmp_path / "r", file)
    mark: list[int] = []
    for by, values in ACT:
        mark = [graph.commit(json.dumps(wrap(values), indent=2).encode(), *mark, by=by)]
    graph.make()
    found = report(graph)
    assert told(found) == [("overwrite", "dropped", "d", "missing")]
    assert parts_of(found.losses()[0].loss.name) == (place, "d")
    expected = wrap({"a": 2, "b": 1, "c": 1, "d": 1})
    assert tool(graph.folder, "audit", file, "--restore")["restored"] == ["d"]
    assert json.loads((graph.folder / file).read_text()) == expected


def test_a_version_that_is_torn_among_others_is_told_as_such(tmp_path):
    """And the file is audited all the same."""
    graph = Graph(tmp_path / "r", "f.json")
    mark: list[int] = []
    for data in (b'{"a":{"v":1}}', b'{"a":{"v":2}}', b'{"a":{"v":2}', b'{"a":{"v":2},"b":{"v":1}}'):
        mark = [graph.commit(data, *mark)]
    graph.make()
    assert told(report(graph)) == [("write", "invalid", "", "restored")]
