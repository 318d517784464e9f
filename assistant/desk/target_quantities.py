"""The figures of a clause as a ledger prints them: the number, its unit, and the limit that follows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.desk.target_wording import LIMIT
from assistant.figures import dimension, figures
from vectorstore.numerals import parse_numeral

_NUMBER = re.compile(
    r"(?P<per>百分之)?(?P<number>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+|半)"
)
_HALF = re.compile("半(?:个工作日|小时|天|个月)")
_TENTHS = re.compile("[一二两三四五六七八九]成(?=以|左右|[、,;。]|$)")
_LONGER_UNIT = re.compile(
    r"工作日|自然日|小时|月|时(?!间)|次(?!性)|伏|蒸吨|户次|亩次|:\d+(?:\.\d+)?|[a-z]{1,7}"
)  # than ``figures`` knows
_LAST_WORD = re.compile(
    r"[万亿]*[\u4e00-\u9fff](?=[、,;。和及]|以[内上下]|左右|$)"
)  # any word that counts, where a clause ends with it
_MEASURED_IN = re.compile("^(?:[十百千万亿]*[余多来]?)(?:个(?=工作日|自然日|月|小时|百分点))?")
_TIME = frozenset(("小时", "分钟", "秒", "工作日", "自然日", "天", "日", "月", "周"))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure at ``[start:end]`` of a clause. ``unit`` is a span, ``limit`` what follows (左右, 以上), up to ``limited``.

    ``dimension`` is what it measures; ``spelled`` whether its number is of Chinese numerals.
    """

    start: int
    end: int
    limited: int
    value: int | float
    unit: tuple[int, int]
    dimension: str
    limit: str
    spelled: bool


def quantities(text: str) -> list[Quantity]:
    """Return the figures of folded ``text`` in order."""
    halves = [(match.start(), match.end(), "") for match in _HALF.finditer(text)]
    halves += [(match.start(), match.end(), "percent") for match in _TENTHS.finditer(text)]
    spans = [(figure.start, figure.end, figure.dimension) for figure in figures(text)]
    return list(_quantities(text, sorted(spans + halves)))


def _quantities(text: str, spans: list[tuple[int, int, str]]) -> Iterator[Quantity]:
    for start, end, measured in spans:
        number = _NUMBER.match(text, start)
        if not number:
            continue
        if longer := _LONGER_UNIT.match(text, end):
            end = longer.end()
            measured = ""
        elif measured == "bare" and (last := _LAST_WORD.match(text, end)):
            end = last.end()
            measured = ""
        unit = _MEASURED_IN.sub("", text[number.end() : end])
        if number["per"]:
            measured = "percent"
        elif unit in _TIME:
            measured = "duration"
        elif unit.endswith("瓦时"):
            measured = "energy"
        elif unit.startswith(":"):
            measured = "ratio"
        elif unit == "位":
            measured = "count:位"  # a rank, where figures see persons
        limit = LIMIT.match(text, end)
        yield Quantity(
            start,
            end,
            limit.end() if limit else end,
            _value(number["number"]),
            (number.end(), end) if not number["per"] else (start, start),
            measured or dimension(unit.upper() if unit.isascii() else unit),
            limit[0] if limit else "",
            not number["number"][0].isdigit() and number["number"] != "半",
        )


def is_date(text: str, quantity: Quantity) -> bool:
    """Whether a figure is a day, a month or a year of the calendar, not a length of time."""
    unit = text[slice(*quantity.unit)]
    return unit in ("年", "号") or (unit in ("月", "日") and not quantity.limit)


def _value(number: str) -> int | float:
    if number == "半":
        return 0.5
    plain = number.replace(",", "")
    if not plain[0].isdigit():
        return parse_numeral(plain)
    value = float(plain)
    return int(value) if value.is_integer() else value
