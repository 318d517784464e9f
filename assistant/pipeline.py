"""The way of one question: understand → find (by key, by structure, by meaning) → refuse or draft → write up → verify."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer import Answer, Turn
from assistant.asks import Asks
from assistant.cache import AnswerCache
from assistant.draft import Draft, Statement, refused, statements_of, whole, write
from assistant.evidence import Candidate
from assistant.mentions import answer_mentions, mentioned_term
from assistant.outline import answer_overview, document_meant
from assistant.places import answer_places
from assistant.quoting import answering, nearest, quotes_of
from assistant.ranker import Ranker
from assistant.references import documents_named, named_place, resolve
from assistant.refusal import beside_the_sources, nothing_within, without_answer
from assistant.retrieve import Ranking, rank, retrieve, widen
from assistant.understand import Query, understand
from assistant.verify import UnverifiedError, verify
from assistant.writer import WRITES, Writer
from vectorstore.edition_asked import edition_asked
from vectorstore.embedding import Embedder
from vectorstore.errors import LanguageModelError, StoreEmptyError
from vectorstore.records import EVERYTHING, Filter, Unit
from vectorstore.sources import Sources
from vectorstore.store import Store

_log = logging.getLogger(__name__)

ENGINE = "extractive"
FAILED = Statement("model_failed", ())  # the notice that the model could not be reached
MOST_CHARS = 2000  # of a question; what stands behind is not read


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer with the units that retrieval ranked for it, best first, and what a model wrote for it.

    ``written`` and ``dropped`` count the model's sentences and those that did not pass the check.
    """

    answer: Answer
    ranking: tuple[Unit, ...]
    written: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What the sources hold for a query: a draft of quotes, the ranked units, and the evidence as it was judged."""

    draft: Draft
    ranking: Sequence[Unit]
    candidates: Sequence[Candidate] = ()


class Assistant:
    """Answers questions from one store, with a ``writer`` in a model's words. Safe to call from several threads.

    Without a ``ranker`` the order is that of the first stage, and what is answered and what refused is far less certain.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        ranker: Ranker | None = None,
        writer: Writer | None = None,
        *,
        engine: str = ENGINE,
        cached_answers: int = 0,
    ) -> None:
        self._store, self._embedder, self._ranker, self._writer = store, embedder, ranker, writer
        self._engine = engine
        self._cache: AnswerCache[Trace] = AnswerCache(cached_answers, store, writer.name if writer else engine)

    def warm(self) -> None:
        """Load the models and the indexes, so that the first question does not wait for them."""
        query = understand("预热", (), self._embedder)
        if not self._store.is_empty():
            retrieve(query, self._store, self._ranker)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        conversation_id: str | None = None,
        within: Filter = EVERYTHING,
    ) -> Answer:
        """Answer ``question``, a follow-up of ``history``, from what ``within`` lets through. Raises as ``stream``."""
        return self.trace(question, history, conversation_id=conversation_id, within=within).answer

    def trace(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        conversation_id: str | None = None,
        within: Filter = EVERYTHING,
    ) -> Trace:
        """Answer as ``ask`` does and tell what was ranked."""
        *_, whole = self.stream(question, history, conversation_id=conversation_id, within=within)
        return whole

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        conversation_id: str | None = None,
        within: Filter = EVERYTHING,
    ) -> Iterator[Trace]:
        """Yield the answer as it grows, whole last: each text begins with the one before, and ids never change.

        Raises StoreEmptyError where nothing is indexed, NotFoundError where ``within`` names a document that is not.
        """
        if self._store.is_empty():
            raise StoreEmptyError("还没有收录任何文档；请先运行 zhengce ingest 文件或文件夹")
        clock = _Clock()
        if not within.documents and (editions := edition_asked(question, self._store)):
            within = replace(within, documents=editions)
        sources = self._store.within(within)
        query = self._understand(question[:MOST_CHARS], history)
        asked = {
            "question": question,
            "standalone_question": query.standalone,
            "conversation_id": conversation_id,
        }
        clock.lap("understand")
        key = self._cache.key(query.whole, within)
        if cached := self._cache.get(key):
            clock.lap("cache")
            answer = cached.answer.model_copy(update={**asked, "timings_ms": clock.laps()})
            yield replace(cached, answer=answer)
            return
        found = Found(nothing_within(within), ()) if sources.is_empty() else self._find(query, sources, clock)
        clock.lap("answer")
        trace: Trace | None = None
        kept = True
        for draft, engine in self._written_up(query, found):
            clock.lap("write" if self._writer else "answer")
            answer = self._checked(draft, asked, engine, found.draft, sources)
            clock.lap("verify")
            answer = answer.model_copy(update={"timings_ms": clock.laps()})
            trace = Trace(answer, tuple(found.ranking), draft.written, draft.dropped)
            yield trace
            kept = FAILED not in draft.statements  # an endpoint that is down now may be up for the next one who asks
        if trace and kept:
            self._cache.put(key, trace)

    def _understand(self, question: str, history: Sequence[Turn]) -> Query:
        """Read the question; one that leans on a turn before is put on its own feet by a model that can."""
        query = understand(question, history, self._embedder)
        if not self._writer or not query.before or query.pointer:
            return query
        try:
            condensed = self._writer.condense(question, history)
        except LanguageModelError as error:
            _log.warning("condensing failed: %s", error)
            condensed = None
        return understand(condensed, (), self._embedder) if condensed else query

    def _find(self, query: Query, sources: Sources, clock: "_Clock") -> Found:
        """Find what answers, on the way that the question calls for; whether anything does is for ``refusal`` to say."""
        if aside := beside_the_sources(query):
            return Found(aside, ())
        if named := named_place(query.question, sources):
            return Found(Draft("answered", tuple(statements_of([whole(named)], sources))), [named])
        if query.pointer:
            resolved = resolve(query.pointer, query.question, sources)
            draft, ranking = answer_places(
                query, resolved, lambda units: self._rank(query, units, sources, clock), sources
            )
            return Found(draft, ranking.units, ranking.candidates)
        ranking = retrieve(query, sources, self._ranker)
        clock.lap("retrieve")
        return Found(self._draft(query, ranking, sources), ranking.units, ranking.candidates)

    def _draft(self, query: Query, ranking: Ranking, sources: Sources) -> Draft:
        """Answer from the structure where a whole set is asked for, else from the best of the ranking."""
        mentions = query.asks in (Asks.WHICH, Asks.EXISTS) or (query.asks is Asks.WORDING and query.quoted)
        if mentions and (term := mentioned_term(query, sources)):
            meant = documents_named(query.question, sources) or {one.document_id for one in ranking.units[:1]}
            return answer_mentions(query, term, meant, nearest(ranking), sources)
        if query.asks is Asks.OVERVIEW and (document := document_meant(query, ranking.units, sources)):
            return answer_overview(query, document, sources)
        if refusal := without_answer(ranking):
            return refusal
        if query.asks is Asks.WHICH:
            ranking = widen(query, ranking, sources, self._ranker)
        taken = answering(query, ranking)
        told = ranking.fitted.told
        corrects = taken[0].corrects >= ranking.fitted.corrected
        quotes = [quote for one in taken for quote in quotes_of(query, one, told)]
        statements = statements_of(quotes, sources)
        if corrects:
            statements[0] = replace(statements[0], frame="source_says")
        return Draft("corrected" if corrects else "answered", tuple(statements))

    def _rank(self, query: Query, units: Sequence[Unit], sources: Sources, clock: "_Clock") -> Ranking:
        ranking = rank(query, [(unit, 1.0) for unit in units], sources, self._ranker)
        clock.lap("retrieve")
        return ranking

    def _written_up(self, query: Query, found: Found) -> Iterator[tuple[Draft, str]]:
        """Yield the draft as it is written, with the engine that wrote it; without a model it is there at once."""
        draft = found.draft
        if not self._writer or query.asks not in WRITES or draft.status != "answered":
            yield draft, ENGINE
            return
        try:
            for grown in self._writer.rewrite(query, draft, found.candidates):
                taken_over = grown.written and grown.dropped == grown.written
                yield grown, ENGINE if taken_over else f"{self._engine}:{self._writer.name}"
        except LanguageModelError as error:
            _log.warning("writing failed: %s", error)
            yield replace(draft, statements=(FAILED, *draft.statements)), ENGINE

    def _checked(self, draft: Draft, asked: Mapping[str, Any], engine: str, quotes: Draft, sources: Sources) -> Answer:
        """Write ``draft`` out and verify it; one that fails is a defect of ours: it is logged, and ``quotes`` stand in.

        Quotes that fail themselves are withheld.
        """
        try:
            return verify(_written(draft, asked, engine, sources), sources)
        except UnverifiedError:
            _log.exception("an answer did not agree with its sources")
            if draft is not quotes:
                return self._checked(quotes, asked, ENGINE, quotes, sources)
            places = [quote for statement in draft.statements for quote in statement.quotes]
            return verify(_written(refused("withheld", places), asked, ENGINE, sources), sources)


def _written(draft: Draft, asked: Mapping[str, Any], engine: str, sources: Sources) -> Answer:
    sentences, citations, near, text = write(draft, sources)
    return Answer(
        **asked,
        status=draft.status,
        answer=text,
        sentences=sentences,
        citations=citations,
        nearest=near,
        engine=engine,
    )


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
