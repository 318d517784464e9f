"""From an article to its document and units: the text, and an address for every part of it.

The document text is the paragraphs joined by line feeds; the units cut it without gap or overlap, so that joined
they are the text again.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ingest.articles import Article
from ingest.inline_items import inline_list
from ingest.layout import Paragraph
from ingest.metadata import Metadata
from ingest.metadata.titles import is_part
from ingest.numbering import DECIMALS, TASK_LEVELS, Level
from ingest.numbering_warnings import numbering_warnings
from ingest.outline import Node, name_of, read_outline
from ingest.pieces import Piece, Writer
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
    writer = Writer()
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


def _emit(writer: Writer, node: Node, locator: tuple[str, ...], path: tuple[str, ...]) -> None:
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


def _emit_container(writer: Writer, node: Node, here: tuple[str, ...], path: tuple[str, ...]) -> None:
    lead = node.paragraphs
    if node.titled and node.level != Level.CONTENTS:
        heading, lead = lead[: node.headings], lead[node.headings :]
        writer.add(heading, UnitType.HEADING, here, node.heading, path)
    inside = (*path, node.heading)
    _emit_lead(writer, node, lead, here, inside)
    for child in node.children:
        _emit(writer, child, here, inside)


def _emit_lead(
    writer: Writer, node: Node, lead: Sequence[Paragraph], here: tuple[str, ...], path: tuple[str, ...]
) -> None:
    """Write the paragraphs between a heading and its first child: one has the address of the heading, more are ¶1, ¶2."""
    if len(lead) == 1 and here and not lead[0].aside and not lead[0].contents:
        _emit_paragraph(writer, lead[0], here, name_of(path[-1]), path)
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
            _emit_paragraph(writer, paragraph, (*here, f"¶{at}"), label, path)
    writer.add_asides(node.asides, path)


def _emit_paragraph(
    writer: Writer, paragraph: Paragraph, here: tuple[str, ...], label: str, path: tuple[str, ...]
) -> None:
    """Write a paragraph without a label of its own; the items of a list that was set in it are units of their own."""
    found = inline_list(paragraph)
    if found is None:
        writer.add([paragraph], UnitType.PARAGRAPH, here, label, path)
        return
    if found.lead:
        writer.add([found.lead], UnitType.PARAGRAPH, here, label, path)
        label = label or f"第{writer.paragraphs}段"
    for item in found.items:
        name = f"{label}第{item.marker.label.strip('()')}项"
        writer.add([item.paragraph], UnitType.ITEM, (*here, item.marker.label), name, (*path, *found.called))


def _emit_article(writer: Writer, node: Node, here: tuple[str, ...], path: tuple[str, ...]) -> None:
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
    elif len(path) > 1 and (here[0].startswith(_ATTACHED) or here[0] == "附"):
        above = here[0] + name_of(path[1])
    if node.level == Level.DASH:
        return f"{above}第{node.label.removeprefix('——')}项"
    if node.level in TASK_LEVELS and node.marker:
        return f"{above}{node.marker.number}" if above else f"第{node.marker.number}条"
    if node.level == Level.HEADING:
        return f"{above}第{node.label}项" if path else f"第{node.label}项"
    return node.label if node.level in DECIMALS else f"{above}{node.label}"


def _units(document: Document, pieces: list[Piece]) -> list[Unit]:
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


def _sentences(piece: Piece, text: str) -> tuple[Span, ...]:
    """Return what is quoted of a unit: a row of a table as a whole, as its cells say nothing without each other."""
    if piece.type is UnitType.ROW and len(text) <= _ROW_CHARS:
        return (Span(piece.start, piece.end),)
    return tuple(sentence_spans(text, piece.start))
