"""Spreadsheets: XLSX and CSV, whose rows are tables set apart by empty rows (``ingest.readers.table``)."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

from ingest.decode import decode
from ingest.lines import Extracted, Line, whole_line
from ingest.readers.grid import Cell, Grid, Row, filled
from ingest.readers.office import OLE, damaged, open_package, refuse_password
from ingest.readers.table import table_lines
from vectorstore.errors import ReadError

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
_DELIMITERS = ",;\t|"
_SAMPLE = 16_384
_PERCENT = re.compile(r"^[^;]*?0(?:\.(0*))?#*\s*%")
_DIGITS = 15  # significant digits that a spreadsheet keeps: beyond them a fraction is noise
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")


def read_xlsx(data: bytes) -> Extracted:
    """Return the sheets of a workbook, values as they are shown. Raises ReadError."""
    if data.startswith(OLE):
        refuse_password(data)
        raise ReadError("不支持旧版 .xls 文件;请另存为 .xlsx 后重试")
    open_package(data, "XLSX").close()
    lines: list[Line | None] = []
    warnings: list[str] = []
    try:
        for sheet, rows in _sheets(data):
            lines.append(whole_line(sheet, heading=True))
            lines += _tables(_bounded(rows, f"工作表“{sheet}”" if sheet else "工作表", warnings))
    except ReadError:
        raise
    except Exception as error:
        # openpyxl lets whatever its parts stumble over through, down to AttributeError
        raise ReadError(damaged("XLSX")) from error
    return Extracted(tuple(line for line in lines if line), warnings=tuple(warnings))


def read_csv(data: bytes) -> Extracted:
    """Return the rows of a CSV file, whose delimiter is told from its opening. Raises ReadError."""
    text = decode(data).removeprefix("\ufeff")
    warnings: list[str] = []
    try:
        rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text[:_SAMPLE]))
        bounded = _bounded(([Cell(text) for text in row] for row in rows), "文件", warnings)
        lines = list(_tables(bounded))
    except csv.Error as error:
        raise ReadError("CSV 文件格式有误,无法读取;请用表格软件另存后重试") from error
    return Extracted(tuple(lines), warnings=tuple(warnings))


def _tables(rows: Iterable[Row]) -> Iterator[Line]:
    """Yield the lines of the tables in ``rows``, which empty rows set apart."""
    table: Grid = []
    for row in rows:
        if filled(row):
            table.append(row)
        elif table:
            yield from table_lines(table)
            table = []
    yield from table_lines(table)


def _bounded(rows: Iterable[Row], where: str, warnings: list[str]) -> Iterator[Row]:
    """Yield as many of ``rows`` as are read; add to ``warnings`` where there are more."""
    rows = iter(rows)
    yield from islice(rows, MOST_ROWS)
    if any(map(filled, rows)):
        warnings.append(f"{where}超过 {MOST_ROWS} 行,其余各行没有读取;请拆成小文件")


def _sheets(data: bytes) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the visible sheets that hold cells: the name, empty where it is the only one, and the rows."""
    from io import BytesIO
    from warnings import catch_warnings, simplefilter

    from openpyxl import load_workbook

    with catch_warnings():
        simplefilter("ignore")  # it warns of what it leaves out when it writes, which is not asked of it
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            for sheet in sheets:
                yield sheet.title if len(sheets) > 1 else "", _rows(sheet, _merges(data, sheet))
        finally:
            book.close()


@dataclass(frozen=True, slots=True)
class _Merge:
    """A range of cells that are one, rows and columns counted from 0, the last one included."""

    top: int
    left: int
    bottom: int
    right: int


def _merges(data: bytes, sheet: "ReadOnlyWorksheet") -> list[_Merge]:
    """Return the merged ranges of ``sheet``, from the last to the first; openpyxl gives them only of whole workbooks."""
    from io import BytesIO
    from zipfile import ZipFile

    from openpyxl.utils import column_index_from_string as index

    with ZipFile(BytesIO(data)) as package:
        part = package.read(sheet._worksheet_path)  # noqa: SLF001 - nothing else tells which part the sheet is
    found = (
        _Merge(int(top) - 1, index(left.decode()) - 1, int(bottom) - 1, index(right.decode()) - 1)
        for left, top, right, bottom in _MERGED.findall(part)
    )
    return sorted(found, key=lambda merge: merge.top, reverse=True)


def _rows(sheet: "ReadOnlyWorksheet", merges: list[_Merge]) -> Iterator[Row]:
    sheet.reset_dimensions()  # what programs write there is often wrong, and rows are lost by it
    reaching: list[tuple[_Merge, Cell | None]] = []
    for at, row in enumerate(sheet.iter_rows()):
        cells = row[:MOST_COLUMNS]
        texts = ["" if cell.value is None else _shown(cell.value, cell.number_format or "") for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        shown: Row = [Cell(text) if text else None for text in texts]
        while merges and merges[-1].top <= at:
            merge = merges.pop()
            reaching.append((merge, shown[merge.left] if merge.left < len(shown) else None))
        reaching = [(merge, cell) for merge, cell in reaching if merge.bottom >= at]
        for merge, cell in reaching:
            if cell:
                shown += [None] * (min(merge.right + 1, MOST_COLUMNS) - len(shown))
                shown[merge.left : merge.right + 1] = [cell] * (min(merge.right + 1, MOST_COLUMNS) - merge.left)
        yield shown


def _shown(value: object, format_: str) -> str:
    """Write ``value`` as its cell shows it, as far as that is the same in every place."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _number(value, format_)
    return str(value)


def _number(value: float, format_: str) -> str:
    """Write a number without the noise of its binary fraction, a share as the percentage that its format makes of it."""
    if percent := _PERCENT.match(format_):
        return f"{value * 100:.{len(percent[1] or '')}f}%"
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    text = f"{value:.{_DIGITS}g}"
    return f"{value:.{_DIGITS}f}".rstrip("0") if "e" in text and abs(value) < 1 else text


def _delimiter(sample: str) -> str:
    try:
        return csv.Sniffer().sniff(sample, _DELIMITERS).delimiter
    except csv.Error:  # a single column, or rows of different lengths
        return ","
