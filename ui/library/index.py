"""The index as a list of files: which documents each holds, and how files leave it."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, sleep_using_event, stop_after_delay, stop_when_event_set
from tenacity import wait_exponential_jitter as waits

from ui.library.records import is_at
from ui.state.records import Upload
from vectorstore.catalog_reader import FileRecord
from vectorstore.errors import NotFoundError, StoreLockedError
from vectorstore.records import Kind
from vectorstore.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LibraryDocument:
    """A document of a file; ``units`` is how many it has."""

    id: str
    title: str
    kind: Kind
    units: int
    warnings: tuple[str, ...]


class Index:
    """The files in ``store``, by their absolute paths. Waiting for other writers ends when ``stopping`` is set."""

    def __init__(self, store: Store, stopping: threading.Event) -> None:
        self.store = store
        self._stopping = stopping

    def paths(self) -> list[str]:
        """Return all paths."""
        return list(self.store.files())

    def paths_of(self, versions: Sequence[Upload]) -> set[str]:
        """Return the paths at which any of ``versions`` is indexed."""
        return {path for path in self.paths() if any(is_at(path, upload) for upload in versions)}

    def holders(self, document_id: str) -> list[str]:
        """Return the paths of the files that hold a document."""
        return [path for path, record in self.store.files().items() if document_id in record.document_ids]

    def documents(self, paths: Collection[str], files: Mapping[str, FileRecord] | None = None) -> list[LibraryDocument]:
        """Return the documents of the files at ``paths``, each once; ``files`` are those of the store, where they are at hand."""
        files = self.store.files() if files is None else files
        found = []
        for one in dict.fromkeys(one for path in paths if path in files for one in files[path].document_ids):
            try:
                document, units = self.store.document(one), self.store.units(one)
            except NotFoundError:
                continue  # replaced this moment
            found.append(LibraryDocument(one, document.title, document.kind, len(units), tuple(document.warnings)))
        return found

    def drop(self, paths: Collection[str], seconds: float) -> None:
        """Forget the files at ``paths``. Waits and raises as ``patiently`` does."""

        def drop() -> None:
            with self.store.writing():
                for path in paths:
                    self.store.drop_file(path)

        if paths:
            self.patiently(drop, seconds)

    def patiently(self, work: Callable[[], T], seconds: float) -> T:
        """Return ``work()``, tried again while another process writes to the store, for at most ``seconds``.

        Raises StoreLockedError after that, or at once when we are stopping.
        """
        trying = Retrying(
            retry=retry_if_exception_type(StoreLockedError),
            wait=waits(multiplier=0.05, max=2, jitter=0.05),
            stop=stop_after_delay(seconds) | stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            reraise=True,
        )
        return trying(work)
