"""The numbering grammar: which label a line of a Chinese document opens with.

    附件1   第一编 第一分编 第一章 第一节 第一条 第一款 第一项   一、   (一)   专栏1   1.   (1)   1)   ①   ——

Full-width and half-width forms are the same, and so are numbers that are one sign (⑴ ⒈ ㈠); labels are given as
printed in half-width, closing punctuation dropped. What only the whole document can tell (4.1 as a heading, 附件 as the
beginning of an attachment) is decided in ``ingest.numbered_lines``.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from vectorstore.numerals import BRACKETED, BRACKETED_CHINESE, CIRCLED, DOTTED, NUMERAL, parse_numeral, to_chinese
from vectorstore.text import fold


class Level(IntEnum):
    """Depth of a label: a larger one stands below a smaller one."""

    ATTACHMENT = 1  # 附件1, 附表, 附录A
    PART = 2  # 第一编, 第一篇, 第一部分
    SUBPART = 3  # 第一分编
    CHAPTER = 4  # 第一章
    SECTION = 5  # 第一节
    ARTICLE = 6  # 第一条
    CLAUSE = 7  # 第一款
    POINT = 8  # 第一项
    UNNUMBERED = 9  # a heading without a label, over labels that start anew
    HEADING = 10  # 一、
    SUBHEADING = 11  # (一)
    BOX = 12  # 专栏1
    DIVISION = 13  # 1 over 1.1
    NUMBER = 14  # 1.
    DECIMAL = 15  # 1.1
    DECIMAL_3 = 16  # 1.1.1
    DECIMAL_4 = 17
    DECIMAL_5 = 18
    BRACKET = 19  # (1)
    PAREN = 20  # 1)
    CIRCLE = 21  # ①
    DASH = 22  # ——
    CONTENTS = 23  # a table of contents: whatever has a label ends it


LAW_LEVELS = tuple(level for level in Level if Level.PART <= level <= Level.POINT)
DECIMALS = (Level.DIVISION, Level.DECIMAL, Level.DECIMAL_3, Level.DECIMAL_4, Level.DECIMAL_5)
TASK_LEVELS = (Level.NUMBER, Level.BRACKET, Level.PAREN)


@dataclass(frozen=True, slots=True)
class Marker:
    """The label that opens a line. ``length`` counts the characters it takes, closing punctuation included.

    ``branch`` is the number behind 之 in 第一百二十条之一, 0 where there is none.
    """

    level: Level
    label: str
    number: int
    length: int
    branch: int = 0


_LAW_NAMES = {
    "编": Level.PART, "篇": Level.PART, "部分": Level.PART, "分编": Level.SUBPART, "章": Level.CHAPTER,
    "节": Level.SECTION, "条": Level.ARTICLE, "款": Level.CLAUSE, "项": Level.POINT,
}  # fmt: skip
# What follows the label where it is referred to, not opened: 第三条第二款, 第三条规定的, 第三条、第四条.
_REFERRED = (
    rf"第(?:{NUMERAL}|\d){{1,7}}[条款项目]|[、和及与至到或]者?以?第|[,;。)》]|$|的(?!士)|和(?![谐平睦])|及(?!时)|或"
    r"|以及|规定|所[列称述规指]|中[的所规]|之|各[款项]|[~—-]第?\d"
)
_THINGS = r"课|文章|报道|论文|生产线|高速|地铁"  # 第一节课, 第一篇文章, 第一条地铁: things that are counted
_LAW = re.compile(
    rf"第({NUMERAL}{{1,9}}|\d{{1,4}})(分编|部分|[编篇章节条款项])(?:之({NUMERAL}{{1,3}}))?(?!{_REFERRED}|{_THINGS})[、.:]?"
)
_ALONE = re.compile(rf"第({NUMERAL}{{1,9}}|\d{{1,4}})(分编|部分|[编篇章节条])(?:之({NUMERAL}{{1,3}}))?$")
_CHINESE = "[一二三四五六七八九十百零〇]{1,6}"
_PATTERNS = (
    (Level.HEADING, re.compile(rf"({_CHINESE})[、.]")),
    (Level.SUBHEADING, re.compile(rf"(\({_CHINESE}\)|[{BRACKETED_CHINESE}])[、.]?")),
    (Level.NUMBER, re.compile(rf"(\d{{1,3}})(?:[.、](?!\d)|[.、](?=\d{{4}}年|\d{{1,2}}月))|([{DOTTED}])")),
    (Level.BRACKET, re.compile(rf"(\(\d{{1,3}}\)|[{BRACKETED}])[、.]?")),
    (Level.PAREN, re.compile(r"(\d{1,3}\))[、.]?")),
    (Level.CIRCLE, re.compile(rf"([{CIRCLED}])[、.]?")),
)
_DASH = re.compile(r"—{1,3}|--")
_BOX = re.compile(rf"专栏({NUMERAL}{{1,3}}|\d{{1,3}})(?![^。;]*[。;])[:.、]?")
_BOX_CHARS = 40
_SKIPPED = 4  # a greater step is a number that came to stand at the start of a line by chance


def parse_marker(line: str) -> Marker | None:
    """Return the label at the start of ``line``, or None. Whether it fits its place is for the caller to judge."""
    folded = fold(line)
    if law := _LAW.match(folded) or _ALONE.match(folded):
        label = law[0].rstrip("、.:")
        branch = parse_numeral(law[3]) if law[3] else 0
        return Marker(_LAW_NAMES[law[2]], label, parse_numeral(law[1]), law.end(), branch)
    for level, pattern in _PATTERNS:
        if match := pattern.match(folded):
            sign = next(filter(None, match.groups()))
            number = parse_numeral(sign.strip("()"))
            return Marker(level, _printed(level, sign, number), number, match.end())
    if len(folded) <= _BOX_CHARS and (box := _BOX.match(folded)):
        return Marker(Level.BOX, box[0].rstrip(":.、"), parse_numeral(box[1]), box.end())
    if dash := _DASH.match(folded):
        return Marker(Level.DASH, "——", 0, dash.end())
    return None


def _printed(level: Level, sign: str, number: int) -> str:
    """The label that ``sign`` stands for: ⑴ is (1), ⒈ is 1, ㈠ is (一)."""
    if len(sign) > 1 or level is Level.CIRCLE or not sign.strip("()"):
        return sign
    if level is Level.SUBHEADING:
        return f"({to_chinese(number)})"
    if level is Level.BRACKET:
        return f"({number})"
    return sign if level is Level.HEADING else str(number)


class Sequence:
    """The numbers met so far, to tell a label from a cross-reference that a line break put at the start of a line."""

    def __init__(self) -> None:
        self._last: dict[Level, tuple[int, int]] = {}

    def expects(self, marker: Marker) -> bool:
        """Whether ``marker`` is the next of its level, or the first of a new run."""
        if marker.level in (Level.DASH, Level.ATTACHMENT, *DECIMALS):
            return True  # these are taken for labels only where they fit
        number, branch = self._last.get(marker.level, (0, 0))
        if marker.branch:
            return (marker.number, marker.branch) == (number, branch + 1)
        return marker.number in (1, number + 1)

    def skips(self, marker: Marker) -> bool:
        """Whether ``marker`` goes on with its level but leaves out a number or a few."""
        number, _branch = self._last.get(marker.level, (0, 0))
        return bool(number) and 1 < marker.number - number <= _SKIPPED

    def take(self, marker: Marker) -> None:
        """Note ``marker`` as met. Lower levels may start anew, but may also run on (tasks 1–25 over several headings)."""
        if marker.level is Level.ATTACHMENT:
            self._last.clear()
        if marker.level is not Level.DASH:
            self._last[marker.level] = (marker.number, marker.branch)
            for level in (Level.SUBHEADING, Level.BRACKET, Level.PAREN, Level.CIRCLE):
                if level > marker.level:
                    self._last.pop(level, None)
