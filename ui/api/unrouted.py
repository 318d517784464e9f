"""What is answered where no route is: 405 with the methods that the description of the API has for the address, or 404.

It stands before the page, which would take an address of the API that is misspelt, or a method that is not there, for
one of its own.
"""

from functools import cached_property
from re import Pattern

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import Route, compile_path
from starlette.types import Receive, Scope, Send

_PATHS = ("/api/{rest:path}", "/v1/{rest:path}", "/mcp", "/mcp/", "/healthz", "/readyz", "/metrics")


class Unrouted:
    """An ASGI application, so that Starlette hands it every method."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _described(self) -> list[tuple[Pattern[str], list[str]]]:
        paths = self._app.openapi()["paths"]
        return [(compile_path(path)[0], [one.upper() for one in methods]) for path, methods in paths.items()]

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Refuse the request. Raises HTTPException (404, 405)."""
        path = scope["path"].rstrip("/")
        methods = {one for described, known in self._described if described.match(path) for one in known}
        if methods:
            raise HTTPException(405, headers={"allow": ", ".join(sorted(methods))})
        raise HTTPException(404)


def unrouted(app: FastAPI) -> list[Route]:
    """Return the routes that come after all others of the API of ``app``."""
    refusing = Unrouted(app)
    return [Route(path, refusing, include_in_schema=False) for path in _PATHS]
