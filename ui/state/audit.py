"""The log of who did what: rows in a chain of digests, so that none can be changed, removed or put in unseen.

The digest of a row is the SHA-256 of canonical JSON (sorted keys, no spaces, UTF-8) of its number, moment, action,
details, owner and the digest of the row before. Two things stand there only as seals, so that a person can be
forgotten without breaking the chain: the owner and the text of a question. A seal is the SHA-256 of a random salt, a
colon and the text (``details["sealed"]``); salt and text stand outside the digest (``details["private"]`` and the
column ``owner``). While they are there, they must fit their seals; once they are blanked, the seal cannot be opened by
guessing. Every blanking is a row of its own that says how many rows it blanked, so that none goes unseen.

What the end of the chain has lost shows only against a head that was kept elsewhere: ``head()``, ``verify(head)``.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ui.state.actions import FORGOTTEN
from ui.state.columns import clean, clean_json
from ui.state.database import Database
from ui.state.tables import AuditRow, now

_START = "0" * 64
_LOCK = 0x7A68656E67636502  # of the end of the chain, among the advisory locks of a PostgreSQL database
_PRIVATE, _SEALED, _BLANKED = "private", "sealed", "rows"
_PAGE = 500  # rows in memory at once


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row. ``owner`` and ``question`` are None where they were forgotten or never kept."""

    number: int
    at: datetime
    owner: str | None
    action: str
    details: dict[str, Any]
    question: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What ``verify`` found: the number of ``rows``, how many of them are blanked (``forgotten``), and whether all is well.

    ``broken_at`` is the number of the first row that is wrong or missing.
    """

    rows: int
    ok: bool
    broken_at: int | None = None
    forgotten: int = 0


class Audit:
    """The log. Threads and processes may write to it at once: each row waits for the one before. Raises StateError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, owner: str, action: str, details: Mapping[str, Any], question: str | None = None) -> None:
        """Append that ``owner`` did ``action``. ``details`` are ready for JSON; ``question`` can be forgotten later.

        In ``details`` a question that is not to be kept can stand as ``sealed_question``: only its seal is stored.
        """
        with self._database.session() as session:
            append(session, owner, action, details, question)

    def head(self) -> str:
        """Return the digest of the last row, to be kept where nobody who can write to the database can."""
        with self._database.reading() as session:
            last = _last(session)
        return last.digest if last else _START

    def list(self, since: datetime | None = None, limit: int | None = None) -> list[AuditEntry]:
        """Return the rows from ``since`` on, oldest first; with ``limit`` the last of them."""
        query = sa.select(AuditRow).order_by(AuditRow.number.desc()).limit(limit)
        if since:
            query = query.where(AuditRow.at >= since)
        with self._database.reading() as session:
            return [_entry(row) for row in session.scalars(query)][::-1]

    def verify(self, head: str | None = None) -> AuditReport:
        """Go through the whole chain; with ``head``, one that was noted earlier, also see that nothing after it is gone."""
        count = forgotten = declared = 0
        previous, seen = _START, head in (None, _START)
        last_blanked = 0
        with self._database.reading() as session:
            for row in _all(session):
                count += 1
                if row.number != count or row.previous != previous or not _holds(row):
                    rows = session.scalar(sa.select(sa.func.count()).select_from(AuditRow)) or 0
                    return AuditReport(rows, False, count, forgotten)
                previous = row.digest
                seen = seen or row.digest == head
                if _is_blank(row):
                    forgotten, last_blanked = forgotten + 1, row.number
                if row.action == FORGOTTEN:
                    declared += int(row.details.get(_BLANKED, 0))
        if forgotten > declared:
            return AuditReport(count, False, last_blanked, forgotten)
        return AuditReport(count, seen, None if seen else count + 1, forgotten)


def append(session: Session, owner: str, action: str, details: Mapping[str, Any], question: str | None = None) -> None:
    """Append a row within a transaction that may write; the end of the chain is locked until that ends."""
    lock(session)
    last = _last(session)
    owner, salt = clean(owner), secrets.token_hex(16)
    shown: dict[str, Any] = clean_json({key: value for key, value in details.items() if key != "sealed_question"})
    sealed, private = {"owner": _seal(salt, owner)}, {"salt": salt}
    asked = question if question is not None else details.get("sealed_question")
    if asked is not None:
        sealed["question"] = _seal(salt, clean(asked))
    if question is not None:
        private["question"] = clean(question)
    row = AuditRow(
        number=last.number + 1 if last else 1,
        at=now(),
        owner=owner,
        action=clean(action),
        details={**shown, _SEALED: sealed, _PRIVATE: private},
        previous=last.digest if last else _START,
    )
    row.digest = _digest(row)
    session.add(row)
    session.flush()


def blank(session: Session, *which: sa.ColumnElement[bool]) -> int:
    """Take owner and question out of the rows ``which`` and note how many that were."""
    lock(session)
    query = sa.select(AuditRow).where(AuditRow.owner != "", *which).order_by(AuditRow.number)
    count = 0
    for row in session.scalars(query).all():
        row.owner = ""
        row.details = {key: value for key, value in row.details.items() if key != _PRIVATE}
        count += 1
    if count:
        append(session, "", FORGOTTEN, {_BLANKED: count})
    return count


def lock(session: Session) -> None:
    """Wait for other writers of the chain. On SQLite a session that may write is alone already."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _last(session: Session) -> AuditRow | None:
    return session.scalar(sa.select(AuditRow).order_by(AuditRow.number.desc()).limit(1))


def _all(session: Session) -> Iterator[AuditRow]:
    """Yield all rows in order, some at a time. What is appended meanwhile comes too."""
    query = sa.select(AuditRow).order_by(AuditRow.number).limit(_PAGE)
    page = session.scalars(query).all()
    while page:
        yield from page
        last = page[-1].number
        session.expunge_all()
        page = session.scalars(query.where(AuditRow.number > last)).all()


def _is_blank(row: AuditRow) -> bool:
    return _PRIVATE not in row.details


def _holds(row: AuditRow) -> bool:
    """Whether the digest fits the row, and what is not covered by it fits its seals."""
    try:
        if row.digest != _digest(row):
            return False
        sealed, private = row.details[_SEALED], row.details.get(_PRIVATE)
        if private is None:
            return row.owner == ""
        owned = sealed["owner"] == _seal(private["salt"], row.owner)
        return owned and (
            "question" not in private or sealed.get("question") == _seal(private["salt"], private["question"])
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return False  # somebody wrote there what we never do


def _digest(row: AuditRow) -> str:
    details = {key: value for key, value in row.details.items() if key != _PRIVATE}
    covered = {
        "number": row.number,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "owner": details[_SEALED]["owner"],
        "action": row.action,
        "details": details,
        "previous": row.previous,
    }
    canonical = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _seal(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()


def _entry(row: AuditRow) -> AuditEntry:
    private = row.details.get(_PRIVATE) or {}
    shown = {key: value for key, value in row.details.items() if key not in (_PRIVATE, _SEALED)}
    owner = None if _is_blank(row) else row.owner
    return AuditEntry(row.number, row.at, owner, row.action, shown, private.get("question"), row.digest)
