"""Whether the service is ready for requests: checks that run beside each other, each for at most two seconds.

What they say is a few fixed words: no path, no address, no message of an error. Those go to the log.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from vectorstore.errors import StoreError

Warmth = Literal["cold", "warming", "warm", "failed"]

MOST_SECONDS = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: whether it is well, and a word on how it is."""

    ok: bool
    state: str
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Timed:
    """A finding with the milliseconds that it took."""

    finding: Finding
    ms: float


class Check:
    """Runs ``look`` in a thread of its own. One that hangs is not begun again before it is done.

    ``required``: the service is not ready without it. A finding is used again for ``fresh`` seconds.
    """

    def __init__(self, look: Callable[[], Finding], *, required: bool = True, fresh: float = 0.0) -> None:
        self.required = required
        self._look = look
        self._fresh = fresh
        self._running: Future[Finding] | None = None
        self._began = 0.0
        self._lock = threading.Lock()

    async def run(self, seconds: float = MOST_SECONDS) -> Timed:
        """Return what was found after at most ``seconds``."""
        asked = time.perf_counter()
        running = asyncio.wrap_future(self._start())
        try:
            found = await asyncio.wait_for(asyncio.shield(running), seconds)
        except TimeoutError:
            running.add_done_callback(lambda done: done.cancelled() or done.exception())
            found = Finding(ok=False, state="timeout")
        return Timed(found, round((time.perf_counter() - asked) * 1000, 2))

    def _start(self) -> Future[Finding]:
        with self._lock:
            running = self._running
            if running and (not running.done() or time.monotonic() - self._began < self._fresh):
                return running
            self._running = future = Future[Finding]()
            self._began = time.monotonic()
        # a daemon: one that hangs must not keep the process from ending
        threading.Thread(target=self._work, args=(future,), name="readiness", daemon=True).start()
        return future

    def _work(self, future: Future[Finding]) -> None:
        try:
            future.set_result(self._look())
        except Exception as error:  # noqa: BLE001 - whatever a part of the service meets is what is looked for here
            _log.warning("a readiness check failed: %s: %s", type(error).__name__, error)
            future.set_result(Finding(ok=False, state="error"))


class Warming:
    """How warm the embedding model is. ``cold`` is fine: nobody warms it, and the first question loads it."""

    def __init__(self) -> None:
        self.state: Warmth = "cold"
        self.store_failed = False  # so that what is wrong with the store is said of the store
        self._thread: threading.Thread | None = None

    def start(self, warm: Callable[[], None]) -> None:
        """Call ``warm`` in a thread."""
        self.state = "warming"
        self._thread = threading.Thread(target=self._run, args=(warm,), name="warm", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for what is under way: a process that ends while a library of C++ is loading is aborted by it."""
        if self._thread:
            self._thread.join()

    def done(self) -> None:
        """Note that a question was answered."""
        self.state = "warm"
        self.store_failed = False

    def look(self) -> Finding:
        """Return how warm it is."""
        return Finding(self.state in ("cold", "warm"), self.state)

    def _run(self, warm: Callable[[], None]) -> None:
        try:
            warm()
        except StoreError:
            _log.exception("the store could not be warmed")
            self.state, self.store_failed = "cold", True
        except Exception:  # noqa: BLE001 - the service runs on without, and says that it is not ready
            _log.exception("the model could not be warmed")
            self.state = "failed"
        else:
            self.state = "warm"
