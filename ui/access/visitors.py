"""Who asks: the middleware ``Visitors`` puts a ``Visitor`` into every request before any route sees it.

With sign-in, a cookie names a session; who has none is sent to the sign-in page, or refused. Without, every browser
gets a cookie with a random name of its own, so that its conversations are its own and are there again after a restart.
"""

import re
import secrets
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.state.records import Role
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.state.accounts import Accounts

SESSION_COOKIE = "zhengce_session"
VISITOR_COOKIE = "zhengce_visitor"
SIGN_IN = "/sign-in"
_YEAR = 365 * 24 * 3600  # seconds
_KEY = "zhengce.visitor"  # in the scope of a request
_VISITOR = re.compile(r"[0-9a-f]{32}")
_OPEN = (SIGN_IN, "/healthz")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. ``owner`` is whose conversations they see; ``name`` is that of a signed-in user."""

    owner: str
    name: str | None = None
    admin: bool = False


def visitor_of(request: Request) -> Visitor:
    """Return who sends ``request``; where no middleware said, somebody who may do nothing special."""
    visitor = request.scope.get(_KEY)
    return visitor if isinstance(visitor, Visitor) else Visitor("visitor:unknown")


def require_admin(request: Request) -> str:
    """Return the owner's name of a visitor who may change what is indexed. Raises HTTPException (403) for others."""
    visitor = visitor_of(request)
    if not visitor.admin:
        raise HTTPException(403)
    return visitor.owner


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    return host in ("localhost", "::1") or host.startswith("127.")


class Visitors:
    """ASGI middleware: finds out who asks, and keeps out who must sign in first."""

    def __init__(self, app: ASGIApp, settings: "Settings", accounts: "Accounts") -> None:
        self._app = app
        self._settings = settings
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._settings.sign_in:
            await self._signed_in(scope, receive, send)
        else:
            await self._anybody(scope, receive, send)

    async def _signed_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _cookies(scope).get(SESSION_COOKIE, "")
        user = await run_in_threadpool(self._accounts.user, token) if token else None
        if user:
            scope[_KEY] = Visitor(user.name, user.name, admin=user.role is Role.ADMIN)
        elif not scope["path"].startswith(_OPEN):
            await _turned_away(scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _anybody(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = _cookies(scope).get(VISITOR_COOKIE, "")
        name = given if _VISITOR.fullmatch(given) else secrets.token_hex(16)
        scope[_KEY] = Visitor(f"visitor:{name}", admin=is_loopback(self._settings.host))

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start" and name != given:
                MutableHeaders(scope=message).append("set-cookie", cookie(VISITOR_COOKIE, name, _YEAR, scope))
            await send(message)

        await self._app(scope, receive, send_named)


def cookie(name: str, value: str, seconds: int, scope: Scope) -> str:
    """Return a Set-Cookie header that scripts cannot read and other sites cannot send."""
    made: SimpleCookie = SimpleCookie({name: value})
    settings: dict[str, Any] = {"path": "/", "max-age": seconds, "httponly": True, "samesite": "Lax"}
    made[name].update({**settings, "secure": scope.get("scheme") == "https"})
    return made[name].OutputString()


def _cookies(scope: Scope) -> dict[str, str]:
    return cookie_parser(Headers(scope=scope).get("cookie", ""))


def _turned_away(scope: Scope) -> Response:
    """Send a person to the sign-in page, and a program an error."""
    wants_page = scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and not scope["path"].startswith("/api/"):
        query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': scope['path'] + query})}", 303)
    return JSONResponse({"error": {"code": "unauthorized", "message": say("api_sign_in")}}, 401)
