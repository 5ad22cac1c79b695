"""The page's process: one socket on 127.0.0.1, a thread for each request. No routes here."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from werkzeug.serving import WSGIRequestHandler, make_server

from tractatus_merge.errors import RequestError
from tractatus_merge.web.app import make_app
from tractatus_merge.web.guard import Guard

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request; a browser that keeps a connection open blocks nobody."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 (werkzeug's name)
        """Nothing: addresses on a terminal would carry the token."""

    def version_string(self) -> str:
        """Not the versions of what serves it."""
        return "tractatus-merge"


class Server:
    """A listening socket with the page behind it; closed when its block is left."""

    def __init__(self, folder: Path, port: int) -> None:
        self._guard = Guard()
        app = make_app(folder, self._guard)
        try:
            listening = socket.create_server((HOST, port))
        except OSError as error:
            raise RequestError(
                f"port {port} of {HOST} cannot be used: {error.strerror}.",
                hint="tractatus-merge review --web",
            ) from None
        with listening:  # werkzeug takes a second handle to it
            self._server = make_server(
                HOST,
                port,
                app,
                threaded=True,
                request_handler=_Quiet,
                fd=listening.fileno(),
            )
        self._guard.port = self.port

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.port)

    def address(self, open_at: str | None = None) -> str:
        """Where the page is, for a person to open: the token included."""
        path = f"conflict/{quote(open_at, safe='')}" if open_at else ""
        return f"http://{HOST}:{self.port}/{path}?token={self._guard.token}"

    def run(self) -> None:
        """Serve until Ctrl-C, or until `stop`."""
        with contextlib.suppress(KeyboardInterrupt):
            self._server.serve_forever()

    def stop(self) -> None:
        """Make `run` return, from another thread."""
        self._server.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.server_close()
