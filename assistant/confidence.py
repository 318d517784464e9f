"""Whether the evidence holds an answer at all: a calibrated probability, not a magic cosine.

A logistic model over a few signs of the best candidate. Its coefficients come from ``benchmarks/calibrate.py``, which
fits them to question sets over several pages; the threshold trades a wrong refusal against a wrong answer.
"""

from dataclasses import dataclass
from math import exp

from assistant.evidence import Candidate, Passage
from assistant.understand import Asks, Query

ACCEPT = 0.5  # probability from which a question is answered


@dataclass(frozen=True, slots=True)
class Signs:
    """What the model looks at, all 0–1 but ``dense``, a cosine."""

    dense: float  # of the best sentence with the question
    unit_coverage: float  # share of the question's content in the unit
    coverage: float  # share of it in the sentence
    margin: float  # lead of the best sentence's cosine over the middle of the candidates
    figure: float  # a figure was asked for


_INTERCEPT = 0.0
_COEFFICIENTS = Signs(dense=0.0, unit_coverage=6.0, coverage=0.0, margin=10.0, figure=0.0)
_BIAS = 1.5


def signs(query: Query, candidates: list[Candidate], passage: Passage) -> Signs:
    """Return the signs of answering with ``passage`` of the first of ``candidates``."""
    cosines = sorted(candidate.dense for candidate in candidates)
    middle = cosines[len(cosines) // 2]
    return Signs(
        dense=passage.dense,
        unit_coverage=candidates[0].coverage,
        coverage=passage.coverage,
        margin=max(c.dense for c in candidates) - middle,
        figure=float(query.asks is Asks.FIGURE),
    )


def confidence(found: Signs) -> float:
    """Return the probability that the evidence holds the answer."""
    c = _COEFFICIENTS
    z = c.dense * found.dense + c.unit_coverage * found.unit_coverage + c.coverage * found.coverage
    z += c.margin * found.margin + c.figure * found.figure + _INTERCEPT - _BIAS
    return 1.0 / (1.0 + exp(-z))
