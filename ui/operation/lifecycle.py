"""The end of the service: what is being answered is finished first, and nothing new is begun.

a signal → ``stopping`` (/readyz says so, new requests are refused) → all is answered, or the time is over (``over``)
→ responses that never end by themselves are ended → the server closes
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ui.texts import say
from vectorstore.errors import ZhengceError

_LAST_WORD = 0.5  # seconds for a page to be told what was just answered
_GIVING_UP = 1.0  # seconds for an answer that was given up to say so itself

_log = logging.getLogger(__name__)


class StoppingError(ZhengceError):
    """The service is being stopped."""


class Response(Protocol):
    """What is being sent to somebody."""

    def end(self) -> None:
        """End it at once, from any thread; with an error where it is not whole."""
        ...


class Lifecycle:
    """Counts what is under way; ``seconds`` is how long it may take once the service is told to stop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.stopping = False
        self.over = False
        self._changed = threading.Condition()
        self._busy = 0
        self._responses: set[Response] = set()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Have the end of the service wait for what is done within."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    @contextmanager
    def responding(self, response: Response) -> Iterator[None]:
        """Have the end of the service end ``response``, where it has not ended within."""
        with self._changed:
            self._responses.add(response)
        try:
            yield
        finally:
            with self._changed:
                self._responses.discard(response)

    def check(self) -> None:
        """Raise StoppingError once there is no time left."""
        if self.over:
            raise StoppingError(say("stopping"))

    def stop(self) -> None:
        """Return when the server can be closed: nothing is under way any more. Takes ``seconds`` and little more."""
        self.stopping = True
        if not self._idle(self.seconds):
            _log.warning("%d requests or answers were not done after %g s and are given up", self._busy, self.seconds)
            self.over = True
            self._idle(_GIVING_UP)
        with self._changed:
            left = bool(self._responses)
        if left:
            time.sleep(_LAST_WORD)
        with self._changed:
            responses = list(self._responses)
        for response in responses:
            response.end()

    def _idle(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, seconds)
