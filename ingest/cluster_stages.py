"""What the workers of a Ray cluster do: rows of ``Asked`` → rows of ``FileReading`` → the same with vectors.

A row is one file, pickled; a file of which there is nothing to read is its ``FileOutcome`` from the first stage on.
"""

import pickle
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from ingest.isolation import Limits, Readings
from ingest.opening import Asked, look
from ingest.reading import Part
from ingest.report import FileOutcome
from vectorstore.embedding import Embedder, Vector
from vectorstore.errors import ModelMismatchError, ReadError
from vectorstore.records import Kind

Rows = Mapping[str, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class FileReading:
    """What the reading of a file gave: ``found`` are its documents or why there are none."""

    path: str
    digest: str
    found: list[Part] | ReadError
    seconds: float
    vectors: Mapping[bytes, Vector] = field(default_factory=dict)

    @property
    def parts(self) -> list[Part]:
        """The documents; none where it could not be read."""
        return [] if isinstance(self.found, ReadError) else self.found

    def take(self) -> list[Part]:
        """Return the documents. Raises ReadError where it could not be read."""
        if isinstance(self.found, ReadError):
            raise self.found
        return self.found


def read_files(rows: Rows, limits: Limits, kind: Kind | None) -> Iterator[dict[str, list[bytes]]]:
    """Read the files of a block, each in a process beside this one, under ``limits``."""
    readings = _readings(replace(limits, workers=1))
    for row in rows["asked"]:
        asked: Asked = pickle.loads(row)  # noqa: S301 - the process that writes wrote it
        yield {"found": [pickle.dumps(_read(asked, readings, limits.size, kind))]}


def _read(asked: Asked, readings: Readings, limit: int, kind: Kind | None) -> FileReading | FileOutcome:
    looked = look(asked, limit)
    if isinstance(looked, FileOutcome):
        return looked
    data, digest = looked
    started = time.monotonic()
    found: list[Part] | ReadError
    try:
        found = readings.begin(data, asked.path, kind)()
    except ReadError as error:
        found = error
    return FileReading(asked.path, digest, found, time.monotonic() - started)


@cache
def _readings(limits: Limits) -> Readings:
    """Return what reads for this worker as long as it lives; the process beside it ends when its pipe does."""
    return Readings(limits, many=True)


class ChunkEmbedder:
    """Gives files the vectors of their chunks. Raises ModelMismatchError where the node has another model than the store."""

    def __init__(self, open_embedder: Callable[[], Embedder], fingerprint: str) -> None:
        self._open, self._fingerprint = open_embedder, fingerprint

    @cached_property
    def _embedder(self) -> Embedder:
        """The model, opened for the first block: of what fails before, Ray would only tell that the actor died."""
        embedder = self._open()
        if embedder.fingerprint != self._fingerprint:
            raise ModelMismatchError(
                f"索引由向量模型 {self._fingerprint} 建立,工作节点上的是 {embedder.fingerprint};请让各节点用同一个模型"
            )
        return embedder

    def __call__(self, rows: Rows) -> Iterator[dict[str, Any]]:
        """Embed the chunks of a block together."""
        files: list[FileReading | FileOutcome] = [pickle.loads(row) for row in rows["found"]]  # noqa: S301 - our own
        texts = [_texts(one) for one in files]
        every = {digest: text for of_file in texts for digest, text in of_file.items()}
        vectors = dict(zip(every, self._embedder.embed_documents(list(every.values())), strict=True)) if every else {}
        for one, of_file in zip(files, texts, strict=True):
            done = replace(one, vectors={key: vectors[key] for key in of_file}) if isinstance(one, FileReading) else one
            yield {"found": [pickle.dumps(done)]}


def _texts(file: FileReading | FileOutcome) -> dict[bytes, str]:
    if isinstance(file, FileOutcome):
        return {}
    chunks = (chunk for _document, _units, chunks in file.parts for chunk in chunks)
    return {chunk.digest: chunk.embedding_text for chunk in chunks}
