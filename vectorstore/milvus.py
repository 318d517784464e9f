"""Milvus, through its own client: vectors and words in one engine, which fuses what either side finds.

Design. A store has one collection, named after its namespace, so that several stores share one Milvus: ``units`` holds
a vector and the words of each chunk. The vector field has AUTOINDEX (HNSW where the engine chooses it) with the cosine.
The words are a VARCHAR field with the tokens of the lexical index, each spelt in hexadecimal digits, so that every
analyser of the engine takes it for one word; the engine turns them into BM25 by its own function. They are cut off at
what the field may hold, so what a chunk says is still read from the catalog. ``candidates`` is one call, ``hybrid_search``: a dense search and one of words, fused by rank (RRF):
scores of the two kinds differ in scale, that of BM25 even in sign, from one edition of the engine to the next; ranks do not.

What is wanted of part of the sources is a condition on the engine's scalar fields (``Within``), so the k nearest are
those of the part. Everything is read with consistency Strong: what was written is found. The catalog still decides what
exists and still answers what must be complete (texts that contain a term, how rare it is).

The address is that of a cluster (``http://host:19530``), or the path of a file ending in ``.db``, which the package
``milvus-lite`` opens inside this process. That one is for trying the code and for tests: it takes two to three seconds
a question at 20,000 rows, and one process at a time may have the file.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.dense import EVERYWHERE, Matrix, Vector, Within
from vectorstore.lexical import bigram_tokens
from vectorstore.milvus_client import SECONDS, Milvus

if TYPE_CHECKING:
    from pymilvus import MilvusClient  # type: ignore[import-untyped]

SCHEME = "milvus:"
_BATCH = 1000  # rows a request: some 5 MB with vectors, far below what gRPC lets through
_MOST_FOUND = 16_384  # the engine's own limit for one search
_ID_BYTES = 256
_TEXT_BYTES = 65_535  # the most that a VARCHAR field may hold
_RANK_OFFSET = 10  # of RRF: the lower, the more the first places count


class MilvusIndex:
    """One collection of vectors and words. Every method raises StoreError where the engine does not answer."""

    def __init__(self, milvus: Milvus, name: str) -> None:
        self._milvus = milvus
        self._name = milvus.collection(name)
        self._there: int | None = None  # as of which clearing

    def upsert(self, ids: Sequence[str], vectors: Matrix, texts: Sequence[str] = ()) -> None:
        """Write ``vectors[i]`` under ``ids[i]``, with the words of ``texts[i]``."""
        if len(texts) != len(ids):
            raise ValueError("a chunk whose words are held needs its text")
        if not len(ids):
            return
        self._make(vectors.shape[1])
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            rows = [
                {"id": key, "document": _document(key), "vector": vector, "text": _spelt(bigram_tokens(text))}
                for key, vector, text in zip(ids[part], vectors[part], texts[part], strict=True)
            ]
            self._milvus.do(lambda it, rows=rows: it.upsert(self._name, rows, timeout=SECONDS))  # type: ignore[misc]

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids) if self._exists() else 0, _BATCH):
            some = list(ids[start : start + _BATCH])
            self._milvus.do(lambda it, some=some: it.delete(self._name, ids=some, timeout=SECONDS))  # type: ignore[misc]

    def query(self, vector: Vector, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        return self.nearest(vector, k, EVERYWHERE if among is None else Within(ids=tuple(among)))

    def nearest(self, vector: Vector, k: int, within: Within = EVERYWHERE) -> list[tuple[str, float]]:
        """Return the ``k`` nearest ids ``within`` with their cosine, best first."""
        return self._search([vector], "vector", k, within)

    def get(self, ids: Sequence[str]) -> dict[str, Vector]:
        found: dict[str, Vector] = {}
        for start in range(0, len(ids) if self._exists() else 0, _BATCH):
            some = list(ids[start : start + _BATCH])
            rows = self._milvus.do(
                lambda it, some=some: it.get(self._name, some, output_fields=["id", "vector"], timeout=SECONDS)  # type: ignore[misc]
            )
            found.update((row["id"], np.asarray(row["vector"], dtype=np.float32)) for row in rows)
        return found

    def ids(self) -> set[str]:
        if not self._exists():
            return set()
        return self._milvus.do(lambda it: set(_all_ids(it, self._name)))

    def _search(self, wanted: list[Any], field: str, k: int, within: Within) -> list[tuple[str, float]]:
        if not self._exists() or within.is_empty():
            return []
        found = self._milvus.do(
            lambda it: it.search(
                self._name, wanted, filter=_condition(within), limit=min(k, _MOST_FOUND), anns_field=field,
                output_fields=["id"], consistency_level="Strong", timeout=SECONDS,
            )
        )  # fmt: skip
        return [(hit["id"], float(hit["distance"])) for hit in found[0]]

    def _exists(self) -> bool:
        """Whether the collection has been made: by the first that writes."""
        cleared = self._milvus.cleared
        if self._there != cleared and self._milvus.do(lambda it: it.has_collection(self._name, timeout=SECONDS)):
            self._there = cleared
        return self._there == cleared

    def _make(self, dimensions: int) -> None:
        if not self._exists():
            self._milvus.do(lambda it: self._create(it, dimensions))

    def _create(self, client: "MilvusClient", dimensions: int) -> None:
        from pymilvus import DataType, Function, FunctionType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=_ID_BYTES)
        schema.add_field("document", DataType.VARCHAR, max_length=_ID_BYTES)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
        indexes = client.prepare_index_params()
        indexes.add_index("vector", index_type="AUTOINDEX", metric_type="COSINE")
        analyzer = {"tokenizer": "standard"}
        schema.add_field(
            "text", DataType.VARCHAR, max_length=_TEXT_BYTES, enable_analyzer=True, analyzer_params=analyzer
        )
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
        indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        client.create_collection(
            self._name, schema=schema, index_params=indexes, consistency_level="Strong", timeout=SECONDS
        )

    def matching(self, tokens: Sequence[str], k: int, within: Within = EVERYWHERE) -> list[tuple[str, float]]:
        """Return the ``k`` best ids for ``tokens`` with their BM25, best first."""
        found = self._search([_spelt(tokens)], "words", k, within) if tokens else []
        return [(key, abs(score)) for key, score in found]  # milvus-lite counts from zero downwards

    def candidates(
        self, vector: Vector, tokens: Sequence[str], k: int, within: Within = EVERYWHERE
    ) -> list[tuple[str, float]]:
        """Return ids near ``vector`` or matching ``tokens``, fused by the engine, with its score, best first.

        Each side brings ``k``, so at most twice as many come back.
        """
        from pymilvus import AnnSearchRequest, RRFRanker

        if not self._exists() or within.is_empty():
            return []
        sides: list[tuple[str, str, Any]] = [("vector", "COSINE", vector)]
        if tokens:
            sides.append(("words", "BM25", _spelt(tokens)))
        requests = [
            AnnSearchRequest([wanted], field, {"metric_type": metric}, limit=k, expr=_condition(within) or None)
            for field, metric, wanted in sides
        ]
        found = self._milvus.do(
            lambda it: it.hybrid_search(
                self._name, requests, RRFRanker(_RANK_OFFSET), limit=min(k * len(sides), _MOST_FOUND),
                output_fields=["id"], consistency_level="Strong", timeout=SECONDS,
            )
        )  # fmt: skip
        return [(hit["id"], float(hit["distance"])) for hit in found[0]]


def _all_ids(client: "MilvusClient", name: str) -> Iterator[str]:
    pages = client.query_iterator(name, batch_size=_BATCH, output_fields=["id"], consistency_level="Strong")
    try:
        while page := pages.next():
            yield from (row["id"] for row in page)
    finally:
        pages.close()


def _condition(within: Within) -> str:
    """Return ``within`` as the engine's own condition; empty where nothing is limited."""
    if within.ids is not None:
        return f"id in {_listed(within.ids)}"
    if within.documents is not None:
        return f"document in {_listed(within.documents)}"
    return f"document not in {_listed(within.without)}" if within.without else ""


def _listed(names: Iterable[str]) -> str:
    return json.dumps(sorted(names), ensure_ascii=False)


def _document(chunk: str) -> str:
    return chunk.partition(":")[0]


def _spelt(tokens: Sequence[str]) -> str:
    """Return as many of ``tokens`` as a field holds, in digits, as a text."""
    return " ".join(token.encode("utf-16-be").hex() for token in tokens)[:_TEXT_BYTES]
