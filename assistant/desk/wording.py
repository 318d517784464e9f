"""Where two wordings part: runs of both texts, aligned word by word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from vectorstore.text import fold


@dataclass(frozen=True, slots=True)
class Run:
    """``old`` stands where the other text has ``new``; either may be empty. ``same``: equal but for width and case."""

    old: str
    new: str
    same: bool


def runs(old: str, new: str, cut: Callable[[str], Sequence[str]] = tuple) -> list[Run]:
    """Return the runs of ``old`` and ``new`` in order: joined, they are the texts.

    ``cut`` makes words of a text and loses no character; without it characters are compared.
    """
    mine, theirs = list(cut(old)), list(cut(new))
    matcher = SequenceMatcher(None, [fold(word) for word in mine], [fold(word) for word in theirs], autojunk=False)
    return [
        Run("".join(mine[a:b]), "".join(theirs[c:d]), op == "equal") for op, a, b, c, d in matcher.get_opcodes()
    ]
