"""What a model is offered to write from: the best evidence as numbered sentences, packed into a budget by value.

In: a draft of quotes and the ranked candidates. Out: offers, numbered from 1: first the sentences that the draft quotes,
then the next best of the ranking. A sentence is offered whole or not at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.compose import Draft, Quote
from assistant.evidence import Candidate
from assistant.support import Evidence
from vectorstore.records import Grain, Span, chunk_id
from vectorstore.sources import Sources

ENOUGH = 0.5  # share of the best passage's score from which another one is worth a model's time


@dataclass(frozen=True, slots=True)
class Offer:
    """A numbered sentence with the quote that cites it: the draft's own where it lies in one."""

    evidence: Evidence
    quote: Quote


def offers(draft: Draft, candidates: Sequence[Candidate], store: Sources, *, most: int, budget: int) -> list[Offer]:
    """Return at most ``most`` offers whose texts hold at most ``budget`` characters together, at least one.

    A character of Chinese is at most one token of the models in use, so the budget is one of tokens, too.
    """
    chosen: list[Offer] = []
    left = budget
    for quote, span in dict.fromkeys(_in_order(draft, candidates)):
        cost = span.end - span.start
        if chosen and (cost > left or len(chosen) == most):
            continue
        left -= cost
        chosen.append(_offer(len(chosen) + 1, quote, span, store))
    return chosen


def _in_order(draft: Draft, candidates: Sequence[Candidate]) -> Iterator[tuple[Quote, Span]]:
    quoted = [quote for statement in draft.statements for quote in statement.quotes]
    for quote in quoted:
        for sentence in quote.unit.sentences:
            if quote.span.start <= sentence.start and sentence.end <= quote.span.end:
                yield quote, sentence
    passages = sorted(((p, c) for c in candidates for p in c.passages), key=lambda pair: pair[0].score, reverse=True)
    for passage, candidate in passages:
        if passage.title or passage.score < ENOUGH * passages[0][0].score:
            continue
        inside = next(
            (q for q in quoted if q.unit == candidate.unit and q.span.start <= passage.span.start < q.span.end), None
        )
        if inside is None:
            yield Quote(candidate.unit, passage.span), passage.span


def _offer(number: int, quote: Quote, span: Span, store: Sources) -> Offer:
    unit = quote.unit
    document = store.document(unit.document_id)
    about = " ".join(filter(None, (unit.label, *unit.heading_path, document.title, document.issuer, document.date)))
    part = next((i for i, sentence in enumerate(unit.sentences) if sentence == span), 0)
    chunk = chunk_id((unit.document_id, unit.ordinal), Grain.SENTENCE, part)
    return Offer(
        Evidence(number, document.text[span.start : span.end], about, document.id, store.vectors([chunk]).get(chunk)),
        quote,
    )
