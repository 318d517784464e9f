"""LlamaIndex's documented hybrid: vectors and BM25, fused by reciprocal rank, with its default splitter."""

from pathlib import Path
from typing import Any

from benchmarks.peers.wire import Span, serve

CHARACTERS = r"(?u)[\u4e00-\u9fff]|[A-Za-z0-9]+"  # its default keeps only words between spaces


class LlamaIndexHybrid:
    """``QueryFusionRetriever`` over ``VectorStoreIndex`` and ``BM25Retriever``; no query is made up by a model."""

    def __init__(self, model: str) -> None:
        from llama_index.core import Settings
        from llama_index.core.llms import MockLLM
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        Settings.llm = MockLLM()
        Settings.embed_model = HuggingFaceEmbedding(
            model_name=model, query_instruction="query: ", text_instruction="passage: "
        )
        self._nodes: list[Any] = []
        self._index: Any = None
        self._words: Any = None

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        from llama_index.core import Document, Settings, VectorStoreIndex
        from llama_index.retrievers.bm25 import BM25Retriever

        whole = [Document(text=document["text"], id_=document["id"]) for document in page["documents"]]
        self._nodes = Settings.node_parser.get_nodes_from_documents(whole)
        self._index = VectorStoreIndex(self._nodes)
        self._words = BM25Retriever.from_defaults(
            nodes=self._nodes,
            similarity_top_k=min(10, len(self._nodes)),
            token_pattern=CHARACTERS,
            skip_stemming=True,
        )
        self._index.storage_context.persist(str(folder))
        self._words.persist(str(folder / "bm25"))
        return len(self._nodes)

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        from llama_index.core.retrievers import QueryFusionRetriever

        fused = QueryFusionRetriever(
            [self._index.as_retriever(similarity_top_k=most), self._words],
            similarity_top_k=most,
            num_queries=1,
            mode="reciprocal_rerank",
            use_async=False,
        )
        nodes = [found.node for found in fused.retrieve(question["asked"])]
        return [(node.ref_doc_id, node.start_char_idx, node.end_char_idx) for node in nodes]


if __name__ == "__main__":
    serve(LlamaIndexHybrid)
