"""The entry point: `tractatus-merge`, `git tractatus` and `python -m tractatus_merge`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code.

    What a hook asks is looked at quickly first: mostly all is well, and nothing need be loaded.
    """
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
    from tractatus_merge.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
