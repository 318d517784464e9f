"""A folder that is kept in the store: what comes, changes or goes is read or forgotten soon after."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ingest.pipeline import ingest_paths
from ingest.readers import SUFFIXES
from ingest.report import IngestReport
from vectorstore.errors import StoreLockedError
from vectorstore.store import Store

_QUIET = 1000  # milliseconds without a change before a file counts as written
_RETRY = 5.0  # seconds until another writer is asked for the store again


def watch(
    folders: Sequence[Path],
    store: Store,
    ingest: Callable[[Sequence[Path]], IngestReport] | None = None,
    stop: threading.Event | None = None,
) -> Iterator[IngestReport]:
    """Yield a report of the first reading of ``folders``, then one for each change, until ``stop`` is set.

    ``ingest`` reads them; without it, ``ingest_paths`` with ``prune``. Between two readings others may write; while
    they do, the reading waits for them.
    """
    import watchfiles

    stop = stop or threading.Event()
    read = ingest or (lambda paths: ingest_paths(paths, store, prune=True))
    yield from _patiently(read, folders, stop)
    changes = watchfiles.watch(
        *folders,
        watch_filter=lambda _change, path: path.lower().endswith(SUFFIXES),
        debounce=2 * _QUIET,
        step=_QUIET,
        stop_event=stop,
        raise_interrupt=True,
    )
    for _changed in changes:
        yield from _patiently(read, folders, stop)


def _patiently(
    read: Callable[[Sequence[Path]], IngestReport], folders: Sequence[Path], stop: threading.Event
) -> Iterator[IngestReport]:
    while not stop.is_set():
        try:
            yield read(folders)
        except StoreLockedError:
            stop.wait(_RETRY)
        else:
            return
