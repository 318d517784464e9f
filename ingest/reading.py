"""The reading of one file, without the store: bytes → lines → paragraphs → articles → documents, units, chunks."""

from collections.abc import Iterator
from dataclasses import replace

from ingest.articles import split_articles
from ingest.bounds import check_line, check_text, check_units
from ingest.chunking import build_chunks
from ingest.furniture import clear_page, mark_headlines
from ingest.layout import heal
from ingest.lines import NOTHING_SAID, Extracted
from ingest.metadata import read_metadata
from ingest.metadata.file_name import read_file_name
from ingest.readers import read
from ingest.structure import build_document
from ingest.topic import with_topic
from ingest.unseen import seen
from vectorstore.errors import ReadError
from vectorstore.records import Chunk, Document, Kind, Unit

READER = "5"  # raise it when the same file would now give other units or metadata

Part = tuple[Document, list[Unit], list[Chunk]]


def read_parts(data: bytes, source: str, kind: Kind | None = None) -> list[Part]:
    """Return the documents in ``data``, the bytes of the file ``source``. Raises ReadError where it holds none."""
    parts = [part for extracted in read(data, source) for part in parts_of(seen(extracted), source, kind)]
    if not parts:
        raise ReadError("文件里没有可以引用的正文")
    return parts


def parts_of(extracted: Extracted, source: str, kind: Kind | None = None) -> Iterator[Part]:
    """Yield the documents that a reader found. What the file says of itself is said of the first of its articles.

    One that stands in an archive or a mail has its name there behind that of the file: 来文.zip!/附件/方案.txt.
    """
    for line in extracted.lines:
        check_line(len(line.text))
    check_text(sum(len(line.text) for line in extracted.lines), len(extracted.lines))
    place = "!/".join(filter(None, (source, extracted.name)))
    page = clear_page(extracted)
    name = extracted.name or source
    articles = split_articles(heal(list(mark_headlines(page.lines, read_file_name(name).title))))
    for at, article in enumerate(articles):
        metadata = read_metadata(article, kind, NOTHING_SAID if at else page.said, name if len(articles) == 1 else "")
        document, units = build_document(article, metadata, place, (*extracted.warnings, *metadata.doubts))
        document = with_topic(replace(document, **metadata.beside()), units)
        check_units(units)
        if any(unit.type.citable for unit in units):
            yield document, units, build_chunks(document, units)
