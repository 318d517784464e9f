"""The one shape of errors, ``{"error": {"code", "message"}}``: a message in Chinese and never a stack trace."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ui.access.arrival import body_limit, too_large
from ui.access.refusals import Refusal
from ui.export import ExportError
from ui.library import TooLargeError, UnwritableError, UploadError
from ui.operation.lifecycle import StoppingError
from ui.operation.logs import request_id
from ui.questions import QuestionError
from ui.settings import Settings
from ui.state.errors import InputError, StateError
from ui.telling import in_words
from ui.texts import say
from ui.validation import explain
from ui.views import ErrorDetail
from vectorstore.errors import (
    DeskError,
    NotFoundError,
    ReadError,
    StoreEmptyError,
    StoreError,
    StoreLockedError,
    ZhengceError,
)

_STATUS: dict[type[ZhengceError], int] = {
    DeskError: 422,
    ExportError: 503,
    InputError: 422,
    StateError: 503,
    NotFoundError: 404,
    QuestionError: 422,
    ReadError: 422,
    TooLargeError: 413,
    UnwritableError: 507,
    UploadError: 422,
    StoreEmptyError: 503,
    StoreLockedError: 503,
    StoreError: 503,
    StoppingError: 503,
}
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "too_many",
    503: "unavailable",
    507: "no_room",
}
_SAID = {400: "api_bad", 401: "api_sign_in", 403: "api_forbidden", 404: "api_not_found", 405: "api_method"}


def told(error: Exception) -> tuple[int, ErrorDetail]:
    """Return the status of ``error`` and what is told of it; one that we did not raise ourselves is not described."""
    if isinstance(error, ZhengceError):
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        return status, detail(status, in_words(error))
    if isinstance(error, RequestValidationError):
        return 422, invalid(error.errors())
    if isinstance(error, HTTPException):
        status = error.status_code
        known = say(_SAID[status]) if status in _SAID else say("api_refused", status=status)
        return status, detail(status, known)
    return 500, detail(500, say("api_internal"))


def detail(status: int, message: str) -> ErrorDetail:
    """Return what is told of an error with this status."""
    return ErrorDetail(code=_CODES.get(status, "internal" if status >= 500 else "refused"), message=message)


def invalid(errors: Sequence[Any]) -> ErrorDetail:
    """Return what is told of values in which pydantic found ``errors``."""
    return detail(422, say("api_invalid", reason=explain(errors)))


def add_error_handlers(app: FastAPI, settings: Settings) -> None:
    """Have ``app`` tell every error in this shape."""

    @app.exception_handler(ZhengceError)
    def ours(_request: Request, error: ZhengceError) -> Refusal:
        return _error(*told(error))

    @app.exception_handler(RequestValidationError)
    def unreadable(_request: Request, error: RequestValidationError) -> Refusal:
        return _error(*told(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Refusal:
        if error.status_code == 413:
            return too_large(body_limit(settings, request.method, request.url.path))
        return _error(*told(error), error.headers)

    @app.exception_handler(Exception)
    def broken(_request: Request, raised: Exception) -> Refusal:
        # this is sent around all middleware, and here the id is needed most
        name = request_id()
        return _error(*told(raised), {"x-request-id": name} if name else None)


def _error(status: int, what: ErrorDetail, headers: Any = None) -> Refusal:
    return Refusal(status, what.code, what.message, headers)
