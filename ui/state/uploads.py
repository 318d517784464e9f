"""The files that came through the page or the API, each of their versions, and what became of it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.report import UNREAD
from ui.state.columns import clean
from ui.state.database import Database
from ui.state.errors import StateError
from ui.state.records import Upload
from ui.state.shapes import upload_of
from ui.state.tables import UploadRow, now
from vectorstore.errors import NotFoundError


class Uploads:
    """All uploads. What is done to one that is not there raises NotFoundError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, path: str, digest: str, size: int, by: str) -> Upload:
        """Store a new version of the file ``name``; it waits to be read."""
        row = UploadRow(name=name, path=path, digest=digest, size=size, by=by, uploaded_at=now())
        with self._database.session() as session:
            session.add(row)
            session.flush()
            session.refresh(row)
            return upload_of(row)

    def get(self, id: str) -> Upload:  # noqa: A002 - what it is
        """Return an upload."""
        with self._database.reading() as session:
            return upload_of(_one(session, id))

    def versions(self, name: str) -> list[Upload]:
        """Return the versions of the file ``name``, newest first."""
        query = sa.select(UploadRow).where(UploadRow.name == name)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(UploadRow.uploaded_at.desc(), UploadRow.id))
            return [upload_of(row) for row in rows]

    def waiting(self) -> list[Upload]:
        """Return what has yet to be read, or was being read when the service ended, oldest first."""
        query = sa.select(UploadRow).where(UploadRow.state.in_(["waiting", "reading"]))
        with self._database.reading() as session:
            return [upload_of(row) for row in session.scalars(query.order_by(UploadRow.uploaded_at, UploadRow.id))]

    def reading(self, id: str) -> Upload:  # noqa: A002
        """Store that it is being read from now on."""
        with self._database.session() as session:
            row = _one(session, id, locked=True)
            row.state, row.done = "reading", 0.0
            return upload_of(row)

    def progress(self, id: str, done: float) -> None:  # noqa: A002
        """Store which part of it was read, from 0 to 1."""
        with self._database.session() as session:
            _one(session, id, locked=True).done = min(1.0, max(0.0, done))

    def finish(self, id: str, outcome: dict[str, Any], warnings: Sequence[str] = ()) -> Upload:  # noqa: A002
        """Store what came of reading it; it becomes the active version of its file unless that failed."""
        with self._database.session() as session:
            row = _with_versions(session, id)
            failed = outcome.get("status") in UNREAD
            row.state, row.done = ("failed" if failed else "done"), 1.0
            row.outcome, row.warnings = outcome, list(warnings)
            if not failed:
                _activate(session, row)
            session.flush()
            session.refresh(row)
            return upload_of(row)

    def activate(self, id: str) -> Upload:  # noqa: A002
        """Make it the active version of its file. Raises StateError where it was not read successfully."""
        with self._database.session() as session:
            row = _with_versions(session, id)
            if row.state != "done":
                raise StateError(f"文件 {row.name} 的这个版本没有读取成功，不能启用；请选另一个版本")
            _activate(session, row)
            return upload_of(row)

    def remove(self, id: str) -> None:  # noqa: A002
        """Forget it; its bytes are the caller's."""
        with self._database.session() as session:
            session.delete(_one(session, id, locked=True))

    def list(self) -> list[Upload]:
        """Return all uploads by name, the newest version of each first."""
        with self._database.reading() as session:
            rows = session.scalars(sa.select(UploadRow).order_by(UploadRow.uploaded_at.desc(), UploadRow.id))
            # by Python: databases differ in how they order names
            return sorted(map(upload_of, rows), key=lambda upload: upload.name)


def _one(session: Session, id: str, *, locked: bool = False) -> UploadRow:  # noqa: A002
    row = session.get(UploadRow, clean(id), with_for_update=locked or None)
    if row is None:
        raise _missing()
    return row


def _missing() -> NotFoundError:
    return NotFoundError("没有这个文件；它可能已被删除，请刷新列表")


def _with_versions(session: Session, id: str) -> UploadRow:  # noqa: A002
    """Return an upload with all versions of its file locked, so that no two become active at once."""
    query = sa.select(UploadRow).where(UploadRow.name == _one(session, id).name).order_by(UploadRow.id)
    # what was read before the lock may have changed since
    locked = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    row = {row.id: row for row in locked}.get(clean(id))
    if row is None:
        raise _missing()
    return row


def _activate(session: Session, row: UploadRow) -> None:
    session.execute(sa.update(UploadRow).where(UploadRow.name == row.name, UploadRow.id != row.id).values(active=False))
    row.active = True
