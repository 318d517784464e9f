"""The source panel as HTML: the text of a document with one place marked, or the list of what there is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answer import Citation
from assistant.around import related, targets
from ui.page.templates import render
from ui.texts import Lang
from vectorstore.editions import Standing, Status
from vectorstore.records import Document, Record, Span, Unit, UnitType

if TYPE_CHECKING:
    from vectorstore.store import Store

MOST_LISTED = 50  # documents


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a block, marked or not."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A unit as it is shown, with what stands between it and the next; the blocks, joined, are the text."""

    type: UnitType
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document that is shown."""

    document: Document
    span: Span
    unit: Unit | None
    blocks: tuple[Block, ...]
    standing: Standing
    instead: Document | None = None  # what took its place, or is the same text

    @property
    def heading_path(self) -> tuple[str, ...]:
        """The headings above the place."""
        return self.unit.heading_path if self.unit else ()

    @property
    def label(self) -> str:
        """What a person calls the place; empty where it is none of the document's units."""
        return self.unit.label if self.unit else ""

    @property
    def page(self) -> int | None:
        """The page of the file that the place is on."""
        return self.unit.page if self.unit else None

    @property
    def quote(self) -> str:
        """The text at the place."""
        return self.document.text[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of the list, and how it stands."""

    document: Record
    status: Status


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a place: the targets of its unit, and what else bears on the same matter."""

    targets: tuple[Citation, ...]
    related: tuple[Citation, ...]


def find_place(store: "Store", document_id: str, start: int, end: int) -> Place:
    """Return the place ``[start, end)``, cut to the text of the document. Raises NotFoundError."""
    document = store.document(document_id)
    units = store.units(document_id)
    length = len(document.text)
    start = min(max(start, 0), length)
    span = Span(start, min(max(end, start), length))
    at = _unit_at(units, span) if span.start < span.end else None
    standing = store.standing(document_id)
    other = standing.superseded_by or standing.duplicate_of
    instead = store.document(other) if other else None
    return Place(document, span, at, tuple(_blocks(document.text, units, span)), standing, instead)


def find_surroundings(store: "Store", place: Place) -> Around | None:
    """Return what stands around ``place``; None where it lies in no unit that can be cited."""
    unit = place.unit
    if unit is None or not unit.type.citable:
        return None
    aims = [Citation.of(n, place.document, unit, span.start, span.end) for n, span in enumerate(targets(unit), 1)]
    others = [
        Citation.of(n, store.document(other.document_id), other, other.start, other.end)
        for n, other in enumerate(related(unit, store), 1)
    ]
    return Around(tuple(aims), tuple(others))


def render_place(place: Place, lang: Lang, around: Around | None = None, *, unfolded: bool = False) -> str:
    """Return the panel with the whole text of the document and the place marked in it.

    ``unfolded``: what stands around the place is in sight from the start.
    """
    return render("source.html", lang, place=place, around=around, unfolded=unfolded)


def find_listed(store: "Store") -> tuple[list[Listed], int]:
    """Return the first documents as they are listed, and how many there are."""
    records = store.records()
    return [Listed(record, store.standing(record.id).status) for record in records[:MOST_LISTED]], len(records)


def render_library(listed: Sequence[Listed], count: int, lang: Lang, problem: str | None = None) -> str:
    """Return the panel with the list of documents, of which there are ``count``, below ``problem`` where there is one."""
    return render("library.html", lang, listed=listed, count=count, problem=problem)


def _unit_at(units: Sequence[Unit], span: Span) -> Unit | None:
    return next((unit for unit in units if unit.start <= span.start < unit.end), None)


def _blocks(text: str, units: Sequence[Unit], span: Span) -> Iterator[Block]:
    """Cut ``text`` where units begin; the first block also holds what stands before the first unit."""
    types = {unit.start: unit.type for unit in units if 0 < unit.start < len(text)}
    first = next((unit.type for unit in units if unit.start == 0), UnitType.PARAGRAPH)
    starts = [0, *sorted(types)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield Block(types.get(start, first), tuple(_parts(text, Span(start, end), span)))


def _parts(text: str, block: Span, mark: Span) -> Iterator[Part]:
    """Cut the block where the mark begins and ends."""
    start, end = (min(max(edge, block.start), block.end) for edge in (mark.start, mark.end))
    for part in (
        Part(text[block.start : start], False),
        Part(text[start:end], True),
        Part(text[end : block.end], False),
    ):
        if part.text:
            yield part
