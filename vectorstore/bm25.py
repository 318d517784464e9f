"""BM25 over the words that FTS5 keeps: where a word stands is read once, and kept until the index changes.

FTS5 walks through every unit that holds any word of a question, which takes longer than all the rest of an answer once
the frequent words stand in tens of thousands of units. Here the units of a word are an array, and scores are sums of
arrays. They are the scores of FTS5's own ``bm25``.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from math import log
from typing import Any

import numpy as np

Keys = np.ndarray[tuple[int], np.dtype[np.signedinteger[Any]]]
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

_K1, _B = 1.2, 0.75  # FTS5's constants
_LEAST_WEIGHT = 1e-6  # FTS5's, of a word that stands in more than half of the units
_WORDS_KEPT = 1024
_MARKS = frozenset(".%-")  # that the index takes for letters


def is_word(token: str) -> bool:
    """Whether the index has ``token`` as one word: others it cuts into several, which stand side by side."""
    return all(char.isalnum() or char in _MARKS for char in token)


class Ranking:
    """Ranks the units of the catalog by words. ``connection`` gives the caller's thread its connection."""

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        self._connection = connection
        self._gains = lru_cache(_WORDS_KEPT)(self._read_gains)
        self._lengths = lru_cache(1)(self._read_lengths)

    def rank(self, words: Sequence[str], revision: int) -> tuple[Keys, Numbers]:
        """Return the keys of the units that hold one of ``words``, which are different, and their scores, by key.

        ``revision`` is that of the index: what was read for another one is not used.
        """
        scores = np.zeros(len(self._lengths(revision)[0]))
        for word in words:
            keys, gains = self._gains(word, revision)
            scores[keys] += gains
        held = np.flatnonzero(scores)
        return held, scores[held]

    def _read_gains(self, word: str, revision: int) -> tuple[Keys, Numbers]:
        """Return the keys of the units that hold ``word``, and what it adds to the score of each."""
        lengths, mean = self._lengths(revision)
        query = "SELECT group_concat(doc) FROM lexical_places WHERE term = ?"
        found = self._connection().execute(query, (word,)).fetchone()[0]
        places = np.fromstring(found, dtype=np.int64, sep=",") if found else np.empty(0, dtype=np.int64)
        keys, counts = np.unique(places, return_counts=True)
        known = keys < len(lengths)  # another process may write between two reads; the next revision tells all
        keys, counts = keys[known], counts[known]
        units = int(np.count_nonzero(lengths))
        weight = log((units - len(keys) + 0.5) / (len(keys) + 0.5)) if len(keys) <= units else 0.0
        dampened = counts + _K1 * (1 - _B + _B * lengths[keys] / mean)
        return keys.astype(np.int32), max(weight, _LEAST_WEIGHT) * (counts * (_K1 + 1) / dampened)

    def _read_lengths(self, _revision: int) -> tuple[Numbers, float]:
        """Return how many words each unit is indexed by, by its key, and the mean over those that are."""
        rows = [tuple(row) for row in self._connection().execute("SELECT id, sz FROM lexical_docsize")]
        if not rows:
            return np.zeros(1), 1.0
        keys, sizes = zip(*rows, strict=True)
        lengths = np.zeros(max(keys) + 1)
        lengths[list(keys)] = _varints(b"".join(sizes))
        return lengths, float(lengths.sum() / len(keys))


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


def _varints(data: bytes) -> Numbers:
    """Return the numbers that SQLite wrote one behind the other: seven bits a byte, the highest first."""
    values = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(values < 0x80)
    starts = np.concatenate(([0], ends[:-1] + 1))
    shifts = np.repeat(ends, ends - starts + 1) - np.arange(len(values))
    numbers: Numbers = np.add.reduceat((values & 0x7F) * 128.0**shifts, starts)
    return numbers
