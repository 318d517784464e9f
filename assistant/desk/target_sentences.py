"""The targets of one sentence, as printed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.desk import target_wording as wording
from assistant.desk.target_dates import Clause, Reach, clauses
from assistant.desk.target_reading import Aim, aims


@dataclass(frozen=True, slots=True)
class Entry:
    """One target without its place; see ``assistant.desk.targets.Target``."""

    subject: str
    value: int | float | None
    unit: str
    comparator: str
    baseline: str | None
    deadline: str | None
    dimension: str


def entries(text: str, reach: Reach) -> Iterator[Entry]:
    """Yield the targets of a sentence in order, under the date that reaches into it from outside."""
    parts = [clause for clause in clauses(text, reach) if not clause.past]
    read: list[list[Aim]] = []
    for clause in parts:
        read.append(aims(clause, listed=bool(read and read[-1])))
    summed = max((at for at, clause in enumerate(parts) if clause.sums_up), default=-1)
    for at, (clause, found) in enumerate(zip(parts, read, strict=True)):
        deadline = clause.deadline or (parts[summed].deadline if at < summed else None)
        for aim in found:
            yield _quantified(text, parts[max(at - 1, 0) : at + 1], aim, deadline)
        if not found and clause.promises and not (clause.sums_up and any(read)):
            yield from _promised(text, clause, parts[0])


def _quantified(text: str, parts: Sequence[Clause], aim: Aim, deadline: str | None) -> Entry:
    clause, quantity = parts[-1], aim.quantity
    printed = text[clause.start : clause.end]
    subject = printed[slice(*aim.subject)] if aim.subject else _topic(text, parts)
    return Entry(
        subject=subject.strip(),
        value=quantity.value,
        unit=printed[slice(*quantity.unit)] or ("%" if quantity.dimension == "percent" else ""),
        comparator=aim.comparator,
        baseline=printed[slice(*aim.baseline)] if aim.baseline else None,
        deadline=deadline,
        dimension=quantity.dimension,
    )


def _topic(text: str, parts: Sequence[Clause]) -> str:
    """Return what the clause before speaks of, where a clause has only a figure."""
    before = parts[-2] if len(parts) > 1 else parts[-1]
    return text[before.start : before.end]


def _promised(text: str, clause: Clause, first_part: Clause) -> Iterator[Entry]:
    """Yield the commitment that a dated clause without a figure is: its subject is all that it promises."""
    if wording.DEFINING.search(clause.masked):
        return
    start, end = clause.start, clause.end
    if clause.date:
        first, last = clause.start + clause.date[0], clause.start + clause.date[1]
        start, end = (last, end) if not text[start:first].strip("、 ") else (start, end)
    subject = text[start:end].strip(" 　、")
    if clause.sums_up:
        subject = text[first_part.start : clause.end].strip()
    if len(subject) > 1:
        yield Entry(subject, None, "", "", None, clause.deadline, "")
