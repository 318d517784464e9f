"""Days as documents print them: 2026年3月1日, 二〇二六年三月一日, 2026-03-01."""

import re
from datetime import date

from vectorstore.numerals import parse_numeral

_YEAR = r"(?:(?:19|20)\d{2}|[一二][〇零○oO0九八七六五四三二一]{3})"
_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
DAY = re.compile(rf"({_YEAR})\s*[年./-]\s*({_NUMBER})\s*[月./-]\s*({_NUMBER})(?:\s*日|(?!\d))")
PRINTED = re.compile(rf"({_YEAR})年({_NUMBER})月({_NUMBER})日")


def iso(match: re.Match[str]) -> str | None:
    """Return the day that ``match`` of DAY or PRINTED found as ISO 8601; None where there is no such day."""
    try:
        year, month, day = (
            parse_numeral(re.sub("[○oO0]", "〇", part) if not part.isdecimal() else part) for part in match.groups()[:3]
        )
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def first_day(text: str, *, printed: bool = True) -> str | None:
    """Return the first day in the folded ``text``, with ``printed`` only one with 年月日."""
    return next((day for match in (PRINTED if printed else DAY).finditer(text) if (day := iso(match))), None)


def last_of(start: str, years: int, months: int = 0) -> str:
    """Return the last day of the ``years`` and ``months`` that begin on the ISO day ``start``."""
    begins = date.fromisoformat(start)
    total = begins.year * 12 + begins.month - 1 + years * 12 + months
    year, month = divmod(total, 12)
    try:
        end = date(year, month + 1, begins.day)
    except ValueError:  # 29 February
        end = date(year, month + 2, 1)
    return date.fromordinal(end.toordinal() - 1).isoformat()
