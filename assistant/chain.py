"""The assistant as a LangChain runnable, for those who build with LangChain: invoke, stream, batch and the async twins.

``stream`` yields the answer as it grows, whole last; each text begins with the one before. The steps are those of
``Assistant.stream``: condense the follow-up → retrieve → offer numbered evidence → generate with ids → verify → answer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import BaseModel

from assistant.answer import Answer, Turn
from assistant.pipeline import Assistant
from vectorstore.records import EVERYTHING, Filter


class Asked(BaseModel):
    """What the chain takes: a question, with what was said before it and what it is limited to."""

    question: str
    history: list[Turn] = []
    conversation_id: str | None = None
    within: Filter = EVERYTHING


class AnswerChain(Runnable[Asked | dict[str, Any] | str, Answer]):
    """Answers a question given as text, as a mapping or as ``Asked``. Raises what ``Assistant.stream`` raises."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def invoke(
        self,
        input: Asked | dict[str, Any] | str,  # noqa: A002 - the name is LangChain\'s
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Answer:
        """Return the answer."""
        return self._call_with_config(self._answer, input, config, run_type="chain", **kwargs)

    def stream(
        self,
        input: Asked | dict[str, Any] | str,  # noqa: A002 - the name is LangChain\'s
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Iterator[Answer]:
        """Yield the answer as it grows."""
        yield from self._transform_stream_with_config(iter([input]), self._grow, config, run_type="chain", **kwargs)

    async def astream(
        self,
        input: Asked | dict[str, Any] | str,  # noqa: A002 - the name is LangChain\'s
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Answer]:
        """Yield the answer as it grows; the work is done in a thread."""
        grown = self.stream(input, config, **kwargs)
        while (answer := await asyncio.to_thread(next, grown, None)) is not None:
            yield answer

    def _answer(self, given: Asked | dict[str, Any] | str) -> Answer:
        *_, whole = self._grow(iter([given]))
        return whole

    def _grow(self, given: Iterator[Asked | dict[str, Any] | str]) -> Iterator[Answer]:
        for one in given:
            asked = _read(one)
            grown = self._assistant.stream(
                asked.question, asked.history, conversation_id=asked.conversation_id, within=asked.within
            )
            for trace in grown:
                yield trace.answer


def _read(given: Asked | dict[str, Any] | str) -> Asked:
    if isinstance(given, Asked):
        return given
    return Asked(question=given) if isinstance(given, str) else Asked.model_validate(given)
