"""Chroma as the index of vectors, embedded in a folder by default or as a server."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

import numpy as np

from vectorstore.dense import Matrix, Vector
from vectorstore.errors import StoreError
from vectorstore.troubles import WRITABLE

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")
_BATCH = 2000  # rows a write; below Chroma's own limit
_PAGE = 50_000  # ids a read
_DATABASE = "chroma.sqlite3"


class Chroma(Protocol):
    """A Chroma database, opened at first use: commands that only list never load it."""

    def collection(self, name: str) -> tuple[int, "Collection"]:
        """Return the collection ``name``, made where it is missing, and ``opening``. Raises what Chroma does."""
        ...

    def opening(self) -> int:
        """Return how often the database was opened; a collection is good for one opening."""
        ...

    def reopen(self, opening: int) -> None:
        """Open it anew where it still is the one of ``opening``."""
        ...

    def seen(self) -> None:
        """Take note that what is written until now is our own."""
        ...

    def clear(self) -> None:
        """Remove all collections, whatever is in them."""
        ...

    def mend(self) -> str:
        """Return what a person can do where it does not answer."""
        ...

    def close(self) -> None:
        """Release what is held open."""
        ...


class _Client:
    """The connection of a Chroma database, which several threads share."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix  # of the names of its collections
        self._lock = threading.RLock()
        self._client: ClientAPI | None = None
        self._opening = 0

    def _connect(self) -> "ClientAPI":
        raise NotImplementedError

    def _connected(self) -> "ClientAPI":
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def collection(self, name: str) -> tuple[int, "Collection"]:
        with self._lock:
            # embedding_function=None, or Chroma prepares a model of its own
            return self._opening, self._connected().get_or_create_collection(
                self._prefix + name,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
            )

    def opening(self) -> int:
        return self._opening

    def reopen(self, opening: int) -> None:
        with self._lock:
            if opening == self._opening and self._client is not None:
                self._client.close()
                self._client = None
                self._opening += 1

    def clear(self) -> None:
        with self._lock:
            client = self._connected()
            for name in [one.name for one in client.list_collections() if one.name.startswith(self._prefix)]:
                client.delete_collection(name)
            self.reopen(self._opening)

    def seen(self) -> None:
        """See ``Chroma``."""


class ChromaFolder(_Client):
    """An embedded Chroma database. It does not see by itself what another process writes: ``revision`` tells."""

    def __init__(self, folder: Path, revision: Callable[[], int]) -> None:
        super().__init__()
        self._folder = folder
        self._revision = revision
        self._at = 0

    def _connect(self) -> "ClientAPI":
        import chromadb
        from chromadb.config import Settings

        self._at = self._revision()
        return chromadb.PersistentClient(str(self._folder), Settings(anonymized_telemetry=False))

    def opening(self) -> int:
        if self._client is not None and self._revision() != self._at:
            self.reopen(self._opening)
        return self._opening

    def seen(self) -> None:
        self._at = self._revision()

    def clear(self) -> None:
        """Remove what is there; what is beyond opening goes with its folder."""
        if not self.is_readable():
            self.reopen(self._opening)
            shutil.rmtree(self._folder, ignore_errors=True)
        super().clear()

    def is_readable(self) -> bool:
        """Whether there is a database, and one that can be read; without opening it."""
        try:
            with closing(sqlite3.connect(f"{(self._folder / _DATABASE).absolute().as_uri()}?mode=ro", uri=True)) as db:
                return db.execute("SELECT count(*) FROM collections").fetchone() is not None
        except sqlite3.Error:
            return False

    def mend(self) -> str:
        if self._folder.exists() and not os.access(self._folder, os.W_OK):
            return f"向量库在 {self._folder}:{WRITABLE}"
        return f"向量库在 {self._folder};若文件丢失或损坏,请停止服务后运行 zhengce reindex 从文档重建,文档都在"

    def close(self) -> None:
        """Leave it open: Chroma keeps one database per folder for the whole process, and others may use it."""


class ChromaServer(_Client):
    """A Chroma database behind HTTP, which is also how a distributed one is reached.

    ``address`` is ``http://HOST:PORT`` or ``https://…``; ``namespace`` keeps the collections of several stores apart.
    """

    def __init__(self, address: str, namespace: str) -> None:
        super().__init__(f"{namespace}-")
        self._address = address

    def _connect(self) -> "ClientAPI":
        import chromadb
        from chromadb.config import Settings

        parts = urlsplit(self._address)
        return chromadb.HttpClient(
            host=parts.hostname or "",
            port=parts.port or (443 if parts.scheme == "https" else 8000),
            ssl=parts.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )

    def is_readable(self) -> bool:
        """Whoever serves it looks after that."""
        return True

    def reopen(self, opening: int) -> None:
        """Ask for the collections again; the connections mend themselves, and Chroma would leave old ones open."""
        with self._lock:
            self._opening += opening == self._opening

    def mend(self) -> str:
        return f"请确认 Chroma 服务 {self._address} 已启动,稍后重试"

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


class ChromaIndex:
    """One collection of a Chroma database. Every method raises StoreError where the database does not answer."""

    def __init__(self, chroma: Chroma, name: str) -> None:
        self._chroma = chroma
        self._name = name
        self._held: tuple[int, Collection] | None = None

    def _opened(self, opening: int) -> "Collection":
        """Return the collection as it is good for ``opening``."""
        held = self._held
        if held is None or held[0] != opening:
            held = self._held = self._chroma.collection(self._name)
        return held[1]

    def _do(self, work: Callable[["Collection"], T]) -> T:
        """Return what ``work`` makes of the collection, opened anew where it fails: another thread may have closed it."""
        import httpx
        from chromadb.errors import ChromaError

        # a database that was not opened as a whole lacks attributes and tables
        failures = (
            ValueError, RuntimeError, OSError, AttributeError, LookupError, sqlite3.Error, ChromaError, httpx.HTTPError,
        )  # fmt: skip
        opening = self._chroma.opening()
        try:
            return work(self._opened(opening))
        except failures:
            self._chroma.reopen(opening)
        try:
            return work(self._opened(self._chroma.opening()))
        except failures as error:
            raise StoreError(f"向量库没有响应({type(error).__name__})。{self._chroma.mend()}") from error

    def upsert(self, ids: Sequence[str], vectors: Matrix, texts: Sequence[str] = ()) -> None:  # noqa: ARG002 - holds no words
        for start in range(0, len(ids), _BATCH):
            batch = slice(start, start + _BATCH)
            self._do(lambda it, batch=batch: it.upsert(ids=list(ids[batch]), embeddings=vectors[batch]))  # type: ignore[misc]

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH):
            self._do(lambda it, start=start: it.delete(ids=list(ids[start : start + _BATCH])))  # type: ignore[misc]

    def query(self, vector: Vector, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        ids = None if among is None else list(among)
        found = self._do(
            lambda it: it.query(query_embeddings=vector[None, :], n_results=k, ids=ids, include=["distances"])
        )
        distances = found["distances"]
        return [
            (key, 1.0 - distance)
            for key, distance in zip(found["ids"][0], distances[0] if distances else [], strict=True)
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        if not ids:
            return {}
        found = self._do(lambda it: it.get(ids=list(ids), include=["embeddings"]))
        vectors = found["embeddings"]
        return {} if vectors is None else dict(zip(found["ids"], np.asarray(vectors, dtype=np.float32), strict=True))

    def ids(self) -> set[str]:
        found: set[str] = set()
        while page := self._do(lambda it: it.get(limit=_PAGE, offset=len(found), include=[])["ids"]):
            found.update(page)
        return found
