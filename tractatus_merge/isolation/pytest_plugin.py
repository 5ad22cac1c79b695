"""The pytest plugin: names that no other session, run or worker has. Loaded by pytest alone.

Nothing is looked up until a test asks. The names are those of `tractatus-merge env`, with the
worker of pytest-xdist at the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import whose


@pytest.fixture(scope="session")
def isolated_name() -> Callable[[str], str]:
    """A function that makes a fixed name this run's own: `isolated_name("test-org")`."""
    end = "-".join(part for part in (_variables()["TRACTATUS_SLUG"], _worker()) if part)
    return lambda name: f"{name}-{end}"


@pytest.fixture(scope="session")
def isolated_db() -> str:
    """The name of a database that no other live session, run or worker uses; it is not created."""
    from tractatus_merge.isolation import names

    return names.of_worker(_variables()["TRACTATUS_TEST_DB"], _worker())


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "")


def _variables() -> dict[str, str]:
    """The environment where `tractatus-merge run` set it, else the one it would set."""
    if os.environ.get("TRACTATUS_SLUG") and os.environ.get("TRACTATUS_TEST_DB"):
        return dict(os.environ)
    from tractatus_merge.errors import TractatusError

    try:
        from tractatus_merge.factory import open_repository
        from tractatus_merge.isolation import slots

        repo = open_repository(Path.cwd())
        try:
            name = os.environ.get("TRACTATUS_SESSION")
            session = session_lookup.find(repo, name) if name else whose.own_session(repo)
            return slots.variables(repo, session, os.getpid(), runs=True)
        finally:
            repo.close()
    except (TractatusError, LookupError, OSError):  # no git, history or such session: a run's own
        own = os.urandom(4).hex()
        return {"TRACTATUS_SLUG": own, "TRACTATUS_TEST_DB": f"tractatus_test_{own}"}
