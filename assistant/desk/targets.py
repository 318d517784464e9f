"""Ledger of targets (目标台账): every quantified target and dated commitment of documents."""

from pydantic import BaseModel

from assistant.answer import Citation
from vectorstore.sources import Sources


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
    raise NotImplementedError
