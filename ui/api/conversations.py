"""The routes about conversations: the same store as the page's, each caller seeing their own."""

from collections.abc import Generator, Iterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from assistant.answer import Answer
from ui.access.scopes import requires
from ui.access.visitors import visitor_of
from ui.api.event_stream import DECLARED, error_event, event_stream, wants_events
from ui.conversing import converse
from ui.export import ExportFormat, export_conversation
from ui.questions import NOT_BLANK, Filters
from ui.state.actions import CONVERSATION_DELETED, EXPORTED
from ui.state.records import Conversation, Exchange, Rating, Reason
from ui.streaming import Event, answer_events
from ui.texts import Lang, say
from ui.views import ErrorDetail
from ui.views_kept import Conversations, ConversationView, ExchangeView, SummaryView
from ui.wiring import Services

_NAMED = 60  # characters of a file name


class Naming(BaseModel):
    """A name for a conversation."""

    name: str = Field(max_length=200, json_schema_extra=dict(NOT_BLANK))


class Message(BaseModel):
    """A question within a conversation; ``replaces`` is the exchange that it is asked instead of."""

    question: str = Field(json_schema_extra=dict(NOT_BLANK))
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
        prefix="/conversations",
        tags=[say("api_conversations")],
        dependencies=[Depends(requires("converse"))],
    )
    _add_keeping(router, services)
    _add_asking(router, services)
    return router


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
        owner = visitor_of(request).owner
        kept.delete(owner, conversation_id)
        services.auditor.note(owner, CONVERSATION_DELETED, conversation=conversation_id)

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
        services.auditor.note(talk.owner, EXPORTED, conversation=talk.id, format=into.value)
        name = "".join(char if char.isalnum() else "-" for char in talk.name[:_NAMED]) or "conversation"
        disposition = f"attachment; filename*=UTF-8''{quote(name + into.suffix)}"
        return Response(body, media_type=into.media_type, headers={"content-disposition": disposition})


def _add_asking(router: APIRouter, services: Services) -> None:
    kept = services.state.conversations

    @router.post(
        "/{conversation_id}/messages", summary=say("api_message"), response_model=ExchangeView, responses=DECLARED
    )
    def message(request: Request, conversation_id: str, sent: Message) -> ExchangeView | Response:
        """Ask within a conversation: what was said in it is the history, and the answer is kept in it.

        Where ``Accept: text/event-stream`` asks for events, ``exchange`` (this, not yet answered) comes first.
        """
        owner = visitor_of(request).owner
        within = sent.filters.to_filter()
        steps = converse(services, owner, conversation_id, sent.question, within, replaces=sent.replaces)
        if wants_events(request):
            waiting = next(steps).exchanges[-1]  # here, so that a conversation that is not there is a 404
            return event_stream(_message_events(waiting, steps))
        *_, talk = steps
        return ExchangeView.of(talk.exchanges[-1])

    @router.put("/{conversation_id}/exchanges/{exchange_id}/rating", summary=say("api_rate"))
    def rate(request: Request, conversation_id: str, exchange_id: str, judgement: Judgement) -> ExchangeView:
        """Keep what the caller thinks of an answer."""
        owner = visitor_of(request).owner
        kept.get(owner, conversation_id)
        return ExchangeView.of(kept.rate(owner, exchange_id, judgement.rating, judgement.reason, judgement.comment))


def _message_events(waiting: Exchange, steps: Iterator[Conversation]) -> Generator[Event]:
    """Yield the events of an exchange that is being answered; ``final`` is the answer as it was stored."""
    yield Event("exchange", ExchangeView.of(waiting).model_dump(mode="json"))
    last = waiting

    def grown() -> Iterator[Answer]:
        nonlocal last
        for talk in steps:
            last = talk.exchanges[-1]
            if last.answer:
                yield last.answer

    for event in answer_events(grown()):
        if event.event != "final":
            yield event
    if last.answer:
        yield Event("final", last.answer.model_dump(mode="json"))
    else:  # it met a problem, or somebody stopped it meanwhile
        code = "stopped" if last.stopped else "failed"
        yield error_event(ErrorDetail(code=code, message=last.problem or say("api_stopped")))
