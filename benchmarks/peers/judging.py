"""Whether what a system found is what was asked for, alike for every system.

A found span hits an expected one of the same document if they share at least half of the shorter one. So a chunk that
holds the expected unit whole is a hit, however much else it holds, and so is one that lies within the unit; a chunk
that only touches the unit's edge is none.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.peers.wire import Span

TOP = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question is after: any of ``spans`` will do. ``task`` is the kind of the question."""

    task: str
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Figures:
    """Ratios of ``questions`` questions."""

    questions: int
    hit_1: float
    hit_5: float
    mrr: float


def hits(found: Span, wanted: Span) -> bool:
    """Whether ``found`` and ``wanted`` share at least half of the shorter one."""
    if found[0] != wanted[0]:
        return False
    shared = min(found[2], wanted[2]) - max(found[1], wanted[1])
    return shared > 0 and 2 * shared >= min(found[2] - found[1], wanted[2] - wanted[1])


def rank_of(ranked: Iterable[Span], wanted: Wanted) -> int | None:
    """Return the rank, from 1, of the first hit."""
    return next((at for at, found in enumerate(ranked, 1) if any(hits(found, one) for one in wanted.spans)), None)


def figures(ranks: Sequence[int | None]) -> Figures:
    """Return the ratios over ``ranks``, at least one; None is a question whose answer was not found."""
    return Figures(
        len(ranks),
        statistics.fmean(rank == 1 for rank in ranks),
        statistics.fmean(rank is not None and rank <= TOP for rank in ranks),
        statistics.fmean(1 / rank if rank else 0.0 for rank in ranks),
    )


def by_task(wanted: Sequence[Wanted], ranks: Sequence[int | None]) -> Mapping[str, Figures]:
    """Return the ratios of each kind of question, in order of appearance."""
    return {
        task: figures([rank for one, rank in zip(wanted, ranks, strict=True) if one.task == task])
        for task in dict.fromkeys(one.task for one in wanted)
    }
