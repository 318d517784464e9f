"""The answer: one value with the same JSON from the command line, the API, the stream and the history."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vectorstore.records import Document, Unit

Status = Literal["answered", "corrected", "refused"]
Support = Literal["verbatim", "supported", "unsupported"]


class Turn(BaseModel):
    """One earlier turn of a conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["user", "assistant"]
    content: str


class Citation(BaseModel):
    """Where a sentence of the answer rests: ``quote == document_text[start:end]``, always."""

    id: int = Field(ge=1)
    document_id: str
    title: str
    kind: Literal["policy", "news", "law", "other"]
    issuer: str | None = None
    date: str | None = None
    url: str | None = None
    expires: str | None = None
    locator: list[str]
    task_number: int | None = None
    label: str
    heading_path: list[str]
    quote: str
    start: int
    end: int
    page: int | None = None

    @classmethod
    def of(cls, number: int, document: Document, unit: Unit, start: int, end: int) -> "Citation":
        """Cite ``document.text[start:end]``, which lies in ``unit``."""
        return cls(
            id=number,
            document_id=document.id,
            title=document.title,
            kind=document.kind.value,
            issuer=document.issuer,
            date=document.date,
            url=document.url,
            expires=document.expires,
            locator=list(unit.locator),
            task_number=unit.task_number,
            label=unit.label,
            heading_path=list(unit.heading_path),
            quote=document.text[start:end],
            start=start,
            end=end,
            page=unit.page,
        )


class Sentence(BaseModel):
    """One sentence of the answer with the ids of the citations that carry it."""

    text: str
    citations: list[int]
    support: Support


class Answer(BaseModel):
    """The whole answer. Every ``[n]`` in ``answer`` is an id in ``citations``, and every citation is used."""

    question: str
    standalone_question: str
    status: Status
    answer: str
    sentences: list[Sentence]
    citations: list[Citation]
    nearest: list[Citation] = []
    engine: str
    timings_ms: dict[str, float] = {}
    conversation_id: str | None = None
