"""What every test of the documents begins with."""

from __future__ import annotations

import pytest

from tractatus_merge.meaning import demands


@pytest.fixture(autouse=True)
def _nothing_read_before():
    """Each test reads its sentences itself, as a new process does: so a mutant of it shows."""
    demands._read.cache_clear()
