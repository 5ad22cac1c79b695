"""The tools that a record file can be merged with, each called as its users call it.

A tool takes the records of a base and of two sides and gives an `Answer`: the file it leaves, and
the places where it says that a person must choose. This engine and nbdime can be told that
`updated_at` and `content_hash` matter to nobody, so they are; the others have no such setting.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Record = dict[str, Any]
Records = list[Record]
Place = tuple[str, ...]
"""A record's id, or its id and the keys that lead to a value in it."""

DERIVED = ("updated_at", "content_hash")
"""Fields that follow from a record's others: two values of one are no disagreement."""

MARKERS = (b"<<<<<<< ", b"=======", b">>>>>>> ")


class Answer(NamedTuple):
    """What a tool leaves: the file, where it asks, and what in the file it settled without asking.

    A tool that fails leaves no file, and asks about everything.
    """

    file: bytes
    asked: frozenset[Place]
    settled: bytes


Tool = Callable[[Records, Records, Records], Answer]


def jsonl(records: Iterable[Record]) -> bytes:
    """A file with one record a line."""
    lines = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records)
    return "".join(f"{line}\n" for line in lines).encode()


def by_id(records: Records) -> dict[str, Record]:
    """The records under their ids."""
    return {record["id"]: record for record in records}


def engine(base: Records, ours: Records, theirs: Records) -> Answer:
    """This engine, on the files' bytes."""
    from tractatus_merge.anyfile.merge import merge_file
    from tractatus_merge.anyfile.tables import Table

    table = Table.of(
        keys={"[*]": "id"},
        rules={"[*].updated_at": "max", "[*].content_hash": "either"},
        lists="sequence",
    )
    merged = merge_file(jsonl(base), jsonl(ours), jsonl(theirs), table, "jsonl")
    asked = frozenset(tuple(contest.path) for contest in merged.contests)
    return Answer(merged.data, asked, merged.data)


def git_lines(base: Records, ours: Records, theirs: Records) -> Answer:
    """`git merge-file`: a line is a record, and each between conflict markers is asked about."""
    file = git_merge_file([], *map(jsonl, (base, ours, theirs)))
    open_lines, settled = split_at_markers(file)
    asked = frozenset((json.loads(line)["id"],) for line in open_lines)
    return Answer(file, asked, settled)


def git_union(base: Records, ours: Records, theirs: Records) -> Answer:
    """`git merge-file --union`: where lines conflict, those of both."""
    file = git_merge_file(["--union"], *map(jsonl, (base, ours, theirs)))
    return Answer(file, frozenset(), file)


def git_merge_file(options: list[str], base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """What `git merge-file` prints."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, content in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(content)
        command = ["git", "merge-file", "--stdout", "--quiet", *options, *map(str, paths)]
        done = subprocess.run(command, check=False, capture_output=True)
    assert 0 <= done.returncode < 128, done.stderr  # the number of conflicts
    return done.stdout


def split_at_markers(file: bytes) -> tuple[list[bytes], bytes]:
    """The lines between git's conflict markers, and the rest of the file."""
    inside: list[bytes] = []
    outside: list[bytes] = []
    open_ = False
    for line in file.splitlines(keepends=True):
        if line.startswith(MARKERS):
            open_ = not line.startswith(MARKERS[2])
        else:
            (inside if open_ else outside).append(line)
    return inside, b"".join(outside)


def last_file(_base: Records, ours: Records, theirs: Records) -> Answer:
    """The last writer's file: of the side that holds the latest `updated_at`."""
    file = jsonl(max(ours, theirs, key=lambda side: max(map(stamp, side), default="")))
    return Answer(file, frozenset(), file)


def last_record(base: Records, ours: Records, theirs: Records) -> Answer:
    """Record by record the last writer's, by `updated_at`; told the base, so a deletion can hold.

    A record that one side left alone is the other's; one deleted here and edited there stays.
    """
    old, mine, other = map(by_id, (base, ours, theirs))
    merged = []
    for key in mine | other:
        versions = [side[key] for side in (mine, other) if key in side]
        changed = [version for version in versions if version != old.get(key)]
        if changed:
            merged.append(max(changed, key=stamp))
        elif len(versions) == 2:
            merged.append(versions[0])
    file = jsonl(merged)
    return Answer(file, frozenset(), file)


def stamp(record: Record) -> str:
    """When the record was last written (one project's records: compared as text, as it does)."""
    return str(record.get("updated_at", ""))


def nbdime_list(base: Records, ours: Records, theirs: Records) -> Answer:
    """The generic merge of nbdime, on the list that the file is."""
    return nbdime(base, ours, theirs, [record["id"] for record in base])


def nbdime_keyed(base: Records, ours: Records, theirs: Records) -> Answer:
    """The same, after a caller has put the records under their ids for it."""
    return nbdime(by_id(base), by_id(ours), by_id(theirs), None)


def nbdime(base: Any, ours: Any, theirs: Any, ids: list[str] | None) -> Answer:
    """Decide, apply, and read off where nbdime sees a conflict.

    `use-local` is the kindest to it of its strategies here. (Its merge of a text of one line may
    join both sides' lines: 3 records with `use-local`, 17 with `use-remote`, 20 with `clear`.)
    """
    from nbdime.merging.decisions import apply_decisions
    from nbdime.merging.generic import decide_merge
    from nbdime.utils import Strategies

    parents = list(base | ours | theirs) if ids is None else ["*"]
    derived = {f"/{parent}/{field}": "use-local" for parent in parents for field in DERIVED}
    try:
        decisions = decide_merge(base, ours, theirs, Strategies(derived))
        merged = apply_decisions(base, decisions)
    except Exception:  # noqa: BLE001 - whatever a peer raises, its user has no merge
        return Answer(b"", frozenset({()}), b"")
    asked = frozenset(
        place
        for decision in decisions
        if decision.conflict
        for diff in (decision.local_diff, decision.remote_diff)
        for place in nbdime_places(tuple(decision.common_path), diff or [], ids)
    )
    file = jsonl(merged if ids is not None else merged.values())
    return Answer(file, asked, file)


def nbdime_places(path: tuple[Any, ...], diff: Any, ids: list[str] | None) -> Iterator[Place]:
    """The records and fields that a diff at a path touches; `ids` says which index is which."""
    if path:
        record = path[0] if ids is None else ids[path[0]]
        fields = [entry.key for entry in diff] if len(path) == 1 else [path[1]]
        yield from ((record, str(field)) for field in fields)
        return
    for entry in diff:
        if entry.op == "patch":
            yield from nbdime_places((entry.key,), entry.diff, ids)
        elif entry.op == "addrange":
            yield from ((record["id"],) for record in entry.valuelist)
        elif ids is not None:
            yield from ((gone,) for gone in ids[entry.key :][: entry.length])
        else:
            yield (entry.key,)


def jsonmerge(_base: Records, ours: Records, theirs: Records) -> Answer:
    """Lay theirs over ours by id, with jsonmerge: it knows no base and no conflict."""
    from jsonmerge import merge

    file = jsonl(merge(ours, theirs, JSONMERGE_SCHEMA))
    return Answer(file, frozenset(), file)


JSONMERGE_SCHEMA = {
    "mergeStrategy": "arrayMergeById",
    "mergeOptions": {"idRef": "id"},
    "items": {"mergeStrategy": "objectMerge"},
}


def git_json_merge(base: Records, ours: Records, theirs: Records) -> Answer:
    """The merge driver git-json-merge, on a list; where two sides differ it leaves a `?`."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, content in zip(paths, (ours, base, theirs), strict=True):
            path.write_text(json.dumps(content, ensure_ascii=False, indent=2), "utf-8")
        done = subprocess.run([GIT_JSON_MERGE, *paths], check=False, capture_output=True)
        merged = json.loads(paths[0].read_text("utf-8")) if done.returncode == 0 else [None]
    if not all(isinstance(record, dict) and "id" in record for record in merged):
        return Answer(b"", frozenset({()}), b"")
    file = jsonl(merged)
    return Answer(file, frozenset(), file)


GIT_JSON_MERGE = Path(__file__).parent.parent / ".venv/peers/node_modules/.bin/git-json-merge"
"""`make peers` puts it there; without it the others are compared."""

TOOLS: dict[str, Tool] = {
    "this engine": engine,
    "git merge-file, a record a line": git_lines,
    "git merge-file --union": git_union,
    "last writer wins, whole file": last_file,
    "last writer wins, by record": last_record,
    "nbdime, the list as it is": nbdime_list,
    "nbdime, keyed by id for it": nbdime_keyed,
    "jsonmerge, by id": jsonmerge,
    **({"git-json-merge, a list": git_json_merge} if GIT_JSON_MERGE.exists() else {}),
}
