"""The exhaustive route: every unit that mentions a term, found by a scan, complete and in document order."""

import re
from collections.abc import Collection, Sequence

from assistant.draft import Draft, Quote, Statement, named, refused, statements_of, whole
from assistant.references import documents_named
from assistant.understand import Query
from vectorstore.numerals import NUMERAL
from vectorstore.records import Span, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

_NUMBER = rf"(?:\d{{1,4}}|{NUMERAL}{{1,5}})"
_TASKS = re.compile(r"任务|第几条|哪[一几些]*条|几条")
_PARTS = re.compile(r"方案|办法|规定|通知|意见|规划|条例|措施|政策|文件|任务|目标|条款|章节|内容|部分|段落|地方")
MOST_LISTED = 40


def mentioned_term(query: Query, sources: Sources) -> str | None:
    """Return the term whose mentions are asked for: what is quoted, else the longest name of the question in the sources.

    Words beside each other are one name as long as the sources hold them in one piece: 异地 and 就医, 清华 and 大学. Of
    names of one length the rarest is meant. What a document and its parts are called (方案, 任务) is none, nor are the
    words of the title by which the question names a document.
    """
    if query.quoted and (terms := [term for term in query.quoted if not _is_title(term, sources)]):
        return terms[0]
    titles = "\n".join(sources.document(one).title for one in documents_named(query.question, sources))
    words = [fold(word) for word in sources.analyzer.cut(query.question)]
    names = [_is_name(word, sources) and word not in fold(titles) for word in words]
    found: dict[str, float] = {}
    for first, is_name in enumerate(names):
        term, last = "", first
        while is_name and last < len(words) and names[last] and sources.contains(term + words[last]):
            term, last = term + words[last], last + 1
        if term:
            found[term] = sources.rarity(term)[0]
    term = max(found, key=lambda term: (len(term), found[term]), default="")
    return _counted(term, query, sources) if term else None


def _is_name(word: str, sources: Sources) -> bool:
    if len(word) < 2 or word[0].isdigit() or _PARTS.fullmatch(word):
        return False
    return sources.analyzer.names_something(word)


def _counted(term: str, query: Query, sources: Sources) -> str:
    """Return ``term`` with the number that tells which of many is meant, where the sources print it so: 第6类事项."""
    found = re.search(rf"第{_NUMBER}[\u4e00-\u9fff]?{re.escape(term)}", fold(query.question))
    return found[0] if found and sources.contains(found[0]) else term


def _is_title(term: str, sources: Sources) -> bool:
    return any(term in fold(record.title) for record in sources.records())


def answer_mentions(
    query: Query, term: str, documents: Collection[str], nearest: Sequence[Quote], sources: Sources
) -> Draft:
    """List the units that mention ``term``, each with the sentence that does, or say that none does.

    Where ``documents`` (ids) hold it, only theirs are listed: they are what the question is about.
    """
    found = sources.containing(term)
    inside = [unit for unit in found if unit.document_id in documents]
    held = inside or found
    tasks = [u for u in held if u.type in (UnitType.TASK, UnitType.ARTICLE)]
    tasks = tasks or [u for u in held if u.type is UnitType.MEASURE]
    units = (tasks if _TASKS.search(query.question) and tasks else held)[:MOST_LISTED]
    if not units:
        return refused("refused_term", nearest, term=term)
    quotes = [mention_of(term, unit) for unit in units]
    labels = "、".join(named(unit, sources) for unit in units)
    frame = "which" if len(units) > 1 else "which_one"
    head = Statement(frame, tuple(quotes), {"term": term, "count": len(units), "labels": labels})
    rest = [mention_of(term, unit) for unit in found if unit not in units]
    return Draft("answered", (head, *statements_of(quotes, sources)), tuple(rest))


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
