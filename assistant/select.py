"""Which sentences of a unit answer: the best one, and others of the unit that are nearly as good."""

import re
from collections.abc import Sequence

from assistant.compose import Quote
from assistant.evidence import Candidate, Passage
from assistant.understand import Asks, Query
from vectorstore.records import Span

NEARLY = 0.60  # share of the best sentence's score from which another one joins it
NEARLY_COMPARED = 0.5  # the same where units are set side by side and more of each is wanted
MOST_SENTENCES = 3
TITLE_COVERS = 0.6  # share of the question's content that a title holds where the unit as a whole is meant
BRIEF_UNIT = 120  # characters up to which a unit is not cut: its sentences explain each other
SHORT_UNIT = 240  # characters up to which a unit that answers as a whole is quoted whole
_POINTS_BACK = re.compile(r"[“‘]?(?:这|此|该|其|对此|为此|因此|同时|与此)")


def chosen_quotes(query: Query, candidate: Candidate, nearly: float = NEARLY) -> list[Quote]:
    """Return the quotes of ``candidate`` that answer ``query``, in text order; neighbours become one quote."""
    unit = candidate.unit
    passages = eligible(query, candidate)
    best = max(passages, key=lambda p: p.score)
    if _about_whole(query, passages, best) or (query.asks is not Asks.FIGURE and unit.end - unit.start <= BRIEF_UNIT):
        return _quote_whole(candidate)
    most = query.expected if query.asks is Asks.FIGURE else MOST_SENTENCES
    kept = sorted(passages, key=lambda p: p.score, reverse=True)[:most]
    kept = [p for p in kept if p.score >= nearly * best.score and not (p.title and p is not best)]
    return [Quote(unit, span) for span in _joined(_with_neighbours(query, kept, candidate.passages))]


def compared_quotes(query: Query, candidate: Candidate) -> list[Quote]:
    """Return what one side of a comparison says: all of a short unit, else more of it than an answer alone would give."""
    unit = candidate.unit
    if query.asks is not Asks.FIGURE and unit.end - unit.start <= SHORT_UNIT:
        return _quote_whole(candidate)
    return chosen_quotes(query, candidate, NEARLY_COMPARED)


def _with_neighbours(query: Query, kept: Sequence[Passage], passages: Sequence[Passage]) -> list[Passage]:
    """Add what a sentence cannot be read without: the one that 这/其 points back to, the one that gives the reason."""
    wanted = {passages.index(p) for p in kept}
    for at in list(wanted):
        if at and not passages[at - 1].title and _POINTS_BACK.match(passages[at].text):
            wanted.add(at - 1)
        if query.explains and at + 1 < len(passages):
            wanted.add(at + 1)
    return [passages[at] for at in sorted(wanted)]


def _about_whole(query: Query, passages: Sequence[Passage], best: Passage) -> bool:
    """Whether the question is about the unit as a whole: its title says all of it that any sentence says."""
    if query.asks is Asks.FIGURE:
        return False
    title = next((p for p in passages if p.title), None)
    return best.title or (
        title is not None and title.coverage >= TITLE_COVERS and title.coverage >= max(p.coverage for p in passages)
    )


def _quote_whole(candidate: Candidate) -> list[Quote]:
    unit = candidate.unit
    if unit.end - unit.start <= SHORT_UNIT:
        return [Quote(unit, Span(unit.start, unit.end))]
    body = sorted((p for p in candidate.passages if not p.title), key=lambda p: p.score, reverse=True)
    return [Quote(unit, span) for span in _joined(body[:MOST_SENTENCES])]


def eligible(query: Query, candidate: Candidate) -> Sequence[Passage]:
    """The sentences that may answer: with a figure where one is asked for and the unit has one."""
    granted = [p for p in candidate.passages if p.granted]
    return granted if query.asks is Asks.FIGURE and granted else candidate.passages


def _joined(passages: Sequence[Passage]) -> list[Span]:
    """The spans of ``passages`` in text order, touching ones made one."""
    spans: list[Span] = []
    for passage in sorted(passages, key=lambda p: p.span.start):
        if spans and passage.span.start - spans[-1].end <= 1:
            spans[-1] = Span(spans[-1].start, passage.span.end)
        else:
            spans.append(passage.span)
    return spans
