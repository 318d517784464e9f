"""Who can reach the service at all: the names by which it may be called, the sites whose scripts may use the API."""

import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.doors import is_api
from ui.access.refusals import Refusal
from ui.access.visitors import is_loopback
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings

_HERE = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]/@\s]+)(?::\d*)?", re.IGNORECASE)
_TOLD = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "Mcp-Session-Id", "X-Request-Id")


def accepted_hosts(settings: "Settings") -> tuple[str, ...]:
    """Return the names by which the service may be called; ``*`` is any.

    Without sign-in, who reaches a local service may do everything, so no other site may lend it its name and make
    scripts of its own belong to it (DNS rebinding).
    """
    alone = is_loopback(settings.host) and not settings.sign_in
    if not alone and not settings.allowed_hosts:
        return ("*",)
    bound = settings.host.lower()
    return (*_HERE, f"[{bound}]" if ":" in bound and not bound.startswith("[") else bound, *settings.allowed_hosts)


class Hosts:
    """ASGI middleware: answers 400 where the Host of a request is none of ours."""

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._accepted = accepted_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not self._accepts(Headers(scope=scope).getlist("host")):
            await Refusal(400, "bad_host", say("api_host"))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _accepts(self, given: list[str]) -> bool:
        if "*" in self._accepted:
            return True
        found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
        name = found[1].lower() if found else ""
        return bool(name) and any(
            name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in self._accepted
        )


class ApiCors:
    """ASGI middleware: lets scripts of the sites in ``cors_origins`` use the API, with keys but never with cookies."""

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=("*",),
            expose_headers=_TOLD,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        shared = scope["type"] == "http" and is_api(scope["path"])
        await (self._shared if shared else self._app)(scope, receive, send)
