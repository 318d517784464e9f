"""The application: ``create_app(services)`` puts routes, middleware and the shape of errors together."""

from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from ui.access.forwarded import Forwarded
from ui.access.guard import guard
from ui.access.sign_in import sign_in_router
from ui.api.conversations import conversations_router
from ui.api.desk import desk_router
from ui.api.documents import documents_router
from ui.api.errors import add_error_handlers
from ui.api.feedback import feedback_router
from ui.api.health import health_router
from ui.api.mcp import McpDoor, mcp_router
from ui.api.me import me_router
from ui.api.middleware import SecurityHeaders
from ui.api.openai_compat import openai_router
from ui.api.operating import operating_router
from ui.api.questions import questions_router
from ui.api.sources import sources_router
from ui.api.unrouted import unrouted
from ui.api.widget import WidgetOrigins, widget_router
from ui.operation.exchange import Exchanges
from ui.operation.operation import open_operation
from ui.texts import say
from ui.views import ErrorBody
from ui.wiring import Services


def create_app(services: Services) -> FastAPI:
    """Return the application. It does not own ``services``: whoever opened them closes them."""
    operation = services.operation or open_operation(services.settings)
    services = replace(services, operation=operation)
    door = McpDoor(services)
    app: FastAPI = FastAPIOffline(
        title=say("api_title"),
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None, "docExpansion": "list"},
        lifespan=door.lifespan,
    )
    guard(app, services)
    if services.settings.widget_origins:
        app.add_middleware(WidgetOrigins, settings=services.settings)
    app.add_middleware(SecurityHeaders)  # so far out that what is refused has them too
    app.add_middleware(Exchanges, operation=operation)
    app.add_middleware(Forwarded, settings=services.settings)
    add_error_handlers(app, services.settings)
    errors: Any = {status: {"model": ErrorBody} for status in (400, 401, 403, 404, 413, 422, 429, 500, 503, 504)}
    for router in (
        questions_router(services),
        documents_router(services),
        sources_router(services),
        desk_router(services),
    ):
        app.include_router(router, prefix="/api/v1", responses=errors)
    app.include_router(openai_router(services))
    app.include_router(mcp_router(door), responses=errors)
    if services.kept:
        for router in (conversations_router(services), feedback_router(services)):
            app.include_router(router, prefix="/api/v1", responses=errors)
        app.include_router(me_router(services), prefix="/api/v1", responses=errors)
        signing_in = sign_in_router(services.state.accounts, services.settings, services.auditor)
        app.include_router(signing_in)
    app.include_router(widget_router(services.settings))
    app.include_router(health_router(services))
    app.include_router(operating_router(services, operation))
    app.router.routes.extend(unrouted(app))
    return app
