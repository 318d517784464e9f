"""The reading of a backup that may be damaged, or made to do harm: nothing of it is trusted but what the manifest says.

Only regular files that the manifest lists come out, into a fresh folder, each checked for size and digest on the way.
"""

import gzip
import hashlib
import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from ui.backup import manifest as parts
from ui.backup.errors import BackupError
from ui.backup.manifest import Manifest, Member
from ui.texts import Lang, say, why

_BLOCK = 1 << 20
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_WINDOW = 1 << 27  # bytes of memory that unpacking may take

Advance = Callable[..., None]


class Archive:
    """An open backup: first its manifest, then its files."""

    def __init__(self, path: Path, tar: tarfile.TarFile, lang: Lang) -> None:
        self._path = path
        self._tar = tar
        self._lang = lang
        self.manifest = self._read_manifest()

    def unpack(self, fresh: Path, advance: Advance) -> None:
        """Write all files into the empty folder ``fresh``. Raises BackupError where any is not as the manifest says."""
        left = dict(self.manifest.members)
        total = len(left)
        for info in self._members():
            known = left.pop(info.name, None)
            if known is None:
                raise self._damaged("damaged_path", name=info.name)
            self._check(info, fresh)
            place = fresh / info.name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as out:
                self._copy(info, known, out)
            advance(total - len(left), total, info.name)
        if left:
            raise self._damaged("damaged_missing", name=min(left))
        for name in (parts.CATALOG, parts.STATE_FILE):
            if (fresh / name).exists() and not _sound(fresh / name):
                raise self._damaged("damaged_database", name=name)

    def _read_manifest(self) -> Manifest:
        info = next(self._members(), None)
        if info is None or info.name != parts.NAME or not info.isreg() or info.size > parts.MAX_BYTES:
            raise self._damaged("damaged_manifest")
        try:
            return Manifest.model_validate_json(self._stream(info).read())
        except ValidationError as error:
            raise self._damaged("damaged_manifest") from error

    def _members(self) -> Iterator[tarfile.TarInfo]:
        while info := self._tar.next():
            yield info

    def _check(self, info: tarfile.TarInfo, fresh: Path) -> None:
        """Let nothing through but plain files within ``fresh``."""
        try:
            safe = tarfile.data_filter(info, str(fresh))
        except tarfile.FilterError as error:
            raise self._damaged("damaged_path", name=info.name) from error
        if not info.isreg() or safe.name != info.name:
            raise self._damaged("damaged_path", name=info.name)

    def _copy(self, info: tarfile.TarInfo, known: Member, out: IO[bytes]) -> None:
        digest, size, stream = hashlib.sha256(), 0, self._stream(info)
        while size <= known.size and (block := stream.read(_BLOCK)):
            digest.update(block)
            size += len(block)
            out.write(block)
        if size != known.size or digest.hexdigest() != known.sha256:
            raise self._damaged("damaged_bytes", name=info.name)

    def _stream(self, info: tarfile.TarInfo) -> IO[bytes]:
        stream = self._tar.extractfile(info)
        if stream is None:
            raise self._damaged("damaged_path", name=info.name)
        return stream

    def _damaged(self, key: str, **values: object) -> BackupError:
        return damaged(self._path, say(key, self._lang, **values), self._lang)


@contextmanager
def open_archive(path: Path, lang: Lang) -> Iterator[Archive]:
    """Open a backup. Raises BackupError: here, and for whatever is found damaged while it is read."""
    import zstandard

    broken = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
    try:
        with path.open("rb") as raw:
            begins = raw.read(4)
            raw.seek(0)
            stream: Any
            if begins == _ZSTD:
                stream = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(raw, closefd=False)
            elif begins.startswith(_GZIP):
                stream = gzip.GzipFile(fileobj=raw)
            else:
                raise damaged(path, say("damaged_archive", lang), lang)
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield Archive(path, tar, lang)
    except broken as error:
        raise damaged(path, say("damaged_archive", lang), lang) from error
    except OSError as error:
        named = error.filename or path
        key = "file_unreadable" if str(named) == str(path) else "file_unwritable"
        raise BackupError(say(key, lang, path=named, reason=why(error, lang))) from error


def damaged(path: Path, reason: str, lang: Lang) -> BackupError:
    """Return the error that says that a backup is damaged."""
    return BackupError(say("restore_damaged", lang, path=path, reason=reason))


def _sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            return bool(whole and db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])  # not empty
    except sqlite3.Error:
        return False
