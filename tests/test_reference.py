"""The reference that is read off the code: schemas, findings, exit codes, the environment."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.conftest import ROOT, bakery
from tests.tool import run as play
from tools import diagrams, docs, findings, json_keys

SCHEMAS = json.loads((ROOT / "docs/reference/schemas.json").read_text("utf-8"))["$defs"]


def closed(schema):
    """The schema, refusing keys that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") != "string":
        made["additionalProperties"] = False
    return made


def fits(kind, document):
    """The document is what the reference says that this verb prints, and no key more."""
    jsonschema.validate(document, closed(SCHEMAS[kind]))


def test_the_schemas_are_schemas():
    """Each is valid JSON Schema."""
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_what_verbs_print_elsewhere_fits_the_schemas(tmp_path):
    """Another repository, other sessions, another conflict: no key more, none less."""
    folder = bakery(tmp_path, taken_in=True)

    def run(*words):
        return play(folder, *words, "--json").json

    fits("start", run("start", "--session", "morning1"))
    fits("start", run("start", "--session", "evening2"))
    fits("add", run("add", "Knead twice.", "--session", "morning1"))
    fits("retire", run("retire", "inst_002", "--session", "morning1"))
    run("edit", "inst_001", "--set", "notes=a", "--session", "morning1")
    run("edit", "inst_001", "--set", "notes=b", "--session", "evening2", "--why", "so")
    fits("status", run("status", "--session", "evening2"))
    fits("diff", run("diff", "--session", "evening2"))
    fits("end", run("end", "--session", "morning1"))
    fits("end", run("end", "--session", "evening2"))
    fits("list", run("list", "--all"))
    fits("sessions", run("sessions", "--all"))
    found = run("conflicts")
    fits("conflicts", found)
    fits("show CONFLICT", run("show", found["conflicts"][0]["id"]))
    fits("review", run("review"))
    fits("resolve", run("resolve", found["conflicts"][0]["id"], "--take", "2"))
    fits("conflicts --settled", run("conflicts", "--settled"))
    fits("log", run("log"))
    fits("blame", run("blame", "inst_001"))
    run("add", "Weigh twice.")
    fits("undo", run("undo"))
    fits("doctor", run("doctor"))
    fits("check", run("check", "--all"))


def test_a_schema_is_as_strict_as_what_was_printed():
    """A key that was always there is required, one that was left out once is not, types are all."""
    made = json_keys.schema([{"a": 1, "b": None, "c": [{"d": "x"}]}, {"a": 2, "c": []}])
    assert made["required"] == ["a", "c"]
    assert list(json_keys.keys(made)) == [
        ("a", "number", True),
        ("b", "null", False),
        ("c", "array", True),
        ("c[].d", "string", True),
    ]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"c": []}, made)


@pytest.mark.parametrize("change", ["one more", "one less"])
def test_a_finding_without_words_stops_the_page(monkeypatch, change):
    """And so do words of a finding that is no more."""
    words = dict(findings.DOCTOR)
    if change == "one more":
        words["never"] = "never"
    else:
        del words["torn"]
    monkeypatch.setattr(findings, "DOCTOR", words)
    with pytest.raises(SystemExit, match=r"never|torn"):
        list(findings.findings())


def test_every_variable_that_is_read_is_described():
    """Of the environment's variables, those that are ours are all in the reference, or in a how-to."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "tractatus_merge").rglob("*.py"))
    for name in set(re.findall(r"\bTRACTATUS_[A-Z_]+[A-Z]\b", sources)) - INTERNAL:
        assert f"`{name}`" in text or name in docs.VARIABLES, name


INTERNAL = {"TRACTATUS_NO", "TRACTATUS_GUARD", "TRACTATUS_FOLDER", "TRACTATUS_GIVEN"}
"""What a hook's own line, or a test, sets for the program that it starts."""


@pytest.mark.parametrize("name", diagrams.DRAWINGS)
def test_a_drawing_is_a_picture_that_loads_nothing(name):
    """It is well-formed, says what it shows, has each word of its boxes, and no address."""
    drawing = diagrams.DRAWINGS[name]
    text = diagrams.svg(drawing)
    texts = [node.text for node in ET.fromstring(text).iter() if node.text]
    assert drawing.says in texts
    assert {box.name.strip() for box in drawing.boxes} <= set(texts)
    assert re.findall(r"https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]
    assert {arrow.start for arrow in drawing.arrows} <= {box.name for box in drawing.boxes}
