"""Read text off the image of a page (PP-OCR models that come with RapidOCR). No network: the models are in the package.

image of a page → recognise → fragments with boxes and confidence → ``ingest.readers.reading_order``
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import atan2, cos, floor, sin
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from ingest.lines import columns
from ingest.readers.xy_cut import Fragment
from vectorstore.errors import ReadError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

DOUBTFUL = 0.8  # a line read with less confidence is named in a warning
MOST_SIDE = 4000  # pixels; larger images are scaled down
_USUAL_SIDE = 2000  # pixels, enough for the type of an office page; four times as fast, a third of the memory
_SMALL_TYPE = 14  # pixels of a character at that scale, below which the page is read larger
_THREADS = 2
_UPSIDE_DOWN = 0.7  # confidence below which a page may stand on its head: right ways up reach 0.9
_SHOWN = 3  # doubtful lines quoted in a warning
_SHOWN_CHARS = 12

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]  # clockwise from the top left


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read off an image: its lines, and the size in pixels of the image once it stood upright."""

    fragments: tuple[Fragment, ...]
    width: int
    height: int

    @property
    def confidence(self) -> float:
        """The mean over the characters; 0 where there are none."""
        count = sum(len(f.text) for f in self.fragments)
        return sum(f.confidence * len(f.text) for f in self.fragments) / count if count else 0.0

    @property
    def sideways(self) -> bool:
        """Whether most lines run up or down."""
        return 2 * sum(f.y1 - f.y0 > 1.5 * (f.x1 - f.x0) for f in self.fragments) > len(self.fragments)


def recognise(image: "np.ndarray[Any, Any] | Image") -> Seen:
    """Return the lines on ``image``, boxes in its pixels; what lies sideways, upside down or askew is set upright.

    An array is (height, width) grey or (height, width, 3) in BGR, dtype uint8. Raises ReadError.
    """
    import numpy as np

    array = _array(image)
    seen = _read_at_scale(array)
    if not seen.fragments:
        return seen
    turns = (1, 3) if seen.sideways else (2,) if seen.confidence < _UPSIDE_DOWN else ()
    turned = (_read_at_scale(np.ascontiguousarray(np.rot90(array, turn))) for turn in turns)
    return max((seen, *turned), key=lambda each: (not each.sideways, each.confidence))


def _read_at_scale(array: "np.ndarray[Any, Any]") -> Seen:
    """Read ``array`` at the usual scale, and once more where its type is too small for that."""
    seen = _read(array, _USUAL_SIDE)
    longest = max(array.shape[:2])
    if not seen.fragments or seen.sideways or longest <= _USUAL_SIDE:
        return seen
    shown = median(fragment.size for fragment in seen.fragments) * _USUAL_SIDE / longest
    return _read(array, MOST_SIDE) if shown < _SMALL_TYPE else seen


def confidence_note(page: int, fragments: Sequence[Fragment]) -> tuple[str, ...]:
    """Say that ``page`` was read by OCR, how surely, and which of its lines are doubtful."""
    if not fragments:
        return (f"第{page}页没有识别出文字",)
    mean = floor(100 * fmean(f.confidence for f in fragments)) / 100  # 1.00 would promise too much
    notes = [f"第{page}页由文字识别(OCR)读出,平均把握 {mean:.2f};引用前请核对原件"]
    doubtful = sorted((f for f in fragments if f.confidence < DOUBTFUL), key=lambda f: f.confidence)
    if doubtful:
        shown = "、".join(f"“{f.text[:_SHOWN_CHARS]}”" for f in doubtful[:_SHOWN])
        more = "等" if len(doubtful) > _SHOWN else ""
        least = doubtful[0].confidence
        notes.append(f"第{page}页有 {len(doubtful)} 行识别把握不足(最低 {least:.2f}):{shown}{more}")
    return tuple(notes)


def resized(fragment: Fragment, x: float, y: float) -> Fragment:
    """Return ``fragment`` in other units: ``x`` and ``y`` of them to a pixel."""
    return replace(
        fragment,
        x0=fragment.x0 * x,
        y0=fragment.y0 * y,
        x1=fragment.x1 * x,
        y1=fragment.y1 * y,
        size=fragment.size * (x + y) / 2,
    )


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": MOST_SIDE,
            "Global.text_score": 0.0,  # what is doubtful is marked, not lost
            "Global.use_cls": False,  # a page is turned as a whole; line by line, right ones would be turned too
            "EngineConfig.onnxruntime.intra_op_num_threads": min(_THREADS, os.cpu_count() or 1),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _read(array: "np.ndarray[Any, Any]", most_side: int) -> Seen:
    """Read ``array``, scaled down to ``most_side`` where it is larger."""
    import numpy as np
    from PIL import Image

    height, width = array.shape[:2]
    scale = min(1.0, most_side / max(height, width))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        array = np.asarray(Image.fromarray(array).resize(size, Image.Resampling.LANCZOS))
    try:
        found = _engine()(array)
    except Exception as error:
        raise ReadError("文字识别(OCR)出错,读不出图片里的文字;请换一份更清晰的文件后重试") from error
    if found.boxes is None or not found.txts:
        return Seen((), width, height)
    quads = _straightened([tuple((float(x) / scale, float(y) / scale) for x, y in box) for box in found.boxes])
    lines = zip(found.txts, quads, map(float, found.scores), strict=True)
    return Seen(tuple(_fragment(*line) for line in lines), width, height)


def _array(image: "np.ndarray[Any, Any] | Image") -> "np.ndarray[Any, Any]":
    import numpy as np

    if isinstance(image, np.ndarray):
        return image
    if image.mode == "L":
        return np.asarray(image)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _straightened(quads: list[Any]) -> list[Quad]:
    """Turn the page by the angle at which most of its long lines run."""
    angles = [
        atan2(right[1] - left[1], right[0] - left[0])
        for left, right, _below, below in quads
        if right[0] - left[0] > 5 * abs(below[1] - left[1])
    ]
    angle = median(angles) if angles else 0.0
    c, s = cos(angle), sin(angle)
    return [tuple((c * x + s * y, c * y - s * x) for x, y in quad) for quad in quads]  # type: ignore[misc]


def _fragment(text: str, quad: Quad, confidence: float) -> Fragment:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    x0, x1 = (ax + dx) / 2, (bx + cx) / 2
    y0, y1 = (ay + by) / 2, (cy + dy) / 2
    size = min(2 * (x1 - x0) / max(columns(text), 1), y1 - y0)
    return Fragment(text, x0, y0, x1, y1, max(size, 1.0), confidence)
