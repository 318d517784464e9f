"""Whether what a system found is what was asked for, alike for every system.

A found span hits an expected one of the same document if they share at least half of the shorter one. So a chunk that
holds the expected unit whole is a hit, however much else it holds, and so is one that lies within the unit; a chunk
that only touches the unit's edge is none.

Where passages are asked for by their words, a found span hits if most of one of them stands in it in one piece, in
whichever document: the same law may be there in several editions.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from assistant.evaluate import plain
from benchmarks.peers.wire import Span

TOP = 5
_MOST_OF = 0.6  # of a passage, as the judge of the real questions counts it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question is after: any of ``spans`` or of the passages ``quotes``. ``task`` is the kind of the question."""

    task: str
    spans: Sequence[Span] = ()
    quotes: Sequence[str] = ()


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


def holds(text: str, quote: str) -> bool:
    """Whether most of ``quote`` stands in ``text`` in one piece, white space, width and punctuation aside."""
    wanted, held = _plain(quote), _plain(text)
    size = ceil(_MOST_OF * len(wanted)) or 1
    return any(wanted[at : at + size] in held for at in range(len(wanted) - size + 1))


_plain = lru_cache(1 << 14)(plain)


def rank_of(ranked: Iterable[Span], wanted: Wanted, texts: Mapping[str, str] | None = None) -> int | None:
    """Return the rank, from 1, of the first hit. ``texts`` are those of the documents, where passages are asked for."""

    def is_hit(found: Span) -> bool:
        if any(hits(found, one) for one in wanted.spans):
            return True
        text = (texts or {}).get(found[0], "")[found[1] : found[2]] if wanted.quotes else ""
        return any(holds(text, quote) for quote in wanted.quotes)

    return next((at for at, found in enumerate(ranked, 1) if is_hit(found)), None)


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
