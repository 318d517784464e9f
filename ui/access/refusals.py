"""How a middleware refuses a request, in the one shape of errors; and which paths are those of programs."""

import re
from collections.abc import Mapping

from starlette.responses import JSONResponse

_ANSWERING = re.compile(
    r"/api/v1/(ask|batch)(/.*)?|/api/v1/conversations/[^/]+/messages(/.*)?|/v1/chat/completions|/mcp/?"
)


def refusal(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return an error with a code for programs and a message for people."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers=headers)


def is_api(path: str) -> bool:
    """Whether programs call ``path``, so that keys and limits are for it."""
    return path.startswith(("/api/", "/v1/", "/mcp/")) or path == "/mcp"


def is_answering(path: str) -> bool:
    """Whether a question is answered at ``path``, which takes long."""
    return _ANSWERING.fullmatch(path) is not None
