"""zhengce itself: what its search ranks, or with ``--answer`` the whole answer, composed and verified.

It reads the files, as it would for anyone; the others get the texts that came of them. With ``--trained`` it runs the
models that the settings name, by default its own; with ``--unranked`` these without the ranker; without either the model
that the others run, and no ranker.
"""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answer import Turn
from assistant.pipeline import Assistant
from assistant.retrieve import search
from assistant.understand import understand
from benchmarks.peers.wire import Span, serve
from ingest.pipeline import ingest_paths
from ui.embedding_model import open_settings_ranker
from ui.settings import load_settings
from ui.wiring import open_model
from vectorstore.edition_asked import edition_asked
from vectorstore.embedding import open_embedder
from vectorstore.records import Filter, Unit
from vectorstore.store import Store

if TYPE_CHECKING:
    from assistant.ranker import Ranker
    from vectorstore.embedding import Embedder


def _spans(units: list[Unit]) -> list[Span]:
    return [(unit.document_id, unit.start, unit.end) for unit in units]


def _models(model: str) -> "tuple[Embedder, Ranker | None]":
    if "--trained" in sys.argv:
        return open_model(load_settings()), open_settings_ranker(load_settings())
    return open_model(load_settings()) if "--unranked" in sys.argv else open_embedder(model), None


class Answering:
    """The whole of it; ranked is what ``zhengce eval`` counts."""

    def __init__(self, model: str) -> None:
        self._embedder, self._ranker = _models(model)
        self._embedder.embed_query("预热")
        self._open = ExitStack()
        self._store: Store
        self._assistant: Assistant

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        self._open.close()
        self._store = self._open.enter_context(Store.open(folder, self._embedder))
        report = ingest_paths([Path(file) for file in page["files"]], self._store)
        self._assistant = Assistant(self._store, self._embedder, self._ranker)
        return report.chunks

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        history = [Turn.model_validate(turn) for turn in question["history"]]
        return _spans(list(self._assistant.trace(question["question"], history).ranking[:most]))


class Retrieving(Answering):
    """Understanding, embedding and ranking alone, among the same sources as for an answer."""

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        asked = question["question"]
        history = [Turn.model_validate(turn) for turn in question["history"]]
        sources = self._store.within(Filter(documents=edition_asked(asked, self._store)))
        found = search(understand(asked, history, self._embedder), most, sources, self._ranker)
        return _spans([candidate.unit for candidate in found])


if __name__ == "__main__":
    serve(Answering if "--answer" in sys.argv else Retrieving)
