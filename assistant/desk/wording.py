"""Where two wordings part: runs of both texts, aligned word by word."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby

from vectorstore.text import fold

Cut = Callable[[str], Sequence[str]]

LARGEST = 1_000_000  # pairs of words that are aligned: beyond, what lies between the common ends is one run
_CLAUSE = re.compile(r"[^,。;:!?、\n]*(?:[,。;:!?、\n]+|$)")
_SAYING = re.compile(r"\w\w|\d")


@dataclass(frozen=True, slots=True)
class Run:
    """``old`` stands where the other text has ``new``; either may be empty. ``same``: equal but for width and case."""

    old: str
    new: str
    same: bool


def runs(old: str, new: str, cut: Cut = tuple) -> list[Run]:
    """Return the runs of ``old`` and ``new`` in order: joined, they are the texts.

    ``cut`` makes words of a text and loses no character; without it characters are compared.
    """
    (mine, a), (theirs, b) = _words(old, cut), _words(new, cut)
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    middle = slice(head, len(a) - tail), slice(head, len(b) - tail)
    found = [Run("".join(mine[:head]), "".join(theirs[:head]), True)]
    found += _aligned((mine[middle[0]], a[middle[0]]), (theirs[middle[1]], b[middle[1]]))
    found.append(Run("".join(mine[len(a) - tail :]), "".join(theirs[len(b) - tail :]), True))
    return list(_joined(found))


def close_runs(old: str, new: str, cut: Cut) -> list[Run]:
    """Return the runs of two long texts: clauses are aligned first, and words only within those that differ.

    What only a mark or a syllable parts is one run: it reads better than a mosaic.
    """
    found: list[Run] = []
    for run in runs(old, new, _clauses):
        found += [run] if run.same else runs(run.old, run.new, cut)
    return list(_joined(_plain(list(_joined(found)))))


def _words(text: str, cut: Cut) -> tuple[list[str], list[str]]:
    """Return the words of ``text`` as printed and folded."""
    words = list(cut(text))
    ends = list(accumulate(map(len, words)))
    folded = fold(text)
    return words, [folded[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return with how many equal words both begin."""
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _aligned(mine: tuple[list[str], list[str]], theirs: tuple[list[str], list[str]]) -> Iterator[Run]:
    """Yield the runs of two lists of words, each given as printed and folded."""
    (old, a), (new, b) = mine, theirs
    if len(a) * len(b) > LARGEST:
        yield Run("".join(old), "".join(new), False)
        return
    for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        yield Run("".join(old[i:j]), "".join(new[k:m]), op == "equal")


def _clauses(text: str) -> list[str]:
    ends = [match.end() for match in _CLAUSE.finditer(fold(text)) if match.group()]
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _plain(found: Sequence[Run]) -> Iterator[Run]:
    """Yield ``found`` with what says next to nothing between two replacements made part of them."""
    for at, run in enumerate(found):
        between = 0 < at < len(found) - 1 and all(one.old and one.new for one in (found[at - 1], found[at + 1]))
        yield Run(run.old, run.new, run.same and not (between and not _SAYING.search(run.old)))


def _joined(found: Sequence[Run] | Iterator[Run]) -> Iterator[Run]:
    """Yield ``found`` with neighbours of one kind made one, and without empty ones."""
    for same, group in groupby((run for run in found if run.old or run.new), key=lambda run: run.same):
        parts = list(group)
        yield Run("".join(run.old for run in parts), "".join(run.new for run in parts), same)
