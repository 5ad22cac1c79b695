"""The log as a record of decisions: a week of a bakery, played by its own clock."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
import time_machine

from tests.conftest import bakery, git
from tests.tool import run, tool

WEEK = {"Mon": 9, "Tue": 10, "Wed": 11, "Thu": 12, "Fri": 13, "Sat": 14}
AGENT = str(uuid.UUID(int=0x01A2279A452772109164CD76706AE123))


@contextmanager
def at(day: str, hour: str, who: str = "Jo Baker"):
    """A moment of that week, and who acts in it."""
    with time_machine.travel(f"2026-11-{WEEK[day]:02d}T{hour}:00+00:00", tick=False):
        before = os.environ.get("TRACTATUS_AUTHOR")
        os.environ["TRACTATUS_AUTHOR"] = (
            f"{who} <{who.split(maxsplit=1)[0].lower()}@bakery.example>"
        )
        try:
            yield
        finally:
            os.environ.pop("TRACTATUS_AUTHOR")
            if before is not None:
                os.environ["TRACTATUS_AUTHOR"] = before


@pytest.fixture
def zone(monkeypatch):
    """A time zone that is not UTC: five and a half hours ahead of it."""
    monkeypatch.setenv("TZ", "IST-5:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def played(folder: Path) -> str:
    """A week: edits of several people and an agent, a conflict, an answer; the conflict's id."""
    with at("Mon", "08:00"):
        tool(folder, "init")
    with at("Mon", "09:15", "Ann Oven"):
        tool(folder, "start", "--id", "databases")
        tool(folder, "edit", "inst_001", "--param", "port=27018", "--session", "databases",
             "--why", "5433 belongs to the old till")  # fmt: skip
    with at("Tue", "10:00", "Jo Baker"):
        tool(folder, "start", "--id", AGENT, "--agent", "claude-code")
        tool(folder, "edit", "inst_001", "--param", "port=27019", "--session", AGENT)
    with at("Wed", "16:40", "Ann Oven"):
        tool(folder, "end", "--session", "databases")
    with at("Thu", "07:00", "Jo Baker"):
        conflict = tool(folder, "end", "--session", AGENT, code=1)["conflicts"][0]
        tool(folder, "retire", "inst_002", "--why", "cents are gone")
    with at("Fri", "12:00", "Mo Miller"):
        tool(folder, "add", "Ask before a price goes up.", "--id", "inst_050")
        tool(folder, "resolve", conflict, "--take", "1", "--why", "27018 is open in the firewall")
    return conflict


@pytest.fixture
def week(tmp_path, zone):
    """The bakery after that week, and the conflict that was answered in it."""
    folder = bakery(tmp_path)
    return folder, played(folder)


def log(folder: Path, *words: str) -> str:
    """What `log` says on Saturday morning."""
    with at("Sat", "09:00"):
        ran = run(folder, "log", *words)
    assert ran.code == 0, ran.err
    return ran.out


def test_from_the_log_alone_one_can_say_who_changed_the_port(week):
    """Who, when, why, and what stood before; no UUID, in the reader's own time zone."""
    folder, conflict = week
    said = log(folder, "-n", "20")
    (told,) = re.findall(
        r"^\w{12}  (.*)\n    inst_001 parameters\.port: 5433 -> 27018\n        why: (.*)$",
        said, re.MULTILINE,
    )  # fmt: skip
    when = "Wed 11 Nov 2026 22:10 (2 days ago)"
    assert told == (f"{when}  Ann Oven, session databases", "5433 belongs to the old till")
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", said)
    assert "2000" not in said
    rows = [re.sub(r"^\w{12}  ", "", row) for row in said.splitlines()]
    tag = next(
        entry["tag"] for entry in tool(folder, "log")["entries"] if entry["session"] == AGENT
    )
    assert rows == [
        "Fri 13 Nov 2026 17:30 (21 hours ago)  Mo Miller",
        f"    answered conflict {conflict}: inst_001 parameters.port stays 27018",
        "        why: 27018 is open in the firewall",
        "Fri 13 Nov 2026 17:30 (21 hours ago)  Mo Miller",
        "    inst_050 new: Ask before a price goes up.",
        "Thu 12 Nov 2026 12:30 (2 days ago)  Jo Baker",
        "    inst_002 retired",
        "        why: cents are gone",
        f"Thu 12 Nov 2026 12:30 (2 days ago)  Jo Baker, session {tag} (claude-code)",
        f"    inst_001 parameters.port: stays 27018; 27019 waits in conflict {conflict}",
        f"{when}  Ann Oven, session databases",
        "    inst_001 parameters.port: 5433 -> 27018",
        "        why: 5433 belongs to the old till",
        "Mon 09 Nov 2026 13:30 (5 days ago)  tractatus-merge",
        "    Take in the instruction history: 3 instructions",
    ]


def shown(folder: Path, *words: str) -> list[str]:
    """The first words of what the versions decided that `log WORDS` tells."""
    rows = log(folder, *words).splitlines()
    assert rows
    return [" ".join(row.split()[:2]) for row in rows if re.match(r"    \w", row)]


PORT, WAITS, RETIRED, NEW, ANSWER, TAKEN = (
    "inst_001 parameters.port:", "inst_001 parameters.port:", "inst_002 retired",
    "inst_050 new:", "answered conflict", "Take in",
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--author", "ANN"), [PORT]),
        (("--author", "mo@bakery"), [ANSWER, NEW]),
        (("--session", "databases"), [PORT]),
        (("--session", "datab"), [PORT]),
        (("--id", "inst_001"), [ANSWER, WAITS, PORT, TAKEN]),
        (("inst_050", "inst_002"), [NEW, RETIRED, TAKEN]),
        (("--id", "inst_050", "--id", "inst_002", "-n", "1"), [NEW]),
        (("--since", "2026-11-13"), [ANSWER, NEW]),
        (("--since", "yesterday"), [ANSWER, NEW]),
        (("--since", "2 days ago", "--until", "2026-11-13"), []),
        (("--since", "3 days ago", "--until", "2026-11-13"), [RETIRED, WAITS, PORT]),
        (("--until", "2026-11-11 22:10"), [PORT, TAKEN]),
        (("--until", "2026-11-11 22:09"), [TAKEN]),
        (("--until", "2026-11-11T16:39Z"), [TAKEN]),
        (("--author", "nobody"), []),
        (("-n", "2"), [ANSWER, NEW]),
    ],
)
def test_the_log_of_some(week, words, wanted):
    """By instruction, person, session, time, and so many; a day begins where the reader lives."""
    assert shown(week[0], *words) == wanted


def test_the_log_of_a_handle(week):
    """The name by which the log calls an agent's session finds it."""
    folder, _ = week
    (handle,) = re.findall(r"session (\w+) \(claude-code\)", log(folder))
    assert shown(folder, "--session", handle) == [WAITS]


def test_times_are_in_utc_where_that_is_asked_for(week):
    """And they say so."""
    assert "Wed 11 Nov 2026 16:40 UTC (2 days ago)  Ann Oven" in log(week[0], "--utc")
    said = run(week[0], "blame", "inst_001", "--utc").out
    assert re.search(r"by Ann Oven, session databases, Mon 09 Nov 2026 09:15 UTC \(.* ago\)", said)


def test_what_is_no_time_is_refused(week):
    """Exit 2, and how one is written."""
    ran = run(week[0], "log", "--since", "2026-13-01")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error: --since: '2026-13-01' is no time.")
    assert "2 days ago" in ran.err


def test_the_patch_tells_all(week):
    """Every field of what is new, as data too."""
    folder, _ = week
    assert "        text: Ask before a price goes up.\n" in log(folder, "-p", "--id", "inst_050")
    (entry,) = tool(folder, "log", "-p", "--session", "databases")["entries"]
    (step,) = entry["steps"]
    assert (step["base"], step["theirs"], step["field"]) == ("5433", "27018", "parameters.port")


def test_the_graph_shows_which_was_made_from_which(week):
    """The agent's session began before the other was published: it has a column of its own."""
    rows = [row[:4] for row in log(week[0], "--graph").splitlines()]
    assert [row for row in rows if row.strip("| ")] == [
        *["* " + row[2:] for row in rows if row.startswith("*")][:4],
        "|\\  ",
        next(row for row in rows if row.startswith("* | ")),
        "|/",
        rows[-2],
    ]


def test_a_long_text_is_told_by_what_changed_in_it(week):
    """What is far from the change is left out; with -p the whole stands there."""
    folder, _ = week
    text = " ".join(f"word{number}" for number in range(200))
    tool(folder, "edit", "inst_050", "--set", f"notes={text}")
    tool(folder, "edit", "inst_050", "--set", f"notes={text.replace('word100', 'THIS')}")
    row = log(folder, "-n", "1").splitlines()[1]
    assert "…" in row
    assert "[-word100-]{+THIS+}" in row
    assert len(row) <= 80
    assert "word0 word1" in log(folder, "-n", "1", "-p")


def test_many_places_are_counted(week):
    """A session that brought many is told by the first ten, and where the others are."""
    folder, _ = week
    tool(folder, "start", "--id", "many1111")
    for number in range(13):
        tool(folder, "add", f"Rule {number}", "--session", "many1111")
    tool(folder, "end", "--session", "many1111")
    rows = log(folder, "-n", "1").splitlines()
    assert len(rows) == 1 + 10 + 1
    assert rows[-1].startswith("    and 3 more places: log -p, or show ")
    assert len([r for r in log(folder, "-n", "1", "-p").splitlines() if " new: " in r]) == 13


def test_adoption_is_when_it_happened_and_elsewhere_before_what_followed(week, tmp_path):
    """Another clone cannot know when it was: before the version that followed."""
    folder, _ = week
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(folder), str(other))
    with at("Sat", "08:00"):
        tool(other, "init")
    assert "  before Wed 11 Nov 2026 22:10 (2 days ago)  tractatus-merge\n" in log(other)
    assert tool(other, "log")["entries"][-1]["time"] is None
    assert tool(folder, "log")["entries"][-1]["time"].startswith("2026-11-09T08:00")


def test_what_was_in_force_when_a_commit_was_made(week):
    """Its trailer says it; `list --at` and `diff` read it, long after."""
    folder, _ = week
    port = next(entry for entry in tool(folder, "log", "--session", "databases")["entries"])
    message = f"Till\n\nInstructions-Version: {port['version'][:10]}\n"
    git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")
    ran = run(folder, "list", "--at", "HEAD")
    assert f"as of version {port['version'][:10]}, which commit " in ran.err
    assert [row.split()[0] for row in ran.out.splitlines()] == ["inst_001", "inst_002"]
    then = {item["id"]: item for item in tool(folder, "list", "--at", "HEAD")["instructions"]}
    assert then["inst_001"]["parameters"]["port"] == "27018"
    assert {change["instruction"] for change in tool(folder, "diff", "HEAD")["changes"]} == {
        "inst_002",
        "inst_050",
    }


def test_a_trailer_of_a_version_that_is_elsewhere_is_told(week):
    """It is fetched by sync."""
    folder, _ = week
    git(
        folder,
        "commit",
        "--quiet",
        "--allow-empty",
        "--message=x\n\nInstructions-Version: abcdef12\n",
    )
    ran = run(folder, "list", "--at", "HEAD")
    assert ran.code == 2
    assert "was made under version abcdef12, which is not in this clone" in ran.err
    assert "tractatus-merge sync" in ran.err


def test_a_commit_without_a_trailer_tells_by_its_file_else_by_its_time(week):
    """A range compares files as before."""
    folder, _ = week
    assert "as of the file in commit " in run(folder, "list", "--at", "HEAD").err
    git(folder, "rm", "--quiet", "--cached", ".claude/instruction-history.json")
    subprocess.run(
        ["git", "-C", folder, "commit", "--quiet", "--message=Stop tracking it"], check=True,
        env={**os.environ, "GIT_COMMITTER_DATE": "2026-11-11T20:00:00Z"},
    )  # fmt: skip
    ran = run(folder, "list", "--at", "HEAD")
    assert ", the newest when commit " in ran.err
    found = tool(folder, "list", "--at", "HEAD")["instructions"]
    assert found[0]["parameters"]["port"] == "27018"
    assert tool(folder, "diff", "HEAD~..HEAD") == {"changes": []}


@pytest.mark.parametrize(
    ("when", "ports"),
    [("2026-11-11 22:09", "5433"), ("2026-11-11 22:10", "27018"), ("2026-11-11T16:40Z", "27018")],
)
def test_what_was_in_force_at_a_time(week, when, ports):
    """To the minute, in the reader's time zone unless the time names one."""
    found = tool(week[0], "list", "--at", when)["instructions"]
    assert found[0]["parameters"]["port"] == ports


def test_before_the_history_nothing_was_in_force(week):
    """It says so; and what is neither version, commit nor time is refused."""
    ran = run(week[0], "list", "--at", "2026-11-09")
    assert (ran.code, ran.err.splitlines()[0]) == (
        2, "error: the history had not begun at '2026-11-09'.",
    )  # fmt: skip
    assert run(week[0], "list", "--at", "nothing").code == 2
    assert run(week[0], "list", "--at", "HEAD", "--session", "databases").code == 2


def test_a_version_is_what_it_says(week):
    """`--at VERSION`, in part of its id too."""
    folder, _ = week
    first = tool(folder, "log")["entries"][-1]["version"]
    found = tool(folder, "list", "--at", first[:8])["instructions"]
    assert found[0]["parameters"]["port"] == "5433"


@pytest.mark.slow
def test_who_has_seen_enough_ends_the_log(week):
    """A closed pipe: exit 141, and no word of complaint."""
    words = [sys.executable, "-m", "tractatus_merge", "-C", str(week[0]), "log"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_a_conflict_names_no_session_by_a_uuid(week):
    """Neither where it waits nor where it is shown: by the tag that `--session` takes."""
    folder, _ = week
    for name, word in ((AGENT, "LOW"), ("other111", "VARIABLE")):
        tool(folder, "start", "--session", name)
        tool(folder, "edit", "inst_050", "--set", f"persistence={word}", "--session", name)
    tool(folder, "end", "--session", "other111")
    conflict = tool(folder, "end", "--session", AGENT, code=1)["conflicts"][0]
    tag = tool(folder, "log", "--session", AGENT)["entries"][0]["tag"]
    for words in (("conflicts",), ("show", conflict), ("show", "inst_050")):
        said = run(folder, *words).out
        assert f"by         session {tag}" in said, words
        assert "by         session other111, " in said
        assert AGENT not in said
