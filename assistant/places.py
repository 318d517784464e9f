"""Places by key: 任务9, 第五条 of this document and no other, and what is said of them."""

from collections.abc import Callable, Sequence

from assistant.asks import Asks
from assistant.draft import Draft, Statement, refused, statements_of, whole
from assistant.evidence import Candidate
from assistant.figures import figures
from assistant.quoting import quotes_of
from assistant.references import documents_named
from assistant.retrieve import Ranking
from assistant.understand import Query
from vectorstore.records import Unit
from vectorstore.sources import Sources

MOST_RANGES = 5  # documents that are named when a number stands in none
MOST_READ = 24  # units of a number that stands in many documents that are read to tell which is meant

Rank = Callable[[Sequence[Unit]], Ranking]


def nearest_first(query: Query, units: Sequence[Unit], sources: Sources) -> list[Unit]:
    """Return the units of a number that stands in many documents: those of documents named in the question, else the nearest."""
    named = documents_named(f"{query.before}{query.question}", sources)
    inside = [unit for unit in units if unit.document_id in named]
    if inside or len(units) <= MOST_READ:
        return inside or list(units)
    near = sources.closeness(query.vector, units)
    order = sorted(range(len(units)), key=near.__getitem__, reverse=True)
    return [units[at] for at in order[:MOST_READ]]


def answer_places(
    query: Query, resolved: Sequence[Sequence[Unit]], rank: Rank, sources: Sources
) -> tuple[Draft, Ranking]:
    """Answer from the units that the references of ``query`` resolved to, one list per reference; ``rank`` reads units.

    Where a number stands in several documents, the one whose unit answers best is meant.
    """
    missing = [r for r, units in zip(query.pointer.references, resolved, strict=True) if not units]
    found = [nearest_first(query, units, sources) for units in resolved if units]
    ranking = rank(list(dict.fromkeys(unit for units in found for unit in units)))
    if not found:
        return _no_such_number(missing[0].text, query, sources), ranking
    best = ranking.candidates[0]
    meant = best.unit.document_id
    by_unit = {one.unit: one for one in ranking.candidates}
    statements: list[Statement] = []
    for units in found:
        here = [by_unit[unit] for unit in units if unit.document_id == meant]
        here = here or [max((by_unit[unit] for unit in units), key=lambda one: one.score)]
        statements += [s for one in _told_of(query, here, ranking) for s in _say(query, one, ranking, sources)]
    wrong = any(one.frame == "source_says" for one in statements)
    return Draft("corrected" if missing or wrong else "answered", tuple(statements)), ranking


def _told_of(query: Query, here: Sequence[Candidate], ranking: Ranking) -> list[Candidate]:
    """Of the paragraphs of one article all where its wording is asked for, else those that answer, at least one."""
    if query.asks in (Asks.WORDING, Asks.OVERVIEW) or len(here) == 1:
        return list(here)
    least = ranking.fitted.further
    return [one for one in here if one.score >= least] or [max(here, key=lambda one: one.score)]


def _say(query: Query, one: Candidate, ranking: Ranking, sources: Sources) -> list[Statement]:
    quotes = [whole(one.unit)] if query.asks is Asks.WORDING else quotes_of(query, one, ranking.fitted.told)
    wrong = one.corrects >= ranking.fitted.corrected or _gives_another_figure(query, one.unit)
    return statements_of(quotes, sources, "source_says" if wrong else None)


def _gives_another_figure(query: Query, unit: Unit) -> bool:
    """Whether the question says of a place a figure that it does not give, where it gives others of that unit."""
    places = [(one.start, one.start + len(one.text)) for one in query.pointer.references]
    said = [f for f in figures(query.question) if f.unit and not any(a <= f.start < b for a, b in places)]
    given = figures(unit.text)
    return any(
        all(one.value != f.value for one in given) and any(one.dimension == f.dimension for one in given) for f in said
    )


def _no_such_number(reference: str, query: Query, sources: Sources) -> Draft:
    """Say which numbers there are, of documents that the question names first; the nearest has the closest number."""
    numbered = sources.numbers()
    if not numbered:
        return refused("refused_unnumbered", reference=reference)
    wanted = query.pointer.references[0].number
    by_document: dict[str, list[int]] = {}
    for (document, _ordinal), number in numbered:
        by_document.setdefault(document, []).append(number)
    titles = {record.id: record.title for record in sources.records()}
    asked = documents_named(query.question, sources)
    told = sorted(by_document, key=lambda document: document not in asked)[:MOST_RANGES]
    ranges = ";".join(f"《{titles[d]}》{min(by_document[d])}至{max(by_document[d])}" for d in told)
    ranges += f"等,共{len(by_document)}份文件" if len(by_document) > len(told) else ""
    closest, _number = min(numbered, key=lambda one: abs(one[1] - wanted))
    return refused("refused_number", [whole(sources.unit(closest))], reference=reference, ranges=ranges)
