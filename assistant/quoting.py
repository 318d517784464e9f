"""From ranked units to what is quoted: how many of them, and how much of each.

Short units are quoted whole: their sentences explain each other. Of long ones the sentences that the ranker points at
are, with the sentence that leads in where items are quoted. How far down the ranking goes is fitted.
"""

from collections.abc import Sequence

from assistant.asks import Asks
from assistant.draft import Quote, whole
from assistant.evidence import Candidate
from assistant.retrieve import Ranking
from assistant.understand import Query
from vectorstore.records import Span, Unit

WHOLE_CHARS = 260  # up to which a unit is quoted whole; 95 % of the units of real documents are shorter
WORDING_CHARS = 1500  # the same where its wording was asked for
MOST = {Asks.LIST: 5, Asks.WHICH: 12, Asks.EXISTS: 3, Asks.COMPARE: 4}
MOST_OTHERWISE = 3
NEXT = 2  # places in the text: the paragraphs of an article, an item and the one behind it
_COMPLETE = (Asks.LIST, Asks.WHICH, Asks.COMPARE)
_MOSTLY = 0.75  # share of a unit from which the rest of it is quoted, too


def answering(query: Query, ranking: Ranking) -> list[Candidate]:
    """Return the candidates to quote, best first, at least one."""
    fitted = ranking.fitted
    best, *others = ranking.candidates
    complete = query.asks in _COMPLETE
    least = fitted.listed if complete else max(fitted.further, fitted.share * best.score)
    beside = min(least, fitted.listed_beside if complete else fitted.beside)
    enough = [one for one in others if one.score >= (beside if _is_beside(one.unit, best.unit) else least)]
    taken = [best, *enough][: MOST.get(query.asks, MOST_OTHERWISE)]
    if query.asks is Asks.COMPARE and len({one.unit.document_id for one in taken}) == 1:
        elsewhere = (one for one in others if one.unit.document_id != best.unit.document_id)
        if (other := next(elsewhere, None)) and other.score >= fitted.further:
            taken = [*taken[:3], other]
    if query.asks is Asks.WHICH:  # a set is read in the order of the text
        taken.sort(
            key=lambda one: (one.unit.document_id != best.unit.document_id, one.unit.document_id, one.unit.ordinal)
        )
    return without_twins(taken)


def _is_beside(unit: Unit, other: Unit) -> bool:
    return unit.document_id == other.document_id and abs(unit.ordinal - other.ordinal) <= NEXT


def without_twins(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out what says the same to the letter as one before it, in another place."""
    kept: dict[str, Candidate] = {}
    for one in candidates:
        kept.setdefault("".join(one.unit.text.split()), one)
    return list(kept.values())


def quotes_of(query: Query, candidate: Candidate, told: float) -> list[Quote]:
    """Return what is quoted of a candidate, in text order. ``told``: how likely a sentence must be part of the answer."""
    unit = candidate.unit
    length = unit.end - unit.start
    if length <= WHOLE_CHARS or (query.asks is Asks.WORDING and length <= WORDING_CHARS):
        return [whole(unit)]
    best = candidate.best
    wanted = {at for at, one in enumerate(candidate.sentences) if one.score >= told or one is best}
    wanted |= {at - 1 for at in wanted if at - 1 not in wanted and at - 2 in wanted}  # a gap of one sentence is closed
    first = unit.text[: candidate.sentences[0].span.end - unit.start].rstrip()
    if first.endswith(("：", ":")):  # what the items are items of
        wanted.add(0)
    spans = [candidate.sentences[at].span for at in sorted(wanted)]
    if sum(span.end - span.start for span in spans) >= _MOSTLY * length and length <= WORDING_CHARS:
        return [whole(unit)]
    return [Quote(unit, span) for span in joined(unit, spans)]


def nearest(ranking: Ranking) -> list[Quote]:
    """Quote the best sentence of each of the best units: what is close, and does not answer."""
    return [Quote(one.unit, one.best.span) for one in ranking.candidates[:3]]


def joined(unit: Unit, spans: Sequence[Span]) -> list[Span]:
    """Return ``spans``, which are in text order, those made one between which there is only white space."""
    found: list[Span] = []
    for span in spans:
        between = unit.text[found[-1].end - unit.start : span.start - unit.start] if found else "|"
        if found and not between.strip():
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return found
