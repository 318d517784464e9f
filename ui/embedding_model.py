"""The embedding model and the ranker that the settings name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.ranker import Ranker
    from ui.settings import Settings
    from vectorstore.embedding import Backend, Embedder


def model_name(settings: "Settings") -> str:
    """Return the name or the folder of the model; without one in the settings, the folder of the embedded model."""
    from vectorstore.embedded_model import NAME
    from vectorstore.model_folder import find_model

    return settings.embedding_model or str(find_model(NAME, settings.data_dir))


def backend_in_use(settings: "Settings") -> "Backend":
    """Return what runs the model here."""
    from vectorstore.embedding import backend_of

    return backend_of(model_name(settings), settings.embedding_backend)


def model_opener(settings: "Settings") -> "Callable[[], Embedder]":
    """Return what opens the model, also on another machine: it can be pickled, and knows nothing else of the settings.

    What runs the model is chosen here, so that it is the same on every machine. Calling it raises EmbeddingError.
    """
    from vectorstore.embedding import open_embedder

    name = model_name(settings)
    if Path(name).is_dir():  # others have working directories of their own
        name = str(Path(name).absolute())
    return partial(
        open_embedder,
        name,
        query_prefix=settings.query_prefix,
        document_prefix=settings.document_prefix,
        backend=backend_in_use(settings),
        threads=settings.embedding_threads,
    )


def ranker_name(settings: "Settings") -> str:
    """Return the name or the folder of the ranker, ``off`` for none; without one in the settings, the embedded one's."""
    from assistant.embedded_ranker import NAME
    from vectorstore.model_folder import find_model

    return settings.reranker_model or str(find_model(NAME, settings.data_dir))


def open_settings_ranker(settings: "Settings") -> "Ranker | None":
    """Return the ranker, not yet loaded; None where it is off. Raises EmbeddingError where there is no such model."""
    from assistant.ranker import open_ranker

    return open_ranker(ranker_name(settings), backend=settings.embedding_backend, threads=settings.embedding_threads)
