"""The ready-made tables, each on a file of its kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tractatus_merge.anyfile.merge import JSON, JSONL, merge_file
from tractatus_merge.anyfile.ready_made import READY_MADE
from tractatus_merge.anyfile.tables import Table


def merged(name: str, base: Any, ours: Any, theirs: Any) -> tuple[Any, list[str]]:
    """The value and what is asked; of an issue, the one line."""
    form = JSONL if name == "beads" else JSON
    sides = [b"" if side is None else json.dumps(side).encode() for side in (base, ours, theirs)]
    found = merge_file(sides[0], sides[1], sides[2], Table.named(name), form)
    return json.loads(found.data), [".".join(contest.path) for contest in found.contests]


@pytest.mark.parametrize("name", READY_MADE)
def test_a_ready_made_table_reads_as_one_that_people_write(name):
    """By name, in the settings, and with more said on top."""
    table = Table.written({"table": name, "rules": {"x.y": "max"}})
    assert table.rules == {**READY_MADE[name].rules, "x.y": "max"}
    assert table.keys == READY_MADE[name].keys


def test_a_key_that_is_said_stands_on_top_of_a_ready_made_table():
    """And only that one is another."""
    table = Table.written({"table": "beads", "key": "number"})
    assert table.keys == {"[*]": "number", "[*].dependencies[*]": "depends_on_id"}


ISSUE = {
    "id": "a-1",
    "title": "T",
    "status": "open",
    "updated_at": "2025-11-02T00:00:00Z",
    "content_hash": "aa",
    "labels": ["x", "y"],
    "dependencies": [
        {
            "issue_id": "a-1",
            "depends_on_id": "a-2",
            "type": "blocks",
            "created_at": "2025-11-01T00:00:00Z",
            "created_by": "me",
        }
    ],
    "comments": [{"id": 1, "author": "me", "text": "one"}],
}


def dependency(on: str, at: str = "2025-11-03T00:00:00Z", by: str = "me") -> dict[str, str]:
    """One, as beads writes it."""
    return {
        "issue_id": "a-1",
        "depends_on_id": on,
        "type": "blocks",
        "created_at": at,
        "created_by": by,
    }


def test_issues_of_beads_merge_field_by_field():
    """The later time, one hash, labels as a set, dependencies by what they name, comments by id."""
    ours = {
        **ISSUE,
        "status": "closed",
        "updated_at": "2025-11-04T00:00:00Z",
        "content_hash": "cc",
        "labels": ["x", "y", "z"],
        "dependencies": [*ISSUE["dependencies"], dependency("a-3")],
    }
    theirs = {
        **ISSUE,
        "updated_at": "2025-11-05T00:00:00Z",
        "content_hash": "bb",
        "labels": ["y", "w"],
        "dependencies": [dependency("a-3", "2025-11-02T00:00:00Z", "you")],
        "comments": [*ISSUE["comments"], {"id": 2, "author": "you", "text": "two"}],
    }
    for sides in ((ours, theirs), (theirs, ours)):
        value, asked = merged("beads", ISSUE, *sides)
        assert asked == []
        assert sorted(value["labels"]) == ["w", "y", "z"]
        assert value == {
            **ISSUE,
            "status": "closed",
            "updated_at": "2025-11-05T00:00:00Z",
            "content_hash": "cc",
            "labels": value["labels"],
            "dependencies": [dependency("a-3", "2025-11-02T00:00:00Z", "you")],
            "comments": theirs["comments"],
        }


def test_what_two_people_say_of_an_issue_is_asked():
    """No table settles a title."""
    value, asked = merged("beads", ISSUE, {**ISSUE, "title": "O"}, {**ISSUE, "title": "P"})
    assert (value["title"], asked) == ("O", ["a-1.title"])


PACKAGE = {
    "name": "p",
    "version": "1.0.0",
    "files": ["dist"],
    "scripts": {"build": "tsc", "test": "jest"},
    "dependencies": {"axios": "1", "zod": "3"},
}


def test_a_package_merges_by_its_dependencies_scripts_and_files():
    """Each name of its own, also in a table that both sides bring anew; one version twice is asked."""
    ours = {
        **PACKAGE,
        "files": ["dist", "bin"],
        "scripts": {"build": "vite", "test": "jest"},
        "dependencies": {"axios": "1", "react": "18", "zod": "4"},
        "devDependencies": {"vite": "5"},
    }
    theirs = {
        **PACKAGE,
        "files": ["dist", "types"],
        "scripts": {"build": "tsc", "lint": "eslint"},
        "dependencies": {"axios": "2", "zod": "5"},
        "devDependencies": {"eslint": "9"},
    }
    for number, sides in enumerate(((ours, theirs), (theirs, ours))):
        value, asked = merged("package.json", PACKAGE, *sides)
        assert asked == ["dependencies.zod"]
        assert value["dependencies"] == {"axios": "2", "react": "18", "zod": "45"[number]}
        assert value["devDependencies"] == {"eslint": "9", "vite": "5"}
        assert value["scripts"] == {"build": "vite", "lint": "eslint"}
        assert value["files"] == ["dist", "bin", "types"]


def cell(key: str, source: list[str], count: int | None = None) -> dict[str, Any]:
    """A cell of code, with the output of its run."""
    outputs = [] if count is None else [{"output_type": "execute_result", "execution_count": count}]
    return {
        "cell_type": "code",
        "id": key,
        "source": source,
        "execution_count": count,
        "metadata": {},
        "outputs": outputs,
    }


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A notebook of these."""
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def test_a_notebook_merges_by_its_cells_and_no_run_is_asked_about():
    """Both ran it: count and output are those of one run; what was typed merges, or is asked."""
    base = notebook(
        cell("a", ["x = 1\n", "y = 2\n", "z = 3"], 1),
        cell("b", ["x"], 2),
        language_info={"version": "3.11"},
    )
    ours = notebook(
        cell("a", ["x = 5\n", "y = 2\n", "z = 3"], 3),
        cell("b", ["x + 1"], 4),
        language_info={"version": "3.12"},
    )
    theirs = notebook(
        cell("a", ["x = 1\n", "y = 2\n", "z = 4"], 7),
        cell("n", ["new"], 8),
        cell("b", ["x + 2"], 9),
        language_info={"version": "3.13"},
    )
    for number, sides in enumerate(((ours, theirs), (theirs, ours))):
        value, asked = merged("notebook", base, *sides)
        assert asked == ["cells.b.source"]
        first, new, last = value["cells"]
        assert first == cell("a", ["x = 5\n", "y = 2\n", "z = 4"], (3, 7)[number])
        assert new == cell("n", ["new"], 8)
        assert last == cell("b", *((["x + 1"], 4), (["x + 2"], 9))[number])
        assert value["metadata"] == sides[0]["metadata"]


def strings(**entries: Any) -> dict[str, Any]:
    """A catalog."""
    return {"sourceLanguage": "en", "strings": entries, "version": "1.0"}


def entry(**languages: str) -> dict[str, Any]:
    """A text in some languages."""
    units = {
        name: {"stringUnit": {"state": "translated", "value": text}}
        for name, text in languages.items()
    }
    return {"extractionState": "manual", "localizations": units}


def test_a_string_catalog_merges_language_by_language():
    """Also a text that both sides bring anew; two translations of one text are asked."""
    base = strings(Hi=entry(de="Hallo"))
    ours = strings(Hi=entry(de="Hallo", fr="Salut"), Bye=entry(de="Tschüs"))
    theirs = strings(
        Hi=entry(de="Servus", es="Hola"), Bye={**entry(fr="Adieu"), "extractionState": "stale"}
    )
    for sides in ((ours, theirs), (theirs, ours)):
        value, asked = merged("xcstrings", base, *sides)
        assert asked == []
        assert value["strings"]["Hi"] == entry(de="Servus", fr="Salut", es="Hola")
        assert value["strings"]["Bye"] == {
            **entry(de="Tschüs", fr="Adieu"),
            "extractionState": "stale",
        }
    _, asked = merged("xcstrings", base, strings(Hi=entry(de="A")), strings(Hi=entry(de="B")))
    assert asked == ["strings.Hi.localizations.de.stringUnit.value"]
