"""What a reader of the page does not see, and what nobody can read: left out or told of, never passed on in silence.

zero width, marks that turn the writing   left out; the latter told of, as the page shows another order
private and undecodable characters        kept, and told of page by page: the font alone knows what they show
characters that make no Chinese           told of: the text layer may have another coding than the font
"""

import re
from collections import Counter
from dataclasses import replace
from functools import cache

from ingest.lines import Extracted, Line
from vectorstore.errors import ReadError

_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff"
_TURNING = "\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[{_ZERO_WIDTH}{_TURNING}\U000e0000-\U000e007f]")
_WOVEN = re.compile(f"(?<=[\u4e00-\u9fff])[{_ZERO_WIDTH}]+(?=[\u4e00-\u9fff])")
_TURNS = re.compile(f"[{_TURNING}]")
_UNREADABLE = re.compile("[\ue000-\uf01f\uf100-\uf8ff\U000f0000-\U0010ffff\ufffd]")
# F020 to F0FF are bullets and boxes of symbol fonts, no words
_CHINESE = re.compile("[\u4e00-\u9fff]")
_MANY_WOVEN = 3  # from which on somebody meant to hide a word
_MOST_UNREADABLE = 0.3  # of a file: the rest makes no text
_SAMPLE = 2000  # characters that tell whether a text is Chinese
_ENOUGH = 50
_LEAST_COMMON = 0.7  # of Chinese characters in everyday use: above 0.95 in any text, below 0.5 in one that is garbled
_PAGES_NAMED = 10


def seen(extracted: Extracted) -> Extracted:
    """Return ``extracted`` without what is not seen, with warnings of it and of what cannot be read.

    Raises ReadError where so much cannot be read that nothing is left to be cited.
    """
    text = "\n".join(line.text for line in extracted.lines)
    warnings = list(extracted.warnings)
    lines = extracted.lines
    if _UNSEEN.search(text):
        lines = tuple(line for line in map(_stripped, lines) if line.text)
        if _TURNS.search(text):
            warnings.append("文件里有改变文字显示顺序的控制符,已去掉;读到的顺序可能与屏幕上看到的不同,请核对原件")
        elif len(woven := _WOVEN.findall(text)) >= _MANY_WOVEN:
            warnings.append(f"词语中间有 {len(woven)} 处看不见的零宽字符,已去掉")
    if unreadable := _UNREADABLE.findall(text):
        if len(unreadable) > _MOST_UNREADABLE * len(text):
            raise ReadError("文件里的字大多读不出(字体没有给出对应的文字);请换原始文件,或打印后扫描成图片再试")
        warnings += _told(lines)
    elif garbled(text):
        warnings.append("文件的文字层像是乱码,可能与看到的不同;请换原始文件,或打印后扫描成图片再试")
    return replace(extracted, lines=lines, warnings=tuple(warnings))


def unreadable_share(text: str) -> float:
    """Return the share of ``text`` that only its font can read."""
    return len(_UNREADABLE.findall(text)) / max(1, len(text))


def garbled(text: str) -> bool:
    """Whether the Chinese characters of ``text`` are hardly ones that people use."""
    chinese = _CHINESE.findall(text[: 4 * _SAMPLE])[:_SAMPLE]
    return len(chinese) >= _ENOUGH and sum(map(_common, chinese)) < _LEAST_COMMON * len(chinese)


@cache
def _common(char: str) -> bool:
    """Whether ``char`` is one of the first plane of GB2312 or Big5, in which everyday characters are."""
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if first <= char.encode(encoding)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _stripped(line: Line) -> Line:
    return replace(line, text=_UNSEEN.sub("", line.text).strip()) if _UNSEEN.search(line.text) else line


def _told(lines: tuple[Line, ...]) -> list[str]:
    """Return how many characters cannot be read on each page."""
    counts: Counter[int | None] = Counter()
    for line in lines:
        if number := len(_UNREADABLE.findall(line.text)):
            counts[line.page] += number
    shown = [f"第{page}页有{number}个字读不出" if page else f"有{number}个字读不出" for page, number in counts.items()][
        :_PAGES_NAMED
    ]
    more = f"(另有 {len(counts) - len(shown)} 页也有)" if len(counts) > len(shown) else ""
    return [f"{'、'.join(shown)}{more}:字体没有给出对应的文字,引用前请核对原件"]
