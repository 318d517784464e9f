"""What can be done with the files of the library.

A new version goes into the index before the old one goes out, so that a question always finds one of them; the bytes
of old versions stay, so that they can come back.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Self

from filelock import FileLock, Timeout

from ingest.isolation import Limits
from ui.library.duty import Duty
from ui.library.index import Index, LibraryDocument
from ui.library.records import Rereads, UploadRecords, is_at, is_pending
from ui.library.shelf import Shelf, Storage, UploadError, measure, safe_name
from ui.library.worker import Reader, Worker, refusal
from ui.state.records import Upload
from ui.texts import say
from vectorstore.errors import StoreLockedError
from vectorstore.store import Store

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.state.database import Database

_PATIENCE = 10.0  # seconds that a person waits for the index


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """A file: indexed, on its way, or failed. ``size`` is in bytes, None where its bytes are gone.

    ``versions`` are those that were uploaded, newest first; a file that came by ``zhengce ingest`` has none.
    """

    name: str
    documents: tuple[LibraryDocument, ...] = ()
    versions: tuple[Upload, ...] = ()
    size: int | None = None

    @property
    def uploaded(self) -> bool:
        """Whether it came through the page or the API."""
        return bool(self.versions)


class Library:
    """The files. One object serves all threads; close it before the store, or use it as a context manager.

    ``max_bytes`` is what one file may have, ``lock_wait`` how many seconds the reading waits for another process that
    writes to the store, ``limits`` what the reading of one file may take.
    """

    def __init__(
        self,
        store: Store,
        records: UploadRecords,
        data_dir: Path,
        *,
        max_bytes: int = 64 * 1024 * 1024,
        lock_wait: float = 300.0,
        limits: Limits | None = None,
    ) -> None:
        self.max_bytes = max_bytes
        self._store = store
        self._records = records
        self._data_dir = Path(os.path.abspath(data_dir))  # as ingest writes the paths
        self._shelf = Shelf(self._data_dir)
        self._rereads = Rereads()
        self._worker = Worker(self._work)
        self._index = Index(store, self._worker.stopping)
        self._reader = Reader(self._index, self._shelf, records, self._rereads, lock_wait, limits)
        self._changing = threading.Lock()  # one change of the files at a time, also
        self._alone = FileLock(self._data_dir / "library.lock", thread_local=False)  # among processes
        self._duty: Duty | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop after the file in hand; those that wait are read at the next start, or by another process."""
        self._worker.close()
        if self._duty:
            self._duty.close()

    def resume(self) -> None:
        """Go on with what an earlier process had not finished. Call it once, when the service starts."""
        self._shelf.clear()
        self._take_up()

    def share(self) -> None:
        """Go on as ``resume`` does, but leave the reading to another process of this data folder where one does it."""
        self._duty = Duty(self._data_dir, self.resume, self._take_up)
        self._duty.start()

    def condition(self) -> Literal["idle", "reading", "elsewhere", "dead"]:
        """Return how the reading goes: ``elsewhere`` is in another process, ``dead`` should never be."""
        if self._duty and not self._duty.held:
            return "elsewhere"
        return self._worker.condition()

    def pending(self) -> int:
        """Return how many uploads wait or are being read, by whichever process."""
        return len(self._records.waiting())

    def accept(self, name: str, stream: BinaryIO, by: str) -> Upload:
        """Keep the bytes of ``stream`` as a new version of the file ``name`` and have it read in the background.

        What cannot be read for certain, and what is in the index already, is done at once: see the outcome. Raises
        TooLargeError above the limit and UnwritableError where the bytes cannot be kept.
        """
        kept = safe_name(name)
        received = self._shelf.receive(stream, self.max_bytes)
        versions = self._records.versions(kept)
        same = None if any(map(is_pending, versions)) else self._reader.same(versions, received.digest)
        refused = refusal(kept, received.size)
        if refused or same:
            received.path.unlink(missing_ok=True)
            upload = self._records.add(kept, same.path if same else "", received.digest, received.size, by)
            return self._reader.unchanged(upload, same) if same else self._reader.fail(upload, str(refused))
        path = self._shelf.place(received, kept)
        try:
            upload = self._records.add(kept, path, received.digest, received.size, by)
        except BaseException:  # whatever happened, bytes that nothing points at may not stay
            self._shelf.remove(path)
            raise
        self._put(upload)
        return upload

    def upload(self, upload_id: str) -> Upload:
        """Return an upload, or the reading that ``reindex`` began. Raises NotFoundError."""
        return self._rereads.get(upload_id) if upload_id in self._rereads else self._records.get(upload_id)

    def uploads(self) -> list[Upload]:
        """Return all uploads, by name, newest first."""
        return list(self._records.list())

    def restore(self, upload_id: str) -> Upload:
        """Have this version of its file be the one in the index. Raises NotFoundError, UploadError without bytes."""
        upload = self._records.get(upload_id)
        if is_pending(upload) or (upload.active and self._index.paths_of([upload])):
            return upload
        return self._again(upload)

    def reindex(self, document_or_upload_id: str, by: str = "") -> Upload:
        """Have a file read again though it did not change; return its upload, or what stands for one.

        Raises NotFoundError, UploadError where the file is gone.
        """
        known = {upload.id: upload for upload in self._records.list()}
        if document_or_upload_id in known:
            upload = known[document_or_upload_id]
            return upload if is_pending(upload) else self._again(upload)
        document = self._store.document(document_or_upload_id)
        holders = self._index.holders(document.id)
        for upload in known.values():
            if upload.active and any(is_at(path, upload) for path in holders):
                return upload if is_pending(upload) else self._again(upload)
        path = next((Path(one) for one in (document.source, *holders) if one in holders and Path(one).is_file()), None)
        if path is None:
            raise UploadError(say("upload_source_gone", name=Path(document.source).name))
        record = self._store.files()[str(path)]
        reread = self._rereads.add(path.name, str(path), record.digest, path.stat().st_size, by)
        self._worker.put(reread.id)
        return reread

    def remove_document(self, document_id: str) -> list[str]:
        """Forget the files that hold a document, with every version that was uploaded; return the titles that went.

        Files that came by ``zhengce ingest`` stay on the disk. Raises NotFoundError, StoreLockedError where the index
        is being written.
        """
        self._store.document(document_id)
        with self._changes():
            holders = self._index.holders(document_id)
            names = {u.name for u in self._records.list() if any(is_at(path, u) for path in holders)}
            versions = [upload for name in names for upload in self._records.versions(name)]
            paths = {*holders, *self._index.paths_of(versions)}
            documents = self._index.documents(paths)
            self._index.drop(paths, _PATIENCE)
            for upload in versions:
                self._records.remove(upload.id)
                self._shelf.remove(upload.path)
            left = {document.id for document in self._store.documents()}
        return [document.title for document in documents if document.id not in left]

    def discard(self, upload_id: str) -> None:
        """Forget a version that is not in the index, e.g. one that failed. Raises NotFoundError, UploadError."""
        with self._changes():
            upload = self._records.get(upload_id)
            if upload.active and self._index.paths_of([upload]):
                raise UploadError(say("upload_in_use", name=upload.name))
            self._records.remove(upload.id)
            if not any(other.path == upload.path for other in self._records.versions(upload.name)):
                self._index.drop(self._index.paths_of([upload]), _PATIENCE)
                self._shelf.remove(upload.path)

    def files(self) -> list[LibraryFile]:
        """Return every file that is indexed, waits, is being read or failed, by name."""
        indexed = self._store.files()
        found, taken = [], set[str]()
        called: dict[str, set[str]] = {}  # the paths of each file name: an upload lies under its own
        for path in indexed:
            called.setdefault(Path(path).name, set()).add(path)
        grouped: dict[str, list[Upload]] = {}
        for upload in self._records.list():
            grouped.setdefault(upload.name, []).append(upload)
        for name, versions in grouped.items():
            paths = {path for path in called.get(name, ()) if any(is_at(path, upload) for upload in versions)}
            taken |= paths
            # who brings the same bytes twice has made no version
            shown = [u for u in versions if u.active or u.outcome.get("status") != "unchanged"] or versions
            current = next((upload for upload in shown if upload.active), shown[0])
            size = current.size if self._shelf.holds(current.path) else None
            found.append(LibraryFile(name, tuple(self._index.documents(paths, indexed)), tuple(shown), size))
        for path in indexed:
            if path not in taken:
                size = Path(path).stat().st_size if Path(path).is_file() else None
                found.append(LibraryFile(Path(path).name, tuple(self._index.documents({path}, indexed)), (), size))
        return sorted(found, key=lambda file: file.name)

    def storage(self) -> Storage:
        """Return what the data folder takes."""
        return measure(self._data_dir)

    # -- inside ------------------------------------------------------------------------------------------------

    def _work(self, upload_id: str) -> None:
        with self._changing, ExitStack() as stack:
            while not self._worker.stopping.is_set():
                try:
                    stack.enter_context(self._alone.acquire(timeout=1))
                except Timeout:
                    continue  # another process removes a document
                self._reader.read(upload_id, self._worker.stopping)
                return

    def _put(self, upload: Upload) -> None:
        if self._duty is None or self._duty.held:
            self._worker.put(upload.id)

    def _take_up(self) -> None:
        for upload in self._records.waiting():
            self._worker.put(upload.id)

    def _again(self, upload: Upload) -> Upload:
        if not self._shelf.holds(upload.path):
            raise UploadError(say("upload_bytes_gone"))
        self._records.reading(upload.id)
        self._put(upload)
        return self._records.get(upload.id)

    @contextmanager
    def _changes(self) -> Iterator[None]:
        if not self._changing.acquire(timeout=_PATIENCE):
            raise StoreLockedError(say("upload_busy"))
        try:
            with self._alone.acquire(timeout=_PATIENCE):
                yield
        except Timeout as error:
            raise StoreLockedError(say("upload_busy")) from error
        finally:
            self._changing.release()


def open_library(settings: "Settings", store: Store, database: "Database") -> Library:
    """Return the library on ``store``, whose records are in ``database``. ``resume`` it where the service runs."""
    from ui.ingesting import limits_of
    from ui.state.uploads import Uploads

    size, limits = settings.max_upload_bytes, limits_of(settings)
    return Library(store, Uploads(database), settings.data_dir, max_bytes=size, limits=limits)
