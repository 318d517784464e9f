"""The way of files into the store: find → read (``ingest.reading``, in ``ingest.isolation``) → store.

A file is in the store as a whole or not at all. What did not change is not read twice; what cannot be read is reported
with its reason and the others go on. Reading runs ahead in other processes while this one embeds and writes; how far
ahead is bounded, so that memory is, too.
"""

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.isolation import HostileError, Limits, Readings
from ingest.quarantine import Quarantine
from ingest.readers import SUFFIXES
from ingest.reading import READER, Part, read_parts
from ingest.report import FileOutcome, IngestReport, Status
from vectorstore.catalog import FileRecord
from vectorstore.errors import ReadError
from vectorstore.records import Kind
from vectorstore.store import Store

_MANY = 16  # files from which on it pays to read them in other processes
_AHEAD = 8  # files that are read while others are written
_BATCH = 512  # chunks that are embedded and written together

Progress = Callable[[int, int, str], None]
Embedding = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file that is being read; ``wait`` returns its documents. ``held``: it was in the store before."""

    path: str
    digest: str
    held: bool
    wait: Callable[[], list[Part]]


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read and is to be written."""

    record: FileRecord
    parts: list[Part]
    status: Status
    seconds: float

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
) -> IngestReport:
    """Read the files and folders ``paths`` into ``store``; with ``prune``, forget files under them that are gone.

    With ``again``, files that did not change are read too, also those in quarantine. ``progress(done, total, name)`` is
    called as work goes on, counting files; ``embedding(done, total)`` as the chunks in hand get their vectors. Raises
    StoreLockedError where another process writes.
    """
    started = time.monotonic()
    files = list(dict.fromkeys(_files(paths)))
    limits = limits or Limits()
    with store.writing(), Readings(limits, many=len(files) >= _MANY) as readings:
        opening = _Opening(readings, limits, dict(store.files()), Quarantine(store.data_dir), kind, again)
        writing = _Writing(store, len(files), progress, embedding)
        for reading in _ahead(opening.begin(path) for path in files):
            writing.take(reading, opening)
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
    return read_parts(_bytes(path, Limits().size), str(path), kind)


class _Opening:
    """Opens files, and begins to read those that have to be."""

    def __init__(
        self,
        readings: Readings,
        limits: Limits,
        held: Mapping[str, FileRecord],
        quarantine: Quarantine,
        kind: Kind | None,
        again: bool,
    ) -> None:
        self._readings, self._limits, self._held = readings, limits, held
        self.quarantine, self._kind, self._again = quarantine, kind, again
        self._reader = f"{READER}:{kind or ''}"

    def begin(self, path: Path) -> _Reading | FileOutcome:
        """Begin to read ``path``; where it is as it was or cannot be read, that is its outcome."""
        name = str(path)
        try:
            data = _bytes(path, self._limits.size)
        except ReadError as error:
            return FileOutcome(name, "failed", str(error))
        digest = hashlib.sha256(data).hexdigest()
        held = self._held.get(name)
        if held and not self._again and (held.digest, held.reader) == (digest, self._reader):
            return FileOutcome(name, "unchanged")
        if not self._again and (reason := self.quarantine.reason(name, digest)):
            return FileOutcome(name, "quarantined", reason)
        return _Reading(name, digest, held is not None, self._readings.begin(data, name, self._kind))

    def end(self, reading: _Reading) -> _Read | FileOutcome:
        """Wait for ``reading`` and return what it gave."""
        started = time.monotonic()
        try:
            parts = reading.wait()
        except HostileError as error:
            self.quarantine.put(reading.path, reading.digest, str(error))
            return FileOutcome(reading.path, "quarantined", str(error), seconds=round(time.monotonic() - started, 3))
        except ReadError as error:
            return FileOutcome(reading.path, "failed", str(error))
        self.quarantine.release(reading.path)
        ids = tuple(dict.fromkeys(document.id for document, _units, _chunks in parts))
        record = FileRecord(reading.path, reading.digest, self._reader, ids)
        return _Read(record, parts, "replaced" if reading.held else "added", time.monotonic() - started)


class _Writing:
    """Writes what was read, batch by batch, and keeps the outcomes in the order of the files."""

    def __init__(self, store: Store, total: int, progress: Progress | None, embedding: Embedding | None) -> None:
        self._store, self._total = store, total
        self._progress, self._embedding = progress, embedding
        self._batch: list[_Read] = []
        self.outcomes: list[FileOutcome] = []

    def take(self, reading: _Reading | FileOutcome, opening: _Opening) -> None:
        """Wait for ``reading``; write it with what waits where that is enough for a batch."""
        if self._progress:
            self._progress(len(self.outcomes), self._total, Path(reading.path).name)
        read = opening.end(reading) if isinstance(reading, _Reading) else reading
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
            self._store.put_files([(one.record, one.parts) for one in batch], counted)
        if self._progress and len(self.outcomes) == self._total:
            self._progress(self._total, self._total, "")


def _ahead(readings: Iterator[_Reading | FileOutcome]) -> Iterator[_Reading | FileOutcome]:
    """Yield ``readings`` in order, with some more of them begun."""
    begun: deque[_Reading | FileOutcome] = deque()
    for reading in readings:
        begun.append(reading)
        if len(begun) > _AHEAD:
            yield begun.popleft()
    yield from begun


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield absolute paths of the files in ``paths``; in folders, those of known types, without hidden ones."""
    for given in paths:
        path = Path(os.path.abspath(given))
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if name.lower().endswith(SUFFIXES) and not name.startswith((".", "~$")):
                    yield Path(folder) / name


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


def _bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a file. Raises ReadError."""
    try:
        if not path.is_file() and path.exists():
            raise ReadError("不是普通文件")  # a pipe would never end
        size = path.stat().st_size
        if size > limit:
            raise ReadError(f"文件过大({size // 2**20} MB),上限 {limit // 2**20} MB;请拆成小文件后重试")
        return path.read_bytes()
    except FileNotFoundError:
        raise ReadError("文件不存在") from None
    except PermissionError:
        raise ReadError("没有读取权限") from None
    except OSError as error:
        raise ReadError(f"无法读取:{error.strerror}") from error


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
