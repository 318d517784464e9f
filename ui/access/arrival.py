"""The body of a request: how large it may be, and that it is there before anything is begun for it."""

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access.doors import is_running
from ui.access.refusals import Refusal
from ui.texts import say

if TYPE_CHECKING:
    from ui.settings import Settings

MAX_FILES = 20  # in one upload
MAX_DRAFT = 10 * 1024 * 1024  # bytes of a draft that is opened on the page, which sends it in base64
_FORM_BYTES = 1024 * 1024  # what may be around a file
_IN_MEMORY = 256 * 1024  # bytes of a body that is coming; the rest waits on disk
_UPLOAD = ("POST", "/api/v1/documents")
_DRAFT = ("POST", "/api/v1/desk/check/file")


class Arrival:
    """ASGI middleware: hands a request on once its body is there, whole and within its limit.

    So a client that is slow takes no place among the questions that are answered at once. An upload is handed on as it
    comes: it takes no place, goes to disk, and its route counts it.
    """

    def __init__(self, app: ASGIApp, settings: "Settings") -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        declared = headers.get("content-length", "")
        if not declared and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        limit = body_limit(self._settings, scope["method"], scope["path"])
        if declared.isdecimal() and int(declared) > limit:
            await too_large(limit)(scope, receive, send)
        elif (scope["method"], scope["path"]) == _UPLOAD:
            await self._app(scope, receive, send)
        else:
            await self._when_there(limit, scope, receive, send)

    async def _when_there(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            more, size = True, 0
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                size += body.write(message.get("body", b""))
                more = message.get("more_body", False)
                if size > limit:
                    await too_large(limit)(scope, receive, send)
                    return
            body.seek(0)
            left, ended = size, False

            async def again() -> Message:
                nonlocal left, ended
                if ended:
                    return await receive()
                piece = body.read(_IN_MEMORY)
                left -= len(piece)
                ended = left <= 0
                return {"type": "http.request", "body": piece, "more_body": not ended}

            await self._app(scope, again, send)


def body_limit(settings: "Settings", method: str, path: str) -> int:
    """Return how many bytes the body of a request to ``path`` may have."""
    if (method, path) == _UPLOAD:
        return settings.max_upload_bytes * MAX_FILES + _FORM_BYTES
    if (method, path) == _DRAFT:
        return settings.max_upload_bytes + _FORM_BYTES
    if is_running(path):
        return max(settings.max_body_bytes, min(MAX_DRAFT, settings.max_upload_bytes) * 4 // 3 + _FORM_BYTES)
    return settings.max_body_bytes


def too_large(limit: int) -> Refusal:
    """Return the answer to a request of more than ``limit`` bytes."""
    return Refusal(413, "too_large", say("api_too_large", limit=limit))
