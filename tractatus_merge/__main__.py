"""The entry point: `tractatus-merge`, `git tractatus` and `python -m tractatus_merge`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from tractatus_merge.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
