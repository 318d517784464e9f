"""PDF: its text layer where it has one, else the image of the page read by OCR.

    bytes → PDFium → glyphs with their places → fragments → ``reading_order`` → printed lines

Characters are those that PDFium gives; only control characters, soft hyphens and characters without width are dropped.
"""

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import atan2, hypot, pi
from typing import Any

from ingest.lines import Extracted
from ingest.readers.pdf_lines import drawn_lines
from ingest.readers.properties import believed
from ingest.readers.reading_order import Sheet, read_sheets
from ingest.readers.ruled import ruled_tables
from ingest.readers.xy_cut import Fragment, join_glyphs
from ingest.unseen import garbled, unreadable_share
from vectorstore.errors import ReadError
from vectorstore.text import is_cjk

MOST_PAGES = 2000
_DPI = 300
_MOST_SIDE = 4000  # pixels of a rendered page
_LEAST_CHARS = 20  # a page with fewer Chinese characters than these has hardly any text
_LATIN_WEIGHT = 0.25  # of a letter beside a Chinese character
_PICTURE_SHARE = 0.2  # of the page, from which a picture may hold its text beside a few words
_MOST_UNMAPPED = 0.05  # of the characters of a page: with more of them its sentences say something else
_MANY_DRAWINGS = 150  # paths, from which the text may be drawn
_RADICALS = re.compile(r"[\u2E80-\u2FDF]")
_MANY_RADICALS = 5
_SLANTED = 0.06  # quarters of a circle; text at a larger angle to the edges of the page is a watermark
_SURROGATES = (0xD800, 0xDC00)  # first halves of characters beyond the basic plane
_TINY = 1.5  # points; nobody reads smaller type
_WHITE = 250  # of 255
_ASCENT = 0.88  # of the size of type, above the base line


_Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character as PDFium gives it, in points from the corner of the file's own coordinates.

    ``turn``: quarters of a circle by which it is turned to the left; None where it stands slanted.
    """

    text: str
    origin: tuple[float, float]
    room: _Box
    size: float
    turn: int | None
    white: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as read: what stands on it, and what its owner should know."""

    number: int
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    watermark: bool = False
    unseen: int = 0


def read_pdf(data: bytes) -> Extracted:
    """Return the lines of a PDF file. Raises ReadError."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            if len(document) > MOST_PAGES:
                raise ReadError(f"PDF 有 {len(document)} 页,上限 {MOST_PAGES} 页;请拆分后重试")
            pages = [_read_page(document, number) for number in range(1, len(document) + 1)]
            held: dict[str, str] = document.get_metadata_dict()
    except pypdfium2.PdfiumError as error:
        raise ReadError(_reason(error, data)) from error
    lines = read_sheets([sheet for page in pages for sheet in page.sheets])
    stamps = (held.get("CreationDate", ""), held.get("ModDate", ""))
    said = believed(lines, held.get("Title", ""), [held.get("Author", "")], stamps)
    return Extracted(lines, said, _warnings(pages))


def _reason(error: Any, data: bytes) -> str:
    import pypdfium2.raw as pdfium

    if b"/Encrypt" not in data:  # PDFium asks for a password of a file without pages, too
        return "PDF 已损坏或没有可读的页,无法打开;请重新导出或打印成 PDF 后重试"
    if error.err_code == pdfium.FPDF_ERR_PASSWORD:
        return "PDF 有密码保护;请去掉密码后重试"
    if error.err_code == pdfium.FPDF_ERR_SECURITY:
        return "PDF 的加密方式不受支持;请另存为不加密的 PDF 后重试"
    return "PDF 已损坏,无法打开;请重新导出或打印成 PDF 后重试"


def _warnings(pages: list[_Page]) -> tuple[str, ...]:
    notes = [note for page in pages for note in page.notes]
    empty = [page.number for page in pages if not page.sheets and not page.notes]
    if empty:
        notes.append(f"没有文字的页:{_listed(empty)}")
    marked = [page.number for page in pages if page.watermark]
    if marked:
        notes.append(f"斜置的文字(如水印)未计入正文:{_listed(marked)}")
    hidden = [page.number for page in pages if page.unseen]
    if hidden:
        count = sum(page.unseen for page in pages)
        notes.append(f"有 {count} 个字看不见(白色、极小或在页面之外),没有读入:{_listed(hidden)}")
    text = "".join(sheet.text for page in pages for sheet in page.sheets)
    radicals = Counter(_RADICALS.findall(text))
    if radicals.total() >= _MANY_RADICALS:
        shown = "".join(char for char, _count in radicals.most_common(5))
        notes.append(
            f"PDF 的字体把 {radicals.total()} 个汉字编成了部首符号(如 {shown}),这些字可能检索不到;请换原始文件或重新导出"
        )
    return tuple(notes)


def _listed(numbers: list[int]) -> str:
    return "第 " + "、".join(map(str, numbers[:10])) + (" 等" if len(numbers) > 10 else "") + " 页"


def _read_page(document: Any, number: int) -> _Page:
    import pypdfium2

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return _Page(number, (), (f"第{number}页已损坏,未能读出",))
    try:
        sheets, watermark, unseen = _sheets(page, number)
        width, height = page.get_size()
        readable = _readable(sheets)
        if readable < _LEAST_CHARS and _pictured(page, width * height, wordless=not readable):
            from ingest.readers.ocr import confidence_note

            sheet = _recognised(page, number, max(width, height))
            if sheet.fragments or not sheets:
                notes = confidence_note(number, sheet.fragments)
                unread = (
                    (f"第{number}页的文字层读不出(字体没有给出对应的文字),改用文字识别",) if _glyphed(sheets) else ()
                )
                return _Page(number, (sheet,), (*unread, *notes))
        return _Page(number, tuple(sheets), watermark=watermark, unseen=unseen)
    finally:
        page.close()


def _glyphed(sheets: list[Sheet]) -> bool:
    """Whether there is a text layer to speak of."""
    return len("".join(sheet.text for sheet in sheets)) >= _LEAST_CHARS


def _readable(sheets: list[Sheet]) -> float:
    """Count Chinese characters, letters less; 0 where the text layer has no meaning that the file tells."""
    text = "".join(sheet.text for sheet in sheets)
    if unreadable_share(text) > _MOST_UNMAPPED or garbled(text):
        return 0
    return sum(1 if is_cjk(char) else _LATIN_WEIGHT for char in text if char.isalnum())


def _pictured(page: Any, area: float, *, wordless: bool) -> bool:
    """Whether pictures or drawings may hold the text of ``page``; beside a few words, a seal or a rule does not."""
    import pypdfium2.raw as pdfium

    kinds = [pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_SHADING]
    covered, drawings = 0.0, 0
    for item in page.get_objects(filter=kinds):
        if wordless:
            return True
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            covered += (right - left) * (top - bottom)
        else:
            drawings += 1
    return covered >= _PICTURE_SHARE * area or drawings >= _MANY_DRAWINGS


def _recognised(page: Any, number: int, longest: float) -> Sheet:
    """Read the rendered page; boxes in points."""
    from ingest.readers.ocr import recognise, resized

    scale = min(_DPI / 72, _MOST_SIDE / longest)
    bitmap = page.render(scale=scale, may_draw_forms=False)
    try:
        image = bitmap.to_numpy()
        seen = recognise(image[:, :, 0] if image.shape[2] == 1 else image[:, :, :3])
    finally:
        bitmap.close()
    fragments = tuple(resized(fragment, 1 / scale, 1 / scale) for fragment in seen.fragments)
    return Sheet(number, seen.width / scale, seen.height / scale, fragments, scanned=True)


def _sheets(page: Any, number: int) -> tuple[list[Sheet], bool, int]:
    """Return the text layer, whether slanted text was left out of it, and how many characters that nobody sees.

    There is one sheet for each direction in which text runs.
    Text set sideways is read as one who turns the page does; the direction of most of the text comes first.
    """
    left, bottom, right, top = page.get_cropbox()
    by_turn: dict[int | None, list[_Glyph]] = {}
    glyphs, unseen = _seen(list(_glyphs(page)), (left, bottom, right, top), page)
    for glyph in glyphs:
        by_turn.setdefault(glyph.turn, []).append(glyph)
    slanted = by_turn.pop(None, [])
    sheets: list[Sheet] = []
    segments = drawn_lines(page)
    for turn, glyphs in sorted(by_turn.items(), key=lambda item: -len(item[1])):
        to_page = _TURNED[turn or 0]
        box = (left, bottom, right, top)
        placed = [_placed(glyph, box, to_page) for glyph in glyphs]
        lines = [] if sheets else [(*to_page(x0, y0, box), *to_page(x1, y1, box)) for x0, y0, x1, y1 in segments]
        tables, outside = ruled_tables(lines, placed, number)
        size = (right - left, top - bottom) if turn in (0, 2) else (top - bottom, right - left)
        sheets.append(Sheet(number, *size, tuple(join_glyphs(outside)), tables=tuple(tables)))
    return sheets, bool(slanted), unseen


def _seen(glyphs: list[_Glyph], paper: _Box, page: Any) -> tuple[list[_Glyph], int]:
    """Return the glyphs that one sees on ``paper``, and how many others there are: off it, tiny, or white on white."""
    import pypdfium2.raw as pdfium

    grounds: list[_Box] = []
    if any(glyph.white for glyph in glyphs):
        kinds = [pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING]
        grounds = [item.get_bounds() for item in page.get_objects(filter=kinds)]
    seen = [
        glyph
        for glyph in glyphs
        if _inside(glyph.origin, paper)
        and glyph.size >= _TINY
        and (not glyph.white or any(_inside(glyph.origin, ground) for ground in grounds))
    ]
    return seen, sum(1 for glyph in glyphs if glyph.text.strip()) - sum(1 for glyph in seen if glyph.text.strip())


def _inside(point: tuple[float, float], box: _Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


# Where a point of the file (y upwards) stands once text that runs right, up, left, down is set upright (y downwards).
_TURNED: tuple[Callable[[float, float, _Box], tuple[float, float]], ...] = (
    lambda x, y, box: (x - box[0], box[3] - y),
    lambda x, y, box: (y - box[1], x - box[0]),
    lambda x, y, box: (box[2] - x, y - box[1]),
    lambda x, y, box: (box[3] - y, box[2] - x),
)


def _placed(glyph: _Glyph, box: _Box, to_page: Callable[[float, float, _Box], tuple[float, float]]) -> Fragment:
    _x, base = to_page(*glyph.origin, box)
    one, _y = to_page(glyph.room[0], glyph.room[1], box)
    other, _y = to_page(glyph.room[2], glyph.room[3], box)
    size = glyph.size
    return Fragment(
        glyph.text, min(one, other), base - _ASCENT * size, max(one, other), base + (1 - _ASCENT) * size, size
    )


def _glyphs(page: Any) -> Iterator[_Glyph]:
    """Yield the characters of the text layer in the order of the file, without those that show nothing."""
    import pypdfium2.raw as pdfium

    layer = page.get_textpage()
    room, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    colour = [ctypes.c_uint() for _ in "rgba"]
    high = ""
    for at in range(layer.count_chars()):
        code = pdfium.FPDFText_GetUnicode(layer, at)
        if _SURROGATES[0] <= code < _SURROGATES[1]:
            high = chr(code)
            continue
        text, high = (high + chr(code)).encode("utf-16", "surrogatepass").decode("utf-16", "replace"), ""
        if not text.isspace() and unicodedata.category(text[0]) in ("Cc", "Cf"):
            continue
        pdfium.FPDFText_GetLooseCharBox(layer, at, room)
        pdfium.FPDFText_GetCharOrigin(layer, at, x, y)
        pdfium.FPDFText_GetMatrix(layer, at, matrix)
        scale = hypot(matrix.c, matrix.d) or 1.0
        quarters = atan2(matrix.b, matrix.a) / (pi / 2)
        turn = round(quarters) % 4 if abs(quarters - round(quarters)) < _SLANTED else None
        size = max(pdfium.FPDFText_GetFontSize(layer, at) * scale, 0.1)
        pdfium.FPDFText_GetFillColor(layer, at, *colour)
        white = all(part.value >= _WHITE for part in colour[:3])
        yield _Glyph(text, (x.value, y.value), (room.left, room.bottom, room.right, room.top), size, turn, white)
