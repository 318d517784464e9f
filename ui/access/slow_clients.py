"""The protocol of the server with a deadline: a request must have arrived in time, or the connection is closed.

Uvicorn has a limit for idle connections only; one that sends a byte now and then would be kept for ever. The rule is
that of Apache's ``mod_reqtimeout``: so many seconds, and one more for each so many bytes.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 20.0
BYTES_A_SECOND = 10_000
MAX_HEAD = 64 * 1024  # bytes of a request line with its headers


class PunctualProtocol(H11Protocol):
    """HTTP/1.1 whose clients have ``SECONDS`` to send a request, and a second more for each ``BYTES_A_SECOND``."""

    _arrived = 0
    _since = 0.0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._begin()
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        self._arrived += len(data)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._begin()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._watch:
            self._watch.cancel()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._since, self._arrived = self.loop.time(), 0

    def _look(self) -> None:
        """Close the connection if what is due is late, else look again soon."""
        if self.transport.is_closing():
            return
        if not self._waits():
            self._begin()
        elif self.loop.time() - self._since > SECONDS + self._arrived / BYTES_A_SECOND:
            self.transport.abort()
            return
        self._watch = self.loop.call_later(SECONDS / 4, self._look)

    def _waits(self) -> bool:
        """Whether it is the client's turn: nothing was asked yet, or not to its end, and we do read."""
        if self.cycle is None or self.cycle.response_complete:
            return True
        return self.cycle.more_body and not self.flow.read_paused
