"""BM25 (Lucene's) over the words that FTS5 keeps: where a word stands is read once, and kept until the index changes.

FTS5's own ranking walks through every unit that holds any word of a question, which takes longer than all the rest of
an answer once the frequent words stand in tens of thousands of units. Here the units of a word are an array, and scores
are sums of arrays.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import log1p
from typing import Any

import numpy as np

Keys = np.ndarray[tuple[int], np.dtype[np.signedinteger[Any]]]
Numbers = np.ndarray[tuple[int], np.dtype[np.float32]]

_K1, _B = 1.5, 0.75
_WORDS_KEPT = 2048


class Ranking:
    """Ranks the units of the catalog by words. ``connection`` gives the caller's thread its connection."""

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        self._connection = connection
        self._gains = lru_cache(_WORDS_KEPT)(self._read_gains)
        self._lengths = lru_cache(1)(self._read_lengths)

    def rank(self, words: Counter[str], revision: int) -> tuple[Keys, Numbers]:
        """Return the keys of the units that hold one of ``words``, each counted as often as it is asked, with their scores.

        ``revision`` is that of the index: what was read for another one is not used.
        """
        scores = np.zeros(len(self._lengths(revision)), dtype=np.float32)
        for word, times in words.items():
            keys, gains = self._gains(word, revision)
            scores[keys] += times * gains
        held = np.flatnonzero(scores)
        return held, scores[held]

    def _read_gains(self, word: str, revision: int) -> tuple[Keys, Numbers]:
        """Return the keys of the units that hold ``word``, and what it adds to the score of each."""
        lengths = self._lengths(revision)
        query = "SELECT group_concat(doc) FROM lexical_places WHERE term = ?"
        found = self._connection().execute(query, (word,)).fetchone()[0]
        places = np.fromstring(found, dtype=np.int64, sep=",") if found else np.empty(0, dtype=np.int64)
        keys, counts = np.unique(places, return_counts=True)
        known = keys < len(lengths)  # another process may write between two reads; the next revision tells all
        keys, counts = keys[known], counts[known]
        if not len(keys):
            return keys.astype(np.int32), np.empty(0, dtype=np.float32)
        units = int(np.count_nonzero(lengths))
        rarity = log1p((units - len(keys) + 0.5) / (len(keys) + 0.5))
        dampened = counts + _K1 * (1 - _B + _B * lengths[keys] * (units / lengths.sum()))
        return keys.astype(np.int32), (rarity * counts / dampened).astype(np.float32)

    def _read_lengths(self, _revision: int) -> Numbers:
        """Return how many words each unit is indexed by, by its key; none for what is no unit, or a heading."""
        rows = self._connection().execute("SELECT key, words FROM lengths").fetchall()
        lengths = np.zeros(max((row["key"] for row in rows), default=0) + 1, dtype=np.float32)
        lengths[[row["key"] for row in rows]] = [row["words"] for row in rows]
        return lengths


def best_first(keys: Keys, scores: Numbers, batch: int) -> Iterator[tuple[Keys, Numbers]]:
    """Yield ``keys`` with their ``scores``, best first and of equal ones the lower key, ``batch`` at a time.

    Only what is taken is sorted: the first batch costs little, however many keys there are.
    """
    rest = np.arange(len(keys))
    while len(rest):
        chosen = rest
        if len(rest) > batch:
            least = np.partition(scores[rest], len(rest) - batch)[len(rest) - batch]
            chosen = rest[scores[rest] >= least]
            rest = rest[scores[rest] < least]
        else:
            rest = rest[:0]
        order = chosen[np.argsort(-scores[chosen], kind="stable")]
        yield keys[order], scores[order]
