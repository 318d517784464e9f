"""Fits the two linear classifiers on the vectors of questions: what is asked, and whether the turn before is needed."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from training.corpus import INVENTED
from training.questions import Question
from vectorstore.embedding import Embedder

ASKED = INVENTED / "asks.jsonl"
_KINDS = {"list": "list", "compare": "compare", "overview": "overview"}  # of questions that carry no label of their own
_STRENGTHS = (0.3, 1.0, 3.0, 10.0)
SEED = 20


def labelled(questions: Sequence[Question]) -> tuple[list[str], list[str]]:
    """Return texts and what each asks for: the labelled list, and the questions of the documents that are not left out."""
    rows = [json.loads(line) for line in ASKED.read_text(encoding="utf-8").splitlines() if line]
    own = [(q.text, q.asks or _KINDS.get(q.kind, "")) for q in questions if not q.left_out and not q.before]
    texts = [str(row["question"]) for row in rows] + [text for text, asks in own if asks]
    return texts, [str(row["asks"]) for row in rows] + [asks for _text, asks in own if asks]


def leaning(questions: Sequence[Question]) -> tuple[list[str], list[str]]:
    """Return texts and whether each leans on the turn before it."""
    rows = [json.loads(line) for line in ASKED.read_text(encoding="utf-8").splitlines() if line]
    own = [(q.text, "leans" if q.before else "stands") for q in questions if not q.left_out]
    texts = [text for text, _leans in own] + [str(row["question"]) for row in rows]
    return texts, [leans for _text, leans in own] + ["stands"] * len(rows)


def fit(name: str, texts: Sequence[str], wanted: Sequence[str], embedder: Embedder, out: Path) -> float:
    """Fit the classifier ``name``, write it to ``out`` and return its accuracy in five-fold cross-validation."""
    vectors = np.stack([embedder.embed_query(text) for text in texts])
    weight = "balanced" if name == "leans" else None
    models = [LogisticRegression(C=c, max_iter=2000, class_weight=weight, random_state=SEED) for c in _STRENGTHS]
    scores = [float(cross_val_score(model, vectors, wanted, cv=5).mean()) for model in models]
    best = models[int(np.argmax(scores))].fit(vectors, wanted)
    weights, biases, names = best.coef_, best.intercept_, list(best.classes_)
    if len(names) == 2:  # one row tells the second from the first
        weights, biases = np.concatenate([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    out.mkdir(exist_ok=True)
    np.savez_compressed(
        out / f"{name}.npz",
        names=np.array(names),
        weights=weights.astype(np.float32),
        biases=biases.astype(np.float32),
        embedding=np.array(embedder.fingerprint.partition(":")[0]),
    )
    return max(scores)
