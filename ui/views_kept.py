"""How what is remembered looks outside: conversations, feedback, uploads. Light: a client imports it, too."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel

from assistant.answer import Answer
from ui.state.records import Conversation, Exchange, Feedback, Rating, Reason, Summary, Upload


class SummaryView(BaseModel):
    """A conversation in a list."""

    id: str
    name: str
    updated_at: datetime
    exchanges: int

    @classmethod
    def of(cls, one: Summary) -> Self:
        """Show ``one``."""
        return cls(id=one.id, name=one.name, updated_at=one.updated_at, exchanges=one.exchanges)


class Conversations(BaseModel):
    """Conversations, the latest first."""

    conversations: list[SummaryView]


class ExchangeView(BaseModel):
    """A question with its answer, or with what went wrong; ``stopped`` where it was broken off."""

    id: str
    question: str
    asked_at: datetime
    answer: Answer | None
    problem: str | None
    stopped: bool
    rating: Rating | None

    @classmethod
    def of(cls, one: Exchange) -> Self:
        """Show ``one``."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ConversationView(BaseModel):
    """A conversation with its exchanges, oldest first."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    exchanges: list[ExchangeView]

    @classmethod
    def of(cls, one: Conversation) -> Self:
        """Show ``one``."""
        known = {name: getattr(one, name) for name in ("id", "name", "created_at", "updated_at")}
        return cls(**known, exchanges=[ExchangeView.of(exchange) for exchange in one.exchanges])


class FeedbackView(BaseModel):
    """What somebody thought of an answer. ``trace`` holds the answer as they saw it and the ranking behind it."""

    id: str
    exchange_id: str
    owner: str
    rating: Rating
    reason: Reason | None
    comment: str
    question: str
    trace: dict[str, Any]
    given_at: datetime

    @classmethod
    def of(cls, one: Feedback) -> Self:
        """Show ``one``."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class Feedbacks(BaseModel):
    """Feedback, newest first."""

    feedback: list[FeedbackView]


class UploadView(BaseModel):
    """An upload, or the reading of a file again. ``size`` is in bytes, ``done`` the part that is read, from 0 to 1."""

    id: str
    name: str
    digest: str
    size: int
    by: str
    uploaded_at: datetime
    state: Literal["waiting", "reading", "done", "failed"]
    done: float
    active: bool
    outcome: dict[str, Any]
    warnings: list[str]

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """Show ``upload`` without its place on this machine."""
        known = {name: getattr(upload, name) for name in cls.model_fields if name != "warnings"}
        return cls(**known, warnings=list(upload.warnings))


class Uploads(BaseModel):
    """Uploads, by name, newest first."""

    uploads: list[UploadView]
