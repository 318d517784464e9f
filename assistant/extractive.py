"""The engine that needs no language model: from ranked evidence to a draft in fixed frames around verbatim text."""

from collections.abc import Sequence

from assistant.compose import Draft, Quote, Statement, refused, statements_of
from assistant.confidence import ACCEPT, ACCEPT_LEANING, confidence, signs
from assistant.evidence import Candidate, Passage
from assistant.premise import conflicting_figure, place_elsewhere, supposes, unknown_year, wants_result
from assistant.select import chosen_quotes, compared_quotes, eligible
from assistant.understand import Asks, Query
from vectorstore.records import Span
from vectorstore.sources import Sources

RUNNER_UP = 0.85  # share of the best unit's score from which a second unit is quoted too
WORDING_COVERS = 0.45  # share of the question's content that a sentence must hold to be its wording
FIGURE_COVERS = 0.24  # the same for a sentence whose figure is to be the answer
RUNNER_UP_ELSEWHERE = 0.95  # the same for another kind of source: a report does not stand beside a policy as its equal
SUPPOSED_COVERS = 0.80  # share of a claim's content that a unit must hold for the claim to be what it says
SEVERAL = 0.60  # the same where the question asks for several


def answer_found(query: Query, candidates: Sequence[Candidate], store: Sources) -> Draft:
    """Answer ``query`` from ``candidates`` (best first), or refuse and name the nearest."""
    if query.commanded and not query.terms:
        return refused("refused_command")
    if not candidates:
        return refused("refused")
    ranked = ranked_for(query, candidates, store)
    if not ranked:
        return refused("refused_figure", nearest(candidates))
    best = ranked[0]
    passage = max(eligible(query, best), key=lambda p: p.score)
    leaning = (best.unit.document_id, best.unit.ordinal) in query.leans_on
    if confidence(signs(query, ranked, passage)) < (ACCEPT_LEANING if leaning else ACCEPT) or _unsaid(
        query, best, passage, store
    ):
        return refused("refused", nearest(candidates))
    if conflict := conflicting_figure(query.asserted, best.unit):
        claim, figure = conflict
        at = best.unit.start + figure.start
        span = next(s for s in best.unit.sentences if s.start <= at < s.end)
        return Draft("corrected", (Statement("figure_conflict", (Quote(best.unit, span),), {"claim": claim.text}),))
    quotes = [quote for c in _answering(query, ranked, store) for quote in chosen_quotes(query, c)]
    if query.commanded:
        return Draft("corrected", tuple(statements_of(quotes, store, "source_says")))
    if supposes(query.question) and best.coverage < SUPPOSED_COVERS:
        return Draft("corrected", tuple(statements_of(quotes, store, "not_so_said")))
    return Draft("answered", tuple(statements_of(quotes, store)))


def _unsaid(query: Query, best: Candidate, passage: Passage, store: Sources) -> bool:
    """Whether the sources do not say what is asked for: not that year, not that figure's subject, not that wording."""
    document = store.document(best.unit.document_id)
    if unknown_year(query.asserted, document.text):
        return True
    if place_elsewhere(query.question, lambda place: store.rarity(place)[1]):
        return True
    if query.asks is Asks.FIGURE and wants_result(query.question, document):
        return True
    if query.asks is Asks.FIGURE and (best.unit.document_id, best.unit.ordinal) not in query.leans_on:
        return passage.coverage < FIGURE_COVERS
    return query.asks is Asks.WORDING and passage.coverage < WORDING_COVERS


def ranked_for(query: Query, candidates: Sequence[Candidate], store: Sources) -> list[Candidate]:
    """Return the candidates that may answer, best first: for a figure, those that hold one of the kind asked for.

    A year that the question names must be named by the document: figures of other years are no answer.
    """
    if query.asks is not Asks.FIGURE:
        return list(candidates)
    holding = [
        c
        for c in candidates
        if any(p.granted for p in c.passages)
        and not unknown_year(query.asserted, store.document(c.unit.document_id).text)
    ]
    return sorted(holding, key=lambda c: max(p.score for p in eligible(query, c)), reverse=True)


def _answering(query: Query, ranked: Sequence[Candidate], store: Sources) -> list[Candidate]:
    """The units to quote: the best, as many more as the question asks for, and a runner-up that is nearly as good."""
    best = ranked[0]
    several = query.asks is Asks.COMPARE or query.asks is Asks.WHICH
    most, share = (max(2, query.expected), SEVERAL) if several else (2, RUNNER_UP)
    kind = store.document(best.unit.document_id).kind

    def needed(candidate: Candidate) -> float:
        same = store.document(candidate.unit.document_id).kind is kind
        return share if same or several else RUNNER_UP_ELSEWHERE

    return [best, *(c for c in ranked[1:most] if c.score >= needed(c) * best.score)]


def answer_compared(sides: Sequence[tuple[Query, Sequence[Candidate]]], store: Sources) -> Draft | None:
    """Answer each side of a comparison from its own best unit; None where a side has none of its own."""
    quotes: list[Quote] = []
    for query, candidates in sides:
        taken = {(q.unit.document_id, q.unit.ordinal) for q in quotes}
        fresh = [c for c in candidates if (c.unit.document_id, c.unit.ordinal) not in taken]
        if not fresh:
            return None
        quotes += compared_quotes(query, fresh[0])
    return Draft("answered", tuple(statements_of(quotes, store)))


def nearest(candidates: Sequence[Candidate]) -> list[Quote]:
    """Quote the best sentence of each of ``candidates``."""
    return [Quote(c.unit, Span(c.best.span.start, c.best.span.end)) for c in candidates[:3]]
