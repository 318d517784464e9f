"""What is asked: from a question and the turns before it to a query that the other steps work with.

What kind of answer is wanted is learned (``asks``). Rules read only what is formal: places (任务9, 第五条), quoted terms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Turn
from assistant.asks import NOT_OF_SOURCES, Asks, leans_on_before, read_asks
from assistant.context import in_context, turn_before
from assistant.references import Pointer, in_place_of, read_pointer
from vectorstore.embedding import Embedder, Vector
from vectorstore.text import fold, simplified

_QUOTED = re.compile(r"[“「『《\"]([^”」』》\"]{1,40})[”」』》\"]")
_SURELY = 0.6  # from when a question counts as none of the sources, or as one for all of a document


@dataclass(frozen=True, slots=True)
class Query:
    """A question, read. ``vector`` is that of the question behind the turn ``before``, which is empty where none matters.

    ``question`` is in simplified characters, which models and words are of; ``asked`` is how it was put.
    """

    asked: str
    question: str
    before: str
    chances: Mapping[Asks, float]
    pointer: Pointer
    quoted: tuple[str, ...]
    vector: Vector

    @property
    def asks(self) -> Asks:
        """What kind of answer is most likely wanted of the sources; see ``beside`` for what is none of them."""
        sure = {a: chance for a, chance in self.chances.items() if a is not Asks.OVERVIEW or chance >= _SURELY}
        return max((a for a in sure if a not in NOT_OF_SOURCES), key=sure.__getitem__, default=Asks.CONTENT)

    @property
    def beside(self) -> Asks | None:
        """What the question is where it is none that sources could answer: small talk, help, outside."""
        kind = max(self.chances, key=self.chances.__getitem__)
        sure = self.chances[kind] >= _SURELY and not self.pointer and not self.before
        return kind if kind in NOT_OF_SOURCES and sure else None

    @property
    def whole(self) -> str:
        """The question as the ranker reads it."""
        return in_context(self.question, self.before)

    @property
    def standalone(self) -> str:
        """The question as a person sees what it was taken for."""
        return f"{self.asked}（结合上文：{self.before}）" if self.before else self.asked


def understand(question: str, history: Sequence[Turn], embedder: Embedder) -> Query:
    """Read ``question``, which may lean on the last turn of ``history``."""
    asked, question = question, simplified(question)
    vector = embedder.embed_query(question)
    before = simplified(turn_before(history))
    pointer = read_pointer(question)
    if before and (meant := in_place_of(question, history)):
        pointer = meant
    elif before and not leans_on_before(vector, embedder):
        before = ""
    return Query(
        asked=asked,
        question=question,
        before=before,
        chances=read_asks(vector, embedder),
        pointer=pointer,
        quoted=tuple(dict.fromkeys(fold(term).strip() for term in _QUOTED.findall(question))),
        vector=embedder.embed_query(in_context(question, before)) if before else vector,
    )
