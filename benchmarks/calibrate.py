"""Fit the refusal model of ``assistant/confidence.py``.

    python -m benchmarks.calibrate [--model FOLDER]

A case is a question on the hybrid route with the evidence that one page offers. It should be answered where the
question is that page's own and answerable, and refused where it is unanswerable or belongs to another page: most
questions of one city have no answer in another city's plan (a few do, which keeps the fit honest rather than perfect).
Prints the coefficients, and by threshold what share of either kind is treated right, in cross-validation.
"""

import argparse
from dataclasses import astuple, fields

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from assistant.confidence import Signs, signs
from assistant.evaluate import GoldQuestion
from assistant.extractive import ranked_for
from assistant.retrieve import retrieve
from assistant.select import eligible
from assistant.understand import Asks
from benchmarks.question_sets import Page, open_pages
from vectorstore.embedding import Embedder, open_embedder

FOREIGN_WEIGHT = 0.5  # of a question on another page: a few of them do have an answer
OWN_WEIGHT = 3.0  # of an unanswerable question written for the page: few, but the ones that people ask


def case(page: Page, question: GoldQuestion, embedder: Embedder) -> Signs | None:
    """Return the signs of answering ``question`` from ``page``; None where another route or rule decides."""
    query = page.query(question)
    if query.pointer or query.commanded or query.asks in (Asks.WHICH, Asks.EXISTS):
        return None
    ranked = ranked_for(query, retrieve(query, embedder.embed_query(query.question), page.store), page.store)
    if not ranked:
        return None
    return signs(query, ranked, max(eligible(query, ranked[0]), key=lambda p: p.score))


def cases(pages: list[Page], embedder: Embedder) -> tuple[list[Signs], list[bool], list[float]]:
    """Return signs, whether to answer, and weight of every question on every page."""
    found: list[Signs] = []
    right: list[bool] = []
    weights: list[float] = []
    for page in pages:
        for other in pages:
            for question in other.gold:
                if question.category in ("which_task", "wording", "adversarial") or (
                    other is not page and not question.answerable
                ):
                    continue
                one = case(page, question, embedder)
                if one is not None:
                    found.append(one)
                    right.append(other is page and question.answerable)
                    weights.append(FOREIGN_WEIGHT if other is not page else 1.0 if question.answerable else OWN_WEIGHT)
    return found, right, weights


def main() -> None:
    """Fit, and print what to put into ``assistant/confidence.py``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models/multilingual-e5-small")
    embedder = open_embedder(parser.parse_args().model)
    with open_pages(embedder) as pages:
        found, right, weights = cases(pages, embedder)
    x, y, w = np.array([astuple(one) for one in found]), np.array(right), np.array(weights)
    w = np.where(y, w / w[y].sum(), w / w[~y].sum()) * len(y)
    model = LogisticRegression(C=100, max_iter=10_000)
    probability = cross_val_predict(model, x, y, cv=10, method="predict_proba", params={"sample_weight": w})[:, 1]
    model.fit(x, y, sample_weight=w)
    console = Console()
    console.print({f.name: round(float(c), 3) for f, c in zip(fields(Signs), model.coef_[0], strict=True)})
    console.print({"intercept": round(float(model.intercept_[0]), 3), "cases": len(y), "to answer": int(y.sum())})
    table = Table("threshold", "answered of answerable", "refused of the page's own unanswerable", "refused of foreign")
    own = ~np.isclose(np.array(weights), FOREIGN_WEIGHT)
    for threshold in np.arange(0.1, 0.75, 0.05):
        yes = probability >= threshold
        table.add_row(
            f"{threshold:.2f}",
            *(f"{share:.2f}" for share in (yes[y].mean(), 1 - yes[~y & own].mean(), 1 - yes[~own].mean())),
        )
    console.print(table)


if __name__ == "__main__":
    main()
