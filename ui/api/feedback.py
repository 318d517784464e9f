"""The route about feedback, for those who look into complaints."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ui.access.scopes import requires
from ui.texts import say
from ui.views_kept import Feedbacks, FeedbackView
from ui.wiring import Services

MAX_FEEDBACK = 500


def feedback_router(services: Services) -> APIRouter:
    """Return the route about feedback."""
    router = APIRouter(tags=[say("api_conversations")])

    @router.get("/feedback", summary=say("api_feedback"), dependencies=[Depends(requires("administer"))])
    def feedback(limit: Annotated[int, Query(ge=1, le=MAX_FEEDBACK)] = 100) -> Feedbacks:
        """List the feedback of everybody, newest first, each with the answer and the ranking that it is about."""
        return Feedbacks(feedback=[FeedbackView.of(one) for one in services.state.conversations.feedback(limit)])

    return router
