"""Haystack's documented hybrid pipeline: BM25 and vectors in memory, joined by reciprocal rank."""

from pathlib import Path
from typing import Any

from benchmarks.peers.wire import Span, serve

CHARACTERS = r"(?u)[\u4e00-\u9fff]|[A-Za-z0-9]+"  # its default takes a clause without spaces for one word


class HaystackHybrid:
    """The tutorial's pipeline without its reranker, which would be a second model."""

    def __init__(self, model: str) -> None:
        from haystack.components.preprocessors import RecursiveDocumentSplitter
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self._documents = SentenceTransformersDocumentEmbedder(
            model=model, prefix="passage: ", normalize_embeddings=True, progress_bar=False
        )
        self._text = SentenceTransformersTextEmbedder(
            model=model, prefix="query: ", normalize_embeddings=True, progress_bar=False
        )
        # by words, its default, a text without spaces would stay whole
        self._splitter = RecursiveDocumentSplitter(
            split_length=500, split_overlap=0, split_unit="char", separators=["\n\n", "\n", "。", "；", "，"]
        )
        for part in (self._documents, self._text, self._splitter):
            part.warm_up()
        self._pipeline: Any = None

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack.document_stores.types import DuplicatePolicy

        whole = [Document(content=d["text"], meta={"document": d["id"]}) for d in page["documents"]]
        chunks = self._documents.run(self._splitter.run(whole)["documents"])["documents"]
        store = InMemoryDocumentStore(
            bm25_tokenization_regex=CHARACTERS, embedding_similarity_function="cosine", index=str(folder)
        )
        store.write_documents(chunks, policy=DuplicatePolicy.SKIP)
        store.save_to_disk(str(folder / "documents.json"))
        self._pipeline = self._connected(store)
        return len(chunks)

    @staticmethod
    def _connected(store: Any) -> Any:
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

        pipeline = Pipeline()
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
        pipeline.add_component("words", InMemoryBM25Retriever(store))
        pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("dense", "joined")
        pipeline.connect("words", "joined")
        return pipeline

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        asked = question["asked"]
        vector = self._text.run(asked)["embedding"]  # a component belongs to one pipeline, and the model is loaded once
        told = self._pipeline.run(
            {
                "dense": {"query_embedding": vector, "top_k": most},
                "words": {"query": asked, "top_k": most},
                "joined": {"top_k": most},
            }
        )
        return [
            (d.meta["document"], d.meta["split_idx_start"], d.meta["split_idx_start"] + len(d.content))
            for d in told["joined"]["documents"]
        ]


if __name__ == "__main__":
    serve(HaystackHybrid)
