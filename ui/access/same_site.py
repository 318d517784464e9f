"""Whether a request was sent by a page of ours: what is done here must not come from a page of another site.

A browser sends its cookies along for pages of the same machine on another port, and a local service lets everybody do
everything: so this stands around the whole application, not only where a cookie is read.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.doors import is_event, keeps_nothing
from ui.access.refusals import Refusal
from ui.access.visitors import visitor_in
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings

WIDGET = "/api/v1/ask"  # the one address that the sites with the widget call


class SameSite:
    """ASGI middleware: refuses what a page of another site sends, unless it only shows something.

    Who shows a key may be anywhere: no browser adds a key by itself. The sites that the settings name may ask, where
    nothing of a visitor is read or changed by it.
    """

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._programs = frozenset(settings.cors_origins)
        self._widget = frozenset(settings.widget_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self._refuses(scope):
            await Refusal(403, "forbidden", say("api_other_site"))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refuses(self, scope: Scope) -> bool:
        path = scope["path"]
        if scope["method"] in ("GET", "HEAD") and not is_event(path):
            return False
        headers = Headers(scope=scope)
        if not is_other_site(headers):
            return False
        visitor = visitor_in(scope)
        return not (visitor and visitor.key) and not self._is_named(headers.get("origin", ""), path)

    def _is_named(self, origin: str, path: str) -> bool:
        if path == WIDGET and origin in self._widget:
            return True
        return keeps_nothing(path) and bool(self._programs & {origin, "*"})


def is_other_site(headers: Headers) -> bool:
    """Whether a browser says that a page of another site sends the request. Programs say nothing of the kind."""
    fetched = headers.get("sec-fetch-site")
    if fetched:
        return fetched not in ("same-origin", "none")
    # browsers say more only where the connection is safe
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
