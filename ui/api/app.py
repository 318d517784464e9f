"""The HTTP API: ``create_app(services)`` returns the application that ``serve`` runs and the page is mounted on.

Every error has one shape, ``{"error": {"code", "message"}}``, with a message in Chinese and never a stack trace.
"""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answer import Answer
from ui.api_conversations import conversations_router
from ui.api_documents import OtherSiteError, body_limit, documents_router
from ui.export import ExportError
from ui.library import TooLargeError, UploadError
from ui.questions import Question, QuestionError
from ui.settings import Settings
from ui.sign_in import sign_in_router
from ui.state.errors import InputError, StateError
from ui.texts import say
from ui.validation import explain
from ui.visitors import Visitors, require_admin
from ui.wiring import Services
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
# Scripts and styles are our own or inline (the page and the description of the API need both); no other host is asked.
_HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",  # with none at all browsers hide from us, too, that our form is ours
}


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs, a message for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


class Health(BaseModel):
    """Whether the service answers, and with what."""

    status: str
    documents: int
    engine: str
    model: str


def create_app(services: Services) -> FastAPI:
    """Return the application. It does not own ``services``: whoever opened them closes them."""
    app: FastAPI = FastAPIOffline(
        title=say("api_title"), redoc_url=None, swagger_ui_parameters={"validatorUrl": None, "docExpansion": "list"}
    )
    app.add_middleware(DeclaredSize, settings=services.settings)
    app.add_middleware(SecurityHeaders)
    _add_error_handlers(app, services)
    if services.kept:
        app.add_middleware(Visitors, settings=services.settings, accounts=services.state.accounts)
    limit = services.settings.max_body_bytes
    errors: Any = {status: {"model": ErrorBody} for status in (403, 404, 413, 422, 500, 503)}
    for router in (questions_router(services), documents_router(services, require_admin)):
        app.include_router(router, prefix="/api/v1", responses=errors, max_body_size=limit)
    if services.kept:
        app.include_router(conversations_router(services), prefix="/api/v1", responses=errors, max_body_size=limit)
        app.include_router(sign_in_router(services.state.accounts, services.settings), max_body_size=limit)
    app.include_router(health_router(services))
    app.add_api_route("/api/{rest:path}", _nothing_here, methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                      include_in_schema=False)  # fmt: skip
    return app


def questions_router(services: Services) -> APIRouter:
    """Return the routes that answer."""
    router = APIRouter(tags=[say("api_questions")])

    @router.post("/ask", summary=say("api_ask"))
    def ask(question: Question) -> Answer:
        """Answer one question, with citations."""
        return services.ask(question)

    return router


def health_router(services: Services) -> APIRouter:
    """Return the route that says whether the service is well."""
    router = APIRouter(tags=[say("api_health")])

    @router.get("/healthz", summary=say("api_healthz"))
    def healthz() -> Health:
        """Say whether the service answers, and with what."""
        return Health(
            status="ok",
            documents=len(services.store.documents()),
            engine=services.settings.engine,
            model=services.embedder.fingerprint,
        )

    return router


def _nothing_here(request: Request) -> None:
    """Answer for addresses under /api that do not exist, before the page takes them for its own."""
    partial = any(route.matches(request.scope)[0] is Match.PARTIAL for route in request.app.router.routes)
    raise HTTPException(405 if partial else 404)


def _add_error_handlers(app: FastAPI, services: Services) -> None:
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
            return _too_large(body_limit(services.settings, request.method, request.url.path))
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


def _too_large(limit: int) -> JSONResponse:
    return _error(413, say("api_too_large", limit=limit))


class DeclaredSize:
    """Refuses requests to the API that say they are too large; the routers count the bytes of those that do not say.

    The routers would refuse these too, but with a plain text of their own.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if declared.isdecimal() and scope["path"].startswith("/api/"):
            limit = body_limit(self._settings, scope["method"], scope["path"])
            if int(declared) > limit:
                await _too_large(limit)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Adds the headers that keep other sites out of the page and the page away from other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
