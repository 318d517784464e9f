"""The making of a backup: copies that agree with each other, then one archive of them.

The store is held for writing while its files and the state database are copied, so that both tell of the same uploads;
the bytes of uploads never change, and follow after. Copies are made beside the target, where the room is.
"""

import gzip
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ui.backup import manifest as parts
from ui.backup.errors import BackupError
from ui.backup.manifest import Counts, Manifest, Member, StateKind, describe
from ui.state.database import Database, database_file, database_url
from ui.state.tables import Base
from ui.texts import say, why
from vectorstore.snapshot import copy_database, copy_store, locked

if TYPE_CHECKING:
    from ui.settings import Settings

SUFFIXES = (".tar.zst", ".tar.gz")
WAIT = 60.0  # seconds for who is writing to the store
_COUNT = "SELECT count(*) FROM {}"
_INDEX = ("documents", "units", "chunks")
_STATE = ("uploads", "users", "conversations", "exchanges", "feedback", "api_keys", "audit")

Advance = Callable[..., None]
Query = Callable[[str], Any]


def make_backup(settings: "Settings", target: Path, advance: Advance = lambda *_: None) -> Manifest:
    """Write a backup of the store, the uploads and the state database to ``target``; what is there is replaced.

    ``advance`` is called with what is done, the total, and a name. Raises BackupError, StoreError, StoreLockedError
    where somebody writes for too long, StateError.
    """
    if not target.name.endswith(SUFFIXES):
        raise BackupError(say("backup_suffix", settings.lang, path=target))
    if not settings.data_dir.is_dir():
        raise BackupError(say("backup_nothing", settings.lang, path=settings.data_dir))
    try:
        with tempfile.TemporaryDirectory(prefix=".zhengce-backup-", dir=target.absolute().parent) as name:
            staging = Path(name)
            kind = _copy(settings, staging)
            made = _manifest(settings, staging, kind, advance)
            _pack(target, staging, made, advance)
    except (OSError, sqlite3.Error) as error:
        reason = why(error, settings.lang) if isinstance(error, OSError) else error
        raise BackupError(say("file_unwritable", settings.lang, path=target, reason=reason)) from error
    return made


def state_kind(settings: "Settings") -> tuple[StateKind, Path | None]:
    """Return what the state database is, and the file of one that is a file."""
    file = database_file(database_url(settings))
    return ("postgresql", None) if file is None else ("sqlite", file)


def _copy(settings: "Settings", staging: Path) -> StateKind:
    data_dir = settings.data_dir
    if not (data_dir / parts.CATALOG).is_file():
        kind = _copy_state(settings, staging)
    else:
        with locked(data_dir, WAIT):
            copy_store(data_dir, staging)
            kind = _copy_state(settings, staging)
    _copy_uploads(data_dir / parts.UPLOADS, staging / parts.UPLOADS)
    if not any(staging.iterdir()):
        raise BackupError(say("backup_nothing", settings.lang, path=data_dir))
    return kind


def _copy_state(settings: "Settings", staging: Path) -> StateKind:
    kind, file = state_kind(settings)
    if file is None:
        from ui.backup.postgresql import dump

        tables = [*Base.metadata.tables, "alembic_version"]
        Database.open(database_url(settings)).close()  # so that all tables are there, and problems are told in words
        dump(database_url(settings), staging / parts.STATE_DUMP, tables, settings.lang)
    elif file.is_file():
        copy_database(file, staging / parts.STATE_FILE)
    else:
        kind = "none"
    return kind


def _copy_uploads(source: Path, target: Path) -> None:
    for file in sorted(source.rglob("*")):
        inside = file.relative_to(source)
        if inside.parts[0].startswith(".") or file.is_symlink() or not file.is_file():
            continue  # what is still coming in has no row yet
        place = target / inside
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # it was forgotten this moment
            try:
                os.link(file, place)
            except OSError:  # another disk
                shutil.copyfile(file, place)


def _manifest(settings: "Settings", staging: Path, kind: StateKind, advance: Advance) -> Manifest:
    files = sorted(file for file in staging.rglob("*") if file.is_file())
    members: dict[str, Member] = {}
    for number, file in enumerate(files, 1):
        name = file.relative_to(staging).as_posix()
        members[name] = describe(file)
        advance(number, 2 * len(files), name)
    meta, counts = _of_index(staging / parts.CATALOG)
    revision: str | None = None
    if kind != "none":
        with _asking(settings, staging, kind) as ask:
            counts |= {table: ask(_COUNT.format(table)) for table in _STATE}
            revision = ask("SELECT version_num FROM alembic_version")
    return Manifest(
        format=parts.FORMAT,
        zhengce=version("zhengce"),
        created_at=datetime.now(UTC),
        store=settings.store,
        embedding=meta.get("embedding"),
        schema_version=meta.get("schema", ""),
        index_revision=int(meta.get("revision", 0)),
        state=kind,
        state_revision=revision,
        counts=Counts(**counts),
        members=members,
    )


def _of_index(catalog: Path) -> tuple[dict[str, str], dict[str, int]]:
    """Return what the catalog notes of itself, and how much it holds; nothing where there is none."""
    if not catalog.is_file():
        return {}, {}
    with closing(sqlite3.connect(catalog)) as db:
        meta = dict(db.execute("SELECT key, value FROM meta"))
        return meta, {table: db.execute(_COUNT.format(table)).fetchone()[0] for table in _INDEX}


@contextmanager
def _asking(settings: "Settings", staging: Path, kind: StateKind) -> Iterator[Query]:
    if kind == "sqlite":
        with closing(sqlite3.connect(staging / parts.STATE_FILE)) as db:
            yield lambda query: db.execute(query).fetchone()[0]
        return
    database = Database.open(database_url(settings))
    try:
        with database.errors_in_words(), database.engine.connect() as connection:
            yield lambda query: connection.exec_driver_sql(query).scalar()
    finally:
        database.close()


def _pack(target: Path, staging: Path, made: Manifest, advance: Advance) -> None:
    handle, name = tempfile.mkstemp(prefix=".zhengce-backup-", dir=target.absolute().parent)  # ours alone to read
    packed = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            with _compressed(raw, target) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
                body = made.model_dump_json(indent=1).encode()
                _add(tar, parts.NAME, len(body), io.BytesIO(body), made.created_at)
                for number, (member, known) in enumerate(made.members.items(), 1):
                    with (staging / member).open("rb") as file:
                        _add(tar, member, known.size, file, made.created_at)
                    advance(len(made.members) + number, 2 * len(made.members), member)
            raw.flush()
            os.fsync(raw.fileno())
        packed.replace(target)
    finally:
        packed.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, size: int, file: IO[bytes], moment: datetime) -> None:
    info = tarfile.TarInfo(name)  # nothing of who owns it on this machine
    info.size, info.mode, info.mtime = size, 0o600, int(moment.timestamp())
    tar.addfile(info, file)


def _compressed(raw: IO[bytes], target: Path) -> Any:
    if target.name.endswith(".gz"):
        return gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0)
    import zstandard

    return zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(raw, closefd=False)
