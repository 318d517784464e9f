"""The index made anew from what is stored: after an upgrade, with another model, or where the vectors are lost.

In: the documents and units of the catalog. Out: their chunks, words and vectors, those of before gone. It goes in steps,
each of which may be stopped and is then done again: the note ``rebuilding`` says that it has begun and for what, so that
nobody reads meanwhile; the old vectors go; chunks and words are cut; the note says that the rest is vectors; they come in
batches, and those that are there need not be made again. The documents themselves, their files and editions stay as they
are throughout.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.embedding import Embedder
from vectorstore.engine import Engine
from vectorstore.lexical import bigram_tokens
from vectorstore.passages import PASSAGES, passage_of
from vectorstore.records import Chunk, Document, Unit

Cut = Callable[[Document, Sequence[Unit]], Sequence[Chunk]]
Progress = Callable[[str, int, int], None]  # of which step, what is done, the total
_BATCH = 512  # chunks that are embedded and written together
_DOCUMENTS = 64  # that are cut and written together


def unit_tokens(document: Document, units: Sequence[Unit]) -> tuple[tuple[str, ...], ...]:
    """Return what each of ``units`` is indexed by; headings and titles by nothing."""
    return tuple(tuple(bigram_tokens(passage_of(document, unit))) if unit.type.citable else () for unit in units)


class Rebuilding:
    """Makes the index of ``catalog`` anew, its vectors by ``embedder``. Whoever calls it holds the store for writing."""

    def __init__(self, catalog: Catalog, vectors: VectorIndex, engine: Engine, embedder: Embedder) -> None:
        self._catalog, self._vectors, self._engine, self._embedder = catalog, vectors, engine, embedder

    def run(self, cut: Cut, progress: Progress | None = None) -> int:
        """Do what is left to do, and return how many vectors there are."""
        catalog, wanted = self._catalog, f"{PASSAGES} {self._embedder.fingerprint}"
        if catalog.meta("rebuilding") != f"vectors {wanted}":
            with catalog.transaction():
                catalog.note("rebuilding", f"chunks {wanted}")
                catalog.clear_index()
            self._engine.clear()
            self._cut(cut, progress)
            catalog.set_meta("rebuilding", f"vectors {wanted}")
        count = self.fill(progress)
        with catalog.transaction():
            catalog.note("passages", PASSAGES)
            catalog.note("embedding", self._embedder.fingerprint)
            catalog.note("dirty", "0")
            catalog.note("rebuilding", "")
        self._engine.seen()
        return count

    def _cut(self, cut: Cut, progress: Progress | None) -> None:
        """Write the chunks and words of all documents."""
        every = [record.id for record in self._catalog.records()]
        for number, some in enumerate(_batches(every, _DOCUMENTS)):
            if progress:
                progress("documents", number * _DOCUMENTS, len(every))
            with self._catalog.transaction():
                for document_id in some:
                    document, units = self._catalog.document(document_id), self._catalog.units(document_id)
                    self._catalog.index_document(document_id, unit_tokens(document, units), cut(document, units))

    def fill(self, progress: Progress | None = None) -> int:
        """Make the vectors those of the catalog's chunks: what is missing is embedded, what is too many goes.

        A stopped writer may have left too many, a lost folder too few. Return how many there are.
        """
        listed, present = set(self._catalog.chunk_ids()), self._vectors.ids()
        self._vectors.delete(sorted(present - listed))
        missing, done = sorted(listed - present), len(listed & present)
        if progress:
            progress("vectors", done, len(listed))
        for some in _batches(missing, _BATCH):
            texts = self._catalog.chunk_texts(some)
            distinct = list(dict.fromkeys(texts))
            rows = dict(zip(distinct, self._embedder.embed_documents(distinct), strict=True))
            self._vectors.upsert(some, np.stack([rows[text] for text in texts]), texts)
            done += len(some)
            if progress:
                progress("vectors", done, len(listed))
        return len(listed)


def _batches(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
