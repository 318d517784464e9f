"""Numbers as Chinese documents print them: 十二, １２, 12, ⑫, ⑿, ⒓ and ⓬ are one number."""

import re

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "[零〇一二两三四五六七八九十百千]"
CIRCLED = "①-⑳㉑-㉟㊱-㊿❶-❿⓫-⓴"  # ranges for a class of a pattern: one sign for a number in a circle,
BRACKETED = "⑴-⒇"  # in brackets,
DOTTED = "⒈-⒛"  # with a full stop,
BRACKETED_CHINESE = "㈠-㈩"  # and for a Chinese numeral in brackets
_RUNS = ("①⑳1", "㉑㉟21", "㊱㊿36", "❶❿1", "⓫⓴11", "⑴⒇1", "⒈⒛1", "㈠㈩1")
_SIGNS = {
    chr(code): number for run in _RUNS for number, code in enumerate(range(ord(run[0]), ord(run[1]) + 1), int(run[2:]))
}


def parse_numeral(text: str) -> int:
    """Return the value of ``text``: arabic digits of any width, a number that is one sign, or a Chinese numeral below 10,000.

    Raises ValueError where ``text`` is none of these.
    """
    if text.isdecimal():
        return int(text)
    if text in _SIGNS:
        return _SIGNS[text]
    if not re.fullmatch(f"{NUMERAL}+", text):
        raise ValueError(f"not a number: {text!r}")
    if not any(c in UNITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in UNITS:
            total += (digit or 1) * UNITS[c]
            digit = 0
        else:
            digit = DIGITS[c]
    return total + digit


def to_chinese(number: int) -> str:
    """Write ``number`` (1 to 9,999) as a document would: 12 → 十二, 105 → 一百零五."""
    if not 0 < number < 10_000:
        raise ValueError(f"out of range: {number}")
    out, pending_zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if pending_zero and out else "") + "零一二三四五六七八九"[digit] + name
            pending_zero = False
        else:
            pending_zero = True
    return out.removeprefix("一") if out.startswith("一十") else out
