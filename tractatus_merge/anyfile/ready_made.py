"""Tables of rules for files that many have, by name: data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ReadyMade(NamedTuple):
    """What a table says; `tables` reads it as it reads what people write."""

    what: str
    """The files that it is for."""
    keys: Mapping[str, str]
    rules: Mapping[str, str]


_PACKAGE_MAPS = (
    "scripts", "dependencies", "devDependencies", "peerDependencies", "optionalDependencies",
    "peerDependenciesMeta", "engines",
)  # fmt: skip
_PACKAGE_SETS = ("files", "keywords", "bundledDependencies", "bundleDependencies", "os", "cpu")

READY_MADE: dict[str, ReadyMade] = {
    "beads": ReadyMade(
        "the issues of beads (`.beads/issues.jsonl`)",
        {"[*]": "id", "[*].dependencies[*]": "depends_on_id"},
        {
            "[*].updated_at": "max",
            "[*].content_hash": "either",
            "[*].labels": "set",
            "[*].dependencies[*].created_at": "min",
            "[*].dependencies[*].created_by": "either",
        },
    ),
    "package.json": ReadyMade(
        "npm's `package.json`",
        {},
        dict.fromkeys(_PACKAGE_MAPS, "map") | dict.fromkeys(_PACKAGE_SETS, "set"),
    ),
    "notebook": ReadyMade(
        "Jupyter notebooks (`*.ipynb`)",
        {},
        {
            # What a run made stands together, as ours has it.
            "cells[*].outputs": "ours",
            "cells[*].execution_count": "ours",
            "cells[*].metadata.execution": "ours",
            "cells[*].metadata.ExecuteTime": "ours",
            "cells[*].metadata.collapsed": "ours",
            "cells[*].metadata.scrolled": "ours",
            "cells[*].metadata.tags": "set",
            "metadata.language_info": "ours",
            "metadata.widgets": "ours",
            "nbformat_minor": "max",
        },
    ),
    "xcstrings": ReadyMade(
        "Xcode's string catalogs (`*.xcstrings`)",
        {},
        {
            "strings": "map",
            "strings.*": "map",
            "strings.*.localizations": "map",
            "strings.*.extractionState": "either",
            "version": "max",
        },
    ),
}
