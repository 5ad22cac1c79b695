"""The benchmark of the stores, in small: it counts what is lost, and nothing is on any store."""

from __future__ import annotations

import contextlib

import pytest

from benchmarks import stores


@pytest.fixture
def page(tmp_path):
    """A page with the marks between which the figures stand."""
    path = tmp_path / "page.md"
    path.write_text(f"Before\n{stores.BEGIN}\nold\n{stores.END}\nAfter\n", "utf-8")
    return path


def test_figures_are_written_between_the_marks_of_a_page(page):
    """What stands around them stays; written again they are the same."""
    cell = stores.Cell(2.0, 0)
    names = [*stores.STORES, stores.PLAIN]
    figures = {(100, 1): {name: [cell] for name in names}}
    figures[100, 8] = {name: [stores.Cell(4.0, 7 * (name == stores.PLAIN))] for name in names}
    lines = stores.table(figures, [0.5])
    for _ in range(2):
        stores.write(page, lines)
    text = page.read_text("utf-8")
    assert text == "\n".join(["Before", stores.BEGIN, *lines, stores.END, "After", ""])
    ratios = " | ".join(["1.00"] * (len(stores.STORES) - 1))
    assert lines[2:] == [
        f"| 100 | 1 | 4 | 1.0 | {ratios} | 0 | 0 of 1 |",
        f"| 100 | 8 | 8 | 2.0 | {ratios} | 0 | 7 of 8 |",
    ]


def test_bars_show_the_most_ends_at_once_each_as_long_as_its_time():
    """The longest is whole; a file that is written back is no store, and has none."""
    cells = {name: [stores.Cell(2.0, 0)] for name in stores.STORES}
    cells["`sqlite:`"] = [stores.Cell(4.0, 0)]
    cells[stores.PLAIN] = [stores.Cell(1.0, 3)]
    lines = stores.bars({(100, 1): cells, (100, 8): cells})
    assert lines[0] == "```text"
    assert lines[1] == "100 instructions, 8 ends at once: time until all have ended"
    assert len(lines) == len(stores.STORES) + 3
    assert [line.count("█") for line in lines[2:-1]] == [20, 20, 20, 40]
    assert lines[-2].endswith("2.00")


@pytest.mark.services
@pytest.mark.slow
def test_nothing_is_lost_on_a_server_that_is_started_beside(tmp_path):
    """Each of the two has a column, and its own line for each size."""
    with contextlib.ExitStack() as stack:
        found = stores.served(stack, ["postgresql", "mongodb"])
        figures, _ = stores.measured(tmp_path, found, (3,), (2,), 1)
    lost = {name: sum(cell.lost for cell in cells) for name, cells in figures[3, 2].items()}
    assert lost.pop(stores.PLAIN) >= 0
    assert lost == {"`postgresql:`": 0, "`mongodb:`": 0}


@pytest.mark.slow
def test_nothing_is_lost_on_any_store_and_nearly_all_without_one(tmp_path):
    """Four sessions end at once: all are there; of those that write a file back, not."""
    figures, floor = stores.measured(tmp_path, stores.STORES, (3,), (1, 4), 1)
    lost = {name: sum(cell.lost for cell in cells) for name, cells in figures[3, 4].items()}
    assert lost.pop(stores.PLAIN) > 0
    assert set(lost.values()) == {0}
    assert len(lost) == len(stores.STORES)
    assert len(floor) == len(figures)
    assert all(cell.seconds > 0 for cells in figures[3, 1].values() for cell in cells)
