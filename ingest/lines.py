"""What a reader finds in a file: its lines in reading order, with what the format says of each.

    bytes → reader → Extracted → paragraphs → articles → units

A format that prints lines (plain text, PDF, OCR) gives printed lines, whose wraps are healed later; one that knows
paragraphs (DOCX, HTML) gives ``whole`` lines, which are never joined. A reader removes layout and changes no character.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise

from vectorstore.text import is_cjk

HEADLINE_CHARS = 48  # a longer line is prose, however it ends, whatever its style and however large
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
CELL = "\t"  # between the cells of a table row: white space, as the rule between them is layout


class Role(StrEnum):
    """What a line is to the text around it."""

    TEXT = "text"
    CAPTION = "caption"  # what a table is called
    HEADER = "header"  # the row of a table that names its columns
    GROUP = "group"  # a row over the whole breadth of a table that names the rows below it
    ROW = "row"
    NOTE = "note"  # a footnote or endnote


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, how many columns it took in print, whether it is indented, the blank lines above it.

    ``heading``: marked up as one. ``page`` counts from 1. ``whole``: a paragraph by itself, as its format says.
    """

    text: str
    width: int
    indented: bool
    blanks: int
    heading: bool = False
    page: int | None = None
    whole: bool = False
    role: Role = Role.TEXT


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of the document apart from its text, e.g. in the metadata of a web page; days are ISO 8601.

    ``date`` is that of the text, ``published`` the day on which a page was put up; ``url`` is the page's own address,
    ``linked`` the title by which links around the text call it; ``named``, ``body`` and ``day`` are the title, a body and
    a day in the properties of the file that the text prints, too.
    """

    title: str | None = None
    issuer: str | None = None
    number: str | None = None
    date: str | None = None
    published: str | None = None
    effective: str | None = None
    expires: str | None = None
    url: str | None = None
    linked: str | None = None
    named: str | None = None
    body: str | None = None
    day: str | None = None


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one file holds. ``name`` is its place within an archive; ``warnings`` are Chinese sentences for its owner."""

    lines: tuple[Line, ...]
    said: Said = NOTHING_SAID
    warnings: tuple[str, ...] = ()
    name: str = ""


def whole_line(text: str, *, heading: bool = False, page: int | None = None, role: Role = Role.TEXT) -> Line | None:
    """Return the line of a paragraph that its format knows as one; None where it holds only white space."""
    body = tidy(text)
    return Line(body, columns(body), False, 0, heading, page, True, role) if body else None


def table_line(cells: list[str], *, header: bool = False, page: int | None = None) -> Line | None:
    """Return a row of a table; None where all cells are empty."""
    texts = [tidy(cell) for cell in cells]
    if not any(texts):
        return None
    text = CELL.join(texts).strip(CELL)
    return Line(text, columns(text), False, 0, False, page, True, Role.HEADER if header else Role.ROW)


def columns(printed: str) -> int:
    """Columns that a line takes with its indent and inner blanks; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in printed.rstrip())


def tidy(line: str) -> str:
    """Return ``line`` without layout white space: none beside Chinese characters, single blanks elsewhere."""
    words = line.split()
    behind = (("" if is_cjk(left[-1]) or is_cjk(right[0]) else " ") + right for left, right in pairwise(words))
    return "".join(chain(words[:1], behind))


def joined(left: str, right: str) -> str:
    """Put ``right`` after ``left``: with a blank only between words of a script that needs one."""
    if not left or not right:
        return left + right
    a, b = left[-1], right[0]
    if is_cjk(a) or is_cjk(b):
        return left + right
    return left + (" " if a.isalpha() and b.isalpha() and a.isascii() and b.isascii() else "") + right


def raised(text: str) -> str:
    """Return figures that are set raised as what they are: the mark of a note beside a number is no digit of it."""
    return text.translate(_RAISED) if text.strip().isdecimal() else text
