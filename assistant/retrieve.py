"""The hybrid route: units nearest in meaning and in words, fused, then judged by their sentences.

First stage: cosine of the question with units (Chroma) and BM25 of its words (FTS5), each scaled to 0–1 over the
candidates and added with weights; weighted scores beat rank fusion on every set tried. Everyday words also search as
the official words they stand for, at a lower weight. Second stage: the sentences of the best units, by cosine, by the
share of the question that they cover, and by whether they hold the kind of figure asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evidence import Candidate, Passage
from assistant.figures import figures
from assistant.understand import Asks, Query, Scope
from vectorstore.dense import Vector
from vectorstore.lexical import bigrams
from vectorstore.records import Address, Grain, Kind, Span, Unit, UnitType, chunk_id
from vectorstore.store import Store
from vectorstore.text import fold


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts. Set by ``benchmarks/tune.py`` on question sets over four different pages."""

    dense: float = 0.60
    lexical: float = 0.28
    official: float = 0.22
    unit: float = 1.0
    sentence_dense: float = 0.25
    coverage: float = 0.35
    figure: float = 0.25
    named: float = 0.15
    kind: float = 0.06
    leaning: float = 0.25


WEIGHTS = Weights()
WITHIN = Weights(coverage=0.6, sentence_dense=0.2)  # inside a unit that the question names, words decide
FIRST_STAGE = 64  # chunks and units that each side brings
SECOND_STAGE = 16  # units whose sentences are judged


def retrieve(query: Query, vector: Vector, store: Store, weights: Weights = WEIGHTS) -> list[Candidate]:
    """Return the units that may answer ``query``, best first. ``vector`` is the embedded question."""
    dense = store.nearest(vector, FIRST_STAGE)
    lexical = store.matching(_tokens(query.terms, query.quoted, store), FIRST_STAGE)
    official_terms = [term for terms in query.official.values() for term in terms]
    official = store.matching(_tokens(official_terms, (), store), FIRST_STAGE) if official_terms else {}
    fused = fuse(((weights.dense, dense), (weights.lexical, lexical), (weights.official, official)))
    for address in query.leans_on:
        fused[address] = fused.get(address, 0.0) + weights.leaning
    best = sorted(fused, key=fused.__getitem__, reverse=True)[:SECOND_STAGE]
    return judge(query, vector, [(store.unit(address), fused[address]) for address in best], store, weights)


def fuse(sides: Iterable[tuple[float, Mapping[Address, float]]]) -> dict[Address, float]:
    """Add the sides' scores, each scaled to 0–1 over its own range; a unit that a side does not list gets its floor."""
    fused: dict[Address, float] = {}
    for weight, scores in sides:
        if not scores:
            continue
        low, high = min(scores.values()), max(scores.values())
        scale = weight / (high - low) if high > low else 0.0
        for address, score in scores.items():
            fused[address] = fused.get(address, 0.0) + (score - low) * scale
    return fused


def _tokens(terms: Iterable[str], quoted: Iterable[str], store: Store) -> list[str]:
    return [token for term in (*terms, *quoted) for token in store.analyzer.tokens(term)]


def judge(
    query: Query, vector: Vector | None, units: Sequence[tuple[Unit, float]], store: Store, weights: Weights = WEIGHTS
) -> list[Candidate]:
    """Score the sentences of ``units`` (with their first-stage scores) and return the units, best first.

    Without a ``vector`` only words and figures count: the structural route needs no model.
    """
    concepts = _concepts(query, store)
    vectors = _sentence_vectors([unit for unit, _score in units], store) if vector is not None else {}
    cosines = {key: float(v @ vector) for key, v in vectors.items()} if vector is not None else {}
    low, high = (min(cosines.values()), max(cosines.values())) if cosines else (0.0, 1.0)
    candidates = []
    for unit, first in units:
        passages = []
        context = fold(" ".join(unit.heading_path) + unit.text)
        for part, span in enumerate(unit.sentences):
            cosine = cosines.get(chunk_id((unit.document_id, unit.ordinal), Grain.SENTENCE, part), low)
            passages.append(_passage(query, unit, span, part, (cosine, low, high), concepts, weights))
        coverage = _coverage(context, concepts)
        score = weights.unit * first + max(p.score for p in passages) + weights.named * coverage
        score += weights.kind * _fits_scope(unit, query.scope, store)
        candidates.append(Candidate(unit, score, max(p.dense for p in passages), coverage, tuple(passages)))
    return sorted(candidates, key=lambda c: c.score, reverse=True)


def _sentence_vectors(units: Sequence[Unit], store: Store) -> dict[str, Vector]:
    ids = [
        chunk_id((unit.document_id, unit.ordinal), Grain.SENTENCE, part)
        for unit in units
        for part in range(len(unit.sentences))
    ]
    return store.vectors(ids)


def _passage(
    query: Query,
    unit: Unit,
    span: Span,
    part: int,
    cosine: tuple[float, float, float],
    concepts: Sequence["Concept"],
    weights: Weights,
) -> Passage:
    text = unit.text[span.start - unit.start : span.end - unit.start]
    folded = fold(text)
    coverage = _coverage(folded, concepts)
    granted = grants(query, text)
    dense, low, high = cosine
    title = part == 0 and len(unit.sentences) > 1 and unit.type in (UnitType.TASK, UnitType.ITEM, UnitType.MEASURE)
    score = weights.sentence_dense * ((dense - low) / (high - low) if high > low else 0.0)
    score += weights.coverage * coverage + (weights.figure if granted else 0.0)
    return Passage(span, text, score * (0.8 if title else 1.0), dense, coverage, granted, title)


def grants(query: Query, text: str) -> bool:
    """Whether ``text`` holds a figure of the kind that ``query`` asks for."""
    wish = query.wish
    if wish is None or query.asks is not Asks.FIGURE:
        return False
    return wish.granted_by_text(text) or any(wish.granted_by(figure) for figure in figures(text))


@dataclass(frozen=True, slots=True)
class Concept:
    """One content word of a question with what it may be called in a document; ``weight`` is its rarity here."""

    word: str
    names: tuple[str, ...]
    weight: float

    def held_by(self, folded: str) -> float:
        """Return how far ``folded`` holds the concept: 1 for the word or a name, less for parts of a long word."""
        if any(name in folded for name in self.names):
            return 1.0
        parts = bigrams(self.word)
        return 0.7 * sum(part in folded for part in parts) / len(parts) if len(parts) > 1 else 0.0


def _concepts(query: Query, store: Store) -> list[Concept]:
    """The concepts of the question with what each may be called, weighted by rarity in the corpus."""
    names = {word: (word, *query.official.get(word, ())) for word in (*query.quoted, *query.terms)}
    for everyday, official in query.official.items():
        holder = next((word for word in names if everyday in word or word in everyday), everyday)
        names[holder] = (*names.get(holder, (everyday,)), *official)
    return [
        Concept(word, tuple(map(fold, called)), min(store.rarity(name) for name in called))
        for word, called in names.items()
    ]


def _coverage(folded: str, concepts: Sequence[Concept]) -> float:
    total = sum(concept.weight for concept in concepts)
    return sum(concept.weight * concept.held_by(folded) for concept in concepts) / total if total else 0.0


def _fits_scope(unit: Unit, scope: Scope, store: Store) -> float:
    """How well ``unit`` is of the kind of source that the question speaks of; a report has no 第几条."""
    news = store.document(unit.document_id).kind is Kind.NEWS
    if scope is Scope.NEWS:
        return 1.0 if news else -1.0
    if scope is Scope.ANY or not news:
        return 0.0
    return -5.0 if scope is Scope.TASKS else -1.0


def unit_vector(vectors: Sequence[Vector]) -> Vector:
    """Return the mean of ``vectors`` at unit length."""
    mean = np.mean(np.stack(vectors), axis=0)
    return mean / float(np.linalg.norm(mean))  # type: ignore[no-any-return]
