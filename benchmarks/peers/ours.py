"""zhengce itself: what its retrieval ranks, or with ``--answer`` the whole answer, composed and verified.

It reads the files, as it would for anyone; the others get the texts that came of them.
"""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.followup import resolve_followup

from assistant.answer import Turn
from assistant.pipeline import Assistant
from assistant.references import spoken_of
from assistant.retrieve import retrieve
from assistant.understand import understand
from benchmarks.peers.wire import Span, serve
from ingest.pipeline import ingest_paths
from vectorstore.embedding import open_embedder
from vectorstore.records import Unit
from vectorstore.store import Store


def _spans(units: list[Unit]) -> list[Span]:
    return [(unit.document_id, unit.start, unit.end) for unit in units]


class Answering:
    """The whole of it; ranked is what ``zhengce eval`` counts."""

    def __init__(self, model: str) -> None:
        self._embedder = open_embedder(model)
        self._embedder.embed_query("预热")
        self._open = ExitStack()
        self._store: Store
        self._assistant: Assistant

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        self._open.close()
        self._store = self._open.enter_context(Store.open(folder, self._embedder))
        report = ingest_paths([Path(file) for file in page["files"]], self._store)
        self._assistant = Assistant(self._store, self._embedder)
        return report.chunks

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        history = [Turn.model_validate(turn) for turn in question["history"]]
        return _spans(list(self._assistant.trace(question["question"], history).ranking[:most]))


class Retrieving(Answering):
    """Understanding, embedding and ranking alone."""

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        history = [Turn.model_validate(turn) for turn in question["history"]]
        followup = resolve_followup(question["question"], history, self._store.analyzer)
        query = understand(followup.question, self._store.analyzer)
        query = replace(query, leans_on=spoken_of(followup.leans_on, self._store))
        found = retrieve(query, self._embedder.embed_query(query.question), self._store)[:most]
        return _spans([candidate.unit for candidate in found])


if __name__ == "__main__":
    serve(Answering if "--answer" in sys.argv else Retrieving)
