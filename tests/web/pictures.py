"""The pictures of the review page, light and dark: `python -m tests.web.pictures` takes them.

A browser draws a letter otherwise on each machine, so nothing compares them: look at them.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import ROOT, bakery
from tests.tool import tool
from tests.web import scene
from tractatus_merge.web.server import Server

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 900, "height": 640}


def take(folder: Path) -> None:
    """Photograph the sheet of one conflict in both schemes."""
    repo = bakery(folder)
    tool(repo, "init")
    for session, port, why in (
        ("fix-auth", "5434", "5433 is taken"),
        ("api-docs", "5435", "as in the handbook"),
    ):
        scene.start(repo, session)
        words = ("--param", f"port={port}", "--why", why, "--session", session)
        tool(repo, "edit", "inst_001", *words)
    scene.end(repo, "fix-auth", "api-docs")
    (conflict,) = tool(repo, "conflicts")["conflicts"]
    server = Server(repo, 0)
    threading.Thread(target=server.run, daemon=True).start()
    address = server.address()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for scheme in ("light", "dark"):
                page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
                page.goto(address)
                page.goto(f"{address.split('/?')[0]}/conflict/{conflict['id']}")
                page.screenshot(path=FOLDER / f"review-{scheme}.png")
            browser.close()
    finally:
        server.stop()


def main() -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory(prefix="tractatus-pictures-") as folder:
        take(Path(folder))


if __name__ == "__main__":
    main()
