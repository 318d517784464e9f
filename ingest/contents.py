"""Tables of contents: lines that name the headings of the text and are no part of what it says.

目录                         a line 目录 and what follows, as long as a line ends in dots or a page number or
第一章 总则……………1            comes again as a heading further down;
第二章 支持政策       3        without such a line, three or more lines on end with dots and a page number
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from ingest.numbering import parse_marker
from vectorstore.text import fold

_NAMES = ("目录", "目次", "contents", "目录contents", "目次contents")
_LEADER = re.compile(r"(?:…+|\.{3,}|·{3,}|-{4,}|_{3,}|—{2,}|(?:\. ?){4,})\s*[(]?(?:\d{1,4}|[ivxlc]{1,5})?[)]?$")
_PAGE = re.compile(r"(?<!\d)\s*[(]?\d{1,3}[)]?$")
_ENTRY_CHARS = 60
_LONG_ENOUGH = 3  # characters of an entry that a longer line below may open with
_RUN = 3  # lines with dots that make a table of contents without its name


def contents_lines(texts: Sequence[str]) -> frozenset[int]:
    """Return which of ``texts`` are lines of a table of contents, its own heading included."""
    folded = [fold(text).strip() for text in texts]
    lines = _Lines(folded)
    found: set[int] = set()
    at = 0
    while at < len(folded):
        named = folded[at].replace(" ", "").strip("【】[]") in _NAMES
        end = lines.end(at + 1) if named else _leaders_end(folded, at)
        enough = end - at > (2 if named else _RUN - 1)
        if enough:
            found.update(range(at, end))
        at = end if enough else at + 1
    return frozenset(found)


def _leaders_end(folded: Sequence[str], at: int) -> int:
    end = at
    while end < len(folded) and _leads(folded[end]) and folded[end][-1:].strip(")").isalnum():
        end += 1
    return end


def _leads(line: str) -> bool:
    """Whether ``line`` ends in the dots of a table of contents, a page number behind them."""
    return len(line) <= 2 * _ENTRY_CHARS and bool(_LEADER.search(line)) and bool(_bare(line))


class _Lines:
    """The lines of a document, to look up which of them come again."""

    def __init__(self, folded: Sequence[str]) -> None:
        self._folded = folded
        self._last = {_bare(line): at for at, line in enumerate(folded)}
        self._sorted = sorted(re.sub(r"\s", "", line) for line in folded)

    def end(self, start: int) -> int:
        """Where the entries that start at ``start`` end: at the first heading that they name, at the latest."""
        seen: set[str] = set()
        end = at = start
        last_page = 0
        while at < len(self._folded) and at - end <= 1:  # an entry may run over two lines
            line = self._folded[at]
            entry = _bare(line)
            if entry in seen or len(line) > 2 * _ENTRY_CHARS or line.endswith(("。", ";")):
                break
            page = _page(line)
            turned = 0 < last_page <= page and parse_marker(line) is not None  # named here, called otherwise below
            if turned or self._is_entry(line, entry, at):
                last_page = page
                seen.add(entry)
                end = at + 1
            at += 1
        return end

    def _is_entry(self, line: str, entry: str, at: int) -> bool:
        if _leads(line) or self._last.get(entry, 0) > at:
            return True
        if len(entry) < _LONG_ENOUGH or (parse_marker(line) is None and not _PAGE.search(line)):
            return False
        return self._opens_another(entry)

    def _opens_another(self, entry: str) -> bool:
        """Whether a line opens with ``entry`` besides its own."""
        first = bisect_left(self._sorted, entry)
        return bisect_left(self._sorted, entry + chr(0x10FFFF)) - first > 1


def _page(line: str) -> int:
    match = re.search(r"\d{1,4}(?=[)]?$)", line)
    return int(match[0]) if match else 0


def _bare(line: str) -> str:
    if len(line) > 2 * _ENTRY_CHARS:  # no entry, and a search for dots that end it would begin at each of them
        return re.sub(r"\s", "", line)
    without = _LEADER.sub("", line)
    if without == line and not re.match(r"[\d.]+$", line):
        without = _PAGE.sub("", line)
    return re.sub(r"\s", "", without).strip(".…·")
