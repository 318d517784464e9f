"""What is remembered of files that were brought: the records of uploads, and the readings that none stands behind."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ingest.report import UNREAD, FileOutcome, Status
from ui.state.records import Upload
from vectorstore.errors import NotFoundError

_REMEMBERED = 200


class UploadRecords(Protocol):
    """What is remembered of uploads: ``ui.state.uploads.Uploads``. Unknown ids raise NotFoundError."""

    def add(self, name: str, path: str, digest: str, size: int, by: str) -> Upload:
        """Note a new version, waiting."""
        ...

    def get(self, upload_id: str, /) -> Upload:
        """Return one."""
        ...

    def list(self) -> Sequence[Upload]:
        """Return all, by name, newest first."""
        ...

    def versions(self, name: str) -> Sequence[Upload]:
        """Return those of one name, newest first."""
        ...

    def progress(self, upload_id: str, /, done: float) -> None:
        """Note how much is read, of 1."""
        ...

    def reading(self, upload_id: str, /) -> object:
        """Note that it is being read."""
        ...

    def finish(self, upload_id: str, /, outcome: dict[str, Any], warnings: Sequence[str]) -> Upload:
        """Note how it went; unless it failed, it is the active version now."""
        ...

    def activate(self, upload_id: str, /) -> object:
        """Make it the active version."""
        ...

    def remove(self, upload_id: str, /) -> None:
        """Forget it."""
        ...

    def waiting(self) -> Sequence[Upload]:
        """Return those that wait or are being read, oldest first."""
        ...


class Rereads:
    """Readings of files that were not uploaded, shown like uploads; forgotten when the service ends."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, upload_id: str) -> bool:
        return upload_id in self._held

    def add(self, name: str, path: str, digest: str, size: int, by: str) -> Upload:
        """Note that the file at the absolute ``path`` is to be read again."""
        made = Upload(f"reread-{secrets.token_hex(8)}", name, path, digest, size, by, datetime.now(UTC))
        with self._lock:
            self._held[made.id] = made
            while len(self._held) > _REMEMBERED:
                self._held.popitem(last=False)
        return made

    def get(self, upload_id: str) -> Upload:
        """Return one. Raises NotFoundError."""
        with self._lock:
            if upload_id not in self._held:
                raise NotFoundError(upload_id)
            return self._held[upload_id]

    def reading(self, upload_id: str) -> None:
        """Note that it is being read."""
        self._change(upload_id, state="reading", done=0.0)

    def progress(self, upload_id: str, done: float) -> None:
        """Note how much is done, of 1."""
        self._change(upload_id, done=done)

    def finish(self, upload_id: str, outcome: dict[str, Any], warnings: Sequence[str]) -> Upload:
        """Note how it went."""
        state = "failed" if outcome["status"] in UNREAD else "done"
        return self._change(upload_id, state=state, done=1.0, outcome=outcome, warnings=tuple(warnings))

    def _change(self, upload_id: str, **values: Any) -> Upload:
        with self._lock:
            if upload_id not in self._held:
                raise NotFoundError(upload_id)
            self._held[upload_id] = replace(self._held[upload_id], **values)
            return self._held[upload_id]


def is_pending(upload: Upload) -> bool:
    """Whether it waits or is being read."""
    return upload.state in ("waiting", "reading")


def is_at(path: str, upload: Upload) -> bool:
    """Whether ``path`` in the index is ``upload``; the data folder may have moved since."""
    return bool(upload.path) and Path(path).as_posix().endswith(f"/{upload.path}")


def outcome(name: str, status: Status, reason: str | None = None) -> dict[str, Any]:
    """Return what became of a file that was not read."""
    return asdict(FileOutcome(name, status, reason))
