"""Scoring on gold questions, as ARCHITECTURE.md says: per category, what passes and why not.

Gold units are named by kind (``task:9``, ``goals:2``, ``measure:1``, ``preamble``, ``news:1``); ``unit_name`` gives
the name of any unit of any document of this genre.
"""

import json
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.answer import Answer, Citation, Turn
from assistant.pipeline import Assistant, Trace
from vectorstore.errors import ReadError
from vectorstore.records import Kind, UnitType
from vectorstore.store import Store

TOP = 5


class GoldQuestion(BaseModel):
    """One line of a gold file."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    category: str
    question: str
    history: list[Turn] = []
    answerable: bool
    gold_units: list[str] = []
    gold_facts: list[str] = []


@dataclass(frozen=True, slots=True)
class Score:
    """How one question went. Ratios that do not apply are None."""

    gold: GoldQuestion
    answer: Answer
    passed: bool
    why: str
    cited: frozenset[str]
    rank: int | None
    facts: float | None
    precision: float | None
    recall: float | None
    quotes_valid: bool
    ms: float
    written: int = 0  # sentences of a language model
    dropped: int = 0  # of these, those that the sources do not hold
    unsupported: int = 0  # sentences shown as unsupported

    @property
    def refused(self) -> bool:
        """Whether the answer declined the question as put: refused it, or corrected its premise."""
        return self.answer.status == "refused" or (self.answer.status == "corrected" and not self.gold.answerable)


@dataclass(frozen=True)
class Evaluation:
    """All scores, with views."""

    scores: Sequence[Score] = field(default_factory=tuple)

    @property
    def overall_pass(self) -> float:
        """Share of questions that pass."""
        return _mean([float(s.passed) for s in self.scores]) or 0.0

    def rows(self) -> list[dict[str, Any]]:
        """Return a row of metrics per category, in order of first appearance, and one for all."""
        categories = list(dict.fromkeys(s.gold.category for s in self.scores))
        groups = [(c, [s for s in self.scores if s.gold.category == c]) for c in categories]
        return [_row(name, group) for name, group in (*groups, ("overall", list(self.scores)))]

    def failures(self) -> list[dict[str, Any]]:
        """Return what failed, with the reason."""
        return [
            {
                "id": s.gold.id,
                "question": s.gold.question,
                "why": s.why,
                "gold_units": s.gold.gold_units,
                "cited": sorted(s.cited),
                "status": s.answer.status,
                "answer": s.answer.answer,
            }
            for s in self.scores
            if not s.passed
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready values."""
        return {"overall_pass": self.overall_pass, "rows": self.rows(), "failures": self.failures()}


def load_gold(path: Path) -> list[GoldQuestion]:
    """Read a gold file. Raises ReadError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"无法读取题目文件 {path}:{error}") from error
    gold = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            gold.append(GoldQuestion.model_validate_json(line))
        except ValidationError as error:
            problem = error.errors()[0]
            raise ReadError(
                f"{path} 第 {number} 行格式不对:{'.'.join(map(str, problem['loc']))} {problem['msg']}"
            ) from error
    if not gold:
        raise ReadError(f"题目文件 {path} 是空的")
    return gold


def evaluate(
    assistant: Assistant, gold: Sequence[GoldQuestion], store: Store, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Ask every question and score the answers."""
    names = unit_names(store)
    scores = []
    for done, question in enumerate(gold):
        if progress:
            progress(done, len(gold))
        trace = assistant.trace(question.question, question.history)
        scores.append(score(question, trace, names, store))
    return Evaluation(tuple(scores))


Names = dict[tuple[str, tuple[str, ...]], str]


def unit_names(store: Store) -> Names:
    """Return the gold name of every citable unit, by document and locator. News are numbered in order of appearance."""
    names: Names = {}
    news = 0
    for document in store.documents():
        units = [unit for unit in store.units(document.id) if unit.type.citable]
        news += document.kind is Kind.NEWS
        measures: dict[str, list[str]] = {}
        for unit in units:
            if unit.type is UnitType.MEASURE:
                measures.setdefault(unit.locator[0], []).append("/".join(unit.locator))
        for unit in units:
            key = (document.id, unit.locator)
            if document.kind is Kind.NEWS:
                names[key] = f"news:{news}"
            elif unit.task_number is not None:
                names[key] = f"task:{unit.task_number}"
            elif unit.type is UnitType.MEASURE:
                names[key] = f"measure:{measures[unit.locator[0]].index('/'.join(unit.locator)) + 1}"
            elif unit.type is UnitType.ITEM:
                names[key] = f"goals:{unit.locator[-1].removeprefix('——')}"
            else:
                names[key] = "preamble" if not unit.heading_path else "goals:0"
    return names


def score(gold: GoldQuestion, trace: Trace, names: Names, store: Store) -> Score:
    """Score one answer."""
    answer = trace.answer
    cited = frozenset(_name(c, names) for c in answer.citations)
    valid = all(store.document(c.document_id).text[c.start : c.end] == c.quote for c in answer.citations)
    said = plain(answer.answer)
    facts = [plain(fact) in said for fact in gold.gold_facts]
    ranked = list(dict.fromkeys(names.get((u.document_id, u.locator), "?") for u in trace.ranking))
    rank = ranked.index(gold.gold_units[0]) + 1 if gold.gold_units and gold.gold_units[0] in ranked else None
    right = cited & set(gold.gold_units)
    why = _why_not(gold, answer, cited, facts, valid)
    return Score(
        gold=gold,
        answer=answer,
        passed=not why,
        why=why,
        cited=cited,
        rank=rank,
        facts=_mean([float(f) for f in facts]) if gold.answerable else None,
        precision=len(right) / len(cited) if gold.answerable and cited else None,
        recall=len(right) / len(set(gold.gold_units)) if gold.answerable and gold.gold_units else None,
        quotes_valid=valid,
        ms=answer.timings_ms.get("total", 0.0),
        written=trace.written,
        dropped=trace.dropped,
        unsupported=sum(s.support == "unsupported" for s in answer.sentences),
    )


def _why_not(gold: GoldQuestion, answer: Answer, cited: frozenset[str], facts: list[bool], valid: bool) -> str:
    """Return why the answer does not pass, or an empty string."""
    if not valid:
        return "quote not verbatim"
    if not gold.answerable:
        if answer.status not in ("refused", "corrected"):
            return "answered the unanswerable"
        claimed = any(s.support == "unsupported" for s in answer.sentences)
        return "uncited claim" if claimed else ""
    if answer.status not in ("answered", "corrected"):
        return "refused"
    units = set(gold.gold_units)
    if gold.category == "which_task" and cited != units:
        return "cited units differ"
    if not all(facts):
        return "fact missing"
    if not cited & units:
        return "wrong unit"
    return "too many other units" if 2 * len(cited & units) < len(cited) else ""


def plain(text: str) -> str:
    """Return ``text`` in NFKC without white space and punctuation, as facts are compared."""
    normal = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\W_]", "", normal)


def _name(citation: Citation, names: Names) -> str:
    return names.get((citation.document_id, tuple(citation.locator)), "?")


def _row(name: str, scores: Sequence[Score]) -> dict[str, Any]:
    ranks = [s.rank for s in scores if s.gold.answerable and s.gold.gold_units]
    declined = [s for s in scores if s.answer.status == "refused"]
    hopeless = [s for s in scores if not s.gold.answerable]
    times = sorted(s.ms for s in scores)
    return {
        "category": name,
        "questions": len(scores),
        "pass": _mean([float(s.passed) for s in scores]),
        "hit@1": _mean([float(r == 1) for r in ranks]),
        "hit@5": _mean([float(r is not None and r <= TOP) for r in ranks]),
        "mrr": _mean([1 / r if r else 0.0 for r in ranks]),
        "citation_precision": _mean([s.precision for s in scores]),
        "citation_recall": _mean([s.recall for s in scores]),
        "fact_recall": _mean([s.facts for s in scores]),
        "quote_validity": _mean([float(s.quotes_valid) for s in scores]),
        "refusal_precision": _mean([float(not s.gold.answerable) for s in declined]),
        "refusal_recall": _mean([float(s.refused) for s in hopeless]),
        "unsupported_before": _ratio(sum(s.dropped for s in scores), sum(s.written for s in scores)),
        "unsupported_after": _ratio(sum(s.unsupported for s in scores), sum(s.written for s in scores)),
        "p50_ms": statistics.median(times) if times else None,
        "p95_ms": times[min(len(times) - 1, int(0.95 * len(times)))] if times else None,
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Iterable[float | None]) -> float | None:
    present = [v for v in values if v is not None]
    return sum(present) / len(present) if present else None


def dump(evaluation: Evaluation) -> str:
    """Return ``evaluation`` as JSON text."""
    return json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2)
