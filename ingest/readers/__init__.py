"""One reader for each format: the bytes of a file in, the lines that it holds out (``ingest.lines.Extracted``).

    data, name → detect(data, name) → the reader of that format → Extracted (an archive: one for each file in it)

A reader is a function ``read_x(data: bytes) -> Extracted`` that raises ReadError with one Chinese line naming the
reason and, where there is one, the mend. What it needs is imported when the first such file comes. It runs in a process
of its own under limits of memory and time (``ingest.isolation``), so it need not defend itself against either.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

from ingest.lines import Extracted
from ingest.readers.detect import Format, detect
from vectorstore.errors import ReadError

Read = Callable[[bytes], Extracted]

SUFFIXES = (".txt", ".md", ".markdown")
_READERS = {
    Format.TEXT: "plain:read_plain",
    Format.MARKDOWN: "plain:read_markdown",
}


def read(data: bytes, name: str) -> Iterator[Extracted]:
    """Yield what the file ``name`` holds. Raises ReadError."""
    yield _reader(detect(data, name))(data)


def _reader(format_: Format) -> Read:
    if format_ not in _READERS:
        raise ReadError(f"暂不支持 {format_.value} 文件;可用:{' '.join(SUFFIXES)}")
    module, _, function = _READERS[format_].partition(":")
    read_it: Read = getattr(import_module(f"ingest.readers.{module}"), function)
    return read_it
