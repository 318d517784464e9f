"""What a proxy in front says: believed where ``trusted_proxies`` names it, else taken away before anybody reads it."""

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

if TYPE_CHECKING:
    from ui.settings import Settings

_TRUSTED = "zhengce.proxied"  # in the scope of a request
_HOST = b"x-forwarded-host"
# what the page's framework, or another part, would take for the address of the service
_WHERE = frozenset(
    (_HOST, b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-prefix", b"x-forwarded-server", b"x-gradio-server")
)


class Forwarded:
    """ASGI middleware, the outermost.

    From a trusted proxy the client's address and the scheme are those it says, and the Host is the one that it was
    called by; all that is behind reads only these.
    The header with the client's address stays: who came through a proxy does not sit at this machine.
    """

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._proxied = ProxyHeadersMiddleware(self._cleaned, list(settings.trusted_proxies))  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or go through the life of the application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        peer = (scope.get("client") or (None,))[0]
        scope = {**scope, _TRUSTED: peer in self._proxied.trusted_hosts}
        await self._proxied(scope, receive, send)  # type: ignore[arg-type]

    async def _cleaned(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = [word.strip() for value in Headers(scope=scope).getlist(_HOST.decode()) for word in value.split(",")]
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _WHERE]
        if scope[_TRUSTED] and told and told[-1]:  # the last is what the nearest proxy says
            headers = [(name, value) for name, value in headers if name.lower() != b"host"]
            headers.append((b"host", told[-1].encode("latin-1")))
        await self._app({**scope, "headers": headers}, receive, send)
