"""Splits and mergers: units that are left over, and are a part of a unit of the other edition."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from assistant.desk.diff_likeness import Likeness, Tokens

HELD = 0.60  # share of a part that its whole holds
GAINED = 0.50  # share of a part that its whole holds and the unit already paired with the whole does not
SHARE = 0.08  # a part says at least this much of its whole,
VERBATIM = 0.90  # unless the whole holds nearly all of it
COVERED = 0.60  # share of a whole without a partner that its parts hold together
LEAST = 8  # tokens of a part: less stands anywhere

Part = tuple[int, int]  # positions: whole, part


def parts(
    shared: Iterable[tuple[int, int, float]],
    wholes: Sequence[Tokens],
    candidates: Sequence[Tokens],
    partners: dict[int, Tokens],
    likeness: Likeness,
) -> list[Part]:
    """Return which candidates are parts of which wholes.

    ``shared`` has whole, candidate and the weight of what they share; ``partners`` are the tokens of what a whole is
    paired with. A whole without a partner has two parts at least.
    """
    best: dict[int, tuple[float, int]] = {}
    for whole, part, weight in shared:
        says = likeness.weight(candidates[part])
        large = says >= SHARE * likeness.weight(wholes[whole])
        if len(candidates[part]) < LEAST or weight < (HELD if large else VERBATIM) * says:
            continue
        gained = likeness.weight((wholes[whole] & candidates[part]) - partners.get(whole, frozenset()))
        if gained >= GAINED * says:
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


def _cover(whole: Tokens, its: Sequence[Tokens], likeness: Likeness) -> bool:
    """Whether the parts of a whole that is paired with none are several, and hold most of it."""
    return len(its) > 1 and likeness.weight(whole & frozenset().union(*its)) >= COVERED * likeness.weight(whole)
