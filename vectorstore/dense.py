"""The dense side of search: vectors by id, behind one narrow protocol. Chroma, embedded, by default."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Vector = np.ndarray[tuple[int], np.dtype[np.float32]]
_BATCH = 2000  # rows a write; below Chroma's own limit
_PAGE = 50_000  # ids a read


class VectorIndex(Protocol):
    """Unit-length vectors by id. Similarity is the cosine."""

    def upsert(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Write ``vectors[i]`` under ``ids[i]``; what was there is replaced."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ``ids``; unknown ones do not matter."""
        ...

    def query(self, vector: Vector, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        """Return the ``k`` nearest ids with their cosine, best first; ``among`` says which there are to find."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of ``ids``; unknown ones are left out."""
        ...

    def ids(self) -> set[str]:
        """Return all ids."""
        ...


class ChromaFolder:
    """An embedded Chroma database. Opened at first use: commands that only list never load it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._client: ClientAPI | None = None

    def collection(self, name: str) -> "Collection":
        """Return the collection ``name``, made where it is missing. Raises StoreError."""
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        try:
            with self._lock:
                if self._client is None:
                    self._client = chromadb.PersistentClient(str(self._folder), Settings(anonymized_telemetry=False))
            # embedding_function=None, or Chroma prepares a model of its own
            return self._client.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 200}}
            )
        except (ValueError, RuntimeError, OSError, ChromaError) as error:
            raise StoreError(f"无法打开向量库 {self._folder}:{error}。可删除数据目录后重新 zhengce ingest") from error


class ChromaIndex:
    """One collection of an embedded Chroma database."""

    def __init__(self, folder: ChromaFolder, name: str) -> None:
        self._folder = folder
        self._name = name

    @cached_property
    def _collection(self) -> "Collection":
        return self._folder.collection(self._name)

    def upsert(self, ids: Sequence[str], vectors: Matrix) -> None:
        for start in range(0, len(ids), _BATCH):
            batch = slice(start, start + _BATCH)
            self._collection.upsert(ids=list(ids[batch]), embeddings=vectors[batch])

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH):
            self._collection.delete(ids=list(ids[start : start + _BATCH]))

    def query(self, vector: Vector, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        ids = None if among is None else list(among)
        found = self._collection.query(query_embeddings=vector[None, :], n_results=k, ids=ids, include=["distances"])
        distances = found["distances"]
        return [
            (key, 1.0 - distance)
            for key, distance in zip(found["ids"][0], distances[0] if distances else [], strict=True)
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        if not ids:
            return {}
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        vectors = found["embeddings"]
        return {} if vectors is None else dict(zip(found["ids"], np.asarray(vectors, dtype=np.float32), strict=True))

    def ids(self) -> set[str]:
        found: set[str] = set()
        while page := self._collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]:
            found.update(page)
        return found
