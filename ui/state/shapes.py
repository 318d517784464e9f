"""Rows as the values of ``ui.state.records``."""

from collections.abc import Sequence
from typing import Any, cast

from assistant.answer import Answer
from ui.state.records import Conversation, Exchange, Feedback, Rating, Reason, Upload
from ui.state.tables import STOPPED, ConversationRow, ExchangeRow, FeedbackRow, UploadRow
from vectorstore.records import Filter, Kind


def filter_of(stored: dict[str, Any]) -> Filter:
    """Return the filter that was stored; what it does not name limits nothing."""
    return Filter(
        documents=tuple(stored.get("documents", ())),
        kinds=tuple(Kind(kind) for kind in stored.get("kinds", ())),
        since=stored.get("since"),
        until=stored.get("until"),
        section=stored.get("section"),
        regions=tuple(stored.get("regions", ())),
        as_of=stored.get("as_of"),
        title=stored.get("title"),
        number=stored.get("number"),
        issuers=tuple(stored.get("issuers", ())),
        topics=tuple(stored.get("topics", ())),
    )


def exchange_of(row: ExchangeRow, rating: str | None) -> Exchange:
    """Return an exchange."""
    return Exchange(
        id=row.id,
        question=row.question,
        asked_at=row.asked_at,
        within=filter_of(row.within),
        answer=None if row.answer is None else Answer.model_validate(row.answer),
        problem=row.problem,
        stopped=row.state == STOPPED,
        rating=cast("Rating | None", rating),
    )


def conversation_of(row: ConversationRow, exchanges: Sequence[Exchange]) -> Conversation:
    """Return a conversation."""
    return Conversation(
        id=row.id,
        owner=row.owner,
        name=row.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
        exchanges=tuple(exchanges),
    )


def feedback_of(row: FeedbackRow) -> Feedback:
    """Return a piece of feedback."""
    return Feedback(
        id=row.id,
        exchange_id=row.exchange_id,
        owner=row.owner,
        rating=cast("Rating", row.rating),
        reason=cast("Reason | None", row.reason),
        comment=row.comment,
        question=row.question,
        trace=row.trace,
        given_at=row.given_at,
    )


def upload_of(row: UploadRow) -> Upload:
    """Return an upload."""
    return Upload(
        id=row.id,
        name=row.name,
        path=row.path,
        digest=row.digest,
        size=row.size,
        by=row.by,
        uploaded_at=row.uploaded_at,
        state=cast("Any", row.state),
        done=row.done,
        active=row.active,
        outcome=row.outcome,
        warnings=tuple(row.warnings),
    )
