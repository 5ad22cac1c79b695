"""The merge of a file of records, by size: against two floors, the peers, and itself at 1,000.

    .venv/bin/python benchmarks/merge.py [--gc] [--rounds N] [SIZE]...

The files: records of 14 fields and about 600 bytes, one a line, or in one list of an indented
document. Each side changed 1 % of them (of those, 10 % in different fields on both, and two in the
same field: the conflicts) and appended 0.1 %. Every candidate reads three files and writes one:

- objects: parse into objects, serialise one side's. No merge that parses is faster.
- raw: split into the records' own bytes, join one side's. No merge that looks is faster.
- engine: this engine, in this process.
- nbdime: its generic merge of the list as it is, and keyed by id for it; parsed as the floors are.
- jsonmerge: by id; it knows no base, so it reads two files.
- process, git: the whole process `merge-file` of this tool, and `git merge-file`.

The candidates take turns and each number is the median of the rounds' ratios; a short candidate is
repeated within its turn. The collector is off while one runs in this process (with --gc, on).
"""

from __future__ import annotations

import argparse
import gc
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.end import environment
from benchmarks.peers import JSONMERGE_SCHEMA, Records, by_id
from benchmarks.scenes import LIST, NAMES, Scene, set_up

SIZES = (100, 1_000, 10_000, 100_000)
FORMS = ("jsonl", "json")
ROUNDS = 7
TURN = 0.1  # seconds that a turn lasts at least
UNIT = 1_000  # the size that others are compared with


Run = Callable[[Scene], object]
Times = dict[tuple[str, int, str], list[float]]
"""By form, size and candidate: the seconds of each round."""


def objects(scene: Scene) -> None:
    """Parse all, serialise one."""
    documents = [parsed(scene.form, data) for data in scene.read()]
    scene.write(serialised(scene.form, documents[1]))


def raw(scene: Scene) -> None:
    """Split all into their records' bytes, join one's."""
    if scene.form == "jsonl":
        lines = [RAW_RECORD.decode_lines(data) for data in scene.read()]
        scene.write(b"\n".join([*map(bytes, lines[1]), b""]))
        return
    documents = [RAW_VALUES.decode(data) for data in scene.read()]
    lists = [RAW_LIST.decode(document[LIST]) for document in documents]
    merged = b",\n    ".join(map(bytes, lists[1]))
    head = b",\n  ".join(
        b'"%s": %s' % (key.encode(), b"[\n    %s\n  ]" % merged if key == LIST else bytes(value))
        for key, value in documents[1].items()
    )
    scene.write(b"{\n  %s\n}" % head)


RAW_RECORD = msgspec.json.Decoder(msgspec.Raw)
RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
RAW_VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])


def engine(scene: Scene) -> Any:
    """This engine, in this process; what it gives back."""
    from tractatus_merge.anyfile.merge import merge_file
    from tractatus_merge.anyfile.tables import Table

    table = Table.of(keys={path_of_list(scene.form): "id"}, rules={}, lists="sequence")
    base, ours, theirs = scene.read()
    merged = merge_file(base, ours, theirs, table, scene.form)
    scene.write(merged.data)
    return merged


def path_of_list(form: str) -> str:
    """How a table names the records."""
    return "[*]" if form == "jsonl" else f"{LIST}[*]"


def nbdime(scene: Scene) -> None:
    """Merge the whole document with nbdime, as it is."""
    scene.write(
        serialised(scene.form, nbdime_merged(*(parsed(scene.form, data) for data in scene.read())))
    )


def nbdime_keyed(scene: Scene) -> None:
    """Merge the records with nbdime, under their ids."""
    documents = [parsed(scene.form, data) for data in scene.read()]
    merged = nbdime_merged(*(by_id(records_of(document)) for document in documents))
    scene.write(serialised(scene.form, put_back(documents[1], list(merged.values()))))


def nbdime_merged(base: Any, ours: Any, theirs: Any) -> Any:
    """What nbdime decides, applied."""
    from nbdime.merging.decisions import apply_decisions
    from nbdime.merging.generic import decide_merge

    return apply_decisions(base, decide_merge(base, ours, theirs))


def jsonmerge(scene: Scene) -> None:
    """Lay theirs over ours by id, with jsonmerge."""
    from jsonmerge import merge

    _, ours, theirs = (parsed(scene.form, data) for data in scene.read())
    merged = merge(records_of(ours), records_of(theirs), JSONMERGE_SCHEMA)
    scene.write(serialised(scene.form, put_back(ours, merged)))


def process(scene: Scene) -> None:
    """Run this tool's `merge-file`."""
    key = f"{path_of_list(scene.form)}=id"
    words = ["merge-file", *files(scene, *NAMES), "-o", *files(scene, "merged"), "--key", key]
    run([sys.executable, "-m", "tractatus_merge", *words], {1})


def git(scene: Scene) -> None:
    """Run `git merge-file`, which counts conflicts in its exit code."""
    with scene.path("merged").open("wb") as merged:
        words = ["merge-file", "--stdout", "--quiet", *files(scene, "ours", "base", "theirs")]
        run(["git", *words], range(1, 128), merged)


def run(command: list[str], codes: Iterable[int], stdout: Any = subprocess.DEVNULL) -> None:
    """Run a command that must end with one of some codes."""
    done = subprocess.run(command, check=False, env=environment(), stdout=stdout)
    assert done.returncode in codes, (command, done.returncode)


def files(scene: Scene, *names: str) -> list[str]:
    """The files' paths, for a command line."""
    return [str(scene.path(name)) for name in names]


def parsed(form: str, data: bytes) -> Any:
    """A file's objects: a list of records, or the document around it."""
    return PARSER.decode_lines(data) if form == "jsonl" else PARSER.decode(data)


def serialised(form: str, value: Any) -> bytes:
    """A file of objects, in the form's layout."""
    if form == "jsonl":
        return SERIALISER.encode_lines(value)
    return msgspec.json.format(SERIALISER.encode(value), indent=2)


PARSER, SERIALISER = msgspec.json.Decoder(), msgspec.json.Encoder()


def records_of(document: Any) -> Records:
    """The records of a parsed file."""
    return document if isinstance(document, list) else document[LIST]


def put_back(document: Any, records: Records) -> Any:
    """A parsed file with other records."""
    return records if isinstance(document, list) else document | {LIST: records}


class Candidate(NamedTuple):
    """What is measured, up to which size, and in how many rounds (None: all)."""

    run: Run
    largest: int | None = None
    rounds: int | None = None


CANDIDATES = {
    "objects": Candidate(objects),
    "raw": Candidate(raw),
    "engine": Candidate(engine),
    "nbdime": Candidate(nbdime, UNIT),
    "keyed": Candidate(nbdime_keyed, UNIT),
    "jsonmerge": Candidate(jsonmerge, UNIT, 1),  # a fifth of a minute for 1,000 records
    "process": Candidate(process),
    "git": Candidate(git),
}


def measure(scenes: list[Scene], rounds: int, *, collect: bool) -> Times:
    """Let the candidates take turns."""
    times: Times = {}
    for number in range(rounds):
        for scene, (name, candidate) in itertools.product(scenes, turned(number)):
            fits = candidate.largest is None or scene.size <= candidate.largest
            if fits and (candidate.rounds is None or number < candidate.rounds):
                seconds = turn(candidate.run, scene, collect=collect)
                times.setdefault((scene.form, scene.size, name), []).append(seconds)
    return times


def turned(number: int) -> list[tuple[str, Candidate]]:
    """The candidates, another one first in each round."""
    items = list(CANDIDATES.items())
    first = number % len(items)
    return items[first:] + items[:first]


def turn(run: Run, scene: Scene, *, collect: bool) -> float:
    """Seconds of one run, the mean of as many as a turn takes."""
    gc.collect()
    if not collect:
        gc.disable()
    try:
        seconds = [timed(run, scene)]
        while sum(seconds) < TURN:
            seconds.append(timed(run, scene))
    finally:
        gc.enable()
    return statistics.mean(seconds)


def timed(run: Run, scene: Scene) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    run(scene)
    return time.perf_counter() - begin


def ratio(times: Times, form: str, size: int, words: str) -> float | None:
    """The median over the rounds of one candidate's time by another's: `engine/raw`."""
    above, below = (times.get((form, size, name), []) for name in words.split("/"))
    ratios = [a / b for a, b in zip(above, below, strict=False)]
    return statistics.median(ratios) if ratios else None


def per_record(times: Times, form: str, size: int, name: str = "engine") -> float | None:
    """A candidate's time for a record, by its time for a record among 1,000."""
    here, there = (times.get((form, each, name), []) for each in (size, UNIT))
    ratios = [(a / size) / (b / UNIT) for a, b in zip(here, there, strict=True)] if there else []
    return statistics.median(ratios) if ratios else None


COLUMNS = (
    *("engine/objects", "engine/raw"),
    *("nbdime/engine", "keyed/engine", "jsonmerge/engine"),
    "process/git",
)


def print_table(times: Times, scenes: list[Scene]) -> None:
    """A line for each form and size."""
    titles = [*COLUMNS, "per record", "so the raw floor"]
    print(f"{'form':6}{'records':>9}" + "".join(f"{title:>18}" for title in titles))
    for scene in scenes:
        ratios = [ratio(times, scene.form, scene.size, words) for words in COLUMNS]
        each = [per_record(times, scene.form, scene.size, name) for name in ("engine", "raw")]
        cells = [*ratios, *each]
        shown = "".join(f"{'-' if cell is None else f'{cell:.2f}':>18}" for cell in cells)
        print(f"{scene.form:6}{scene.size:9,}{shown}")


def print_aims(times: Times, sizes: list[int]) -> None:
    """Each aim beside what came of it, the worst of the forms and sizes."""
    large = [size for size in sizes if size >= 10 * UNIT]
    for floor in ("objects", "raw"):
        found = [ratio(times, form, size, f"engine/{floor}") for form in FORMS for size in large]
        aim(f"at most 1.5 times the {floor} floor at 10,000 and more", found, max, 1.5)
    for peer in ("nbdime", "keyed"):
        found = [ratio(times, form, UNIT, f"{peer}/engine") for form in FORMS]
        aim(f"at least 20 times faster than nbdime ({peer}) at 1,000", found, min, 20)
    found = [per_record(times, form, size) for form in FORMS for size in sizes if size >= UNIT]
    aim("a record costs at any size what it costs at 1,000 (1.25 passes)", found, max, 1.25)


def aim(
    wish: str, found: list[float | None], worst: Callable[[list[float]], float], limit: float
) -> None:
    """One aim, and whether it is met."""
    known = [value for value in found if value is not None]
    if known:
        value = worst(known)
        met = worst([value, limit]) == limit
        print(f"aim: {wish:62} {value:8.2f}  {'met' if met else 'missed'}")


def check(scenes: list[Scene]) -> None:
    """That the engine does what it is measured for: two conflicts, every record."""
    for scene in scenes:
        merged = engine(scene)
        count = len(records_of(parsed(scene.form, merged.data)))
        assert len(merged.contests) == 2, merged.contests
        assert count == scene.size + 2 * max(1, scene.size // 1000), count


def main(words: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", metavar="SIZE", type=int, nargs="*")
    parser.add_argument("--gc", action="store_true", help="leave the garbage collector on")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(words)
    sizes = options.sizes or list(SIZES)
    with tempfile.TemporaryDirectory() as folder:
        scenes = [set_up(Path(folder), form, size) for form in FORMS for size in sizes]
        check(scenes)
        times = measure(scenes, options.rounds, collect=options.gc)
    collector = "on" if options.gc else "off"
    print(f"medians of the ratios of {options.rounds} rounds, garbage collector {collector}")
    print_table(times, scenes)
    print_aims(times, sizes)


if __name__ == "__main__":
    main(sys.argv[1:])
