"""The store: everything that is indexed, found and written, behind one door.

Writing a file goes: vectors of its chunks → one catalog transaction (documents, units, chunks, words, the file's row)
→ vectors of what the transaction dropped. The catalog decides what exists, so a kill between two steps leaves nothing
half-visible; the note ``dirty`` makes the next writer sweep what was left.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from filelock import FileLock, Timeout

from vectorstore.catalog import Catalog, Entry, FileRecord, damaged
from vectorstore.copies import Body
from vectorstore.dense import Vector, VectorIndex
from vectorstore.embedding import Embedder
from vectorstore.engine import Engine, open_engine, place_of
from vectorstore.errors import ModelMismatchError, StoreError, StoreLockedError
from vectorstore.lexical import Analyzer, harvest_terms
from vectorstore.part import Part
from vectorstore.passages import PASSAGES
from vectorstore.rebuilding import Cut, Progress, Rebuilding, unit_tokens
from vectorstore.records import Chunk, Document, Filter, Unit, chunk_address
from vectorstore.repeals import read_repeals
from vectorstore.snapshot import CATALOG, LOCK
from vectorstore.sources import Sources
from vectorstore.troubles import mend_of

File = tuple[FileRecord, Sequence[tuple[Document, Sequence[Unit], Sequence[Chunk]]]]
_PARTS_KEPT = 8  # with their vectors, at most some 12 MB each


class Store(Sources):
    """Everything that is indexed, to be read and written. Open with ``Store.open``; close it or use it as a context manager."""

    def __init__(
        self,
        data_dir: Path,
        catalog: Catalog,
        vectors: VectorIndex,
        embedder: Embedder,
        engine: Engine,
    ) -> None:
        super().__init__(catalog, vectors, Analyzer(catalog.terms()))
        self._data_dir = data_dir
        self._catalog: Catalog = catalog
        self._engine = engine
        self._parts = lru_cache(_PARTS_KEPT)(self._part)
        self._checked = lru_cache(1)(lambda _revision: self._check_model())
        self.embedder = embedder

    @classmethod
    def open(
        cls,
        data_dir: Path,
        embedder: Embedder,
        backend: str = "chroma",
        token: str | None = None,
        *,
        to_rebuild: bool = False,
    ) -> Self:
        """Open the store in ``data_dir``, which is made where it is missing; ``token`` opens an engine that asks for one.

        Raises StoreError where it cannot be opened, ModelMismatchError where another model or an earlier version built
        its index, unless it is opened ``to_rebuild`` that.
        """
        place_of(backend)  # before anything is made on the disk
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"无法建立数据目录 {data_dir}:{mend_of(error, '', str(error.strerror))}") from error
        with ExitStack() as opened:
            catalog = Catalog(data_dir / CATALOG)
            opened.callback(catalog.close)
            engine, vectors = open_engine(data_dir, catalog, backend, token)
            if engine:
                opened.callback(engine.close)
            store = cls(data_dir, catalog, vectors, embedder, engine)
            if not to_rebuild:
                store._check_model()
            opened.pop_all()
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def data_dir(self) -> Path:
        """The folder that all is kept in."""
        return self._data_dir

    def close(self) -> None:
        """Release the files and connections."""
        self._catalog.close()
        self._engine.close()

    def revision(self) -> int:
        """Return how often the index was changed. Raises ModelMismatchError where that was by another model."""
        revision = super().revision()
        self._checked(revision)
        return revision

    def _check_model(self) -> None:
        built_by = self._catalog.meta("embedding")
        if self._catalog.meta("rebuilding"):
            raise ModelMismatchError("索引正在重建,或上次没有建完;请等它结束,或运行 zhengce reindex 接着做(文档都在)")
        if built_by and built_by != self.embedder.fingerprint:
            raise ModelMismatchError(
                f"索引由向量模型 {built_by} 建立,现在设置的是 {self.embedder.fingerprint},两者的向量不能混用。"
                "请运行 zhengce reindex 用现在的模型重建(不用重新收录),或改回原来的模型(ZHENGCE_EMBEDDING_MODEL)"
            )
        if built_by and self._catalog.meta("passages") != PASSAGES:
            raise ModelMismatchError("索引由早先的版本建立;请运行 zhengce reindex 更新(文档都在,不用重新收录)")

    def within(self, limits: Filter) -> Sources:
        """Return the sources that ``limits`` let through, which may be none.

        What is superseded, repealed or a copy is left out unless they name documents; where nothing is, the sources
        without limits are the store itself. Raises NotFoundError where they name a document that is not there.
        """
        revision = self.revision()
        for document_id in limits.documents:
            self.document(document_id)
        if not limits and not self._records.history(revision).hidden():
            return self
        return self._parts(limits, revision)

    def _part(self, limits: Filter, revision: int) -> Part:
        history = self._records.history(revision)
        hidden = history.later(limits.as_of) if limits.documents else history.hidden(limits.as_of)
        selection = self._catalog.select(limits, hidden)
        return Part(self._catalog, self._vectors, self.analyzer, self._records, selection)

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store for writing, and first put right what an earlier writer left when it was stopped.

        Raises StoreLockedError where another process is writing.
        """
        with self._locked():
            self._check_model()
            if self._catalog.meta("dirty") == "1":
                self._rebuilding().fill()
                self._catalog.set_meta("dirty", "0")
            self._catalog.set_meta("passages", PASSAGES)
            self._catalog.set_meta("embedding", self.embedder.fingerprint)
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._data_dir / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise StoreLockedError(f"另一个进程正在写入 {self._data_dir};请等它结束后重试") from None
        except OSError as error:
            raise StoreError(f"索引写不进 {self._data_dir}:{mend_of(error, '', str(error.strerror))}") from error
        try:
            yield
        except sqlite3.DatabaseError as error:
            other = f"{error};请检查磁盘空间和目录权限,然后重试"
            raise StoreError(f"索引写不进 {self._data_dir}:{mend_of(error, damaged(CATALOG), other)}") from error
        finally:
            self._forget()
            lock.release()

    def count(self) -> int:
        """Return how many documents are indexed."""
        return self._catalog.count()

    def files(self) -> Mapping[str, FileRecord]:
        """Return the ingested files by path."""
        return self._catalog.files()

    def put_files(
        self,
        files: Sequence[File],
        progress: Callable[[int], None] | None = None,
        at_hand: Mapping[bytes, Vector] | None = None,
    ) -> None:
        """Write files with their documents, all of them or none. Call it inside ``writing``.

        The chunks of all are embedded together, but for those whose vectors are ``at_hand``, made by the same model, by
        digest of their texts. ``progress`` is told how many more are done.
        """
        entries = [(record, [self._entry(*part) for part in parts]) for record, parts in files]
        new = {
            entry.document.id: entry
            for _record, found in entries
            for entry in found
            if not self._catalog.has_document(entry.document.id)
        }
        self._catalog.set_meta("dirty", "1")
        self._write_vectors(new.values(), progress, at_hand or {})
        dropped: list[str] = []
        with self._catalog.transaction():
            for record, found in entries:
                dropped += self._catalog.put_file(record, found)
        self._written()
        again = {entry.document.id for _record, found in entries for entry in found}  # what another file took up
        self._vectors.delete([chunk for chunk in dropped if chunk_address(chunk)[0][0] not in again])
        self._catalog.set_meta("dirty", "0")

    def drop_file(self, path: str) -> None:
        """Forget a file and what only it held. Call it inside ``writing``."""
        self._catalog.set_meta("dirty", "1")
        with self._catalog.transaction():
            dropped = self._catalog.drop_file(path)
        self._written()
        self._vectors.delete(dropped)
        self._catalog.set_meta("dirty", "0")

    def _written(self) -> None:
        """Tell the vector database that the new revision is our own: it need not be opened anew for it."""
        self._engine.seen()

    def _entry(self, document: Document, units: Sequence[Unit], chunks: Sequence[Chunk]) -> Entry:
        terms = harvest_terms(document.text)
        self.analyzer.learn(terms)
        document = replace(document, repeals=read_repeals(document.title, units))
        tokens, body = unit_tokens(document, units), Body.of(units)
        return Entry(document, tuple(units), tuple(chunks), frozenset(terms), tokens, body, body.sketch())

    def _write_vectors(
        self, entries: Iterable[Entry], progress: Callable[[int], None] | None, given: Mapping[bytes, Vector]
    ) -> None:
        """Embed the chunks of ``entries`` and write their vectors; a text that was embedded before keeps its vector."""
        chunks = [chunk for entry in entries for chunk in entry.chunks]
        if not chunks:
            return
        digests = [chunk.digest for chunk in chunks]
        twins = self._catalog.chunks_by_digest(digests)
        stored = self.vectors(set(twins.values()))
        at_hand = {**given, **{digest: stored[chunk] for digest, chunk in twins.items() if chunk in stored}}
        texts = {digest: chunk.embedding_text for digest, chunk in zip(digests, chunks, strict=True)}
        missing = {digest: text for digest, text in texts.items() if digest not in at_hand}
        if missing:
            fresh = self.embedder.embed_documents(list(missing.values()), progress)
            at_hand |= dict(zip(missing, fresh, strict=True))
        vectors = np.stack([at_hand[digest] for digest in digests])
        self._vectors.upsert([chunk.id for chunk in chunks], vectors, [chunk.embedding_text for chunk in chunks])

    # -- rebuilding --------------------------------------------------------------------------------------------

    def needs_rebuilding(self) -> bool:
        """Whether the index was built by another model or an earlier version, not finished, or is lost."""
        if self.is_empty():
            return False
        try:
            self._check_model()
        except ModelMismatchError:
            return True
        return not self._engine.is_readable()

    def rebuild(self, cut: Cut, progress: Progress | None = None) -> int:
        """Make chunks, words and vectors anew from the documents and units, and return how many vectors there are.

        What was stopped on its way is gone on with. ``cut`` makes the chunks of a document; ``progress`` is told
        of each step what is done, and the total. Raises StoreLockedError where another process is writing.
        """
        with self._locked():
            return self._rebuilding().run(cut, progress)

    def _rebuilding(self) -> Rebuilding:
        return Rebuilding(self._catalog, self._vectors, self._engine, self.embedder)
