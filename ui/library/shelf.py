"""Files that come from outside: their names made harmless, their bytes kept under ``uploads`` in the data folder.

A name is what the browser said and may be anything; a stream may be longer than it said. Bytes are written beside
their place and renamed into it, so that what lies there is whole.
"""

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ui.texts import say, why
from vectorstore.errors import ZhengceError
from vectorstore.snapshot import CATALOG, LOCK, VECTORS

FOLDER = "uploads"
UNNAMED = "未命名"
MAX_NAME = 120
_MAX_NAME_BYTES = 240  # a file system takes 255 bytes, and a Chinese character has three
_MAX_SUFFIX = 16
_BLOCK = 1 << 20
_STALE = 3600  # seconds
_INCOMING = ".incoming"  # no file name starts with a dot, so none meets it
_FORBIDDEN = frozenset('<>:"|?*')
_INVISIBLE = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")  # controls, bidi and other formats, surrogates, line separators
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class UploadError(ZhengceError):
    """An upload cannot be taken, or not be done with what was asked."""


class TooLargeError(UploadError):
    """A file is larger than the limit."""


class UnwritableError(UploadError):
    """The data folder takes nothing more: the disk is full, or it may not be written to."""


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that came whole and wait for their place: the SHA-256 in hexadecimal, the size in bytes."""

    path: Path
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Storage:
    """What the data folder takes, in bytes; ``total`` counts all of it, models kept there too."""

    index_bytes: int
    uploads_bytes: int
    state_bytes: int
    total: int


def safe_name(given: str) -> str:
    """Return a file name for what a stranger called a file: its last part, visible, at most ``MAX_NAME`` characters."""
    last = given.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    shown = "".join(c for c in last if unicodedata.category(c) not in _INVISIBLE and c not in _FORBIDDEN)
    name = re.sub(r"\.{2,}", ".", unicodedata.normalize("NFC", shown)).strip(". \u3000")
    if _DEVICE.match(name):
        name = f"_{name}"  # Windows would open the device
    return _shortened(name) or UNNAMED


def _shortened(name: str) -> str:
    suffix = Path(name).suffix
    suffix = suffix if len(suffix) <= _MAX_SUFFIX else ""
    stem = name.removesuffix(suffix)[: MAX_NAME - len(suffix)]
    room = _MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + suffix


class Shelf:
    """The folder of the uploads. Paths given and returned are relative to the data folder, with slashes."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._incoming = data_dir / FOLDER / _INCOMING

    def receive(self, stream: BinaryIO, limit: int) -> Received:
        """Copy ``stream`` block by block. Raises TooLargeError above ``limit`` bytes, UnwritableError on a full disk."""
        digest, size = hashlib.sha256(), 0
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._incoming)
        except OSError as error:
            raise UnwritableError(say("upload_unwritable", reason=why(error))) from error
        try:
            with os.fdopen(handle, "wb") as out:
                while block := stream.read(_BLOCK):
                    size += len(block)
                    if size > limit:
                        raise TooLargeError(say("upload_too_large", limit=in_words(limit)))
                    digest.update(block)
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
        except BaseException as error:  # whatever happened, no half file may stay
            Path(name).unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise UnwritableError(say("upload_unwritable", reason=why(error))) from error
            raise
        return Received(Path(name), digest.hexdigest(), size)

    def place(self, received: Received, name: str) -> str:
        """Move ``received`` to a place of its own, where it is called ``name``; return that path."""
        place = PurePosixPath(FOLDER, name, f"{received.digest[:12]}-{secrets.token_hex(4)}", name)
        target = self._data_dir / place
        try:
            target.parent.mkdir(parents=True)
            received.path.replace(target)
            _sync(target.parent)
        except OSError as error:
            received.path.unlink(missing_ok=True)
            raise UnwritableError(say("upload_unwritable", reason=why(error))) from error
        return str(place)

    def where(self, path: str) -> Path:
        """Return the absolute place of ``path``."""
        return self._data_dir / path

    def holds(self, path: str) -> bool:
        """Whether the bytes at ``path`` are there."""
        return bool(path) and self.where(path).is_file()

    def remove(self, path: str) -> None:
        """Delete the bytes at ``path``, with the folder that was made for them."""
        parts = PurePosixPath(path).parts
        if len(parts) != 4 or parts[0] != FOLDER or ".." in parts:
            return  # nothing that ``place`` gave
        folder = self.where(path).parent
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.parent.rmdir()
        except OSError:
            return  # other versions are there

    def clear(self) -> None:
        """Delete what a stopped process had not received whole; what is fresh may be another process's."""
        for left in self._incoming.glob("*"):
            with suppress(FileNotFoundError):  # taken to its place meanwhile
                if time.time() - left.stat().st_mtime > _STALE:
                    left.unlink()


def measure(data_dir: Path) -> Storage:
    """Return what ``data_dir`` takes."""
    index = _bytes_in([data_dir / VECTORS, *data_dir.glob(f"{CATALOG}*"), data_dir / LOCK])
    databases = [path for path in data_dir.glob("*.sqlite3*") if not path.name.startswith("catalog.")]
    return Storage(index, _bytes_in([data_dir / FOLDER]), _bytes_in(databases), _bytes_in([data_dir]))


def in_words(size: int) -> str:
    """Return ``size`` bytes as people say it."""
    for unit, name in ((1 << 20, "MB"), (1 << 10, "KB")):
        if size >= unit:
            return f"{size / unit:.0f} {name}" if size % unit == 0 else f"{size / unit:.1f} {name}"
    return f"{size} B"


def _bytes_in(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        inside = [Path(folder, name) for folder, _folders, names in os.walk(path) for name in names]
        for file in inside or [path]:
            try:
                total += file.stat().st_size if file.is_file() else 0
            except OSError:
                continue  # the databases come and go with their journals
    return total


def _sync(folder: Path) -> None:
    """Make the names in ``folder`` last through a power cut."""
    if os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
