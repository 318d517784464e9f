"""How long each step of an answer takes, the two models apart from the steps that call them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Turn
from assistant.pipeline import Assistant
from assistant.ranker import Judged, Passage, Ranker
from vectorstore.embedding import Embedder, Matrix, Vector
from vectorstore.store import Store

Laps = dict[str, float]  # milliseconds by step, and in all


@dataclass
class TimedEmbedder:
    """Passes on to ``model``; ``ms`` adds up what questions took."""

    model: Embedder
    ms: float = 0.0

    @property
    def fingerprint(self) -> str:
        """That of the model."""
        return self.model.fingerprint

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self.model.dimensions

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question."""
        started = time.perf_counter()
        vector = self.model.embed_query(text)
        self.ms += (time.perf_counter() - started) * 1000
        return vector

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of documents."""
        return self.model.embed_documents(texts, progress)


@dataclass
class TimedRanker:
    """Passes on to ``model``; ``ms`` adds up what its judgements took."""

    model: Ranker
    ms: float = 0.0

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    def judge(self, question: str, passages: Sequence[Passage]) -> list[Judged]:
        """Judge each of ``passages``."""
        started = time.perf_counter()
        judged = self.model.judge(question, passages)
        self.ms += (time.perf_counter() - started) * 1000
        return judged


class TimedAssistant:
    """An assistant whose answers come with their laps."""

    def __init__(self, store: Store, embedder: Embedder, ranker: Ranker | None) -> None:
        self._embedder = TimedEmbedder(embedder)
        self._ranker = TimedRanker(ranker) if ranker else None
        self.assistant = Assistant(store, self._embedder, self._ranker)

    def ask(self, question: str, history: Sequence[Turn] = ()) -> tuple[Answer, Laps]:
        """Answer ``question``; ``embed`` and ``rank`` are what the models took of ``understand`` and ``retrieve``."""
        self._embedder.ms = 0.0
        if self._ranker:
            self._ranker.ms = 0.0
        answer = self.assistant.ask(question, history)
        laps = apart(answer.timings_ms, "understand", "embed", self._embedder.ms)
        return answer, apart(laps, "retrieve", "rank", self._ranker.ms) if self._ranker else laps


def apart(laps: Laps, step: str, model: str, ms: float) -> Laps:
    """Return ``laps`` with the time of a ``model`` told apart from that of the ``step`` that called it."""
    found: Laps = {}
    for name, value in laps.items():
        found[name] = max(0.0, value - ms) if name == step else value
        if name == step:
            found[model] = ms
    return found


def shares(laps: Sequence[Laps]) -> dict[str, float]:
    """Return which share of the time of all answers each step took."""
    whole = sum(one["total"] for one in laps)
    names = dict.fromkeys(name for one in laps for name in one if name != "total")
    return {name: sum(one.get(name, 0.0) for one in laps) / whole for name in names}
