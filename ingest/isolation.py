"""The reading of files in processes of their own, so that a hostile one harms nothing else.

    Readings.begin(data, source, kind) → a future of the file's documents

A short plain text is read in this process, where there are only a few files: it needs no library that could crash, and
is too short to take long. Everything else, and many files, are read in a pool of processes, each under a limit of memory; a file that takes too long, too
much memory or its process with it is a HostileError, and the others go on.
"""

import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ingest.readers.detect import Format, detect
from ingest.reading import Part, read_parts
from vectorstore.errors import ReadError
from vectorstore.records import Kind

if TYPE_CHECKING:
    from pebble import ProcessPool

_PLAIN = (Format.TEXT, Format.MARKDOWN)
_PLAIN_BYTES = 256 * 1024  # what is read in a few seconds even where each line is a unit
_TASKS = 64  # files that a process reads before another takes its place: libraries of others leak


Read = Callable[[bytes, str, Kind | None], list[Part]]


class HostileError(ReadError):
    """A file that takes more than the limits, or the process that reads it down."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: bytes on the disk, seconds, MB of memory. ``workers`` files are read at once."""

    size: int = 64 * 1024 * 1024
    seconds: float = 600.0
    memory: int = 3000
    workers: int = min(4, os.cpu_count() or 1)


class Readings:
    """Reads files with ``read``; with ``many`` to come, all in the pool, beside whatever this process does meanwhile."""

    def __init__(self, limits: Limits, *, many: bool = False, read: Read = read_parts) -> None:
        self._limits = limits
        self._many = many
        self._read = read
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool:
            if error:
                self._pool.stop()  # type: ignore[no-untyped-call]
            else:
                self._pool.close()  # type: ignore[no-untyped-call]
            self._pool.join()

    def begin(self, data: bytes, source: str, kind: Kind | None = None) -> Callable[[], list[Part]]:
        """Begin to read ``data``, the bytes of the file ``source``; return what waits for its documents.

        That raises ReadError, and HostileError where the file went beyond the limits.
        """
        if not self._many and len(data) <= _PLAIN_BYTES and _is_plain(data, source):
            return lambda: self._read(data, source, kind)
        future = self._processes().schedule(self._read, (data, source, kind), timeout=self._limits.seconds)
        return lambda: self._result(future)

    def _result(self, future: "Future[list[Part]]") -> list[Part]:
        from pebble import ProcessExpired

        try:
            return future.result()
        except ReadError:
            raise
        except TimeoutError:
            raise HostileError(f"读取超过 {self._limits.seconds:g} 秒,已停止;请拆成小文件或另存后重试") from None
        except MemoryError:
            raise HostileError(f"读取需要的内存超过 {self._limits.memory} MB;请拆成小文件后重试") from None
        except ProcessExpired:
            raise HostileError("读取时程序异常退出,文件可能已损坏;请用原来的软件打开并另存后重试") from None
        except Exception as error:  # whatever a library raised over there: the file is told of, the others go on
            raise HostileError(f"读取时出错({type(error).__name__}),文件可能已损坏;请另存后重试") from error

    def _processes(self) -> "ProcessPool":
        if self._pool is None:
            from pebble import ProcessPool

            self._pool = ProcessPool(
                self._limits.workers, _TASKS, _prepare, (self._limits.memory,), context=get_context("spawn")
            )
        return self._pool


def _is_plain(data: bytes, source: str) -> bool:
    try:
        return detect(data, source) in _PLAIN
    except ReadError:
        return True  # refused at once, in this process as well as in another


def _prepare(memory: int) -> None:
    """Set the limits of a process that reads. A key press is for the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    size = memory * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
