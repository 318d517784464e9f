"""The catalog: documents, units, chunks, files and the lexical index in one SQLite file, changed in transactions.

What the catalog does not list does not exist: vectors without a row are invisible and swept by the next writer.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import NotFoundError, StoreError
from vectorstore.records import Address, Chunk, Document, Kind, Span, Unit, UnitType
from vectorstore.text import fold

SCHEMA_VERSION = "1"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL, issuer TEXT, date TEXT, number TEXT,
    source TEXT NOT NULL, text TEXT NOT NULL, warnings TEXT NOT NULL, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS units (
    key INTEGER PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, type TEXT NOT NULL, locator TEXT NOT NULL, task_number INTEGER, label TEXT NOT NULL,
    heading_path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, folded TEXT NOT NULL,
    sentences TEXT NOT NULL, page INTEGER, UNIQUE (document_id, ordinal));
CREATE INDEX IF NOT EXISTS units_by_number ON units(task_number) WHERE task_number IS NOT NULL;
CREATE TABLE IF NOT EXISTS chunks (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    grain TEXT NOT NULL, unit_ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, embedding_text TEXT NOT NULL,
    digest BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_digest ON chunks(digest);
CREATE INDEX IF NOT EXISTS chunks_by_document ON chunks(document_id);
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, reader TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file_documents (
    path TEXT NOT NULL REFERENCES files(path) ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents(id), PRIMARY KEY (path, document_id));
CREATE TABLE IF NOT EXISTS terms (
    term TEXT NOT NULL, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    PRIMARY KEY (term, document_id));
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5(
    tokens, tokenize="unicode61 remove_diacritics 0 tokenchars '.%-'");
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_words USING fts5vocab(lexical, row);
"""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was ingested: the SHA-256 of its bytes, the version of the reader, the documents it holds."""

    path: str
    digest: str
    reader: str
    document_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with all that is stored with it. ``tokens[i]`` is what ``units[i]`` is indexed by."""

    document: Document
    units: tuple[Unit, ...]
    chunks: tuple[Chunk, ...]
    digests: tuple[bytes, ...]
    terms: frozenset[str]
    tokens: tuple[str, ...]


class Catalog:
    """The SQLite file. Each thread reads through its own connection; one writer at a time (the store's lock)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            with self._connection as db:
                db.executescript(_SCHEMA)
                db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (SCHEMA_VERSION,))
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"无法打开索引目录 {path}:{error}。若文件已损坏,请删除数据目录后重新 zhengce ingest"
            ) from error
        if self.meta("schema") != SCHEMA_VERSION:
            raise StoreError(f"索引目录 {path} 由其他版本建立;请删除数据目录后重新 zhengce ingest")

    @property
    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA foreign_keys=ON")
            self._local.db = db
            self._connections.append(db)
        return db

    def close(self) -> None:
        """Close every connection."""
        for db in self._connections:
            db.close()
        self._connections.clear()
        self._local = threading.local()

    # -- reading -----------------------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """Return the value noted under ``key``."""
        row = self._connection.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return row["value"] if row else None

    def revision(self) -> int:
        """Return how often the index was changed; the same for every thread and process."""
        return int(self.meta("revision") or 0)

    def documents(self) -> list[Document]:
        """Return all documents in the order of their files and of their place in them."""
        rows = self._connection.execute("SELECT * FROM documents ORDER BY source, position")
        return [_document(row) for row in rows]

    def document(self, document_id: str) -> Document:
        """Return one document. Raises NotFoundError."""
        row = self._connection.execute("SELECT * FROM documents WHERE id=?", (document_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"没有编号为 {document_id} 的文档;zhengce documents 列出全部文档")
        return _document(row)

    def has_document(self, document_id: str) -> bool:
        """Whether there is a document with this id."""
        return bool(self._connection.execute("SELECT 1 FROM documents WHERE id=?", (document_id,)).fetchone())

    def is_empty(self) -> bool:
        """Whether there is no document."""
        return self._connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone() is None

    def units(self, document_id: str) -> list[Unit]:
        """Return the units of a document in order. Raises NotFoundError."""
        document = self.document(document_id)
        rows = self._connection.execute("SELECT * FROM units WHERE document_id=? ORDER BY ordinal", (document_id,))
        return [_unit(row, document.text) for row in rows]

    def match(self, tokens: Iterable[str], limit: int) -> list[tuple[str, int, float]]:
        """Return ``(document id, ordinal, BM25)`` of the ``limit`` best units for any of ``tokens``, best first."""
        query = " OR ".join('"' + token.replace('"', '""') + '"' for token in dict.fromkeys(tokens))
        if not query:
            return []
        rows = self._connection.execute(
            "SELECT u.document_id, u.ordinal, -l.score AS score FROM (SELECT rowid, bm25(lexical) AS score FROM lexical"
            " WHERE lexical MATCH ? ORDER BY score LIMIT ?) l JOIN units u ON u.key = l.rowid ORDER BY score DESC",
            (query, limit),
        )
        return [(row["document_id"], row["ordinal"], row["score"]) for row in rows]

    def frequency(self, token: str) -> int:
        """Return how many units are indexed by ``token``."""
        row = self._connection.execute("SELECT doc FROM lexical_words WHERE term=?", (token,)).fetchone()
        return row["doc"] if row else 0

    def size(self) -> int:
        """Return how many units there are."""
        return int(self._connection.execute("SELECT count(*) FROM units").fetchone()[0])

    def containing(self, folded: str) -> list[Address]:
        """Return the address of every unit whose folded text contains ``folded``, in document order."""
        return self._addresses("instr(u.folded, ?) > 0", folded)

    def numbered(self, number: int) -> list[Address]:
        """Return the address of every unit with this task number."""
        return self._addresses("u.task_number = ?", number)

    def labelled(self, label: str) -> list[Address]:
        """Return the address of every unit with ``label`` in its locator."""
        return self._addresses("instr(u.locator, ?) > 0", json.dumps(label, ensure_ascii=False))

    def _addresses(self, condition: str, value: str | int) -> list[Address]:
        query = (
            "SELECT u.document_id, u.ordinal FROM units u JOIN documents d ON d.id = u.document_id "  # noqa: S608
            f"WHERE {condition} ORDER BY d.source, d.position, u.ordinal"  # conditions are our own
        )
        return [(row["document_id"], row["ordinal"]) for row in self._connection.execute(query, (value,))]

    def terms(self) -> list[str]:
        """Return the terms that the corpus has taught."""
        return [row["term"] for row in self._connection.execute("SELECT DISTINCT term FROM terms ORDER BY term")]

    def chunk_ids(self, document_id: str | None = None) -> list[str]:
        """Return the ids of all chunks, or of one document's."""
        where, args = ("WHERE document_id=?", (document_id,)) if document_id else ("", ())
        return [row["id"] for row in self._connection.execute(f"SELECT id FROM chunks {where}", args)]  # noqa: S608

    def chunk_texts(self, ids: Sequence[str]) -> list[str]:
        """Return the embedding texts of chunks, in the order of ``ids``."""
        rows = self._connection.execute(
            "SELECT id, embedding_text FROM chunks WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
        )
        texts = {row["id"]: row["embedding_text"] for row in rows}
        return [texts[chunk_id] for chunk_id in ids]

    def chunks_by_digest(self, digests: Iterable[bytes]) -> dict[bytes, str]:
        """Return, per digest of an embedding text, a stored chunk that has the same one."""
        found: dict[bytes, str] = {}
        for digest in digests:
            row = self._connection.execute("SELECT id FROM chunks WHERE digest=? LIMIT 1", (digest,)).fetchone()
            if row:
                found[digest] = row["id"]
        return found

    def files(self) -> dict[str, FileRecord]:
        """Return the ingested files by path."""
        held: dict[str, list[str]] = {}
        for row in self._connection.execute("SELECT path, document_id FROM file_documents"):
            held.setdefault(row["path"], []).append(row["document_id"])
        rows = self._connection.execute("SELECT path, digest, reader FROM files ORDER BY path")
        return {
            row["path"]: FileRecord(row["path"], row["digest"], row["reader"], tuple(held.get(row["path"], ())))
            for row in rows
        }

    # -- writing -----------------------------------------------------------------------------------------------

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
        """Note ``value`` under ``key``."""
        with self._connection as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def put_file(self, record: FileRecord, entries: Sequence[Entry]) -> list[str]:
        """Make ``record`` the file's row and ``entries`` its documents; drop documents that no file holds now.

        Return the ids of the chunks that went with them: their vectors are still there. Call it in ``transaction``.
        """
        db = self._connection
        for position, entry in enumerate(entries):
            self._put_entry(entry, position)
        db.execute("DELETE FROM file_documents WHERE path=?", (record.path,))
        db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (record.path, record.digest, record.reader))
        db.executemany(
            "INSERT INTO file_documents VALUES (?, ?)", [(record.path, document) for document in record.document_ids]
        )
        return self._drop_unheld()

    def drop_file(self, path: str) -> list[str]:
        """Forget a file; return the ids of the chunks that went with it. Call it in ``transaction``."""
        self._connection.execute("DELETE FROM file_documents WHERE path=?", (path,))
        self._connection.execute("DELETE FROM files WHERE path=?", (path,))
        return self._drop_unheld()

    def _drop_unheld(self) -> list[str]:
        db = self._connection
        rows = db.execute(
            "SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM file_documents)"
        ).fetchall()
        dropped = [chunk for row in rows for chunk in self.chunk_ids(row["id"])]
        for row in rows:
            self._drop_document(row["id"])
        db.execute(
            "UPDATE documents SET source = (SELECT min(path) FROM file_documents WHERE document_id = documents.id)"
            " WHERE source NOT IN (SELECT path FROM files)"
        )
        return dropped

    def _drop_document(self, document_id: str) -> None:
        db = self._connection
        db.execute("DELETE FROM lexical WHERE rowid IN (SELECT key FROM units WHERE document_id=?)", (document_id,))
        db.execute("DELETE FROM documents WHERE id=?", (document_id,))

    def _put_entry(self, entry: Entry, position: int) -> None:
        db, d = self._connection, entry.document
        if self.has_document(d.id):
            return  # the id is a digest of the content: the same id is the same document
        db.execute(
            "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?)",
            (d.id, d.title, d.kind, d.issuer, d.date, d.number, d.source, d.text, json.dumps(d.warnings), position),
        )
        for unit, tokens in zip(entry.units, entry.tokens, strict=True):
            key = db.execute(
                "INSERT INTO units VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    unit.document_id, unit.ordinal, unit.type, json.dumps(unit.locator, ensure_ascii=False), unit.task_number, unit.label,
                    json.dumps(unit.heading_path, ensure_ascii=False), unit.start, unit.end, fold(unit.text),
                    json.dumps([(s.start, s.end) for s in unit.sentences]), unit.page,
                ),
            ).lastrowid  # fmt: skip
            if tokens:
                db.execute("INSERT INTO lexical(rowid, tokens) VALUES (?, ?)", (key, tokens))
        db.executemany(
            "INSERT INTO chunks VALUES (?,?,?,?,?,?,?,?)",
            [
                (c.id, c.document_id, c.grain, c.unit_ordinal, c.start, c.end, c.embedding_text, digest)
                for c, digest in zip(entry.chunks, entry.digests, strict=True)
            ],
        )
        db.executemany("INSERT INTO terms VALUES (?, ?)", [(term, d.id) for term in sorted(entry.terms)])


def _document(row: sqlite3.Row) -> Document:
    return Document(
        id=row["id"],
        title=row["title"],
        kind=Kind(row["kind"]),
        issuer=row["issuer"],
        date=row["date"],
        number=row["number"],
        source=row["source"],
        text=row["text"],
        warnings=tuple(json.loads(row["warnings"])),
    )


def _unit(row: sqlite3.Row, text: str) -> Unit:
    return Unit(
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        type=UnitType(row["type"]),
        locator=tuple(json.loads(row["locator"])),
        task_number=row["task_number"],
        label=row["label"],
        heading_path=tuple(json.loads(row["heading_path"])),
        start=row["start"],
        end=row["end"],
        text=text[row["start"] : row["end"]],
        sentences=tuple(Span(start, end) for start, end in json.loads(row["sentences"])),
        page=row["page"],
    )
