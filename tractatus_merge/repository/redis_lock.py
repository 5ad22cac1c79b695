"""A lease in Redis, for which writers of several machines line up, or of folders with one store.

A courtesy like every lock. Redis may lose what it has acknowledged, and a holder who was stopped
goes on when his lease has run out: then two hold it, and the store's commit keeps them apart.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from shlex import join
from typing import TYPE_CHECKING

from tractatus_merge.errors import RequestError
from tractatus_merge.repository.lock import Lock, Tell
from tractatus_merge.stores.address import must_have_no_secret

if TYPE_CHECKING:
    from redis import Redis
    from redis.lock import Lock as Lease

PASSWORD = "TRACTATUS_REDIS_PASSWORD"  # noqa: S105 (the name of a variable)
LEASE = 3.0
"""Seconds after which a holder who does not renew it has it no more."""
ANSWER = 1.0
"""Seconds within which the server answers, or we go on without it; also until a holder is told."""
_POLL = 0.02
_URL = re.compile(
    r"redis://(?:(?P<user>[^\s:@/?#]+)@)?(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/(?P<db>[0-9]{1,6})?)?"
)


class RedisLock:
    """One line's lease, as one process sees it: who has this machine's lock asks the server for it.

    So writers of one machine come in their order, and one of them a machine asks. RequestError for
    a URL that is none, or has a password in it, which is not repeated.
    """

    def __init__(self, url: str, name: str, queue: Lock) -> None:
        must_have_no_secret(url)
        if _URL.fullmatch(url) is None:
            raise RequestError(
                f"'{url}' names no Redis.", hint="tractatus-merge init --lock redis://HOST:6379/0"
            )
        self._url, self._name, self._queue = url, f"tractatus-merge:lock:{name}", queue
        self._busy = False

    def asked(self) -> str:
        """Which server answers; RequestError, with what to do, where none does or lets us in."""
        client = connect(self._url)
        from redis.exceptions import RedisError

        with contextlib.closing(client):
            try:
                client.get(self._name)
                return f"Redis {client.info('server')['redis_version']}"
            except (RedisError, OSError) as error:
                place = self._url.removeprefix("redis://")
                hint = f"redis-cli -u {self._url} ping   (a password: export {PASSWORD}=...)"
                raise RequestError(f"{place} says: {error}", hint=hint) from None

    def held(self, wait: float, tell: Tell) -> AbstractContextManager[bool]:
        """See Lock. Who has it already, and asks again, goes on without a second one."""
        return contextlib.nullcontext(enter_result=False) if self._busy else self._held(wait, tell)

    @contextlib.contextmanager
    def _held(self, wait: float, tell: Tell) -> Iterator[bool]:
        self._busy, give_up = True, time.monotonic() + wait
        try:
            # No longer than a lease: one who was stopped holds the machine's lock for ever.
            with (
                self._queue.held(min(wait, LEASE), tell),
                self._leased(give_up, tell) as lease,
            ):
                yield lease is not None
        finally:
            self._busy = False

    @contextlib.contextmanager
    def _leased(self, give_up: float, tell: Tell) -> Iterator[Lease | None]:
        """The lease, renewed until the end of the block; None where it was not got."""
        try:
            client = connect(self._url)
        except RequestError as error:
            tell(f"went on without the lock: {error.sentence}   {error.hint}")
            yield None
            return
        with contextlib.closing(client):
            lease = self._acquire(client, give_up, tell)
            if lease is None:
                yield None
                return
            done = threading.Event()
            renewal = threading.Thread(target=_renew, args=(lease, done), daemon=True)
            renewal.start()
            try:
                yield lease
            finally:
                done.set()
                renewal.join()
                _release(lease)

    def _acquire(self, client: Redis, give_up: float, tell: Tell) -> Lease | None:
        """The lease, or None; who has it is told as soon as the wait becomes one."""
        from redis.exceptions import RedisError

        lease: Lease = client.lock(self._name, timeout=LEASE, sleep=_POLL, thread_local=False)
        token = f"{_holder()} {os.urandom(8).hex()}"
        try:
            left = max(0.0, give_up - time.monotonic())
            if lease.acquire(token=token, blocking_timeout=min(left, ANSWER)):
                return lease
            left = max(0.0, give_up - time.monotonic())
            if left:
                tell(f"waiting for {self._who(client)}, who holds the lock; {left:.0f} s at most")
                if lease.acquire(token=token, blocking_timeout=left):
                    return lease
            tell(
                f"went on without the lock, which {self._who(client)} holds: nothing depends on it"
            )
        except (RedisError, OSError) as error:
            tell(f"went on without the lock: {self._url} says: {error}")
        return None

    def _who(self, client: Redis) -> str:
        token = client.get(self._name)
        text = token.decode("utf-8", "replace") if isinstance(token, bytes) else ""
        return text.rpartition(" ")[0] or "another one"


def connect(url: str) -> Redis:
    """A client that asks once and does not wait long; RequestError if redis-py is missing."""
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        how = join((sys.executable, "-m", "pip", "install", "redis>=5"))
        raise RequestError("a lock in Redis needs redis-py.", hint=how) from None
    found = _URL.fullmatch(url)
    assert found is not None
    return redis.Redis(
        host=found["host"].strip("[]"),
        port=int(found["port"] or 6379),
        db=int(found["db"] or 0),
        username=found["user"],
        password=os.environ.get(PASSWORD) or None,
        socket_timeout=ANSWER,
        socket_connect_timeout=ANSWER,
        retry=Retry(NoBackoff(), 0),
    )


def _renew(lease: Lease, done: threading.Event) -> None:
    from redis.exceptions import LockError, RedisError

    while not done.wait(LEASE / 3):
        try:
            lease.reacquire()
        except LockError:  # it ran out, or the server forgot it: another one may have it
            return
        except (RedisError, OSError):  # the server is away; it may come back in time
            continue


def _release(lease: Lease) -> None:
    from redis.exceptions import RedisError

    with contextlib.suppress(RedisError, OSError):  # it ran out, or will by itself
        lease.release()


def _holder() -> str:
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # as in a container
        user = f"user {os.geteuid()}"
    return f"{user} on {socket.gethostname()}, process {os.getpid()}"
