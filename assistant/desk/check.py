"""Wording check (校核): every sentence of a draft, matched to the sources."""

from enum import StrEnum

from pydantic import BaseModel, Field

from assistant.answer import Citation
from vectorstore.embedding import Embedder
from vectorstore.sources import Sources


class Verdict(StrEnum):
    """What a sentence of a draft is to the sources; the first that holds, from the gravest."""

    NOT_FOUND = "not_found"
    ALTERED = "altered"  # a figure, a limit of it, a date or a name differs
    MISATTRIBUTED = "misattributed"  # said of another task or document than the one that says it
    REWORDED = "reworded"  # the same meaning in other words
    VERBATIM = "verbatim"


class Difference(BaseModel):
    """What the draft says and what stands in the source instead; "" where the one has nothing for the other."""

    draft: str
    source: str


class CheckedSentence(BaseModel):
    """One sentence of the draft; ``start`` and ``end`` are its place in the draft's text, in characters."""

    text: str
    verdict: Verdict
    differences: list[Difference]
    citation: Citation | None
    start: int = Field(exclude=True)
    end: int = Field(exclude=True)


class Check(BaseModel):
    """A checked draft, sentence by sentence in order."""

    sentences: list[CheckedSentence]


def check(draft: str, sources: Sources, embedder: Embedder) -> Check:
    """Return what each sentence of ``draft`` is to ``sources``."""
    raise NotImplementedError
