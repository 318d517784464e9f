"""Reverse look-up: every unit that mentions a term, and the units that mean it without the word."""

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.citing import Citations
from assistant.desk.find_mentions import mentions_of, squeezed
from assistant.desk.find_related import related_to
from vectorstore.embedding import Embedder
from vectorstore.errors import DeskError
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
    """Return every unit of ``sources`` that mentions ``term``, and at most ``related`` that mean it.

    Width, case and white space do not matter. Raises DeskError where ``term`` is blank.
    """
    wanted = squeezed(term)
    if not wanted:
        raise DeskError("没有要查的词;请输入一个词、地名、单位名或项目名")
    mentions = mentions_of(wanted, sources)
    held = {(mention.unit.document_id, mention.unit.ordinal) for mention in mentions}
    close = related_to(wanted, sources, embedder, held)[:related] if related > 0 else []
    citations = Citations(sources)
    return Found(
        term=term.strip(),
        exact=[citations.cite(mention.unit, mention.span) for mention in mentions],
        related=[citations.cite(unit, span) for unit, span in close],
        counts=Counts(
            documents=len({mention.unit.document_id for mention in mentions}),
            units=len(mentions),
            mentions=sum(mention.times for mention in mentions),
        ),
    )
