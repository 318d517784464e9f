"""Splits and mergers: units that are left over, and are a part of a unit of the other edition."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.desk.diff_likeness import Likeness, Tokens

HELD = 0.60  # share of a part that its whole holds
GAINED = 0.50  # share of a part that its whole holds and the unit already paired with the whole does not
SHARE = 0.08  # a part says at least this much of its whole,
VERBATIM = 0.90  # unless the whole holds nearly all of it
COVERED = 0.60  # share of a whole without a partner that its parts hold together
LEAST = 8  # tokens of a part: less stands anywhere

Part = tuple[int, int]  # positions: whole, part


def parts(
    likeness: Likeness, among: tuple[Sequence[int], Sequence[int]], partners: dict[int, int], *, backwards: bool = False
) -> list[Part]:
    """Return which units of the new edition are parts of which of the old one, or the other way round ``backwards``.

    ``among`` are the old and the new units that come into question, ``partners`` what a whole is paired with. A whole
    without a partner has two parts at least.
    """
    one, other = (1, 0) if backwards else (0, 1)
    wholes, candidates = likeness.tokens[one], likeness.tokens[other]
    best: dict[int, tuple[float, int]] = {}
    for whole, part in _held(likeness, among, one, other):
        paired = candidates[partners[whole]] if whole in partners else frozenset()
        gained = likeness.weight((wholes[whole] & candidates[part]) - paired)
        if gained >= GAINED * likeness.says[other][part]:
            best[part] = max(best.get(part, (0.0, whole)), (gained, whole))
    found: dict[int, list[int]] = defaultdict(list)
    for part, (_gained, whole) in sorted(best.items()):
        found[whole].append(part)
    return [
        (whole, part)
        for whole, its in found.items()
        if whole in partners or _cover(wholes[whole], [candidates[part] for part in its], likeness)
        for part in its
    ]


def _held(
    likeness: Likeness, among: tuple[Sequence[int], Sequence[int]], one: int, other: int
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a whole and of a unit that it holds for the most part."""
    sizes = np.array([len(tokens) for tokens in likeness.tokens[other]])
    for *places, weights in likeness.shared(*among):
        wholes, candidates = places[one], places[other]
        says = likeness.says[other][candidates]
        least = np.where(says >= SHARE * likeness.says[one][wholes], HELD, VERBATIM)
        held = (sizes[candidates] >= LEAST) & (weights >= least * says)
        yield from zip(wholes[held].tolist(), candidates[held].tolist(), strict=True)


def _cover(whole: Tokens, its: Sequence[Tokens], likeness: Likeness) -> bool:
    """Whether the parts of a whole that is paired with none are several, and hold most of it."""
    return len(its) > 1 and likeness.weight(whole & frozenset().union(*its)) >= COVERED * likeness.weight(whole)
