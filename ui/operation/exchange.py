"""What every request passes first: an id, a count, a span, a line in the log, and an end when the service ends.

Of an address only its template is told (``/api/v1/documents/{document_id}``), so that nothing that was asked, and no
number of addresses without bounds, gets into logs and metrics.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access.doors import is_api
from ui.access.visitors import visitor_in
from ui.operation.logs import ACCESS, enter_request
from ui.texts import say

if TYPE_CHECKING:
    from ui.operation.operation import Operation

PROBES = ("/healthz", "/readyz", "/metrics")
_GONE = 499  # who asked went away, or the response was cut off
_HEADER = "x-request-id"


class Exchange:
    """One request with its response, as it is sent through ``send``."""

    def __init__(self, scope: Scope, send: Send, name: str) -> None:
        self.status: int | None = None
        self._scope = scope
        self._send = send
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._events = self._whole = False
        self._ending: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Send ``message`` on; what comes after the end is dropped."""
        async with self._lock:
            if self._whole:
                return
            if message["type"] == "http.response.start":
                self.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[_HEADER] = self._name
                self._events = headers.get("content-type", "").startswith("text/event-stream")
            elif message["type"] == "http.response.body":
                self._whole = not message.get("more_body", False)
            await self._send(message)

    def end(self) -> None:
        """End the response from any thread: not begun it is a 503, as a stream of events it gets one that says why."""
        self._loop.call_soon_threadsafe(self._begin_to_end)

    async def refuse(self) -> None:
        """Say that the service is being stopped."""
        async with self._lock:
            await self._refuse()

    def _begin_to_end(self) -> None:
        self._ending = self._loop.create_task(self._end())

    async def _end(self) -> None:
        async with self._lock:
            if self._whole:
                return
            if self.status is None:
                await self._refuse()
            elif self._events:
                self._whole = True
                # the page speaks a protocol of its own, and only waits for what may come
                last = f"event: error\ndata: {_ERROR}\n\n" if is_api(self._scope["path"]) else ""
                await self._send({"type": "http.response.body", "body": last.encode(), "more_body": False})

    async def _refuse(self) -> None:
        self.status, self._whole = 503, True
        body = _ERROR.encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"retry-after", b"5"),
            (_HEADER.encode(), self._name.encode()),
        ]
        await self._send({"type": "http.response.start", "status": 503, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


class Exchanges:
    """ASGI middleware around all others."""

    def __init__(self, app: ASGIApp, operation: "Operation") -> None:
        self._app = app
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = Exchange(scope, send, enter_request(headers.get(_HEADER, "")))
        lifecycle = self._operation.lifecycle
        with self._watched(scope, exchange, headers), ExitStack() as stack:
            if lifecycle.stopping and scope["path"] not in PROBES:
                await exchange.refuse()
                return
            stack.enter_context(lifecycle.responding(exchange))
            if is_api(scope["path"]):  # a page's streams stay open as long as the page does
                stack.enter_context(lifecycle.busy())
            await self._app(scope, receive, exchange.send)

    @contextmanager
    def _watched(self, scope: Scope, exchange: Exchange, headers: Headers) -> Iterator[None]:
        operation, started = self._operation, time.perf_counter()
        status = _GONE
        with operation.metrics.requesting(), operation.traced(headers) as span:
            try:
                yield
                status = exchange.status or _GONE
            except Exception:
                status = exchange.status or 500
                raise
            finally:
                seconds = time.perf_counter() - started
                route, method = route_of(scope), scope["method"]
                operation.metrics.requested(route, method, status, seconds)
                span.update(route, method, status)
                _log(route, method, status, seconds, _owner(scope))


def _log(route: str, method: str, status: int, seconds: float, owner: str) -> None:
    ms = round(seconds * 1000, 1)
    told = {"method": method, "route": route, "status": status, "ms": ms, "owner": owner}
    ACCESS.info("%s %s %d %.1f ms %s", method, route, status, ms, owner, extra=told)


def _owner(scope: Scope) -> str:
    """Return what kind of visitor asks: user, visitor, key; nobody where it was not found out."""
    visitor = visitor_in(scope)
    if visitor is None:
        return "nobody"
    return "user" if visitor.name else visitor.owner.partition(":")[0]


def route_of(scope: Scope) -> str:
    """Return the template of the address that ``scope`` asks for; ``other`` where there is no such route."""
    if "endpoint" not in scope and scope.get("route") is None:
        return "other"
    path = str(scope["path"])
    parameters = scope.get("path_params", {})
    # the longest first: what is mounted has all that stands behind it as one
    for name, value in sorted(parameters.items(), key=lambda one: -len(str(one[1]))):
        before, found, after = path.rpartition(str(value))
        if value != "" and found:
            path = f"{before}{{{name}}}{after}"
    return path


_ERROR = json.dumps({"error": {"code": "unavailable", "message": say("stopping")}}, ensure_ascii=False)
