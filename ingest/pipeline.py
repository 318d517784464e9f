"""The way of files into the store: find → read (``ingest.reading``, in ``ingest.isolation``) → store.

A file is in the store as a whole or not at all. What did not change is not read twice; what cannot be read is reported
with its reason and the others go on. Reading runs ahead in other processes while this one embeds and writes; how far
ahead is bounded, so that memory is, too. With a cluster (``ingest.cluster``) the reading and embedding is done there;
what is read, and how it is written, is the same.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from ingest.isolation import HostileError, Limits, Readings
from ingest.opening import Asked, Known, Reading, file_bytes, find_files, look
from ingest.quarantine import Quarantine
from ingest.reading import Part, read_parts
from ingest.report import FileOutcome, IngestReport, Status
from vectorstore.catalog import FileRecord
from vectorstore.embedding import Vector
from vectorstore.errors import ReadError
from vectorstore.records import Kind
from vectorstore.store import Store

_MANY = 16  # files from which on it pays to read them in other processes
_AHEAD = 8  # files that are read while others are written
_BATCH = 512  # chunks that are embedded and written together

Progress = Callable[[int, int, str], None]
Embedding = Callable[[int, int], None]
Found = Reading | FileOutcome


class Cluster(Protocol):
    """Where else files can be read, and their chunks embedded."""

    def read(
        self, asked: Sequence[Asked], limits: Limits, kind: Kind | None, fingerprint: str
    ) -> Generator[Found, None, None]:
        """Yield what becomes of the files, in their order, with vectors of the model of this ``fingerprint``."""
        ...


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read and is to be written."""

    record: FileRecord
    parts: list[Part]
    status: Status
    seconds: float
    vectors: Mapping[bytes, Vector]

    @property
    def chunks(self) -> int:
        return sum(len(chunks) for _document, _units, chunks in self.parts)

    def outcome(self) -> FileOutcome:
        """Return what is reported once it is written."""
        return FileOutcome(
            self.record.path,
            self.status,
            documents=len(self.parts),
            units=sum(len(units) for _document, units, _chunks in self.parts),
            chunks=self.chunks,
            seconds=round(self.seconds, 3),
            warnings=tuple(dict.fromkeys(text for document, _u, _c in self.parts for text in document.warnings)),
        )


def ingest_paths(
    paths: Sequence[Path],
    store: Store,
    *,
    kind: Kind | None = None,
    prune: bool = False,
    again: bool = False,
    limits: Limits | None = None,
    progress: Progress | None = None,
    embedding: Embedding | None = None,
    cluster: Cluster | None = None,
) -> IngestReport:
    """Read the files and folders ``paths`` into ``store``; with ``prune``, forget files under them that are gone.

    With ``again``, files that did not change are read too, also those in quarantine. ``progress(done, total, name)`` is
    called as work goes on, counting files; ``embedding(done, total)`` as the chunks in hand get their vectors. With a
    ``cluster``, files are read and embedded there. Raises StoreLockedError where another process writes, StoreError where
    the cluster fails; what was written until then stays.
    """
    started = time.monotonic()
    files = list(dict.fromkeys(find_files(paths)))
    limits = limits or Limits()
    with store.writing():
        quarantine = Quarantine(store.data_dir)
        known = Known(dict(store.files()), quarantine, kind, again=again)
        if cluster:
            found = cluster.read([known.about(path) for path in files], limits, kind, store.embedder.fingerprint)
        else:
            found = _read_here(map(known.about, files), limits, kind, many=len(files) >= _MANY)
        writing = _Writing(store, len(files), progress, embedding)
        with closing(found):
            for one in found:
                writing.take(one, partial(_end, quarantine=quarantine, reader=known.reader))
        writing.flush()
        if prune:
            writing.outcomes += _prune(paths, store, set(files))
    return IngestReport(tuple(writing.outcomes), time.monotonic() - started)


def kind_of(record: FileRecord | None) -> Kind | None:
    """Return the kind that a file was ingested as, None where it was told from its text."""
    kind = record.reader.partition(":")[2] if record else ""
    return Kind(kind) if kind else None


def read_file(path: Path, kind: Kind | None = None) -> list[Part]:
    """Return the documents in the file ``path`` with their units and chunks. Raises ReadError."""
    return read_parts(file_bytes(path, Limits().size), str(path), kind)


def _read_here(
    asked: Iterable[Asked], limits: Limits, kind: Kind | None, *, many: bool
) -> Generator[Found, None, None]:
    """Yield what becomes of the files, in their order, with some more of them begun."""
    begun: deque[Found] = deque()
    with Readings(limits, many=many) as readings:
        for one in asked:
            looked = look(one, limits.size)
            if isinstance(looked, FileOutcome):
                begun.append(looked)
            else:
                data, digest = looked
                begun.append(Reading(one, digest, readings.begin(data, one.path, kind)))
            if len(begun) > _AHEAD:
                yield begun.popleft()
        yield from begun


def _end(reading: Reading, quarantine: Quarantine, reader: str) -> _Read | FileOutcome:
    """Wait for ``reading`` and return what it gave."""
    started = time.monotonic()

    def seconds() -> float:
        return time.monotonic() - started if reading.seconds is None else reading.seconds

    try:
        parts = reading.wait()
    except HostileError as error:
        quarantine.put(reading.path, reading.digest, str(error))
        return FileOutcome(reading.path, "quarantined", str(error), seconds=round(seconds(), 3))
    except ReadError as error:
        return FileOutcome(reading.path, "failed", str(error))
    quarantine.release(reading.path)
    ids = tuple(dict.fromkeys(document.id for document, _units, _chunks in parts))
    record = FileRecord(reading.path, reading.digest, reader, ids)
    return _Read(record, parts, "replaced" if reading.asked.held else "added", seconds(), reading.vectors)


class _Writing:
    """Writes what was read, batch by batch, and keeps the outcomes in the order of the files."""

    def __init__(self, store: Store, total: int, progress: Progress | None, embedding: Embedding | None) -> None:
        self._store, self._total = store, total
        self._progress, self._embedding = progress, embedding
        self._batch: list[_Read] = []
        self.outcomes: list[FileOutcome] = []

    def take(self, found: Found, end: Callable[[Reading], _Read | FileOutcome]) -> None:
        """Wait for what was ``found``; write it with what waits where that is enough for a batch."""
        if self._progress:
            self._progress(len(self.outcomes), self._total, Path(found.path).name)
        read = end(found) if isinstance(found, Reading) else found
        self.outcomes.append(read if isinstance(read, FileOutcome) else read.outcome())
        if isinstance(read, _Read):
            self._batch.append(read)
            if sum(one.chunks for one in self._batch) >= _BATCH:
                self.flush()

    def flush(self) -> None:
        """Write what waits."""
        batch, self._batch = self._batch, []
        if batch:
            counted = _counted(self._embedding, sum(one.chunks for one in batch))
            at_hand = {digest: vector for one in batch for digest, vector in one.vectors.items()}
            self._store.put_files([(one.record, one.parts) for one in batch], counted, at_hand)
        if self._progress and len(self.outcomes) == self._total:
            self._progress(self._total, self._total, "")


def _counted(embedding: Embedding | None, total: int) -> Callable[[int], None] | None:
    """Return what the store tells how many more chunks are done; texts that have a vector already are never told."""
    if embedding is None:
        return None
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done = min(done + count, total)
        embedding(done, total)

    return more


def _prune(paths: Sequence[Path], store: Store, present: set[Path]) -> list[FileOutcome]:
    """Forget the files under ``paths`` that are no longer there."""
    roots = [Path(os.path.abspath(path)) for path in paths]
    gone = [
        path
        for path in map(Path, store.files())
        if path not in present and any(path == root or root in path.parents for root in roots)
    ]
    for path in gone:
        store.drop_file(str(path))
    return [FileOutcome(str(path), "pruned") for path in gone]
