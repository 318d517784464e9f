"""Results of the desk tools as tables: what the command line prints and what the files CSV and XLSX hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.check import Check, CheckedSentence, Difference
from assistant.desk.evidence import Evidence
from assistant.desk.find import Found
from assistant.desk.targets import Ledger, Target
from ui.desk.texts import tell
from ui.texts import Lang

Cell = str | int | float | None
_HELD: Mapping[str, int] = {  # how wide a column is, in halves of a Chinese character; the others hold a word or two
    "sentence": 60, "differences": 40, "quote": 70, "policy_says": 60, "report_says": 60, "title": 32, "task": 18,
    "news": 32, "path": 32, "subject": 36, "words": 24, "verdict": 20, "label": 16, "issuer": 22, "date": 12,
    "number": 8, "page": 6,
}  # fmt: skip
_WORD = 12


@dataclass(frozen=True, slots=True)
class Column:
    """What heads a column, and how wide it is: a Chinese character takes two."""

    header: str
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """A result as rows of as many cells as there are columns; figures are numbers, everything else is text."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def headers(self) -> list[str]:
        """What heads the columns."""
        return [column.header for column in self.columns]


def table_of(result: BaseModel, lang: Lang = "zh") -> Table:
    """Return ``result``, a check, look-up, ledger or evidence, as a table. Raises TypeError for another."""
    for kind, (name, keys, rows) in _TABLES.items():
        if isinstance(result, kind):
            columns = tuple(Column(tell(key, lang), _HELD.get(key, _WORD)) for key in keys)
            return Table(tell(name, lang), columns, tuple(rows(result, lang)))
    raise TypeError(f"no table of {type(result).__name__}")


def differences(found: Sequence[Difference], lang: Lang) -> str:
    """Return what differs in words; empty where nothing does."""
    return tell("difference_join", lang).join(_difference(one, lang) for one in found)


def _difference(one: Difference, lang: Lang) -> str:
    key = "draft_lacks" if not one.draft else "difference" if one.source else "source_lacks"
    return tell(key, lang, draft=one.draft, source=one.source)


def _check(result: Check, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    for number, sentence in enumerate(result.sentences, 1):
        yield (number, *_sentence(sentence, lang))


def _sentence(sentence: CheckedSentence, lang: Lang) -> tuple[Cell, ...]:
    cited = sentence.citation
    source = (cited.title, cited.label, cited.quote) if cited else (None, None, None)
    return (sentence.text, tell(f"verdict_{sentence.verdict}", lang), differences(sentence.differences, lang), *source)


def _find(result: Found, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    for relation, citations in (("exact", result.exact), ("related", result.related)):
        for one in citations:
            yield (tell(f"relation_{relation}", lang), one.title, one.issuer, one.date, one.label, _path(one, lang),
                   one.quote, one.page)  # fmt: skip


def _targets(result: Ledger, _lang: Lang) -> Iterator[tuple[Cell, ...]]:
    for one in result.targets:
        yield (one.citation.title, one.citation.label, *_figure(one), one.citation.quote)


def _figure(one: Target) -> tuple[Cell, ...]:
    return one.subject, one.comparator, one.value, one.unit, one.baseline, one.deadline


def _evidence(result: Evidence, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    """Yield the links, then the tasks on which nothing reports."""
    for link in result.links:
        yield (link.policy.title, link.policy.label, link.policy.quote, link.news.title, link.news.date,
               link.news.label, link.news.quote, tell(f"level_{link.level}", lang), link.strength,
               tell("listed", lang).join(link.shared))  # fmt: skip
    for task in result.unreported:
        yield (task.title, task.label, task.quote, None, None, None, None, tell("level_none", lang), None, None)


def _path(citation: Citation, lang: Lang) -> str:
    return tell("path_join", lang).join(citation.heading_path)


_Rows = Callable[[Any, Lang], Iterator[tuple[Cell, ...]]]
_TABLES: Mapping[type[BaseModel], tuple[str, tuple[str, ...], _Rows]] = {
    Check: ("tab_check", ("number", "sentence", "verdict", "differences", "title", "label", "quote"), _check),
    Found: ("tab_find", ("relation", "title", "issuer", "date", "label", "path", "quote", "page"), _find),
    Ledger: (
        "tab_targets",
        ("title", "label", "subject", "comparator", "value", "unit", "baseline", "deadline", "quote"),
        _targets,
    ),
    Evidence: (
        "tab_evidence",
        ("title", "task", "policy_says", "news", "date", "paragraph", "report_says", "level", "score", "words"),
        _evidence,
    ),
}
