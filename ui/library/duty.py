"""Which of several processes on one data folder reads the uploads: the one that holds the lock ``reading.lock``.

The others keep bytes and records, and leave the reading to it. When it ends, however it does, the lock is free and
another one takes it within two seconds.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from vectorstore.errors import ZhengceError

_EVERY = 2.0  # seconds
_FILE = "reading.lock"
_LOG = logging.getLogger(__name__)


def is_free(folder: Path) -> bool:
    """Whether no process reads uploads into ``folder``."""
    try:
        with FileLock(folder / _FILE, timeout=0):
            return True
    except Timeout:
        return False


class Duty:
    """Holds or waits for the lock in ``folder``. ``begin`` is called once it is held, ``look`` every two seconds then."""

    def __init__(self, folder: Path, begin: Callable[[], None], look: Callable[[], None]) -> None:
        # any thread may release it
        self._lock = FileLock(folder / _FILE, thread_local=False)
        self._begin, self._look = begin, look
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._lock.is_locked

    def start(self) -> None:
        """Take it if it is free, and go on looking in a thread. Raises StateError where the database is away."""
        if self._take():
            self._begin()
        self._thread = threading.Thread(target=self._run, name="duty", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave it to another process. Call it when nothing is read any more."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        self._lock.release()

    def _take(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def _run(self) -> None:
        begun = self.held
        while not self._stopping.wait(_EVERY):
            try:
                if begun:
                    self._look()
                elif self.held or self._take():
                    self._begin()
                    begun = True
            except ZhengceError as error:
                _LOG.warning("the uploads that wait could not be looked for: %s", error)
