"""How alike the units of two editions are: what they share of what they say, the rare more than the common."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from math import log
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.claims import bare

Tokens: TypeAlias = frozenset[str]
Places: TypeAlias = NDArray[np.int64]
Weights: TypeAlias = NDArray[np.float64]

_FEW, _MANY = 30, 200  # a token of more units than this says nothing about any of them
_ROWS = 500  # units that are compared with all others at once
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def tokens(text: str) -> Tokens:
    """Return the pairs of characters of ``text``, once with its figures and once with any figure in their place."""
    plain = bare(text)
    if len(plain) < 2:
        return frozenset((plain,)) if plain else frozenset()
    any_figure = _NUMBER.sub("#", plain)
    found = set(map("".join, pairwise(plain)))
    return frozenset(found if any_figure == plain else found.union(map("".join, pairwise(any_figure))))


class Likeness:
    """Weighs tokens over the units of both editions; ``says`` are the weights of the units of either."""

    def __init__(self, old: Sequence[Tokens], new: Sequence[Tokens]) -> None:
        held = Counter(chain.from_iterable((*old, *new)))
        total = len(old) + len(new)
        common = max(_FEW, min(_MANY, total // 5))
        self._weights = {token: log(1 + total / count) for token, count in held.items() if count <= common}
        self._columns = {token: at for at, token in enumerate(self._weights)}
        self.tokens = tuple([unit & self._weights.keys() for unit in side] for side in (old, new))
        self.says = tuple(np.array([self.weight(unit) for unit in side]) for side in self.tokens)

    def weight(self, unit: Tokens) -> float:
        """Return how much ``unit`` says."""
        return sum(map(self._weights.__getitem__, unit))

    def shared(self, old: Sequence[int], new: Sequence[int]) -> Iterator[tuple[Places, Places, Weights]]:
        """Yield the pairs of units, among these, that share anything: where they stand, and what they share weighs."""
        if not (old and new):
            return
        weights = np.array(list(self._weights.values()))
        theirs = self._matrix(self.tokens[1], new).T.tocsr()
        for at in range(0, len(old), _ROWS):
            block = self._matrix(self.tokens[0], old[at : at + _ROWS])
            product = (block.multiply(weights).tocsr() @ theirs).tocoo()
            rows, columns = product.coords
            yield np.asarray(old)[at + rows], np.asarray(new)[columns], product.data

    def _matrix(self, side: Sequence[Tokens], places: Sequence[int]) -> Any:
        """Return a matrix with a row for each place and a column for each token, 1 where the unit has it."""
        from scipy.sparse import csr_array  # type: ignore[import-untyped]

        columns = [self._columns[token] for at in places for token in side[at]]
        ends = np.cumsum([0, *(len(side[at]) for at in places)])
        return csr_array((np.ones(len(columns)), columns, ends), shape=(len(places), len(self._columns)))
