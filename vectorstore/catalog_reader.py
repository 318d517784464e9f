"""The reading side of the catalog: rows of SQLite as records. ``among``, where it is given, says which units there are."""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vectorstore.copies import MADE_FROM
from vectorstore.errors import NotFoundError
from vectorstore.lexical import bigrams
from vectorstore.records import Address, Document, Filter, Record, Unit
from vectorstore.rows import document_of, record_of, unit_of
from vectorstore.selection import Selection, select
from vectorstore.words import Words

_MAPPED = 1 << 40  # bytes of the file that are read through memory: all of it, as far as SQLite and the system allow
_BRIEF = "id, title, kind, issuer, date, number, region, source, repeals, expires"
_SHARING = 32  # documents that a new one is compared with, and twice as many of each band are looked at


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was ingested: the SHA-256 of its bytes, the version of the reader, the documents it holds."""

    path: str
    digest: str
    reader: str
    document_ids: tuple[str, ...]


class CatalogReader:
    """The SQLite file, read. Each thread reads through its own connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self.words = Words(lambda: self._connection, self.revision)

    @property
    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA foreign_keys=ON")
            db.execute(f"PRAGMA mmap_size={_MAPPED}")
            self._local.db = db
            self._connections.append(db)
        return db

    def close(self) -> None:
        """Close every connection."""
        for db in self._connections:
            db.close()
        self._connections.clear()
        self._local = threading.local()

    def meta(self, key: str) -> str | None:
        """Return the value noted under ``key``."""
        row = self._connection.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return row["value"] if row else None

    def revision(self) -> int:
        """Return how often the index was changed; the same for every thread and process."""
        return int(self.meta("revision") or 0)

    def documents(self, among: Selection | None = None) -> list[Document]:
        """Return all documents, or those ``among``, in the order of their files and of their place in them."""
        where, values = "", []
        if among is not None:
            condition, value = among.of_documents("id")
            where, values = f"WHERE {condition}", [value]
        query = f"SELECT * FROM documents {where} ORDER BY source, position"  # noqa: S608 - conditions are our own
        rows = self._connection.execute(query, values)
        return [document_of(row) for row in rows]

    def count(self) -> int:
        """Return how many documents there are."""
        return int(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def document(self, document_id: str) -> Document:
        """Return one document. Raises NotFoundError."""
        row = self._connection.execute("SELECT * FROM documents WHERE id=?", (document_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"没有编号为 {document_id} 的文档;zhengce documents 列出全部文档")
        return document_of(row)

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
        return [unit_of(row, document.text) for row in rows]

    def unit(self, address: Address, text: str) -> Unit:
        """Return the unit at ``address``; ``text`` is that of its document. Raises NotFoundError."""
        row = self._connection.execute("SELECT * FROM units WHERE document_id=? AND ordinal=?", address).fetchone()
        if row is None:
            raise NotFoundError(f"编号为 {address[0]} 的文档没有第 {address[1]} 个单元")
        return unit_of(row, text)

    def select(self, limits: Filter, hidden: frozenset[str] = frozenset()) -> Selection:
        """Return the units that ``limits`` let through, without the documents ``hidden``."""
        return select(self._connection, limits, hidden)

    def records(self) -> list[Record]:
        """Return all documents without their texts, in order of first ingest."""
        return [record_of(row) for row in self._connection.execute(f"SELECT {_BRIEF} FROM documents ORDER BY rowid")]  # noqa: S608

    def listed(self, among: Selection | None = None) -> list[Record]:
        """Return all documents, or those ``among``, without their texts, in the order of ``documents``."""
        where, values = "", []
        if among is not None:
            condition, value = among.of_documents("id")
            where, values = f"WHERE {condition}", [value]
        # both sides are read from an index of their own: in the table, the position stands behind the text
        query = (
            f"SELECT {_BRIEF} FROM documents d JOIN (SELECT id AS its, source AS file, position FROM documents) o"  # noqa: S608
            f" ON o.its = d.id {where} ORDER BY o.file, o.position"  # conditions are our own
        )
        return [record_of(row) for row in self._connection.execute(query, values)]

    def copies(self) -> list[tuple[str, str]]:
        """Return the pairs of documents that hold the same text."""
        rows = self._connection.execute("SELECT document_id, other_id FROM copies ORDER BY document_id, other_id")
        return [(row["document_id"], row["other_id"]) for row in rows]

    def kin(self) -> list[tuple[str, str]]:
        """Return the pairs of documents of one name whose texts overlap so far that one is made from the other."""
        rows = self._connection.execute(
            "SELECT document_id, other_id FROM kin WHERE overlap >= ? ORDER BY document_id, other_id", (MADE_FROM,)
        )
        return [(row["document_id"], row["other_id"]) for row in rows]

    def sharing(self, sketch: Iterable[int], without: str) -> list[str]:
        """Return the documents, at most 32, that share most values of ``sketch``; ``without`` is none of them."""
        query = "SELECT document_id FROM sketches WHERE value=? AND document_id<>? LIMIT ?"
        shared = Counter(
            row["document_id"]
            for value in sketch
            for row in self._connection.execute(query, (value, without, 2 * _SHARING))
        )
        return [document_id for document_id, _ in shared.most_common(_SHARING)]

    def containing(self, folded: str, among: Selection | None = None) -> list[Address]:
        """Return the address of every citable unit whose folded text contains ``folded``, in document order.

        Headings and titles are among them only where ``folded`` has no two Chinese characters side by side.
        """
        # every citable unit is indexed by the pairs of its characters: where they all stand, it is worth looking
        if pairs := " ".join(f'"{pair}"' for pair in dict.fromkeys(bigrams(folded))):
            near = "u.key IN (SELECT rowid FROM lexical WHERE lexical MATCH ?)"
            return self._addresses(f"{near} AND instr(u.folded, ?) > 0", (pairs, folded), among)
        return self._addresses("instr(u.folded, ?) > 0", (folded,), among)

    def numbered(self, number: int, among: Selection | None = None) -> list[Address]:
        """Return the address of every unit with this task number."""
        return self._addresses("u.task_number = ?", (number,), among)

    def task_numbers(self, among: Selection | None = None) -> list[tuple[Address, int]]:
        """Return where the units with a task number are, in document order, with it."""
        return [
            ((row["document_id"], row["ordinal"]), row["task_number"])
            for row in self._rows("u.task_number IS NOT NULL", (), among, ", u.task_number")
        ]

    def called(self, label: str, among: Selection | None = None) -> list[Address]:
        """Return the address of every unit whose own label, the last of its locator, is ``label``."""
        own = "u.key IN (SELECT key FROM labels WHERE label = ?) AND json_extract(u.locator, '$[#-1]') = ?"
        return self._addresses(own, (label, label), among)

    def labelled(self, label: str, among: Selection | None = None) -> list[Address]:
        """Return the address of every unit with ``label`` in its locator."""
        return self._addresses("u.key IN (SELECT key FROM labels WHERE label = ?)", (label,), among)

    def _addresses(self, condition: str, values: Sequence[str | int], among: Selection | None) -> list[Address]:
        return [(row["document_id"], row["ordinal"]) for row in self._rows(condition, values, among)]

    def _rows(
        self, condition: str, values: Sequence[str | int], among: Selection | None, beside: str = ""
    ) -> sqlite3.Cursor:
        """Return address, and what is wanted ``beside``, of the units that meet ``condition``, in document order."""
        if among is not None:
            limited, limit = among.condition()
            condition, values = f"{condition} AND {limited}", (*values, limit)
        query = (
            f"SELECT u.document_id, u.ordinal{beside} FROM units u JOIN documents d ON d.id = u.document_id "  # noqa: S608
            f"WHERE {condition} ORDER BY d.source, d.position, u.ordinal"  # conditions are our own
        )
        return self._connection.execute(query, values)

    def terms(self, among: Selection | None = None) -> list[str]:
        """Return the terms that the corpus, or its documents ``among``, has taught."""
        where, values = "", []
        if among is not None:
            condition, value = among.of_documents("document_id")
            where, values = f"WHERE {condition}", [value]
        query = f"SELECT DISTINCT term FROM terms {where} ORDER BY term"  # noqa: S608 - conditions are our own
        return [row["term"] for row in self._connection.execute(query, values)]

    def chunk_ids(self, document_id: str | None = None) -> list[str]:
        """Return the ids of all chunks, or of one document's."""
        where, args = ("WHERE document_id=?", (document_id,)) if document_id else ("", ())
        return [row["id"] for row in self._connection.execute(f"SELECT id FROM chunks {where}", args)]  # noqa: S608

    def chunks_of_units(self, among: Selection) -> list[str]:
        """Return the ids of the chunks that units ``among`` are found by, in no order."""
        condition, value = among.condition()
        rows = self._connection.execute(
            "SELECT c.id FROM chunks c JOIN units u ON u.document_id = c.document_id AND u.ordinal = c.unit_ordinal"  # noqa: S608
            f" WHERE {condition}",  # conditions are our own
            (value,),
        )
        return [row["id"] for row in rows]

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
