"""The structural route: 任务9 is found by key, and what is said of it is taken from it and nowhere else."""

from collections.abc import Callable, Sequence

from assistant.compose import Draft, Quote, Statement, refused, statements_of, whole
from assistant.evidence import Candidate
from assistant.exhaustive import mention_of
from assistant.premise import conflicting_figure, unknown_year
from assistant.select import chosen_quotes
from assistant.understand import Asks, Query
from vectorstore.records import Kind, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

MOST_NUMBERED = 3  # documents answered for when a number stands in several
MOST_RANGES = 5  # documents that are named when a number stands in none

Judge = Callable[[Sequence[Unit]], list[Candidate]]


def answer_referenced(query: Query, resolved: Sequence[Sequence[Unit]], judge: Judge, store: Sources) -> Draft:
    """Answer from the units that the references of ``query`` resolved to, one list per reference.

    ``judge`` scores the sentences of given units against the question; it is called only where a topic narrows the
    question down to a part of the unit.
    """
    missing = [r for r, units in zip(query.pointer.references, resolved, strict=True) if not units]
    found = list(
        {(u.document_id, u.ordinal): u for units in resolved for u in _likeliest(query, units, store)}.values()
    )
    if not found:
        return _no_such_number(missing[0].text, query, store)
    topic = _topic(query, found, store)
    statements: list[Statement] = []
    corrected = query.commanded or bool(missing)
    for unit in found:
        told, wrong = _answer_unit(query, unit, topic, judge, store)
        statements += told
        corrected = corrected or wrong
    return Draft("corrected" if corrected else "answered", tuple(statements))


def _answer_unit(
    query: Query, unit: Unit, topic: Sequence[str], judge: Judge, store: Sources
) -> tuple[list[Statement], bool]:
    """Return what is said of one unit, and whether the question had it wrong."""
    if conflict := conflicting_figure(query.asserted, unit):
        claim, figure = conflict
        sentence = next(s for s in unit.sentences if s.start <= unit.start + figure.start < s.end)
        return [Statement("figure_conflict", (Quote(unit, sentence),), {"claim": claim.text})], True
    if year := unknown_year(query.asserted, store.document(unit.document_id).text):
        return [Statement("figure_conflict", (whole(unit),), {"claim": year.text})], True
    if not topic:
        return statements_of([whole(unit)], store), False
    candidate = judge([unit])[0]
    if candidate.coverage <= 0.0 and query.asks is Asks.WORDING and not query.quoted:
        return statements_of([whole(unit)], store), False  # 全文，别压缩: the rest says how to quote, not what
    if candidate.coverage <= 0.0 and (elsewhere := _elsewhere(topic, unit, store)):
        term, other = elsewhere
        quote = mention_of(term, other)
        return [Statement("topic_elsewhere", (quote,), {"asked": unit.label, "term": term})], True
    return statements_of(chosen_quotes(query, candidate), store), False


def _topic(query: Query, found: Sequence[Unit], store: Sources) -> list[str]:
    """The content words of the question that the sources know, beyond the reference and the headings named with it."""
    spoken = fold("".join(r.text for r in query.pointer.references))
    headings = fold("".join(unit.heading_path[0] for unit in found if unit.heading_path))
    words = [t for t in (*query.quoted, *query.terms) if t not in spoken and t not in headings]
    return [t for t in words if t in query.quoted or t in "".join(query.official) or store.contains(t)]


def _elsewhere(topic: Sequence[str], unit: Unit, store: Sources) -> tuple[str, Unit] | None:
    """A unit of the same document that holds the topic which ``unit`` does not, rarest word first."""
    for term in sorted(topic, key=len, reverse=True):
        others = [u for u in store.containing(term) if u.document_id == unit.document_id] if len(term) > 1 else []
        if 0 < len(others) <= 6:
            return term, others[0]
    return None


def _likeliest(query: Query, units: Sequence[Unit], store: Sources) -> Sequence[Unit]:
    """Where several documents have the number, those that the question's words point to."""
    if len(units) < 2:
        return units
    folded = fold(query.question)

    def fits(unit: Unit) -> float:
        document = store.document(unit.document_id)
        title = fold(document.title)
        named = sum(term in title for term in query.terms)
        held = sum(term in fold(unit.text) for term in query.terms)
        law = unit.type is UnitType.ARTICLE and "条" in folded and "任务" not in folded
        spoken = fold(unit.label)[:2] in folded
        return 2.0 * (title in folded) + named + held + law + 0.5 * spoken + 0.1 * (document.kind is Kind.POLICY)

    fit = [fits(unit) for unit in units]
    best = max(fit)
    return [unit for unit, its in zip(units, fit, strict=True) if its == best][:MOST_NUMBERED]


def _no_such_number(reference: str, query: Query, store: Sources) -> Draft:
    """Say which numbers there are, of documents that the question names first; the nearest has the closest number."""
    numbered = store.numbers()
    if not numbered:
        return refused("refused_unnumbered", reference=reference)
    wanted = query.pointer.references[0].number
    by_document: dict[str, list[int]] = {}
    for (document, _ordinal), number in numbered:
        by_document.setdefault(document, []).append(number)
    titles = {record.id: record.title for record in store.records()}
    asked = fold(query.question)
    told = sorted(by_document, key=lambda document: fold(titles[document]) not in asked)[:MOST_RANGES]
    ranges = ";".join(f"《{titles[d]}》{min(by_document[d])}至{max(by_document[d])}" for d in told)
    ranges += f"等,共{len(by_document)}份文件" if len(by_document) > len(told) else ""
    closest, _number = min(numbered, key=lambda one: abs(one[1] - wanted))
    return refused("refused_number", [whole(store.unit(closest))], reference=reference, ranges=ranges)
