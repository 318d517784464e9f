"""The restoring of a backup: everything is unpacked and checked beside its place before anything is replaced.

What was there is moved aside within the data folder, not deleted. PostgreSQL's tables change in one transaction, the
last step before the files are moved.
"""

import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ui.backup import manifest as parts
from ui.backup.archive import Advance, damaged, open_archive
from ui.backup.errors import BackupError
from ui.backup.manifest import Manifest
from ui.backup.taking import WAIT, state_kind
from ui.library.duty import is_free
from ui.library.shelf import in_words
from ui.state.database import Database, database_url
from ui.state.tables import Base
from ui.texts import Lang, say, why
from vectorstore.schema import SCHEMA_VERSION
from vectorstore.snapshot import LOCK, locked

if TYPE_CHECKING:
    from ui.settings import Settings

_BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite puts beside a database
_UNTOUCHED = {"models", LOCK, "reading.lock"}  # in the data folder, and no data
_RESTORING, _BEFORE = ".restoring-", ".before-restore-"
_SPARE = 64 * 1024 * 1024  # bytes that are to stay free


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where that is which was there before (None where there was nothing)."""

    manifest: Manifest
    aside: Path | None


def restore_backup(
    settings: "Settings", source: Path, *, force: bool = False, advance: Advance = lambda *_: None
) -> Restored:
    """Restore ``source`` into the data folder and the state database that ``settings`` name. Stop the service first.

    Raises BackupError where the backup is damaged or of an unknown version, a service runs on the folder, or there are
    data already and not ``force``; StoreLockedError where somebody writes to the store, StateError where the database cannot be reached.
    In all these cases nothing was changed.
    """
    data_dir, lang = settings.data_dir.absolute(), settings.lang
    if data_dir.is_dir() and not is_free(data_dir):
        raise BackupError(say("restore_running", lang, path=data_dir))
    if not force and _is_full(settings):
        raise BackupError(say("restore_full", lang, path=data_dir))
    fresh = data_dir / f"{_RESTORING}{secrets.token_hex(4)}"
    try:
        with open_archive(source, lang) as archive:
            made = archive.manifest
            _check(settings, source, made)
            fresh.mkdir(parents=True)
            free = shutil.disk_usage(fresh).free
            if free < made.total + _SPARE:
                needed = in_words(made.total + _SPARE)
                raise BackupError(say("restore_space", lang, needed=needed, free=in_words(free)))
            archive.unpack(fresh, advance)
        _check_dump(source, fresh, lang)
        with locked(data_dir, WAIT):
            return Restored(made, _take_over(settings, fresh))
    except OSError as error:
        raise BackupError(say("file_unwritable", lang, path=data_dir, reason=why(error, lang))) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_full(settings: "Settings") -> bool:
    """Whether there is anything in the data folder or the database that a backup would meet."""
    data_dir = settings.data_dir
    if data_dir.is_dir() and any(one.name not in _UNTOUCHED for one in data_dir.iterdir()):
        return True
    _kind, file = state_kind(settings)
    if file:
        return file.exists()
    database = Database.open(database_url(settings))
    try:
        with database.reading() as session:
            return any(session.scalar(sa.select(sa.exists().select_from(one))) for one in Base.metadata.sorted_tables)
    finally:
        database.close()


def _check(settings: "Settings", source: Path, made: Manifest) -> None:
    """Refuse what this version cannot read, or what is for another kind of database."""
    lang = settings.lang
    schemas = ("", *map(str, range(1, int(SCHEMA_VERSION) + 1)))
    known = _revisions()
    for name, given, taken in (
        ("format", made.format, (parts.FORMAT,)),
        ("schema", made.schema_version, schemas),
        ("state", made.state_revision, (None, *known)),
    ):
        if given not in taken:
            raise BackupError(say("restore_other", lang, path=source, reason=f"{name} {given}"))
    kind, _file = state_kind(settings)
    if made.state not in ("none", kind):
        raise BackupError(say("restore_kind", lang, stored=made.state, set=kind))
    member = {"sqlite": parts.STATE_FILE, "postgresql": parts.STATE_DUMP}.get(made.state)
    if member and member not in made.members:
        raise damaged(source, say("damaged_missing", lang, name=member), lang)


def _revisions() -> Sequence[str]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "ui.state:migrations")
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]


def _check_dump(source: Path, fresh: Path, lang: Lang) -> None:
    dump = fresh / parts.STATE_DUMP
    if not dump.exists():
        return
    from ui.backup.postgresql import check

    if not check(dump, lang):
        raise damaged(source, say("damaged_database", lang, name=dump.name), lang)


def _take_over(settings: "Settings", fresh: Path) -> Path | None:
    """Put what lies in ``fresh`` into its place; return where that lies which was there."""
    data_dir = settings.data_dir.absolute()
    _kind, file = state_kind(settings)
    aside = data_dir / f"{_BEFORE}{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    finals = {name: data_dir / name for name in (parts.CATALOG, parts.VECTORS, parts.UPLOADS)}
    if file:
        finals[parts.STATE_FILE] = file
    moved: list[tuple[Path, Path]] = []
    try:
        for name, final in finals.items():
            for beside in _BESIDE:
                old = final.with_name(final.name + beside)
                if old.exists():
                    aside.mkdir(exist_ok=True)
                    _move(old, aside / f"{name}{beside}", moved)
            if (fresh / name).exists():
                final.parent.mkdir(parents=True, exist_ok=True)
                _move(fresh / name, final, moved)
        if (fresh / parts.STATE_DUMP).exists():
            from ui.backup.postgresql import load

            load(database_url(settings), fresh / parts.STATE_DUMP, settings.lang)
    except BaseException:  # whatever happened, what was there comes back
        for source, target in reversed(moved):
            shutil.move(target, source)
        with suppress(OSError):
            aside.rmdir()
        raise
    return aside if aside.exists() else None


def _move(source: Path, target: Path, moved: list[tuple[Path, Path]]) -> None:
    shutil.move(source, target)
    moved.append((source, target))
