"""txtai's documented hybrid: ``Embeddings(hybrid=True, content=True)`` over the segments of its own pipeline."""

from pathlib import Path
from typing import Any

from benchmarks.peers.wire import Span, located, serve


class TxtaiHybrid:
    """Dense and BM25 scores added with its default weights."""

    def __init__(self, model: str) -> None:
        from txtai import Embeddings

        self._embeddings = Embeddings(
            path=model,
            hybrid=True,
            content=True,
            instructions={"query": "query: ", "data": "passage: "},
        )
        self._spans: list[Span] = []

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        from txtai.pipeline import Segmentation

        cut = Segmentation(lines=True)
        self._spans, texts = [], []
        for document in page["documents"]:
            pieces = cut(document["text"])
            texts += pieces
            self._spans += [(document["id"], *at) for at in located(document["text"], pieces)]
        self._embeddings.index(list(enumerate(texts)))
        self._embeddings.save(str(folder / "index"))
        return len(texts)

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        return [self._spans[int(found["id"])] for found in self._embeddings.search(question["asked"], most)]


if __name__ == "__main__":
    serve(TxtaiHybrid)
