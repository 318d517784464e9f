"""Lists that were set in one paragraph: 条件包括：（1）…；（2）…；（3）… is a lead and three items, each with its number.

Only a run that begins with 1, leaves nothing out and opens each item behind a mark is a list; an item that is cited
(前款第（一）、（三）项) opens none.
"""

import re
from dataclasses import dataclass, replace

from ingest.layout import Paragraph
from ingest.numbering import Marker, parse_marker
from vectorstore.numerals import NUMERAL
from vectorstore.text import fold

_LABEL = re.compile(rf"\((?:\d{{1,2}}|{NUMERAL}{{1,3}})\)(?![项款条种类、,;。和及与至或])|[①-⑳](?![、,;。和及与至或])")
_BEFORE = re.compile(r"[:;。,、]\"?$")
_CITES = re.compile(r"[第及和与至或]$|[条款项][、,]$")
_LEAST_ITEMS = 3
_LEAST_CHARS = 120  # a shorter list is read at a glance, and is better quoted as a whole
_LEAST_ITEM = 5
_LEAD_CHARS = 40  # of a lead that can name its list
_MOST_LEAD = 150


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, with its number as printed in half-width."""

    marker: Marker
    paragraph: Paragraph


@dataclass(frozen=True, slots=True)
class InlineList:
    """A paragraph that was a list: what stands before the items, None where nothing does, and the items."""

    lead: Paragraph | None
    items: tuple[Item, ...]

    @property
    def called(self) -> tuple[str, ...]:
        """What the list is called: its lead, where that is short."""
        text = re.split("[。；;]", self.lead.text.rstrip("：:"))[-1] if self.lead else ""
        return (text,) if 0 < len(text) <= _LEAD_CHARS else ()


def inline_list(paragraph: Paragraph) -> InlineList | None:
    """Return the list that ``paragraph`` is, None where it is none."""
    cuts = _cuts(paragraph.text)
    if len(cuts) < _LEAST_ITEMS:
        return None
    pieces = [paragraph.text[a:b].strip() for a, b in zip(cuts, [*cuts[1:], len(paragraph.text)], strict=True)]
    marked = [(marker, piece) for piece in pieces if (marker := parse_marker(piece))]
    if len(marked) < len(pieces) or any(len(piece) < marker.length + _LEAST_ITEM for marker, piece in marked):
        return None
    ends = ["。" in piece[:-1] for piece in pieces]
    lead = paragraph.text[: cuts[0]].strip()
    if len(lead) > _MOST_LEAD or (ends[-1] and not any(ends[:-1])):  # the text goes on behind the list
        return None
    items = tuple(Item(marker, replace(paragraph, text=piece, marker=marker)) for marker, piece in marked)
    return InlineList(replace(paragraph, text=lead) if lead else None, items)


def _cuts(text: str) -> list[int]:
    """Return where the items open in ``text``: those of the way of numbering that opens the first."""
    if len(text) < _LEAST_CHARS:
        return []
    folded = fold(text)
    cuts: list[int] = []
    first: Marker | None = None
    for found in _LABEL.finditer(folded):
        marker = parse_marker(found[0])
        before = folded[max(found.start() - 4, 0) : found.start()].rstrip()
        if marker is None or (first and marker.level is not first.level) or marker.number != len(cuts) + 1:
            continue
        if _CITES.search(before) or (before and not _BEFORE.search(before)):
            continue
        first = first or marker
        cuts.append(found.start())
    return cuts
