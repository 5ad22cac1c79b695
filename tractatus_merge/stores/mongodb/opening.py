"""From a URL to a store. PyMongo is loaded here, when it is needed, and nowhere before."""

from __future__ import annotations

import os
import re
import sys
from shlex import join
from urllib.parse import urlsplit

from tractatus_merge.errors import RequestError
from tractatus_merge.stores.address import must_have_no_secret
from tractatus_merge.stores.base import Store

MONGODB = "mongodb"
PASSWORD = "TRACTATUS_MONGODB_PASSWORD"  # noqa: S105 (the name of a variable)
_EXAMPLE = "tractatus-merge init --store mongodb://HOST:27017/DATABASE"
_DATABASE = r'[^/\\. "$*<>:|?\0]{1,63}'


def open_store(url: str) -> Store:
    """The store that `mongodb://[USER@]HOST[:PORT][,HOST...]/DATABASE[?OPTIONS]` means.

    Nothing is connected to yet. RequestError for another URL, for one with a password, which is
    not repeated, and if PyMongo is missing.
    """
    must_have_no_secret(url)
    user, name = _parts(url)
    password = os.environ.get(PASSWORD)
    try:
        from tractatus_merge.stores.mongodb.server import Server
        from tractatus_merge.stores.mongodb.store import MongoStore
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tractatus_merge"):
            raise
        how = join((sys.executable, "-m", "pip", "install", "pymongo>=4.9"))
        raise RequestError("a store in MongoDB needs PyMongo.", hint=how) from None
    return MongoStore(Server(url, name, password if user else None))


def _parts(url: str) -> tuple[str, str]:
    """The user and the database that a URL names."""
    scheme, colon, rest = url.partition("://")
    before = rest.partition("?")[0]
    hosts, _, name = before.rpartition("/")
    user, at, _ = hosts.rpartition("@")
    if (scheme, colon) != (MONGODB, "://") or not hosts or "/" in hosts or (at and not user):
        raise RequestError("the URL names no server.", hint=_EXAMPLE)
    if not re.fullmatch(_DATABASE, name) or urlsplit(url).fragment:
        raise RequestError("the URL does not name a database that MongoDB takes.", hint=_EXAMPLE)
    return user, name
