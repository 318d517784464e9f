"""The MCP server over HTTP, at ``/mcp``: one request, one answer; nothing is kept between two, so no session can be lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from ui.access.scopes import requires
from ui.api.event_stream import MEDIA_TYPE
from ui.mcp_server import mcp_server
from ui.texts import say
from ui.wiring import Services

# the SDK reads what comes and writes what goes; it refuses what is not of the protocol in words of its own
_MESSAGE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["jsonrpc", "method"],
                    "properties": {
                        "jsonrpc": {"const": "2.0"},
                        "method": {"type": "string"},
                        "id": {"type": ["string", "integer"]},
                        "params": {"type": "object"},
                    },
                }
            }
        },
    }
}
_SAID = {"application/json": {"schema": {"type": "object"}}, "text/plain": {"schema": {"type": "string"}}}
_REFUSED: Any = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}, MEDIA_TYPE: {"schema": {"type": "object"}}}},
    202: {"description": "A notification was taken."},
} | {status: {"description": "No message of the protocol.", "content": _SAID} for status in (400, 406, 415)}


class McpDoor:
    """Hands requests to the SDK, which answers them while ``lifespan`` is open."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Be open. A manager of the SDK runs once only, an application can start again: each time it is a new one."""
        limit = self._services.settings.max_body_bytes
        manager = StreamableHTTPSessionManager(mcp_server(self._services), stateless=True, max_request_body_size=limit)
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._manager is None:
            raise RuntimeError("the application has not started: its lifespan must run")
        await self._manager.handle_request(scope, receive, send)


class _By(Response):
    """A response that another ASGI application makes of the request, whose body nobody has read yet."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def mcp_router(door: McpDoor) -> APIRouter:
    """Return the route of ``door``."""
    router = APIRouter(tags=["MCP"], dependencies=[Depends(requires("enter_mcp"))])

    @router.post("/mcp", summary=say("api_mcp"), response_class=Response, openapi_extra=_MESSAGE, responses=_REFUSED)
    @router.post("/mcp/", include_in_schema=False)
    async def mcp(request: Request) -> Response:
        """Take a message of the Model Context Protocol (streamable HTTP, without sessions)."""
        if "content-type" not in request.headers:  # the SDK would answer without a type of its own
            raise HTTPException(415)
        return _By(door)

    return router
