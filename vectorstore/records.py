"""The records that are stored and found. Offsets count characters of the document text.

Document   one policy or one article, with its whole text
Unit       the smallest addressable part of a document; the units of a document, joined, are its text
Chunk      what is embedded: one unit, or a window of a long one, with its title and headings in front
Address    where a unit is: the id of its document and its ordinal there
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

Address = tuple[str, int]


class Kind(StrEnum):
    """What a document is; an answer never mixes their authority."""

    POLICY = "policy"
    NEWS = "news"
    LAW = "law"
    OTHER = "other"


class UnitType(StrEnum):
    """What a unit is in its document."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TASK = "task"
    ITEM = "item"
    MEASURE = "measure"
    ARTICLE = "article"
    CAPTION = "caption"
    ROW = "row"
    NOTE = "note"

    @property
    def citable(self) -> bool:
        """Whether an answer may rest on it: headings and titles only say where one is."""
        return self not in (UnitType.TITLE, UnitType.HEADING)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters of a document text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which units a question is asked of; what is empty limits nothing, and the limits add up.

    ``documents`` are ids, ``since`` and ``until`` ISO dates, months or years that count themselves (a document without
    a date is then left out), ``section`` is text of a heading above the unit, ``regions`` are those of documents;
    ``title``, ``number``, ``issuers`` and ``topics`` are text that a document has there. ``as_of``, a date like the
    others, asks the editions that were in force then. What is superseded, repealed or a copy is left out unless
    ``documents`` name it.
    """

    documents: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    since: str | None = None
    until: str | None = None
    section: str | None = None
    regions: tuple[str, ...] = ()
    as_of: str | None = None
    title: str | None = None
    number: str | None = None
    issuers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filter()


EVERYTHING = Filter()  # limits nothing


@dataclass(frozen=True, slots=True)
class Unit:
    """An addressable part of a document; ``text == document.text[start:end]``.

    ``locator`` holds the printed labels from the outermost heading to the unit, ``heading_path`` the full heading
    lines above it, ``label`` what a person reads (重点任务4, 第五条, 第3段), ``sentences`` the spans of its
    sentences in document offsets.
    """

    document_id: str
    ordinal: int
    type: UnitType
    locator: tuple[str, ...]
    task_number: int | None
    label: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A document as another one names it: its title without 《》, and its number where that is given."""

    title: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One policy or one article.

    ``source`` is the file it came from, ``date`` ISO 8601 where the text gives one, ``region`` the place that it speaks
    for, provinces by their full name, 全国 for the state as a whole; ``topic`` is its subject class, ``repeals`` are the
    documents that it says are no longer in force. ``issuer`` names all who signed, ``issuers`` each of them. ``date`` is
    that of this text, ``adopted`` that of a law's first adoption; it is in force from ``effective`` to ``expires``, the
    last day. ``url`` is the address of the page that it was saved from.
    """

    id: str
    title: str
    kind: Kind
    issuer: str | None
    date: str | None
    number: str | None
    source: str
    text: str
    warnings: tuple[str, ...] = ()
    region: str | None = None
    topic: str | None = None
    repeals: tuple[Named, ...] = ()
    issuers: tuple[str, ...] = ()
    adopted: str | None = None
    effective: str | None = None
    expires: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A document without its text: as much as tells editions, repeals and copies apart. See ``Document``."""

    id: str
    title: str
    kind: Kind
    issuer: str | None
    date: str | None
    number: str | None
    region: str | None
    source: str
    repeals: tuple[Named, ...] = ()
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded: ``document.text[start:end]`` with the title and the headings in front (``embedding_text``)."""

    id: str
    document_id: str
    unit_ordinal: int
    start: int
    end: int
    embedding_text: str

    @property
    def digest(self) -> bytes:
        """The digest of what is embedded: equal texts have one vector."""
        return sha256(self.embedding_text.encode()).digest()


def chunk_id(address: Address, part: int) -> str:
    """Return the id of the ``part``-th chunk of the unit at ``address``."""
    return f"{address[0]}:{address[1]}:{part}"


def chunk_address(chunk: str) -> tuple[Address, int]:
    """Return what ``chunk_id`` was made of."""
    document_id, ordinal, part = chunk.split(":")
    return (document_id, int(ordinal)), int(part)
