"""The reading of uploads in the background: one thread, one file after the other."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from ingest.isolation import Limits
from ingest.pipeline import ingest_paths, kind_of
from ingest.readers import SUFFIXES
from ingest.report import UNREAD
from ui.library.index import Index
from ui.library.records import Rereads, UploadRecords, is_pending, outcome
from ui.library.shelf import Shelf
from ui.state.records import Upload
from ui.texts import say
from vectorstore.errors import NotFoundError, StoreLockedError, ZhengceError

_LOG = logging.getLogger(__name__)
_STEP = 0.01  # of a file: progress is written to the database this often


class Worker:
    """One thread that calls ``handle`` with each id, in order; it starts with the first."""

    def __init__(self, handle: Callable[[str], None]) -> None:
        self._handle = handle
        self._queue: SimpleQueue[tuple[str, Context] | None] = SimpleQueue()
        self._queued: set[str] = set()
        self._in_hand = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self.stopping = threading.Event()

    def put(self, one: str) -> None:
        """Work on ``one`` after what was put before, unless it is among that; the log tells who put it."""
        with self._starting:
            if one in self._queued:
                return
            self._queued.add(one)
            self._queue.put((one, copy_context()))
            if self._thread is None and not self.stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop after the one in hand; what was not begun stays undone."""
        with self._starting:
            self.stopping.set()
            thread = self._thread
        self._queue.put(None)
        if thread:
            thread.join()

    def condition(self) -> Literal["idle", "reading", "dead"]:
        """Return what the thread does."""
        with self._starting:
            if self._thread and not self._thread.is_alive() and not self.stopping.is_set():
                return "dead"
            return "reading" if self._queued or self._in_hand else "idle"

    def _run(self) -> None:
        while (put := self._queue.get()) is not None and not self.stopping.is_set():
            one, context = put
            with self._starting:  # put again from now on, it is worked on again
                self._queued.discard(one)
                self._in_hand = True
            context.run(self._work, one)
            self._in_hand = False

    def _work(self, one: str) -> None:
        try:
            self._handle(one)
        except Exception:  # noqa: BLE001 - one file, or a database that is away, must not end the work on the others
            _LOG.exception("upload %s could not be worked on", one)


class Reader:
    """Reads one file into the index and records how it went; ``lock_wait`` seconds of patience with other writers."""

    def __init__(
        self,
        index: Index,
        shelf: Shelf,
        records: UploadRecords,
        rereads: Rereads,
        lock_wait: float,
        limits: Limits | None = None,
    ) -> None:
        self._index = index
        self._shelf = shelf
        self._records = records
        self._rereads = rereads
        self._lock_wait = lock_wait
        self._limits = limits

    def read(self, upload_id: str, stopping: threading.Event) -> None:
        """Read an upload, or a file that is to be read again; whatever happens is recorded."""
        records = self._rereads if upload_id in self._rereads else self._records
        try:
            upload = records.get(upload_id)
        except NotFoundError:
            return  # it was forgotten while it waited
        if not is_pending(upload):
            return  # it was found waiting a moment before its reading ended
        records.reading(upload.id)
        try:
            self._read(upload, records)
            return
        except StoreLockedError as error:
            if stopping.is_set():
                return  # it is still marked as being read, and ``resume`` takes it up
            reason = say("upload_locked", reason=error)
        except ZhengceError as error:
            reason = str(error)
        except Exception:  # noqa: BLE001 - one file must not end the work on the others; the log has the rest
            _LOG.exception("%s could not be read", upload.name)
            reason = say("upload_broken")
        records.finish(upload.id, outcome(upload.name, "failed", reason), ())

    def same(self, versions: Sequence[Upload], digest: str) -> Upload | None:
        """Return the active one of ``versions`` where it has these bytes, was read and is in the index."""
        active = next((one for one in versions if one.active and one.state == "done"), None)
        return active if active and active.digest == digest and self._index.paths_of([active]) else None

    def unchanged(self, upload: Upload, same: Upload) -> Upload:
        """Record that ``upload`` is ``same``."""
        self._records.finish(upload.id, outcome(upload.name, "unchanged"), same.warnings)
        self._records.activate(same.id)  # finishing made the new one active, but the index has the old one
        return self._records.get(upload.id)

    def fail(self, upload: Upload, reason: str) -> Upload:
        """Record why ``upload`` is not read."""
        return self._records.finish(upload.id, outcome(upload.name, "failed", reason), ())

    def _read(self, upload: Upload, records: UploadRecords | Rereads) -> None:
        versions = [] if records is self._rereads else self._records.versions(upload.name)
        same = self.same([one for one in versions if one.id != upload.id], upload.digest)
        if same and not self._index.paths_of([upload]):
            self.unchanged(upload, same)
            return
        if not upload.path:  # it was refused, and the process stopped before that was recorded
            self.fail(upload, refusal(upload.name, upload.size) or say("upload_bytes_gone"))
            return
        path = self._shelf.where(upload.path)
        kind = kind_of(self._index.store.files().get(str(path)))
        found = self._index.patiently(
            lambda: ingest_paths(
                [path],
                self._index.store,
                kind=kind,
                again=True,
                limits=self._limits,
                embedding=_reporter(upload.id, records),
            ).outcomes[0],
            self._lock_wait,
        )
        result = {**asdict(found), "path": upload.name}  # folders of this machine are nobody's business
        if found.status not in UNREAD:
            older = self._index.paths_of(versions) - {str(path)}
            self._index.drop(older, self._lock_wait)
            result["status"] = "replaced" if older else found.status
        warnings = [text for document in self._index.documents({str(path)}) for text in document.warnings]
        records.finish(upload.id, result, tuple(dict.fromkeys(warnings)))


def refusal(name: str, size: int) -> str | None:
    """Return why a file of ``size`` bytes need not even be read."""
    suffix = Path(name).suffix
    if suffix.lower() not in SUFFIXES:
        return say("upload_suffix", suffix=suffix or say("upload_no_suffix"), known=" ".join(SUFFIXES))
    return None if size else say("upload_empty")


def _reporter(upload_id: str, records: UploadRecords | Rereads) -> Callable[[int, int], None]:
    """Return what notes how far the reading is."""
    noted = 0.0

    def report(done: int, total: int) -> None:
        nonlocal noted
        if done / total < noted + _STEP:
            return
        noted = done / total
        try:
            records.progress(upload_id, noted)
        except ZhengceError:
            _LOG.warning("the progress of %s could not be noted", upload_id)  # it is only for show

    return report
