"""The review page: conflicts, history and sessions in a browser of this machine. Needs Flask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tractatus_merge.errors import RequestError


def serve(
    repo_folder: Path,
    *,
    port: int = 0,
    announce: Callable[[str], None],
    open_at: str | None = None,
) -> None:
    """Serve the page on 127.0.0.1 until Ctrl-C; announces its address, token included, once.

    RequestError if Flask is missing or the port is taken.
    """
    try:
        from tractatus_merge.web.server import Server
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tractatus_merge"):
            raise
        raise RequestError(
            "the review page needs Flask.", hint="pip install 'tractatus-merge[web]'"
        ) from None
    with Server(repo_folder, port) as server:
        announce(server.address(open_at))
        server.run()
