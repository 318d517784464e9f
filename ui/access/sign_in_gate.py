"""How often somebody may try to sign in, and how many passwords are checked at once: ``SignInGate``.

Checking a password takes a processor for a while, by design, so it is done one at a time, and each address has one turn
at a time. Failures are counted for the address: a stranger elsewhere can make a person wait for some seconds, but can
never keep them out.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.to_thread import run_sync
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ui.state.errors import SignInError
from ui.texts import say

MINUTES = 5
PER_NAME = 10  # failures of an address with one name within these minutes
PER_ADDRESS = 50  # and with all names
FREE = 5  # failures with one name, from anywhere, that delay nobody
MOST_DELAY = 4.0  # seconds
LINE, LINE_PER_ADDRESS = 512, 64  # attempts that wait for their turn
_STEP = 0.25  # seconds that each further failure delays


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class SignInGate:
    """Keep one object for the whole service: it counts in memory."""

    def __init__(self) -> None:
        self._counted = MovingWindowRateLimiter(MemoryStorage())
        self._name = RateLimitItemPerMinute(PER_NAME, MINUTES)
        self._address = RateLimitItemPerMinute(PER_ADDRESS, MINUTES)
        self._anywhere = RateLimitItemPerMinute(1000, MINUTES)
        self._checking = anyio.CapacityLimiter(1)
        self._turns: dict[str, _Turn] = {}

    async def enter(self, address: str, name: str, check: Callable[[], str]) -> str:
        """Return what ``check`` does, in a thread and in its turn.

        Raises SignInError: as ``check`` does, or with the ``seconds`` to wait where there were too many attempts.
        """
        async with self._turn(address):
            if seconds := self._seconds_to_wait(address, name):
                raise SignInError(say("sign_in_wait", minutes=math.ceil(seconds / 60)), seconds)
            await asyncio.sleep(self._delay(name))
            try:
                entered = await run_sync(check, limiter=self._checking)
            except SignInError:
                for item, *whose in self._counters(address, name):
                    self._counted.hit(item, *whose)
                raise
            self._counted.clear(self._name, "name", address, name)
            return entered

    @asynccontextmanager
    async def _turn(self, address: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(address, _Turn())
        if turn.waiting >= LINE_PER_ADDRESS or sum(one.waiting for one in self._turns.values()) >= LINE:
            raise SignInError(say("sign_in_busy"), 5)
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                self._turns.pop(address, None)

    def _counters(self, address: str, name: str) -> list[tuple[RateLimitItemPerMinute, *tuple[str, ...]]]:
        return [
            (self._name, "name", address, name),
            (self._address, "address", address),
            (self._anywhere, "anywhere", name),
        ]

    def _seconds_to_wait(self, address: str, name: str) -> int:
        """Return how long nobody at ``address`` may try; with any name, or with this one."""
        full = [
            self._counted.get_window_stats(item, *whose).reset_time
            for item, *whose in self._counters(address, name)[:2]
            if not self._counted.test(item, *whose)
        ]
        return max(1, math.ceil(max(full) - time.time())) if full else 0

    def _delay(self, name: str) -> float:
        left = self._counted.get_window_stats(self._anywhere, "anywhere", name).remaining
        return min(MOST_DELAY, max(0, self._anywhere.amount - left - FREE) * _STEP)
