"""Near-duplicates: the same text from two places, told apart from another edition and from another filled-in form.

A text is compared by the 8-grams of its letters and figures: white space, punctuation and width count for nothing.
Candidates are found by MinHash (A. Broder, "On the resemblance and containment of documents", 1997) in bands, so that
each text is compared with few others; what is found is then compared exactly. Texts whose figures differ are never
copies: a changed sum or date is what a new edition is made of.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vectorstore.records import Unit, UnitType
from vectorstore.text import fold

BANDS, ROWS = 16, 6  # two texts with a Jaccard of 0.9 share a band all but surely, with 0.5 one time in five
ALIKE = 0.9  # Jaccard of their grams, or nearly all of one in the other, which is little longer
_CONTAINED, _AS_LONG = 0.97, 0.8
MADE_FROM = 0.25  # of the grams of the shorter of two texts; texts of one genre share 0.05, thorough revisions 0.5
_GRAM = 8  # characters
_SHORT = 200  # characters; a shorter text has copies only where it is the same

_ASIDE = (UnitType.TITLE, UnitType.CAPTION)
_SKIPPED = re.compile(r"[\W_]+")
_FIGURE = re.compile(r"\d+(?:\.\d+)?|[〇零一二三四五六七八九十百千万亿]{2,}")
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SEEDS = np.random.default_rng(1997).integers(1, 2**63, size=(BANDS * ROWS, 2), dtype=np.uint64)

Grams = NDArray[np.uint64]


@dataclass(frozen=True)
class Body:
    """What two documents are compared by: the text without headlines and captions, and its figures."""

    letters: str
    figures: Counter[str]

    @classmethod
    def of(cls, units: Iterable[Unit]) -> "Body":
        """Return the body of the document that ``units`` are."""
        text = fold("\n".join(unit.text for unit in units if unit.type not in _ASIDE))
        return cls(_SKIPPED.sub("", text), Counter(_FIGURE.findall(text)))

    @cached_property
    def grams(self) -> Grams:
        """The distinct hashes of the 8-grams, sorted; shape (n,)."""
        codes = np.frombuffer(self.letters.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        if len(codes) < _GRAM:
            return np.empty(0, dtype=np.uint64)
        hashes = np.zeros(len(codes) - _GRAM + 1, dtype=np.uint64)
        for at in range(_GRAM):
            hashes = hashes * _BASE + codes[at : at + len(hashes)]
        return np.unique(_mixed(hashes))

    def sketch(self) -> tuple[int, ...]:
        """Return the values, signed and of 64 bits, one of which a copy very likely shares; none for an empty body."""
        if len(self.letters) < _SHORT:
            return (_value(self.letters.encode()),) if self.letters else ()
        grams = self.grams
        least = np.array([(grams * factor + shift).min() for factor, shift in _SEEDS | np.uint64(1)])
        return tuple(_value(bytes([band]) + row.tobytes()) for band, row in enumerate(least.reshape(BANDS, ROWS)))

    def equals(self, other: "Body") -> bool:
        """Whether both say the same, letter by letter."""
        return self.letters == other.letters

    def overlap(self, other: "Body") -> float:
        """Return the share of the grams of the shorter text that are in the other as well."""
        fewer = min(len(self.grams), len(other.grams))
        if not fewer:
            return float(self.equals(other))
        return len(np.intersect1d(self.grams, other.grams, assume_unique=True)) / fewer

    def resembles(self, other: "Body") -> bool:
        """Whether both are one text but for a few characters, and no figure of one is replaced in the other."""
        if min(len(self.letters), len(other.letters)) < _SHORT:
            return self.equals(other)
        if not (self.figures <= other.figures or other.figures <= self.figures):
            return False
        shared = len(np.intersect1d(self.grams, other.grams, assume_unique=True))
        fewer, more = sorted((len(self.grams), len(other.grams)))
        within = shared >= _CONTAINED * fewer and fewer >= _AS_LONG * more
        return within or shared >= ALIKE * (fewer + more - shared)


def _mixed(hashes: Grams) -> Grams:
    """Spread the bits (the finaliser of SplitMix64), so that the least of them is a fair draw."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(31))


def _value(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
