"""The exhaustive route: every unit that mentions a term, found by a scan, complete and in document order."""

import re
from collections.abc import Sequence

from assistant.compose import Draft, Quote, Statement, named, refused, statements_of, whole
from assistant.understand import Asks, Query, Scope
from vectorstore.records import Kind, Span, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

_AND = re.compile(r"和|与|及|以及|、|同时")


def mentions(query: Query, store: Sources) -> tuple[str, list[Unit]] | None:
    """Return the term whose mentions ``query`` asks for, with the units that hold it; None where no term can be read.

    A term that stands nowhere is tried as several (港口和机场: both must stand) and, unless it was quoted, as the
    official words for it.
    """
    term = query.mention
    if not term:
        return None
    found = store.containing(term)
    if found or query.quoted:
        return term, found
    parts = [part for part in _AND.split(term) if len(part) > 1]
    if len(parts) > 1:
        held = [{(u.document_id, u.ordinal) for u in store.containing(part)} for part in parts]
        both = set.intersection(*held)
        return "、".join(parts), [u for u in store.containing(parts[0]) if (u.document_id, u.ordinal) in both]
    for content in sorted(query.terms, key=len, reverse=True):
        if content in term and len(content) > 1 and (found := store.containing(content)):
            return content, found
    return term, []


def answer_mentions(query: Query, term: str, found: Sequence[Unit], nearest: Sequence[Quote], store: Sources) -> Draft:
    """List the units that mention ``term``, each with the sentence that does, or say that none does."""
    units, others = _in_scope(query, found, store)
    if not units:
        return refused("refused_term", nearest, term=term)
    quotes = [mention_of(term, unit) for unit in units]
    labels = "、".join(named(unit, store) for unit in units)
    frame = "which" if len(units) > 1 else "which_one"
    head = Statement(frame, tuple(quotes), {"term": term, "count": len(units), "labels": labels})
    rest = [Quote(unit, mention_of(term, unit).span) for unit in others]
    return Draft("answered", (head, *statements_of(quotes, store)), tuple(rest))


def _in_scope(query: Query, found: Sequence[Unit], store: Sources) -> tuple[list[Unit], list[Unit]]:
    """Part ``found`` into the units that the question speaks of and the others: 哪些任务 asks for tasks."""
    kinds = {unit.document_id: store.document(unit.document_id).kind for unit in found}
    official = [u for u in found if kinds[u.document_id] is not Kind.NEWS]
    tasks = [u for u in official if u.type in (UnitType.TASK, UnitType.ARTICLE)]
    wanted = list(found)
    if query.scope is Scope.TASKS:
        wanted = tasks or [u for u in official if u.type is not UnitType.PARAGRAPH] or official or wanted
    elif query.scope is Scope.POLICY:
        wanted = official or wanted
    elif query.scope is Scope.NEWS:
        wanted = [u for u in found if kinds[u.document_id] is Kind.NEWS] or wanted
    elif query.asks is Asks.WHICH:
        wanted = official or wanted
    return wanted, [u for u in found if u not in wanted]


def mention_of(term: str, unit: Unit) -> Quote:
    """Quote the sentence of ``unit`` that holds ``term``; the title only where nothing else does."""
    holding = [s for s in unit.sentences if term in fold(unit.text[s.start - unit.start : s.end - unit.start])]
    body = [s for s in holding if s.start > unit.start] or holding
    if body:
        return Quote(unit, body[0])
    at = fold(unit.text).find(term)
    if at < 0:
        return whole(unit)
    around = [s for s in unit.sentences if s.end > unit.start + at and s.start < unit.start + at + len(term)]
    return Quote(unit, Span(around[0].start, around[-1].end)) if around else whole(unit)
