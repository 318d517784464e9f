"""Pictures of pages (PNG, JPEG, TIFF of several pages, BMP, WebP): read by OCR."""

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from ingest.lines import Extracted
from ingest.readers.reading_order import Sheet, read_sheets
from vectorstore.errors import ReadError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 100_000_000
LEAST_SIDE = 16
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
_TOO_LARGE = f"图片过大(超过 {MOST_PIXELS // 1_000_000} 百万像素);请缩小后重试"
_BROKEN = "图片已损坏或格式不受支持;请另存为 PNG 或 JPEG 后重试"


def read_image(data: bytes) -> Extracted:
    """Return the lines on a picture, page by page. Raises ReadError."""
    from ingest.readers.ocr import confidence_note, recognise

    sheets, notes = [], list[str]()
    for number, picture in enumerate(pictures(data), 1):
        seen = recognise(picture)
        notes += confidence_note(number, seen.fragments)
        sheets.append(Sheet(number, seen.width, seen.height, seen.fragments, scanned=True))
    return Extracted(read_sheets(sheets), warnings=tuple(notes))


def pictures(data: bytes) -> Iterator["Image"]:
    """Yield the pages of a picture upright, in grey or RGB. Raises ReadError; the size is judged before decoding."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below
            image = Image.open(BytesIO(data), formats=_FORMATS)
        for at in range(getattr(image, "n_frames", 1) if image.format == "TIFF" else 1):
            image.seek(at)
            _judge(image)
            yield _flat(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise ReadError(_TOO_LARGE) from None
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise ReadError(_BROKEN) from error


def _judge(image: "Image") -> None:
    if image.width * image.height > MOST_PIXELS:
        raise ReadError(_TOO_LARGE)
    if min(image.size) < LEAST_SIDE:
        raise ReadError("图片太小,没有可识别的文字")


def _flat(image: "Image") -> "Image":
    """Return ``image`` in grey or RGB, what is transparent white, 16 bits of grey as 8."""
    from PIL import Image

    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L") if image.mode == "I" else _eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        picture = image.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        return paper.convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _eight_bits(image: "Image") -> "Image":
    import numpy as np
    from PIL import Image

    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
