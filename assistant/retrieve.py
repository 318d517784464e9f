"""The way to the evidence: units near in meaning and in words, fused, then read by the ranker beside the question.

The first stage scales cosine and BM25 to 0–1 over its candidates and adds them, by a share that is fitted. The second
reads the best of them with the question: which answers, with which sentences, and whether any does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp

from assistant.evidence import Candidate, Sentence
from assistant.fitted import Fitted, fitted
from assistant.ranker import Judged, Passage, Ranker
from assistant.references import resolve
from assistant.understand import Query
from vectorstore.lexical import bigram_tokens
from vectorstore.passages import Window, context_of, windows
from vectorstore.records import Address, Span, Unit
from vectorstore.sources import Sources
from vectorstore.text import fold

FIRST_STAGE = 64  # chunks and units that each side brings
SECOND_STAGE = 8  # units that the ranker reads: four more would find 1.6 points more, for half as much time again
RANKED = 20  # units that are told, those that were not read behind the others
WIDENED = 32  # further units of the best document where a complete set is asked for
WINDOWS = 2  # of a long unit that the ranker reads: those that share most with the question


@dataclass(frozen=True, slots=True)
class Ranking:
    """Units ranked for a query, best first, with the parameters that their scores go by."""

    candidates: tuple[Candidate, ...]
    fitted: Fitted
    unread: tuple[Unit, ...] = ()  # what the first stage put behind them

    @property
    def chance(self) -> float:
        """How likely there is an answer at all, from 0 to 1."""
        if not self.candidates:
            return 0.0
        return self.fitted.answer.chance(
            standing_out([one.answers for one in self.candidates], self.candidates[0].best.score)
        )

    @property
    def units(self) -> list[Unit]:
        """The ranked units."""
        return [*(one.unit for one in self.candidates), *self.unread]


def retrieve(query: Query, sources: Sources, ranker: Ranker | None, most: int = SECOND_STAGE) -> Ranking:
    """Return at most ``most`` units of ``sources`` that may answer ``query``, best first."""
    parameters = fitted(ranker.name if ranker else "off")
    found = sources.candidates(query.vector, parameters.dense, bigram_tokens(query.whole), FIRST_STAGE)
    best = sorted(found, key=found.__getitem__, reverse=True)
    ranking = rank(query, [(sources.unit(address), found[address]) for address in best[:most]], sources, ranker)
    return replace(ranking, unread=tuple(map(sources.unit, best[most:RANKED])))


def rank(query: Query, units: Sequence[tuple[Unit, float]], sources: Sources, ranker: Ranker | None) -> Ranking:
    """Return ``units``, which come with their first-stage scores, as the ranker reads them, best first."""
    parameters = fitted(ranker.name if ranker else "off")
    read = [(unit, first, _windows(query, unit)) for unit, first in units]
    passages = [_passage(unit, window, sources) for unit, _first, some in read for window in some]
    judged = iter(ranker.judge(query.whole, passages) if ranker else map(_unjudged, passages))
    candidates = [
        _candidate(unit, first, [(window, next(judged)) for window in some], parameters) for unit, first, some in read
    ]
    return Ranking(tuple(sorted(candidates, key=lambda one: one.score, reverse=True)), parameters)


def widen(query: Query, ranking: Ranking, sources: Sources, ranker: Ranker | None) -> Ranking:
    """Return ``ranking`` with the units of the best document that were not read yet, the nearest of them.

    For a question that wants a complete set: what the first stage put behind other documents belongs to it, too.
    """
    if not ranking.candidates:
        return ranking
    read = set(addresses(ranking.candidates))
    units = sources.units(ranking.candidates[0].unit.document_id)
    others = [unit for unit in units if unit.type.citable and (unit.document_id, unit.ordinal) not in read]
    near = sources.closeness(query.vector, others)
    nearest = sorted(range(len(others)), key=near.__getitem__, reverse=True)[:WIDENED]
    more = rank(query, [(others[at], 0.0) for at in nearest], sources, ranker).candidates
    together = sorted((*ranking.candidates, *more), key=lambda one: one.score, reverse=True)
    return replace(ranking, candidates=tuple(together))


def standing_out(answers: Sequence[float], told: float) -> tuple[float, float, float]:
    """Return what tells whether there is an answer: the best logit, ``told``, and the mean of the five best logits.

    ``told`` is how surely a sentence of the best unit is pointed at; an answer stands out above the mean.
    """
    best = sorted(answers, reverse=True)[:5]
    return best[0], told, sum(best) / len(best)


def search(query: Query, k: int, sources: Sources, ranker: Ranker | None) -> list[Candidate]:
    """Return the ``k`` units that fit ``query`` best, those that it names (重点任务3) first, without an answer."""
    named = list(dict.fromkeys(u for units in resolve(query.pointer, query.question, sources) for u in units))
    first = rank(query, [(unit, 1.0) for unit in named[:k]], sources, ranker).candidates
    there = {(one.unit.document_id, one.unit.ordinal) for one in first}
    rest = retrieve(query, sources, ranker, most=max(SECOND_STAGE, k)).candidates
    return [*first, *(one for one in rest if (one.unit.document_id, one.unit.ordinal) not in there)][:k]


def addresses(candidates: Iterable[Candidate]) -> list[Address]:
    """Return where the units of ``candidates`` are."""
    return [(one.unit.document_id, one.unit.ordinal) for one in candidates]


def _windows(query: Query, unit: Unit) -> list[Window]:
    """The windows of ``unit`` that the ranker reads, in order."""
    all_of_it = list(windows(unit))
    if len(all_of_it) <= WINDOWS:
        return all_of_it
    asked = set(bigram_tokens(query.whole))
    folded = fold(unit.text)

    def shared(window: Window) -> int:
        return len(asked & set(bigram_tokens(folded[window.start - unit.start : window.end - unit.start])))

    return sorted(sorted(all_of_it, key=shared, reverse=True)[:WINDOWS], key=lambda window: window.start)


def _passage(unit: Unit, window: Window, sources: Sources) -> Passage:
    text = unit.text[window.start - unit.start : window.end - unit.start]
    spans = tuple((s.start - window.start, s.end - window.start) for s in window.sentences)
    return Passage(context_of(sources.document(unit.document_id), unit), text, spans)


def _unjudged(passage: Passage) -> Judged:
    """What stands in for the ranker where there is none."""
    return Judged(0.0, -30.0, (1.0,) * len(passage.sentences))


def _candidate(unit: Unit, first: float, read: Sequence[tuple[Window, Judged]], parameters: Fitted) -> Candidate:
    chances: dict[Span, float] = dict.fromkeys(unit.sentences, 0.0)
    for window, judged in read:
        for sentence, chance in zip(window.sentences, judged.sentences, strict=True):
            chances[sentence] = max(chance, chances.get(sentence, 0.0))
    best = max((judged for _window, judged in read), key=lambda judged: judged.answers)
    score = parameters.unit.chance((best.answers, first))
    corrects = 1 / (1 + exp(-max(-30.0, min(30.0, best.corrects))))
    return Candidate(
        unit, first, best.answers, score, corrects, tuple(Sentence(span, chance) for span, chance in chances.items())
    )
