"""What the tools found, as HTML: the values that the templates take."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.check import Check, CheckedSentence, Verdict
from assistant.desk.diff import Change, Diff
from assistant.desk.evidence import Evidence, Link
from assistant.desk.find import Found
from assistant.desk.match import Sheet
from assistant.desk.targets import Ledger
from ui.desk.files import CheckedDraft
from ui.desk.formats import formats_of
from ui.page.desk import Tool
from ui.page.desk.chart import charts
from ui.page.desk.texts import tell
from ui.page.templates import render
from ui.texts import Lang

_MADE: dict[Tool, type[BaseModel]] = {
    "check": CheckedDraft,
    "find": Found,
    "targets": Ledger,
    "diff": Diff,
    "evidence": Evidence,
    "match": Sheet,
}
FORMATS: dict[Tool, list[str]] = {tool: [end.lstrip(".") for end in formats_of(kind)] for tool, kind in _MADE.items()}
MOST_LISTED = 500  # rows of a table; the files hold all
FEW = 12  # sentences of a draft of which all are in sight, also those that are as in the sources


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; ``differs`` where the other text has something else."""

    text: str
    differs: bool


def render_result(tool: Tool, result: Any, run: int, lang: Lang) -> str:
    """Return ``result`` of ``tool``, the ``run``-th of the page."""
    given = _VALUES[tool](result)
    return render(
        f"desk_{tool}.html", lang, d=partial(tell, lang=lang), tool=tool, run=run, formats=FORMATS[tool],
        most=MOST_LISTED, **given,
    )  # fmt: skip


def render_problem(problem: str, run: int, lang: Lang) -> str:
    """Return the line that says why there is no result."""
    return render("desk_problem.html", lang, problem=problem, run=run)


def parted(text: str, differing: Sequence[str]) -> list[Part]:
    """Return ``text`` cut where ``differing`` stand in it, each looked for behind the one before; joined they are it."""
    parts: list[Part] = []
    at = 0
    for words in differing:
        found = text.find(words, at) if words else -1
        if found < 0:
            continue
        parts += [Part(text[at:found], False), Part(words, True)]
        at = found + len(words)
    return [part for part in [*parts, Part(text[at:], False)] if part.text]


def _check(result: Check) -> dict[str, object]:
    counts = Counter(one.verdict for one in result.sentences)
    problems = len(result.sentences) - counts[Verdict.VERBATIM]
    return {
        "count": len(result.sentences),
        "sentences": listed(result.sentences),
        "counts": counts,
        "verdicts": list(Verdict),
        "problems": problems,
        "shorten": bool(problems) and len(result.sentences) > FEW,
        "draft_parts": _draft_parts,
        "source_parts": _source_parts,
    }


def listed(sentences: Sequence[CheckedSentence]) -> list[CheckedSentence]:
    """Return the sentences that are shown, in order; where they are too many, rather those that differ."""
    differing_first = sorted(range(len(sentences)), key=lambda at: sentences[at].verdict is Verdict.VERBATIM)
    return [sentences[at] for at in sorted(differing_first[:MOST_LISTED])]


def _draft_parts(sentence: CheckedSentence) -> list[Part]:
    return parted(sentence.text, [one.draft for one in sentence.differences])


def _source_parts(sentence: CheckedSentence) -> list[Part]:
    quote = sentence.citation.quote if sentence.citation else ""
    return parted(quote, [one.source for one in sentence.differences])


def _find(result: Found) -> dict[str, object]:
    return {"found": result, "parts": lambda quote: _mentions(quote, result.term)}


def _mentions(quote: str, term: str) -> list[Part]:
    return parted(quote, [term] * quote.count(term))


def _targets(result: Ledger) -> dict[str, object]:
    drawn = charts(result.targets)
    valued = sum(target.value is not None for target in result.targets)
    several = len({target.citation.document_id for target in result.targets}) > 1
    return {
        "targets": result.targets,
        "several": several,
        "charts": drawn,
        "alone": valued - sum(len(chart.bars) for chart in drawn),
    }


def _diff(result: Diff) -> dict[str, object]:
    kinds = [kind for kind in Change if kind is not Change.UNCHANGED]
    return {"diff": result, "kinds": kinds, "unchanged": result.counts.get(Change.UNCHANGED, 0),
            "changed": sum(result.counts.get(kind, 0) for kind in kinds)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bearing:
    """A task with the paragraphs that bear on it, or a report's paragraph with its tasks."""

    on: Citation
    links: tuple[Link, ...]


def _evidence(result: Evidence) -> dict[str, object]:
    by_task = list(_bearings(result.links, "policy"))
    return {"evidence": result, "groups": (("task", by_task), ("report", list(_bearings(result.links, "news"))))}


def _bearings(links: Sequence[Link], side: str) -> Iterator[Bearing]:
    grouped: dict[tuple[str, str, tuple[str, ...]], list[Link]] = {}
    for link in links:
        on: Citation = getattr(link, side)
        grouped.setdefault((on.document_id, on.label, tuple(on.locator)), []).append(link)
    return (Bearing(getattr(of[0], side), tuple(of)) for of in grouped.values())


def _match(result: Sheet) -> dict[str, object]:
    return {"sheet": result, "cited": {citation.id: citation for citation in result.citations}}


_VALUES: Mapping[Tool, Callable[[Any], dict[str, object]]] = {
    "check": _check,
    "find": _find,
    "targets": _targets,
    "diff": _diff,
    "evidence": _evidence,
    "match": _match,
}
