"""The entry point: `tractatus-merge`, `git tractatus` and `python -m tractatus_merge`."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> None:
    """Run the command line and leave with its exit code.

    What a hook asks is looked at quickly first: mostly all is well, and nothing need be loaded.
    """
    _spare()
    _open_streams()
    if sys.argv[1:2] == ["hook"] and (len(sys.argv) == 2 or sys.argv[2:3] == ["--agent"]):
        from tractatus_merge.agents.hook import main as attend

        attend(*sys.argv[3:4])
    if sys.argv[1:2] == ["statusline"] and sys.argv[2:] in ([], ["--segment"]):
        from tractatus_merge.agents.statusline import main as show

        show(segment=len(sys.argv) > 2)
    if sys.argv[1:3] == ["check", "--staged"] and not any(w[:1] == "-" for w in sys.argv[3:]):
        from tractatus_merge.git.gate.glance import is_whole

        if is_whole(sys.argv[3:]):
            return
    if "end" in sys.argv[1:4]:
        code = _ended(sys.argv[1:])
        if code is not None:
            sys.exit(code)
    _read_ahead(sys.argv[1:])
    from tractatus_merge.cli import main as run
    from tractatus_merge.cli.terminal import streams

    streams.guard()
    sys.exit(run())


def program() -> NoReturn:
    """The whole process: run the command line, and leave.

    Nothing is taken apart first: that takes as long as loading a library. What could not be printed
    is told as Python tells it.
    """
    code: object = 0
    try:
        main()
    except SystemExit as left:
        code = left.code or 0
    if not isinstance(code, int):
        sys.exit(str(code))
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 (there is no other door to it)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads any more
        sys.exit(code)
    os._exit(code)


_STAYS = {"mcp", "review"}
"""The verbs that stay until somebody ends them."""
_READS = ("start", "add", "edit", "retire", "refresh", "status", "list", "show", "log", "blame")
_PUBLISHES = ("merge", "end")
"""The verbs that are typed most: they read the history of a folder, or write it too."""


def _read_ahead(words: list[str]) -> None:
    """Have git begin to read what a verb will ask it, while the verb is loaded."""
    folder = "."
    if words[:1] == ["-C"] and len(words) > 1:
        folder, words = words[1], words[2:]
    if words[:1] and words[0] in _READS + _PUBLISHES:
        from tractatus_merge.git import discovery, processes

        common_dir = discovery.git_of(folder)
        if common_dir is not None:
            processes.read_ahead(folder, common_dir, writes=words[0] in _PUBLISHES)


def _spare() -> None:
    """Look for cycles of garbage a thousand times less often: a command is over before it matters.

    Where one stays, as a server does, they are looked for as ever.
    """
    if not _STAYS.intersection(sys.argv[1:4]):
        import gc

        gc.set_threshold(700_000, 10, 100)


def _open_streams() -> None:
    """Swallow what is said where the shell has closed stdout or stderr (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            from tractatus_merge.system import plain_file

            setattr(sys, name, plain_file.swallowing())


def _ended(words: list[str]) -> int | None:
    """The exit code of an end that another command did, and that is told here; None if none has."""
    from tractatus_merge.cli import plain
    from tractatus_merge.git import discovery

    asked = plain.end(words)
    if asked is None or os.environ.get("TRACTATUS_QUEUE") == "off":
        return None
    folder, name, as_json = asked
    name = name or os.environ.get("TRACTATUS_SESSION", "")
    state = discovery.state_of(folder or ".") if discovery.is_id(name) else None
    if state is None:
        return None
    from tractatus_merge.sessions import follower

    done = follower.ended(state, name)
    if done is None:
        return None
    if done.view_is_due:
        from tractatus_merge.cli.common import show

        show(folder or ".", done.worktree)
    try:
        print(done.json if as_json else done.text, flush=True)
    except BrokenPipeError:  # the reader has seen enough
        os._exit(141)
    except OSError:  # the verb itself says so
        return None
    done.told()
    return done.code


if __name__ == "__main__":
    program()
