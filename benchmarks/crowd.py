"""Many developers on one server, far away: is anything lost, who waits longest, is it fair.

Each developer is a process with a folder of its own, and in it several sessions at once. Over and
over they start, add an instruction, edit one that all know, and end. A proxy in a process of its
own makes each packet late. In the end all that an end was told of must be there, once.

    python -m benchmarks.crowd          # 50 processes x 3 sessions, two minutes, 30 ms
    python -m benchmarks.crowd --processes 4 --seconds 5
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests import services
from tests.stores.kinds import with_database, with_line
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.errors import ContentionError, StoreBusy
from tractatus_merge.factory import initialise, open_repository
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import edit as session_edit
from tractatus_merge.sessions import publish
from tractatus_merge.sessions.start import start

SHARED = ["shared_001", "shared_002", "shared_003"]
PERSON = "TRACTATUS_AUTHOR"


class Size(NamedTuple):
    """How many work, how long, and how many seconds late a packet and its answer are."""

    processes: int = 50
    sessions: int = 3
    seconds: float = 120.0
    late: float = 0.03


class Crowd(NamedTuple):
    """What came of it."""

    ends: int
    busy: int
    worst: float
    median: float
    jain: float
    lost: list[str]
    twice: list[str]

    def __str__(self) -> str:
        """One line a number."""
        return (
            f"ends {self.ends}, lost {len(self.lost)}, twice {len(self.twice)};"
            f" told to try again {self.busy} times\n"
            f"an end took {self.median:.2f} s in the middle, {self.worst:.2f} s at worst\n"
            f"Jain's index over the developers' ends: {self.jain:.3f}"
        )


def open_at(folder: Path, url: str, who: str) -> Repository:
    """A folder of a developer, whose history is on the server."""
    (folder / ".claude").mkdir(parents=True, exist_ok=True)
    (folder / ".claude" / "tractatus.toml").write_text(f"[store]\nurl = {json.dumps(url)}\n")
    return open_repository(folder, {PERSON: f"{who} <{who}@crowd.example>"})


def develop(folder: Path, url: str, who: str, sessions: int, until: float) -> None:
    """One developer; prints a line of JSON for each end."""
    chance = random.Random(who)  # noqa: S311 (a choice, no secret)
    repo = open_at(folder, url, who)
    for number in itertools.count():
        if number and time.time() > until:  # once at least
            break
        names = [f"{who}.{number}.{one}" for one in range(sessions)]
        opened = {name: start(repo, name) for name in names}
        for name, session in opened.items():
            session_edit.add(repo, session, {"text": f"said by {name}"}, "")
            shared = chance.choice(SHARED)
            session_edit.edit(repo, session, shared, [((f"by_{who}",), name)], "")
        for name, session in opened.items():
            began, busy = time.monotonic(), 0
            while True:
                try:
                    publish.merge(repo, session, end=True)
                    break
                except (ContentionError, StoreBusy):  # exit 75: the same command again
                    busy += 1
            took = time.monotonic() - began
            print(json.dumps({"name": name, "took": took, "busy": busy}), flush=True)
    repo.close()


@contextlib.contextmanager
def far_away(url: str, seconds: float) -> Iterator[str]:
    """The same server by a proxy, each way of which takes so long."""
    parts = urlsplit(url)
    words = [
        sys.executable,
        "-m",
        "tests.proxy",
        str(parts.hostname),
        str(parts.port),
        str(seconds),
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        port = proxy.stdout.readline().strip()
        by_proxy = url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{port}")
        yield by_proxy + "?directConnection=true" * by_proxy.startswith("mongodb")
        proxy.communicate("")


def crowd(server: str, folder: Path, size: Size) -> Crowd:
    """Let them work, and look at the history afterwards."""
    url = (with_database if server.startswith("mongodb") else with_line)(server)
    repo = open_at(folder / "first", url, "first")
    records = [{"id": name, "text": name, "active": True} for name in SHARED]
    view = folder / "first/.claude/instruction-history.json"
    view.write_text(json.dumps({"version": "1.0", "instructions": records}))
    initialise(repo)
    with far_away(url, size.late / 2) as by_proxy:
        until = time.time() + size.seconds
        found = []
        for number in range(size.processes):
            words = [
                f"dev{number}",
                str(folder / f"dev{number}"),
                by_proxy,
                str(size.sessions),
                str(until),
            ]
            command = [sys.executable, "-m", "benchmarks.crowd", "--developer", *words]
            found.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        told = [
            [json.loads(line) for line in child.communicate()[0].splitlines()] for child in found
        ]
        assert [child.returncode for child in found] == [0] * size.processes
    ends = [end for one in told for end in one]
    head = repo.head()
    texts = (head.get(INSTRUCTIONS, name) for name in head.names(INSTRUCTIONS))
    said = {Record(text).content.get("text") for text in texts if text is not None}
    by = [entry.session for entry in repo.store.log()]
    counts = [len(one) for one in told]
    took = sorted(end["took"] for end in ends)
    lost = [end["name"] for end in ends if f"said by {end['name']}" not in said]
    repo.close()
    return Crowd(
        len(ends),
        sum(end["busy"] for end in ends),
        took[-1],
        took[len(took) // 2],
        sum(counts) ** 2 / (len(counts) * sum(count**2 for count in counts)),
        lost,
        [end["name"] for end in ends if by.count(end["name"]) != 1],
    )


def main() -> None:
    """Start a server, unless one is named, and print what came of it."""
    if sys.argv[1:2] == ["--developer"]:
        who, folder, url, sessions, until = sys.argv[2:]
        develop(Path(folder), url, who, int(sessions), float(until))
        return
    parser = argparse.ArgumentParser(description="Many developers on one server.")
    for name, usual in Size()._asdict().items():
        parser.add_argument(f"--{name}", type=type(usual), default=usual)
    parser.add_argument("--server", help="the URL of one; without it one is started")
    parser.add_argument("--service", choices=["postgresql", "mongodb"], default="postgresql")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        server = given.server or stack.enter_context(services.running(given.service)).url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print(crowd(server, folder, Size(*(getattr(given, name) for name in Size._fields))))


if __name__ == "__main__":
    main()
