"""The folders of sessions: looked at once, and smaller as time goes by; nothing is lost by it."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.tool import plain_edit, run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.sessions import folders, late_writes, publish, sweep
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.folders import FILE, Folders
from tractatus_merge.system import files, locks

LONG = 24 * 3600


MANY = 3


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """It is noted of few folders what is in them."""
    monkeypatch.setattr(folders, "MANY", MANY)


def folder(line: Path, name: str) -> Path:
    """A session's folder."""
    return line / ".git/tractatus/sessions" / name


def ended(line: Path, name: str, *, code: int = 0) -> Path:
    """A session that added an instruction and was merged; its folder."""
    tool(line, "start", "--id", name)
    tool(line, "add", f"What {name} says.", "--session", name)
    tool(line, "end", "--session", name, code=code)
    return folder(line, name)


def aged(place: Path, seconds: float = LONG) -> Path:
    """Let a session have ended so long ago."""
    then = time.time() - seconds
    os.utime(place / "session.json", (then, then))
    return place


def small(line: Path, name: str) -> Path:
    """A session that was merged a day ago, and let go of base and copy."""
    place = aged(ended(line, name))
    ended(line, f"{name}-next")
    assert not (place / "instruction-history.json").exists()
    return place


def many(line: Path, count: int) -> list[Path]:
    """So many merged sessions, each with the folder that it leaves."""
    first = ended(line, "first")
    facts = json.loads((first / "session.json").read_text())
    for number in range(count):
        place = first.with_name(f"other-{number:03}")
        shutil.copytree(first, place)
        said = {**facts, "id": place.name, "tag": f"{number:08x}"}
        (place / "session.json").write_text(json.dumps({**said, "last": None}))
    return [first.with_name(f"other-{number:03}") for number in range(count)]


def size(place: Path) -> int:
    """The bytes of a folder."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


@pytest.fixture
def large(line):
    """A line with a history of 100 instructions more."""
    tool(line, "start", "--id", "maker")
    copy = folder(line, "maker") / "instruction-history.json"
    rows = [{"id": f"rule_{n:03}", "text": f"Rule {n} " + "is long. " * 30} for n in range(100)]
    plain_edit(copy, lambda said: said["instructions"].extend(rows))
    tool(line, "end", "--session", "maker")
    return line


def test_a_merged_session_s_folder_is_small(large):
    """2.5 times the history at once, and at most 20 kB when no prune can take its work any more."""
    place = ended(large, "one")
    history = (large / ".claude/instruction-history.json").stat().st_size
    assert size(place) <= 2.5 * history
    aged(place)
    ended(large, "two")
    assert size(place) <= 20_000


def test_a_session_that_let_go_of_its_copy_goes_on_as_if_it_had_it(line):
    """Resumed, it has base and copy as the history has them, and its edits are merged."""
    place = small(line, "one")
    assert tool(line, "show", "inst_001", "--session", "one")["id"] == "inst_001"
    assert tool(line, "status", "--session", "one")["added"] == []
    assert not (place / "instruction-history.json").exists()  # looking changes nothing
    tool(line, "start", "--id", "one")
    assert json.loads((place / "instruction-history.json").read_text())["instructions"]
    tool(line, "edit", "inst_001", "--set", "text=Later.", "--session", "one")
    assert tool(line, "end", "--session", "one")["edited"] == ["inst_001"]
    assert texts(line)["inst_001"] == "Later."


def test_an_edit_after_the_merge_finds_the_copy_again(line):
    """Without a word of a start: writing re-opens a merged session, as ever."""
    small(line, "one")
    tool(line, "edit", "inst_001", "--set", "text=Later.", "--session", "one")
    assert tool(line, "end", "--session", "one")["edited"] == ["inst_001"]


def test_a_stale_program_that_writes_its_old_copy_back_reverts_nothing(line):
    """What it brings is merged, what others published since stands."""
    tool(line, "start", "--id", "one")
    copy = folder(line, "one") / "instruction-history.json"
    old = json.loads(copy.read_text())
    tool(line, "end", "--session", "one")
    tool(line, "start", "--id", "two")
    tool(line, "edit", "inst_001", "--set", "text=ESTABLISHED", "--session", "two")
    tool(line, "end", "--session", "two")
    tool(line, "refresh", "--session", "one")
    aged(copy.parent)
    ended(line, "three")
    assert not copy.exists()
    old["instructions"].append({"id": "inst_late", "text": "Late."})
    copy.write_text(json.dumps(old, indent=2))
    aged(copy.parent)
    ended(line, "four")
    assert copy.exists()  # what nobody has published stays
    assert tool(line, "end", "--session", "one")["added"] == ["inst_late"]
    assert texts(line)["inst_001"] == "ESTABLISHED"


def test_a_program_that_has_the_copy_open_when_it_goes_is_heard(line):
    """What it writes is in the copy that comes back."""
    place = aged(ended(line, "one"))
    copy = place / "instruction-history.json"
    with copy.open("r+") as file:
        said = json.load(file)
        ended(line, "two")
        assert not copy.exists()
        said["instructions"][0]["notes"] = "heard"
        file.seek(0)
        json.dump(said, file, indent=2)
        file.truncate()
    assert tool(line, "end", "--session", "one")["edited"] == ["inst_001"]
    assert tool(line, "show", "inst_001")["notes"] == "heard"


@pytest.mark.parametrize("left", ["base", "copy away", "half back"])
def test_a_command_that_is_killed_while_a_copy_goes_or_comes_back_loses_nothing(line, left):
    """Wherever it was cut off: the next one goes on from there."""
    place = aged(ended(line, "one"))
    copy, base = place / "instruction-history.json", next(place.glob("base-*"))
    data = copy.read_bytes()
    if left == "base":
        base.unlink()
    elif left == "copy away":
        base.unlink()
        copy.rename(place / "late" / "00000000000000000001-ab.file")
    else:
        small_now = base.read_bytes()
        base.unlink()
        assert small_now == data
    tool(line, "edit", "inst_001", "--set", "text=Later.", "--session", "one")
    assert tool(line, "end", "--session", "one")["edited"] == ["inst_001"]


def test_a_session_whose_version_is_gone_goes_on_from_the_head(line):
    """A prune or a cut history may take it: untouched is what stands now."""
    place = small(line, "one")
    said = json.loads((place / "session.json").read_text())
    said["base"]["version"] = "1" * 40
    (place / "session.json").write_text(json.dumps(said))
    assert tool(line, "status", "--session", "one")["added"] == []
    tool(line, "start", "--id", "one")
    tool(line, "edit", "inst_001", "--set", "text=Later.", "--session", "one")
    assert tool(line, "end", "--session", "one")["edited"] == ["inst_001"]


@pytest.mark.parametrize("shrunk", [False, True])
def test_what_the_head_was_set_back_behind_is_published_again(line, shrunk):
    """The seal has what the session wrote, also when base and copy are gone."""
    before = tool(line, "log")["entries"][0]["version"]
    place = small(line, "one") if shrunk else ended(line, "one")
    with closing(open_repository(line)) as repo:
        repo.store.git.run("update-ref", "refs/heads/tractatus/history", before)
    ended(line, "last")
    assert "What one says." in texts(line).values()
    assert next(place.glob("sealed-*")).stat().st_size < 2_000


def test_who_comes_next_empties_what_another_session_s_writer_had_time_for(line, monkeypatch):
    """Of a replaced copy that a program holds open, for the seconds that it may take."""
    tool(line, "start", "--id", "one")
    copy = folder(line, "one") / "instruction-history.json"
    with copy.open("r+"):
        tool(line, "add", "One more.", "--session", "one")
        ended(line, "two")
        assert list((copy.parent / "late").glob("*.file"))
        monkeypatch.setattr(late_writes, "KEPT", -1.0)
        ended(line, "three")
        assert not list((copy.parent / "late").iterdir())


def test_a_replacement_that_was_cut_off_before_it_began_stops_nobody(line):
    """What the copy said is there, and no old file beside it; or it is cut short."""
    tool(line, "start", "--id", "one")
    late = folder(line, "one") / "late"
    late.mkdir(exist_ok=True)
    (late / f"{time.time_ns():020}-ab.seen").write_bytes(b"cut")
    (late / f"{time.time_ns():020}-cd.seen").write_bytes(b"cut")
    (late / f"{time.time_ns():020}-cd.file").write_bytes(b"old")
    tool(line, "add", "One more.", "--session", "one")
    assert len(tool(line, "end", "--session", "one")["added"]) == 1


def test_a_file_that_nobody_can_write_into_is_known(tmp_path):
    """The kernel tells of a writer, or of another name; where it cannot tell, there may be one."""
    path = tmp_path / "file"
    path.write_text("text")
    assert not files.may_be_written(path)
    with path.open("r+"):
        assert files.may_be_written(path)
    with path.open():
        assert not files.may_be_written(path)
    os.link(path, tmp_path / "other")
    assert files.may_be_written(path)


@pytest.mark.parametrize("without", ["F_SETLEASE", "major"])
def test_where_the_kernel_tells_nothing_a_writer_is_waited_for(tmp_path, monkeypatch, without):
    """Another system, or a file system that other machines write to."""
    path = tmp_path / "file"
    path.write_text("text")
    if without == "major":
        files._is_here.cache_clear()
        monkeypatch.setattr(files.os, "major", lambda device: 0)
        monkeypatch.setattr(files.os, "minor", lambda device: 999_999)
    else:
        monkeypatch.delattr(files.fcntl, "F_SETLEASE")
    assert files.may_be_written(path)
    files._is_here.cache_clear()


def opened(monkeypatch) -> list[str]:
    """The names of the folders that are opened from now on."""
    seen = []

    class Seen(Session):
        def __init__(self, folder, history=None):
            seen.append(folder.name)
            super().__init__(folder, history)

    monkeypatch.setattr(folders, "Session", Seen)
    return seen


def test_merged_sessions_are_not_opened_once_they_are_known(line, monkeypatch):
    """Neither by a start, nor by a status, an add or an end: their marks say that they are so."""
    others = many(line, MANY + 4)
    ended(line, "known")
    seen = opened(monkeypatch)
    ended(line, "next")
    tool(line, "status")
    assert not {place.name for place in others} & {*seen}
    for place in others[:2]:
        said = json.loads((place / "session.json").read_text())
        (place / "session.json").write_text(json.dumps({**said, "model": "x"}))
    ended(line, "last")
    assert {place.name for place in others[:2]} == {place.name for place in others} & {*seen}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"form": 1}', b'{"form": 2, "rows": []}'])
def test_what_is_noted_of_folders_may_go_or_be_damaged(line, data):
    """Then all are opened again; a session that is open is found all the same."""
    many(line, MANY + 4)
    ended(line, "known")
    tool(line, "start", "--id", "open-one")
    noted = line / ".git/tractatus" / FILE
    assert json.loads(noted.read_text())["rows"]
    noted.write_bytes(data)
    assert tool(line, "status", "--session", "open-")["session"] == "open-one"
    ended(line, "next")
    noted.unlink(missing_ok=True)
    ended(line, "last")


def test_a_known_session_that_is_resumed_elsewhere_is_seen(line):
    """Its session.json has another mark."""
    others = many(line, MANY + 4)
    ended(line, "known")
    tool(line, "start", "--id", others[3].name)
    with closing(open_repository(line)) as repo:
        assert [row.id for row in Folders(repo).going_on()] == [others[3].name]


def test_known_sessions_are_opened_when_the_head_was_set_back(line, monkeypatch):
    """What was whole at a version is whole in those that follow it, and in no others."""
    places = [ended(line, f"one-{number:02}") for number in range(2 * MANY + 3)]
    before = tool(line, "log")["entries"][MANY]["version"]
    ended(line, "known")
    with closing(open_repository(line)) as repo:
        assert len(Folders(repo).doubtful(repo.store.head(), repo.in_head)) <= MANY + 1
        repo.store.git.run("update-ref", "refs/heads/tractatus/history", before)
    ended(line, "last")
    for place in places:
        assert f"What {place.name} says." in texts(line).values()


def test_a_session_that_could_not_be_published_again_is_not_noted_as_whole(line, monkeypatch):
    """Somebody is at work in it: it is tried again the next time."""
    for number in range(MANY + 2):
        ended(line, f"one-{number:02}")
    before = tool(line, "log")["entries"][1]["version"]
    with closing(open_repository(line)) as repo:
        repo.store.git.run("update-ref", "refs/heads/tractatus/history", before)
        with locks.locked(folder(line, f"one-{MANY + 1:02}") / "lock", 1.0):
            here = Folders(repo)
            assert publish.restore(repo, here) == []
            here.note()
        assert sweep.sweep(repo).aside == ()
    assert f"What one-{MANY + 1:02} says." in texts(line).values()


def test_an_agent_s_folder_of_facts_alone_is_no_reason_to_fail(line):
    """A folder that lost its session.json, and stray files, are passed over."""
    ended(line, "one")
    (folder(line, "one") / "session.json").unlink()
    (folder(line, "stray")).write_text("no folder")
    assert run(line, "status").code == 0
    assert ended(line, "two")
