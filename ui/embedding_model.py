"""The embedding model that the settings name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.settings import Settings
    from vectorstore.embedding import Embedder


def embedded_folder(settings: "Settings") -> Path:
    """Return the folder of the embedded model."""
    from vectorstore.embedded_model import default_folder

    return default_folder(settings.data_dir)


def model_opener(settings: "Settings") -> "Callable[[], Embedder]":
    """Return what opens the model, also on another machine: it can be pickled, and knows nothing else of the settings.

    Calling it raises EmbeddingError.
    """
    from vectorstore.embedding import open_embedder

    name = settings.embedding_model or str(embedded_folder(settings))
    if Path(name).is_dir():  # others have working directories of their own
        name = str(Path(name).absolute())
    return partial(
        open_embedder,
        name,
        query_prefix=settings.query_prefix,
        document_prefix=settings.document_prefix,
        threads=settings.embedding_threads,
    )
