"""Files that a desk tool reads without indexing them: a draft to check, an edition to compare.

Bytes are read as an ingested file's are, in a process of their own under the limits of the settings
(``ingest.isolation``); nothing of them is kept.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from ui.ingesting import limits_of
from ui.texts import say, why
from vectorstore.errors import DeskError, ReadError
from vectorstore.records import Document, Kind, Unit

if TYPE_CHECKING:
    from ui.settings import Settings

STDIN = "-"
_AT_ONCE = 2  # files, each of which may take the memory that the settings allow
_WAIT = 60.0  # seconds for a place among them
_places = BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file holds: its documents with their units, in order. ``name`` is what it is called, ``data`` its bytes."""

    name: str
    data: bytes
    documents: Sequence[tuple[Document, Sequence[Unit]]]

    @property
    def text(self) -> str:
        """All its text, document after document."""
        return "\n".join(document.text for document, _units in self.documents)

    def edition(self) -> tuple[Document, Sequence[Unit]]:
        """Return the one policy in it. Raises DeskError where there are several, and no telling which is meant."""
        official = [one for one in self.documents if one[0].kind is not Kind.NEWS] or self.documents
        if len(official) > 1:
            titles = "、".join(f"《{document.title}》" for document, _units in official)
            raise DeskError(say("desk_many_documents", name=self.name, count=len(official), titles=titles))
        return official[0]


def read_draft(data: bytes, name: str, settings: "Settings") -> Draft:
    """Return what the bytes of the file ``name`` hold, whatever format the readers know.

    Raises ReadError where they cannot be read, also where they are more than ``max_upload_bytes``.
    """
    from ingest.isolation import Readings

    limits = replace(limits_of(settings), workers=1)
    if len(data) > settings.max_upload_bytes:
        raise ReadError(say("desk_file_large", name=name, limit=settings.max_upload_bytes // 2**20))
    with _a_place(), Readings(limits) as readings:
        try:
            parts = readings.begin(data, name)()
        except ReadError as error:
            raise ReadError(say("desk_file_unreadable", name=name, reason=error)) from error
    return Draft(name, data, [(document, units) for document, units, _chunks in parts])


def read_draft_at(given: str, settings: "Settings") -> Draft:
    """Return what the file at the path ``given`` holds, of ``-`` standard input. Raises ReadError."""
    most = settings.max_upload_bytes + 1
    try:
        if given == STDIN:
            return read_draft(sys.stdin.buffer.read(most), "草稿.txt", settings)
        path = Path(given)
        if path.exists() and not path.is_file():
            raise ReadError(say("desk_no_file", name=given))
        with path.open("rb") as stream:
            return read_draft(stream.read(most), path.name, settings)
    except OSError as error:
        raise ReadError(say("desk_file_unreadable", name=given, reason=why(error))) from error


@contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(timeout=_WAIT):
        raise ReadError(say("desk_files_busy"))
    try:
        yield
    finally:
        _places.release()
