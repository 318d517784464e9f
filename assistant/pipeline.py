"""The way of one question: read (follow-up, intent) → find (evidence, draft) → write up (a model, if any) → verify."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer import Answer, Turn
from assistant.cache import AnswerCache
from assistant.compose import Draft, Statement, refused, statements_of, whole, write
from assistant.evidence import Candidate
from assistant.exhaustive import answer_mentions, mentions
from assistant.extractive import answer_compared, answer_found, nearest
from assistant.followup import resolve_followup
from assistant.references import named_place, resolve, spoken_of
from assistant.retrieve import WITHIN, judge, retrieve
from assistant.structural import answer_referenced
from assistant.understand import Asks, Query, understand
from assistant.verify import UnverifiedError, verify
from assistant.writer import WRITES, Writer
from vectorstore.embedding import Embedder
from vectorstore.errors import LanguageModelError, StoreEmptyError
from vectorstore.lexical import bigram_tokens
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
    ranking: list[Unit]
    candidates: Sequence[Candidate]


class Assistant:
    """Answers questions from one store, with a ``writer`` in a model's words. Safe to call from several threads."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        writer: Writer | None = None,
        *,
        engine: str = ENGINE,
        cached_answers: int = 0,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._writer = writer
        self._engine = engine
        self._cache: AnswerCache[Trace] = AnswerCache(cached_answers, store, writer.name if writer else engine)

    def warm(self) -> None:
        """Load the model and the indexes, so that the first question does not wait for them."""
        vector = self._embedder.embed_query("预热")
        self._store.nearest(vector, 1)
        self._store.matching(bigram_tokens("预热"), 1)

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
        sources = self._store.within(within)
        query, standalone = self._read(question[:MOST_CHARS], history, sources)
        asked = {"question": question, "standalone_question": standalone, "conversation_id": conversation_id}
        clock.lap("understand")
        key = self._cache.key(query, standalone, within)
        if cached := self._cache.get(key):
            clock.lap("cache")
            answer = cached.answer.model_copy(update={**asked, "timings_ms": clock.laps()})
            yield replace(cached, answer=answer)
            return
        found = self._find(query, sources, clock) if not sources.is_empty() else _nothing_within(within)
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

    def _read(self, question: str, history: Sequence[Turn], sources: Sources) -> tuple[Query, str]:
        """Return the question as a query, and as it reads on its own."""
        analyzer = sources.analyzer
        followup = resolve_followup(question, history, analyzer)
        if self._writer and followup.leans_on and followup.question == question:
            followup = replace(followup, question=self._condensed(question, history))
        query = understand(followup.question, analyzer)
        return replace(query, leans_on=spoken_of(followup.leans_on, sources)), followup.question

    def _condensed(self, question: str, history: Sequence[Turn]) -> str:
        """Return what the model makes of a follow-up that no rule resolves; the question itself where it fails."""
        try:
            return (self._writer and self._writer.condense(question, history)) or question
        except LanguageModelError as error:
            _log.warning("condensing failed: %s", error)
            return question

    def _written_up(self, query: Query, found: "Found") -> Iterator[tuple[Draft, str]]:
        """Yield the draft as it is written, with the engine that wrote it; without a model it is there at once."""
        draft = found.draft
        writes = self._writer and query.asks in WRITES and draft.status == "answered" and not query.commanded
        if not self._writer or not writes:
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

    def _find(self, query: Query, store: Sources, clock: "_Clock") -> "Found":
        """Take the route that the question calls for."""
        if named := named_place(query.question, store):
            return Found(Draft("answered", tuple(statements_of([whole(named)], store))), [named], ())
        if len(query.pointer.references) > 1 or (query.pointer and not query.aspects):
            resolved = resolve(query.pointer, query.question, store)
            judged: list[Candidate] = []

            def judge_units(units: Sequence[Unit]) -> list[Candidate]:
                judged.extend(found := self._judge(query, units, store, clock))
                return found

            draft = answer_referenced(query, resolved, judge_units, store)
            return Found(draft, _cited(draft), judged)
        if query.asks in (Asks.WHICH, Asks.EXISTS) and (mentioned := mentions(query, store)):
            term, found = mentioned
            if found or query.quoted or query.asks is Asks.EXISTS:
                close = [] if found else nearest(self._retrieve(query, store, clock))
                draft = answer_mentions(query, term, found, close, store)
                return Found(draft, _cited(draft), ())
        if query.aspects and (compared := self._compare(query, store, clock)):
            return compared
        candidates = self._retrieve(query, store, clock)
        return Found(answer_found(query, candidates, store), _units(candidates), candidates)

    def _compare(self, query: Query, store: Sources, clock: "_Clock") -> "Found | None":
        """Answer each side of a comparison from its own unit; None where one of them has none."""
        sides: list[tuple[Query, list[Candidate]]] = []
        for aspect in query.aspects:
            read = understand(aspect, store.analyzer)
            asks = Asks.FIGURE if query.wish else Asks.CONTENT
            side = replace(read, asks=asks, wish=query.wish, aspects=(), scope=query.scope, expected=1)
            named = [unit for units in resolve(side.pointer, aspect, store) for unit in units]
            judged = self._judge(side, named, store, clock) if named else self._retrieve(side, store, clock)
            sides.append((side, judged))
        draft = answer_compared(sides, store)
        if draft is None:
            return None
        candidates = [c for _side, found in sides for c in found]
        return Found(draft, _cited(draft) + _units(candidates), candidates)

    def _retrieve(self, query: Query, store: Sources, clock: "_Clock") -> list[Candidate]:
        clock.lap("understand")
        vector = self._embedder.embed_query(query.question)
        clock.lap("embed")
        found = retrieve(query, vector, store)
        clock.lap("retrieve")
        return found

    def _judge(self, query: Query, units: Sequence[Unit], store: Sources, clock: "_Clock") -> list[Candidate]:
        clock.lap("understand")
        vector = self._embedder.embed_query(query.question)
        clock.lap("embed")
        found = judge(query, vector, [(unit, 0.0) for unit in units], store, WITHIN)
        clock.lap("retrieve")
        return found


def _nothing_within(limits: Filter) -> Found:
    """What is found where ``limits`` let nothing through: a refusal that names the kinds of limits."""
    names = (
        ("文档", limits.documents),
        ("种类", limits.kinds),
        ("日期", limits.since or limits.until),
        ("章节", limits.section),
        ("地区", limits.regions),
        ("版本日期", limits.as_of),
        ("题名", limits.title),
        ("文号", limits.number),
        ("发文机关", limits.issuers),
        ("主题", limits.topics),
    )
    return Found(refused("refused_limits", limits="、".join(name for name, given in names if given)), [], ())


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


def _cited(draft: Draft) -> list[Unit]:
    return [quote.unit for statement in draft.statements for quote in statement.quotes]


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
