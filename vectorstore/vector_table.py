"""Vectors in a table of the catalog, read by id: what is never searched needs no index of neighbours."""

import json
import sqlite3
from collections.abc import Callable, Sequence

import numpy as np

from vectorstore.dense import Matrix, Vector, VectorRows

_NUMBERS = np.dtype("<f4")  # whatever machine wrote them
_BATCH = 2000  # rows a read


class VectorTable:
    """The vectors of sentences. ``connection`` gives the caller's thread its connection."""

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        self._connection = connection

    def upsert(self, ids: Sequence[str], vectors: Matrix, texts: Sequence[str] = ()) -> None:  # noqa: ARG002 - holds no words
        rows = [(key, row.tobytes()) for key, row in zip(ids, vectors.astype(_NUMBERS), strict=True)]
        with self._connection() as db:
            db.executemany("INSERT OR REPLACE INTO sentence_vectors VALUES (?, ?)", rows)

    def delete(self, ids: Sequence[str]) -> None:
        with self._connection() as db:
            db.executemany("DELETE FROM sentence_vectors WHERE id = ?", [(key,) for key in ids])

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        rows = self._connection().execute(
            "SELECT id, vector FROM sentence_vectors WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
        )
        return {row["id"]: np.frombuffer(row["vector"], dtype=_NUMBERS) for row in rows}

    def ids(self) -> set[str]:
        return {row["id"] for row in self._connection().execute("SELECT id FROM sentence_vectors")}

    def take_over(self, earlier: VectorRows) -> None:
        """Hold what ``earlier`` holds as well."""
        ids = sorted(earlier.ids())
        for start in range(0, len(ids), _BATCH):
            held = earlier.get(ids[start : start + _BATCH])
            self.upsert(list(held), np.stack(list(held.values())))
