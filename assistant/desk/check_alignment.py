"""A sentence of a draft laid beside its source: which words stand in both, and what stands instead of what."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from assistant.desk.check_reading import Reading
from assistant.desk.wording import runs
from vectorstore.lexical import bigrams
from vectorstore.records import Span
from vectorstore.text import fold

_MARKS = re.compile(r"[\s,。;:!?\"'()\[\]《》「」『』…、·]|\.(?!\d)|(?<![a-z0-9])[-—~]+|[-—~]+(?![a-z0-9])")
_SAYS = re.compile(r"\w\w|\d")
_CLAUSE_FITS = 0.5  # share of a clause's pairs of characters that its source clause holds
_ORDERED = 0.9  # beyond this likeness nothing can have been moved
_LONGEST = 40  # clauses that are paired one by one


@dataclass(frozen=True, slots=True)
class Pair:
    """``source[old]`` and ``draft[new]`` stand in each other's place; either may be empty."""

    old: Span
    new: Span
    same: bool


@dataclass(frozen=True, slots=True)
class Alignment:
    """The pairs in the draft's order, the ``region`` of the source that they cover, whether clauses changed places."""

    pairs: tuple[Pair, ...]
    region: Span
    moved: bool


def plain(text: str) -> tuple[str, list[int]]:
    """Return ``text`` folded, without white space and punctuation, and where each character of that stands in it."""
    folded = fold(text)
    dropped = {at for match in _MARKS.finditer(folded) for at in range(*match.span())}
    kept = [at for at in range(len(folded)) if at not in dropped]
    return "".join(folded[at] for at in kept).replace("—", "-").replace("~", "-"), kept


def align(draft: Reading, source: Reading) -> Alignment:
    """Lay ``draft`` beside ``source``, clause by clause where clauses have changed places."""
    whole = list(_pairs(draft, source, Span(0, len(draft.text)), Span(0, len(source.text))))
    moved = False
    if _shared(whole) < _ORDERED * len(draft.text) and 1 < len(draft.clauses) <= _LONGEST:
        by_clause, order = _clause_pairs(draft, source)
        if order and _shared(by_clause) > _shared(whole) + 1:
            whole, moved = by_clause, True
    return Alignment(tuple(whole), _region(whole, source), moved)


def _pairs(draft: Reading, source: Reading, new: Span, old: Span) -> Iterator[Pair]:
    cuts = {id_: list(_words(reading, span)) for id_, reading, span in (("d", draft, new), ("s", source, old))}
    left, right = source.text[old.start : old.end], draft.text[new.start : new.end]
    at, to = old.start, new.start
    first = iter((cuts["s"], cuts["d"]))
    for run in runs(left, right, lambda _text: next(first)):
        end, stop = at + len(run.old), to + len(run.new)
        yield Pair(Span(at, end), Span(to, stop), run.same)
        at, to = end, stop


def _words(reading: Reading, span: Span) -> Iterator[str]:
    starts = [0, *accumulate(map(len, reading.words))]
    for start, end in pairwise(starts):
        low, high = max(start, span.start), min(end, span.end)
        if low < high:
            yield reading.text[low:high]


def _shared(pairs: Sequence[Pair]) -> int:
    return sum(pair.new.end - pair.new.start for pair in pairs if pair.same)


def _clause_pairs(draft: Reading, source: Reading) -> tuple[list[Pair], bool]:
    """Return the pairs of each clause with the source clause that it fits best, and whether their order changed."""
    theirs = [(Span(a, b), set(bigrams(source.folded[a:b]))) for a, b in source.clauses]
    free = set(range(len(theirs)))
    pairs: list[Pair] = []
    order: list[int] = []
    for start, end in draft.clauses:
        mine = set(bigrams(draft.folded[start:end]))
        best = max(free, key=lambda at: (_fit(mine, theirs[at][1]), -at), default=None)
        if best is None or _fit(mine, theirs[best][1]) < _CLAUSE_FITS:
            pairs.append(Pair(Span(0, 0), Span(start, end), False))
            continue
        free.discard(best)
        order.append(best)
        pairs += _pairs(draft, source, Span(start, end), theirs[best][0])
    pairs += [Pair(theirs[at][0], Span(len(draft.text), len(draft.text)), False) for at in sorted(free)]
    return pairs, order != sorted(order)


def _fit(mine: set[str], theirs: set[str]) -> float:
    return len(mine & theirs) / max(len(mine), len(theirs), 1)


def _region(pairs: Sequence[Pair], source: Reading) -> Span:
    """Return the clauses of ``source`` that any words shared with the draft stand in."""
    shared = [p.old for p in pairs if p.same and _SAYS.search(source.folded[p.old.start : p.old.end])]
    if not shared:
        return Span(0, 0)
    first, last = min(span.start for span in shared), max(span.end for span in shared)
    while first < last and _MARKS.match(source.folded, first):
        first += 1
    return Span(source.clause(first)[0], max(source.clause(last - 1)[1], last))
