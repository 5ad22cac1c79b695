"""A proxy of TCP that a test can tell what to do with each packet of a client; it knows no protocol.

A packet is what one `read` of the proxy got from a client, counted from 1 over all connections. As
a script it only delays, in a process of its own: `python -m tests.proxy HOST PORT SECONDS` says its port.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sys
import threading
from collections.abc import Callable
from enum import Enum
from typing import Self


class Do(Enum):
    """What becomes of a packet."""

    PASS = "it is handed on"
    CUT = "it is lost, and the connection with it"
    REPLY_LOST = "it is handed on; when the server has answered, the connection is cut"
    LATE = "the client is cut off at once, and the server gets it a little later"
    HOLD = "it is handed on, and no answer ever comes back, nor an end"


class Proxy:
    """Between clients and one address, in a thread of its own. `port` is where it listens.

    `plan` is asked about each packet, its number and bytes; `seconds` is how long each way takes.
    """

    LATENESS = 0.2
    """Seconds by which a packet is late."""
    ANSWERED = 1.0
    """Seconds in which a server answers; not all packets are answered."""

    def __init__(self, host: str, port: int, *, seconds: float = 0.0) -> None:
        self.target, self.seconds = (host, port), seconds
        self.plan: Callable[[int, bytes], Do] = lambda *_: Do.PASS
        self.packets = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def on(self, number: int, what: Do | Callable[[], object]) -> None:
        """Begin to count again; at that packet do something, or call something and hand it on."""

        def plan(at: int, _: bytes) -> Do:
            if at != number:
                return Do.PASS
            if isinstance(what, Do):
                return what
            what()
            return Do.PASS

        self.packets, self.plan = 0, plan

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._between(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _between(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """One connection, until one side ends it or the plan does."""
        writers = [client]
        try:
            answers, server = await asyncio.open_connection(*self.target)
            writers.append(server)
            quiet = asyncio.Event()
            back = self._loop.create_task(self._answers(answers, client, quiet))
            there = self._loop.create_task(self._packets(reader, client, server, quiet, back))
            await asyncio.wait({back, there}, return_when=asyncio.FIRST_COMPLETED)
            if back.done() and quiet.is_set():  # the packet is still to be handed on
                await there
            elif back.done():
                await asyncio.sleep(self.seconds)  # the last words are on their way
            for task in (back, there):
                task.cancel()
            await asyncio.gather(back, there, return_exceptions=True)
        except OSError:  # the server is down: so is the proxy, to the client
            pass
        finally:
            for writer in writers:
                writer.close()

    async def _packets(
        self,
        reader: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
        quiet: asyncio.Event,
        back: asyncio.Task[None],
    ) -> None:
        with contextlib.suppress(OSError):  # either side hung up
            while data := await reader.read(1 << 16):
                self.packets += 1
                what = self.plan(self.packets, data)
                if what is not Do.PASS:
                    quiet.set()
                if what is Do.CUT:
                    client.close()
                    back.cancel()
                    return
                if what is Do.LATE:
                    client.close()
                    await asyncio.sleep(self.LATENESS)
                self._send(server, data)
                if what in {Do.REPLY_LOST, Do.LATE}:
                    await asyncio.wait({back}, timeout=self.ANSWERED)
                    return
                if what is Do.HOLD:
                    await self._stop.wait()

    async def _answers(
        self, answers: asyncio.StreamReader, client: asyncio.StreamWriter, quiet: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):  # either side hung up
            while data := await answers.read(1 << 16):
                if quiet.is_set():
                    return
                self._send(client, data)

    def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self.seconds:
            self._loop.call_later(self.seconds, functools.partial(_write, writer, data))
        else:
            _write(writer, data)


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)


if __name__ == "__main__":
    with Proxy(sys.argv[1], int(sys.argv[2]), seconds=float(sys.argv[3])) as proxy:
        print(proxy.port, flush=True)
        sys.stdin.read()
