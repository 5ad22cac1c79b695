"""Play pages, or write into them what their commands print now: `python -m tests.pages [--write] [PAGE...]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.pages.play import PAGES, Player


def main() -> None:
    """Play the pages that are named, else all; exit 1 where one is other than it says."""
    words = sys.argv[1:]
    named = {Path(word).resolve() for word in words if word != "--write"}
    other = False
    for page in (page for page in PAGES if not named or page in named):
        with tempfile.TemporaryDirectory(prefix="tractatus-page-") as folder:
            player = Player(page, Path(folder))
            player.play()
        other |= bool(player.failures)
        print("\n".join([*player.failures, f"{page.name}: {player.commands} commands"]))
        if "--write" in words:
            page.write_text(player.text, "utf-8")
    sys.exit(other and "--write" not in words)


if __name__ == "__main__":
    main()
