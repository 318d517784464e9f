"""Characters and sentences: what every layer needs to compare text without moving an offset.

``fold`` maps each character to one character, so an offset in folded text is an offset in the text itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from vectorstore.records import Span

if TYPE_CHECKING:
    from opencc import OpenCC

_PUNCTUATION = {
    "，": ",", "；": ";", "：": ":", "！": "!", "？": "?", "（": "(", "）": ")", "【": "[", "】": "]", "〔": "[", "〕": "]",
    "［": "[", "］": "]", "“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"', "＂": '"', "‘": "'", "’": "'",
    "﹣": "-", "－": "-", "–": "-", "―": "—", "─": "—", "～": "~", "〜": "~", "％": "%", "﹪": "%", "・": "·", "•": "·",
    "\u3000": " ", "\u00a0": " ", "\t": " ",
}  # fmt: skip


class _Folding(dict[int, str]):
    """A translation table that is filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _PUNCTUATION.get(char)
        if folded is None:
            # ① and ² are letters of a label or a unit, not the digit that NFKC makes of them
            folded = char if unicodedata.category(char) == "No" else unicodedata.normalize("NFKC", char).lower()
        self[code] = _simplified(folded if len(folded) == 1 else char)
        return self[code]


class _Simplifying(dict[int, str]):
    """The same for the characters alone: width, case and punctuation stay."""

    def __missing__(self, code: int) -> str:
        self[code] = _simplified(chr(code))
        return self[code]


def _simplified(char: str) -> str:
    """The simplified form of ``char``: of one character by itself, so that no word of another length takes its place."""
    if char < "\u3400":
        return char
    simple: str = _converter().convert(char)
    return simple if len(simple) == 1 else char


@cache
def _converter() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")


_FOLDING, _SIMPLIFYING = _Folding(), _Simplifying()


def fold(text: str) -> str:
    """Return ``text`` with width, case, punctuation and traditional characters unified; the length stays the same."""
    return text.translate(_FOLDING)


def simplified(text: str) -> str:
    """Return ``text`` in simplified characters and otherwise as it is; the length stays the same."""
    return text.translate(_SIMPLIFYING)


def is_cjk(char: str) -> bool:
    """Whether ``char`` is a Chinese character or full-width punctuation, next to which a space is layout."""
    return (
        "\u2e80" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\uff00" <= char <= "\uffef"
        or "\U00020000" <= char <= "\U0003ffff"
        or char in "“”‘’…—·"
    )


_SENTENCE_END = re.compile(r"[。！？!?；;…]+[”’」』）)》\"']*|\n+")
_OPENERS, _CLOSERS = "（(《「『“【[", "）)》」』”】]"


def sentence_spans(text: str, offset: int = 0) -> Iterator[Span]:
    """Yield the spans of the sentences of ``text``, shifted by ``offset``; white space around them is left out.

    A semicolon ends a sentence (policy texts chain measures with it), but nothing ends one inside brackets.
    """
    start = 0
    for match in _SENTENCE_END.finditer(text):
        piece = text[start : match.end()]
        unclosed = sum(map(piece.count, _OPENERS)) > sum(map(piece.count, _CLOSERS))
        if unclosed and "\n" not in match.group() and len(piece) < 400:
            continue
        yield from _trimmed(text, start, match.end(), offset)
        start = match.end()
    yield from _trimmed(text, start, len(text), offset)


def _trimmed(text: str, start: int, end: int, offset: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start + offset, end + offset)
