"""What a document, or a part of it, holds: its headings in order, under each the first sentence of every task or article."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from assistant.draft import Draft, Quote, Statement
from assistant.references import documents_named, heading_named
from assistant.understand import Query
from vectorstore.numerals import NUMERAL, parse_numeral, to_chinese
from vectorstore.records import Span, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

MOST = 60  # places that an outline names; of a longer document the first of each part are
_NUMBERED = (UnitType.TASK, UnitType.ARTICLE, UnitType.MEASURE, UnitType.ITEM)
_PART = re.compile(
    rf"第(?P<number>{NUMERAL}{{1,3}}|\d{{1,2}})(?P<kind>部分|大部分|大点|大项|章|编|节)|附件\s*(?P<annex>\d{{1,2}})?"
)


def document_meant(query: Query, ranked: Sequence[Unit], sources: Sources) -> str | None:
    """Return the document that an overview is asked of: one that is named, else the one that most ranked units are of."""
    named = documents_named(f"{query.before}{query.question}", sources)
    weights: dict[str, float] = {}
    for place, unit in enumerate(ranked):
        if not named or unit.document_id in named:
            weights[unit.document_id] = weights.get(unit.document_id, 0.0) + 1 / (1 + place)
    return max(weights, key=weights.__getitem__) if weights else next(iter(named), None)


def answer_overview(query: Query, document: str, sources: Sources) -> Draft:
    """Outline ``document``, or the part of it that the question names."""
    units = [unit for unit in sources.units(document) if unit.type.citable]
    part = [unit for unit in units if _is_in_part(query.question, unit)]
    outlined = part or units
    statements = [
        Statement(
            "outline",
            tuple(_opening(unit) for unit in told),
            {
                "heading": heading or "正文",
                "openings": "；".join(_words(unit) for unit in told),
            },
        )
        for heading, told in _sections(outlined)
    ]
    count = sum(len(one.quotes) for one in statements)
    first, title = statements[0], sources.document(document).title
    statements[0] = replace(first, frame="outline_first", values={**first.values, "title": title, "count": count})
    return Draft("answered", tuple(statements))


def _sections(units: Sequence[Unit]) -> list[tuple[str, list[Unit]]]:
    """Return the outermost headings with the places under each that are told."""
    numbered = [unit for unit in units if unit.type in _NUMBERED and unit.heading_path]
    chosen = numbered or [unit for unit in units if unit.heading_path] or list(units)
    depth = 1 if len({unit.heading_path[:1] for unit in chosen}) > 1 else 2
    groups = [
        (" ".join(path), list(found)) for path, found in groupby(chosen, key=lambda unit: unit.heading_path[:depth])
    ]
    most = max(1, MOST // max(1, len(groups)))
    return [(heading, _one_an_article(found)[:most]) for heading, found in groups][:MOST]


def _one_an_article(units: Sequence[Unit]) -> list[Unit]:
    """Of an article in several paragraphs the first."""
    seen: dict[tuple[str, ...], Unit] = {}
    for unit in units:
        key = unit.locator[:-1] if unit.locator and unit.locator[-1].endswith("款") else unit.locator
        seen.setdefault(key, unit)
    return list(seen.values())


def _is_in_part(question: str, unit: Unit) -> bool:
    """Whether ``unit`` stands under a heading that the question names by number or by name."""
    if any(heading_named(heading, fold(question)) for heading in unit.heading_path):
        return True
    match = _PART.search(fold(question))
    if not match:
        return False
    if match["number"] is None:
        wanted = f"附件{match['annex'] or ''}"
        return any(label.startswith(wanted) for label in unit.locator[:1])
    number = to_chinese(parse_numeral(match["number"]))
    labels = (number, f"第{number}章", f"第{number}编", f"第{number}节", f"第{number}部分")
    return any(label in labels for label in unit.locator[:2])


def _opening(unit: Unit) -> Quote:
    first = unit.sentences[0] if unit.sentences else Span(unit.start, unit.end)
    return Quote(unit, first)


def _words(unit: Unit) -> str:
    first = _opening(unit).span
    return unit.text[first.start - unit.start : first.end - unit.start].strip().rstrip("。；;:：")
