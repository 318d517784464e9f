"""Reverse look-up: every unit that mentions a term, and the units that mean it without the word."""

from pydantic import BaseModel

from assistant.answer import Citation
from vectorstore.embedding import Embedder
from vectorstore.sources import Sources


class Counts(BaseModel):
    """How often the term stands: ``mentions`` in ``units`` of ``documents``."""

    documents: int
    units: int
    mentions: int


class Found(BaseModel):
    """``exact`` has one citation for each unit that holds the term, complete, in document order.

    ``related`` holds units that mean it and do not hold it, best first.
    """

    term: str
    exact: list[Citation]
    related: list[Citation]
    counts: Counts


def find(term: str, sources: Sources, embedder: Embedder, *, related: int = 10) -> Found:
    """Return every unit of ``sources`` that mentions ``term``, and at most ``related`` that mean it."""
    raise NotImplementedError
