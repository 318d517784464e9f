"""A table as a grid of cells: what a merged cell holds stands in every place that it covers.

    cells with the rows and columns that they take → ``spread`` → Grid → ``table_lines`` (``ingest.readers.table``)

A place that no cell covers is None. That two places hold the same cell, not one of the same text, is what tells a merge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ingest.bounds import check_cells

MOST_SPAN = 100  # columns that one cell takes; more is a fault of the program that wrote the file


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A cell, and the page that it begins on where there are pages."""

    text: str
    page: int | None = None


Row = list[Cell | None]
Grid = list[Row]
Spanning = tuple[Cell, int, int]  # a cell, the rows that it takes, the columns


def spread(rows: Iterable[Iterable[Spanning]]) -> Grid:
    """Return the grid of ``rows``, whose cells stand in the next place that none from above reaches down into. Raises ReadError."""
    grid: Grid = []
    held = 0
    reaching: dict[int, tuple[Cell, int]] = {}  # column → the cell that reaches down, and how many rows more
    for cells in rows:
        row: Row = []
        for cell, down, across in cells:
            _take_from_above(row, reaching)
            for at in range(len(row), len(row) + max(1, min(across, MOST_SPAN))):
                if down > 1:
                    reaching[at] = (cell, down - 1)
                row.append(cell)
        _take_from_above(row, reaching)
        held += len(row)
        check_cells(held)
        grid.append(row)
    return grid


def _take_from_above(row: Row, reaching: dict[int, tuple[Cell, int]]) -> None:
    while (above := reaching.pop(len(row), None)) is not None:
        cell, left = above
        if left > 1:
            reaching[len(row)] = (cell, left - 1)
        row.append(cell)


def filled(row: Iterable[Cell | None]) -> list[Cell]:
    """Return the cells of ``row`` that hold text, each once, in order."""
    return list({id(cell): cell for cell in row if cell and cell.text.strip()}.values())


def begun(row: Row, above: Row | None) -> bool:
    """Whether a cell with text begins in ``row`` rather than reaching down into it."""
    held = {id(cell) for cell in above or ()}
    return any(id(cell) not in held for cell in filled(row))


def stretched(row: Row) -> bool:
    """Whether a cell takes two columns of ``row`` or more."""
    return any(cell is not None and cell is after for cell, after in pairwise(row))
