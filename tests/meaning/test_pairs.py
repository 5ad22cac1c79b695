"""Meaning measured on labelled pairs of sentences: benchmarks/data/meaning."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT
from tractatus_merge.meaning.contradictions import compare

PAIRS = ROOT / "benchmarks" / "data" / "meaning"


def found(pair):
    """The codes of what is found between the two instructions of a pair."""
    one, other = ({**pair[side], "id": f"inst_{side}", "active": True} for side in "ab")
    return {finding.code for finding in compare(one, other)}


@pytest.mark.parametrize("half", ["dev", "heldout"])
def test_nine_of_ten_alarms_are_right(half, capsys):
    """Of the alarms nine in ten are right, and half of the contradictions raise one, in either half."""
    pairs = [json.loads(line) for line in (PAIRS / f"{half}.jsonl").read_text().splitlines()]
    assert len(pairs) == 100
    alarms = [pair["label"] for pair in pairs if found(pair) & {"parameter", "prohibition"}]
    right = alarms.count("contradiction")
    recall = right / sum(pair["label"] == "contradiction" for pair in pairs)
    with capsys.disabled():
        print(f"\n{half}: precision {right / len(alarms):.2f}, recall {recall:.2f}")
    assert right / len(alarms) >= 0.9
    assert recall > 0.5
    notes = [pair["label"] for pair in pairs if "twin" in found(pair)]
    assert notes.count("twin") / len(notes) >= 0.9
