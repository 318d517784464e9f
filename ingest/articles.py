"""From the paragraphs of a file to its articles: a newspaper page may hold a policy and several reports.

A new article starts at a run of headlines that a dateline or byline confirms; without one, where the run follows the
end of a numbered policy and unnumbered prose goes on, or where the words of what follows have little in common with
what stood before (subject change).
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from ingest.layout import Paragraph
from ingest.numbering import Level

SUBJECT_CHANGE = 0.12  # cosine of character bigram counts below which two texts are on different subjects
_SPEECH = re.compile(r"各位(?:代表|委员|同志|来宾|领导|嘉宾)[,，:：!！、]")
_LEAST_MARKED = 3  # numbered paragraphs that make a numbered text
_LOOKED_AT = 6  # paragraphs below a headline
_MIN_PROSE = 120  # characters on either side needed to judge a change of subject


@dataclass(frozen=True, slots=True)
class Article:
    """The headline block and the body of one article."""

    head: tuple[Paragraph, ...]
    body: tuple[Paragraph, ...]


def split_articles(paragraphs: list[Paragraph]) -> list[Article]:
    """Split ``paragraphs`` into articles; each paragraph is in exactly one, in order."""
    starts = [0] if paragraphs else []
    if not any(paragraph.dateline or paragraph.byline for paragraph in paragraphs):
        return [_article(paragraphs)] if paragraphs else []  # no newspaper: one file is one document
    frames = [at for at, paragraph in enumerate(paragraphs) if _frames(paragraph)]
    above = _Above(paragraphs)
    for start, end in _headline_runs(paragraphs):
        above.read(start)
        if start and _opens_article(paragraphs, frames, above, start, end):
            starts.append(start)
            above = _Above(paragraphs, start)
    bounds = [*starts, len(paragraphs)]
    return [_article(paragraphs[a:b]) for a, b in pairwise(bounds)]


def _headline_runs(paragraphs: list[Paragraph]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(paragraphs):
        end = at
        while end < len(paragraphs) and _headline(paragraphs[end]):
            end += 1
        if end > at:
            runs.append((at, end))
        at = max(end, at + 1)
    return runs


def _frames(paragraph: Paragraph) -> bool:
    """Whether what follows may have headlines and is the same article: an attachment, a speech."""
    attached = paragraph.marker is not None and paragraph.marker.level is Level.ATTACHMENT
    return attached or bool(_SPEECH.match(paragraph.text))


def _headline(paragraph: Paragraph) -> bool:
    """Whether it may be a line of a headline block; ``——记…`` is a subtitle as often as an item."""
    return (
        paragraph.standalone
        and not paragraph.contents
        and (paragraph.marker is None or paragraph.marker.level is Level.DASH)
    )


class _Above:
    """The article that begins at ``start``, as far as it is read: it grows, and is not read anew for each headline."""

    def __init__(self, paragraphs: list[Paragraph], start: int = 0) -> None:
        self.start = self._end = start
        self._paragraphs = paragraphs
        self._marked = 0
        self._length = 0
        self._grams: Counter[str] = Counter()
        self._squares = 0

    def read(self, end: int) -> None:
        """Read on to the paragraph ``end``."""
        for paragraph in self._paragraphs[self._end : end]:
            self._marked += _marked(paragraph)
            if not paragraph.standalone:
                self._length += len(paragraph.text)
                for gram in _bigrams(paragraph.text):
                    self._squares += 2 * self._grams[gram] + 1
                    self._grams[gram] += 1
        self._end = end

    @property
    def numbered(self) -> bool:
        """Whether it is a numbered text."""
        return self._marked >= _LEAST_MARKED

    def similarity(self, prose: str) -> float:
        """Cosine of the counts of Chinese character bigrams; 1.0 where either side is too short to judge."""
        if min(self._length, len(prose)) < _MIN_PROSE:
            return 1.0
        counts = Counter(_bigrams(prose))
        dot = sum(n * self._grams[gram] for gram, n in counts.items())
        return dot / (sqrt(self._squares) * sqrt(sum(n * n for n in counts.values())) or 1.0)


def _opens_article(paragraphs: list[Paragraph], frames: list[int], above: _Above, start: int, end: int) -> bool:
    """Whether the headlines ``paragraphs[start:end]`` open an article after the one ``above``."""
    run, after = paragraphs[start:end], paragraphs[end : end + _LOOKED_AT]
    if not after or run[-1].dated or run[0].marker:
        return False
    if not any(_headline(p) and not p.byline and not p.dated for p in run):
        return False
    if after[0].dateline or any(p.byline for p in run[1:]):
        return True
    under = _until_headline(paragraphs, end)
    if bisect_left(frames, above.start) < bisect_left(frames, start):
        return False  # attachments and the parts of a speech have headlines of their own
    numbered_on = _numbered(after) or _numbered(under)
    if above.numbered and not numbered_on and len(after[0].text) > _MIN_PROSE // 2:
        return True
    prose = _prose(under)
    return len(prose) >= _MIN_PROSE and above.similarity(prose) < SUBJECT_CHANGE


def _numbered(paragraphs: list[Paragraph]) -> bool:
    return sum(map(_marked, paragraphs)) >= _LEAST_MARKED


def _marked(paragraph: Paragraph) -> bool:
    return paragraph.marker is not None and paragraph.marker.level <= Level.DECIMAL_5


def _until_headline(paragraphs: list[Paragraph], start: int) -> list[Paragraph]:
    """Return the paragraphs from ``start`` up to the next headline."""
    end = next((at for at in range(start, len(paragraphs)) if _headline(paragraphs[at])), len(paragraphs))
    return paragraphs[start:end]


def _prose(paragraphs: list[Paragraph]) -> str:
    return "".join(p.text for p in paragraphs if not p.standalone)


def _bigrams(text: str) -> Iterator[str]:
    return (gram for run in re.findall(r"[\u4e00-\u9fff]+", text) for gram in map("".join, pairwise(run)))


def _article(paragraphs: list[Paragraph]) -> Article:
    end = 0
    while end < len(paragraphs) and _headline(paragraphs[end]) and not paragraphs[end].dated:
        end += 1
    if end == len(paragraphs):
        end = min(end, 1)
    if end > 1 and paragraphs[end - 1].text.endswith((":", "：")):
        end -= 1  # whom it is addressed to
    return Article(tuple(paragraphs[:end]), tuple(paragraphs[end:]))
