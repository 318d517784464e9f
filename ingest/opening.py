"""What is done with a file before it is read: which there are, their bytes, and whether anything in them is new.

    find_files(paths) → Known.about(path) → Asked ─look→ its bytes and digest, or its outcome where nothing is to be read

``Asked`` is all that has to be known of a file to decide that, so that it is decided wherever the bytes are read.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.quarantine import Quarantine
from ingest.readers import SUFFIXES
from ingest.reading import READER, Part
from ingest.report import FileOutcome
from vectorstore.catalog import FileRecord
from vectorstore.embedding import Vector
from vectorstore.errors import ReadError
from vectorstore.records import Kind

MISSING = "文件不存在"


@dataclass(frozen=True, slots=True)
class Asked:
    """A file that may have to be read; ``held``: it is in the store.

    With the digest ``unchanged`` it is there as it is; with that of ``quarantined`` it stays there, for the reason beside it.
    """

    path: str
    held: bool
    unchanged: str | None = None
    quarantined: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read; ``wait`` returns its documents or raises ReadError.

    ``vectors`` are those that came along, by digest of the text that was embedded; ``seconds`` is how long the reading
    took, None where it is known only once it was waited for.
    """

    asked: Asked
    digest: str
    wait: Callable[[], list[Part]]
    vectors: Mapping[bytes, Vector] = field(default_factory=dict)
    seconds: float | None = None

    @property
    def path(self) -> str:
        return self.asked.path


class Known:
    """What the store and the quarantine know of files; with ``again``, all are to be read whatever is known."""

    def __init__(
        self, held: Mapping[str, FileRecord], quarantine: Quarantine, kind: Kind | None = None, *, again: bool = False
    ) -> None:
        self._held, self._quarantine, self._again = held, quarantine, again
        self.reader = f"{READER}:{kind or ''}"

    def about(self, path: Path) -> Asked:
        """Return what has to be known of the file ``path`` when its bytes are there."""
        name = str(path)
        held = self._held.get(name)
        if self._again:
            return Asked(name, held is not None)
        unchanged = held.digest if held and held.reader == self.reader else None
        return Asked(name, held is not None, unchanged, self._quarantine.held(name))


def look(asked: Asked, limit: int) -> tuple[bytes, str] | FileOutcome:
    """Return the bytes of a file of at most ``limit`` bytes and their digest, or its outcome: nothing is to be read."""
    try:
        data = file_bytes(Path(asked.path), limit)
    except ReadError as error:
        return FileOutcome(asked.path, "failed", str(error))
    digest = hashlib.sha256(data).hexdigest()
    if digest == asked.unchanged:
        return FileOutcome(asked.path, "unchanged")
    if asked.quarantined and digest == asked.quarantined[0]:
        return FileOutcome(asked.path, "quarantined", asked.quarantined[1])
    return data, digest


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield absolute paths of the files in ``paths``; in folders, those of known types, without hidden ones.

    A link in a folder counts only where it leads to something in it: whoever may put files there need not be one who may
    read all that this process can. What is given by name is read, link or not.
    """
    for given in paths:
        path = Path(os.path.abspath(given))
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                file = Path(folder) / name
                if name.lower().endswith(SUFFIXES) and not name.startswith((".", "~$")) and _is_inside(file, path):
                    yield file


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether ``file`` is no link, or one that stays in ``folder``."""
    return not file.is_symlink() or file.resolve().is_relative_to(folder.resolve())


def file_bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a file. Raises ReadError."""
    try:
        if not path.is_file() and path.exists():
            raise ReadError("不是普通文件")  # a pipe would never end
        size = path.stat().st_size
        if size > limit:
            raise ReadError(f"文件过大({size // 2**20} MB),上限 {limit // 2**20} MB;请拆成小文件后重试")
        return path.read_bytes()
    except FileNotFoundError:
        raise ReadError(MISSING) from None
    except PermissionError:
        raise ReadError("没有读取权限") from None
    except OSError as error:
        raise ReadError(f"无法读取:{error.strerror}") from error
