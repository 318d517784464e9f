"""The vectors of single sentences: the index has none, so the few that a desk tool compares are embedded when it asks.

The last ones are kept, by model and text: the same sentences are asked for again and again.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from weakref import WeakKeyDictionary

import numpy as np

from assistant.asks import model_name
from assistant.fitted import scale_of
from vectorstore.dense import Matrix, Vector
from vectorstore.embedding import Embedder
from vectorstore.records import Span, Unit

KEPT = 16_384  # some 25 MB


class Sentences:
    """The vectors of sentences by ``embedder``. Safe to call from several threads."""

    def __init__(self, embedder: Embedder, kept: int = KEPT) -> None:
        self._embedder = embedder
        self._kept = kept
        self.scale = scale_of(model_name(embedder))
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of ``texts``, a row each."""
        keys = [blake2b(text.encode(), digest_size=16).digest() for text in texts]
        with self._lock:
            at_hand = {key: self._vectors[key] for key in keys if key in self._vectors}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in at_hand}
        if missing:
            at_hand |= zip(missing, self._embedder.embed_documents(list(missing.values())), strict=True)
        with self._lock:
            for key in keys:
                self._vectors[key] = at_hand[key]
                self._vectors.move_to_end(key)
            while len(self._vectors) > self._kept:
                self._vectors.popitem(last=False)
        return np.stack([at_hand[key] for key in keys]) if keys else np.empty((0, 0), dtype=np.float32)

    def cosines(self, units: Iterable[Unit], vector: Vector) -> dict[tuple[str, Span], float]:
        """Return how near the sentences of ``units`` are to ``vector``, on the common scale, by their document and place."""
        spans = [(unit, span) for unit in units for span in unit.sentences]
        rows = self.vectors([sentence(unit, span) for unit, span in spans])
        cosines = map(self.scale.of, (rows @ vector).tolist() if spans else [])
        return {(unit.document_id, span): cosine for (unit, span), cosine in zip(spans, cosines, strict=True)}


_SHARED: WeakKeyDictionary[Embedder, Sentences] = WeakKeyDictionary()


def sentences_by(embedder: Embedder) -> Sentences:
    """Return the sentences by ``embedder``, which all tools share."""
    return _SHARED.setdefault(embedder, Sentences(embedder))


def sentence(unit: Unit, span: Span) -> str:
    """Return the sentence of ``unit`` at ``span``."""
    return unit.text[span.start - unit.start : span.end - unit.start]
