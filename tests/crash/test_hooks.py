"""kill -9 of an agent, of its hook, and of the child that merges, at any step; a loss of power."""

from __future__ import annotations

import json
import mmap
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests import fakeagent
from tests.conftest import ROOT, git
from tests.crash import reaper
from tests.fakeagent import PROGRAM, Agent
from tests.tool import texts, tool
from tractatus_merge.system import jsonl

pytestmark = pytest.mark.race

ALONE = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


class Scene:
    """A repository where an agent was killed after it wrote; each round begins there anew."""

    def __init__(self, repo: Path, home: Path, shim: Path) -> None:
        self.repo, self.home, self.saved = repo, home, home / "saved"
        tool(repo, "init")
        words = [sys.executable, fakeagent.__file__, str(repo), "dead", str(home)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=ALONE) as process:
            try:
                assert process.stdout and process.stdout.readline() == "ready\n"
            finally:
                process.kill()
        shutil.copytree(repo, self.saved, symlinks=True)
        self.shim, self.counters = shim, home / "counters"
        self.counters.write_bytes(bytes(32))

    def again(self) -> None:
        """Everything as it was."""
        shutil.rmtree(self.repo)
        shutil.copytree(self.saved, self.repo, symlinks=True)

    def kill(self, step: int, session: str, event: str, **fields: str) -> bool:
        """Fire an event, and kill before a step whoever makes it; whether there was one."""
        with self.counters.open("r+b") as file, mmap.mmap(file.fileno(), 32) as shared:
            shared[:32] = struct.pack("4q", 0, step, 0, 1)
            said = {"session_id": session, "cwd": str(self.repo), "hook_event_name": event}
            words = [sys.executable, reaper.__file__, str(self.shim), str(self.counters)]
            text = json.dumps({**said, **fields})
            ran = subprocess.run([*words, *PROGRAM, "hook"], input=text, text=True, capture_output=True, cwd=self.repo, env=ALONE, check=True, timeout=120)  # fmt: skip
            assert ran.stderr == ""
            return int(struct.unpack("4q", shared[:32])[0]) >= step

    def all_there(self) -> None:
        """After the next start everything is merged, once, and no line is torn."""
        Agent(self.repo, "next", self.home).fire("SessionStart", source="startup")
        assert texts(self.repo)["inst_dead"] == "An instruction of dead"
        rows = git(
            self.repo, "ls-tree", "-r", "--name-only", "tractatus/history", "summaries/"
        ).split()
        found = [json.loads(git(self.repo, "show", f"tractatus/history:{row}")) for row in rows]
        assert [len(one["publications"]) for one in found if one["session"] == "dead"] == [1]
        for path in (self.repo / ".git/tractatus/sessions").glob("*/journal.jsonl"):
            for line in path.read_text("utf-8").splitlines():
                json.loads(line)


@pytest.fixture
def scene(repo: Path, tmp_path: Path, shim: Path) -> Scene:
    """An agent was killed."""
    return Scene(repo, tmp_path, shim)


@pytest.mark.parametrize(
    ("event", "session", "fields", "stride"),
    [
        pytest.param("SessionEnd", "dead", {"reason": "other"}, 3, marks=pytest.mark.slow),
        pytest.param("SessionStart", "new", {"source": "startup"}, 5, marks=pytest.mark.slow),
        ("UserPromptSubmit", "dead", {"prompt": "x"}, 1),
        ("PostToolUse", "dead", {"tool_name": "Bash"}, 1),
        pytest.param("Stop", "dead", {}, 1, marks=pytest.mark.slow),
    ],
)
def test_killed_anywhere(
    scene: Scene, event: str, session: str, fields: dict[str, str], stride: int
) -> None:
    """The hook, or the child in which it merges, is killed before any step: the next start has all."""
    step = 1
    while scene.kill(step, session, event, **fields):
        try:
            scene.all_there()
        except AssertionError as error:
            error.add_note(f"killed before step {step} of {event}")
            raise
        scene.again()
        step += stride
    scene.all_there()
    print(f"\n{event}: killed before {(step - 1) // stride} of its {step} steps")
    assert step > 1


def test_a_torn_line_takes_no_other_with_it(tmp_path):
    """What a loss of power left of a line is passed over; the next event has a line of its own."""
    path = tmp_path / "journal.jsonl"
    jsonl.append(path, {"event": "a"})
    with path.open("ab") as file:
        file.write(b'{"event": "to')
    jsonl.append(path, {"event": "b"})
    jsonl.append(path, {"event": "c"})
    assert [event["event"] for event in jsonl.events(path)] == ["a", "b", "c"]


def test_what_is_said_to_be_done_is_on_the_disk(repo, tmp_path):
    """Traced: a file is synced before it takes its name, its folder after; objects before the ref."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    tool(repo, "init")
    tool(repo, "start", "--id", "s1")
    tool(repo, "add", "x", "--session", "s1")
    trace = tmp_path / "trace"
    calls = "trace=openat,open,fsync,fdatasync,close,rename,renameat,renameat2,link,linkat"
    words = ["strace", "-f", "-o", str(trace), "-e", calls, "-y", "-s", "4096"]
    subprocess.run(
        [*words, *PROGRAM, "end", "--session", "s1"],
        cwd=repo,
        check=True,
        env=ALONE,
        stdout=subprocess.DEVNULL,
    )
    lines = trace.read_text("utf-8", "replace").splitlines()
    synced: set[str] = set()
    begun: dict[str, str] = {}  # what a thread is syncing while another's call is told
    renames, refs = 0, 0
    for number, line in enumerate(lines):
        found = re.search(r"\b(?:fsync|fdatasync)\(\d+<([^>]+)>\)\s+= 0", line)
        if found:
            synced.add(found[1])
        thread, _, call = line.partition(" ")
        if found := re.search(r"\b(?:fsync|fdatasync)\(\d+<([^>]+)> <unfinished", call):
            begun[thread] = found[1]
        elif re.search(r"<\.\.\. (?:fsync|fdatasync) resumed>\)\s+= 0", call):
            synced.add(begun.pop(thread))
        moved = re.search(
            r'\brename(?:at2?)?\((?:AT_FDCWD[^,]*, )?"([^"]+)", (?:AT_FDCWD[^,]*, )?"([^"]+)"', line
        )
        if not moved or " = 0" not in line:
            continue
        old, new = (os.path.normpath(repo / name) for name in moved.groups())
        if "/tractatus/sessions/" in new and not Path(new).is_dir():
            renames += 1
            assert old in synced, f"{old} took its name before it was on the disk"
            folder = Path(new).parent
            later = [
                other for other in lines[number:] if f"<{folder}>" in other and "fsync(" in other
            ]
            assert later, f"the folder of {new} was not synced"
        assert "/objects/" not in new or old in synced, f"{new} is not on the disk"
        if new.endswith("refs/heads/tractatus/history"):
            refs += 1
            assert old in synced
            objects = [path for path in synced if "/objects/" in path]
            assert len(objects) >= 5, "the objects are there before the ref names them"
    assert renames >= 5 and refs == 1
