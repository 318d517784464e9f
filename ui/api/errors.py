"""The one shape of errors, ``{"error": {"code", "message"}}``: a message in Chinese and never a stack trace."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ui.api.documents import OtherSiteError, body_limit
from ui.export import ExportError
from ui.library import TooLargeError, UploadError
from ui.questions import QuestionError
from ui.settings import Settings
from ui.state.errors import InputError, StateError
from ui.texts import say
from ui.validation import explain
from vectorstore.errors import NotFoundError, StoreEmptyError, StoreLockedError, ZhengceError

_STATUS: dict[type[ZhengceError], int] = {
    ExportError: 503,
    InputError: 422,
    StateError: 503,
    NotFoundError: 404,
    OtherSiteError: 403,
    QuestionError: 422,
    TooLargeError: 413,
    UploadError: 422,
    StoreEmptyError: 503,
    StoreLockedError: 503,
}
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "invalid",
    503: "unavailable",
}
_SAID = {400: "api_bad", 401: "api_sign_in", 403: "api_forbidden", 404: "api_not_found", 405: "api_method"}


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs, a message for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


def add_error_handlers(app: FastAPI, settings: Settings) -> None:
    """Have ``app`` tell every error in this shape."""

    @app.exception_handler(ZhengceError)
    def ours(_request: Request, error: ZhengceError) -> JSONResponse:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        return _error(status, str(error))

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return _error(422, say("api_invalid", reason=explain(error.errors())))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        status = error.status_code
        if status == 413:
            return too_large(body_limit(settings, request.method, request.url.path))
        return _error(
            status, say(_SAID[status]) if status in _SAID else say("api_refused", status=status), error.headers
        )

    @app.exception_handler(Exception)
    def broken(_request: Request, _raised: Exception) -> JSONResponse:
        return _error(500, say("api_internal"))


def _error(status: int, message: str, headers: Any = None) -> JSONResponse:
    body = ErrorBody(
        error=ErrorDetail(code=_CODES.get(status, "internal" if status >= 500 else "refused"), message=message)
    )
    return JSONResponse(body.model_dump(), status, headers=headers)


def too_large(limit: int) -> JSONResponse:
    """Return the answer to a request of more than ``limit`` bytes."""
    return _error(413, say("api_too_large", limit=limit))
