"""The routes of an OpenAI server, so that chat clients can talk to the service: chat completions and the list of models.

The one model is the engine that is configured. Every error has OpenAI's shape, also those that the house raises.
"""

import time
import uuid
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sse_starlette import ServerSentEvent
from starlette.exceptions import HTTPException

from assistant.answer import Answer, Citation, Status
from ui.access.refusals import openai_error
from ui.access.scopes import requires
from ui.access.visitors import visitor_of
from ui.api.errors import told
from ui.api.event_stream import DECLARED, as_json, data_stream, failure, message
from ui.api.openai_messages import ChatRequest, RequestError, question_of, sources, usage
from ui.settings import Settings
from ui.streaming import answer_events
from ui.texts import Lang, say
from ui.validation import explain
from ui.wiring import Services


class OpenAIErrorDetail(BaseModel):
    """What went wrong, as OpenAI tells it."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIError(BaseModel):
    """The body of every error of these routes."""

    error: OpenAIErrorDetail


class Model(BaseModel):
    """A model that can be asked; ``created`` is in seconds since 1970."""

    id: str
    object: str = "model"
    created: int
    owned_by: str = "zhengce"


class Models(BaseModel):
    """All models that can be asked."""

    object: str = "list"
    data: list[Model]


class Reply(BaseModel):
    """The message of an answer. ``citations`` and ``status`` are ours: OpenAI's clients hand them through."""

    role: str = "assistant"
    content: str
    refusal: str | None = None
    citations: list[Citation]
    status: Status


class Choice(BaseModel):
    """The one answer."""

    index: int = 0
    message: Reply
    logprobs: None = None
    finish_reason: str = "stop"


class Completion(BaseModel):
    """A whole answer; ``usage`` is estimated from characters and says so."""

    id: str
    object: str = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: dict[str, Any]


class OpenAIRoute(APIRoute):
    """A route whose errors have OpenAI's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with whatever it raises told in that shape."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:  # noqa: BLE001 - the handlers of the application would tell it in the house's shape
                status, body = _in_their_shape(error)
                headers = error.headers if isinstance(error, HTTPException) else None
                return JSONResponse(body, status, headers=headers)

        return handled


def _in_their_shape(error: Exception) -> tuple[int, dict[str, Any]]:
    if isinstance(error, RequestError):
        return error.status, openai_error(error.status, str(error), error.param, error.code)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        param = ".".join(str(part) for part in first["loc"] if part != "body") or None
        return 400, openai_error(400, explain([first]), param)
    status, _ = told(error)
    what = failure(error)
    return status, openai_error(status, what.message, None, what.code)


def model_id(settings: Settings) -> str:
    """Return the name of the engine that is configured, as a model."""
    return f"zhengce-{settings.engine}"


def openai_router(services: Services) -> APIRouter:
    """Return the routes, whose addresses begin with ``/v1``."""
    errors: Any = {status: {"model": OpenAIError} for status in (400, 401, 403, 404, 413, 422, 429, 500, 503, 504)}
    router = APIRouter(prefix="/v1", tags=[say("api_openai")], route_class=OpenAIRoute, responses=errors)
    model = Model(id=model_id(services.settings), created=int(time.time()))
    read, ask = [Depends(requires("models"))], [Depends(requires("ask"))]

    @router.get("/models", summary=say("api_models"), dependencies=read)
    def models() -> Models:
        """List the models: the one engine that is configured."""
        return Models(data=[model])

    @router.get("/models/{name}", summary=say("api_model"), dependencies=read)
    def one_model(name: str) -> Model:
        """Return one model."""
        if name != model.id:
            raise RequestError(say("openai_no_model", name=name, known=model.id), "model", "model_not_found", 404)
        return model

    @router.post(
        "/chat/completions", summary=say("api_chat"), response_model=Completion, responses=DECLARED, dependencies=ask
    )
    def complete(request: Request, asked: ChatRequest) -> Completion | Response:
        """Answer the last message of the user; with ``stream`` as chunks."""
        asked.check(model.id)
        question = question_of(asked, services.settings)
        question.check(services.settings)
        services.store.within(question.filters.to_filter())
        reply = _Replying(asked, str(request.base_url).rstrip("/"), services.settings.lang)
        owner = visitor_of(request).owner
        if asked.stream:
            return data_stream(reply.chunks(services.stream(question, owner)))
        return reply.whole(services.ask(question, owner))

    return router


class _Replying:
    """The reply to one request: its id and moment are the same in every chunk."""

    def __init__(self, asked: ChatRequest, address: str, lang: Lang) -> None:
        self._asked = asked
        self._address = address
        self._lang = lang
        self._head: dict[str, Any] = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": asked.model,
        }

    def whole(self, answer: Answer) -> Completion:
        """Return ``answer`` with the list of its sources."""
        content = answer.answer + sources(answer, self._address, self._lang)
        message = Reply(content=content, citations=answer.citations, status=answer.status)
        told_usage = dict(usage(self._asked, content))
        return Completion(**self._head, choices=[Choice(message=message)], usage=told_usage)

    def chunks(self, grown: Iterator[Answer]) -> Generator[ServerSentEvent]:
        """Yield the same piece by piece; an error ends it, as OpenAI's clients expect."""
        try:
            for chunk in self._chunks(grown):
                yield message(as_json(chunk))
        except Exception as error:  # noqa: BLE001 - the response has begun: whatever happens can only be told in it
            yield message(as_json(_in_their_shape(error)[1]))
        yield message("[DONE]")

    def _chunks(self, grown: Iterator[Answer]) -> Iterator[dict[str, Any]]:
        counts = bool(self._asked.stream_options and self._asked.stream_options.include_usage)
        none = {"usage": None} if counts else {}
        said = ""
        yield self._chunk({"role": "assistant", "content": "", "refusal": None}) | none
        for event in answer_events(grown):
            if event.event == "token":
                said += event.data["text"]
                yield self._chunk({"content": event.data["text"]}) | none
            elif event.event == "final":
                answer = Answer.model_validate(event.data)
                if listed := sources(answer, self._address, self._lang):
                    said += listed
                    yield self._chunk({"content": listed}) | none
                ours = {"citations": event.data["citations"], "status": answer.status}
                yield self._chunk(ours, "stop") | none
        if counts:
            yield {**self._chunk({}), "choices": [], "usage": dict(usage(self._asked, said))}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}
