"""The widget that other sites show: ``/widget.js``, and the one address that it asks from there.

Only the sites in ``widget_origins`` may; without any there is no widget. It asks as somebody unknown: cookies are not
let through, so that a site learns nothing of who visits it.
"""

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.refusals import Refusal
from ui.access.same_site import WIDGET as ASKED
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings

SCRIPT = "/widget.js"
_CACHED = 300  # seconds
_KEPT = 600  # seconds that a browser need not ask again whether it may
_PLACEHOLDER = '"__PAGES__"'


def widget_router(settings: "Settings") -> APIRouter:
    """Return the route of the script, where there is a widget."""
    from ui.page.templates import asset

    router = APIRouter(include_in_schema=False)
    if not settings.widget_origins:
        return router
    pages = {lang: "/" if lang == settings.lang else f"/{lang}/" for lang in ("zh", "en")}
    script = asset("widget.js").replace(_PLACEHOLDER, json.dumps(pages))
    headers = {"cache-control": f"public, max-age={_CACHED}", "cross-origin-resource-policy": "cross-origin"}

    @router.get(SCRIPT, response_class=Response)
    def widget() -> Response:
        """Return the script."""
        return Response(script, media_type="text/javascript", headers=headers)

    return router


class WidgetOrigins:
    """ASGI middleware around all others: lets the sites that may show the widget ask, and no other site."""

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._sites = frozenset(settings.widget_origins)
        self._others = frozenset(settings.cors_origins)  # what these may is not for us to say
        self._cors = CORSMiddleware(
            app, allow_origins=settings.widget_origins, allow_methods=["POST"], allow_headers=["content-type"],
            allow_credentials=False, max_age=_KEPT,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        origin = Headers(scope=scope).get("origin", "") if scope["type"] == "http" and scope["path"] == ASKED else ""
        if origin in self._sites:
            await self._cors(_unknown(scope), receive, send)
        elif origin and not self._is_ours(origin, scope):
            await Refusal(403, "forbidden", say("api_widget_site"))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_ours(self, origin: str, scope: Scope) -> bool:
        """Whether it is our own page, or a site whose scripts may use the API anyway."""
        return urlsplit(origin).netloc == Headers(scope=scope).get("host") or bool(self._others & {origin, "*"})


def _unknown(scope: Scope) -> Scope:
    """Return the request without what says who sends it."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]}
