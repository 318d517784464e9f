"""The way of files into the store: find → read (``ingest.readers``) → paragraphs → articles → units → chunks → store.

A file is the step of work: it is in the store as a whole or not at all. What did not change is not read twice; what
cannot be read is reported with its reason and the others go on.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ingest.articles import split_articles
from ingest.chunking import build_chunks
from ingest.layout import heal
from ingest.lines import NOTHING_SAID, Extracted
from ingest.metadata import read_metadata
from ingest.readers import SUFFIXES, read
from ingest.structure import build_document
from vectorstore.catalog import FileRecord
from vectorstore.errors import ReadError
from vectorstore.records import Chunk, Document, Kind, Unit
from vectorstore.store import Store

READER = "3"  # raise it when the same file would now give other units or metadata
MAX_BYTES = 64 * 1024 * 1024

Status = Literal["added", "replaced", "unchanged", "failed", "pruned"]
Progress = Callable[[int, int, str], None]
Embedding = Callable[[int, int], None]
Part = tuple[Document, list[Unit], list[Chunk]]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file. ``reason`` says in Chinese why it failed."""

    path: str
    status: Status
    reason: str | None = None
    documents: int = 0
    units: int = 0
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of all files."""

    outcomes: tuple[FileOutcome, ...]

    @property
    def documents(self) -> int:
        """Documents written in this run."""
        return sum(o.documents for o in self.outcomes)

    @property
    def units(self) -> int:
        """Units written in this run."""
        return sum(o.units for o in self.outcomes)

    @property
    def chunks(self) -> int:
        """Chunks written in this run."""
        return sum(o.chunks for o in self.outcomes)

    @property
    def skipped(self) -> int:
        """Files that had not changed."""
        return sum(o.status == "unchanged" for o in self.outcomes)

    @property
    def failed(self) -> int:
        """Files that could not be read."""
        return sum(o.status == "failed" for o in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values."""
        counts = {name: getattr(self, name) for name in ("documents", "units", "chunks", "skipped", "failed")}
        return {**counts, "files": [asdict(outcome) for outcome in self.outcomes]}


def ingest_paths(
    paths: Sequence[Path],
    store: Store,
    *,
    kind: Kind | None = None,
    prune: bool = False,
    again: bool = False,
    progress: Progress | None = None,
    embedding: Embedding | None = None,
) -> IngestReport:
    """Read the files and folders ``paths`` into ``store``; with ``prune``, forget files under them that are gone.

    With ``again``, files that did not change are read too. ``progress(done, total, name)`` is called as work goes on,
    counting files; ``embedding(done, total)`` as the chunks of the file in hand get their vectors. Raises
    StoreLockedError where another process writes.
    """
    files = list(dict.fromkeys(_files(paths)))
    outcomes: list[FileOutcome] = []
    with store.writing():
        held = dict(store.files())
        for done, path in enumerate(files):
            if progress:
                progress(done, len(files), path.name)
            outcomes.append(_ingest_file(path, store, held.get(str(path)), kind, again=again, embedding=embedding))
        if prune:
            outcomes += _prune(paths, store, set(files))
        if progress:
            progress(len(files), len(files), "")
    return IngestReport(tuple(outcomes))


def kind_of(record: FileRecord | None) -> Kind | None:
    """Return the kind that a file was ingested as, None where it was told from its text."""
    kind = record.reader.partition(":")[2] if record else ""
    return Kind(kind) if kind else None


def read_file(path: Path, kind: Kind | None = None) -> list[Part]:
    """Return the documents in the file ``path`` with their units and chunks. Raises ReadError."""
    return read_parts(_bytes(path), str(path), kind)


def read_parts(data: bytes, source: str, kind: Kind | None = None) -> list[Part]:
    """Return the documents in ``data``, the bytes of the file ``source``. Raises ReadError where it holds none."""
    parts = [part for extracted in read(data, source) for part in _parts(extracted, source, kind)]
    if not parts:
        raise ReadError("文件里没有可以引用的正文")
    return parts


def _parts(extracted: Extracted, source: str, kind: Kind | None) -> Iterator[Part]:
    """Yield the documents that a reader found. What the file says of itself is said of the first of its articles."""
    articles = split_articles(heal(list(extracted.lines)))
    for at, article in enumerate(articles):
        metadata = read_metadata(article, kind, NOTHING_SAID if at else extracted.said)
        document, units = build_document(article, metadata, source, extracted.warnings)
        if any(unit.type.citable for unit in units):
            yield document, units, build_chunks(document, units)


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
                if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                    yield Path(folder) / name


def _ingest_file(
    path: Path,
    store: Store,
    held: FileRecord | None,
    kind: Kind | None,
    *,
    again: bool = False,
    embedding: Embedding | None = None,
) -> FileOutcome:
    try:
        data = _bytes(path)
        digest = hashlib.sha256(data).hexdigest()
        reader = f"{READER}:{kind or ''}"
        if held and not again and (held.digest, held.reader) == (digest, reader):
            return FileOutcome(str(path), "unchanged")
        parts = read_parts(data, str(path), kind)
    except ReadError as error:
        return FileOutcome(str(path), "failed", str(error))
    ids = tuple(dict.fromkeys(document.id for document, _units, _chunks in parts))
    total = sum(len(chunks) for _document, _units, chunks in parts)
    store.put_file(FileRecord(str(path), digest, reader, ids), parts, _counted(embedding, total))
    return FileOutcome(
        str(path),
        "replaced" if held else "added",
        documents=len(parts),
        units=sum(len(units) for _document, units, _chunks in parts),
        chunks=total,
    )


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


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() not in SUFFIXES:
        raise ReadError(f"不支持的文件类型 {path.suffix or '(无扩展名)'};可用:{' '.join(SUFFIXES)}")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(f"文件过大({size // 2**20} MB),上限 {MAX_BYTES // 2**20} MB")
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
