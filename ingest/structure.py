"""From an article to its document and units: the text, and an address for every part of it.

The document text is the paragraphs joined by line feeds; the units cut it without gap or overlap, so that joined
they are the text again.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.articles import Article
from ingest.layout import Paragraph
from ingest.lines import Role
from ingest.metadata import Metadata
from ingest.metadata.titles import is_part
from ingest.numbering import DECIMALS, TASK_LEVELS, Level
from ingest.numbering_warnings import numbering_warnings
from ingest.outline import Node, name_of, read_outline
from vectorstore.numerals import to_chinese
from vectorstore.records import Document, Kind, Span, Unit, UnitType
from vectorstore.text import is_cjk, sentence_spans

_TITLE_LEVELS = (Level.PART, Level.SUBPART, Level.CHAPTER, Level.SECTION, Level.HEADING, *DECIMALS)
_ATTACHED = ("附件", "附表", "附录")
_ROW_CHARS = 240  # a longer row has cells of several sentences
_LAW_ITEM = (Level.POINT, Level.SUBHEADING, *TASK_LEVELS, Level.CIRCLE, Level.DASH)


def build_document(
    article: Article, metadata: Metadata, source: str, warnings: tuple[str, ...] = ()
) -> tuple[Document, list[Unit]]:
    """Return the document of ``article`` and its units in order. The id is a digest of title and text.

    To ``warnings`` are added those about its numbering.
    """
    outline = read_outline(article.body, metadata.kind)
    root = outline.root
    writer = _Writer()
    if article.head and article.body:
        writer.add(article.head, UnitType.TITLE, (), "标题", ())
    elif any(map(is_cjk, article.head[0].text) if article.head else ()):  # a single line: all that there is to cite
        writer.add(article.head, UnitType.PARAGRAPH, ("¶1",), "", ())
    _emit_lead(writer, root, root.paragraphs, (), ())
    for node in root.children:
        _emit(writer, node, (), ())
    for paragraph in outline.closing:
        writer.add([paragraph], UnitType.PARAGRAPH, (f"¶{writer.paragraphs + 1}",), "", ())
    for attachment in outline.attachments:
        _emit(writer, attachment, (), ())
        for at, paragraph in enumerate(attachment.closing, 1):
            locator, label = (attachment.label, f"落款{at}"), f"{attachment.label}落款"
            writer.add([paragraph], UnitType.PARAGRAPH, locator, label, (attachment.heading,))
    text = "\n".join(writer.lines)
    document_id = hashlib.sha256(f"{metadata.title}\n{text}".encode()).hexdigest()[:12]
    document = Document(
        id=document_id,
        title=metadata.title,
        kind=metadata.kind,
        issuer=metadata.issuer,
        date=metadata.date,
        number=metadata.number,
        source=source,
        text=text,
        region=metadata.region,
        warnings=(*warnings, *numbering_warnings(outline, part=is_part(metadata.title))),
    )
    return document, _units(document, writer.pieces)


class _Piece:
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
class _Table:
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


class _Writer:
    """Collects the lines of the text and the pieces that stand on them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[_Piece] = []
        self.paragraphs = 0
        self._captions = 0
        self._notes = 0
        self._tables = 0
        self._table: _Table | None = None  # that is being written
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
        self.pieces.append(_Piece(kind, locator, label, path, start, self._length - 1, number, page))

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
            table = _Table(f"表{self._tables}")
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


def _emit(writer: _Writer, node: Node, locator: tuple[str, ...], path: tuple[str, ...]) -> None:
    """Write ``node``, whose ancestors have the labels ``locator`` and the heading lines ``path``."""
    here = (*locator, node.label)
    table = any(not aside.caption for aside in node.asides)
    if (
        node.children
        or node.framing
        or (node.titled and node.level in _TITLE_LEVELS and (table or node.paragraphs[1:]))
    ):
        _emit_container(writer, node, here, path)
        return
    if node.level == Level.ARTICLE:
        _emit_article(writer, node, here, path)
    else:
        boxed = next((label for label in locator if label.startswith("专栏")), "")
        task = node.marker and node.level in TASK_LEVELS and not boxed
        number = node.marker.number if node.marker and task else None
        label = f"{boxed}第{node.label.lstrip('(—').rstrip(')')}项" if boxed else _leaf_label(node, here, path)
        writer.add(node.paragraphs, UnitType.ITEM if boxed else _leaf_type(node), here, label, path, number)
    writer.add_asides(node.asides, (*path, node.heading) if table else path)


def _emit_container(writer: _Writer, node: Node, here: tuple[str, ...], path: tuple[str, ...]) -> None:
    lead = node.paragraphs
    if node.titled and node.level != Level.CONTENTS:
        heading, lead = lead[: node.headings], lead[node.headings :]
        writer.add(heading, UnitType.HEADING, here, node.heading, path)
    inside = (*path, node.heading)
    _emit_lead(writer, node, lead, here, inside)
    for child in node.children:
        _emit(writer, child, here, inside)


def _emit_lead(
    writer: _Writer, node: Node, lead: Sequence[Paragraph], here: tuple[str, ...], path: tuple[str, ...]
) -> None:
    """Write the paragraphs between a heading and its first child: one has the address of the heading, more are ¶1, ¶2."""
    if len(lead) == 1 and here and not lead[0].aside and not lead[0].contents:
        writer.add(lead, UnitType.PARAGRAPH, here, name_of(path[-1]), path)
        writer.add_asides(node.asides, path)
        return
    at = 0
    for contents, run in groupby(lead, lambda paragraph: paragraph.contents):
        if contents:
            writer.add(list(run), UnitType.TITLE, (*here[:1], "目录"), "目录", ())
            continue
        for paragraph in run:
            if paragraph.aside:
                writer.add_asides([paragraph], path)
                continue
            at += 1
            label = f"{name_of(path[-1])}第{at}段" if path else ""
            writer.add([paragraph], UnitType.PARAGRAPH, (*here, f"¶{at}"), label, path)
    writer.add_asides(node.asides, path)


def _emit_article(writer: _Writer, node: Node, here: tuple[str, ...], path: tuple[str, ...]) -> None:
    """Write an article of a law by its paragraphs (款); a list (项) stays with the paragraph that it belongs to."""
    groups: list[list[Paragraph]] = []
    for paragraph in node.paragraphs:
        item = paragraph.marker is not None and paragraph.marker.level in _LAW_ITEM
        if groups and item:
            groups[-1].append(paragraph)
        else:
            groups.append([paragraph])
    for at, group in enumerate(groups, 1):
        one = f"第{to_chinese(at)}款"
        alone = len(groups) == 1
        writer.add(group, UnitType.ARTICLE, here if alone else (*here, one), node.label + ("" if alone else one), path)


def _leaf_type(node: Node) -> UnitType:
    if node.level == Level.DASH:
        return UnitType.ITEM
    return UnitType.TASK if node.level in TASK_LEVELS else UnitType.MEASURE


def _leaf_label(node: Node, here: tuple[str, ...], path: tuple[str, ...]) -> str:
    above = name_of(path[0]) if path else ""
    if len(path) > 1 and here[0] == path[0]:  # a part without a number: what stands under it has the better name
        above = name_of(path[1])
    elif len(path) > 1 and here[0].startswith(_ATTACHED):
        above = here[0] + name_of(path[1])
    if node.level == Level.DASH:
        return f"{above}第{node.label.removeprefix('——')}项"
    if node.level in TASK_LEVELS and node.marker:
        return f"{above}{node.marker.number}" if above else f"第{node.marker.number}条"
    if node.level == Level.HEADING:
        return f"{above}第{node.label}项" if path else f"第{node.label}项"
    return node.label if node.level in DECIMALS else f"{above}{node.label}"


def _units(document: Document, pieces: list[_Piece]) -> list[Unit]:
    labels = Counter(piece.label for piece in pieces if piece.number is not None)
    units = []
    for ordinal, piece in enumerate(pieces):
        text = document.text[piece.start : piece.end]
        label = piece.label
        if piece.number is not None and labels[label] > 1:  # numbering restarts under each heading: say which
            label = "".join([name_of(piece.path[0]) if piece.path else "", *piece.locator[1:-1], piece.locator[-1]])
        units.append(
            Unit(
                document_id=document.id,
                ordinal=ordinal,
                type=piece.type,
                locator=piece.locator,
                task_number=piece.number if document.kind is not Kind.NEWS else None,
                label=label,
                heading_path=piece.path,
                start=piece.start,
                end=piece.end,
                text=text,
                sentences=_sentences(piece, text),
                page=piece.page,
            )
        )
    return units


def _sentences(piece: _Piece, text: str) -> tuple[Span, ...]:
    """Return what is quoted of a unit: a row of a table as a whole, as its cells say nothing without each other."""
    if piece.type is UnitType.ROW and len(text) <= _ROW_CHARS:
        return (Span(piece.start, piece.end),)
    return tuple(sentence_spans(text, piece.start))
