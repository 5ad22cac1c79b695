"""`python -m benchmarks`: medians, spreads, aims and a plot, of what its scripts print."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from benchmarks import __main__ as benchmarks
from tests.conftest import ROOT

PEERS = """\
29 real merges, 10 of which need a person; 1010 clear records
                                  stopped needless  flagged   missed    asked     lost    wrong    twice  invalid
this engine                            10        0       49        0        0        0        0        0        0
a tool & its options                    9       19       49        1      498        2        3        4       29
"""


def test_a_figure_is_a_median_with_its_spread_and_its_aim():
    """An aim that is missed is said to be, either way round; where there is none, nothing is."""
    printed = [f"time {value} times" for value in ("4.0", "1.5", "2.50")]
    for aim, said in (
        ({"at_most": 2}, "at most 2: **missed**"),
        ({"at_most": 2.5}, "at most 2.5: met"),
        ({"at_least": 3}, "at least 3: **missed**"),
        ({"at_least": 2}, "at least 2: met"),
        ({}, ""),
    ):
        figure = benchmarks.Figure("end", rf"^time{benchmarks.NUMBER}", "it", **aim)
        row = f"| it | 2.5 | 1.5 to 4 | {said} | `python -m benchmarks.end` |"
        assert benchmarks.row(figure, printed) == row


def test_a_script_that_prints_something_else_is_named():
    """A figure never goes missing from the page without a word."""
    with pytest.raises(SystemExit, match=r"benchmarks/end.py no longer prints: "):
        benchmarks.row(benchmarks.FIGURES[0], ["nothing"])


def test_what_is_wrong_without_a_word():
    """Missed, lost, spoiled and doubled; what a tool asks about is none of it."""
    assert benchmarks.peers(PEERS) == [("this engine", 0, 0), ("a tool & its options", 19, 10)]
    table = benchmarks.peers_table(PEERS)
    assert table.startswith("29 real merges, 10 of which need a person; 1010 clear records.\n\n|")
    assert table.endswith("| a tool & its options | 19 | 10 |")


def test_the_plot_has_a_bar_for_each_tool():
    """It is whole XML, with each name and number."""
    tree = ET.fromstring(benchmarks.plot(benchmarks.peers(PEERS)))
    texts = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[1:] == ["this engine", "0", "a tool & its options", "10"]


def test_the_page_has_a_place_for_each_table():
    """And the words around it stay."""
    page = benchmarks.PAGE.read_text("utf-8")
    for name in ("figures", "peers"):
        put = benchmarks.between(page, name, "a table")
        assert f"<!-- {name} -->\na table\n<!-- /{name} -->" in put
        assert put.startswith("# Benchmarks\n") and put.endswith(page[-80:])


@pytest.mark.parametrize("script", benchmarks.SCRIPTS)
def test_each_script_is_there(script):
    """With a word about it in the folder's page."""
    assert (ROOT / "benchmarks" / f"{script}.py").is_file()
    assert re.search(
        rf"^- `{script}\.py`", (ROOT / "benchmarks/README.md").read_text(), re.MULTILINE
    )
