"""A question asked within a conversation that is kept: the same way for the page and the API.

    question → Conversations.ask (pending) → the assistant, with the history → Conversations.finish | fail | stop

What was stored is what is shown: the ids of an answer are the same in the stream, after a reload and in the history.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.answer import Turn
from ui.questions import Filters, Question, latest
from ui.state.records import Conversation, Exchange
from ui.telling import in_words
from ui.texts import Lang
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter

if TYPE_CHECKING:
    from assistant.pipeline import Trace
    from ui.settings import Settings
    from ui.wiring import Services


def converse(
    services: "Services",
    owner: str,
    conversation_id: str,
    question: str,
    within: Filter,
    *,
    replaces: str | None = None,
    lang: Lang = "zh",
) -> Iterator[Conversation]:
    """Yield the conversation as the answer to ``question`` grows, first without one, stored and whole last.

    ``replaces`` is the exchange that is asked anew; it and the later ones are no longer shown. Whatever the question
    meets is told in the exchange. Closing the iterator stops the exchange. Raises NotFoundError where ``owner`` has no
    such conversation.
    """
    conversations = services.state.conversations
    talk, waiting = conversations.ask(owner, conversation_id, question, within, replaces)
    earlier = talk.exchanges[:-1]
    done = waiting
    trace: Trace | None = None
    try:
        yield talk
        asked = Question(
            question=waiting.question,
            history=history(earlier, services.settings),
            conversation_id=talk.id,
            filters=Filters.of(within),
        )
        for trace in services.traces(asked, owner):
            yield replace(talk, exchanges=(*earlier, replace(waiting, answer=trace.answer)))
        if trace:
            done = conversations.finish(waiting.id, trace.answer, _told(trace))
    except GeneratorExit:
        conversations.stop(waiting.id)
        raise
    except Exception as error:  # noqa: BLE001 - whatever a question meets, the conversation stays usable
        done = conversations.fail(waiting.id, in_words(error, lang))
    yield replace(talk, exchanges=(*earlier, done))


def history(exchanges: Sequence[Exchange], settings: "Settings") -> list[Turn]:
    """Return the answered ``exchanges`` as turns, oldest first: as many of the latest as ``settings`` allow."""
    return latest([_turns(one) for one in exchanges if one.answer], settings)


def _turns(exchange: Exchange) -> list[Turn]:
    said = exchange.answer.answer if exchange.answer else ""
    return [Turn(role="user", content=exchange.question), Turn(role="assistant", content=said)]


def _told(trace: "Trace") -> dict[str, Any]:
    """Return what is kept of how an answer came about, for those who look into a complaint."""
    ranking = [{"document_id": u.document_id, "ordinal": u.ordinal, "label": u.label} for u in trace.ranking[:50]]
    return {"ranking": ranking, "written": trace.written, "dropped": trace.dropped}


def stop_latest(services: "Services", owner: str, conversation_id: str | None) -> None:
    """Stop the exchange of the conversation that is being answered, if there is one; its answer, if it comes, is dropped."""
    if conversation_id is None:
        return
    conversations = services.state.conversations
    with suppress(NotFoundError):
        for exchange in conversations.get(owner, conversation_id).exchanges[-1:]:
            if exchange.pending:
                conversations.stop(exchange.id)
