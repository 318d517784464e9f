"""A part of the sources: the units that a filter lets through, read and searched as if nothing else were indexed.

The k nearest units are the k nearest of the part, not what is left of the k nearest of all: the vectors of a part are
compared one by one, up to a size where that takes longer than a question may; above it, the vector index searches among
them, for more than are wanted, since what it finds is nearly exact only. An engine that holds the words as well is told
the part as a condition and searches within it. How rare a word is, is counted over the whole index.
"""

from collections.abc import Iterable
from functools import cached_property, partial

import numpy as np

from vectorstore.catalog_reader import CatalogReader
from vectorstore.dense import Matrix, Vector, VectorIndex, Within
from vectorstore.errors import NotFoundError
from vectorstore.lexical import Analyzer, bigram_tokens
from vectorstore.records import Address, Document, Unit, chunk_address
from vectorstore.selection import Selection
from vectorstore.sources import Records, Sources
from vectorstore.text import fold

COMPARED_ONE_BY_ONE = 8192  # chunks
OVERFETCH = 16  # times k


class Part(Sources):
    """The units of ``selection``. Nothing outside it is ever returned."""

    def __init__(
        self,
        catalog: CatalogReader,
        vectors: VectorIndex,
        analyzer: Analyzer,
        records: Records,
        selection: Selection,
    ) -> None:
        super().__init__(catalog, vectors, analyzer, records)
        self._selection: Selection = selection

    def is_empty(self) -> bool:
        """Whether there is nothing that an answer may rest on."""
        return not self._selection.citable

    def document(self, document_id: str) -> Document:
        self._must_hold(document_id)
        return super().document(document_id)

    def units(self, document_id: str | None = None) -> list[Unit]:
        if document_id:
            self._must_hold(document_id)
        return [unit for unit in super().units(document_id) if (unit.document_id, unit.ordinal) in self._selection]

    def unit(self, address: Address) -> Unit:
        if address not in self._selection:
            raise NotFoundError(f"{address[0]} 的第 {address[1]} 个单元不在所限定的范围内")
        return super().unit(address)

    def _must_hold(self, document_id: str) -> None:
        if document_id not in self._selection.documents:
            raise NotFoundError(f"编号为 {document_id} 的文档不在所限定的范围内")

    def _nearest_chunks(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        if self._hybrid is not None:
            return self._hybrid.nearest(vector, k, self._within())
        if self._selection.without is not None:
            return self._sifted(vector, k)
        if len(self._chunks) > COMPARED_ONE_BY_ONE:
            return self._vectors.query(vector, k * OVERFETCH, self._chunks)[:k]
        ids, matrix = self._matrix
        if not ids:
            return []
        cosines = matrix @ vector
        best = np.argsort(-cosines, kind="stable")[:k]
        return [(ids[row], float(cosines[row])) for row in best]

    def _sifted(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """Search the whole index, where nearly all is in the part: for more and more, until enough of it is."""
        wanted = k
        while True:
            wanted *= 2
            found = self._vectors.query(vector, wanted)
            held = [(chunk, score) for chunk, score in found if chunk_address(chunk)[0] in self._selection]
            if len(held) >= k or len(found) < wanted:
                return held[:k]

    @cached_property
    def _chunks(self) -> list[str]:
        return self._catalog.chunks_of_units(self._selection)

    @cached_property
    def _matrix(self) -> tuple[list[str], Matrix]:
        """The ids of the chunks, and their vectors as rows, in the same order."""
        stored = self._vectors.get(self._chunks)
        matrix = np.stack(list(stored.values())) if stored else np.empty((0, 0), dtype=np.float32)
        return list(stored), matrix

    def _within(self) -> Within:
        if self._selection.keys is not None:
            return Within(ids=self._chunks)
        if self._selection.without is not None:
            return Within(without=self._selection.without)
        return Within(documents=self._selection.documents)

    def vectors(self, chunk_ids: Iterable[str]) -> dict[str, Vector]:
        return super().vectors(chunk for chunk in chunk_ids if chunk_address(chunk)[0] in self._selection)

    def rarity(self, term: str) -> tuple[float, bool]:
        """Return how rare ``term`` is in the whole index, which small parts tell nothing of, and whether it occurs here."""
        weight, known = super().rarity(term)
        tokens = bigram_tokens(term)
        occurs = partial(self._catalog.words.occurs, among=self._selection)
        return weight, known and (all(map(occurs, tokens)) if tokens else self.contains(fold(term)))
