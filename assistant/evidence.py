"""What retrieval hands on: a unit with how well it answers, and which of its sentences do."""

from dataclasses import dataclass

from vectorstore.records import Span, Unit


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a unit; ``score`` is how likely it belongs to the answer, from 0 to 1."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may answer.

    ``first`` is its score of the first stage, from 0 to 1; ``answers`` the ranker's logit; ``score`` the calibrated chance that it answers, from 0 to 1;
    ``corrects`` the chance that it says other than the question takes for granted.
    """

    unit: Unit
    first: float
    answers: float
    score: float
    corrects: float
    sentences: tuple[Sentence, ...]

    @property
    def best(self) -> Sentence:
        """The sentence that answers best."""
        return max(self.sentences, key=lambda one: one.score)
