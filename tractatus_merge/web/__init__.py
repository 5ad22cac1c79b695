"""The review page: conflicts, history and sessions in a browser of this machine. Needs Flask.

Questions and answers are those of `review`: here they are only drawn. It imports nothing of the
command line.

- `server`: the process: one socket on 127.0.0.1
- `app`: the application: the guard before every request, the errors after
- `guard`: who may see the page, and who may answer on it
- `page_frame`: what one request works on
- `pages`: the pages that show
- `actions`: the pages that change: answer, and undo
- `question_page`: one conflict, with every fact on it
- `filters`: which conflicts are listed
- `timeline`: how a conflict came to be, as a picture
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from shlex import join

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
        how = join((sys.executable, "-m", "pip", "install", "flask>=3.1"))
        raise RequestError("the review page needs Flask.", hint=how) from None
    with Server(repo_folder, port) as server:
        announce(server.address(open_at))
        server.run()
