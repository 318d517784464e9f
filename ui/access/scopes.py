"""What each thing that can be done needs, for every door: ``NEEDS``.

Routes name it, ``Depends(requires("ask"))``: the description of the API shows it, and lets one enter a key. The tools of
the MCP server and the events of the page name it in their tables.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.exceptions import HTTPException

from ui.access.visitors import visitor_of
from ui.state.records import Scope

# Only for the description: the middleware has read the key, and knows those who come without one.
_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header")

NEEDS: Mapping[str, Scope] = {
    "ask": Scope.ASK,  # also of the widget, and of OpenAI's clients
    "enter_mcp": Scope.ASK,  # to come to the MCP server at all, even to hear what it has; its tools need their own beside
    "converse": Scope.ASK,
    "search": Scope.ASK,
    "desk": Scope.ASK,
    "read": Scope.READ,  # documents, their units, where a citation leads
    "models": Scope.READ,
    "change": Scope.INGEST,  # what is indexed
    "administer": Scope.ADMIN,
}


@cache  # the same object each time, so that FastAPI asks once per request and a test can put another in its place
def requires(does: str) -> Callable[..., str]:
    """Return a dependency that gives the owner's name of who asks. It raises HTTPException (403) where they may not do what ``NEEDS`` calls ``does``."""
    scope = NEEDS[does]
    needed = [scope.value]

    def allowed(
        request: Request,
        _bearer: Annotated[Any, Security(_BEARER, scopes=needed)],
        _header: Annotated[Any, Security(_HEADER, scopes=needed)],
    ) -> str:
        visitor = visitor_of(request)
        if not visitor.may(scope):
            raise HTTPException(403)
        return visitor.owner

    return allowed
