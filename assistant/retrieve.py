"""The hybrid route: units nearest in meaning and in words, fused, then judged by their sentences.

First stage: cosine of the question with units and BM25 of its words, each scaled to 0–1 over the candidates and added
with weights (Chroma and FTS5; weighted scores beat rank fusion on every set tried), or fused by an engine that holds
both (Milvus). Everyday words also search as the official words they stand for, at a lower weight. Second stage: the
sentences of the best units, by cosine, by the share of the question that they cover, and by whether they hold the kind
of figure asked for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.concepts import Coverage, read_concepts
from assistant.evidence import Candidate, Passage
from assistant.figures import figures
from assistant.understand import Asks, Query, Scope
from vectorstore.dense import Vector
from vectorstore.records import Grain, Kind, Unit, UnitType, chunk_id
from vectorstore.sources import Sources
from vectorstore.text import fold


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts, set by hand on question sets over several pages; the order of magnitude matters."""

    dense: float = 0.60
    lexical: float = 0.18
    official: float = 0.22
    unit: float = 1.0
    best: float = 1.0
    sentence_dense: float = 0.25
    coverage: float = 0.35
    figure: float = 0.25
    named: float = 0.15
    title: float = 0.8
    kind: float = 0.06
    leaning: float = 0.25


WEIGHTS = Weights()
WITHIN = Weights(coverage=0.6, sentence_dense=0.2)  # inside a unit that the question names, words decide
FIRST_STAGE = 64  # chunks and units that each side brings
_TITLED = (UnitType.TASK, UnitType.ITEM, UnitType.MEASURE)
_PER = re.compile(r"每[百千万亿]{0,2}(?:名|个|位)?(?:[^,。;年月天日]{0,4}?)(?:常住人口|人口|居民|户|平方公里|亩|单位)")
SECOND_STAGE = 16  # units whose sentences are judged


def retrieve(
    query: Query, vector: Vector, store: Sources, weights: Weights = WEIGHTS, most: int = SECOND_STAGE
) -> list[Candidate]:
    """Return at most ``most`` units that may answer ``query``, best first. ``vector`` is the embedded question."""
    asked = _tokens(query.terms, query.quoted, store)
    official = _tokens([term for terms in query.official.values() for term in terms], (), store)
    wordings = ((weights.lexical, asked), (weights.official, official))
    fused = store.candidates(vector, weights.dense, wordings, FIRST_STAGE)
    for address in query.leans_on:
        fused[address] = fused.get(address, 0.0) + weights.leaning
    best = sorted(fused, key=fused.__getitem__, reverse=True)[:most]
    return judge(query, vector, [(store.unit(address), fused[address]) for address in best], store, weights)


def _tokens(terms: Iterable[str], quoted: Iterable[str], store: Sources) -> list[str]:
    return [token for term in (*terms, *quoted) for token in store.analyzer.tokens(term)]


def judge(
    query: Query, vector: Vector, units: Sequence[tuple[Unit, float]], store: Sources, weights: Weights = WEIGHTS
) -> list[Candidate]:
    """Score the sentences of ``units``, which come with their first-stage scores, and return the units, best first."""
    concepts = read_concepts(query, store)
    vectors = _sentence_vectors([unit for unit, _score in units], store)
    cosines = {chunk: float(v @ vector) for chunk, v in vectors.items()}
    low = min(cosines.values(), default=0.0)
    spread = max(cosines.values(), default=0.0) - low or 1.0

    def candidate(unit: Unit, first: float) -> Candidate:
        document = store.document(unit.document_id)
        # a report speaks of what its headline names, and does not name it in every sentence
        above = fold(document.title) if document.kind is Kind.NEWS else ""
        folded = fold(unit.text)  # folding moves nothing: a sentence is where it was
        passages = []
        for part, span in enumerate(unit.sentences):
            cosine = cosines.get(chunk_id((unit.document_id, unit.ordinal), Grain.SENTENCE, part), low)
            at = slice(span.start - unit.start, span.end - unit.start)
            text = unit.text[at]
            coverage = Coverage.of(above + _measured(query, folded[at]), concepts)
            granted = grants(query, text)
            title = part == 0 and len(unit.sentences) > 1 and unit.type in _TITLED
            score = weights.sentence_dense * (cosine - low) / spread
            score += weights.coverage * coverage.known + weights.figure * granted
            score *= weights.title if title else 1.0
            passages.append(Passage(span, text, score, cosine, coverage.whole, granted, title))
        whole = Coverage.of(above + fold(" ".join(unit.heading_path)) + folded, concepts)
        score = weights.unit * first + weights.best * max(p.score for p in passages) + weights.named * whole.known
        score += weights.kind * _fits_scope(document.kind, query.scope)
        return Candidate(unit, score, max(p.dense for p in passages), whole.whole, tuple(passages))

    return sorted((candidate(unit, first) for unit, first in units), key=lambda c: c.score, reverse=True)


def _sentence_vectors(units: Sequence[Unit], store: Sources) -> dict[str, Vector]:
    ids = [
        chunk_id((unit.document_id, unit.ordinal), Grain.SENTENCE, part)
        for unit in units
        for part in range(len(unit.sentences))
    ]
    return store.vectors(ids)


def grants(query: Query, text: str) -> bool:
    """Whether ``text`` holds a figure of the kind that ``query`` asks for."""
    wish = query.wish
    if wish is None or query.asks is not Asks.FIGURE:
        return False
    return wish.granted_by_text(text) or any(wish.granted_by(figure) for figure in figures(text))


def _measured(query: Query, folded: str) -> str:
    """What figures of ``folded`` are of: 每万人口…14件 says nothing of 人口, unless the question speaks of 每, too."""
    if query.asks is not Asks.FIGURE or "每" in query.question or "人均" in query.question:
        return folded
    return _PER.sub("", folded)


def _fits_scope(kind: Kind, scope: Scope) -> float:
    """How well a source of this kind is one that the question speaks of; a report has no 第几条."""
    news = kind is Kind.NEWS
    if scope is Scope.NEWS:
        return 1.0 if news else -1.0
    if scope is Scope.ANY or not news:
        return 0.0
    return -5.0 if scope is Scope.TASKS else -1.0
