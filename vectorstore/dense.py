"""The dense side of search: vectors by id, behind one narrow protocol. Chroma, embedded by default or as a server."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

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


class Chroma(Protocol):
    """A Chroma database, opened at first use: commands that only list never load it."""

    def collection(self, name: str) -> "Collection":
        """Return the collection ``name``, made where it is missing. Raises what Chroma does."""
        ...

    def mend(self) -> str:
        """Return what a person can do where it does not answer."""
        ...

    def close(self) -> None:
        """Release what is held open."""
        ...


class ChromaFolder:
    """An embedded Chroma database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._client: ClientAPI | None = None

    def collection(self, name: str) -> "Collection":
        import chromadb
        from chromadb.config import Settings

        with self._lock:
            if self._client is None:
                self._client = chromadb.PersistentClient(str(self._folder), Settings(anonymized_telemetry=False))
        return _collection(self._client, name)

    def mend(self) -> str:
        return f"向量库在 {self._folder};若文件已损坏,可删除数据目录后重新 zhengce ingest"

    def close(self) -> None:
        """Leave it open: Chroma keeps one database per folder for the whole process, and others may use it."""


class ChromaServer:
    """A Chroma database behind HTTP, which is also how a distributed one is reached.

    ``address`` is ``http://HOST:PORT`` or ``https://…``; ``namespace`` keeps the collections of several stores apart.
    """

    def __init__(self, address: str, namespace: str) -> None:
        self._address = address
        self._namespace = namespace
        self._lock = threading.Lock()
        self._client: ClientAPI | None = None

    def collection(self, name: str) -> "Collection":
        import chromadb
        from chromadb.config import Settings

        parts = urlsplit(self._address)
        with self._lock:
            if self._client is None:
                self._client = chromadb.HttpClient(
                    host=parts.hostname or "",
                    port=parts.port or (443 if parts.scheme == "https" else 8000),
                    ssl=parts.scheme == "https",
                    settings=Settings(anonymized_telemetry=False),
                )
        return _collection(self._client, f"{self._namespace}-{name}")

    def mend(self) -> str:
        return f"请确认 Chroma 服务 {self._address} 已启动,稍后重试"

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


def _collection(client: "ClientAPI", name: str) -> "Collection":
    # embedding_function=None, or Chroma prepares a model of its own
    return client.get_or_create_collection(
        name, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 200}}
    )


class ChromaIndex:
    """One collection of a Chroma database. Every method raises StoreError where the database does not answer."""

    def __init__(self, chroma: Chroma, name: str) -> None:
        self._chroma = chroma
        self._name = name

    @cached_property
    def _opened(self) -> "Collection":
        return self._chroma.collection(self._name)

    @contextmanager
    def _collection(self) -> Iterator["Collection"]:
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield self._opened
        except (ValueError, RuntimeError, OSError, ChromaError, httpx.HTTPError) as error:
            raise StoreError(f"向量库没有响应({type(error).__name__})。{self._chroma.mend()}") from error

    def upsert(self, ids: Sequence[str], vectors: Matrix) -> None:
        with self._collection() as collection:
            for start in range(0, len(ids), _BATCH):
                batch = slice(start, start + _BATCH)
                collection.upsert(ids=list(ids[batch]), embeddings=vectors[batch])

    def delete(self, ids: Sequence[str]) -> None:
        with self._collection() as collection:
            for start in range(0, len(ids), _BATCH):
                collection.delete(ids=list(ids[start : start + _BATCH]))

    def query(self, vector: Vector, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        ids = None if among is None else list(among)
        with self._collection() as collection:
            found = collection.query(query_embeddings=vector[None, :], n_results=k, ids=ids, include=["distances"])
        distances = found["distances"]
        return [
            (key, 1.0 - distance)
            for key, distance in zip(found["ids"][0], distances[0] if distances else [], strict=True)
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        if not ids:
            return {}
        with self._collection() as collection:
            found = collection.get(ids=list(ids), include=["embeddings"])
        vectors = found["embeddings"]
        return {} if vectors is None else dict(zip(found["ids"], np.asarray(vectors, dtype=np.float32), strict=True))

    def ids(self) -> set[str]:
        found: set[str] = set()
        with self._collection() as collection:
            while page := collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]:
                found.update(page)
        return found
