"""The routes that answer."""

from fastapi import APIRouter

from assistant.answer import Answer
from ui.questions import Question
from ui.texts import say
from ui.wiring import Services


def questions_router(services: Services) -> APIRouter:
    """Return the routes that answer."""
    router = APIRouter(tags=[say("api_questions")])

    @router.post("/ask", summary=say("api_ask"))
    def ask(question: Question) -> Answer:
        """Answer one question, with citations."""
        return services.ask(question)

    return router
