"""Who asks: the middleware ``Visitors`` puts a ``Visitor`` into every request before any route sees it.

A program shows a key. With sign-in, a cookie names a session; who has none is sent to the sign-in page, or refused.
Without, every browser gets a cookie with a random name of its own, so that its conversations are its own and are there
again after a restart.
"""

import ipaddress
import logging
import re
import secrets
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from ui.access.doors import SIGN_IN, is_api
from ui.access.refusals import Refusal
from ui.state.errors import StateError
from ui.state.records import ApiKey, Role, Scope
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.state.accounts import Accounts
    from ui.state.keys import Keys

SESSION_COOKIE = "zhengce_session"
VISITOR_COOKIE = "zhengce_visitor"
_YEAR = 365 * 24 * 3600  # seconds
_KEY = "zhengce.visitor"  # in the scope of a request
_VISITOR = re.compile(r"[0-9a-f]{32}")
_METRICS = "/metrics"  # decides itself to whom it answers
_OPEN = ("/healthz", "/readyz", _METRICS)  # to everybody, whatever is required
_DESCRIPTION = ("/docs", "/openapi.json")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

_log = logging.getLogger(__name__)

ALL = frozenset(Scope)
READER = frozenset({Scope.ASK, Scope.READ})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. ``owner`` is whose conversations they see; ``name`` is that of a signed-in user.

    ``key`` is what a program came with.
    """

    owner: str
    name: str | None = None
    scopes: frozenset[Scope] = READER
    key: ApiKey | None = field(default=None, repr=False)

    def may(self, scope: Scope) -> bool:
        """Whether they may do what needs ``scope``."""
        return scope in self.scopes or self.admin

    @property
    def admin(self) -> bool:
        """Whether they may do everything."""
        return Scope.ADMIN in self.scopes


def visitor_of(request: Request) -> Visitor:
    """Return who sends ``request``; where no middleware said, somebody who may do nothing special."""
    return visitor_in(request.scope) or Visitor("visitor:unknown")


def visitor_in(connection: Connection) -> Visitor | None:
    """Return who sends what an ASGI middleware sees, once ``Visitors`` has found it out."""
    visitor = connection.get(_KEY)
    return visitor if isinstance(visitor, Visitor) else None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name
        return host.lower() == "localhost"


class Visitors:
    """ASGI middleware: finds out who asks, and keeps out who must sign in or show a key first."""

    def __init__(self, app: ASGIApp, settings: "Settings", accounts: "Accounts", keys: "Keys") -> None:
        self._app = app
        self._settings = settings
        self._accounts = accounts
        self._keys = keys

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (is_api(scope["path"]) or scope["path"] == _METRICS) and (shown := _shown(scope)):
            await self._with_key(shown, scope, receive, send)
        elif self._settings.sign_in:
            await self._signed_in(scope, receive, send)
        elif self._settings.require_key and not _describes(scope["path"]):
            # the page has no key to show, and would answer everybody
            said = "api_no_key" if is_api(scope["path"]) else "api_key_only"
            await _unauthorized(say(said))(scope, receive, send)
        else:
            await self._anybody(scope, receive, send)

    async def _with_key(self, shown: set[str], scope: Connection, receive: Receive, send: Send) -> None:
        try:
            key = await run_in_threadpool(self._keys.find, shown.pop()) if len(shown) == 1 else None
        except StateError:
            _log.exception("a key could not be looked up")
            await Refusal(503, "unavailable", say("broken"))(scope, receive, send)
            return
        if key is None:
            await _unauthorized(say("api_key_wrong"))(scope, receive, send)
            return
        scope[_KEY] = Visitor(f"key:{key.id}", scopes=ALL if Scope.ADMIN in key.scopes else key.scopes, key=key)
        await self._app(scope, receive, send)

    async def _signed_in(self, scope: Connection, receive: Receive, send: Send) -> None:
        token = _cookies(scope).get(SESSION_COOKIE, "")
        user = await run_in_threadpool(self._accounts.user, token) if token else None
        if user:
            scope[_KEY] = Visitor(user.name, user.name, ALL if user.role is Role.ADMIN else READER)
        elif scope["path"] not in (SIGN_IN, *_OPEN):
            await _turned_away(scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _anybody(self, scope: Connection, receive: Receive, send: Send) -> None:
        given = _cookies(scope).get(VISITOR_COOKIE, "")
        name = given if _VISITOR.fullmatch(given) else secrets.token_hex(16)
        scope[_KEY] = Visitor(f"visitor:{name}", scopes=self._of_anybody(scope))

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start" and name != given:
                MutableHeaders(scope=message).append("set-cookie", cookie(VISITOR_COOKIE, name, _YEAR, scope))
            await send(message)

        await self._app(scope, receive, send_named)

    def _of_anybody(self, scope: Connection) -> frozenset[Scope]:
        """Return everything for who sits at this machine. Who came through a proxy on it does not."""
        headers = Headers(scope=scope)
        here = is_loopback(self._settings.host) and not any(name in headers for name in _FORWARDED)
        return ALL if here and not self._settings.require_key else READER


def cookie(name: str, value: str, seconds: int, scope: Connection) -> str:
    """Return a Set-Cookie header that scripts cannot read and other sites cannot send."""
    made: SimpleCookie = SimpleCookie({name: value})
    settings: dict[str, Any] = {"path": "/", "max-age": seconds, "httponly": True, "samesite": "Lax"}
    made[name].update({**settings, "secure": scope.get("scheme") == "https"})
    return made[name].OutputString()


def _cookies(scope: Connection) -> dict[str, str]:
    return cookie_parser(Headers(scope=scope).get("cookie", ""))


def _describes(path: str) -> bool:
    return path in (*_OPEN, *_DESCRIPTION) or path.startswith("/static-offline-docs/")


def _shown(scope: Connection) -> set[str]:
    """Return the keys that a request shows in its headers; a Bearer token that is no key of ours is somebody else's."""
    headers = Headers(scope=scope)
    tokens = [given.split(None, 1) for given in headers.getlist("authorization")]
    bearers = {token[1].strip() for token in tokens if len(token) == 2 and token[0].lower() == "bearer"}
    named = {given.strip() for given in headers.getlist("x-api-key")}
    return {token for token in bearers if token.startswith("zc_")} | (named - {""})


def _unauthorized(message: str) -> Response:
    return Refusal(401, "unauthorized", message, {"www-authenticate": "Bearer"})


def _turned_away(scope: Connection) -> Response:
    """Send a person to the sign-in page, and a program an error."""
    if is_api(scope["path"]):
        return _unauthorized(say("api_no_key"))
    if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
        query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': scope['path'] + query})}", 303)
    return Refusal(401, "unauthorized", say("api_sign_in"))
