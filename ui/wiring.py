"""The only place that puts the parts together."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from ui.embedding_model import model_opener
from ui.embedding_model import open_settings_ranker as open_settings_ranker  # the doctor opens it here, as the model
from ui.texts import say, why
from vectorstore.errors import ConfigError, StoreEmptyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant.answer import Answer
    from assistant.language_model import LanguageModel
    from assistant.pipeline import Assistant, Trace
    from assistant.ranker import Ranker
    from assistant.writer import Writer
    from ui.auditing import Auditor
    from ui.facets import Facets
    from ui.library import Library
    from ui.operation.operation import Operation
    from ui.questions import Question
    from ui.settings import Settings
    from ui.state.accounts import Accounts
    from ui.state.audit import Audit
    from ui.state.conversations import Conversations
    from ui.state.database import Database
    from ui.state.keys import Keys
    from ui.state.retention import Retention
    from ui.views import Hit
    from vectorstore.embedding import Embedder
    from vectorstore.store import Store


@dataclass(frozen=True, slots=True)
class State:
    """What a running service remembers beside the index."""

    database: "Database"
    conversations: "Conversations"
    accounts: "Accounts"
    audit: "Audit"
    keys: "Keys"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that every door calls. Use it as a context manager, or close it."""

    settings: "Settings"
    store: "Store"
    embedder: "Embedder"
    ranker: "Ranker | None"
    assistant: "Assistant"
    model: "LanguageModel | None" = None
    library: "Library | None" = None
    kept: State | None = None
    retention: "Retention | None" = None
    operation: "Operation | None" = None

    @property
    def state(self) -> State:
        """What is remembered. Raises RuntimeError where the services were opened for one command."""
        if self.kept is None:
            raise RuntimeError("these services remember nothing: open them with open_serving")
        return self.kept

    @property
    def watched(self) -> "Operation":
        """What watches the running service. Raises RuntimeError where the services were opened for one command."""
        if self.operation is None:
            raise RuntimeError("these services are not watched: open them with open_serving")
        return self.operation

    @property
    def auditor(self) -> "Auditor":
        """What notes who did what; it notes nothing where nothing is remembered or ``audit`` is off."""
        from ui.auditing import Auditor

        kept = self.kept.audit if self.kept and self.settings.audit else None
        return Auditor(kept, questions=self.settings.audit_questions)

    def ask(self, question: "Question", owner: str = "unknown") -> "Answer":
        """Answer ``question`` of ``owner``. Raises QuestionError where it is empty or above the limits."""
        *_, whole = self.traces(question, owner)
        return whole.answer

    def stream(self, question: "Question", owner: str = "unknown") -> "Iterator[Answer]":
        """Yield the answer to ``question`` as it grows, whole last. Raises as ``ask`` does."""
        yield from (step.answer for step in self.traces(question, owner))

    def traces(self, question: "Question", owner: str = "unknown") -> "Iterator[Trace]":
        """Yield what ``stream`` does, with what was ranked for it."""
        question.check(self.settings)
        steps = self.assistant.stream(
            question.question,
            question.history,
            conversation_id=question.conversation_id,
            within=question.filters.to_filter(),
        )
        if self.operation:
            steps = self.operation.watch(steps)
        yield from self.auditor.watch(owner, question, steps)

    def search(self, query: "Question", k: int) -> "list[Hit]":
        """Return the ``k`` units that fit the words of ``query`` best, without an answer.

        Raises QuestionError as ``ask`` does, StoreEmptyError, NotFoundError where a document is not there.
        """
        from assistant.retrieve import search
        from assistant.understand import understand
        from ui.views import Hit

        query.check(self.settings)
        if self.store.is_empty():
            raise StoreEmptyError(say("no_documents", self.settings.lang))
        sources = self.store.within(query.filters.to_filter())
        asked = understand(query.question, (), self.embedder)
        found = [] if sources.is_empty() else search(asked, k, sources, self.ranker)
        return [Hit.of_unit(n, sources.document(c.unit.document_id), c.unit, c.score) for n, c in enumerate(found, 1)]

    def facets(self, documents: "Sequence[str]" = ()) -> "Facets":
        """Return what a question can be limited to. Raises NotFoundError where one of ``documents`` is not there."""
        from ui.facets import facets

        return facets(self.store, documents)

    def close(self) -> None:
        """Release the files of the store, and the language model; the file that is being read is finished first."""
        if self.operation:
            self.operation.warming.close()
        if self.retention:
            self.retention.close()
        if self.library:
            self.library.close()
        if self.model:
            self.model.close()
        self.store.close()
        if self.kept:
            self.kept.database.close()
        if self.operation:
            self.operation.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_services(settings: "Settings", *, must_have_documents: bool = True) -> Services:
    """Open the store and what works on it; the embedding model itself loads when it is first needed.

    Raises StoreEmptyError where documents must be there and are not, StoreError and ModelMismatchError as the store
    does, EmbeddingError where there is no such model.
    """
    from assistant.pipeline import Assistant

    if must_have_documents and not settings.data_dir.is_dir():
        raise StoreEmptyError(say("no_data_dir", settings.lang, path=settings.data_dir))
    embedder, ranker = open_model(settings), open_settings_ranker(settings)
    store = open_store(settings, embedder)
    if must_have_documents and store.is_empty():
        store.close()
        raise StoreEmptyError(say("no_documents", settings.lang))
    model = open_language_model(settings)
    writer = open_writer(settings, model, store, embedder) if model else None
    assistant = Assistant(store, embedder, ranker, writer, engine=settings.engine, cached_answers=settings.answer_cache)
    return Services(settings, store, embedder, ranker, assistant, model)


def open_serving(settings: "Settings", *, worker: bool = False) -> Services:
    """Open the services with what a running service remembers, and take up what an earlier run left.

    ``worker``: this is one of several processes, and whoever started them has called ``prepare_serving``. Raises as
    ``open_services`` does, StateError where the database cannot be opened.
    """
    from datetime import UTC, datetime

    from ui.library import open_library
    from ui.operation.operation import open_operation
    from ui.state.retention import start_retention

    services = open_services(settings, must_have_documents=False)
    try:
        state = open_state(settings)
        services = replace(services, kept=state)
        operation = open_operation(settings)
        state.database.noticed = operation.metrics.database_failed
        if services.model:
            services.model.usage.tell = operation.metrics.tokens
        library = open_library(settings, services.store, state.database)
        started = datetime.now(UTC)
        library.share()
        if not worker and library.condition() != "elsewhere":  # what waits elsewhere may be answered there
            state.conversations.interrupt_pending(started)
    except BaseException:
        services.close()
        raise
    retention = start_retention(state.database, settings)
    return replace(services, library=library, retention=retention, operation=operation)


def prepare_serving(settings: "Settings") -> None:
    """Bring the database up to date and take up what an earlier run left, before several processes open both.

    Raises StateError.
    """
    from datetime import UTC, datetime

    from ui.library.duty import is_free

    state = open_state(settings)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if is_free(settings.data_dir):
            state.conversations.interrupt_pending(datetime.now(UTC))
    finally:
        state.database.close()


def open_state(settings: "Settings") -> State:
    """Open the database of what is remembered. Raises StateError."""
    from ui.state.accounts import Accounts
    from ui.state.audit import Audit
    from ui.state.conversations import Conversations
    from ui.state.database import Database, database_url
    from ui.state.keys import Keys

    database = Database.open(database_url(settings))
    accounts = Accounts(database, settings.session_hours)
    return State(database, Conversations(database), accounts, Audit(database), Keys(database))


def open_language_model(settings: "Settings") -> "LanguageModel | None":
    """Return the model of the engine that is set, not yet connected to or started; None where it needs none.

    Raises LanguageModelError where there is no such local model.
    """
    if settings.engine == "extractive":
        return None
    from assistant.language_model import local_model, remote_model

    if settings.engine == "llm":
        key, timeout = _api_key(settings), settings.llm_timeout
        return remote_model(
            str(settings.llm_base_url), str(settings.llm_model), key, timeout=timeout, usage=settings.llm_usage
        )
    from assistant.local_model import default_models_dir, locate
    from assistant.local_server import LocalServer

    path = locate(settings.local_model, default_models_dir(settings.data_dir))
    server = LocalServer(path, threads=settings.local_threads, context=settings.local_context)
    return local_model(server, path.stem, timeout=max(300.0, settings.llm_timeout))


def open_writer(settings: "Settings", model: "LanguageModel", store: "Store", embedder: "Embedder") -> "Writer":
    """Return what writes answers in the words of ``model``."""
    from assistant.nearness import nearness
    from assistant.writer import Writer

    if settings.engine == "local":
        # a small model reads slowly and is easily led astray: few sentences to read, and less is left to it
        return Writer(
            model, store, nearness(embedder), most=6, budget=min(500, settings.llm_context), judges=settings.llm_judge
        )
    return Writer(
        model, store, nearness(embedder), budget=settings.llm_context, judges=settings.llm_judge, capable=True
    )


def _api_key(settings: "Settings") -> str | None:
    if settings.llm_api_key:
        return settings.llm_api_key.get_secret_value()
    if settings.llm_api_key_file:
        try:
            return settings.llm_api_key_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                say("key_unreadable", settings.lang, path=settings.llm_api_key_file, reason=why(error))
            ) from error
    return None


def open_store(settings: "Settings", embedder: "Embedder", *, to_rebuild: bool = False) -> "Store":
    """Return the store that ``settings`` name. Raises StoreError, and ModelMismatchError unless it is ``to_rebuild``."""
    from vectorstore.store import Store

    token = settings.store_token.get_secret_value() if settings.store_token else None
    # absolute: the vector database keeps one client per path for the whole process, whose folder may change
    return Store.open(settings.data_dir.absolute(), embedder, settings.store, token, to_rebuild=to_rebuild)


def open_model(settings: "Settings") -> "Embedder":
    """Return the embedding model that ``settings`` name, not yet loaded. Raises EmbeddingError."""
    return model_opener(settings)()
