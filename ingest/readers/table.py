"""Tables: XLSX and CSV, and the one rule by which rows of any format become lines.

The first row that names columns is the header; a row above it with one cell filled is the caption of the table, and a
table of a single column is layout, whose rows are text.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from ingest.decode import decode
from ingest.lines import Extracted, Line, table_line, whole_line
from ingest.readers.office import OLE, damaged, open_package, refuse_password
from vectorstore.errors import ReadError

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
_DELIMITERS = ",;\t|"
_SAMPLE = 16_384
_PERCENT = re.compile(r"^[^;]*?0(?:\.(0*))?#*\s*%")
_DIGITS = 15  # significant digits that a spreadsheet keeps: beyond them a fraction is noise


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
        lines = list(_tables(_bounded(rows, "文件", warnings)))
    except csv.Error as error:
        raise ReadError("CSV 文件格式有误,无法读取;请用表格软件另存后重试") from error
    return Extracted(tuple(lines), warnings=tuple(warnings))


def table_lines(rows: list[list[str]], headers: int = 0) -> list[Line]:
    """Return the lines of a table; ``headers`` of its first rows are marked as naming the columns, 0 where none is.

    Marked rows are one header, column by column. A merged cell is given once, the cells that it covers are empty.
    """
    filled = [[cell for cell in row if cell.strip()] for row in rows]
    width = max(map(len, filled), default=0)
    if width <= 1:
        return _lines(whole_line(cell) for row in filled for cell in row)
    at = 0
    if not headers:
        while len(filled[at]) <= 1:
            at += 1
    captions = [whole_line(cell) for row in filled[:at] for cell in row]
    marked = rows[at : max(headers, at + 1)]
    body = rows[at + len(marked) :]
    named = [" ".join(cells) for cells in zip_longest(*marked, fillvalue="")]
    return _lines([*captions, table_line(named, header=any(map(any, body))), *map(table_line, body)])


def _lines(found: Iterable[Line | None]) -> list[Line]:
    return [line for line in found if line]


def _tables(rows: Iterable[list[str]]) -> Iterator[Line]:
    """Yield the lines of the tables in ``rows``, which empty rows set apart."""
    table: list[list[str]] = []
    for row in rows:
        if any(cell.strip() for cell in row):
            table.append(row)
        elif table:
            yield from table_lines(table)
            table = []
    yield from table_lines(table)


def _bounded(rows: Iterable[list[str]], where: str, warnings: list[str]) -> Iterator[list[str]]:
    """Yield as many of ``rows`` as are read; add to ``warnings`` where there are more."""
    rows = iter(rows)
    yield from islice(rows, MOST_ROWS)
    if any(any(row) for row in rows):
        warnings.append(f"{where}超过 {MOST_ROWS} 行,其余各行没有读取;请拆成小文件")


def _sheets(data: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
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
                yield sheet.title if len(sheets) > 1 else "", _rows(sheet)
        finally:
            book.close()


def _rows(sheet: "ReadOnlyWorksheet") -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what programs write there is often wrong, and rows are lost by it
    for row in sheet.iter_rows():
        cells = row[:MOST_COLUMNS]
        texts = ["" if cell.value is None else _shown(cell.value, cell.number_format or "") for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        yield texts


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
