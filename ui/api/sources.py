"""The routes that look into the sources without an answer: search, and all units page by page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ui.access.scopes import requires
from ui.questions import MAX_LIMITS, NOT_BLANK, DateBound, Filters, Question, Short
from ui.texts import say
from ui.views import Hits, UnitPage, UnitView
from ui.wiring import Services
from vectorstore.records import Kind

MAX_HITS = 50
MAX_PAGE = 500

Many = Query(max_length=MAX_LIMITS)


def limits(
    document: Annotated[list[Short], Many] = [],  # noqa: B006 - FastAPI copies it
    kind: Annotated[list[Kind], Many] = [],  # noqa: B006
    since: DateBound | None = None,
    until: DateBound | None = None,
    section: Short | None = None,
    region: Annotated[list[Short], Many] = [],  # noqa: B006
    as_of: DateBound | None = None,
    title: Short | None = None,
    number: Short | None = None,
    issuer: Annotated[list[Short], Many] = [],  # noqa: B006
    topic: Annotated[list[Short], Many] = [],  # noqa: B006
) -> Filters:
    """Return the limits in the address; those that can be several are repeated: ``kind=policy&kind=law``."""
    return Filters(
        documents=document,
        kinds=kind,
        since=since,
        until=until,
        section=section,
        regions=region,
        as_of=as_of,
        title=title,
        number=number,
        issuers=issuer,
        topics=topic,
    )


def sources_router(services: Services) -> APIRouter:
    """Return the routes that look into the sources."""
    router = APIRouter(tags=[say("api_documents")])

    @router.get("/search", summary=say("api_search"), dependencies=[Depends(requires("search"))])
    def search(
        q: Annotated[str, Query(json_schema_extra=dict(NOT_BLANK))],
        filters: Annotated[Filters, Depends(limits)],
        k: Annotated[int, Query(ge=1, le=MAX_HITS)] = 10,
    ) -> Hits:
        """Return the ``k`` units that fit ``q`` best, as citations with scores."""
        return Hits(query=q, results=services.search(Question(question=q, filters=filters), k))

    @router.get("/units", summary=say("api_units_all"), dependencies=[Depends(requires("read"))])
    def units(
        document: Annotated[str | None, Query(max_length=MAX_LIMITS)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> UnitPage:
        """Return some of the units of one document, or of all, in order."""
        found = services.store.units(document)
        page = [UnitView.of(unit) for unit in found[offset : offset + limit]]
        return UnitPage(units=page, total=len(found), limit=limit, offset=offset)

    return router
