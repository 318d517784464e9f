"""The routes about conversations: the same store as the page's, each caller seeing their own."""

from datetime import datetime
from typing import Annotated, Self
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from assistant.answer import Answer
from ui.access.visitors import visitor_of
from ui.api.documents import same_site
from ui.conversing import converse
from ui.export import ExportFormat, export_conversation
from ui.questions import Filters
from ui.state.records import Conversation, Exchange, Rating, Reason, Summary
from ui.texts import Lang, say
from ui.wiring import Services

_NAMED = 60  # characters of a file name


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


class Naming(BaseModel):
    """A name for a conversation."""

    name: str = Field(max_length=200)


class Message(BaseModel):
    """A question within a conversation; ``replaces`` is the exchange that it is asked instead of."""

    question: str
    filters: Filters = Filters()
    replaces: str | None = Field(default=None, max_length=64)


class Judgement(BaseModel):
    """What somebody thinks of an answer; without a rating an earlier one is withdrawn."""

    rating: Rating | None
    reason: Reason | None = None
    comment: str = Field(default="", max_length=2000)


def conversations_router(services: Services) -> APIRouter:
    """Return the routes about the caller's own conversations."""
    router = APIRouter(
        prefix="/conversations", tags=[say("api_conversations")], dependencies=[Depends(same_site_to_change)]
    )
    _add_keeping(router, services)
    _add_asking(router, services)
    return router


def same_site_to_change(request: Request) -> None:
    """Refuse what changes something and was sent by a page of another site."""
    if request.method not in ("GET", "HEAD"):
        same_site(request)


def _add_keeping(router: APIRouter, services: Services) -> None:
    kept = services.state.conversations

    @router.get("", summary=say("api_conversations_list"))
    def conversations(
        request: Request,
        search: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ) -> Conversations:
        """List the caller's conversations, the latest first."""
        found = kept.list(visitor_of(request).owner, search, limit)
        return Conversations(conversations=[SummaryView.of(one) for one in found])

    @router.post("", status_code=201, summary=say("api_conversation_new"))
    def create(request: Request) -> ConversationView:
        """Begin a conversation."""
        return ConversationView.of(kept.create(visitor_of(request).owner))

    @router.get("/{conversation_id}", summary=say("api_conversation"))
    def conversation(request: Request, conversation_id: str) -> ConversationView:
        """Return one conversation."""
        return ConversationView.of(kept.get(visitor_of(request).owner, conversation_id))

    @router.patch("/{conversation_id}", summary=say("api_conversation_name"))
    def rename(request: Request, conversation_id: str, naming: Naming) -> ConversationView:
        """Give a conversation another name."""
        return ConversationView.of(kept.rename(visitor_of(request).owner, conversation_id, naming.name))

    @router.delete("/{conversation_id}", status_code=204, summary=say("api_conversation_delete"))
    def delete(request: Request, conversation_id: str) -> None:
        """Delete a conversation with what was thought of its answers."""
        kept.delete(visitor_of(request).owner, conversation_id)

    @router.get("/{conversation_id}/export", summary=say("api_export"), response_class=Response)
    def export(
        request: Request,
        conversation_id: str,
        into: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.DOCX,
        lang: Lang | None = None,
    ) -> Response:
        """Return a conversation as a file, with its citations as footnotes."""
        talk = kept.get(visitor_of(request).owner, conversation_id)
        address = str(request.base_url).rstrip("/")
        body = export_conversation(talk, into, lang or services.settings.lang, address)
        name = "".join(char if char.isalnum() else "-" for char in talk.name[:_NAMED]) or "conversation"
        disposition = f"attachment; filename*=UTF-8''{quote(name + into.suffix)}"
        return Response(body, media_type=into.media_type, headers={"content-disposition": disposition})


def _add_asking(router: APIRouter, services: Services) -> None:
    kept = services.state.conversations

    @router.post("/{conversation_id}/messages", summary=say("api_message"))
    def message(request: Request, conversation_id: str, sent: Message) -> ExchangeView:
        """Ask within a conversation: what was said in it is the history, and the answer is kept in it."""
        owner = visitor_of(request).owner
        within = sent.filters.to_filter()
        *_, talk = converse(services, owner, conversation_id, sent.question, within, replaces=sent.replaces)
        return ExchangeView.of(talk.exchanges[-1])

    @router.put("/{conversation_id}/exchanges/{exchange_id}/rating", summary=say("api_rate"))
    def rate(request: Request, conversation_id: str, exchange_id: str, judgement: Judgement) -> ExchangeView:
        """Keep what the caller thinks of an answer."""
        owner = visitor_of(request).owner
        kept.get(owner, conversation_id)
        return ExchangeView.of(kept.rate(owner, exchange_id, judgement.rating, judgement.reason, judgement.comment))
