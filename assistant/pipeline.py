"""The way of one question: resolve → understand → find → draft → write → verify."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer import Answer, Turn
from assistant.compose import Draft, refused, write
from assistant.evidence import Candidate
from assistant.exhaustive import answer_mentions, mentions
from assistant.extractive import answer_compared, answer_found, nearest
from assistant.followup import resolve_followup
from assistant.references import resolve, spoken_of
from assistant.retrieve import WITHIN, judge, retrieve
from assistant.structural import answer_referenced
from assistant.understand import Asks, Query, understand
from assistant.verify import UnverifiedError, verify
from vectorstore.embedding import Embedder
from vectorstore.errors import StoreEmptyError
from vectorstore.records import Unit
from vectorstore.store import Store

_log = logging.getLogger(__name__)

ENGINE = "extractive"
MOST_CHARS = 2000  # of a question; what stands behind is not read


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer with the units that retrieval ranked for it, best first."""

    answer: Answer
    ranking: tuple[Unit, ...]


class Assistant:
    """Answers questions from one store. Safe to call from several threads."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    def warm(self) -> None:
        """Load the model and the indexes, so that the first question does not wait for them."""
        vector = self._embedder.embed_query("预热")
        self._store.nearest(vector, 1)
        self._store.matching(self._store.analyzer.tokens("预热"), 1)

    def ask(self, question: str, history: Sequence[Turn] = (), *, conversation_id: str | None = None) -> Answer:
        """Answer ``question``, a follow-up of ``history``. Raises StoreEmptyError where nothing is indexed."""
        return self.trace(question, history, conversation_id=conversation_id).answer

    def trace(self, question: str, history: Sequence[Turn] = (), *, conversation_id: str | None = None) -> Trace:
        """Answer as ``ask`` does and tell what was ranked."""
        if self._store.is_empty():
            raise StoreEmptyError("还没有收录任何文档;请先运行 zhengce ingest 文件或文件夹")
        clock = _Clock()
        followup = resolve_followup(question[:MOST_CHARS], history, self._store.analyzer)
        query = understand(followup.question, self._store.analyzer)
        query = replace(query, leans_on=spoken_of(followup.leans_on, self._store))
        clock.lap("understand")
        draft, ranking = self._draft(query, clock)
        clock.lap("answer")
        asked = {"question": question, "standalone_question": followup.question, "conversation_id": conversation_id}
        answer = self._checked(draft, asked)
        clock.lap("verify")
        return Trace(answer.model_copy(update={"timings_ms": clock.laps()}), tuple(ranking))

    def _checked(self, draft: Draft, asked: Mapping[str, Any]) -> Answer:
        """Write ``draft`` out and verify it; one that fails is a defect of ours: it is logged and withheld."""
        try:
            return verify(self._written(draft, asked), self._store)
        except UnverifiedError:
            _log.exception("an answer did not agree with its sources")
            places = [quote for statement in draft.statements for quote in statement.quotes]
            return verify(self._written(refused("withheld", places), asked), self._store)

    def _written(self, draft: Draft, asked: Mapping[str, Any]) -> Answer:
        sentences, citations, near, text = write(draft, self._store)
        return Answer(
            **asked,
            status=draft.status,
            answer=text,
            sentences=sentences,
            citations=citations,
            nearest=near,
            engine=ENGINE,
        )

    def _draft(self, query: Query, clock: "_Clock") -> tuple[Draft, list[Unit]]:
        """Take the route that the question calls for."""
        store = self._store
        if len(query.pointer.references) > 1 or (query.pointer and not query.aspects):
            resolved = resolve(query.pointer, query.question, store)
            draft = answer_referenced(query, resolved, lambda units: self._judge(query, units, clock), store)
            return draft, [quote.unit for s in draft.statements for quote in s.quotes]
        if query.asks in (Asks.WHICH, Asks.EXISTS) and (mentioned := mentions(query, store)):
            term, found = mentioned
            if found or query.quoted or query.asks is Asks.EXISTS:
                close = [] if found else nearest(self._retrieve(query, clock))
                draft = answer_mentions(query, term, found, close, store)
                return draft, [quote.unit for s in draft.statements for quote in s.quotes]
        if query.aspects and (compared := self._compare(query, clock)):
            return compared
        candidates = self._retrieve(query, clock)
        return answer_found(query, candidates, store), _units(candidates)

    def _compare(self, query: Query, clock: "_Clock") -> tuple[Draft, list[Unit]] | None:
        """Answer each side of a comparison from its own unit; None where one of them has none."""
        sides: list[tuple[Query, list[Candidate]]] = []
        for aspect in query.aspects:
            read = understand(aspect, self._store.analyzer)
            asks = Asks.FIGURE if query.wish else Asks.CONTENT
            side = replace(read, asks=asks, wish=query.wish, aspects=(), scope=query.scope, expected=1)
            named = [unit for units in resolve(side.pointer, aspect, self._store) for unit in units]
            sides.append((side, self._judge(side, named, clock) if named else self._retrieve(side, clock)))
        draft = answer_compared(sides, self._store)
        if draft is None:
            return None
        cited = [quote.unit for statement in draft.statements for quote in statement.quotes]
        return draft, cited + _units([c for _side, found in sides for c in found])

    def _retrieve(self, query: Query, clock: "_Clock") -> list[Candidate]:
        clock.lap("understand")
        vector = self._embedder.embed_query(query.question)
        clock.lap("embed")
        found = retrieve(query, vector, self._store)
        clock.lap("retrieve")
        return found

    def _judge(self, query: Query, units: Sequence[Unit], clock: "_Clock") -> list[Candidate]:
        clock.lap("understand")
        vector = self._embedder.embed_query(query.question)
        clock.lap("embed")
        found = judge(query, vector, [(unit, 0.0) for unit in units], self._store, WITHIN)
        clock.lap("retrieve")
        return found


def _units(candidates: Sequence[Candidate]) -> list[Unit]:
    return [candidate.unit for candidate in candidates]


class _Clock:
    """Adds up wall-clock milliseconds by step."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self._laps[step] = self._laps.get(step, 0.0) + (now - self._last) * 1000
        self._last = now

    def laps(self) -> dict[str, float]:
        total = (self._last - self._start) * 1000
        return {step: round(ms, 2) for step, ms in (*self._laps.items(), ("total", total))}
