"""An answer as server-sent events: ``id``, ``event`` and ``data`` (JSON) each, comments while nothing happens.

    the answering iterator, in a worker thread → a queue → the response

Who goes away is noticed at once; the iterator is then closed in its thread, as soon as its step under way is done.
"""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import closing, suppress
from typing import Any, TypeVar

from anyio import to_thread
from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from assistant.answer import Answer
from ui.api.errors import told
from ui.streaming import Event, answer_events
from ui.views import ErrorBody, ErrorDetail

HEARTBEAT = 15  # seconds between two comments
MEDIA_TYPE = "text/event-stream"
_EVENT = {
    "type": "object",
    "description": "One server-sent event; data is JSON.",
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}
DECLARED: Any = {200: {"content": {MEDIA_TYPE: {"schema": _EVENT}}}}  # beside the JSON, for OpenAPI
_END = None
_END_OF_LINE = "\n"  # what programs that read by hand expect
_SEPARATORS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}  # some clients take them for line ends

_log = logging.getLogger(__name__)
_pumping: set["asyncio.Task[None]"] = set()  # the event loop itself keeps tasks only weakly

T = TypeVar("T")


def wants_events(request: Request) -> bool:
    """Whether ``request`` asks for events rather than for one JSON value: of the two, what it names first."""
    kinds = [one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "").split(",")]
    return next((kind == MEDIA_TYPE for kind in kinds if kind in (MEDIA_TYPE, "application/json")), False)


def answer_stream(grown: Iterator[Answer]) -> EventSourceResponse:
    """Respond with the events of an answer that grows; what it meets is the last one, ``error``."""
    return event_stream(_told(answer_events(grown)))


def event_stream(events: Generator[Event]) -> EventSourceResponse:
    """Respond with ``events``, numbered from 1."""

    def messages() -> Generator[ServerSentEvent]:
        with closing(events):
            for number, one in enumerate(events, 1):
                yield message(as_json(one.data), one.event, str(number))

    return data_stream(messages())


def data_stream(messages: Generator[ServerSentEvent]) -> EventSourceResponse:
    """Respond with ``messages``, which are made in a worker thread."""
    return EventSourceResponse(in_thread(messages), ping=HEARTBEAT, ping_message_factory=_heartbeat, sep=_END_OF_LINE)


def message(data: str, event: str | None = None, number: str | None = None) -> ServerSentEvent:
    """Return one message of a stream."""
    return ServerSentEvent(data, event=event, id=number, sep=_END_OF_LINE)


def _heartbeat() -> ServerSentEvent:
    return ServerSentEvent(comment="waiting", sep=_END_OF_LINE)


def failure(error: Exception) -> ErrorDetail:
    """Return what is told of ``error``; one that is a fault of ours goes to the log."""
    status, what = told(error)
    if status == 500:
        _log.error("an answer met an error", exc_info=error)
    return what


def error_event(what: ErrorDetail) -> Event:
    """Return the event in place of ``final``, in the shape of every error."""
    return Event("error", ErrorBody(error=what).model_dump())


def as_json(value: Any) -> str:
    """Return ``value`` as JSON on one line."""
    text = json.dumps(value, ensure_ascii=False)
    for char, escaped in _SEPARATORS.items():
        text = text.replace(char, escaped)
    return text


async def in_thread(steps: Generator[T]) -> AsyncIterator[T]:
    """Yield what ``steps`` yields, run in a worker thread, which closes it when nobody listens any more.

    ``steps`` must not raise.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[T | None] = asyncio.Queue()
    gone = threading.Event()

    def put(step: T | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the service has ended
            loop.call_soon_threadsafe(queue.put_nowait, step)

    def pump() -> None:
        try:
            with closing(steps):
                while not gone.is_set() and (step := next(steps, _END)) is not _END:
                    put(step)
        finally:
            put(_END)

    task = asyncio.create_task(to_thread.run_sync(pump, abandon_on_cancel=True))
    _pumping.add(task)
    task.add_done_callback(_pumping.discard)
    try:
        while (step := await queue.get()) is not _END:
            yield step
    finally:
        gone.set()


def _told(events: Generator[Event]) -> Generator[Event]:
    try:
        yield from events
    except Exception as error:  # noqa: BLE001 - the response has begun: whatever happens can only be told in it
        yield error_event(failure(error))
