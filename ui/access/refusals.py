"""How a request is refused, in the one shape of errors.

{"error": {"code", "message"}}                        everywhere
{"error": {"message", "type", "param", "code"}}       under /v1, where OpenAI's clients read it
{"error": message, "detail": message}                 to the page, whose framework reads it
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from ui.access.doors import OPENAI, is_event

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class Refusal(JSONResponse):
    """An error with a code for programs and a message for people, as a response: which shape it takes is known once it is sent, from the path that was asked for."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__({"error": {"code": code, "message": message}}, status, headers=headers)
        self._openai = JSONResponse(openai_error(status, message, code=code), status, headers=headers)
        self._page = JSONResponse({"error": message, "detail": message}, status, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if scope["path"].startswith(OPENAI):
            await self._openai(scope, receive, send)
        elif is_event(scope["path"]):
            await self._page(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def openai_error(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """Return the body of an error as an OpenAI server tells it."""
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
