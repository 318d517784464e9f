"""The number of a document: 甲政发〔2026〕3号, 国务院令第722号, 〔十五届〕第62号."""

import re
from collections.abc import Sequence

from vectorstore.text import fold

_YEAR = r"(?:[\[(【<]\s*\d{4}\s*[\])】>]|\d{4}年)"
_PREFIX = r"[\u4e00-\u9fff]{1,14}(?:\([\u4e00-\u9fff]{1,4}\)[\u4e00-\u9fff]{0,4})?"
_ISSUED = rf"{_PREFIX}\s*{_YEAR}\s*(?:第\s*)?\d{{1,5}}\s*号"
_TERM = r"(?:[\u4e00-\u9fff]{0,30}(?:公告|令))?\s*\[[一二三四五六七八九十\d]{1,4}届\]\s*第?\s*\d{1,3}\s*号"
_DECREE = r"(?:中华人民共和国)?(?P<decree>(?:国务院|主席|[\u4e00-\u9fff]{2,16}(?:人民政府|部|委员会|总局|银行|署))令\s*(?:\(?第\s*[\d〇零一二三四五六七八九十百]+\s*号\)?))"
NUMBER_LINE = re.compile(rf"(?:{_ISSUED}|{_TERM}|{_DECREE})")
_ENDS = re.compile(rf"(?P<number>{_ISSUED})$")
_DECREE_ABOVE = re.compile(r"(?:中华人民共和国)?(?P<by>[\u4e00-\u9fff]{2,20}令)$")
_DECREE_BELOW = re.compile(r"\(?第\s*[\d〇零一二三四五六七八九十百]+\s*号\)?$")
_OF = re.compile(r"^(?:.*?(?:的通知|的意见|的决定|的公告|的通告|的批复|的函|解读|的办法))")
_GLUED = re.compile(
    rf".{{6,120}}(?:的(?:通知|意见|决定|公告|通告|批复|复函|函|报告|公报)|办法|规定|细则|方案|规划|计划|措施|要点|纲要)[)]?(?P<number>{_ISSUED})"
)


def glued_at(text: str) -> int | None:
    """Return where the number begins in a headline that runs into it: …的通知甲政发〔2026〕3号; None where none does."""
    found = _GLUED.fullmatch(fold(text)) if len(text) <= 160 else None
    return found.start("number") if found else None


def read_number(lines: Sequence[str]) -> str | None:
    """Return the number among ``lines``, which stand by themselves around a title; as printed."""
    for at, line in enumerate(lines):
        folded = fold(line)
        if (match := NUMBER_LINE.fullmatch(folded)) and not _OF.match(folded):
            start, end = match.span("decree") if match["decree"] else match.span()
            return _bare(line[start:end])
        if at and _DECREE_BELOW.fullmatch(folded) and (above := _DECREE_ABOVE.search(fold(lines[at - 1]))):
            return lines[at - 1][above.start("by") : above.end("by")] + _bare(line)
    for line in lines:
        cut = _OF.match(fold(line))
        if len(line) <= 120 and (match := _ENDS.search(fold(line), cut.end() if cut else 0)):
            return line[match.start("number") : match.end("number")]
    return None


def _bare(number: str) -> str:
    return number.strip().strip("()（）")
