"""A copy of the store's files as they are between two writings, taken while others read and wait to write."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from vectorstore.errors import StoreError, StoreLockedError

CATALOG, VECTORS, LOCK = "catalog.sqlite3", "chroma", "write.lock"
_TRIES = 5
_PAGES = 1000  # of a database, copied at once
Stamp = dict[str, tuple[int, int]]


@contextmanager
def locked(data_dir: Path, seconds: float) -> Iterator[None]:
    """Hold the store in ``data_dir`` so that nobody writes to it. Raises StoreLockedError where somebody does for so long."""
    lock = FileLock(data_dir / LOCK)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise StoreLockedError(f"等了 {seconds:.0f} 秒，仍有进程在写入 {data_dir}；请等它结束后重试") from None
    try:
        yield
    finally:
        lock.release()


def copy_store(data_dir: Path, target: Path) -> None:
    """Copy catalog and vectors of the store in ``data_dir``, which is locked, into the folder ``target``.

    Raises StoreError where a file cannot be read or the vectors do not come to rest.
    """
    try:
        copy_database(data_dir / CATALOG, target / CATALOG)
        if (data_dir / VECTORS).is_dir():
            _copy_vectors(data_dir / VECTORS, target / VECTORS)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"无法复制 {data_dir} 的索引：{error}；请检查磁盘空间和权限") from error


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database that others may be using, as one file. Raises sqlite3.Error."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, pages=_PAGES)
        new.execute("PRAGMA journal_mode = DELETE")  # or opening it to read would put files beside it


def _copy_vectors(source: Path, target: Path) -> None:
    """Copy a Chroma folder: its database by SQLite, its indexes as files.

    Readers, too, may have Chroma put its indexes in order; so it is copied anew until nothing changed meanwhile.
    """
    for _ in range(_TRIES):
        before = _stamp(source)
        shutil.rmtree(target, ignore_errors=True)
        for file in sorted(source.rglob("*")):
            if not file.is_file() or file.is_symlink() or file.name.endswith(("-wal", "-shm", "-journal")):
                continue
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".sqlite3":
                copy_database(file, place)
            else:
                shutil.copyfile(file, place)
        if _stamp(source) == before:
            return
    raise StoreError(f"向量库 {source} 在复制时一直在变；请稍后重试")


def _stamp(folder: Path) -> Stamp:
    """Return size and time of every file, by path; the journals of databases are looked after by SQLite."""
    files = [one for one in folder.rglob("*") if one.is_file() and not one.name.endswith(("-shm",))]
    stats = {str(one): one.stat() for one in files}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}
