"""Laws that lost their line breaks: a text in one line is cut before the chapters and articles that open in it.

Only a run of articles counts, from the first on and each after the end of a sentence or under its chapter: an article that
is cited opens nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.lines import Line, Role, columns
from ingest.numbering import Level, parse_marker

_LEAST_ARTICLES = 3
_LEAST_CHARS = 60
_OPENS = re.compile(r"第(?:[一二三四五六七八九十百千零〇]{1,9}|\d{1,4})[条章]")
_STOP = re.compile(r"[。；;：:！!？?”」）)]$")
_SENTENCE = re.compile(r"[。；;]")
_HEADING_CHARS = 30
_TITLE_CHARS = 60
_LOOKED_BACK = _TITLE_CHARS + 1  # characters: a longer text is neither a title nor a heading
_SEEN = 40  # characters that tell whether a label opens something


def unrolled(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield ``lines``, those that hold a run of articles cut before each of them."""
    for line in lines:
        cuts = _cuts(line.text) if line.role is Role.TEXT and len(line.text) >= _LEAST_CHARS else []
        if not cuts:
            yield line
            continue
        for start, end in zip([0, *cuts], [*cuts, len(line.text)], strict=True):
            if piece := line.text[start:end].strip():
                yield replace(line, text=piece, width=columns(piece), whole=True)


def _cuts(text: str) -> list[int]:
    """Return where chapters and articles open in ``text``; nothing where there is no run of articles."""
    last = {Level.CHAPTER: 0, Level.ARTICLE: 0}
    cuts: list[int] = []
    under_chapter = False
    for found in _OPENS.finditer(text):
        at = found.start()
        marker = parse_marker(text[at : at + _SEEN])
        if marker is None or marker.level not in last or marker.number != last[marker.level] + 1:
            continue
        before = text[max(cuts[-1] if cuts else 0, at - _LOOKED_BACK) : at]
        titled = not cuts and marker.number == 1 and len(before) <= _TITLE_CHARS and not _SENTENCE.search(before)
        heading = under_chapter and len(before) <= _HEADING_CHARS and not _SENTENCE.search(before)
        if not (_STOP.search(before) or titled or heading):
            continue
        last[marker.level] = marker.number
        under_chapter = marker.level is Level.CHAPTER
        cuts.append(at)
    return cuts if last[Level.ARTICLE] >= _LEAST_ARTICLES else []
