"""Whether the evidence holds an answer at all: a calibrated probability, not a magic cosine.

A logistic model over a few signs of the best candidate. Its coefficients come from ``benchmarks/calibrate.py``, which
fits them to question sets over several pages; the threshold trades a wrong refusal against a wrong answer and was set
where both kinds together are fewest on those sets (0.28 refused 13 more answerable questions to catch one more of the
unanswerable; at 0.05 the unanswerable began to pass).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import exp

from assistant.evidence import Candidate, Passage
from assistant.understand import Asks, Query

ACCEPT = 0.10  # probability from which a question is answered
ACCEPT_LEANING = 0.03  # the same where the evidence is what the conversation was just about


@dataclass(frozen=True, slots=True)
class Signs:
    """What the model looks at, all 0–1 but ``dense``, a cosine."""

    dense: float  # of the best sentence with the question
    margin: float  # lead of the best sentence's cosine over the middle of the candidates
    coverage: float  # share of the question's content in the unit
    figure: float  # 1 where a figure is asked for
    figure_coverage: float  # then, the share in the sentence that has it


_INTERCEPT = -36.64
_COEFFICIENTS = Signs(dense=38.67, margin=18.29, coverage=4.64, figure=-1.55, figure_coverage=4.47)


def signs(query: Query, candidates: Sequence[Candidate], passage: Passage) -> Signs:
    """Return the signs of answering with ``passage`` of the first of ``candidates``."""
    cosines = sorted(candidate.dense for candidate in candidates)
    figure = float(query.asks is Asks.FIGURE)
    return Signs(
        dense=passage.dense,
        margin=cosines[-1] - cosines[len(cosines) // 2],
        coverage=candidates[0].coverage,
        figure=figure,
        figure_coverage=figure * passage.coverage,
    )


def confidence(found: Signs) -> float:
    """Return the probability that the evidence holds the answer."""
    z = _INTERCEPT + sum(c * x for c, x in zip(astuple(_COEFFICIENTS), astuple(found), strict=True))
    return 1.0 / (1.0 + exp(-z))
