"""Figures in Chinese text: every number with its unit, comparable whichever way it is written.

3万亿元 = 30000亿元, 百分之十五 = 15%, 二十条 = 20条, １２ = 12. A figure keeps its offsets; nothing is rounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from vectorstore.numerals import NUMERAL, parse_numeral
from vectorstore.text import fold

_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_NUMBER = rf"\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{NUMERAL})+"
_UNITS = (
    "标准箱|平方公里|平方千米|平方米|立方米|万平方米|公里|千米|海里|厘米|毫米|英寸|纳米|米|公顷|亩|吨级|吨|公斤|千克|克|千瓦时|千瓦|兆瓦|吉瓦|度"
    "|美元|欧元|港元|日元|人民币|元|块钱|块|个百分点|百分点|%|‰|个基点|小时|分钟|秒|周岁|岁|年|月|日|天|周|季度|工作日|人次|架次|班次|人|名|位|家|户|个|项|条|款"
    "|座|所|处|片|艘|架|辆|列|趟|次|场|届|期|批|种|类|套|台|件|颗|星|枚|张|篇|部|本|间|床|张床位|支|只|头|株|棵|公顷|度|倍|成|分|级|层|段|区|县|镇|村|TEU|teu|箱|篇|字|步|号|点|门|路|站|里|字节|GB|TB|P|EFLOPS|PFLOPS|G|兆|k|K"
)
_FIGURE = re.compile(
    rf"(?P<per>百分之)?(?P<number>{_NUMBER})(?P<scale>[十百千]?[万亿]{{0,2}})(?P<more>[余多来]?)(?P<unit>{_UNITS})?"
)
_SAME_UNIT = {
    "千米": "公里", "个百分点": "百分点", "块钱": "元", "块": "元", "人民币": "元", "teu": "标准箱", "TEU": "标准箱", "箱": "标准箱",
    "公斤": "千克", "名": "人", "位": "人", "天": "日", "颗": "星", "枚": "星",
}  # fmt: skip
_COUNTERS = frozenset(
    "人家户个项条款座所处片艘架辆列趟次场届期批种类套台件星张篇部本间床支只头株棵区县镇村段门路站点层级步字"
)
_AMBIGUOUS = frozenset("一二两三四五六七八九十千百")
_UNIT_LIMITS = {"年": 1000, "月": 13, "日": 32}  # 5年 lasts, 2027年 is a date


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit; ``text`` is how it stands at ``[start:end]``. ``unit`` is "" for a bare number."""

    value: Decimal
    unit: str
    start: int
    end: int
    text: str

    @property
    def dimension(self) -> str:
        """What it measures: money, percent, date, count:家, length … Figures compare only within one."""
        if self.unit in ("年", "月", "日") and self.value < _UNIT_LIMITS[self.unit]:
            return "duration" if self.unit == "年" else "date"
        return dimension(self.unit)

    def same(self, other: "Figure") -> bool:
        """Whether both say the same: equal values of one unit."""
        return self.value == other.value and self.unit == other.unit


_DIMENSIONS = {
    "元": "money", "美元": "money", "欧元": "money", "港元": "money", "日元": "money",
    "%": "percent", "百分点": "percent", "‰": "percent", "成": "percent", "基点": "percent",
    "公里": "length", "米": "length", "海里": "length", "厘米": "length", "毫米": "length", "英寸": "length", "纳米": "length",
    "亩": "area", "公顷": "area", "平方公里": "area", "平方千米": "area", "平方米": "area", "万平方米": "area",
    "吨": "weight", "吨级": "weight", "千克": "weight", "克": "weight", "立方米": "volume",
    "千瓦": "power", "兆瓦": "power", "吉瓦": "power", "千瓦时": "energy", "度": "energy",
    "年": "date", "月": "date", "日": "date", "号": "date", "小时": "duration", "分钟": "duration", "秒": "duration", "周": "duration",
    "季度": "date", "工作日": "duration", "周岁": "age", "岁": "age", "分": "score", "倍": "ratio",
}  # fmt: skip


def dimension(unit: str) -> str:
    """Return what figures of ``unit`` measure; counts are told apart by their measure word."""
    return _DIMENSIONS.get(unit) or (f"count:{unit}" if unit else "bare")


def canonical_unit(unit: str) -> str:
    """Return the one name of a unit that has several."""
    return _SAME_UNIT.get(unit, unit)


def figures(text: str, *, ordinals: bool = False) -> list[Figure]:
    """Return the figures of ``text`` in order; ordinals (第9条) only where asked for."""
    return list(_figures(text, ordinals))


def _figures(text: str, ordinals: bool) -> Iterator[Figure]:
    folded = fold(text)
    for match in _FIGURE.finditer(folded):
        number, scale, unit = match["number"], match["scale"], match["unit"] or ""
        if match["per"]:
            unit = "%"
        chinese = not number[0].isdigit()
        if chinese and not _is_figure(number, scale, unit):
            continue
        if not ordinals and folded.endswith("第", 0, match.start()):
            continue
        value = _value(number, scale)
        yield Figure(value, canonical_unit(unit), match.start(), match.end(), text[match.start() : match.end()])


def _is_figure(number: str, scale: str, unit: str) -> bool:
    """Whether a run of Chinese numerals counts something: 三地 and 一批 do not, 二十条 and 三个区 do."""
    if not unit:
        return False
    if unit in ("年", "月", "日", "%"):
        return True
    if number == "一" and not scale:
        return False
    return unit in _COUNTERS or len(number) > 1 or bool(scale)


def _value(number: str, scale: str) -> Decimal:
    plain = number.replace(",", "")
    value = Decimal(plain) if plain[0].isdigit() else Decimal(parse_numeral(plain))
    for char in scale:
        value *= _SCALES[char]
    return value.normalize()
