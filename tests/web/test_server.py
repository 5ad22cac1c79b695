"""The server as a process: where it listens, what it announces, how it ends."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests.web.scene import opened
from tractatus_merge.errors import RequestError
from tractatus_merge.web.server import Server

PROGRAM = """
import sys
from pathlib import Path
from tractatus_merge.web import serve
serve(Path(sys.argv[1]), announce=lambda line: print(line, flush=True), open_at=sys.argv[2])
"""


def test_it_serves_until_ctrl_c(one, heeded):
    """It announces one address, with the token, opens at the conflict, and Ctrl-C ends it well."""
    name = opened(one)[0]["id"]
    words = [sys.executable, "-c", PROGRAM, str(one), name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        address = urlsplit(run.stdout.readline().strip())
        assert address.hostname == "127.0.0.1"
        assert re.fullmatch(r"token=[\w-]{43}", address.query)
        connection = http.client.HTTPConnection(address.netloc, timeout=10)
        connection.request("GET", f"{address.path}?{address.query}")
        let_in = connection.getresponse()
        let_in.read()
        assert (let_in.status, let_in.headers["Location"]) == (303, f"/conflict/{name}")
        cookie = let_in.headers["Set-Cookie"].split(";")[0]
        connection.request("GET", let_in.headers["Location"], headers={"Cookie": cookie})
        assert b"inst_002 text" in connection.getresponse().read()
        connection.close()
        run.send_signal(signal.SIGINT)
        rest, complaints = run.communicate(timeout=10)
    assert (run.returncode, rest, complaints) == (0, "", "")


def test_it_listens_on_this_machine_only(one):
    """The socket is bound to the loopback address, not to all."""
    with Server(one, 0) as server:
        assert server._server.socket.getsockname() == ("127.0.0.1", server.port)


def test_a_port_that_is_taken_is_said(one):
    """With the line that takes any free one."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(RequestError, match=f"port {port} of 127.0.0.1 cannot be used") as told:
            Server(one, port)
    assert told.value.hint == "tractatus-merge review --web"


def test_every_run_has_secrets_of_its_own(one):
    """A token, and a form, of one run are worth nothing in the next."""
    with Server(one, 0) as first, Server(one, 0) as second:
        assert first._guard.token != second._guard.token
        assert first._guard.seal("undo x") != second._guard.seal("undo x")
        assert first._guard.cookie != second._guard.cookie
