"""Ledger of targets (目标台账): every quantified target and dated commitment of documents."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk import target_wording as wording
from assistant.desk.citing import Citations
from assistant.desk.target_dates import Reach, closing_date, heading_date, opening_date, year_of
from assistant.desk.target_sentences import entries
from vectorstore.records import Document, Kind, Span, Unit, UnitType
from vectorstore.sources import Sources

_DASHES = ("—", "－", "-", "–", "─")
_WHOLE_CHARS = 300  # of a task that is quoted with the bracket that closes it
_UNREAD = frozenset((UnitType.TITLE, UnitType.HEADING, UnitType.CAPTION))


class Target(BaseModel):
    """One target. Texts are as printed.

    ``value`` is the number in ``unit`` (3 and 万亿元 for 3万亿元), None for a commitment with a date and no figure;
    ``comparator`` what limits it (达到, 超过, 左右, 以上, 力争…; several joined by …), "" where nothing does;
    ``baseline`` what it is counted from, ``deadline`` by when (2027年, 2025年底), None where it does not say;
    ``dimension`` is what the figure measures (money, percent, count:家 …): only one dimension is charted together.
    """

    subject: str
    value: int | float | None
    unit: str
    comparator: str
    baseline: str | None
    deadline: str | None
    task_number: int | None
    dimension: str
    citation: Citation


class Ledger(BaseModel):
    """All targets, in document order."""

    targets: list[Target]


def targets(sources: Sources, document_id: str | None = None) -> Ledger:
    """Return the targets of one document, or of every document that is no news report. Raises NotFoundError."""
    documents = [sources.document(document_id)] if document_id else sources.documents()
    citations = Citations(sources)
    found: list[Target] = []
    for document in documents:
        if document.kind is not Kind.NEWS:
            found += _of_document(document, sources.units(document.id), citations)
    return Ledger(targets=found)


def _of_document(document: Document, units: list[Unit], citations: Citations) -> Iterator[Target]:
    """Yield the targets of a document; a law sets norms, so that only what it dates is a target."""
    since = int(document.date[:4]) if document.date else 0
    opened: str | None = None
    section: tuple[str, ...] = ()
    for unit in units:
        if unit.type in _UNREAD or any(_is_no_plan(heading) for heading in unit.heading_path):
            continue
        dashed = unit.text.lstrip().startswith(_DASHES)
        if unit.heading_path != section:
            section, opened = unit.heading_path, None
        if not dashed:
            opened = opening_date(unit.text[_label(unit) :]) or (None if unit.task_number else opened)
        reach = (
            Reach(opened, True, since) if dashed and opened else Reach(heading_date(unit.heading_path), False, since)
        )
        for target in _of_unit(unit, reach, citations):
            if document.kind is not Kind.LAW or target.deadline:
                yield target


def _is_no_plan(heading: str) -> bool:
    return bool(wording.LOOKING_BACK.search(heading) or wording.NORM.search(heading))


def _label(unit: Unit) -> int:
    """Return where the first sentence of a unit begins behind its printed label."""
    match = wording.LABEL.match(unit.text)
    return match.end() if match else 0


def _of_unit(unit: Unit, reach: Reach, citations: Citations) -> Iterator[Target]:
    """Yield the targets of a unit: its figures, or all that it says, where a bracket at its end says by when."""
    closing = closing_date(unit.text) if unit.type is not UnitType.ROW else None
    if closing is None or year_of(closing[0]) < reach.since:
        yield from _of_sentences(unit, unit.sentences, reach, citations)
        return
    deadline, bracket = closing
    said = tuple(span for span in unit.sentences if span.start < unit.start + bracket)
    found = list(_of_sentences(unit, said, Reach(deadline, since=reach.since), citations))
    for target in found:
        if target.deadline == deadline and unit.end - target.citation.start <= _WHOLE_CHARS:  # who is to do it, too
            target.citation = citations.cite(unit, Span(target.citation.start, unit.end))
    if not found and said:
        subject = unit.text[_label(unit) : said[0].end - unit.start].split("（")[0].split("(")[0].strip(" 。；;")
        whole = citations.cite(unit, Span(said[0].start, unit.end))
        found = [_commitment(subject, deadline, unit, whole)] if len(subject) > 1 else []
    yield from found


def _commitment(subject: str, deadline: str, unit: Unit, citation: Citation) -> Target:
    return Target(
        subject=subject,
        value=None,
        unit="",
        comparator="",
        baseline=None,
        deadline=deadline,
        task_number=unit.task_number,
        dimension="",
        citation=citation,
    )


def _of_sentences(unit: Unit, sentences: Sequence[Span], reach: Reach, citations: Citations) -> Iterator[Target]:
    for at, span in enumerate(sentences):
        if at == 0 and reach.wide and len(sentences) > 1:
            continue  # what opens an item of a list of goals only sums it up
        start = max(span.start - unit.start, _label(unit))
        for entry in entries(unit.text[start : span.end - unit.start], reach):
            yield Target(
                subject=entry.subject,
                value=entry.value,
                unit=entry.unit,
                comparator=entry.comparator,
                baseline=entry.baseline,
                deadline=entry.deadline,
                task_number=unit.task_number,
                dimension=entry.dimension,
                citation=citations.cite(unit, span),
            )
        if at == 0 and not reach.deadline:
            opened = opening_date(unit.text[start : span.end - unit.start])
            reach = replace(reach, deadline=opened) if opened else reach
