"""Version diff: two editions of a policy, unit by unit."""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from itertools import groupby

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.diff_align import Group, align
from assistant.desk.diff_figures import Quantity, changed, quantities
from assistant.desk.diff_places import body_start, renumbered
from assistant.desk.wording import Cut, Run, close_runs
from vectorstore.lexical import Analyzer
from vectorstore.records import Document, Unit, UnitType


class Change(StrEnum):
    """What became of a unit; the gravest where several hold."""

    ADDED = "added"
    DROPPED = "dropped"
    SPLIT = "split"
    MERGED = "merged"
    TARGETS = "targets"  # a figure, a date or a limit changed
    REWORDED = "reworded"
    RENUMBERED = "renumbered"  # the same text under another locator
    UNCHANGED = "unchanged"


class Piece(BaseModel):
    """A run of words that both have ("same"), or only the old one ("old") or the new one ("new")."""

    side: str
    text: str


class TargetChange(BaseModel):
    """A figure that changed: how it stood and how it stands; None where it was not there, or is no longer."""

    subject: str
    old: str | None
    new: str | None


class Compared(BaseModel):
    """Units of both editions that belong together; ``old`` is empty for what was added, ``new`` for what was dropped.

    ``pieces`` is the word-level diff of their texts, in order: joined without those of the other side they are the texts,
    those of several units one below the other.
    """

    change: Change
    renumbered: bool
    old: list[Citation]
    new: list[Citation]
    pieces: list[Piece]
    targets: list[TargetChange]


class Edition(BaseModel):
    """Which document a side is."""

    document_id: str
    title: str
    issuer: str | None
    date: str | None
    number: str | None


class Diff(BaseModel):
    """Two editions; ``changes`` in the order of the new one, what was dropped where it stood.

    Of titles and headings only those that changed are told; every other unit of both sides is there once.
    """

    old: Edition
    new: Edition
    changes: list[Compared]
    counts: dict[Change, int]


def diff(
    old: tuple[Document, Sequence[Unit]], new: tuple[Document, Sequence[Unit]], analyzer: Analyzer | None = None
) -> Diff:
    """Return what changed from ``old`` to ``new``: documents with their units, indexed or not."""
    teller = _Teller(old[0], new[0], (analyzer or _words()).cut)
    told = [teller.tell(group) for group in align(old[1], new[1]) if _worth_telling(group)]
    counts = Counter(one.change for one in told)
    return Diff(
        old=_edition(old[0]), new=_edition(new[0]), changes=told, counts={change: counts[change] for change in Change}
    )


@cache
def _words() -> Analyzer:
    return Analyzer()


def _edition(document: Document) -> Edition:
    return Edition(
        document_id=document.id,
        title=document.title,
        issuer=document.issuer,
        date=document.date,
        number=document.number,
    )


def _worth_telling(group: Group) -> bool:
    citable = any(unit.type.citable for unit in group.old + group.new)
    return citable or not group.same or renumbered(group.old, group.new, moved=False)


class _Teller:
    """Makes the parts of one diff; its citations are numbered from 1 as they come."""

    def __init__(self, old: Document, new: Document, cut: Cut) -> None:
        self._documents = old, new
        self._cut = cut
        self._cited = 0

    def tell(self, group: Group) -> Compared:
        """Return what became of the units of ``group``."""
        old = [self._cite(self._documents[0], unit) for unit in group.old]
        new = [self._cite(self._documents[1], unit) for unit in group.new]
        wording = self._wording("\n".join(one.quote for one in old), "\n".join(one.quote for one in new))
        targets = _targets(group, wording) if old and new and not group.same else []
        moved = renumbered(group.old, group.new, group.moved)
        return Compared(
            change=_change(group, targets, moved),
            renumbered=moved,
            old=old,
            new=new,
            pieces=list(_pieces(wording)),
            targets=targets,
        )

    def _cite(self, document: Document, unit: Unit) -> Citation:
        self._cited += 1
        return Citation.of(self._cited, document, unit, unit.start, unit.start + len(unit.text.rstrip()))

    def _wording(self, old: str, new: str) -> list[Run]:
        if old == new or not (old and new):
            return [Run(old, new, old == new)]
        return close_runs(old, new, self._cut)


def _change(group: Group, targets: Sequence[TargetChange], moved: bool) -> Change:
    if not group.old:
        return Change.ADDED
    if not group.new:
        return Change.DROPPED
    if len(group.new) > 1:
        return Change.SPLIT
    if len(group.old) > 1:
        return Change.MERGED
    if targets:
        return Change.TARGETS
    if not group.same:
        return Change.REWORDED
    return Change.RENUMBERED if moved else Change.UNCHANGED


def _targets(group: Group, wording: Sequence[Run]) -> list[TargetChange]:
    """Return the figures that changed; the years in a title are those of its edition, and no target."""
    if group.old[0].type is UnitType.TITLE:
        return []
    told = []
    for one in changed(_quantities(group.old), _quantities(group.new), wording):
        before, after = one.wordings()
        told.append(TargetChange(subject=one.subject or _lead(group), old=before, new=after))
    return told


def _quantities(units: Sequence[Unit]) -> list[Quantity]:
    """Return the quantities of units, their places counted in the texts one below the other; labels hold none."""
    found: list[Quantity] = []
    at = 0
    for unit in units:
        text = unit.text.rstrip()
        start = body_start(unit)
        found += quantities(text[start:], at + start)
        at += len(text) + 1
    return found


def _lead(group: Group) -> str:
    """Return what stands for the subject of a figure without one: the label of its unit."""
    return (group.new or group.old)[0].label


def _pieces(wording: Sequence[Run]) -> Iterator[Piece]:
    """Yield the pieces of ``wording``; where only width or case differ, each side keeps its own."""
    for run in wording:
        if run.old == run.new:
            yield Piece(side="same", text=run.old)
            continue
        for old, new, same in _by_character(run) if run.same else [(run.old, run.new, False)]:
            if same:
                yield Piece(side="same", text=old)
                continue
            if old:
                yield Piece(side="old", text=old)
            if new:
                yield Piece(side="new", text=new)


def _by_character(run: Run) -> Iterator[tuple[str, str, bool]]:
    """Yield the stretches of a run, whose sides are of one length, that are equal to the letter, and those that are not."""
    for same, pairs in groupby(zip(run.old, run.new, strict=True), key=lambda pair: pair[0] == pair[1]):
        old, new = zip(*pairs, strict=True)
        yield "".join(old), "".join(new), same
