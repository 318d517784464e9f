"""Which units of two editions belong together, by what they say and not by their numbers.

Units of equal text are paired first; those in order are anchors, which say where the others are to be looked for. The
rest is paired so that the likenesses add up to the most. What is then left over, and stands in a unit that it is not
paired with, tells a split or a merger. Headings are paired last: what stands below them tells which is which.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.desk.diff_likeness import Likeness, Tokens, tokens
from assistant.desk.diff_parts import Part, parts
from assistant.desk.diff_places import body
from vectorstore.records import Unit, UnitType

ALIKE = 0.25  # likeness from which two units are one that was reworded; unrelated ones of a policy lie below 0.15
NEARBY = 0.10  # what the same place between the same neighbours adds
SAME_PLACE = 0.03  # what the same locator adds

_CITABLE, _HEADING, _TITLE = range(3)

Pairs = dict[int, int]  # positions: old → new
Sides = tuple[Sequence[Unit], Sequence[Unit]]


@dataclass(frozen=True, slots=True)
class Group:
    """Units that belong together, in order.

    ``moved``: they stand elsewhere among their neighbours; ``same``: they are one each, and say the same.
    """

    old: tuple[Unit, ...]
    new: tuple[Unit, ...]
    moved: bool = False
    same: bool = False


def align(old: Sequence[Unit], new: Sequence[Unit]) -> list[Group]:
    """Return the groups of the units of two editions in the order of ``new``, what has no new unit where it stood."""
    bodies = [body(unit) for unit in old], [body(unit) for unit in new]
    pairs = _equal((old, new), bodies)
    equal = set(pairs.items())
    said = [tokens(text) for text in bodies[0]], [tokens(text) for text in bodies[1]]
    likeness = Likeness(*said)
    ranks = [_rank(unit) for unit in old], [_rank(unit) for unit in new]
    olds, news = _left(ranks, pairs, _CITABLE)
    pairs |= _alike(likeness, olds, news, _Nearness(old, new, pairs))
    splits, mergers = _parted(likeness, ranks, pairs)
    for rank in (_HEADING, _TITLE):
        olds, news = _left(ranks, pairs, rank)
        if olds and news:
            headed = Likeness(*_with_children(said, (old, new), pairs))
            pairs |= _alike(headed, olds, news, _Nearness(old, new, pairs))
    return _grouped((old, new), pairs, equal, splits, mergers)


def _rank(unit: Unit) -> int:
    return _TITLE if unit.type is UnitType.TITLE else _HEADING if unit.type is UnitType.HEADING else _CITABLE


def _equal(units: Sides, bodies: tuple[list[str], list[str]]) -> Pairs:
    """Pair the units of equal text and rank: with the same locator, else under the same heading, else in order."""
    pairs: Pairs = {}
    keys: tuple[Callable[[Unit], object], ...] = (
        lambda unit: unit.locator,
        lambda unit: unit.heading_path[-1:],
        lambda _unit: None,
    )
    old, new = units
    said = [[(text, _rank(unit)) for text, unit in zip(*side, strict=True)] for side in zip(bodies, units, strict=True)]
    taken: set[int] = set()
    for key in keys:
        free: dict[object, list[int]] = defaultdict(list)
        for at in range(len(new) - 1, -1, -1):
            if at not in taken:
                free[said[1][at], key(new[at])].append(at)
        for at, unit in enumerate(old):
            if at not in pairs and (found := free.get((said[0][at], key(unit)))):
                pairs[at] = found.pop()
        taken = set(pairs.values())
    return pairs


def _left(ranks: tuple[list[int], list[int]], pairs: Pairs, rank: int) -> tuple[list[int], list[int]]:
    taken = set(pairs.values())
    olds = [at for at, one in enumerate(ranks[0]) if one == rank and at not in pairs]
    return olds, [at for at, one in enumerate(ranks[1]) if one == rank and at not in taken]


def _ordered(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most of ``pairs``, sorted by their first, that are in the order of their second as well."""
    tails: list[int] = []
    chain: list[tuple[int, int, int]] = []  # of each pair: itself and the index of the one before it in its chain
    ends: list[int] = []
    for one, other in pairs:
        at = bisect_left(tails, other)
        chain.append((one, other, ends[at - 1] if at else -1))
        tails[at : at + 1] = [other]
        ends[at : at + 1] = [len(chain) - 1]
    found = []
    at = ends[-1] if ends else -1
    while at >= 0:
        one, other, at = chain[at]
        found.append((one, other))
    return found[::-1]


class _Nearness:
    """How near two units stand to the same place, counted from the anchors before and behind them."""

    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], pairs: Pairs) -> None:
        self._units = old, new
        anchors = [(-1, -1), *_ordered(sorted(pairs.items())), (len(old), len(new))]
        self._old = [one for one, _other in anchors]
        self._new = [other for _one, other in anchors]

    def bonus(self, one: int, other: int) -> float:
        """Return what the places of the units at ``one`` and ``other`` add to their likeness."""
        behind = bisect_left(self._old, one)
        before, after = (one - self._old[at] - other + self._new[at] for at in (behind - 1, behind))
        between = self._new[behind - 1] < other < self._new[behind]
        near = NEARBY / (1 + min(abs(before), abs(after))) if between else 0.0
        return near + SAME_PLACE * (self._units[0][one].locator == self._units[1][other].locator)


def _alike(likeness: Likeness, olds: Sequence[int], news: Sequence[int], nearness: _Nearness) -> Pairs:
    """Pair units that are alike, so that the sum of their likenesses is the largest."""
    found = []
    for ones, others, weights in likeness.shared(olds, news):
        scores = 2 * weights / (likeness.says[0][ones] + likeness.says[1][others])
        promising = scores >= ALIKE - NEARBY - SAME_PLACE
        for one, other, alike in zip(*(values[promising].tolist() for values in (ones, others, scores)), strict=True):
            if (score := alike + nearness.bonus(one, other)) >= ALIKE:
                found.append((one, other, score))
    return _best(found) if found else {}


def _best(scored: Sequence[tuple[int, int, float]]) -> Pairs:
    """Return the matching of the largest sum; a unit may stay alone, which is worth as much as the least likeness."""
    from scipy.sparse import coo_array  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching  # type: ignore[import-untyped]

    rows = {one: at for at, one in enumerate(dict.fromkeys(one for one, _other, _score in scored))}
    columns = {other: at for at, other in enumerate(dict.fromkeys(other for _one, other, _score in scored))}
    alone = [(row, len(columns) + row, ALIKE / 2) for row in rows.values()]
    entries = [(rows[one], columns[other], score) for one, other, score in scored] + alone
    x, y, weights = zip(*entries, strict=True)
    matrix = coo_array((weights, (x, y)), shape=(len(rows), len(columns) + len(rows))).tocsr()
    chosen = zip(*min_weight_full_bipartite_matching(matrix, maximize=True), strict=True)
    olds, news = list(rows), list(columns)
    return {olds[row]: news[column] for row, column in chosen if column < len(columns)}


def _parted(likeness: Likeness, ranks: tuple[list[int], list[int]], pairs: Pairs) -> tuple[list[Part], list[Part]]:
    """Return the splits, as (old, further new), and the mergers, as (new, further old), that the units left over make."""
    olds, news = _left(ranks, pairs, _CITABLE)
    whole_olds, whole_news = ([at for at, rank in enumerate(side) if rank == _CITABLE] for side in ranks)
    splits = parts(likeness, (whole_olds, news), pairs)
    split = {one for one, _part in splits}
    bound = {part for _one, part in splits} | {pairs[one] for one in split if one in pairs}
    free = [at for at in olds if at not in split], [at for at in whole_news if at not in bound]
    return splits, parts(likeness, free, {other: one for one, other in pairs.items()}, backwards=True)


def _with_children(
    said: tuple[list[Tokens], list[Tokens]], units: Sides, pairs: Pairs
) -> tuple[list[Tokens], list[Tokens]]:
    """Return what headings say, and with it the pairs that stand below them: a mark for each that both have."""
    below: tuple[dict[tuple[str, ...], set[str]], ...] = defaultdict(set), defaultdict(set)
    for one, other in pairs.items():
        for side, at in enumerate((one, other)):
            path = units[side][at].heading_path
            for depth in range(len(path)):
                below[side][path[: depth + 1]].add(f"pair {one}")
    old, new = (
        [
            tokens | below[side].get((*unit.heading_path, " ".join(unit.text.splitlines())), set())
            if _rank(unit) == _HEADING
            else tokens
            for unit, tokens in zip(units[side], said[side], strict=True)
        ]
        for side in (0, 1)
    )
    return old, new


def _grouped(
    units: Sides, pairs: Pairs, equal: set[Part], splits: Sequence[Part], mergers: Sequence[Part]
) -> list[Group]:
    """Return all units in groups, in the order of the new edition."""
    old, new = units
    ahead = {one: [other] for one, other in pairs.items()}
    for one, other in splits:
        ahead.setdefault(one, []).append(other)
    joined: dict[int, list[int]] = {}
    back = {other: one for one, other in pairs.items()}
    for other, one in mergers:
        joined.setdefault(other, [back[other]] if other in back else []).append(one)
    merged = {one for ones in joined.values() for one in ones}
    order = _ordered(sorted(pairs.items()))
    still = set(order)
    placed: list[tuple[tuple[int, int, int], list[int], list[int]]] = []
    for at in range(len(old)):
        if at in merged:
            continue
        others = ahead.get(at, [])
        placed.append(((min(others), 1, 0) if others else _where(at, order), [at], others))
    placed += [((other, 1, 0), ones, [other]) for other, ones in joined.items()]
    taken = {other for _key, _ones, others in placed for other in others}
    placed += [((at, 1, 0), [], [at]) for at in range(len(new)) if at not in taken]
    placed.sort(key=lambda group: group[0])
    return [
        Group(
            tuple(old[at] for at in sorted(ones)),
            tuple(new[at] for at in sorted(others)),
            any((one, pairs[one]) not in still for one in ones if one in pairs),
            len(ones) == len(others) == 1 and (ones[0], others[0]) in equal,
        )
        for _key, ones, others in placed
    ]


def _where(at: int, order: Sequence[Part]) -> tuple[int, int, int]:
    """Return the place of a dropped unit: behind the new unit of the nearest before it that kept its place."""
    behind = bisect_left(order, (at, -1))
    return (order[behind - 1][1] if behind else -1, 2, at)
