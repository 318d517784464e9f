"""The routes that answer: one question, at once or as it is written, and many."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError, WrapValidator
from starlette.concurrency import run_in_threadpool

from assistant.answer import Answer
from ui.access.scopes import requires
from ui.access.visitors import visitor_of
from ui.api.errors import invalid
from ui.api.event_stream import DECLARED, answer_stream, failure, wants_events
from ui.questions import Question
from ui.texts import say
from ui.views import Answered, BatchResults, Unanswered
from ui.wiring import Services

MAX_BATCH = 100


class BatchQuestion(Question):
    """A question of a batch; ``id`` comes back with its result."""

    id: Any = None


def _or_what_is_wrong(value: Any, check: Callable[[Any], BatchQuestion]) -> BatchQuestion | Unanswered:
    try:
        return check(value)
    except ValidationError as error:
        return Unanswered(id=value.get("id") if isinstance(value, dict) else None, error=invalid(error.errors()))


class Batch(BaseModel):
    """Questions to be answered one after another; what is wrong with one is the error of that one only."""

    questions: list[Annotated[BatchQuestion, WrapValidator(_or_what_is_wrong)]] = Field(max_length=MAX_BATCH)


def questions_router(services: Services) -> APIRouter:
    """Return the routes that answer."""
    router = APIRouter(tags=[say("api_questions")], dependencies=[Depends(requires("ask"))])

    @router.post("/ask", summary=say("api_ask"), response_model=Answer, responses=DECLARED)
    def ask(request: Request, question: Question) -> Answer | Response:
        """Answer one question, with citations; as events where ``Accept: text/event-stream`` asks for them."""
        owner = visitor_of(request).owner
        return _streamed(services, question, owner) if wants_events(request) else services.ask(question, owner)

    @router.post("/ask/stream", summary=say("api_ask_stream"), response_class=Response, responses=DECLARED)
    def ask_stream(request: Request, question: Question) -> Response:
        """Answer one question as server-sent events: ``evidence``, ``token``, ``citation``, ``final`` or ``error``."""
        return _streamed(services, question, visitor_of(request).owner)

    @router.post("/batch", summary=say("api_batch"))
    async def batch(request: Request, sent: Batch) -> BatchResults:
        """Answer many questions in order; one that fails has an ``error`` in place of an answer."""
        results: list[Answered | Unanswered] = []
        for one in sent.questions:
            if await request.is_disconnected():
                break  # nobody waits for the rest
            results.append(await run_in_threadpool(_result, services, one, visitor_of(request).owner))
        return BatchResults(results=results)

    return router


def _streamed(services: Services, question: Question, owner: str) -> Response:
    """Begin to answer. What is wrong with the question itself is raised here, while there can still be a status."""
    question.check(services.settings)
    services.store.within(question.filters.to_filter())
    return answer_stream(services.stream(question, owner))


def _result(services: Services, asked: BatchQuestion | Unanswered, owner: str) -> Answered | Unanswered:
    if isinstance(asked, Unanswered):
        return asked
    try:
        return Answered(id=asked.id, **services.ask(asked, owner).model_dump())
    except Exception as error:  # noqa: BLE001 - a fault in one question must not lose the answers to the others
        return Unanswered(id=asked.id, error=failure(error))
