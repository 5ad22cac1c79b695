"""`merge-file` on the command line: what it writes, says and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tool import run, tool

BASE = [{"id": "a", "n": 1}, {"id": "b", "n": 1}]
OURS = [{"id": "a", "n": 2}, {"id": "b", "n": 1}]
THEIRS = [{"id": "a", "n": 1}, {"id": "b", "n": 3}]
BOTH = [{"id": "a", "n": 2}, {"id": "b", "n": 3}]
RIVAL = [{"id": "a", "n": 5}, {"id": "b", "n": 1}]
FILES = ("base.json", "tasks.json", "theirs.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three versions in a folder that is in no repository."""
    return versions(tmp_path, BASE, OURS, THEIRS)


def versions(folder: Path, *values: object) -> Path:
    """Write three versions."""
    for name, value in zip(FILES, values, strict=True):
        (folder / name).write_text(json.dumps(value, indent=4))
    return folder


def said(folder: Path, name: str = "tasks.json") -> object:
    """What a file says."""
    return json.loads((folder / name).read_text())


def test_a_clean_merge_goes_into_ours_and_keeps_its_mode(folder):
    """Exit 0; a symbolic link stays one, and the file behind it is written."""
    (folder / "tasks.json").rename(folder / "real.json")
    (folder / "real.json").chmod(0o640)
    (folder / "tasks.json").symlink_to("real.json")
    ran = run(folder, "merge-file", *FILES)
    assert (ran.code, ran.out) == (0, "tasks.json: clean\n")
    assert said(folder, "real.json") == BOTH
    assert (folder / "tasks.json").is_symlink()
    assert (folder / "real.json").stat().st_mode & 0o777 == 0o640


def test_the_result_goes_where_it_is_told(folder):
    """-o writes there, --dry-run nowhere."""
    ours = (folder / "tasks.json").read_bytes()
    assert run(folder, "merge-file", "--dry-run", *FILES).code == 0
    assert run(folder, "merge-file", "-o", "out.json", "--dry-run", *FILES).code == 0
    assert not (folder / "out.json").exists()
    assert run(folder, "merge-file", "-o", "out.json", *FILES).code == 0
    assert said(folder, "out.json") == BOTH
    assert (folder / "tasks.json").read_bytes() == ours


def test_printed_there_are_the_bytes_alone(folder):
    """-p: standard output is the file, byte for byte; conflicts are told beside it, exit 1."""
    (folder / "theirs.json").write_text(json.dumps(RIVAL, indent=4))
    words = [sys.executable, "-m", "tractatus_merge", "merge-file", "-p", *FILES]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, (folder / "tasks.json").read_bytes())
    assert b"conflict" in done.stderr
    assert run(folder, "merge-file", "-p", "-o", "x", *FILES).code == 2
    assert run(folder, "merge-file", "-p", "--json", *FILES).code == 2


def test_a_conflict_has_the_shape_of_every_conflict(folder):
    """Exit 1, ours stands; path with the record's id, kind, base, the sides, the one in force."""
    (folder / "theirs.json").write_text(json.dumps(RIVAL, indent=4))
    found = tool(folder, "merge-file", *FILES, code=1)["conflicts"]
    assert [(item["path"], item["base"]) for item in found] == [(["a", "n"], 1)]
    assert [(side["value"], side["in_force"]) for side in found[0]["sides"]] == [
        (2, True), (5, False),
    ]  # fmt: skip
    assert all(side["base"] == 1 and "writers" in side for side in found[0]["sides"])
    assert found[0]["kind"]
    assert said(folder) == OURS


def test_texts_that_overlap_come_with_their_lines(folder):
    """The rule `text`: hunks."""
    versions(folder, *({"t": f"one\n{word}\nthree\n"} for word in ("two", "2", "zwei")))
    found = tool(folder, "merge-file", "--rule", "t=text", *FILES, code=1)["conflicts"][0]
    assert found["hunks"][0]["line"] == 2


def test_without_a_base_both_are_new(folder):
    """A missing BASE is said, and merges; the rival of ours waits."""
    ran = run(folder, "merge-file", "none.json", *FILES[1:])
    assert ran.code == 1
    assert "none.json" in ran.err
    assert said(folder) == OURS


@pytest.mark.parametrize("names", [("x.jsonl", "y.NDJSON", "z.jsonl"), ("x", "y", "z")])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_are_told_by_name_or_content(tmp_path, names, mark):
    """The ending, else lines that are values: also if ours has one line only."""
    texts = ('{"id": 1}\n', '{"id": 1, "n": 1}\n', '{"id": 1}\n{"id": 2}\n')
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(mark + text)
    assert run(tmp_path, "merge-file", *names).code == 0
    assert (tmp_path / names[1]).read_text() == mark + '{"id": 1, "n": 1}\n{"id": 2}\n'


def test_a_name_or_an_option_tells_the_form_of_a_temporary_file(tmp_path):
    """--name and --format, for one line that could be either."""
    for name, text in (("x", '{"id": 1}'), ("y", '{"id": 1}'), ("z", '{"id": 2}')):
        (tmp_path / name).write_text(text + "\n")
    for words in (("--name", "a.jsonl"), ("--input-format", "jsonl")):
        ran = run(tmp_path, "merge-file", "-o", "out", *words, "x", "y", "z")
        assert (ran.code, (tmp_path / "out").read_text()) == (0, '{"id": 2}\n')


@pytest.mark.parametrize(
    "text",
    [b'[{"id": "a"', b"[\n<<<<<<< ours\n]", b'[{"id": "a", "n": 1, "n": 2}]', b'[{"id": NaN}]',
     b'[{"id": "\xff"}]', b"[" * 5000 + b"]" * 4999, b'{"a":' * 5000 + b"1" + b"}" * 4999,
     b'[{"id": "a", "n": ' + b"[" * 5000 + b"]" * 4999 + b"}]", b""],
    ids=["torn", "markers", "double", "NaN", "byte", "deep", "deep objects", "deep row", "empty"],
)  # fmt: skip
@pytest.mark.parametrize("broken", FILES[1:])
def test_bad_input_is_refused_and_nothing_written(folder, text, broken):
    """Exit 2 with the name of the file; no file changes, none comes, no traceback."""
    (folder / broken).write_bytes(text)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ran = run(folder, "merge-file", *FILES)
    assert ran.code == 2
    assert broken in ran.err
    assert "Traceback" not in ran.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_files_that_cannot_be_read_are_refused(folder):
    """OURS or THEIRS missing, a folder in place of any of them."""
    (folder / "d").mkdir()
    for files in (("base.json", "no.json", "theirs.json"), ("base.json", "tasks.json", "no.json"),
                  ("d", *FILES[1:]), (FILES[0], "d", FILES[2]), (*FILES[:2], "d")):  # fmt: skip
        assert run(folder, "merge-file", *files).code == 2


def settings(folder: Path, text: str) -> None:
    """Write the settings."""
    (folder / ".claude").mkdir(exist_ok=True)
    (folder / ".claude" / "tractatus.toml").write_text(text)


def test_the_settings_above_a_file_say_its_rules(folder):
    """Found upward, in no repository; an option stands on top."""
    settings(folder, '[documents."tasks.json"]\nrules = {"[*].n" = "max"}\n')
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    versions(inner, BASE, OURS, RIVAL)
    assert tool(inner, "merge-file", "-o", "out.json", *FILES)["settled"] == [
        {"path": ["a", "n"], "rule": "max"}
    ]
    assert said(inner, "out.json") == RIVAL
    assert run(inner, "merge-file", "--rule", "[*].n=min", *FILES).code == 0
    assert said(inner) == OURS


def test_a_ready_made_table_is_named_by_an_option_or_in_the_settings(tmp_path):
    """The option takes the place of the settings' table; what else is said stands on top."""
    rows = [[{"id": "a", "updated_at": at, "labels": at}] for at in ([1], [1, 2], [1, 3])]
    for row, at in zip(rows, ("2025-01-01", "2025-02-01", "2025-03-01"), strict=True):
        row[0]["updated_at"] = at
    versions(tmp_path, *rows)
    want = [{"id": "a", "updated_at": "2025-03-01", "labels": [1, 2, 3]}]
    options = ("merge-file", "-o", "out.json")
    assert run(tmp_path, *options, "--table", "beads", *FILES).code == 0
    assert said(tmp_path, "out.json") == want
    settings(tmp_path, '[documents."tasks.json"]\ntable = "beads"\n')
    assert run(tmp_path, *options, *FILES).code == 0
    assert said(tmp_path, "out.json") == want
    assert run(tmp_path, *options, "--rule", "[*].updated_at=min", *FILES).code == 0
    assert said(tmp_path, "out.json") == [{**want[0], "updated_at": "2025-02-01"}]
    assert run(tmp_path, *options, "--table", "notebook", *FILES).code == 1


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("rulez = 1", "rulez"),
        ('rules = {"[*].n" = "newest"}', "newest"),
        ('rules = {"[*]" = "ours", "[*].n" = "max"}', "whole"),
        ('rules = {"a..b" = "max"}', "a..b"),
        ('key = ["id"]', "rules"),
        ('table = "bead"', "bead"),
    ],
)
def test_settings_that_cannot_be_are_refused(folder, table, why):
    """With the file of the settings and what is wrong in it; nothing is written."""
    settings(folder, f'[documents."tasks.json"]\n{table}\n')
    ran = run(folder, "merge-file", *FILES)
    assert ran.code == 2
    assert "tractatus.toml" in ran.err
    assert why in ran.err
    assert said(folder) == OURS


@pytest.mark.parametrize(
    "words",
    [("--rule", "n"), ("--rule", "=max"), ("--rule", "n="), ("--rule", "n=newest"),
     ("--key", "n=id"), ("--key", "a..b[*]=id"), ("--lists", "bag"), ("--input-format", "yaml"), ("--table", "bead")],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(folder, words):
    """Exit 2, nothing written."""
    assert run(folder, "merge-file", *words, *FILES).code == 2
    assert said(folder) == OURS


def test_a_double_id_is_refused_where_its_key_was_said(folder):
    """And named; without the key the list is a plain one."""
    versions(folder, [{"k": 1}], [{"k": 1}, {"k": 1, "n": 1}], [{"k": 1}])
    ran = run(folder, "merge-file", "--key", "[*]=k", *FILES)
    assert (ran.code, "the k '1'" in ran.err, "tasks.json" in ran.err) == (2, True, True)
    assert run(folder, "merge-file", *FILES).code == 0


def test_values_cannot_steer_a_terminal(folder):
    """Escapes in ids and values are shown harmlessly."""
    evil = "\x1b[31m\u202e"
    versions(folder, *([{"id": evil, evil: f"{evil}{n}"}] for n in range(3)))
    ran = run(folder, "merge-file", *FILES)
    assert ran.code == 1
    assert not {"\x1b", "\u202e"} & set(ran.out + ran.err)


def test_a_place_that_cannot_be_written_is_said(folder):
    """Exit 3, no traceback, nothing written."""
    ran = run(folder, "merge-file", "-o", "base.json/x.json", *FILES)
    assert (ran.code, "Traceback" in ran.err) == (3, False)
    assert said(folder) == OURS
