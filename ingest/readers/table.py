"""The one rule by which tables of any format become lines.

The first rows that name columns are the header; a row above it with one cell filled is the caption of the table, and a
table of a single column is layout, whose rows are text. Each row below reads ``列名：值；列名：值``, so that it says by
itself what it says; a row that is one cell over the whole breadth names the rows below it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from ingest.bounds import bounded
from ingest.lines import HEADLINE_CHARS, Line, Role, table_line, tidy, whole_line
from ingest.readers.grid import Cell, Grid, Row, begun, filled, stretched

_FIGURE = re.compile(r"(?!(?:19|20)\d\d$)[\d.,%/-]*\d[\d.,%/-]*")  # a year may name a column
_NAME_CHARS = 20
_NO_GROUP = re.compile(r"[。；;!！?？]|^(?:注|备注|说明|合计|总计)")


def table_lines(grid: Grid, headers: int = 0) -> list[Line]:
    """Return the lines of a table; ``headers`` of its first rows are marked as naming the columns, 0 where none is."""
    filled_rows = [filled(row) for row in grid]
    if max(map(len, filled_rows), default=0) <= 1:
        cells = {id(cell): cell for row in filled_rows for cell in row}
        return _lines(whole_line(cell.text, page=cell.page) for cell in cells.values())
    at = 0
    while len(filled_rows[at]) <= 1:
        at += 1
    captions = {id(cell): cell for row in filled_rows[:at] for cell in row}
    depth = _reach(grid, at, headers - at) if headers > at else _naming_rows(grid, at)
    named = _named(grid[at : at + depth])
    body = _lines(_body(grid[at + depth :], named))  # what a merged cell holds is said in each of its rows
    page = filled_rows[at][0].page
    header = [table_line(named, header=bool(body), page=page)] if any(named) else []
    return _lines([*(whole_line(cell.text, page=cell.page) for cell in captions.values()), *header, *body])


def _naming_rows(grid: Grid, at: int) -> int:
    """How many rows from ``at`` name the columns: two or more where the first has cells over several columns."""
    first = grid[at]
    if any(_FIGURE.fullmatch(tidy(cell.text)) for cell in filled(first)) or at + 1 == len(grid):
        return 0 if at + 1 < len(grid) else 1
    deep = max(_depth(grid, at, column) for column in range(len(first)))
    if not stretched(first):
        return 1 if deep == 1 else 0  # what reaches down beside single cells groups rows of the body
    if deep > 1:
        return min(deep, len(grid) - at - 1)
    return 2 if at + 2 < len(grid) and _completes(first, grid[at + 1]) else 1


def _reach(grid: Grid, at: int, marked: int) -> int:
    """How many rows from ``at`` the header takes of which ``marked`` are marked: one that reaches down takes more."""
    last = at + marked - 1
    deep = marked - 1 + max((_depth(grid, last, column) for column in range(len(grid[last]))), default=1)
    return deep if deep < len(grid) - at else marked


def _depth(grid: Grid, at: int, column: int) -> int:
    """How many rows the cell at this place takes."""
    cell, end = grid[at][column], at + 1
    while cell and end < len(grid) and column < len(grid[end]) and grid[end][column] is cell:
        end += 1
    return end - at


def _completes(first: Row, second: Row) -> bool:
    """Whether ``second`` names just the columns that stand under the broad cells of ``first``."""
    for column, cell in enumerate(first):
        under = second[column] if column < len(second) else None
        broad = cell is not None and cell in (*first[max(column - 1, 0) : column], *first[column + 1 : column + 2])
        text = tidy(under.text) if under else ""
        if bool(text) != broad or _FIGURE.fullmatch(text) or len(text) > _NAME_CHARS:
            return False
    return True


def _named(rows: Grid) -> list[str]:
    """Return what each column is called: the cells over it, from the outer to the inner, each once."""
    width = max(map(len, rows), default=0)
    over = [filled(row[column] for row in rows if column < len(row)) for column in range(width)]
    return [tidy(" ".join(tidy(cell.text).rstrip("：:") for cell in cells)) for cells in over]


def _body(rows: Grid, named: list[str]) -> Iterator[Line | None]:
    """Yield the lines of the rows below the header; one in which nothing begins is no row."""
    for at, row in enumerate(rows):
        cells = filled(row)
        if not begun(row, rows[at - 1] if at else None):
            continue
        page = cells[-1].page  # the first may reach down from the page before
        if len(cells) == 1 and _over_all(cells[0], row):
            group = at + 1 < len(rows) and len(cells[0].text) <= HEADLINE_CHARS and not _NO_GROUP.search(cells[0].text)
            yield whole_line(cells[0].text, page=page, role=Role.GROUP if group else Role.ROW)
        elif any(named):
            yield whole_line(_spoken(row, named), page=page, role=Role.ROW)
        else:
            yield table_line([cell.text for cell in cells], page=page)


def _over_all(cell: Cell, row: Row) -> bool:
    """Whether ``cell``, the only one in ``row``, stands over all columns, or begins a row that nobody merged."""
    if all(other is cell for other in row):
        return True
    return row[0] is cell and len(cell.text) > 1 and not _FIGURE.fullmatch(cell.text)


def _spoken(row: Row, named: list[str]) -> str:
    """Return a row as one reads it aloud: 列名：值；列名：值. A long text over several columns is given once."""
    parts: list[str] = []
    before: Cell | None = None
    for name, cell in zip_longest(named, row, fillvalue=""):
        text = tidy(cell.text) if isinstance(cell, Cell) else ""
        if text and not (cell is before and (len(text) > HEADLINE_CHARS or not name)):
            parts.append(f"{name}：{text}" if name else text)
        before = cell if isinstance(cell, Cell) else None
    return "".join(
        part if at + 1 == len(parts) or part.endswith(("。", "；", ";")) else f"{part}；"
        for at, part in enumerate(parts)
    )


def _lines(found: Iterable[Line | None]) -> list[Line]:
    return list(bounded(line for line in found if line))
