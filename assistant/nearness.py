"""How near two sentences are in meaning, by whichever embedding model, on one scale."""

from collections.abc import Callable

from assistant.asks import model_name
from assistant.fitted import scale_of
from vectorstore.embedding import Embedder

Nearness = Callable[[str, str], float]


def nearness(embedder: Embedder) -> Nearness:
    """Return what tells how near two sentences are: about 0.82 for unrelated ones, 0.92 for the same in other words."""
    scale = scale_of(model_name(embedder))

    def near(one: str, other: str) -> float:
        return scale.of(float(embedder.embed_query(one) @ embedder.embed_query(other)))

    return near
