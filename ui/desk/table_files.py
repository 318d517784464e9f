"""A table as a file: CSV that Excel reads, and XLSX with charts of the targets.

What documents and drafts hold is untrusted: a cell that a spreadsheet would take for a formula stays text.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from assistant.desk.targets import Target
from ui.desk.tables import Cell, Table
from ui.desk.texts import tell
from ui.texts import Lang

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_CHARS = 32_000  # of a cell; Excel takes 32,767
MOST_BARS = 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_csv(table: Table) -> bytes:
    """Return ``table`` as CSV in UTF-8 with the mark that Excel knows it by."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(table.headers)
    writer.writerows([_defused(cell) for cell in row] for row in table.rows)
    return target.getvalue().encode("utf-8-sig", errors="replace")


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def table_xlsx(table: Table, targets: Sequence[Target], lang: Lang, at: datetime) -> bytes:
    """Return ``table`` as XLSX made ``at``; ``targets`` are charted, those of one unit together."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.properties.created = book.properties.modified = at.astimezone(UTC).replace(tzinfo=None)
    sheet: Any = book.active
    sheet.title = table.name
    for row, cells in enumerate([tuple(table.headers), *table.rows], 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(row, column)
            _put(cell, value, lang)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row == 1)
    for number, held in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = held.width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    _add_bars(book, targets, lang)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _put(cell: Any, value: Cell, lang: Lang) -> None:
    """Write ``value``; text stays text, whatever it begins with."""
    cell.value = _written(value, lang) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"


def _written(text: str, lang: Lang) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    kept: str = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    return kept if len(kept) <= MOST_CHARS else kept[:MOST_CHARS] + tell("too_long", lang)


def _add_bars(book: "Workbook", targets: Sequence[Target], lang: Lang) -> None:
    """Add a sheet with a bar chart for each unit that several targets share."""
    from openpyxl.chart import BarChart, Reference

    units: dict[str, list[Target]] = {}
    for one in targets:
        if one.value is not None:
            units.setdefault(one.unit, []).append(one)
    shared = {unit: several[:MOST_BARS] for unit, several in units.items() if len(several) > 1}
    if not shared:
        return
    sheet: Any = book.create_sheet(tell("bars", lang))
    row = 1
    for unit, several in shared.items():
        _put(sheet.cell(row, 1), tell("bars_of", lang, unit=unit), lang)
        for at, one in enumerate(several, row + 1):
            _put(sheet.cell(at, 1), one.subject, lang)
            sheet.cell(at, 2).value = one.value
        chart: Any = BarChart()
        chart.type, chart.legend = "bar", None
        chart.title = _written(tell("bars_of", lang, unit=unit), lang)
        last = row + len(several)
        chart.add_data(Reference(sheet, min_col=2, min_row=row + 1, max_row=last))
        chart.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=last))
        chart.height, chart.width = max(6, len(several)), 24
        sheet.add_chart(chart, f"D{row}")
        row = max(last, row + 2 * int(chart.height)) + 2
    sheet.column_dimensions["A"].width = 48
