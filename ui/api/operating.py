"""The routes for those who run the service: whether it is ready, and its metrics."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from ui.access.visitors import visitor_of
from ui.operation.checks import checks_of, run_all
from ui.operation.operation import Operation
from ui.operation.readiness import Timed
from ui.texts import say
from ui.wiring import Services
from vectorstore.errors import ZhengceError


class CheckView(BaseModel):
    """One check: whether it is well, a word on how it is, the milliseconds it took. ``required``: needed to be ready."""

    ok: bool
    required: bool
    state: str
    revision: int | None = None
    ms: float


class Readiness(BaseModel):
    """Whether requests should be sent here. ``degraded``: yes, but something that is not required is away."""

    status: Literal["ready", "degraded", "not_ready", "stopping"]
    checks: dict[str, CheckView]


def operating_router(services: Services, operation: Operation) -> APIRouter:
    """Return the routes ``/readyz`` and ``/metrics``."""
    router = APIRouter(tags=[say("api_health")])
    checks = checks_of(services, operation)

    @router.get("/readyz", summary=say("api_readyz"), responses={503: {"model": Readiness}})
    async def readyz(response: Response) -> Readiness:
        """Say whether requests should be sent here, with a check of each part."""
        found = {} if operation.lifecycle.stopping else await run_all(checks)
        views = {name: _view(one, required=checks[name].required) for name, one in found.items()}
        if operation.lifecycle.stopping:
            views = {}
        ready = bool(views) and all(one.ok or not one.required for one in views.values())
        response.status_code = 200 if ready else 503
        response.headers["cache-control"] = "no-store"
        well = all(one.ok for one in views.values())
        status: Literal["ready", "degraded", "not_ready"] = (
            "not_ready" if not ready else "ready" if well else "degraded"
        )
        return Readiness(status="stopping" if operation.lifecycle.stopping else status, checks=views)

    @router.get("/metrics", summary=say("api_metrics"), response_class=Response)
    async def metrics(request: Request) -> Response:
        """Return the metrics for Prometheus: to those who administer the service, or to all where that is set."""
        if not services.settings.metrics and not visitor_of(request).admin:
            raise HTTPException(403)
        body, media_type = await run_in_threadpool(_render, services, operation)
        return Response(body, headers={"content-type": media_type, "cache-control": "no-store"})

    return router


def _view(timed: Timed, *, required: bool) -> CheckView:
    one = timed.finding
    return CheckView(ok=one.ok, required=required, state=one.state, revision=one.revision, ms=timed.ms)


def _render(services: Services, operation: Operation) -> tuple[bytes, str]:
    """Note how the index and the uploads are at this moment, and return everything."""
    store = services.store
    try:
        operation.metrics.tell_index(store.revision(), store.count())
        if services.library:
            operation.metrics.tell_uploads(services.library.pending())
    except ZhengceError:
        pass  # the numbers stay those of before; that the database is away is a number itself
    return operation.metrics.render()
