"""What an audit finds in a history: in every merge and every write, and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.peers import engine
from benchmarks.real_merges import Case, read_cases, read_records
from tests.graphs import Graph
from tractatus_merge.git import path_log
from tractatus_merge.git.audit import report as audit_report
from tractatus_merge.git.audit.record_versions import parts_of
from tractatus_merge.git.audit.report import Report
from tractatus_merge.git.plumbing import Plumbing, discover

A, B, C, D = ({"id": name, "text": f"the rule {name}"} for name in "abcd")
A2, A3 = {**A, "port": 2}, {**A, "port": 3}
NOT_JSON = b'{"id": "a", "text": "the ru'
MARKED = b'<<<<<<< ours\n{"id": "a"}\n=======\n>>>>>>> theirs\n'


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """A repository without a commit."""
    return Graph(tmp_path / "repo")


def report(graph: Graph, file: str | None = None, **more) -> Report:
    """The audit of the graph's file."""
    git = Plumbing(discover(graph.folder))
    try:
        return audit_report.audit(git, file or graph.file, **more)
    finally:
        git.close()


def told(found: Report) -> list[tuple]:
    """The losses in short: kind of commit, kind of loss, record, fields, what became of it."""
    return [
        (
            event.what,
            one.loss.kind,
            parts_of(one.loss.name)[1],
            *[".".join(path) for path in one.loss.fields],
            one.today,
        )
        for event in found.events
        for one in event.found
    ]


@pytest.fixture(scope="module")
def cases(data: Path) -> list[Case]:
    """Real merges of concurrent agents' record files."""
    return read_cases(data)


def in_git(folder: Path, cases: list[Case], results: list[bytes]) -> Graph:
    """Each case as a real merge, in a file of its own."""
    graph = Graph(folder)
    for case, result in zip(cases, results, strict=True):
        name, before = f"{case.name}.jsonl", [graph.marks] if graph.marks else []
        base = graph.commit(case.base, *before, file=name)
        sides = [graph.commit(side, base, file=name) for side in (case.ours, case.theirs)]
        graph.commit(result, *sides, file=name, message="merge")
    graph.make()
    return graph


@pytest.mark.slow
def test_every_loss_of_the_real_merges_is_found(tmp_path, data, cases):
    """Of 29 merges as the project committed them: each clear record that is not as it must be."""
    sources = (data / "real-merges/cases.jsonl").read_text("utf-8").splitlines()
    committed = [json.loads(line)["committed"] for line in sources]
    listed = [json.loads(line)["committed_lost"] for line in sources]
    results = ["".join(json.dumps(r) + "\n" for r in records).encode() for records in committed]
    graph = in_git(tmp_path / "real", cases, results)
    for case, records, least in zip(cases, committed, listed, strict=True):
        stands = {record["id"]: record for record in records}
        expected = {name for name, record in case.expected.items() if record != stands.get(name)}
        expected |= case.absent & stands.keys()
        found = report(graph, f"{case.name}.jsonl")
        merges = [event for event in found.events if event.what == "merge"]
        names = {parts_of(one.loss.name)[1] for event in merges for one in event.found}
        assert expected <= names, case.name
        assert len(names) >= least, case.name
        assert names - expected <= {place[0] for place in case.two_sided}, case.name
        assert {event.what for event in found.events} <= {"merge", "truncation"}


@pytest.mark.slow
def test_in_faithful_merges_nothing_is_found(tmp_path, cases):
    """The same merges, made by this engine: no loss and no alarm."""
    results = [case.merged_by(engine).file for case in cases]
    assert all(read_records(result) is not None for result in results)
    graph = in_git(tmp_path / "faithful", cases, results)
    for case in cases:
        found = report(graph, f"{case.name}.jsonl")
        assert [one for one in told(found) if one[0] == "merge"] == [], case.name
        assert [event.what for event in found.events].count("merge") == 1


def merge_of(graph: Graph, base, ours, theirs, result) -> Report:
    """The audit of one merge."""
    root = graph.commit(base)
    sides = [graph.commit(ours, root, by="Al"), graph.commit(theirs, root, by="Bo")]
    graph.commit(result, *sides, by="Cy", message="merge")
    graph.make()
    return report(graph)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ([A2, B, C], []),
        ([A2, B], [("merge", "dropped", "c", "missing")]),
        ([A, B, C], [("merge", "reverted", "a", "port", "missing")]),
        ([A2, B, C, D], [("merge", "brought back", "d", "stands")]),
        ([A2, B, C, C], [("merge", "duplicate id", "c", "stands")]),
        ([A2, {**B, "text": "new"}, C], [("merge", "altered", "b", "text", "missing")]),
        ([A2, B, {**C, "id": "renamed"}], []),
        ([B, C], [("merge", "dropped", "a", "missing")]),
        (None, [("merge", "dropped", name, "missing") for name in "abc"]),
    ],
)
def test_a_merge_is_judged_by_its_base_and_sides(graph, result, expected):
    """One side edited a and deleted d, the other added c."""
    found = merge_of(graph, [A, B, D], [A2, B], [A, B, C, D], result)
    assert told(found) == expected
    assert [[parts_of(name)[1] for name in event.added] for event in found.events] == [["c"]]
    assert found.events[0].commit.author == "Cy <cy@example.org>"


@pytest.mark.parametrize("torn", [NOT_JSON, MARKED, b"\xff\xfe", b'[{"id": "a"}]x'])
def test_what_an_invalid_merge_lost_shows_when_it_is_mended(graph, torn):
    """The merge is told as invalid, and the first valid version after it is judged as the merge."""
    root = graph.commit([A])
    ours, theirs = graph.commit([A2], root), graph.commit([A, B], root)
    merge = graph.commit(torn, ours, theirs)
    worse = graph.commit(torn + b"x", merge)
    graph.commit([A2], worse)
    graph.make()
    expected = [("write", "invalid", "", "restored")] * 2
    assert told(report(graph)) == [*expected, ("merge", "dropped", "b", "missing")]


def test_an_invalid_version_at_the_end_stands(graph):
    """Nobody has mended it; what was read before is not called lost."""
    graph.commit(NOT_JSON, graph.commit([A, B]))
    graph.make()
    found = report(graph)
    assert told(found) == [("write", "invalid", "", "stands")]
    assert len(found.rows) == 2


WRITES = {
    "the newest record of another is gone, and one is new": (
        [([A], "Al"), ([A, B], "Bo"), ([A, C], "Al")],
        [("overwrite", "dropped", "b", "missing")],
    ),
    "the newest edit of another is undone by an edit elsewhere": (
        [([A, B], "Al"), ([A2, B], "Bo"), ([A, B, C], "Al")],
        [("overwrite", "reverted", "a", "port", "missing")],
    ),
    "in one record, a copy from before the edit is edited elsewhere": (
        [([A], "Al"), ([A2], "Bo"), ([{**A, "note": "x"}], "Al")],
        [("overwrite", "reverted", "a", "port", "missing")],
    ),
    "two records under one id, the second writer's stands": (
        [([A], "Al"), ([A, B], "Bo"), ([A, {"id": "b", "text": "mine"}], "Al")],
        [("overwrite", "dropped", "b", "missing")],
    ),
    "a deletion of another is brought back": (
        [([A, B], "Al"), ([A], "Bo"), ([A, B, C], "Al")],
        [("overwrite", "brought back", "b", "stands")],
    ),
    "a field that another had removed is brought back": (
        [([A2], "Al"), ([A], "Bo"), ([A2, C], "Al")],
        [("overwrite", "brought back", "a", "port", "stands")],
    ),
    "several versions are undone, also one's own": (
        [([A], "Al"), ([A, B], "Al"), ([A, B, C], "Al"), ([A, D], "Al")],
        [("overwrite", "dropped", "c", "missing"), ("overwrite", "dropped", "b", "missing")],
    ),
    "one's own newest record is replaced": ([([A], "Al"), ([A, B], "Al"), ([A, C], "Al")], []),
    "a record is deleted": ([([A], "Al"), ([A, B], "Bo"), ([A], "Al")], []),
    "a value is set back": ([([A], "Al"), ([A2], "Bo"), ([A], "Al")], []),
    "an older record is deleted by one who knew the newest": (
        [([A, B], "Al"), ([A, B, C], "Bo"), ([A, C, D], "Al")],
        [],
    ),
    "an edit that takes one up": ([([A], "Al"), ([A2], "Bo"), ([{**A2, "n": 1}], "Al")], []),
    "an edit of an edit": ([([A], "Al"), ([A2], "Bo"), ([A3, C], "Al")], []),
    "a record of another is edited and renamed": (
        [([A], "Al"), ([A, B], "Bo"), ([A, {**B, "id": "b2"}], "Al")],
        [],
    ),
    "an edited record is deleted": ([([A, B], "Al"), ([A2, B], "Bo"), ([B, C], "Al")], []),
    "the same, written otherwise": (
        [([A], "Al"), (b'{"text":"the rule a",  "id":"a"}\n', "Bo"), ([A, C], "Al")],
        [],
    ),
    "the first version is another file's": ([([A], "Al"), ([B], "Bo")], []),
}


@pytest.mark.parametrize(("versions", "expected"), WRITES.values(), ids=WRITES)
def test_a_write_is_an_overwrite_where_its_copy_was_older(graph, versions, expected):
    """It undid all of the newest changes, took up none of them, and brought something itself."""
    mark: list[int] = []
    for content, author in versions:
        mark = [graph.commit(content, *mark, by=author)]
    graph.make()
    assert told(report(graph)) == expected


def test_a_revert_that_says_so_is_meant(graph):
    """Git's own words in the message are believed."""
    edit = graph.commit([A, B], graph.commit([A]), by="Bo")
    graph.commit([A, C], edit, by="Al", message='Revert "write"\n\nThis reverts commit abc.')
    graph.make()
    assert told(report(graph)) == []


def test_a_doubled_id_is_found_where_it_began(graph):
    """A write that doubles an id, once; mended later it is told as mended."""
    mark = graph.commit([A, A2], graph.commit([A]))
    mark = graph.commit([A, A2, B], mark)
    graph.commit([A2, B], mark)
    graph.make()
    assert told(report(graph)) == [("write", "duplicate id", "a", "restored")]


def test_what_came_back_is_not_missing(graph):
    """Restored as it was, under another id, changed since, or edited again: each is told."""
    base = graph.commit([A, D])
    ours, theirs = graph.commit([A2, D], base), graph.commit([A, B, C, {**D, "n": 1}], base)
    merge = graph.commit([A, D], ours, theirs)
    back = graph.commit([A3, B, {**C, "id": "c2"}, D], merge, message="back")
    graph.commit([A3, {**C, "id": "c2"}, {**D, "n": 1}], back)
    ids = graph.make()
    found = report(graph)
    assert {t[2:] for t in told(found)} == {
        ("a", "port", "changed since"),
        ("b", "restored"),
        ("c", "restored"),
        ("d", "n", "restored"),
    }
    restored = {parts_of(one.loss.name)[1]: one.restored for one in found.losses()}
    assert restored["b"] is not None and restored["b"].oid == ids[back]


def test_a_loss_is_told_once_and_where_it_happened(graph):
    """A branch that lost a record in a merge of its own, and is then merged, is no second loss."""
    root = graph.commit([A])
    main = graph.commit([A, B], root)
    feature = graph.commit([A, C], root)
    lossy = graph.commit([A, C], feature, main)
    main = graph.commit([A, B, D], main)
    graph.commit([A, C, D], main, lossy)
    ids = graph.make()
    found = report(graph)
    assert told(found) == [("merge", "dropped", "b", "missing")]
    assert found.losses()[0].commit.oid == ids[lossy]


def test_a_criss_cross_has_two_bases(graph):
    """What either base had was brought by nobody: both merges' orders are faithful."""
    root = graph.commit([A, B])
    one, two = graph.commit([A2, B], root), graph.commit([A, {**B, "n": 1}], root)
    both = [A2, {**B, "n": 1}]
    left, right = graph.commit(both, one, two), graph.commit(both, two, one)
    left, right = graph.commit([*both, C], left), graph.commit([*both, D], right)
    graph.commit([*both, C], left, right)
    graph.make()
    assert told(report(graph)) == [("merge", "dropped", "d", "missing")]


def test_an_octopus_is_a_merge_of_all(graph):
    """What the third side brought is looked for as well."""
    root = graph.commit([A])
    sides = [graph.commit([A, more], root) for more in (B, C, D)]
    graph.commit([A, B, C], *sides)
    graph.make()
    assert told(report(graph)) == [("merge", "dropped", "d", "missing")]


def test_a_rename_is_followed(graph):
    """What was lost before the file had its name of today is found too."""
    root = graph.commit([A, B, D], file="old.jsonl")
    ours, theirs = (graph.commit([A, B, D, more], root, file="old.jsonl") for more in (C, A3))
    merge = graph.commit([A, B, D], ours, theirs, file="old.jsonl")
    graph.commit([A, B, D, C], merge, also=b"D old.jsonl\n")
    graph.make()
    found = report(graph)
    assert ("merge", "dropped", "c", "restored") in told(found)


@pytest.mark.parametrize(
    ("file", "wrap"),
    [
        ("r.json", json.dumps),
        ("r.json", lambda rs: "\ufeff" + json.dumps({"v": 1, "n": [1], "rules": rs}, indent=2)),
        ("r.json", lambda rs: json.dumps({"v": {"deep": "[" * 3}, "rules": rs})),
        ("records", lambda rs: "\r\n".join(map(json.dumps, rs))),
        ("records", lambda rs: json.dumps(rs, indent=1)),
        ("r.jsonl", lambda rs: '{"header": 1}\n' + "\n\n".join(map(json.dumps, rs))),
    ],
)
def test_every_form_of_file_is_read(tmp_path, file, wrap):
    """A list, lists in an object, lines; with blank lines, elements without an id, a BOM."""
    graph = Graph(tmp_path / "forms", file)
    root = graph.commit(wrap([A]).encode())
    ours, theirs = (graph.commit(wrap([A, more]).encode(), root) for more in (B, C))
    graph.commit(wrap([A, C]).encode(), ours, theirs)
    graph.make()
    found = report(graph)
    assert told(found) == [("merge", "dropped", "b", "missing")]
    assert len(found.rows) == 2


def graphs(seed: int) -> Iterator[tuple[int, ...]]:
    """Parents for each of forty commits: a random graph with many merges."""
    chance = random.Random(seed)
    for number in range(1, 40):
        yield tuple(chance.sample(range(1, number + 1), k=min(number, chance.choice((1, 1, 2, 3)))))


@pytest.mark.parametrize("seed", range(3))
def test_the_bases_are_those_of_git(tmp_path, seed):
    """For every pair of commits of a random graph: the same as `git merge-base --all`."""
    graph = Graph(tmp_path / "graph")
    graph.commit([A])
    for parents in graphs(seed):
        graph.commit([{**A, "n": graph.marks}], *parents)
    graph.commit([A], *range(1, graph.marks + 1))
    graph.make()
    git = Plumbing(discover(graph.folder))
    commits = path_log.commits(git, graph.file)
    git.close()
    order = {commit.oid: number for number, commit in enumerate(commits)}
    assert len(commits) == 41
    pairs = random.Random(seed).sample([(a, b) for a in order for b in order], k=40)
    for one, other in pairs:
        ours = {commits[number].oid for number in path_log.bases(commits, order, (one, other))}
        assert ours == set(graph.git("merge-base", "--all", one, other).split())


class Branches:
    """A main line and two features that merge back and forth, by this engine; some merges lose."""

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph, self.chance, self.count = graph, random.Random(seed), 0
        first = [{"id": f"r{n}", "text": f"the first text {n}"} for n in range(5)]
        root = graph.commit(first)
        self.contents = {root: first}
        self.tips = dict.fromkeys(("main", "one", "two"), root)
        self.bases = {"one": root, "two": root}
        self.planted: set[tuple[int, str]] = set()

    def write(self, name: str) -> None:
        """One record is added, edited or deleted."""
        self.count += 1
        records = list(self.contents[self.tips[name]])
        at = self.chance.randrange(len(records))
        act = self.chance.choice(("add", "edit", "edit", "delete"))
        if act == "add" or len(records) < 3:
            records.append({"id": f"n{self.count}", "text": f"text of record {self.count}"})
        elif act == "edit":
            records[at] = {**records[at], self.chance.choice("xyz"): self.count}
        else:
            del records[at]
        self._commit(name, records, self.tips[name], by=name)

    def merge(self, name: str, feature: str) -> None:
        """A feature into main, or main into it; one time in four an added record is left out."""
        into, from_ = self.tips[name], self.tips["main" if name != "main" else feature]
        base, ours, theirs = (self.contents[m] for m in (self.bases[feature], into, from_))
        if base == theirs:
            return
        records = read_records(engine(base, ours, theirs).file) or []
        known = {record["id"] for record in base}
        added = [r["id"] for r in theirs if r["id"] not in known | {o["id"] for o in ours}]
        lost = added[: self.chance.random() < 0.25]
        records = [record for record in records if record["id"] not in lost]
        self._commit(name, records, into, from_, by="merger")
        self.planted |= {(self.graph.marks, record) for record in lost}
        self.bases[feature] = from_

    def _commit(self, name: str, records: list, *parents: int, by: str) -> None:
        self.tips[name] = mark = self.graph.commit(records, *parents, by=by)
        self.contents[mark] = records


@pytest.mark.parametrize("seed", range(6))
def test_the_losses_that_were_planted_are_found_and_no_others(graph, seed):
    """In random histories of three branches, whose merges are faithful but for what was planted."""
    branches = Branches(graph, seed)
    for turn in range(120):
        feature = branches.chance.choice(("one", "two"))
        if turn % 4 == 3:
            branches.merge(branches.chance.choice(("main", feature)), feature)
        else:
            branches.write(branches.chance.choice(("main", "one", "two")))
    for feature in ("one", "two"):
        branches.merge("main", feature)
    graph.commit(branches.contents[branches.tips["main"]], *branches.tips.values())
    ids = {oid: mark for mark, oid in graph.make().items()}
    found = report(graph).losses()
    told_ = {(ids[one.commit.oid], parts_of(one.loss.name)[1]) for one in found}
    assert branches.planted
    assert told_ == branches.planted
    assert {one.loss.kind for one in found} == {"dropped"}
