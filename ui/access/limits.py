"""How much anybody may ask of the service, whatever the door. Pure ASGI middleware, which passes every piece of an answer on at once.

    AddressLimits → Visitors → SameSite → KeyLimits → Arrival → TimeLimit → Concurrency → the routes

Requests per minute are counted in the memory of one process: with several, each allows as many. The quota of a key is
counted in the database, for all of them together.
"""

import asyncio
import ipaddress
import logging
import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio.to_thread import current_default_thread_limiter
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access.doors import is_answering, is_counted
from ui.access.refusals import Refusal
from ui.access.visitors import visitor_in
from ui.state.errors import StateError
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.state.keys import Keys
    from ui.state.records import ApiKey

_DAY = 24 * 3600  # seconds
_OTHERS = 40  # threads beside those that answer
_SOON = {"Retry-After": "1"}

_log = logging.getLogger(__name__)


class Allowance(NamedTuple):
    """What is left of a limit: ``reset`` are the seconds until there is more."""

    limit: int
    remaining: int
    reset: int


class _PerMinute:
    """Counts requests in a window of a minute that moves along."""

    def __init__(self) -> None:
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, limit: int, who: str) -> tuple[bool, Allowance]:
        """Count a request of ``who``; return whether it is within ``limit``, and what is left."""
        item = RateLimitItemPerMinute(limit)
        within = self._counted.hit(item, who)
        reset, remaining = self._counted.get_window_stats(item, who)
        return within, Allowance(limit, remaining, max(1, math.ceil(reset - time.time())))


class AddressLimits:
    """Refuses requests of an address that sends too many, before anything is looked up for them.

    What only shows the page is not counted. The address is that of the socket, or what a trusted proxy says (see
    ``Forwarded``).
    """

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._limit = settings.requests_per_minute_per_address
        self._counted = _PerMinute()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._limit or scope["type"] != "http" or not is_counted(scope["path"]):
            await self._app(scope, receive, send)
            return
        within, left = self._counted.hit(self._limit, client_address(scope))
        await (self._app if within else _too_many(left))(scope, receive, _telling(left, send))


class KeyLimits:
    """Refuses what is above the limits of the key that a request shows."""

    def __init__(self, app: ASGIApp, settings: "Settings", keys: "Keys") -> None:
        self._app = app
        self._per_minute = settings.requests_per_minute
        self._keys = keys
        self._counted = _PerMinute()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visitor = visitor_in(scope) if scope["type"] == "http" else None
        app = self._app
        if visitor and visitor.key:
            refused, left = await self._count(visitor.key)
            app = refused or app
            for one in left:
                send = _telling(one, send)
        await app(scope, receive, send)

    async def _count(self, key: "ApiKey") -> tuple[ASGIApp | None, list[Allowance]]:
        """Return how the request is refused, if it is, and what is left of the limits."""
        told = []
        if limit := self._per_minute if key.per_minute is None else key.per_minute:
            within, left = self._counted.hit(limit, key.id)
            told.append(left)
            if not within:
                return _too_many(left), told
        if key.per_day is not None:
            try:
                remaining = await run_in_threadpool(self._keys.use, key.id, key.per_day)
            except StateError:
                _log.exception("the quota of the key %s could not be counted", key.id)
                return Refusal(503, "unavailable", say("broken")), told
            left = Allowance(key.per_day, remaining or 0, _DAY - int(time.time()) % _DAY)
            told.append(left)
            if remaining is None:
                said = say("api_quota", limit=key.per_day)
                return Refusal(429, "quota", said, {"Retry-After": str(left.reset)}), told
        return None, told


class Concurrency:
    """Refuses questions beyond ``max_concurrent`` at once, instead of letting them wait without end."""

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._most = settings.max_concurrent
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not is_answering(scope["path"]):
            await self._app(scope, receive, send)
            return
        if self._running >= self._most:
            await Refusal(503, "busy", say("api_busy"), _SOON)(scope, receive, send)
            return
        threads = current_default_thread_limiter()  # else what is let in would wait for a thread, and the rest with it
        threads.total_tokens = max(threads.total_tokens, self._most + _OTHERS)
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1


class TimeLimit:
    """Answers 504 where an answer has not begun after ``request_timeout`` seconds. What has begun may go on.

    A thread cannot be stopped: the work goes on behind, in its place among those at once, and its answer is dropped.
    """

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._seconds = settings.request_timeout
        self._left_behind: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not is_answering(scope["path"]):
            await self._app(scope, receive, send)
            return
        begun = late = False

        async def send_in_time(message: Message) -> None:
            nonlocal begun
            if not late:
                begun = True
                await send(message)

        async def run() -> None:
            await self._app(scope, receive, send_in_time)

        work = asyncio.create_task(run())
        try:
            await asyncio.wait({work}, timeout=self._seconds)
            if work.done() or begun:
                await work
                return
        except asyncio.CancelledError:
            work.cancel()
            raise
        late = True
        self._left_behind.add(work)
        work.add_done_callback(self._ended)
        said = say("api_late", seconds=self._seconds)
        await Refusal(504, "timeout", said, _SOON)(scope, receive, send)

    def _ended(self, work: "asyncio.Task[None]") -> None:
        self._left_behind.discard(work)
        if not work.cancelled() and (error := work.exception()):
            _log.error("an answer that nobody waited for failed", exc_info=error)


def client_address(scope: Scope) -> str:
    """Return whom to count a request for: an IPv4 address, or the network of an IPv6 one, in which hosts choose freely."""
    host = str((scope.get("client") or ("unknown",))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a socket in the file system, a test
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


def _too_many(left: Allowance) -> ASGIApp:
    said = say("api_too_many", seconds=left.reset)
    return Refusal(429, "too_many", said, {"Retry-After": str(left.reset)})


def _telling(left: Allowance, send: Send) -> Send:
    """Return ``send`` with the headers that tell what is left; where several limits hold, of that with the least."""

    async def send_telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            told = headers.get("ratelimit-remaining")
            if told is None or int(told) > left.remaining:
                headers["RateLimit-Limit"] = str(left.limit)
                headers["RateLimit-Remaining"] = str(left.remaining)
                headers["RateLimit-Reset"] = str(left.reset)
        await send(message)

    return send_telling
