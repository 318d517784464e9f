"""What a unit says apart from its number, and whether its number changed."""

import re
from collections.abc import Sequence

from vectorstore.numerals import BRACKETED, BRACKETED_CHINESE, CIRCLED, DOTTED, NUMERAL
from vectorstore.records import Unit
from vectorstore.text import fold

_N = rf"(?:\d{{1,4}}|{NUMERAL}{{1,7}})"
_LABELS = (  # 1.2026年底 may open with the label 1 as well as with 1.2026: the locator knows
    re.compile(
        rf"\s*(?P<label>第{_N}(?:分?[编篇]|部分|[章节条款项])(?:之{_N})?|\d+(?:\.\d+)+|[(]{_N}[)]"
        rf"|[{CIRCLED}{BRACKETED}{DOTTED}{BRACKETED_CHINESE}]|—+)[、.)]?\s*"
    ),
    re.compile(rf"\s*(?P<label>{_N})[、.)]\s*"),
)
_COUNTED = re.compile(r"¶|——|图\d|注\d|第\d+行")  # ordinals that are not printed, but counted


def body_start(unit: Unit) -> int:
    """Return where the text of ``unit`` begins behind its printed label, in characters of the unit."""
    folded = fold(unit.text)
    places = [fold(label) for label in unit.locator]
    for pattern in _LABELS:
        if (match := pattern.match(folded)) and _stands(match["label"], places):
            return match.end()
    return 0


def _stands(printed: str, places: Sequence[str]) -> bool:
    """Whether the label ``printed`` is one of a locator; dashes are counted there."""
    if printed[0] == "—":
        return bool(places) and places[-1].startswith("—")
    return any(place.strip("()") == printed.strip("()") for place in places)


def body(unit: Unit) -> str:
    """Return what ``unit`` says without its label, width, case and layout left out: equal for units of equal wording."""
    return "".join(fold(unit.text[body_start(unit) :]).split())


def renumbered(old: Sequence[Unit], new: Sequence[Unit], moved: bool) -> bool:
    """Whether no unit of ``new`` has the locator that one of ``old`` has.

    Ordinals that are not printed (the third paragraph, the second dash item) shift with any change before them: these
    count only where the unit ``moved`` among its neighbours.
    """
    before, after = ({_place(unit, moved) for unit in side} for side in (old, new))
    return bool(before and after) and before.isdisjoint(after)


def _place(unit: Unit, counted: bool) -> tuple[str, ...]:
    labels = tuple(fold(label) for label in unit.locator)
    return labels if counted or not labels or not _COUNTED.match(labels[-1]) else (*labels[:-1], "")
