"""A session ends on a disk that is full, and is killed there: nothing is lost, and the error says why.

As a script, in a mount namespace of its own: `python -m tests.crash.full_disk KIND DISK SHIM [STRIDE]`, where DISK is
a small tmpfs. It exits with 0 if all was as it must be, and says how much it tried.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.conftest import PLACES
from tests.crash.forking import KILLED, Forker
from tests.crash.story import ALPHA, OURS, Story, all_there, not_reverted, told

END = ("end", "--session", ALPHA)
PAGE = 4096
UNAVAILABLE = 3


class Disk:
    """A file system, of which a part can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, pages: int) -> None:
        """Fill it until only so many pages are free."""
        found = os.statvfs(self.folder)
        size = found.f_bavail * found.f_frsize - pages * PAGE
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def free(self) -> None:
        """Give all of it back."""
        self._ballast.unlink()


def end_with(story: Story, disk: Disk, pages: int, kill: int = 0) -> int:
    """End the session with so little room, from the saved state; then with room. Its exit code."""
    story.forget()
    story.restore()
    disk.leave(pages)
    done = story.run(*END, kill=kill)
    disk.free()
    about = f"{pages} pages free, killed before step {kill}: {done}"
    assert "Traceback" not in done.err, about
    assert done.status in (0, 1, UNAVAILABLE, KILLED), about
    if done.status == UNAVAILABLE:
        first, _, hint = done.err.strip().partition("\n")
        why = first.replace(str(disk.folder), "")
        assert "No space left" in why or "full" in why, about
        assert hint.startswith("  "), about
    try:
        not_reverted(story, OURS)
        again = story.do(*END)
        assert again.status == 1 or "conflict" in done.out, "nobody was told of the conflict"
        all_there(story)
    except AssertionError as error:
        error.add_note(about)
        raise
    return done.status


def main(kind: str, place: str, shim: str, stride: int) -> None:
    """Less and less room, until nothing is left; with some of it, killed before the steps."""
    disk = Disk(Path(place))
    folder = PLACES[kind](disk.folder)
    with Forker(folder, shim=Path(shim)) as run:
        story = told(folder, run)
        story.save()
        pages, refused = 0, []
        while (status := end_with(story, disk, pages)) not in (0, 1):
            assert status == UNAVAILABLE
            refused.append(pages)
            pages += stride
        assert refused, "the disk was never full"
        killed = 0
        for free in (refused[-1], refused[len(refused) // 2]):
            step = 1
            while end_with(story, disk, free, step) == KILLED:
                killed += 1
                step += stride
        print(f"{kind}: full with {refused} pages free; killed there {killed} times")
        assert killed


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
