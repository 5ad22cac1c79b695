"""`env`, `run` and the pytest plugin: concurrent test runs that fixed names would let collide."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT, git
from tests.tool import run, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.isolation import names, slots
from tractatus_merge.repository.workspace import is_walled
from tractatus_merge.system import locks, processes

PROGRAM = [sys.executable, "-m", "tractatus_merge"]
ENV = {
    **{k: v for k, v in os.environ.items() if not k.startswith(("TRACTATUS_", "PYTEST_", "COV"))},
    "PYTHONPATH": str(ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",
}
NAMES = {
    "TRACTATUS_SESSION",
    "TRACTATUS_SLUG",
    "TRACTATUS_SLOT",
    "TRACTATUS_PORT_OFFSET",
    "TRACTATUS_TEST_DB",
}


def of(folder, name):
    """A session's names."""
    return tool(folder, "env", "--session", name)


def test_names(line):
    """Each live session has its own; asked again they are the same; a slot that is free is used."""
    for name in ("a", "b", "c"):
        tool(line, "start", "--id", name)
    found = {name: of(line, name) for name in ("a", "b", "c")}
    assert [found[name]["TRACTATUS_SLOT"] for name in "abc"] == ["0", "1", "2"]
    assert found["c"]["TRACTATUS_PORT_OFFSET"] == "200"
    for variable in NAMES:
        assert len({one[variable] for one in found.values()}) == 3
    assert of(line, "a") == found["a"]
    tool(line, "end", "--session", "b")
    tool(line, "start", "--id", "d")
    assert of(line, "d")["TRACTATUS_SLOT"] == "1"
    database = found["a"]["TRACTATUS_TEST_DB"]
    assert (
        "test" in database
        and len(database) <= 63
        and database.isidentifier()
        and database.islower()
    )


def test_worktrees_share_slots_and_clones_do_not_share_databases(line, tmp_path):
    """One registry for all worktrees of a clone; another clone has databases of its own."""
    git(line, "worktree", "add", "-q", str(tmp_path / "w"))
    subprocess.run(["git", "clone", "-q", line, tmp_path / "other"], check=True)
    tool(tmp_path / "other", "init")
    for folder, name in ((line, "a"), (tmp_path / "w", "b"), (tmp_path / "other", "c")):
        tool(folder, "start", "--id", name)
    a, b, c = of(line, "a"), of(tmp_path / "w", "b"), of(tmp_path / "other", "c")
    assert (a["TRACTATUS_SLOT"], b["TRACTATUS_SLOT"], c["TRACTATUS_SLOT"]) == ("0", "1", "0")
    assert a["TRACTATUS_TEST_DB"] != c["TRACTATUS_TEST_DB"]


@given(st.text(), st.text("0123456789abcdef", min_size=8, max_size=8), st.integers(0, 99_999))
def test_names_are_valid_wherever_they_are_put(clone, slug, slot):
    """Each is a name for MongoDB and PostgreSQL unquoted, a number, or fit for a URL."""
    found = names.names(clone, slug, slot)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,62}", found["TRACTATUS_TEST_DB"], re.ASCII)
    assert "test" in found["TRACTATUS_TEST_DB"] and found["TRACTATUS_SLUG"] == slug
    assert int(found["TRACTATUS_PORT_OFFSET"]) == int(found["TRACTATUS_SLOT"]) * names.PORTS
    after = names.names(clone, slug, slot + 1)
    assert found["TRACTATUS_TEST_DB"] != after["TRACTATUS_TEST_DB"]


WORKERS = st.sampled_from(["", *(f"gw{number}" for number in range(0, 128, 9))])
DATABASES = st.builds(
    "{}{}".format, st.sampled_from(["tractatus_test_", "t" * 60]), st.integers(1000, 1003)
)


@given(DATABASES, DATABASES, WORKERS, WORKERS)
def test_no_two_workers_share_a_database(one, other, mine, yours):
    """Two names or two workers give two databases, never too long, whatever is cut."""
    first, second = names.of_worker(one, mine), names.of_worker(other, yours)
    assert len(first) <= 63 and first.endswith(mine)
    assert (first == second) == ((one, mine) == (other, yours))


def read_sh(text):
    """What a shell makes of it."""
    done = subprocess.run(
        ["sh", "-c", f"{text}\nenv"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = dict(row.split("=", 1) for row in done.stdout.splitlines())
    return {name: rows[name] for name in rows if name.startswith("TRACTATUS_")}


def read_dotenv(text):
    """What a reader of .env files makes of it (Node's own)."""
    code = "const u=require('util');process.stdin.on('data',d=>console.log(JSON.stringify(u.parseEnv(String(d)))))"
    if (
        subprocess.run(
            ["node", "-e", "require('util').parseEnv('')"], capture_output=True, check=False
        ).returncode
        != 0
    ):
        return {
            k: "".join(shlex.split(v)) for k, v in (row.split("=", 1) for row in text.splitlines())
        }
    return json.loads(
        subprocess.run(
            ["node", "-e", code], input=text, capture_output=True, text=True, check=True
        ).stdout
    )


def read_fish(text):
    """What fish would: it quotes as sh does where no backslash is in the value."""
    words = [shlex.split(row) for row in text.splitlines()]
    assert all(row[:2] == ["set", "-gx"] for row in words)
    return {row[2]: row[3] for row in words}


@pytest.mark.parametrize(
    ("form", "read"),
    [("sh", read_sh), ("dotenv", read_dotenv), ("fish", read_fish), ("json", json.loads)],
)
def test_formats(line, form, read):
    """Each is read back to the same names by who reads it."""
    tool(line, "start", "--id", "a.b_c-1")
    assert read(run(line, "env", "--session", "a.b_c-1", "--format", form).out) == of(
        line, "a.b_c-1"
    )
    odd = {"X": 'it\'s $HOME "and" `more`'}
    if form in ("sh", "json"):
        text = "\n".join(names.said(odd, form))
        assert (
            read(text)
            if form == "json"
            else subprocess.run(
                ["sh", "-c", f'{text}\nprintf %s "$X"'], capture_output=True, text=True, check=True
            ).stdout
        ) in (odd, odd["X"])


def started(folder, *words, **more):
    """The program as a process."""
    return subprocess.Popen(
        [*PROGRAM, "-C", str(folder), *words],
        env={**ENV, **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.race
def test_sixteen_at_once_have_sixteen_slots(line):
    """Of runs without a session too; when they are over, their slots are free."""
    hold = line / "hold"
    code = f"echo $TRACTATUS_SLOT; while ! test -e {shlex.quote(str(hold))}; do sleep 0.1; done"
    running = [started(line, "run", "--", "sh", "-c", code) for _ in range(16)]
    slots_ = sorted(int(process.stdout.readline()) for process in running)
    hold.touch()
    for process in running:
        process.communicate(timeout=60)
    assert slots_ == list(range(16))
    repo = open_repository(line)
    assert slots.held(repo) == {}
    repo.close()


def here(**more):
    """The facts of this process, some of them others."""
    return {**processes.facts_of(os.getpid()), **more}


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "{",
        "\0\xff",
        "[1]",
        "[" * 200_000,
        {"x": 1, "0": 3, "1": {"session": "gone"}, "2": {"processes": [{"pid": "?"}]}},
        {"0": {"session": ["a"], "processes": {}}, "9" * 5000: {"processes": [here()]}},
        {"0": {"processes": [here(pid=10**30)], "at": float("inf")}},
        {"0": {"processes": [here(boot="before")], "at": time.time()}},
    ],
    ids=lambda rows: str(rows)[:12],
)
def test_a_registry_that_is_none(line, rows):
    """What it does not say well, or says of who is gone, is held by nobody."""
    tool(line, "start", "--id", "a")
    text = rows if isinstance(rows, str) else json.dumps(rows)
    (line / ".git/tractatus" / slots.REGISTRY).write_text(text, "latin-1")
    assert of(line, "a")["TRACTATUS_SLOT"] == "0"


@pytest.mark.parametrize(("hours", "slot"), [(1, "1"), (25, "0")])
def test_another_containers_slot(line, hours, slot):
    """A process that cannot be looked up from here holds its slot for a day."""
    tool(line, "start", "--id", "a")
    row = {"processes": [here(host="elsewhere")], "at": time.time() - hours * 3600}
    (line / ".git/tractatus" / slots.REGISTRY).write_text(json.dumps({"0": row}))
    assert of(line, "a")["TRACTATUS_SLOT"] == slot


def test_worktrees_of_one_session_have_their_own(line, tmp_path):
    """Its subagents that work in worktrees of their own do not meet in one database or port."""
    tool(line, "start", "--id", "a")
    found = [of(line, "a")]
    for name in ("b", "c"):
        git(line, "worktree", "add", "-q", str(tmp_path / name))
        found.append(of(tmp_path / name, "a"))
    assert [one["TRACTATUS_SLOT"] for one in found] == ["0", "1", "2"]
    for variable in NAMES - {"TRACTATUS_SESSION"}:
        assert len({one[variable] for one in found}) == 3
    assert of(line, "a") == found[0] and of(tmp_path / "b", "a") == found[1]
    git(line, "worktree", "remove", str(tmp_path / "b"))
    tool(line, "start", "--id", "d")
    assert of(line, "d")["TRACTATUS_SLOT"] == "1", "of a worktree that is gone nobody holds it"


@pytest.mark.parametrize("session", ["a", None])
def test_a_git_directory_that_may_not_be_written(line, session, monkeypatch):
    """In a sandbox `run` goes on with a name of its own, and a warning that names the way out."""
    if session:
        tool(line, "start", "--id", session)
    words = ["--session", "a"] if session else []

    def walled(path, wait):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(locks, "locked", walled)
    ran = run(line, "env", *words, "--json")
    assert ran.code == 0 and "warning: no slot" in ran.err
    assert f'writable_roots = ["{line}/.git"]' in ran.err and "tractatus-merge mcp" in ran.err
    names_ = {"TRACTATUS_SLUG", "TRACTATUS_TEST_DB"} | ({"TRACTATUS_SESSION"} if session else set())
    assert ran.json.keys() == names_
    assert ran.json["TRACTATUS_TEST_DB"] == f"tractatus_test_{ran.json['TRACTATUS_SLUG']}"
    said = run(line, "add", "x", *words)
    assert (said.code, said.out) == (3, "")
    assert "Read-only file system. A sandbox" in said.err and "writable_roots" in said.err


@pytest.mark.parametrize(
    ("number", "agent", "named"),
    [("EROFS", "", True), ("EACCES", "", False), ("EACCES", "1", True), ("ENOSPC", "1", False)],
)
def test_a_sandbox_is_named_where_it_can_be_one(number, agent, named):
    """A read-only disk; and what an agent may not write. A person's permissions are no sandbox."""
    error = OSError(getattr(errno, number), "x", "/r/.git/tractatus/lock")
    assert is_walled(error, {"CLAUDECODE": agent}) == named
    assert not is_walled(OSError("without a path"), {"CLAUDECODE": "1"})


def test_a_session_under_a_new_id_keeps_its_names(line):
    """Who resumes it under another id works on in the same database."""
    tool(line, "start", "--id", "old")
    before = of(line, "old")
    tool(line, "start", "--id", "new", "--resume", "old")
    tool(line, "start", "--id", "other")
    assert of(line, "other")["TRACTATUS_SLOT"] == "1"
    assert of(line, "new") == {**before, "TRACTATUS_SESSION": "new"}


def test_a_run_outlives_its_session(line):
    """Merged while its tests run, a session's slot is free only when they are over."""
    for name in ("a", "b", "c"):
        tool(line, "start", "--id", name)
    waits = 'echo "$TRACTATUS_SLOT"; read -r _'
    running = [started(line, "run", "--session", "a", "--", "sh", "-c", waits) for _ in range(2)]
    assert [process.stdout.readline() for process in running] == ["0\n", "0\n"]
    tool(line, "end", "--session", "a")
    running[1].communicate("over\n", timeout=60)
    assert of(line, "b")["TRACTATUS_SLOT"] == "1"
    running[0].communicate("over\n", timeout=60)
    assert of(line, "c")["TRACTATUS_SLOT"] == "0"


def test_a_session_that_is_over(line):
    """Its names are its caller's, as long as that lives, and nobody else's."""
    for name in ("a", "b"):
        tool(line, "start", "--id", name)
    tool(line, "end", "--session", "a")
    assert of(line, "a")["TRACTATUS_SLOT"] == "0"
    assert of(line, "b")["TRACTATUS_SLOT"] == "1"


def test_run_is_the_command(line):
    """Its exit code, its words and its output are the command's; what cannot be run is told."""
    tool(line, "start", "--id", "a")
    code = "import os, sys; print(os.environ['TRACTATUS_SESSION'], *sys.argv[1:]); sys.exit(42)"
    words = [sys.executable, "-c", code, "--session", "b", "--help", "--", "x"]
    for dashes in (["--"], []):
        done = started(line, "run", "--session", "a", *dashes, *words)
        assert (done.communicate()[0], done.returncode) == ("a --session b --help -- x\n", 42)
    done = started(line, "run", "--", "no-such-command")
    assert "no-such-command: command not found" in done.communicate()[1] and done.returncode == 127
    done = started(line, "run", "--", str(line))
    done.communicate()
    assert done.returncode == 126


@pytest.mark.parametrize("name", ["KILL", "TERM", "INT", "HUP", "PIPE", "XFSZ"])
def test_a_commands_signals(line, heeded, name):
    """Kill it as they would without the tool, also those that Python ignores."""
    done = started(line, "run", "--", "sh", "-c", f"ulimit -c 0; kill -{name} $$; sleep 0.2")
    done.communicate(timeout=60)
    assert done.returncode == -signal.Signals[f"SIG{name}"]


def test_a_signal_reaches_the_command(line):
    """What is sent to `run` is sent to the command, which may answer as it likes."""
    code = 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.05; done'
    running = started(line, "run", "--", "sh", "-c", code)
    assert running.stdout.readline() == "ready\n"
    running.terminate()
    assert (running.communicate(timeout=60)[0], running.returncode) == ("caught\n", 7)


@pytest.mark.parametrize("words", [["env"], ["run", "--", "true"]])
def test_without_a_history(repo, words):
    """It is refused, and no folder is made by which hooks would know the repository."""
    refused = started(repo, *words)  # not in this process, which `run` would replace
    assert "tractatus-merge init" in refused.communicate(timeout=60)[1]
    assert refused.returncode == 2
    assert not (repo / ".git/tractatus").exists()


def test_a_person_never_shares_an_agents_names(line):
    """In a worktree where an agent's session is open, a person's run has names of its own."""
    tool(line, "start", "--id", "agent")
    path = line / ".git/tractatus/sessions/agent/session.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "hooked": True}))
    assert "TRACTATUS_SESSION" not in tool(line, "env")
    assert tool(line, "env")["TRACTATUS_SLUG"] != of(line, "agent")["TRACTATUS_SLUG"]


SUITE = """\
import os, sqlite3, time
from pathlib import Path

meeting = Path(os.environ["MEETING"])

def meet(what):
    (meeting / f"{what}-{os.getpid()}").touch()
    until = time.monotonic() + 20
    while len(list(meeting.glob(f"{what}-*"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)

def test_document(@):
    slug = #
    db = sqlite3.connect(os.environ["DB"], timeout=20)
    meet("here")
    try:
        db.execute("INSERT INTO documents VALUES (?)", [slug])
        db.commit()
    finally:
        meet("tried")
    assert db.execute("SELECT count(*) FROM documents WHERE slug = ?", [slug]).fetchone() == (1,)
    db.execute("DELETE FROM documents WHERE slug = ?", [slug])
    db.commit()
"""
STATIC = '"test-document-integration"'


def suites(tmp_path, suite, *starts):
    """Two runs of a suite at once, against one database; their exit codes and what they said."""
    import sqlite3

    meeting = tmp_path / "meeting"
    shutil.rmtree(meeting, ignore_errors=True)
    meeting.mkdir()
    (tmp_path / "suite").mkdir(exist_ok=True)
    file = tmp_path / "suite/test_documents.py"
    file.write_text(suite)
    database = tmp_path / "shared.db"
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as db:
        db.execute("CREATE TABLE documents (slug TEXT UNIQUE)")
    db.close()
    extra = {**ENV, "DB": str(database), "MEETING": str(meeting)}
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    running = [
        subprocess.Popen(
            [*start, *pytest_],
            cwd=tmp_path / "suite",
            env=extra,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for start in starts
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    return sorted(process.returncode for process in running), "\n".join(said)


@pytest.mark.slow
def test_two_suites_with_one_static_slug(line, tmp_path):
    """Collide on the unique index without the tool, as in the paper, and pass with it."""
    for name in ("a", "b"):
        tool(line, "start", "--id", name)
    static = SUITE.replace("@", "").replace("#", STATIC)
    plain, said = suites(tmp_path, static, [], [])
    assert plain == [0, 1] and "UNIQUE constraint failed" in said
    runs = [[*PROGRAM, "-C", str(line), "run", "--session", name, "--"] for name in ("a", "b")]
    fixture = SUITE.replace("@", "isolated_name").replace("#", f"isolated_name({STATIC})")
    slug = SUITE.replace("@", "").replace("#", f'{STATIC} + "-" + os.environ["TRACTATUS_SLUG"]')
    for suite in (fixture, slug):
        codes, said = suites(tmp_path, suite, *runs)
        assert codes == [0, 0], said
    codes, said = suites(tmp_path, fixture, [], [])
    assert codes == [0, 0], f"the plugin alone looks its names up: {said}"


@pytest.mark.slow
def test_workers_of_one_run_have_names_of_their_own(line, tmp_path):
    """Under pytest-xdist the fixtures end in the worker; database names stay within 63 bytes."""
    file = tmp_path / "test_names.py"
    file.write_text(
        "import os\nfrom pathlib import Path\nimport pytest\n"
        "@pytest.mark.parametrize('n', range(8))\n"
        "def test_names(n, isolated_name, isolated_db):\n"
        "    worker = os.environ['PYTEST_XDIST_WORKER']\n"
        "    assert isolated_db.endswith('_' + worker) and len(isolated_db) <= 63\n"
        "    Path(os.environ['OUT'], worker).write_text(isolated_name('x') + ' ' + isolated_db)\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    words = [
        *PROGRAM,
        "-C",
        str(line),
        "run",
        "--",
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
        str(file),
    ]
    done = subprocess.run(
        words,
        env={**ENV, "OUT": str(out)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = [path.read_text() for path in out.iterdir()]
    assert len(found) == len(set(found)) > 0


@pytest.mark.parametrize(
    "without",
    ["history", *(pytest.param(one, marks=pytest.mark.slow) for one in ("repository", "git"))],
)
def test_without_it_the_fixtures_still_work(repo, tmp_path, without):
    """A run's own names, with no warning and nothing written."""
    folder = tmp_path / "elsewhere" if without == "repository" else repo
    folder.mkdir(exist_ok=True)
    (folder / "test_x.py").write_text(
        "def test_x(isolated_name, isolated_db):\n    assert isolated_name('a') != 'a' and 'test' in isolated_db\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        env={**ENV, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
        | ({"PATH": str(tmp_path)} if without == "git" else {}),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert not (repo / ".git/tractatus").exists()


@pytest.fixture
def postgres(tmp_path):
    """A PostgreSQL server of its own on a socket: the folder of the socket."""
    bins = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin")),
        Path("/usr/local/bin"),
        Path("/usr/bin"),
    ]
    place = next((folder for folder in bins if (folder / "initdb").exists()), None)
    if place is None or not shutil.which("psql"):
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path("/tmp") / f"tractatus-pg-{os.getpid()}"  # a socket's path is short
    folder.mkdir(mode=0o755)
    low = (
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    )
    if low:
        os.chown(folder, 65534, 65534)
    data, own = folder / "data", {**ENV, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    options = {"env": own, "stdout": subprocess.DEVNULL, "cwd": str(folder)}
    subprocess.run(
        [*low, place / "initdb", "-D", data, "-A", "trust", "-U", "test", "-N"],
        check=True,
        **options,
    )
    server = subprocess.Popen(
        [*low, place / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="],
        env=own,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while psql(folder, "postgres", "SELECT 1").returncode != 0:
            assert time.monotonic() < until and server.poll() is None
            time.sleep(0.1)
        yield folder
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder)


def psql(folder, database, sql):
    """Run SQL in a database of the server there."""
    return subprocess.run(
        [
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(folder),
            "-U",
            "test",
            "-d",
            database,
            "-c",
            sql,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


SQL_SUITE = """
psql() { command psql -X -q -v ON_ERROR_STOP=1 -h "$PGHOST" -U test "$@"; }
psql -d postgres -c "CREATE DATABASE ${TRACTATUS_TEST_DB:-tractatus_test}" 2>/dev/null
psql -d "${TRACTATUS_TEST_DB:-tractatus_test}" -c "CREATE TABLE IF NOT EXISTS documents (slug text UNIQUE)" || :
touch "$MEETING/here-$$"; until test "$(ls "$MEETING" | grep -c here)" = 2; do sleep 0.05; done
psql -d "${TRACTATUS_TEST_DB:-tractatus_test}" -c "INSERT INTO documents VALUES ('test-document-integration')"
"""


def test_two_suites_against_postgresql(line, tmp_path, postgres):
    """With one fixed database the second INSERT fails; with its own database each passes."""
    assert psql(postgres, "postgres", "CREATE DATABASE tractatus_test").returncode == 0
    assert (
        psql(postgres, "tractatus_test", "CREATE TABLE documents (slug text UNIQUE)").returncode
        == 0
    )
    for name in ("a", "b"):
        tool(line, "start", "--id", name)
    with_tool = [[*PROGRAM, "-C", str(line), "run", "--session", name, "--"] for name in ("a", "b")]
    codes = []
    for number, starts in enumerate(([[], []], with_tool)):
        meeting = tmp_path / f"meeting{number}"
        meeting.mkdir()
        extra = {**ENV, "PGHOST": str(postgres), "MEETING": str(meeting)}
        running = [
            subprocess.Popen(
                [*start, "sh", "-c", SQL_SUITE],
                env=extra,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for start in starts
        ]
        said = "".join(process.communicate(timeout=60)[1] for process in running)
        codes.append(sorted(process.returncode for process in running))
        assert ("duplicate key" in said) == (number == 0), said
    assert codes == [[0, 1], [0, 0]]
