"""What is written of a document, before it has an id: the lines of its text, and the pieces that stand on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.layout import Paragraph
from ingest.lines import Role
from vectorstore.records import UnitType


class Piece:
    """A unit before its document has an id."""

    def __init__(
        self,
        kind: UnitType,
        locator: tuple[str, ...],
        label: str,
        path: tuple[str, ...],
        start: int,
        end: int,
        number: int | None,
        page: int | None,
    ) -> None:
        self.type, self.locator, self.label, self.path = kind, locator, label, path
        self.start, self.end, self.number, self.page = start, end, number, page


@dataclass(slots=True)
class Table:
    """A table that is being written: the heading lines above its rows, and how many of them there are so far."""

    label: str
    above: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    rows: int = 0
    headed: bool = False

    def ended_by(self, role: Role) -> bool:
        """Whether a line of this ``role`` begins another table."""
        begun = self.headed or self.rows > 0
        return begun if role is Role.CAPTION else self.headed and role is Role.HEADER


class Writer:
    """Collects the lines of the text and the pieces that stand on them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[Piece] = []
        self.paragraphs = 0
        self._captions = 0
        self._notes = 0
        self._tables = 0
        self._table: Table | None = None  # that is being written
        self._length = 0

    def add(
        self,
        paragraphs: Sequence[Paragraph],
        kind: UnitType,
        locator: tuple[str, ...],
        label: str,
        path: tuple[str, ...],
        number: int | None = None,
    ) -> None:
        self._table = None
        start = self._length
        for paragraph in paragraphs:
            self.lines.append(paragraph.text)
            self._length += len(paragraph.text) + 1
        if kind is UnitType.PARAGRAPH and not path:
            self.paragraphs += 1
            label = f"第{self.paragraphs}段"
        page = paragraphs[0].page
        self.pieces.append(Piece(kind, locator, label, path, start, self._length - 1, number, page))

    def add_asides(self, asides: Sequence[Paragraph], path: tuple[str, ...]) -> None:
        """Write captions, notes and the rows of tables, each a unit of its own."""
        for aside in asides:
            if aside.caption:
                self._captions += 1
                self.add([aside], UnitType.CAPTION, (f"图{self._captions}",), f"图片说明{self._captions}", path)
            elif aside.role is Role.NOTE:
                self._notes += 1
                self.add([aside], UnitType.NOTE, (f"注{self._notes}",), f"脚注{self._notes}", path)
            else:
                self._add_row(aside, path)

    def _add_row(self, row: Paragraph, path: tuple[str, ...]) -> None:
        """Write a row; what the table and its part are called stands above it, like a heading."""
        table = self._table
        if table is None or table.ended_by(row.role):
            self._tables += 1
            table = Table(f"表{self._tables}")
        if row.role is Role.ROW:
            table.rows += 1
            place = f"第{table.rows}行"
            self.add(
                [row], UnitType.ROW, (table.label, place), table.label + place, (*path, *table.above, *table.group)
            )
        elif row.role is Role.GROUP:
            table.rows += 1
            locator = (table.label, f"第{table.rows}行")
            self.add([row], UnitType.HEADING, locator, table.label, (*path, *table.above))
            table.group = (row.text,)
        else:
            table.headed = row.role is Role.HEADER
            table.above += (row.text,) if row.role is Role.CAPTION else ()
            self.add([row], UnitType.HEADING, (table.label,), table.label, path)
        self._table = table  # forgotten by whatever else is written
