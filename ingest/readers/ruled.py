"""Tables whose rules are drawn on a page: lines → cells (pdfplumber's geometry) → a grid filled with the glyphs inside.

A table that goes on over the page is one: the header that is repeated there is layout, and so is the cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from ingest.lines import tidy
from ingest.readers.grid import Cell, Grid, Row, filled
from ingest.readers.xy_cut import Fragment, join_glyphs, row_text, rows_of

MOST_SEGMENTS = 4000  # more are a drawing
_SNAP = 3.0  # points within which lines are one
_LEAST = 4.0  # points; a shorter line is the end of a thick one
_STRAIGHT = 0.5  # points by which a line may lean
_MOST_CROSSINGS = 3000
_SAME = 0.02  # of the breadth, by which the columns of a table may shift from page to page

Segment = tuple[float, float, float, float]  # from x, y to x, y; y grows downwards
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Ruled:
    """A table on a page: its box, the lines between its columns, its cells."""

    box: _Box
    columns: tuple[float, ...]
    grid: Grid

    def goes_on_in(self, other: "Ruled") -> bool:
        """Whether ``other``, which follows it, has the same columns."""
        if len(self.columns) != len(other.columns):
            return False
        slack = _SAME * (self.columns[-1] - self.columns[0])
        return all(abs(a - b) <= slack for a, b in zip(self.columns, other.columns, strict=True))

    def joined(self, other: "Ruled") -> "Ruled":
        """Return the table that both are: without the header that ``other`` repeats, cut cells joined."""
        repeated = list(
            takewhile(lambda pair: _texts(pair[0]) == _texts(pair[1]), zip(self.grid, other.grid, strict=False))
        )
        rest = other.grid[len(repeated) :]
        grid = list(self.grid)
        if rest and grid and not repeated and _overflows(rest[0], grid[-1]):
            grid[-1] = [_longer(a, b) for a, b in zip(grid[-1], rest[0], strict=True)]
            rest = rest[1:]
        if rest and len(self.grid) > 1:
            rest = _reached(self.grid, rest)
        return replace(self, grid=grid + rest)


def ruled_tables(
    segments: Sequence[Segment], glyphs: Sequence[Fragment], page: int, unit: float = 1.0
) -> tuple[list[Ruled], list[Fragment]]:
    """Return the tables that ``segments`` rule and the ``glyphs`` outside of them; ``unit`` is what one length is in points."""
    if not _may_rule(segments):
        return [], list(glyphs)
    tables = [
        _laid_out([(x0 / unit, y0 / unit, x1 / unit, y1 / unit) for x0, y0, x1, y1 in cells])
        for cells in _cells(segments, unit)
    ]
    found: list[Ruled] = []
    for box, columns, rows, cells in filter(None, tables):
        inside = [glyph for glyph in glyphs if _within(glyph, box)]
        grid = _filled(inside, columns, rows, cells, page)
        if sum(map(len, map(filled, grid))) > 1:
            found.append(Ruled(box, columns, grid))
            taken = {id(glyph) for glyph in inside}
            glyphs = [glyph for glyph in glyphs if id(glyph) not in taken]
    return found, list(glyphs)


def _may_rule(segments: Sequence[Segment]) -> bool:
    """Whether there are lines enough for a table of two rows and columns, and not so many that they are a drawing."""
    return 6 <= len(segments) <= MOST_SEGMENTS


def _cells(segments: Iterable[Segment], unit: float) -> list[list[_Box]]:
    """Return the cells of each table, in points."""
    edges = []
    for x0, y0, x1, y1 in segments:
        left, right, top, bottom = (unit * v for v in (min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)))
        if max(right - left, bottom - top) < _LEAST or min(right - left, bottom - top) > _STRAIGHT:
            continue
        flat = right - left > bottom - top
        edges.append(
            {
                "x0": left,
                "x1": right,
                "top": top,
                "bottom": bottom,
                "width": right - left,
                "height": bottom - top,
                "orientation": "h" if flat else "v",
            }
        )
    if {edge["orientation"] for edge in edges} != {"h", "v"}:
        return []
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    crossings = edges_to_intersections(merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP), _SNAP, _SNAP)
    if len(crossings) > _MOST_CROSSINGS:
        return []
    found: list[list[_Box]] = cells_to_tables(intersections_to_cells(crossings))
    return found


def _laid_out(cells: list[_Box]) -> tuple[_Box, tuple[float, ...], tuple[float, ...], list[_Box]] | None:
    """Return box, lines between columns, lines between rows and cells; None for a frame or a single row or column."""
    columns = tuple(sorted({x for cell in cells for x in (cell[0], cell[2])}))
    rows = tuple(sorted({y for cell in cells for y in (cell[1], cell[3])}))
    if len(columns) < 3 or len(rows) < 3:
        return None
    return (columns[0], rows[0], columns[-1], rows[-1]), columns, rows, cells


def _filled(
    glyphs: Sequence[Fragment], columns: Sequence[float], rows: Sequence[float], cells: Iterable[_Box], page: int
) -> Grid:
    grid: Grid = [[None] * (len(columns) - 1) for _ in rows[1:]]
    for box in cells:
        cell = Cell(_text([glyph for glyph in glyphs if _within(glyph, box)]), page=page)
        for row in range(rows.index(box[1]), rows.index(box[3])):
            for column in range(columns.index(box[0]), columns.index(box[2])):
                grid[row][column] = cell
    return [row for row in grid if any(row)]


def _text(glyphs: Sequence[Fragment]) -> str:
    return tidy(" ".join(row_text(row) for row in rows_of(join_glyphs(glyphs))))


def _within(glyph: Fragment, box: _Box) -> bool:
    return box[0] <= (glyph.x0 + glyph.x1) / 2 < box[2] and box[1] <= (glyph.y0 + glyph.y1) / 2 < box[3]


def _texts(row: Row) -> list[str]:
    return [cell.text if cell else "" for cell in row]


def _overflows(row: Row, above: Row) -> bool:
    """Whether ``row`` only goes on with cells of ``above`` that the end of the page cut."""
    going_on = [at for at, text in enumerate(_texts(row)) if text]
    open_ = all(_texts(above)[at] and not _texts(above)[at].endswith(("。", "；")) for at in going_on)
    return bool(going_on) and 0 not in going_on and 2 * len(going_on) < len(row) and open_


def _longer(cell: Cell | None, more: Cell | None) -> Cell | None:
    return replace(cell, text=tidy(f"{cell.text} {more.text}")) if cell and more and more.text else cell


def _reached(above: Grid, rows: Grid) -> Grid:
    """Return ``rows`` with the merged cells of the last row above in the empty places that go on below them."""
    out = [list(row) for row in rows]
    for column, cell in enumerate(above[-1]):
        if cell is None or not cell.text or above[-2][column] is not cell:
            continue
        held = out[0][column]
        if held is None or not held.text:
            for row, given in zip(out, rows, strict=True):
                if given[column] is not held:
                    break
                row[column] = cell
    return out
