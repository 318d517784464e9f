"""How documents and units look outside: the same JSON from the command line and the API."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel

from assistant.answer import Answer, Citation
from vectorstore.editions import CURRENT, Standing, Status
from vectorstore.records import Document, Kind, Unit, UnitType


class Counts(BaseModel):
    """How much a document holds."""

    units: int
    characters: int


class DocumentView(BaseModel):
    """A document without its text. ``source`` is the file that it came from; the API shows its name only.

    Answers rest on what is ``current`` unless they are asked otherwise; ``superseded_by`` is the id of the edition, or
    of the document that repeals this one, ``duplicate_of`` that of the document which is cited in place of this copy.
    What is ``expired`` is still answered from: its own last day, ``expires``, is over. ``maybe`` are the ids of documents
    of which this may be an edition: nothing proves it, so both are current.
    """

    id: str
    title: str
    kind: Kind
    issuer: str | None
    date: str | None
    number: str | None
    region: str | None
    topic: str | None = None
    source: str
    warnings: list[str]
    counts: Counts
    status: Status = Status.CURRENT
    superseded_by: str | None = None
    duplicate_of: str | None = None
    maybe: list[str] = []
    issuers: list[str] = []
    adopted: str | None = None
    effective: str | None = None
    expires: str | None = None
    url: str | None = None

    @classmethod
    def of(cls, document: Document, units: Sequence[Unit], standing: Standing = CURRENT) -> Self:
        """Show ``document``, whose units are ``units``, and how it stands."""
        counts = Counts(units=len(units), characters=len(document.text))
        known = {name: getattr(document, name) for name in cls.model_fields if hasattr(document, name)}
        if standing.maybe:
            unproven = f"可能是新旧版本:与 {'、'.join(standing.maybe)} 同名,先后没有足够依据,都按现行处理"
            known["warnings"] = [*document.warnings, unproven]
        return cls(**known, counts=counts, **asdict(standing))

    def without_folder(self) -> Self:
        """Return the same with the folders of this machine left out of ``source``."""
        file, mark, inside = self.source.partition("!/")
        return self.model_copy(update={"source": Path(file).name + mark + inside})


class DocumentWithText(DocumentView):
    """A document with its text, in which all offsets count."""

    text: str


class UnitView(BaseModel):
    """A unit; ``sentences`` are pairs of offsets in the document text."""

    document_id: str
    ordinal: int
    type: UnitType
    locator: list[str]
    task_number: int | None
    label: str
    heading_path: list[str]
    text: str
    start: int
    end: int
    page: int | None
    sentences: list[tuple[int, int]]

    @classmethod
    def of(cls, unit: Unit) -> Self:
        """Show ``unit``."""
        known = {name: getattr(unit, name) for name in cls.model_fields if name != "sentences"}
        return cls(**known, sentences=[(span.start, span.end) for span in unit.sentences])


class Documents(BaseModel):
    """All documents."""

    documents: list[DocumentView]


class DocumentPage(Documents):
    """Some of the documents, from the ``offset``-th on, at most ``limit``; ``total`` counts them all."""

    total: int
    limit: int
    offset: int


class Units(BaseModel):
    """The units of one document or of all, in order."""

    units: list[UnitView]


class UnitPage(Units):
    """Some of the units, from the ``offset``-th on, at most ``limit``; ``total`` counts them all."""

    total: int
    limit: int
    offset: int


class Hit(Citation):
    """A unit that retrieval found: its ``id`` is its rank, its quote the whole unit.

    Scores are comparable within one search only; they have no upper bound.
    """

    score: float

    @classmethod
    def of_unit(cls, rank: int, document: Document, unit: Unit, score: float) -> Self:
        """Show the whole of ``unit``, without the white space around it."""
        start = unit.start + len(unit.text) - len(unit.text.lstrip())
        end = unit.start + len(unit.text.rstrip())
        return cls(**Citation.of(rank, document, unit, start, end).model_dump(), score=round(score, 4))


class Hits(BaseModel):
    """What a search found, best first."""

    query: str
    results: list[Hit]


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs, a message for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


class Answered(Answer):
    """An answer in a batch; ``id`` is the one that the question came with."""

    id: Any = None


class Unanswered(ErrorBody):
    """A question of a batch that could not be answered."""

    id: Any = None


class BatchResults(BaseModel):
    """The results of a batch, in the order of its questions."""

    results: list[Answered | Unanswered]
