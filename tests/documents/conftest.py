"""What every test of the documents begins with."""

from __future__ import annotations

import pytest

from tractatus_merge.documents import wording


@pytest.fixture(autouse=True)
def _nothing_read_before():
    """Each test reads its sentences itself, as a new process does: so a mutant of it shows."""
    wording._read.cache_clear()
