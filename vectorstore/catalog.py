"""The catalog: documents, units, chunks, files and the lexical index in one SQLite file, changed in transactions.

What the catalog does not list does not exist: vectors without a row are invisible and swept by the next writer.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vectorstore.catalog_reader import CatalogReader, FileRecord
from vectorstore.copies import Body
from vectorstore.editions import bare_number, edition_words, policy_name
from vectorstore.errors import StoreError
from vectorstore.records import Chunk, Document, Kind, Unit
from vectorstore.schema import SCHEMA_VERSION, prepare
from vectorstore.text import fold
from vectorstore.troubles import mend_of

_NAMESAKES = 32  # documents of one name that a new one is compared with

__all__ = ["Catalog", "Entry", "FileRecord", "damaged"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with all that is stored with it. ``tokens[i]`` is what ``units[i]`` is indexed by."""

    document: Document
    units: tuple[Unit, ...]
    chunks: tuple[Chunk, ...]
    terms: frozenset[str]
    tokens: tuple[tuple[str, ...], ...]
    body: Body
    sketch: tuple[int, ...]


class Catalog(CatalogReader):
    """The SQLite file, read and written; one writer at a time (the store's lock)."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            version = prepare(self._connection)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreError(f"无法打开索引目录 {path}:{mend_of(error, damaged(path.name), str(error))}") from error
        if version != SCHEMA_VERSION:
            self.close()
            raise StoreError(f"索引目录 {path} 由更新的版本建立;请升级 zhengce 后再打开")
        if self.meta("related") is None:
            self._relate_all()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the changes inside as one: all of them or none."""
        db = self._connection
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(self.revision() + 1),))
        except BaseException:  # whatever happened, nothing of it may stay
            db.rollback()
            raise
        db.commit()

    def set_meta(self, key: str, value: str) -> None:
        """Note ``value`` under ``key``, at once."""
        with self._connection:
            self.note(key, value)

    def note(self, key: str, value: str) -> None:
        """Note ``value`` under ``key``. Call it in ``transaction``."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def put_file(self, record: FileRecord, entries: Sequence[Entry]) -> list[str]:
        """Make ``record`` the file's row and ``entries`` its documents; drop documents that no file holds now.

        Return the ids of the chunks that went with them: their vectors are still there. Call it in ``transaction``.
        """
        db = self._connection
        held = self._held_by(record.path)
        for position, entry in enumerate(entries):
            self._put_entry(entry, position)
        db.execute("DELETE FROM file_documents WHERE path=?", (record.path,))
        db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (record.path, record.digest, record.reader))
        db.executemany(
            "INSERT INTO file_documents VALUES (?, ?)", [(record.path, document) for document in record.document_ids]
        )
        return self._drop_unheld(held)

    def drop_file(self, path: str) -> list[str]:
        """Forget a file; return the ids of the chunks that went with it. Call it in ``transaction``."""
        held = self._held_by(path)
        self._connection.execute("DELETE FROM file_documents WHERE path=?", (path,))
        self._connection.execute("DELETE FROM files WHERE path=?", (path,))
        return self._drop_unheld(held)

    def _held_by(self, path: str) -> list[str]:
        rows = self._connection.execute("SELECT document_id FROM file_documents WHERE path=?", (path,))
        return [row["document_id"] for row in rows]

    def _drop_unheld(self, document_ids: Sequence[str]) -> list[str]:
        """Drop those of ``document_ids`` that no file holds now; the others come from a file that still does."""
        db = self._connection
        dropped: list[str] = []
        for document_id in document_ids:
            query = (
                "SELECT min(path), sum(path = source) FROM file_documents JOIN documents ON id = document_id WHERE id=?"
            )
            path, from_there = db.execute(query, (document_id,)).fetchone()
            if path is None:
                dropped += self.chunk_ids(document_id)
                self._drop_document(document_id)
            elif not from_there:
                db.execute("UPDATE documents SET source=? WHERE id=?", (path, document_id))
        return dropped

    def _drop_document(self, document_id: str) -> None:
        db = self._connection
        db.execute("DELETE FROM lexical WHERE rowid IN (SELECT key FROM units WHERE document_id=?)", (document_id,))
        db.execute("DELETE FROM documents WHERE id=?", (document_id,))

    def _put_entry(self, entry: Entry, position: int) -> None:
        db, d = self._connection, entry.document
        known = {
            "kind": d.kind, "issuer": d.issuer, "date": d.date, "number": d.number, "region": d.region,
            "warnings": json.dumps(d.warnings), "topic": d.topic, "issuers": json.dumps(d.issuers, ensure_ascii=False),
            "adopted": d.adopted, "effective": d.effective, "expires": d.expires, "url": d.url,
            "name": policy_name(d.title),
            "repeals": json.dumps([(one.title, one.number) for one in d.repeals], ensure_ascii=False),
        }  # fmt: skip
        if self.has_document(d.id):
            # the id is a digest of title and text, and they are the same; what was read off them may be read better now
            changes = ", ".join(f"{name}=:{name}" for name in known)
            db.execute(f"UPDATE documents SET {changes} WHERE id=:id", {**known, "id": d.id})  # noqa: S608
            self._put_copies(entry)
            return
        row = {**known, "id": d.id, "title": d.title, "source": d.source, "text": d.text, "position": position}
        db.execute(f"INSERT INTO documents ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row)  # noqa: S608
        for unit, tokens in zip(entry.units, entry.tokens, strict=True):
            key = db.execute(
                "INSERT INTO units VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    unit.document_id, unit.ordinal, unit.type, json.dumps(unit.locator, ensure_ascii=False), unit.task_number, unit.label,
                    json.dumps(unit.heading_path, ensure_ascii=False), unit.start, unit.end, fold(unit.text),
                    json.dumps([(s.start, s.end) for s in unit.sentences]), unit.page,
                ),
            ).lastrowid  # fmt: skip
            self._index_unit(key, tokens)
        self._put_chunks(entry.chunks)
        db.executemany("INSERT INTO terms VALUES (?, ?)", [(term, d.id) for term in sorted(entry.terms)])
        self._put_copies(entry)

    def clear_index(self) -> None:
        """Forget all chunks and words; documents and units stay. Call it in ``transaction``."""
        self._connection.execute("DELETE FROM chunks")
        self._connection.execute("DELETE FROM lexical")
        self._connection.execute("DELETE FROM lengths")

    def index_document(self, document_id: str, tokens: Sequence[Sequence[str]], chunks: Sequence[Chunk]) -> None:
        """Put in the words of a document's units, in their order, and its chunks. Call it in ``transaction``."""
        query = "SELECT key FROM units WHERE document_id=? ORDER BY ordinal"
        keys = [row["key"] for row in self._connection.execute(query, (document_id,))]
        for key, of_unit in zip(keys, tokens, strict=True):
            self._index_unit(key, of_unit)
        self._put_chunks(chunks)

    def _index_unit(self, key: int | None, tokens: Sequence[str]) -> None:
        if tokens:
            db = self._connection
            db.execute("INSERT INTO lexical(rowid, tokens) VALUES (?, ?)", (key, " ".join(tokens)))
            db.execute("INSERT INTO lengths VALUES (?, ?)", (key, len(tokens)))

    def _put_chunks(self, chunks: Sequence[Chunk]) -> None:
        self._connection.executemany(
            "INSERT INTO chunks VALUES (?,?,?,?,?,?,?)",
            [(c.id, c.document_id, c.unit_ordinal, c.start, c.end, c.embedding_text, c.digest) for c in chunks],
        )

    def _put_copies(self, entry: Entry) -> None:
        """Note which documents hold the same text, and by what later copies will find this one."""
        db, d = self._connection, entry.document
        db.execute("DELETE FROM copies WHERE ? IN (document_id, other_id)", (d.id,))
        for other_id in self.sharing(entry.sketch, d.id):
            if _are_copies(d, entry.body, self.document(other_id), Body.of(self.units(other_id))):
                db.execute("INSERT INTO copies VALUES (?, ?)", (d.id, other_id))
        db.execute("DELETE FROM sketches WHERE document_id=?", (d.id,))
        db.executemany("INSERT INTO sketches VALUES (?, ?)", [(value, d.id) for value in set(entry.sketch)])
        self._put_kin(d.id, policy_name(d.title), entry.body)

    def _put_kin(self, document_id: str, name: str, body: Body) -> None:
        """Note how far the texts of the documents of one name overlap: without that, they are no editions."""
        db = self._connection
        db.execute("DELETE FROM kin WHERE ? IN (document_id, other_id)", (document_id,))
        query = "SELECT id FROM documents WHERE name=? AND id<>? AND kind<>? ORDER BY rowid DESC LIMIT ?"
        for (other,) in db.execute(query, (name, document_id, Kind.NEWS, _NAMESAKES)).fetchall():
            overlap = body.overlap(Body.of(self.units(other)))
            db.execute("INSERT INTO kin VALUES (?, ?, ?)", (document_id, other, overlap))

    def _relate_all(self) -> None:
        """Compare the documents of one name in a catalog that an earlier version made."""
        with self.transaction():
            if self.meta("related") is None:  # another process may have been first
                self._name_all()
                self._connection.execute("INSERT INTO meta VALUES ('related', '1')")

    def _name_all(self) -> None:
        names = {
            row["id"]: policy_name(row["title"]) for row in self._connection.execute("SELECT id, title FROM documents")
        }
        self._connection.executemany("UPDATE documents SET name=? WHERE id=?", [(n, d) for d, n in names.items()])
        shared = Counter(names.values())
        for document_id, name in names.items():
            if shared[name] > 1:
                self._put_kin(document_id, name, Body.of(self.units(document_id)))


def damaged(name: str) -> str:
    """Return what to do about a file that is no catalog any more; what lies beside it is not touched."""
    return (
        f"文件已损坏;请停止服务,用 zhengce restore 恢复最近的备份,或只把 {name} 及同名的 -wal、-shm 文件移到别处,"
        "再用 zhengce ingest 重新收录原来的文件(用户、对话和审计日志在另外的文件里,不受影响,不要删除数据目录)"
    )


def _are_copies(one: Document, body: Body, other: Document, its: Body) -> bool:
    """Whether two documents are one text: the same, or nearly so and nothing makes them two editions."""
    if edition_words(one.title) != edition_words(other.title):
        return False
    if body.equals(its):
        return True
    dates = {one.date, other.date} - {None}
    numbers = {bare_number(number) for number in (one.number, other.number) if number}
    return len(dates) < 2 and len(numbers) < 2 and body.resembles(its)
