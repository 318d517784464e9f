"""The dense side of search: vectors by id, behind a narrow protocol.

An engine that holds the words of its texts as well is a ``HybridIndex``: it ranks by words and fuses both sides itself.
Of the others the catalog's own lexical index ranks by words.
"""

from collections.abc import Collection as Names
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Vector = np.ndarray[tuple[int], np.dtype[np.float32]]


class VectorIndex(Protocol):
    """Unit-length vectors by id, and searched. Similarity is the cosine."""

    def upsert(self, ids: Sequence[str], vectors: Matrix, texts: Sequence[str] = ()) -> None:
        """Write ``vectors[i]``, which were made of ``texts[i]``, under ``ids[i]``; what was there is replaced."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ``ids``; unknown ones do not matter."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of ``ids``; unknown ones are left out."""
        ...

    def ids(self) -> set[str]:
        """Return all ids."""
        ...

    def query(self, vector: Vector, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        """Return the ``k`` nearest ids with their cosine, best first; ``among`` says which there are to find."""
        ...


@dataclass(frozen=True, slots=True)
class Within:
    """Which chunks there are to find: those with ``ids``, or of ``documents``, or all but those of ``without``."""

    ids: Names[str] | None = None
    documents: Names[str] | None = None
    without: Names[str] = ()

    def is_empty(self) -> bool:
        """Whether there are none."""
        named = self.documents if self.ids is None else self.ids
        return named is not None and not named


EVERYWHERE = Within()


@runtime_checkable
class HybridIndex(VectorIndex, Protocol):
    """An engine that holds the words of its texts beside their vectors. ``within`` says which there are to find."""

    def nearest(self, vector: Vector, k: int, within: Within = EVERYWHERE) -> list[tuple[str, float]]:
        """Return the ``k`` nearest ids with their cosine, best first."""
        ...

    def matching(self, tokens: Sequence[str], k: int, within: Within = EVERYWHERE) -> list[tuple[str, float]]:
        """Return the ``k`` best ids for ``tokens`` with their BM25, best first."""
        ...

    def candidates(
        self, vector: Vector, tokens: Sequence[str], k: int, within: Within = EVERYWHERE
    ) -> list[tuple[str, float]]:
        """Return ids near ``vector`` or matching ``tokens``, ``k`` of each side, with their fused score."""
        ...
