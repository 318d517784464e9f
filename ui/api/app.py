"""The application: ``create_app(services)`` puts routes, middleware and the shape of errors together."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.routing import Match

from ui.access.sign_in import sign_in_router
from ui.access.visitors import Visitors, require_admin
from ui.api.conversations import conversations_router
from ui.api.documents import documents_router
from ui.api.errors import ErrorBody, add_error_handlers
from ui.api.health import health_router
from ui.api.middleware import DeclaredSize, SecurityHeaders
from ui.api.questions import questions_router
from ui.texts import say
from ui.wiring import Services


def create_app(services: Services) -> FastAPI:
    """Return the application. It does not own ``services``: whoever opened them closes them."""
    app: FastAPI = FastAPIOffline(
        title=say("api_title"), redoc_url=None, swagger_ui_parameters={"validatorUrl": None, "docExpansion": "list"}
    )
    app.add_middleware(DeclaredSize, settings=services.settings)
    app.add_middleware(SecurityHeaders)
    add_error_handlers(app, services.settings)
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


def _nothing_here(request: Request) -> None:
    """Answer for addresses under /api that do not exist, before the page takes them for its own."""
    partial = any(route.matches(request.scope)[0] is Match.PARTIAL for route in request.app.router.routes)
    raise HTTPException(405 if partial else 404)
