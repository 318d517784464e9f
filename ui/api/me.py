"""The route by which callers delete what is kept of them."""

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ui.access.scopes import requires
from ui.access.visitors import SESSION_COOKIE, VISITOR_COOKIE, cookie, visitor_in
from ui.state.forgetting import forget
from ui.texts import say
from ui.wiring import Services


class ForgottenView(BaseModel):
    """How much went: conversations with their questions, ratings on answers, sessions."""

    conversations: int
    feedback: int
    sessions: int


def me_router(services: Services) -> APIRouter:
    """Return the route about the caller's own data."""
    router = APIRouter(tags=[say("api_conversations")], dependencies=[Depends(requires("converse"))])
    database = services.state.database

    @router.delete("/me", summary=say("api_forget_me"))
    def forget_me(request: Request, response: Response) -> ForgottenView:
        """Delete the caller's conversations, ratings and sessions, and take their name and questions out of the log."""
        visitor = visitor_in(request.scope)
        if visitor is None:
            raise HTTPException(401)
        gone = forget(database, visitor.owner)
        for name in (SESSION_COOKIE, VISITOR_COOKIE):
            if name in request.cookies:
                response.headers.append("set-cookie", cookie(name, "", 0, request.scope))
        return ForgottenView(conversations=gone.conversations, feedback=gone.feedback, sessions=gone.sessions)

    return router
