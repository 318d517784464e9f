"""OFD (GB/T 33190): a ZIP of XML files that place text on pages, in millimetres from the top left corner.

    OFD.xml → Document.xml → Pages/Page_n/Content.xml → TextObject → glyphs → ``reading_order`` → printed lines

The templates of pages are their headers and footers. A page without text is read by OCR from its pictures.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from math import hypot
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from ingest.lines import Extracted, columns
from ingest.readers.properties import believed
from ingest.readers.reading_order import Sheet, read_sheets
from ingest.readers.ruled import Segment, ruled_tables
from ingest.readers.xy_cut import Fragment, join_glyphs
from vectorstore.errors import ReadError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_BYTES = 200 * 2**20  # unpacked
MOST_PAGES = 2000
_BROKEN = "OFD 已损坏,无法打开;请重新导出后重试"
_POINTS = 72 / 25.4  # of a millimetre
_THIN = 3.0  # points
_ASCENT = 0.88  # of the size of type, above the base line
_A4 = (0.0, 0.0, 210.0, 297.0)
_SAME = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_ofd(data: bytes) -> Extracted:
    """Return the lines of an OFD file. Raises ReadError."""
    import zlib
    from xml.etree.ElementTree import ParseError

    try:
        with ZipFile(BytesIO(data)) as archive:
            return _read(_Package(archive))
    except (BadZipFile, zlib.error, ParseError, LookupError, ValueError, ArithmeticError) as error:
        raise ReadError(_BROKEN) from error
    except (RuntimeError, EOFError, OSError) as error:  # zipfile: a member with a password, or cut short
        raise ReadError(_BROKEN) from error


class _Package:
    """The files of an OFD by their place; places are case-sensitive, but not all writers know."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        infos = archive.infolist()
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise ReadError(f"OFD 解压后过大(超过 {MOST_BYTES // 2**20} MB);请拆分后重试")
        self._names = {normpath(info.filename.replace("\\", "/")).lower(): info for info in infos}

    def __contains__(self, place: str) -> bool:
        return place.lower() in self._names

    def bytes_of(self, place: str) -> bytes:
        """Return the file at ``place``. Raises KeyError."""
        return self._archive.read(self._names[place.lower()])

    def xml(self, place: str) -> "Element":
        """Return the root of the XML file at ``place``; no entities are resolved. Raises KeyError and ParseError."""
        from defusedxml.ElementTree import fromstring

        root: Element = fromstring(self.bytes_of(place), forbid_dtd=True)
        return root


def _read(package: _Package) -> Extracted:
    root = package.xml("OFD.xml")
    if "encryptions.xml" in package or _first(root, "Encryptions") is not None:
        raise ReadError("OFD 有加密保护;请解密后重试")
    sheets: list[Sheet] = []
    notes: list[str] = []
    for place in _texts(root, "DocRoot"):
        for sheet, its_notes in _pages(package, normpath(place.lstrip("/")), len(sheets)):
            sheets.append(sheet)
            notes += its_notes
    lines = read_sheets(sheets)
    title, author, *stamps = (
        next(iter(_texts(root, name)), "") for name in ("Title", "Author", "CreationDate", "ModDate")
    )
    said = believed(lines, title, [author], stamps)
    return Extracted(lines, said, tuple(notes))


def _pages(package: _Package, place: str, before: int) -> Iterator[tuple[Sheet, tuple[str, ...]]]:
    document = package.xml(place)
    folder = dirname(place)
    paper = _box(next(iter(_texts(document, "PhysicalBox")), ""), _A4)
    templates = {e.get("ID"): e.get("BaseLoc", "") for e in _all(document, "TemplatePage")}
    pictures = _pictures(package, folder, [*_texts(document, "PublicRes"), *_texts(document, "DocumentRes")])
    pages = _all(document, "Page")
    if len(pages) > MOST_PAGES:
        raise ReadError(f"OFD 有 {len(pages)} 页,上限 {MOST_PAGES} 页;请拆分后重试")
    for number, page in enumerate(pages, before + 1):
        at = _place(folder, page.get("BaseLoc", ""))
        content = package.xml(at)
        area = _box(next(iter(_texts(content, "PhysicalBox")), ""), paper)
        lines = [line for path in _all(content, "PathObject") for line in _segments(path)]
        tables, outside = ruled_tables(lines, list(_glyphs(_all(content, "TextObject"))), number, _POINTS)
        fragments = join_glyphs(outside)
        notes: tuple[str, ...] = ()
        scanned = False
        if not fragments and not tables:
            own = _pictures(package, dirname(at), _texts(content, "PageRes"))
            fragments, notes = _recognised(package, _all(content, "ImageObject"), pictures | own, number)
            scanned = bool(fragments)
        if not fragments and not tables:  # some writers put all of a page into its template
            used = [
                templates[e.get("TemplateID")] for e in _all(content, "Template") if e.get("TemplateID") in templates
            ]
            roots = [package.xml(_place(folder, place)) for place in used]
            fragments = join_glyphs(_glyphs(e for root in roots for e in _all(root, "TextObject")))
        yield Sheet(number, area[2], area[3], tuple(fragments), scanned, tuple(tables)), notes


def _glyphs(objects: Iterable["Element"]) -> Iterator[Fragment]:
    """Yield the characters of text objects with their places on the page."""
    for text_object in objects:
        if text_object.get("Visible", "true").lower() == "false":
            continue
        left, top, _width, _height = _box(text_object.get("Boundary", ""), (0.0, 0.0, 0.0, 0.0))
        a, b, c, d, e, f = _matrix(text_object.get("CTM", ""))
        size = float(text_object.get("Size", "0")) or 1.0
        across, high = hypot(a, b) or 1.0, hypot(c, d) or 1.0
        start = (0.0, size)
        for code in _all(text_object, "TextCode"):
            text = (code.text or "").strip("\r\n\t")
            start = (float(code.get("X", start[0])), float(code.get("Y", start[1])))
            for char, (x, y) in zip(text, _places(code, text, start, size), strict=True):
                px, py = left + a * x + c * y + e, top + b * x + d * y + f
                advance = columns(char) / 2 * size * across
                shown = size * high
                yield Fragment(char, px, py - _ASCENT * shown, px + advance, py + (1 - _ASCENT) * shown, shown)


def _segments(path: "Element") -> Iterator[Segment]:
    """Yield the straight lines of a path that is drawn: its data are letters, each with the numbers that it takes."""
    if path.get("Stroke", "true") == "false" and path.get("Fill", "false") == "false":
        return
    left, top, width, height = _box(path.get("Boundary", ""), _A4)
    if path.get("Stroke", "true") == "false" and min(width, height) * _POINTS > _THIN:
        return
    a, b, c, d, e, f = _matrix(path.get("CTM", ""))
    words = iter(" ".join(_texts(path, "AbbreviatedData")).split())
    start = last = (0.0, 0.0)
    for word in words:
        if word in ("S", "M", "L"):
            x, y = float(next(words, "0")), float(next(words, "0"))
            point = (left + a * x + c * y + e, top + b * x + d * y + f)
            if word == "L":
                yield (*last, *point)
            else:
                start = point
            last = point
        elif word == "C":
            yield (*last, *start)
            last = start


def _places(code: "Element", text: str, start: tuple[float, float], size: float) -> Iterator[tuple[float, float]]:
    """Yield where each character of ``text`` starts; without deltas they follow each other."""
    right, down = _deltas(code.get("DeltaX", ""), len(text)), _deltas(code.get("DeltaY", ""), len(text))
    if not right and not down:
        right = [columns(char) / 2 * size for char in text]
    right += [right[-1] if right else 0.0] * (len(text) - len(right))
    down += [0.0] * (len(text) - len(down))
    steps = zip(right, down, strict=False)
    return (
        place
        for place, _char in zip(
            accumulate(steps, lambda p, s: (p[0] + s[0], p[1] + s[1]), initial=start), text, strict=False
        )
    )


def _deltas(text: str, most: int) -> list[float]:
    """Return the distances in ``text``, in which ``g n v`` stands for n times v; not more than ``most``."""
    words = iter(text.split())
    out: list[float] = []
    for word in words:
        if word == "g":
            times, distance = int(next(words, "0")), float(next(words, "0"))
            out += [distance] * max(0, min(times, most))
        else:
            out.append(float(word))
    return out[:most]


def _recognised(
    package: _Package, images: Sequence["Element"], places: dict[str, str], number: int
) -> tuple[list[Fragment], tuple[str, ...]]:
    """Read the pictures of a page by OCR; boxes in millimetres of the page."""
    from ingest.readers.image import pictures
    from ingest.readers.ocr import confidence_note, recognise, resized

    out: list[Fragment] = []
    for image in images:
        place = places.get(image.get("ResourceID", ""), "")
        left, top, width, height = _box(image.get("Boundary", ""), _A4)
        if place not in package:
            continue
        try:
            picture = next(pictures(package.bytes_of(place)))
        except ReadError:  # a picture of another format, or a rule of a few pixels: the other pictures go on
            continue
        for fragment in recognise(picture).fragments:
            seen = resized(fragment, width / picture.width, height / picture.height)
            out.append(_moved(seen, left, top))
    return out, confidence_note(number, out) if images else ()


def _moved(fragment: Fragment, x: float, y: float) -> Fragment:
    from dataclasses import replace

    return replace(fragment, x0=fragment.x0 + x, y0=fragment.y0 + y, x1=fragment.x1 + x, y1=fragment.y1 + y)


def _pictures(package: _Package, folder: str, resources: Sequence[str]) -> dict[str, str]:
    """Return the places of the pictures that resource files name, by their id."""
    found: dict[str, str] = {}
    for resource in resources:
        place = _place(folder, resource)
        if place not in package:
            continue
        root = package.xml(place)
        base = _place(dirname(place), root.get("BaseLoc", ""))
        for medium in _all(root, "MultiMedia"):
            for file in _texts(medium, "MediaFile"):
                found[medium.get("ID", "")] = _place(base, file)
    return found


def _place(folder: str, location: str) -> str:
    """Return the place of ``location``, which is given from ``folder`` or, with a slash, from the root."""
    location = location.strip().replace("\\", "/")
    return normpath(location.lstrip("/") if location.startswith("/") else join(folder, location))


def _all(root: "Element", name: str) -> list["Element"]:
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]


def _first(root: "Element", name: str) -> "Element | None":
    return next(iter(_all(root, name)), None)


def _texts(root: "Element", name: str) -> list[str]:
    return [text for element in _all(root, name) if (text := (element.text or "").strip())]


def _box(text: str, default: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    numbers = [float(word) for word in text.split()]
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else default


def _matrix(text: str) -> tuple[float, float, float, float, float, float]:
    numbers = [float(word) for word in text.split()]
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]) if len(numbers) == 6 else _SAME
