"""What retrieval hands to the answer: units with scores, and in each unit its sentences with theirs."""

from dataclasses import dataclass

from vectorstore.records import Span, Unit


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of a unit, scored against the question.

    ``dense`` is the cosine with the question, ``coverage`` the weighted share (0–1) of the question's content that
    its words hold, ``granted`` whether it holds a figure of the kind asked for, ``title`` whether it only names the unit.
    """

    span: Span
    text: str
    score: float
    dense: float
    coverage: float
    granted: bool
    title: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may hold the answer; ``passages`` in text order. ``score`` is comparable within one question."""

    unit: Unit
    score: float
    dense: float
    coverage: float
    passages: tuple[Passage, ...]

    @property
    def best(self) -> Passage:
        """The passage that fits best."""
        return max(self.passages, key=lambda passage: passage.score)
