"""The words of the catalog: which units hold them, how well they match, how rare they are."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np

from vectorstore.bm25 import Keys, Ranking, best_first
from vectorstore.records import Address
from vectorstore.selection import Selection

_WORDS_COUNTED = 1 << 16  # words whose frequency is remembered


class Words:
    """The index of words, read. ``connection`` gives the caller's thread its connection, ``revision`` that of the index."""

    def __init__(self, connection: Callable[[], sqlite3.Connection], revision: Callable[[], int]) -> None:
        self._connection = connection
        self._revision = revision
        self._frequency = lru_cache(_WORDS_COUNTED)(self._read_frequency)
        self._size = lru_cache(1)(self._read_size)
        self._ranking = Ranking(connection)

    def match(self, tokens: Iterable[str], limit: int, among: Selection | None = None) -> list[tuple[str, int, float]]:
        """Return ``(document id, ordinal, BM25)`` of the ``limit`` best units for any of ``tokens``, best first.

        ``among`` says which units there are to find; how rare a token is, BM25 counts over all of them.
        """
        keys, scores = self._ranking.rank(Counter(iter(tokens)), self._revision())
        if among is not None and among.without is None:
            held = np.isin(keys, self._keys(among))
            keys, scores = keys[held], scores[held]
        found: list[tuple[str, int, float]] = []
        for best, its in best_first(keys, scores, limit):
            placed = zip(self._at(best), its.tolist(), strict=True)
            found += [(*at, score) for at, score in placed if at and (among is None or at in among)]
            if len(found) >= limit:
                break
        return found[:limit]

    def _keys(self, among: Selection) -> Keys:
        """Return the keys of the units ``among``."""
        condition, value = among.condition()
        query = f"SELECT u.key FROM units u WHERE {condition}"  # noqa: S608 - conditions are our own
        return np.array([row["key"] for row in self._connection().execute(query, (value,))], dtype=np.int64)

    def _at(self, keys: Keys) -> list[Address | None]:
        """Return where the units of ``keys`` are, in their order; None for one that has gone meanwhile."""
        rows = self._connection().execute(
            "SELECT key, document_id, ordinal FROM units WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(keys.tolist()),),
        )
        places = {row["key"]: (row["document_id"], row["ordinal"]) for row in rows}
        return [places.get(key) for key in keys.tolist()]

    def frequency(self, token: str) -> int:
        """Return how many units are indexed by ``token``; by one that begins with it, where it is a single character."""
        return self._frequency(token, self._revision())

    def _read_frequency(self, token: str, _revision: int) -> int:
        last = f"{token}\U0010ffff" if len(token) == 1 else token
        query = "SELECT max(doc) AS held FROM lexical_words WHERE term >= ? AND term <= ?"
        return self._connection().execute(query, (token, last)).fetchone()["held"] or 0

    def occurs(self, token: str, among: Selection) -> bool:
        """Whether a unit ``among`` is indexed by ``token``."""
        condition, value = among.condition()
        # a cross join is run in the order it is written in: from where the token stands, up to the first place that fits
        query = (
            "SELECT 1 FROM lexical_places p CROSS JOIN units u ON u.key = p.doc"  # noqa: S608
            f" WHERE p.term = ? AND {condition} LIMIT 1"  # conditions are our own
        )
        return self._connection().execute(query, (token, value)).fetchone() is not None

    def size(self) -> int:
        """Return how many units there are."""
        return self._size(self._revision())

    def _read_size(self, _revision: int) -> int:
        return int(self._connection().execute("SELECT count(*) FROM units").fetchone()[0])
