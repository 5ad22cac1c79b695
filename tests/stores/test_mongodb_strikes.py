"""A commit to MongoDB that is struck at any step: connection, client or server. Nothing lost, nothing twice."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import services
from tests.conftest import PACE, ROOT
from tests.proxy import Do, Proxy
from tests.stores.kinds import Kind, with_database
from tests.stores.linearizability import LOST, UNKNOWN, Call
from tests.stores.strikes import commit, look
from tractatus_merge.stores.mongodb import chain
from tractatus_merge.stores.mongodb.opening import open_store

pytestmark = [pytest.mark.services, pytest.mark.slow]

NOWHERE = Path()
SHORT = (
    "?socketTimeoutMS=1000&connectTimeoutMS=1000&serverSelectionTimeoutMS=30000"
    "&directConnection=true"
)
"""Of an answer that never comes; and no other address than the proxy's is gone to."""
CHILD = (
    "import sys; from pathlib import Path; from tests.stores.strikes import commit\n"
    "from tests.stores.linearizability import *; from tests.stores.test_mongodb_strikes import kind\n"
    "print(repr(commit(kind(sys.argv[1]), Path(), sys.argv[2])))"
)


def kind(url):
    """The store at a URL, wherever the folder is."""
    return Kind(lambda _: None, lambda _: open_store(url))


@pytest.fixture
def struck(mongodb):
    """A database with two versions, and the proxy before it: the direct store's kind, and the proxied one's."""
    url = with_database(mongodb)
    with proxied(url) as found:
        yield found
    store = open_store(url)
    store.server.database.client.drop_database(store.server.name)
    store.close()


class proxied:  # noqa: N801 (it is used as a function)
    """A proxy before the database that a URL names, which has two versions."""

    def __init__(self, url):
        place = urlsplit(url)
        self.proxy = Proxy(place.hostname, place.port or 27017)
        self.direct, self.place = kind(url), place

    def __enter__(self):
        self.proxy.__enter__()
        self.url = self.place._replace(netloc=f"127.0.0.1:{self.proxy.port}").geturl() + SHORT
        self.calls = [Call("", None, None, -1, 0)]
        self.calls += [commit(self.direct, NOWHERE, f"before{number}") for number in range(2)]
        return self

    def __exit__(self, *error):
        self.proxy.__exit__(*error)

    def after(self, step):
        """Somebody commits after the strike."""
        self.proxy.plan = lambda *_: Do.PASS
        self.calls.append(commit(self.direct, NOWHERE, f"after{step}"))
        assert self.calls[-1].version not in {LOST, UNKNOWN}


@pytest.mark.parametrize("what", [Do.CUT, Do.REPLY_LOST, Do.LATE, Do.HOLD])
def test_a_connection_that_is_cut_at_any_step_is_not_even_noticed(what, struck):
    """Whatever answer was lost, the commit says rightly that its version is in the history."""
    for step in itertools.count(1, PACE):
        struck.proxy.on(step, what)
        struck.calls.append(commit(kind(struck.url), NOWHERE, f"struck{step}"))
        came = struck.proxy.packets >= step
        assert struck.calls[-1].version not in {LOST, UNKNOWN}
        struck.after(step)
        if not came:
            break
    print(f"{what.name}: {step - 1} steps")
    assert step > 8
    look(struck.direct, NOWHERE, struck.calls)


def patient(url):
    """The same, for a client that is stopped, or whose server is started again."""
    return url.replace("socketTimeoutMS=1000", "socketTimeoutMS=30000")


def child(url, mark):
    """A process that commits once, and says what came of it."""
    words = [sys.executable, "-c", CHILD, url, mark]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_writer_that_is_killed_at_any_step_did_it_whole_or_not_at_all(struck):
    """And the next one commits; what it left is swept when it is old, and no more than that."""
    for step in itertools.count(1, PACE):
        with child(struck.url, f"struck{step}") as writer:
            struck.proxy.on(step, writer.kill)
            writer.communicate()
        came = struck.proxy.packets >= step
        assert (writer.returncode == -signal.SIGKILL) == came
        struck.calls.append(
            Call(f"struck{step}", struck.calls[-1].version, UNKNOWN, 0, float("inf"))
        )
        struck.after(step)
        if not came:
            break
    assert step > 8
    store = struck.direct.open(NOWHERE)
    assert chain.sweep(store.server.database) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "_LEFT", timedelta(0))
        assert chain.sweep(store.server.database) >= 1
        assert chain.sweep(store.server.database) == 0
    left = store.server.database["versions"].count_documents({})
    assert left == len(list(store.log()))
    assert store.astray() == []
    store.close()
    look(struck.direct, NOWHERE, struck.calls)


@pytest.mark.parametrize("meanwhile", ["another commits", "orphans are swept"])
def test_a_writer_that_is_stopped_at_any_step_goes_on_rightly(meanwhile, struck, monkeypatch):
    """It lost its race, or wins it with all that it wrote: what is swept can never become the head."""
    monkeypatch.setattr(chain, "_LEFT", timedelta(days=-1))
    for step in itertools.count(1, PACE):
        writer = child(patient(struck.url), f"struck{step}")
        struck.proxy.on(step, lambda writer=writer: writer.send_signal(signal.SIGSTOP))
        stopped = os.waitid(os.P_PID, writer.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        came = stopped.si_code == os.CLD_STOPPED
        struck.proxy.plan = lambda *_: Do.PASS
        if came and meanwhile == "another commits":
            struck.calls.append(commit(struck.direct, NOWHERE, f"rival{step}"))
        elif came:
            store = struck.direct.open(NOWHERE)
            chain.sweep(store.server.database)
            store.close()
        writer.send_signal(signal.SIGCONT)
        told, _ = writer.communicate()
        assert writer.returncode == 0
        struck.calls.append(eval(told))
        assert struck.calls[-1].version != UNKNOWN
        struck.after(step)
        if not came:
            break
    assert step > 8
    look(struck.direct, NOWHERE, struck.calls)


def test_a_server_that_is_killed_at_any_step_and_started_again_loses_nothing():
    """SIGKILL in the middle of a commit: the commit waits for the server, and comes through."""
    if why := services.missing("mongodb"):
        pytest.skip(why)
    with services.running("mongodb") as own, proxied(with_database(own.url)) as struck:

        def again():
            own.kill()
            own.start()

        url = patient(struck.url)
        for step in itertools.count(1, PACE):
            struck.proxy.on(step, again)
            struck.calls.append(commit(kind(url), NOWHERE, f"struck{step}"))
            came = struck.proxy.packets >= step
            assert struck.calls[-1].version not in {LOST, UNKNOWN}
            struck.after(step)
            if not came:
                break
        assert step > 8
        look(struck.direct, NOWHERE, struck.calls)
