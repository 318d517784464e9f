"""From the pieces of text on a page to its printed lines in reading order. Pure geometry: nothing here reads a word.

    fragments → margins dropped → recursive XY cut (columns) → rows → printed lines

The columns are found by the recursive XY cut (Nagy and Seth 1984; see ``ingest.readers.xy_cut``). Lengths are in any
one unit over a document (points, millimetres, pixels); y grows downwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from ingest.lines import HEADLINE_CHARS, Line, raised, tidy
from ingest.readers.grid import filled
from ingest.readers.ruled import Ruled
from ingest.readers.table import table_lines
from ingest.readers.xy_cut import Column, Fragment, cut, merged, row_text, rows_of

_LARGER = 1.15  # a heading is set in type at least so much larger than the body
_LARGER_SCANNED = 1.35  # the size of type in a scan is an estimate
_MARK, _MARK_RISE = 0.8, 0.15  # of the size of type: how small the mark of a note is at most, how far above the line
_HEADING_ROWS = 4  # more lines of large type are prose
_TOP, _BOTTOM = 0.10, 0.12  # shares of the page in which headers and footers stand
_EDGE = 0.07  # share of the page in which only headers and footers stand
_SMALLER = 0.95  # they are set in smaller type than the body
_FEW_PAGES = 4  # in so few, what stands on two pages repeats
_FEW_ROWS = 6  # lines too few to tell where their column begins
_WIDEST = 160  # columns; a wider line is no wrap to the layout
_PAGE_NUMBER = re.compile(
    r"\d{1,4}|[ivxlc]{1,6}|[-—–―－·•~～\s]{1,6}\d{1,4}[-—–―－·•~～\s]{1,6}|[Pp]age\d{1,4}(of\d{1,4})?"
    r"|第[\d一二三四五六七八九十百]{1,5}页([,，/／]?[共总](计)?[\d一二三四五六七八九十百]{1,5}页)?|\d{1,4}[/／]\d{1,4}"
)
_NO_HEADING = re.compile(r"[。；;]|[,，、：:]$")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its number from 1, its size, what is printed on it. ``scanned``: read by a recogniser."""

    number: int
    width: float
    height: float
    fragments: tuple[Fragment, ...]
    scanned: bool = False
    tables: tuple[Ruled, ...] = ()

    @property
    def text(self) -> str:
        """All characters on it, in no order."""
        cells = (cell.text for table in self.tables for row in table.grid for cell in filled(row))
        return "".join([*(fragment.text for fragment in self.fragments), *cells])


@dataclass(eq=False, slots=True)
class _Row:
    """The fragments that stand side by side in one column."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    sheet: Sheet
    column: Column
    table: Ruled | None = None


def read_sheets(sheets: Sequence[Sheet]) -> tuple[Line, ...]:
    """Return the printed lines of ``sheets`` in reading order, without headers, footers and page numbers."""
    body = _body_size(fragment for sheet in sheets for fragment in sheet.fragments)
    sheets = _without_margins(sheets, body)
    rows = _with_whole_tables([row for sheet in sheets for row in _rows(sheet, body)])
    in_column: dict[Column, list[_Row]] = {}
    for row in rows:
        in_column.setdefault(row.column, []).append(row)
    for column, inside in in_column.items():
        _set_edges(column, inside, body)
    _align(in_column, body)
    wrap, leading = _wrap(in_column, body), _leading(rows, body)
    blanks = [_blanks(above, below, leading, body) for above, below in pairwise([*rows[:1], *rows])]
    headings = _headings(rows, body)
    lines: list[Line] = []
    for row, above, heading in zip(rows, blanks, headings, strict=True):
        if row.table:
            lines += table_lines(row.table.grid)
            continue
        indented = row.x0 - row.column.left >= 1.5 * body
        lines.append(Line(row.text, _width(row, wrap), indented, above, heading, row.sheet.number))
    return tuple(lines)


def _with_whole_tables(rows: Sequence[_Row]) -> list[_Row]:
    """Join the tables that follow each other, page by page, with the same columns."""
    out: list[_Row] = []
    for row in rows:
        last = out[-1] if out else None
        if last and last.table and row.table and last.sheet is not row.sheet and last.table.goes_on_in(row.table):
            out[-1] = replace(last, table=last.table.joined(row.table), sheet=row.sheet)
        else:
            out.append(row)
    return out


def _body_size(fragments: Iterable[Fragment]) -> float:
    """The size in which most characters are set."""
    counts: Counter[float] = Counter()
    for fragment in fragments:
        counts[float(f"{fragment.size:.2g}")] += len(fragment.text)
    return max(counts.most_common(1)[0][0], 1e-6) if counts else 1.0


def _without_margins(sheets: Sequence[Sheet], body: float) -> list[Sheet]:
    """Drop the rows at the edges of pages that repeat from page to page, digits aside, and page numbers at the foot."""
    edges = [_edge_rows(sheet, body) for sheet in sheets]
    seen = Counter(key for sheet, rows in zip(sheets, edges, strict=True) for key in {_key(sheet, row) for row in rows})
    often = 2 if len(sheets) <= _FEW_PAGES else 3
    out = []
    for sheet, rows in zip(sheets, edges, strict=True):
        dropped = {
            id(fragment)
            for row in rows
            if seen[_key(sheet, row)] >= often or _is_page_number(row, sheet)
            for fragment in row
        }
        out.append(replace(sheet, fragments=tuple(f for f in sheet.fragments if id(f) not in dropped)))
    return out


def _edge_rows(sheet: Sheet, body: float) -> list[list[Fragment]]:
    """The rows in the margins; type as large as the body's counts only near the edge, as the text may begin there."""
    found = []
    for row in rows_of([f for f in sheet.fragments if not _TOP < _height(f, sheet) < 1 - _BOTTOM]):
        at = _height(row[0], sheet)
        if row[0].size < _SMALLER * body or at < _EDGE or at > 1 - _EDGE or _is_page_number(row, sheet):
            found.append(row)
    return found


def _height(fragment: Fragment, sheet: Sheet) -> float:
    """Where ``fragment`` stands on the page, from 0 at the top to 1 at the foot."""
    return (fragment.y0 + fragment.y1) / 2 / sheet.height


def _key(sheet: Sheet, row: Sequence[Fragment]) -> tuple[bool, str]:
    return _height(row[0], sheet) < 0.5, re.sub(r"\d+|\s", "", row_text(row))


def _is_page_number(row: Sequence[Fragment], sheet: Sheet) -> bool:
    """Whether ``row`` is the lowest of the page and holds nothing but its number."""
    lowest = max(fragment.y1 for fragment in sheet.fragments) <= max(fragment.y1 for fragment in row)
    return lowest and bool(_PAGE_NUMBER.fullmatch(re.sub(r"\s", "", row_text(row))))


def _rows(sheet: Sheet, body: float) -> Iterator[_Row]:
    places = [Fragment("", *table.box, body) for table in sheet.tables]  # a table takes its room like a piece of text
    held = {id(place): table for place, table in zip(places, sheet.tables, strict=True)}
    for fragments, column in cut([*sheet.fragments, *places], body):
        for row in rows_of(fragments):
            for table in (held[id(part)] for part in row if id(part) in held):
                yield _Row("", *table.box, body, sheet, column, table)
            parts = _raised_apart([part for part in row if id(part) not in held])
            whole = merged(parts, tidy(row_text(parts))) if parts else None
            if whole and whole.text:
                yield _Row(whole.text, whole.x0, whole.y0, whole.x1, whole.y1, whole.size, sheet, column)


def _raised_apart(row: list[Fragment]) -> list[Fragment]:
    """Return ``row`` with the marks of notes, small figures above the line, as such."""
    size = max((part.size for part in row), default=0.0)
    base = max((part.y1 for part in row if part.size == size), default=0.0)
    return [
        replace(part, text=raised(part.text))
        if part.size < _MARK * size and part.y1 < base - _MARK_RISE * size
        else part
        for part in row
    ]


def _set_edges(column: Column, rows: Sequence[_Row], body: float) -> None:
    """Move the edges of ``column`` to where its lines begin and end; one line that sticks out moves none."""
    few = max(2, 0.15 * len(rows))
    starts = sorted(row.x0 for row in rows)
    ends = sorted((row.x1 for row in rows), reverse=True)
    column.left = next((x for x in starts if sum(x <= s <= x + 0.5 * body for s in starts) >= few), column.left)
    column.right = next((x for x in ends if sum(x - body <= e <= x for e in ends) >= 2), column.right)


def _align(columns_: dict[Column, list[_Row]], body: float) -> None:
    """Give a column with few lines the edges of a longer one that stands at the same place of another page."""
    for column, rows in columns_.items():
        if len(rows) >= _FEW_ROWS:
            continue
        alike = [
            other
            for other in columns_
            if other.left < column.left + 0.5 * body
            and column.left - other.left <= 3 * body
            and len(columns_[other]) > len(rows)
            and column.right <= other.right + body
        ]
        if alike:
            longest = max(alike, key=lambda other: len(columns_[other]))
            column.left, column.right = longest.left, longest.right


def _wrap(columns_: dict[Column, list[_Row]], body: float) -> int:
    """How many columns of type a full line of the longest column takes."""
    if not columns_:
        return 0
    longest = max(columns_, key=lambda column: len(columns_[column]))
    return max(1, min(_WIDEST, round(2 * (longest.right - longest.left) / body)))


def _width(row: _Row, wrap: int) -> int:
    """The share of its column that ``row`` takes with its indent: a full line is full in a narrow column as in a wide."""
    breadth = max(row.column.right - row.column.left, 1e-6)
    return max(1, round(wrap * (row.x1 - row.column.left) / breadth))


def _leading(rows: Sequence[_Row], body: float) -> float:
    """The usual white space between two lines of a column."""
    gaps = [below.y0 - above.y1 for above, below in pairwise(rows) if above.column is below.column]
    return median(gaps) if gaps else 0.5 * body


def _blanks(above: _Row, below: _Row, leading: float, body: float) -> int:
    """The blank lines between two rows; a new column or page leaves none, as a sentence may go on there."""
    if above.column is not below.column:
        return 0
    return max(0, int((below.y0 - above.y1 - leading) / max(body + leading, 1e-6) + 0.4))


def _headings(rows: Sequence[_Row], body: float) -> list[bool]:
    """Which rows are headings: short lines in type clearly larger than the body's, a few of them at most together."""
    marks: list[bool] = []
    for larger, group in groupby(rows, key=lambda row: _larger(row, body)):
        run = list(group)
        prose = not larger or len(run) > _HEADING_ROWS
        marks += [not prose and len(row.text) <= HEADLINE_CHARS and not _NO_HEADING.search(row.text) for row in run]
    return marks


def _larger(row: _Row, body: float) -> float:
    """How large the type of ``row`` is where it is clearly larger than the body's, 0 where it is not."""
    ratio = row.size / body
    return round(ratio, 1) if ratio >= (_LARGER_SCANNED if row.sheet.scanned else _LARGER) else 0
