"""Plain LangChain as its tutorial on retrieval has it: 1,000 characters with 200 of overlap, into Chroma."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.peers.wire import Span, serve


class PlainLangChain:
    """Dense search alone."""

    def __init__(self, model: str) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self._embeddings = HuggingFaceEmbeddings(
            model_name=model,
            encode_kwargs={"normalize_embeddings": True, "prompt": "passage: "},
            query_encode_kwargs={"normalize_embeddings": True, "prompt": "query: "},
        )
        # the separators are those of its page on languages without spaces
        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=1000,
            chunk_overlap=200,
            add_start_index=True,
            separators=["\n\n", "\n", "。", ";", "；", "，", ",", " ", ""],
        )
        self._store: Any = None

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        from langchain_chroma import Chroma
        from langchain_core.documents import Document

        whole = [Document(document["text"], metadata={"id": document["id"]}) for document in page["documents"]]
        chunks = self._splitter.split_documents(whole)
        self._store = Chroma.from_documents(
            chunks, self._embeddings, collection_name=f"page-{uuid4().hex}", persist_directory=str(folder)
        )
        return len(chunks)

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        found = self._store.similarity_search(question["asked"], k=most)
        return [
            (d.metadata["id"], d.metadata["start_index"], d.metadata["start_index"] + len(d.page_content))
            for d in found
        ]


if __name__ == "__main__":
    serve(PlainLangChain)
