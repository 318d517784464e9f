"""The routes that say whether the service is well."""

from fastapi import APIRouter
from pydantic import BaseModel

from ui.texts import say
from ui.wiring import Services


class Health(BaseModel):
    """Whether the service answers, and with what."""

    status: str
    documents: int
    engine: str
    model: str


def health_router(services: Services) -> APIRouter:
    """Return the route that says whether the service is well."""
    router = APIRouter(tags=[say("api_health")])

    @router.get("/healthz", summary=say("api_healthz"))
    def healthz() -> Health:
        """Say whether the service answers, and with what."""
        return Health(
            status="ok",
            documents=services.store.count(),
            engine=services.settings.engine,
            model=services.embedder.fingerprint,
        )

    return router
