"""From the paragraphs of a file to its articles: a newspaper page may hold a policy and several reports.

A new article starts at a run of headlines that a dateline or byline confirms; without one, where the run follows the
end of a numbered policy and unnumbered prose goes on, or where the words of what follows have little in common with
what stood before (subject change).
"""

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from ingest.layout import Paragraph
from ingest.numbering import Level

SUBJECT_CHANGE = 0.12  # cosine of character bigram counts below which two texts are on different subjects
_SPEECH = re.compile(r"各位(?:代表|委员|同志|来宾|领导|嘉宾)[,，:：!！、]")
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
    for start, end in _headline_runs(paragraphs):
        if start and _opens_article(paragraphs, frames, starts[-1], start, end):
            starts.append(start)
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


def _opens_article(paragraphs: list[Paragraph], frames: list[int], previous: int, start: int, end: int) -> bool:
    """Whether the headlines ``paragraphs[start:end]`` open an article after the one that began at ``previous``."""
    run, after = paragraphs[start:end], paragraphs[end:]
    if not after or run[-1].dated or run[0].marker:
        return False
    if not any(_headline(p) and not p.byline and not p.dated for p in run):
        return False
    if after[0].dateline or any(p.byline for p in run[1:]):
        return True
    before, under = paragraphs[previous:start], _until_headline(after)
    if bisect_left(frames, previous) < bisect_left(frames, start):
        return False  # attachments and the parts of a speech have headlines of their own
    numbered_on = _numbered(after[:6]) or _numbered(under)
    if _numbered(before) and not numbered_on and len(after[0].text) > _MIN_PROSE // 2:
        return True
    prose = _prose(under)
    return len(prose) >= _MIN_PROSE and _similarity(_prose(before), prose) < SUBJECT_CHANGE


def _numbered(paragraphs: list[Paragraph]) -> bool:
    return sum(p.marker is not None and p.marker.level <= Level.DECIMAL_5 for p in paragraphs) >= 3


def _until_headline(paragraphs: list[Paragraph]) -> list[Paragraph]:
    for at, paragraph in enumerate(paragraphs):
        if _headline(paragraph):
            return paragraphs[:at]
    return paragraphs


def _prose(paragraphs: list[Paragraph]) -> str:
    return "".join(p.text for p in paragraphs if not p.standalone)


def _similarity(a: str, b: str) -> float:
    """Cosine of the counts of Chinese character bigrams; 1.0 where either side is too short to judge."""
    if min(len(a), len(b)) < _MIN_PROSE:
        return 1.0
    x, y = _bigrams(a), _bigrams(b)
    dot = sum(n * y[gram] for gram, n in x.items())
    return dot / (sqrt(sum(n * n for n in x.values())) * sqrt(sum(n * n for n in y.values())) or 1.0)


def _bigrams(text: str) -> Counter[str]:
    return Counter(gram for run in re.findall(r"[\u4e00-\u9fff]+", text) for gram in map("".join, pairwise(run)))


def _article(paragraphs: list[Paragraph]) -> Article:
    end = 0
    while end < len(paragraphs) and _headline(paragraphs[end]) and not paragraphs[end].dated:
        end += 1
    if end == len(paragraphs):
        end = min(end, 1)
    if end > 1 and paragraphs[end - 1].text.endswith((":", "：")):
        end -= 1  # whom it is addressed to
    return Article(tuple(paragraphs[:end]), tuple(paragraphs[end:]))
