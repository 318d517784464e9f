"""Cut a page into its columns and rows: the recursive XY cut. Pure geometry: nothing here reads a word.

A part of a page is cut along white space, across or down, and every piece is cut again (Nagy and Seth, "Hierarchical
representation of optically scanned documents", ICPR 1984). A headline over several columns closes the gutter between
them, so the band of the headline is cut off first. Lengths are in any one unit; y grows downwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_Gap = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text within one row, its box and the size of its type; ``confidence`` is that of a recogniser."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    confidence: float = 1.0


@dataclass(eq=False, slots=True)
class Column:
    """A column of a page, or the room over several of them: its left and right edge."""

    left: float
    right: float


def join_glyphs(glyphs: Iterable[Fragment]) -> list[Fragment]:
    """Join characters that follow each other on one baseline; a white one is a blank between its neighbours."""
    runs: list[list[Fragment]] = []
    blank = False
    for glyph in glyphs:
        if not glyph.text.strip():
            blank = True
            continue
        last = runs[-1][-1] if runs else None
        if last and _follows(last, glyph):
            runs[-1].append(replace(glyph, text=" " + glyph.text) if blank else glyph)
        else:
            runs.append([glyph])
        blank = False
    return [merged(run, "".join(glyph.text for glyph in run)) for run in runs]


def cut(fragments: Sequence[Fragment], body: float) -> Iterator[tuple[list[Fragment], Column]]:
    """Yield the pieces of a region in reading order, each with the column that it stands in."""
    if not fragments:
        return
    region = Column(min(f.x0 for f in fragments), max(f.x1 for f in fragments))
    bands = _bands(fragments)
    at = 0
    while at < len(bands):
        end, gutters = _columned(bands, at, region, body)
        if not gutters:
            yield bands[at], region
            at += 1
            continue
        together = [f for band in bands[at:end] for f in band]
        for part in _parts(together, gutters):
            yield from cut(part, body)
        at = end


def _bands(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Cut across: pieces of the region with white space over its whole breadth between them, from top to bottom."""
    bands: list[list[Fragment]] = []
    bottom = float("-inf")
    for fragment in sorted(fragments, key=lambda f: f.y0):
        slack = 0.15 * (fragment.y1 - fragment.y0)  # boxes of close lines touch
        if fragment.y0 + slack >= bottom:
            bands.append([])
        bands[-1].append(fragment)
        bottom = max(bottom, fragment.y1 - slack)
    return bands


def _columned(bands: list[list[Fragment]], start: int, region: Column, body: float) -> tuple[int, list[_Gap]]:
    """Cut down: return where the longest run of bands from ``start`` with gutters through all of it ends, and these."""
    free = [(region.left, region.right)]
    end, gutters = start, free
    while end < len(bands):
        for fragment in bands[end]:
            free = [part for gap in free for part in _minus(gap, fragment) if part[1] - part[0] >= body]
        inner = [gap for gap in free if gap[0] > region.left and gap[1] < region.right]
        if not free:
            break
        end, gutters = end + 1, inner
    together = [f for band in bands[start:end] for f in band]
    return end, _true_gutters(together, gutters, body)


def _minus(gap: _Gap, fragment: Fragment) -> list[_Gap]:
    if fragment.x1 <= gap[0] or fragment.x0 >= gap[1]:
        return [gap]
    return [(gap[0], fragment.x0), (fragment.x1, gap[1])]


def _true_gutters(fragments: list[Fragment], gutters: list[_Gap], body: float) -> list[_Gap]:
    """Those with columns of prose on both sides: in a table the cells are short beside the breadth of their column."""
    kept = list(gutters)
    while kept:
        parts = _parts(fragments, kept)
        if len(parts) <= len(kept):
            return []
        bad = next((at for at, part in enumerate(parts) if not _prose(part, body)), None)
        if bad is None:
            return kept
        del kept[min(bad, len(kept) - 1)]
    return []


def _parts(fragments: list[Fragment], gutters: list[_Gap]) -> list[list[Fragment]]:
    bounds = [float("-inf"), *((a + b) / 2 for a, b in gutters), float("inf")]
    parts = [[f for f in fragments if left <= (f.x0 + f.x1) / 2 < right] for left, right in pairwise(bounds)]
    return [part for part in parts if part]


def _prose(part: list[Fragment], body: float) -> bool:
    rows = rows_of(part)
    width = max(f.x1 for f in part) - min(f.x0 for f in part)
    lengths = [row[-1].x1 - row[0].x0 for row in rows]
    return len(rows) >= 3 and width >= 5 * body and median(lengths) >= 0.7 * width


def rows_of(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Group fragments that stand side by side, from top to bottom, each row from left to right."""
    rows: list[list[Fragment]] = []
    for fragment in sorted(fragments, key=lambda f: f.y0 + f.y1):
        if rows and _beside(rows[-1][-1], fragment):
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    return [sorted(row, key=lambda f: f.x0) for row in rows]


def _beside(a: Fragment, b: Fragment) -> bool:
    return min(a.y1, b.y1) - max(a.y0, b.y0) >= 0.5 * min(a.y1 - a.y0, b.y1 - b.y0)


def row_text(row: Sequence[Fragment]) -> str:
    """Return the text of a row, with a blank where white space is left between two of its fragments."""
    text = row[0].text
    for left, right in pairwise(row):
        text += (" " if right.x0 - left.x1 > 0.25 * right.size else "") + right.text
    return text


def _follows(last: Fragment, glyph: Fragment) -> bool:
    size = max(last.size, glyph.size)
    level = abs(last.y1 - glyph.y1) < 0.3 * size and min(last.size, glyph.size) > 0.8 * size
    return level and -0.5 * size < glyph.x0 - last.x1 < 0.8 * size


def merged(parts: Sequence[Fragment], text: str) -> Fragment:
    """Return ``text`` in the box around ``parts``, in the type of the longest of them."""
    weights = [len(part.text) for part in parts]
    return Fragment(
        text,
        min(part.x0 for part in parts),
        min(part.y0 for part in parts),
        max(part.x1 for part in parts),
        max(part.y1 for part in parts),
        max(zip(weights, (part.size for part in parts), strict=True))[1],
        min(part.confidence for part in parts),
    )
