"""The numbering grammar: which label a line of a Chinese document opens with.

    第一编 第一章 第一节 第一条   一、   (一)   1.   (1)   ①   ——

Full-width and half-width forms are the same; labels are given as printed in half-width, closing punctuation dropped.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from vectorstore.numerals import NUMERAL, parse_numeral
from vectorstore.text import fold


class Level(IntEnum):
    """Depth of a label: a larger one stands below a smaller one."""

    PART = 1  # 第一编, 第一篇
    CHAPTER = 2  # 第一章
    SECTION = 3  # 第一节
    ARTICLE = 4  # 第一条
    HEADING = 5  # 一、
    SUBHEADING = 6  # (一)
    NUMBER = 7  # 1.
    BRACKET = 8  # (1)
    CIRCLE = 9  # ①
    DASH = 10  # ——


@dataclass(frozen=True, slots=True)
class Marker:
    """The label that opens a line. ``length`` counts the characters it takes, closing punctuation included."""

    level: Level
    label: str
    number: int
    length: int


_LAW_LEVELS = {"编": Level.PART, "篇": Level.PART, "章": Level.CHAPTER, "节": Level.SECTION, "条": Level.ARTICLE}
_LAW = re.compile(rf"第({NUMERAL}{{1,7}}|\d{{1,4}})([编篇章节条])(?![款项])")
_PATTERNS = (
    (Level.HEADING, re.compile(r"([一二三四五六七八九十百]{1,5})[、.]")),
    (Level.SUBHEADING, re.compile(r"(\([一二三四五六七八九十百]{1,5}\))、?")),
    (Level.NUMBER, re.compile(r"(\d{1,3})(?:[.、](?!\d)|[.、](?=\d{4}年))")),
    (Level.BRACKET, re.compile(r"(\(\d{1,3}\))、?")),
    (Level.CIRCLE, re.compile(r"([①-⑳])、?")),
)
_DASH = re.compile(r"—{1,3}|--")


def parse_marker(line: str) -> Marker | None:
    """Return the label at the start of ``line``, or None. Whether it fits its place is for the caller to judge."""
    folded = fold(line)
    if law := _LAW.match(folded):
        return Marker(_LAW_LEVELS[law[2]], law[0], parse_numeral(law[1]), law.end())
    for level, pattern in _PATTERNS:
        if match := pattern.match(folded):
            label = match[1]
            return Marker(level, label, parse_numeral(label.strip("()")), match.end())
    if dash := _DASH.match(folded):
        return Marker(Level.DASH, "——", 0, dash.end())
    return None


class Sequence:
    """The numbers met so far, to tell a label from a cross-reference that a line break put at the start of a line."""

    def __init__(self) -> None:
        self._last: dict[Level, int] = {}

    def expects(self, marker: Marker) -> bool:
        """Whether ``marker`` is the next of its level, or the first of a new run."""
        if marker.level is Level.DASH:
            return True
        return marker.number in (1, self._last.get(marker.level, 0) + 1)

    def take(self, marker: Marker) -> None:
        """Note ``marker`` as met. Lower levels may start anew, but may also run on (tasks 1–25 over several headings)."""
        if marker.level is not Level.DASH:
            self._last[marker.level] = marker.number
            for level in (Level.SUBHEADING, Level.BRACKET, Level.CIRCLE):
                if level > marker.level:
                    self._last.pop(level, None)
