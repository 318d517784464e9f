"""Answers kept for the next one who asks the same, of the same sources, of the same engine.

The key holds everything that an answer depends on: the question with the turn that it leans on, the
revision of the index, the limits that were set, and the engine with the version of its prompts. A store is one audience: whoever may ask it may
see all of it, so an answer never crosses from one audience to another.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from vectorstore.records import Filter
from vectorstore.sources import Sources

T = TypeVar("T")


class AnswerCache(Generic[T]):
    """The last ``size`` answers over ``store`` by ``engine``; 0 keeps none."""

    def __init__(self, size: int, store: Sources, engine: str) -> None:
        self._size, self._store, self._engine = size, store, engine
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, asked: str, within: Filter) -> Hashable:
        """Return what the answer to ``asked`` is kept under: a question with the turn that it leans on."""
        return (asked, within, self._store.revision(), self._engine) if self._size else None

    def get(self, key: Hashable) -> T | None:
        """Return the answer kept under ``key``."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, answer: T) -> None:
        """Keep ``answer``; the one that was not asked for longest goes."""
        if not self._size:
            return
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
