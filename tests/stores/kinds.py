"""Every store that several processes can open, in one table; the suites with processes run on each."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import pytest
from _pytest.mark.structures import ParameterSet

from tests import services
from tractatus_merge.git.plumbing import Plumbing, discover
from tractatus_merge.git.store import GitStore
from tractatus_merge.stores.base import Store
from tractatus_merge.stores.file import FileStore
from tractatus_merge.stores.mongodb.opening import open_store as open_mongodb
from tractatus_merge.stores.sql.opening import open_store


class Kind(NamedTuple):
    """How a folder is made ready, and how a process opens the store in it."""

    prepare: Callable[[Path], object]
    open: Callable[[Path], Store]
    service: str = ""
    """The fixture that starts its server."""


def _init(folder: Path) -> None:
    subprocess.run(["git", "init", "-q", folder], check=True)


def _name_line(folder: Path) -> None:
    """A line of its own on the server that tests share."""
    folder.mkdir()
    server = os.environ[services.SERVICES["postgresql"].variable]
    (folder / "url").write_text(with_line(server))


def _name_database(folder: Path) -> None:
    """A database of its own on the server that tests share."""
    folder.mkdir()
    server = os.environ[services.SERVICES["mongodb"].variable]
    (folder / "url").write_text(with_database(server))


def with_database(server: str, name: str = "") -> str:
    """The URL of a database on a MongoDB server; of a new one, if it is not named."""
    found = urlsplit(server)
    return urlunsplit(found._replace(path=f"/{name or f't{uuid.uuid4().hex}'}"))


def with_line(server: str, name: str = "") -> str:
    """The URL of a line on a server; of a new one, if it is not named."""
    return f"{server}{'&' if '?' in server else '?'}line={name or f't{uuid.uuid4().hex}'}"


KINDS = {
    "git": Kind(_init, lambda folder: GitStore(Plumbing(discover(folder)), "tractatus/history")),
    "file": Kind(Path.mkdir, FileStore),
    "sqlite": Kind(Path.mkdir, lambda folder: open_store("sqlite:history.db", folder)),
    "postgresql": Kind(
        _name_line, lambda folder: open_store((folder / "url").read_text(), folder), "postgresql"
    ),
    "mongodb": Kind(
        _name_database, lambda folder: open_mongodb((folder / "url").read_text()), "mongodb"
    ),
}
IN_FOLDERS = [name for name, kind in KINDS.items() if not kind.service]
"""Those whose stores are copied with their folders."""


def params(names: Iterable[str] = KINDS) -> list[ParameterSet]:
    """Kinds as parameters of a test: those that want a server have its mark."""
    marks = {name: [pytest.mark.services] * bool(KINDS[name].service) for name in names}
    return [pytest.param(name, marks=marks[name]) for name in names]


def kind_of(name: str, request: pytest.FixtureRequest) -> Kind:
    """A kind, whose server runs."""
    if KINDS[name].service:
        request.getfixturevalue(KINDS[name].service)
    return KINDS[name]
