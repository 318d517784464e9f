"""The few numbers that decide, fitted by ``training.fit`` on questions about documents that no model was trained on.

They belong to one embedding model and one ranker. With others the defaults below stand in, and ``zhengce doctor`` says
so, until ``python -m training.fit`` was run for them.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from vectorstore.embedding import Vector


class Logistic(BaseModel):
    """A logistic model: ``weights`` of the features, ``bias``."""

    model_config = ConfigDict(frozen=True)

    weights: tuple[float, ...]
    bias: float

    def chance(self, features: Sequence[float]) -> float:
        """Return the chance for ``features``, from 0 to 1."""
        logit = self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True))
        return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))


class Fitted(BaseModel):
    """Everything that is fitted.

    ``dense`` is the share of the vectors in the first stage, the rest that of the words. ``unit`` gives the chance that
    a unit answers from its ranker's logit and its first-stage score; ``answer`` the chance that there is an answer at
    all, from what stands out of the ranking (``retrieve.standing_out``). ``answered`` and ``related`` are the chances from which a question counts as
    answered, and from which what is nearest is quoted with a refusal. A further unit is quoted where its chance is at
    least ``further`` and ``share`` of the best one's, or ``beside`` where it stands next to it; ``listed`` and
    ``listed_beside`` are the same where a complete set is asked for. ``told`` is
    how likely a sentence of a long unit must be to be quoted, ``corrected`` from when the premise counts as wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dense: float = 0.7
    unit: Logistic = Logistic(weights=(1.0, 2.0), bias=-2.0)
    answer: Logistic = Logistic(weights=(1.0, 2.0, 0.0), bias=-2.0)
    answered: float = 0.5
    related: float = 0.2
    further: float = 0.3
    share: float = 0.6
    beside: float = 0.3
    listed: float = 0.3
    listed_beside: float = 0.3
    told: float = 0.3
    corrected: float = 0.7


class Labels(BaseModel):
    """A linear classifier on a question's vector: a row of weights and a bias for each of ``names``."""

    model_config = ConfigDict(frozen=True)

    names: tuple[str, ...]
    weights: Any
    biases: Any

    def chances(self, vector: Vector) -> dict[str, float]:
        """Return how likely each name is; the chances add up to 1."""
        logits = np.asarray(self.weights) @ vector + np.asarray(self.biases)
        powers = np.exp(logits - logits.max())
        return dict(zip(self.names, (powers / powers.sum()).tolist(), strict=True))


class Scale(BaseModel):
    """How a model's cosines of sentences read on the scale that bars are set on: unrelated ones about 0.82, paraphrases 0.92.

    Every model spreads its cosines in its own way; ``training.fit`` finds the line between the two.
    """

    model_config = ConfigDict(frozen=True)

    factor: float = 1.0
    shift: float = 0.0

    def of(self, cosine: float) -> float:
        """Return ``cosine`` on the common scale."""
        return self.factor * cosine + self.shift


@cache
def scale_of(embedding: str) -> Scale:
    """Return the scale of the embedding model of this name; cosines as they are where none was fitted."""
    path = files("assistant") / "fitted" / "cosines.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Scale.model_validate(table.get(embedding, {}))


@cache
def fitted(ranker: str) -> Fitted:
    """Return what was fitted for the ranker of this name (``off`` for none), else the defaults."""
    return Fitted.model_validate(_table().get(ranker, {}))


def is_fitted(ranker: str) -> bool:
    """Whether anything was fitted for the ranker of this name."""
    return ranker in _table()


@cache
def _table() -> dict[str, Any]:
    path = files("assistant") / "fitted" / "parameters.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


@cache
def labels(name: str, embedding: str) -> Labels | None:
    """Return the classifier ``name`` (asks, leans) for the embedding model of this name; None where there is none."""
    path = files("assistant") / "fitted" / f"{name}.npz"
    if not path.is_file():
        return None
    with path.open("rb") as file, np.load(file) as kept:
        if str(kept["embedding"]) != embedding:
            return None
        return Labels(names=tuple(map(str, kept["names"])), weights=kept["weights"], biases=kept["biases"])
