"""The numbers that Word prints and does not store: a paragraph only says which list it stands in, and how deep.

    numbering.xml → Numbering      styles.xml → Styles
    Numbering.label(list, depth), called for each paragraph in order → "第三条", "(一)", "1.2"

A list (``w:num``) is an instance of an abstract one; instances of the same abstract list go on counting where the
others stopped, except at levels that they say start anew.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vectorstore.numerals import to_chinese

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DEPTHS = 9
_MOST = 32_767  # what Word counts to; beyond it letters would grow without end
_SEPARATORS = {"tab": " ", "space": " ", "nothing": ""}
_SLOT = re.compile(r"%([1-9])")
_HEADING_STYLE = re.compile(r"(heading|标题)\s*\d|title|标题", re.IGNORECASE)
_BODY_OUTLINE = 9  # the outline level of what is no heading
_ROMAN = tuple(zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"], strict=True))  # fmt: skip
_DIGITS = "〇一二三四五六七八九"
_CYCLES = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
}
_COUNTING = ("chineseCounting", "taiwaneseCounting")
_THOUSANDS = ("chineseCountingThousand", "taiwaneseCountingThousand")


@dataclass(frozen=True, slots=True)
class _Level:
    """How one depth of a list is labelled. ``restart``: the depth, from 1, that makes it start anew; 0 is none."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    separator: str = " "
    style: str | None = None
    width: int = 0  # digits that a format of its own is filled up to


class Numbering:
    """The lists of a document, with how far each has counted. Ask for labels in the order of the paragraphs."""

    def __init__(self, root: "_Element | None") -> None:
        """Read ``root``, the root of numbering.xml; None where the document has no lists."""
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._overrides: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is not None:
            self._read(root)

    def label(self, list_id: str, depth: int) -> str:
        """Count a paragraph at ``depth`` (from 0) of the list ``list_id`` and return its label.

        With the blank that sets it off; empty where there is none or it is a bullet, which is layout.
        """
        level = self._levels.get(list_id, {}).get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(self._abstract[list_id], {})
        anew = (list_id, depth) in self._overrides and (list_id, depth) not in self._begun
        self._begun.add((list_id, depth))
        counts[depth] = level.start if anew or depth not in counts else counts[depth] + 1
        for below in [other for other in counts if other > depth]:
            restart = self._level(list_id, below).restart
            if restart is None or depth < restart:
                del counts[below]
        if level.format == "bullet":
            return ""
        shown = _SLOT.sub(lambda slot: self._number(list_id, int(slot[1]) - 1, counts, level.legal), level.text)
        return shown + level.separator if shown else ""

    def depth_of_style(self, list_id: str, style: str) -> int | None:
        """Return the depth of the list that belongs to the paragraph style ``style``."""
        levels = self._levels.get(list_id, {})
        return next((depth for depth, level in levels.items() if level.style == style), None)

    def _number(self, list_id: str, depth: int, counts: dict[int, int], legal: bool) -> str:
        level = self._level(list_id, depth)
        number = counts.get(depth, level.start)
        return write_number(number, "decimal" if legal else level.format, level.width)

    def _level(self, list_id: str, depth: int) -> _Level:
        return self._levels[list_id].get(depth, _Level())

    def _read(self, root: "_Element") -> None:
        abstracts = {one.get(f"{W}abstractNumId", ""): one for one in root.findall(f"{W}abstractNum")}
        styled = {value(one, "styleLink"): key for key, one in abstracts.items() if value(one, "styleLink")}
        for instance in root.findall(f"{W}num"):
            list_id, key = instance.get(f"{W}numId", ""), value(instance, "abstractNumId") or ""
            if key in abstracts:  # a list may only name the style that defines it
                key = styled.get(value(abstracts[key], "numStyleLink"), key)
            self._abstract[list_id] = key
            self._levels[list_id] = dict(_levels(abstracts[key])) if key in abstracts else {}
            for override in instance.findall(f"{W}lvlOverride"):
                self._override(list_id, override)

    def _override(self, list_id: str, override: "_Element") -> None:
        depth = _whole(override.get(f"{W}ilvl"), 0)
        levels = self._levels[list_id]
        levels.update(_levels(override))
        start = value(override, "startOverride")
        if start is not None:
            self._overrides[list_id, depth] = _whole(start, 1)
            levels[depth] = replace(levels.get(depth, _Level()), start=_whole(start, 1))


class Styles:
    """The paragraph styles of a document: which are headings, which are numbered; each may be based on another."""

    def __init__(self, root: "_Element | None") -> None:
        """Read ``root``, the root of styles.xml; None where the document has none."""
        found = [] if root is None else root.findall(f"{W}style")
        self._styles = {style.get(f"{W}styleId", ""): style for style in found}
        self.default = next(
            (key for key, style in self._styles.items() if _is_default(style)), None
        )  # that of a paragraph which names none

    def is_heading(self, style: str | None) -> bool:
        """Whether ``style``, or one that it is based on, is that of headings."""
        for one in self._line(style):
            outline = value(one.find(f"{W}pPr"), "outlineLvl")
            if outline is not None:
                return _whole(outline, _BODY_OUTLINE) < _BODY_OUTLINE
            if _HEADING_STYLE.fullmatch((value(one, "name") or "").strip()):
                return True
        return False

    def numbered(self, style: str | None) -> "tuple[_Element, str] | None":
        """Return the list properties that ``style`` gives a paragraph, and the style that they stand in."""
        for one in self._line(style):
            properties = one.find(f"{W}pPr/{W}numPr")
            if properties is not None and value(properties, "numId") is not None:
                return properties, one.get(f"{W}styleId", "")
        return None

    def _line(self, style: str | None) -> "Iterator[_Element]":
        """Yield ``style`` and what it is based on; a style that is based on itself ends the line."""
        met: set[str] = set()
        while style is not None and style not in met and style in self._styles:
            met.add(style)
            yield self._styles[style]
            style = value(self._styles[style], "basedOn")


def value(parent: "_Element | None", name: str) -> str | None:
    """Return what the property ``name`` of ``parent`` is set to; None where it is not there."""
    found = None if parent is None else parent.find(W + name)
    return None if found is None else found.get(f"{W}val")


def is_on(parent: "_Element | None", name: str) -> bool:
    """Whether the switch ``name`` of ``parent`` is there and not off."""
    found = None if parent is None else parent.find(W + name)
    return found is not None and found.get(f"{W}val", "1") not in ("0", "false", "off")


def write_number(number: int, format_: str, width: int = 0) -> str:
    """Write ``number`` in a number format of Word; one that is not known here is written in decimals."""
    if format_ in ("none", "bullet"):
        return ""
    if not 0 < number <= _MOST:
        return str(number)
    cycle = _CYCLES.get(format_, "")
    if number <= len(cycle):
        return cycle[number - 1]
    if format_ in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if format_ == "upperLetter" else letter
    if format_ in ("lowerRoman", "upperRoman"):
        return _roman(number) if format_ == "upperRoman" else _roman(number).lower()
    return _chinese(number, format_) or _decimal(number, format_, width)


def _chinese(number: int, format_: str) -> str:
    """Write ``number`` in Chinese; empty where ``format_`` is none of those."""
    if format_ in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if format_ in _COUNTING:  # tens are counted, from a hundred on digits follow each other
        return to_chinese(number) if number < 100 else "".join("○一二三四五六七八九"[int(d)] for d in str(number))
    if format_ in _THOUSANDS:
        return _thousands(number)
    if format_ == "japaneseCounting":
        return re.sub("一(?=[十百千])", "", _thousands(number)).replace("零", "")
    return ""


def _thousands(number: int) -> str:
    """Write ``number`` as a document would, also beyond ten thousand: 12005 → 一万二千零五."""
    high, low = divmod(number, 10_000)
    if not high:
        return to_chinese(low)
    if not low:
        return to_chinese(high) + "万"
    tail = to_chinese(low)
    if 10 <= low < 20:
        tail = "一" + tail
    return f"{to_chinese(high)}万{'零' if low < 1000 else ''}{tail}"


def _roman(number: int) -> str:
    out = ""
    for worth, letters in _ROMAN:
        times, number = divmod(number, worth)
        out += letters * times
    return out


def _decimal(number: int, format_: str, width: int) -> str:
    if format_ == "decimalZero":
        return f"{number:02}"
    if format_ in ("decimalFullWidth", "decimalFullWidth2"):
        return str(number).translate({ord(str(digit)): ord("０") + digit for digit in range(10)})
    return f"{number:0{width}}"


def _levels(parent: "_Element") -> Iterator[tuple[int, _Level]]:
    for level in parent.findall(f"{W}lvl"):
        depth = _whole(level.get(f"{W}ilvl"), 0)
        format_ = next(level.iter(f"{W}numFmt"), None)  # one that Word of old does not know stands in a choice
        name, pattern = ("decimal", "") if format_ is None else (format_.get(f"{W}val"), format_.get(f"{W}format", ""))
        first = pattern.partition(",")[0].strip()
        restart = value(level, "lvlRestart")
        if 0 <= depth < _DEPTHS:
            yield (
                depth,
                _Level(
                    start=_whole(value(level, "start"), 0),
                    format=name or "decimal",
                    text=value(level, "lvlText") or "",
                    restart=None if restart is None else _whole(restart, 0),
                    legal=is_on(level, "isLgl"),
                    separator=_SEPARATORS.get(value(level, "suff") or "tab", " "),
                    style=value(level, "pStyle"),
                    width=min(len(first), _DEPTHS) if first.isdecimal() else 0,
                ),
            )


def _is_default(style: "_Element") -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on")


def _whole(text: str | None, otherwise: int) -> int:
    """Return the number that ``text`` is; hand-made files hold anything."""
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else otherwise
