"""DOCX: paragraphs and tables in the order of the document, with the numbers that Word prints and does not store.

The parts are taken out of the package by their relations, only those that hold text, and parsed by python-docx, whose
parser expands no entity and opens no other file. Headers, footers and comments are not read.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ingest.lines import Extracted, Line, Role, raised, whole_line
from ingest.readers.docx_numbering import Numbering, Styles, W, is_on, value
from ingest.readers.docx_sight import is_unseen
from ingest.readers.grid import MOST_SPAN, Cell, Grid, Row
from ingest.readers.office import BROKEN, damaged, open_package, text_lines
from ingest.readers.properties import believed
from ingest.readers.table import table_lines
from vectorstore.errors import ReadError

if TYPE_CHECKING:
    from lxml.etree import _Element

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(main|math)")  # the same names in the strict variant
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_LAYOUT = {W + "tab": " ", W + "ptab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_UNREAD = {
    W + name for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "rt", "instrText", "delText", "delInstrText")
}
_BLOCKS = {W + "p", W + "tbl"}
_BETWEEN_NOTES = ("separator", "continuationSeparator", "continuationNotice")
_PRIVATE = range(0xE000, 0xF900)  # a picture of a symbol font, which has no character


def read_docx(data: bytes) -> Extracted:
    """Return the lines of a .docx or .docm file. Raises ReadError."""
    from lxml.etree import LxmlError

    with open_package(data, "DOCX") as package:
        try:
            parts = _Parts(package)
            story = _Story(parts)
            lines = story.lines()
            said = believed(lines, *parts.properties())
        except (LxmlError, KeyError, RecursionError, *BROKEN) as error:
            raise ReadError(damaged("DOCX")) from error
        macros = any(name.lower().endswith("vbaproject.bin") for name in package.namelist())
    warnings: tuple[str, ...] = ("文件含有宏;宏没有运行,只读取了文字",) if macros else ()
    if story.unseen:
        warnings += (f"文件里有 {story.unseen} 个字看不见(白色或极小),没有读入",)
    return Extracted(tuple(lines), said, warnings)


class _Parts:
    """The parts of the package that hold the document, each by the kind of its relation."""

    def __init__(self, package: ZipFile) -> None:
        self._package = package
        main = self._related("").get("officeDocument")
        root = None if main is None else self._parse(main)
        body = None if root is None else root.find(f"{W}body")
        if main is None or body is None:
            raise ReadError(damaged("DOCX"))
        self.body = body
        self._kinds = self._related(main)
        self.numbering = Numbering(self._root("numbering"))
        self.styles = Styles(self._root("styles"))
        self.notes = {
            (kind, note.get(f"{W}id", "")): note
            for kind in ("footnote", "endnote")
            for note in _children(self._root(f"{kind}s"), f"{W}{kind}")
            if note.get(f"{W}type") not in _BETWEEN_NOTES
        }

    def properties(self) -> tuple[str, list[str], list[str]]:
        """Return the title, the names and the times that the properties of the file hold."""
        found: dict[str, str] = {}
        for kind in ("core-properties", "extended-properties"):
            place = self._related("").get(kind)
            root = None if place is None else self._parse(place)
            found |= {str(one.tag).rpartition("}")[2]: one.text or "" for one in (() if root is None else root)}
        names, times = ("Company", "creator", "lastModifiedBy"), ("created", "modified")
        return found.get("title", ""), [found.get(name, "") for name in names], [found.get(time, "") for time in times]

    def _root(self, kind: str) -> "_Element | None":
        return self._parse(self._kinds[kind]) if kind in self._kinds else None

    def _related(self, name: str) -> dict[str, str]:
        """Return the parts within the package that ``name`` is related to; the empty name is the package itself."""
        folder, _, last = name.rpartition("/")
        relations = self._parse(posixpath.join(folder, "_rels", f"{last}.rels"))
        return {
            relation.get("Type", "").rpartition("/")[2]: posixpath.normpath(
                posixpath.join("/", folder, relation.get("Target", ""))
            ).lstrip("/")
            for relation in _children(relations, _RELATION)
            if relation.get("TargetMode") != "External"
        }

    def _parse(self, name: str) -> "_Element | None":
        from docx.oxml.parser import parse_xml

        if name not in self._package.namelist():  # programs leave relations to parts that are gone
            return None
        return parse_xml(_STRICT.sub(_TRANSITIONAL, self._package.read(name)))


class _Story:
    """Reads the blocks of a document in order, counting its lists on the way."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self._aside: list[_Element] = []  # text boxes and the tables in cells, which come after what they stand in
        self._notes: list[tuple[str, str]] = []
        self.unseen = 0  # characters that were left out, as nobody sees them

    def lines(self) -> list[Line]:
        """Return the lines of the whole document."""
        return list(self._read(self._parts.body))

    def _read(self, parent: "_Element") -> Iterator[Line]:
        for block in _blocks(parent):
            yield from self._table(block) if block.tag == f"{W}tbl" else self._paragraph(block)
            yield from self._after()

    def _after(self) -> Iterator[Line]:
        """Yield the notes of what was just read, then what was set aside in it."""
        notes, self._notes = self._notes, []
        for note in notes:
            found = self._parts.notes.get(note)
            if found is not None:
                line = whole_line(" ".join(self._text(block) for block in found.iter(f"{W}p")), role=Role.NOTE)
                yield from (line,) if line else ()
        aside, self._aside = self._aside, []
        for parent in aside:
            if parent.tag == f"{W}tbl":
                yield from self._table(parent)
                yield from self._after()
            else:
                yield from self._read(parent)

    def _paragraph(self, paragraph: "_Element") -> Iterator[Line]:
        return text_lines(self._text(paragraph), heading=self._is_heading(paragraph))

    def _text(self, paragraph: "_Element") -> str:
        """Return the text of a paragraph, its label in front, a line feed where it breaks."""
        text = "".join(self._pieces(paragraph, []))
        label = self._label(paragraph) if text.strip() or not _is_hidden_mark(paragraph) else ""
        return label + text.lstrip(" ") if text.strip() else ""

    def _table(self, table: "_Element") -> Iterator[Line]:
        rows = [row for row in _through(table, {f"{W}tr"}) if not is_on(row.find(f"{W}trPr"), "del")]
        cells = [list(_through(row, {f"{W}tc"})) for row in rows]
        if max(map(len, cells), default=0) <= 1:  # a frame around text
            for cell in (cell for row in cells for cell in row):
                yield from self._read(cell)
            return
        marked = 0
        while marked < len(rows) - 1 and is_on(rows[marked].find(f"{W}trPr"), "tblHeader"):
            marked += 1
        grid: Grid = []
        for row, its_cells in zip(rows, cells, strict=True):
            grid.append(self._row(row, its_cells, grid[-1] if grid else []))
        yield from table_lines(grid, marked)

    def _row(self, row: "_Element", cells: "list[_Element]", above: Row) -> Row:
        """Return a row of a table; a cell that goes on from the one above is that cell."""
        found: Row = [None] * _span(value(row.find(f"{W}trPr"), "gridBefore"), 0)
        for cell in cells:
            properties = cell.find(f"{W}tcPr")
            merged = properties is not None and properties.find(f"{W}vMerge") is not None
            goes_on = merged and value(properties, "vMerge") != "restart"
            held = above[len(found)] if goes_on and len(found) < len(above) else None
            found += [held or Cell("" if goes_on else self._cell(cell))] * _span(value(properties, "gridSpan"), 1)
        return found

    def _cell(self, cell: "_Element") -> str:
        """Return the text of ``cell``; a table in it is set aside."""
        texts: list[str] = []
        for block in _blocks(cell):
            if block.tag == f"{W}tbl":
                self._aside.append(block)
            else:
                texts.append(self._text(block))
        return " ".join(texts)

    def _passes_over(self, run: "_Element") -> bool:
        """Whether ``run`` is set not to be printed, or so that nobody sees it, which is told."""
        if is_on(run.find(f"{W}rPr"), "vanish"):
            return True
        if not is_unseen(run):
            return False
        self.unseen += len("".join(text.text or "" for text in run.iter(f"{W}t")).strip())
        return True

    def _label(self, paragraph: "_Element") -> str:
        """Count ``paragraph`` in its list, if it is in one, and return its label."""
        properties = paragraph.find(f"{W}pPr")
        own = None if properties is None else properties.find(f"{W}numPr")
        style = value(properties, "pStyle") or self._parts.styles.default
        of_style = self._parts.styles.numbered(style)
        list_id, depth = value(own, "numId"), value(own, "ilvl")
        if list_id is None and of_style is not None:
            list_id, depth = value(of_style[0], "numId"), depth or value(of_style[0], "ilvl")
            linked = self._parts.numbering.depth_of_style(list_id or "", of_style[1])
            depth = depth if linked is None else str(linked)
        if list_id is None:
            return ""
        return self._parts.numbering.label(list_id, int(depth) if depth and depth.isdecimal() else 0)

    def _is_heading(self, paragraph: "_Element") -> bool:
        properties = paragraph.find(f"{W}pPr")
        outline = value(properties, "outlineLvl")
        if outline is not None:
            return outline in "012345678"
        return self._parts.styles.is_heading(value(properties, "pStyle"))

    def _pieces(self, parent: "_Element", codes: list[bool]) -> Iterator[str]:
        """Yield the text in ``parent``. ``codes``: for each field that is open, whether its code is still going on."""
        for child in parent:
            tag = child.tag
            if tag in _UNREAD or not isinstance(tag, str) or (tag == f"{W}r" and self._passes_over(child)):
                continue
            if tag == f"{W}fldChar":
                _turn(codes, child.get(f"{W}fldCharType"))
            elif tag == f"{W}txbxContent":
                self._aside.append(child)
            elif tag == f"{_MC}AlternateContent":
                yield from self._pieces(_chosen(child), codes)
            elif any(codes):
                yield from self._pieces(child, codes)
            elif tag == f"{W}r" and value(child.find(f"{W}rPr"), "vertAlign") == "superscript":
                yield raised("".join(self._pieces(child, codes)))
            elif tag in (f"{W}t", _MATH_TEXT):
                yield (child.text or "").replace("\n", " ")
            elif tag in _LAYOUT:
                yield _LAYOUT[tag]
            elif tag == f"{W}sym":
                yield _symbol(child.get(f"{W}char", ""))
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self._notes.append((tag.removeprefix(W).removesuffix("Reference"), child.get(f"{W}id", "")))
            else:
                yield from self._pieces(child, codes)


def _span(number: str | None, default: int) -> int:
    """Return how many columns are spanned, as an attribute says."""
    return min(int(number), MOST_SPAN) if number and number.isdecimal() else default


def _blocks(parent: "_Element") -> "Iterator[_Element]":
    """Yield the paragraphs and tables of ``parent``, also those in content controls and insertions."""
    return _through(parent, _BLOCKS)


def _through(parent: "_Element", wanted: set[str]) -> "Iterator[_Element]":
    """Yield the nearest elements below ``parent`` that are ``wanted``, in order, not those that were deleted."""
    for child in parent:
        if child.tag in wanted:
            yield child
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            yield from _through(_chosen(child), wanted)


def _chosen(element: "_Element") -> "_Element":
    """Return what is read of ``element``: one that holds the same twice, for programs of now and of old, gives one."""
    choice = element.find(f"{_MC}Choice") if element.tag == f"{_MC}AlternateContent" else None
    return element if choice is None else choice


def _turn(codes: list[bool], turn: str | None) -> None:
    """Follow the marks of a field: it begins with its code, whose result follows after a separator."""
    if turn == "begin":
        codes.append(True)
    elif codes and turn == "separate":
        codes[-1] = False
    elif codes and turn == "end":
        codes.pop()


def _is_hidden_mark(paragraph: "_Element") -> bool:
    """Whether the end of an empty paragraph is hidden, which takes it out of the list that it stands in."""
    return is_on(paragraph.find(f"{W}pPr/{W}rPr"), "vanish")


def _symbol(code: str) -> str:
    try:
        point = int(code, 16)
    except ValueError:
        return ""
    return "" if point in _PRIVATE or point > 0xFFFF or not chr(point).isprintable() else chr(point)


def _children(root: "_Element | None", tag: str) -> "Iterable[_Element]":
    return () if root is None else root.findall(tag)
