"""How alike the units of two editions are: what they share of what they say, the rare more than the common."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log

from assistant.support import bare

Tokens = frozenset[str]

_FEW, _MANY = 30, 200  # a token of more units than this says nothing about any of them
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def tokens(text: str) -> Tokens:
    """Return the pairs of characters of ``text``, once with its figures and once with any figure in their place."""
    plain = bare(text)
    if len(plain) < 2:
        return frozenset((plain,)) if plain else frozenset()
    return frozenset(form[at : at + 2] for form in (plain, _NUMBER.sub("#", plain)) for at in range(len(form) - 1))


class Likeness:
    """Weighs tokens over the units of both editions."""

    def __init__(self, old: Sequence[Tokens], new: Sequence[Tokens]) -> None:
        held = Counter(token for unit in (*old, *new) for token in unit)
        total = len(old) + len(new)
        common = max(_FEW, min(_MANY, total // 5))
        self._weights: Mapping[str, float] = {t: log(1 + total / n) for t, n in held.items() if n <= common}
        self.old = [self._known(unit) for unit in old]
        self.new = [self._known(unit) for unit in new]

    def _known(self, unit: Tokens) -> Tokens:
        return unit & self._weights.keys()

    def weight(self, unit: Tokens) -> float:
        """Return how much ``unit`` says."""
        return sum(map(self._weights.__getitem__, unit))

    def shared(self, old: Sequence[int], new: Sequence[int]) -> Iterator[tuple[int, int, float]]:
        """Yield the pairs of units, among these, that share anything, with the weight of what they share."""
        where: dict[str, list[int]] = defaultdict(list)
        for at in new:
            for token in self.new[at]:
                where[token].append(at)
        for at in old:
            sums: dict[int, float] = defaultdict(float)
            for token in self.old[at] & where.keys():
                weight = self._weights[token]
                for other in where[token]:
                    sums[other] += weight
            yield from ((at, other, weight) for other, weight in sums.items())
