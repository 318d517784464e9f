"""The only place that puts the parts together."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ui.texts import say
from vectorstore.errors import StoreEmptyError

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.pipeline import Assistant
    from ui.questions import Question
    from ui.settings import Settings
    from vectorstore.embedding import Embedder
    from vectorstore.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that every door calls. Use it as a context manager, or close it."""

    settings: "Settings"
    store: "Store"
    embedder: "Embedder"
    assistant: "Assistant"

    def ask(self, question: "Question") -> "Answer":
        """Answer ``question``. Raises QuestionError where it is empty or above the limits."""
        question.check(self.settings)
        return self.assistant.ask(question.question, question.history, conversation_id=question.conversation_id)

    def close(self) -> None:
        """Release the files of the store."""
        self.store.close()

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
    from vectorstore.store import Store

    if must_have_documents and not settings.data_dir.is_dir():
        raise StoreEmptyError(say("no_data_dir", settings.lang, path=settings.data_dir))
    embedder = open_model(settings)
    # absolute: the vector database keeps one client per path for the whole process, whose folder may change
    store = Store.open(settings.data_dir.absolute(), embedder, settings.store)
    if must_have_documents and store.is_empty():
        store.close()
        raise StoreEmptyError(say("no_documents", settings.lang))
    return Services(settings, store, embedder, Assistant(store, embedder))


def open_model(settings: "Settings") -> "Embedder":
    """Return the embedding model that ``settings`` name, not yet loaded. Raises EmbeddingError."""
    from vectorstore.embedding import open_embedder

    return open_embedder(
        settings.embedding_model or str(embedded_folder(settings)),
        query_prefix=settings.query_prefix,
        document_prefix=settings.document_prefix,
    )


def embedded_folder(settings: "Settings") -> Path:
    """Return the folder of the embedded model."""
    from vectorstore.embedded_model import default_folder

    return default_folder(settings.data_dir)
