"""A conversation as the page holds it: what was asked, what was answered, what went wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from assistant.answer import Answer, Turn
from ui.page_failure import in_words
from ui.questions import Question

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.wiring import Services


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, or with the words for why there is none; with neither it is being answered."""

    question: str
    answer: Answer | None = None
    problem: str | None = None

    @property
    def pending(self) -> bool:
        """Whether it is being answered."""
        return self.answer is None and self.problem is None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The exchanges of one conversation, oldest first. Never changed, only replaced."""

    id: str = field(default_factory=lambda: uuid4().hex)
    exchanges: tuple[Exchange, ...] = ()

    def ask(self, question: str) -> Self:
        """Return the conversation with ``question`` waiting at its end; half surrogate pairs become question marks."""
        sendable = question.strip().encode("utf-8", "replace").decode("utf-8")
        return replace(self, exchanges=(*self.exchanges, Exchange(sendable)))

    def answer(self, services: "Services") -> Self:
        """Return the conversation with its waiting question answered; what goes wrong is told in the exchange."""
        *_, answered = self.answers(services)
        return answered

    def answers(self, services: "Services") -> Iterator[Self]:
        """Yield the conversation as the answer to its waiting question grows, whole last."""
        *earlier, waiting = self.exchanges
        question = Question(
            question=waiting.question, history=history(earlier, services.settings), conversation_id=self.id
        )
        try:
            for answer in services.stream(question):
                yield replace(self, exchanges=(*earlier, replace(waiting, answer=answer)))
        except Exception as error:  # noqa: BLE001 - whatever a question meets, the conversation stays usable
            problem = in_words(error, services.settings.lang)
            yield replace(self, exchanges=(*earlier, replace(waiting, problem=problem)))


def history(exchanges: Sequence[Exchange], settings: "Settings") -> list[Turn]:
    """Return the answered ``exchanges`` as turns, oldest first: as many of the latest as ``settings`` allow."""
    turns: list[Turn] = []
    left = settings.max_history_chars
    for exchange in reversed([one for one in exchanges if one.answer]):
        pair = _turns(exchange)
        left -= sum(len(turn.content) for turn in pair)
        if left < 0 or len(turns) + len(pair) > settings.max_history_turns:
            break
        turns[:0] = pair
    return turns


def _turns(exchange: Exchange) -> list[Turn]:
    said = exchange.answer.answer if exchange.answer else ""
    return [Turn(role="user", content=exchange.question), Turn(role="assistant", content=said)]
