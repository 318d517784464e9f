"""From the lines of a page to its paragraphs: line wraps healed, captions set apart, no character changed.

In: decoded text. Out: paragraphs in reading order, each a single line without layout white space. A line is joined to
the paragraph before it when that one is open (ends in mid-sentence) and the line does not itself open something: a
label that fits the numbering, a dateline, an indented paragraph. Whether full lines are wraps or paragraphs is read
off the page's own habit (``Style``).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ingest.numbering import Level, Marker, Sequence, parse_marker
from vectorstore.text import fold, is_cjk

HEADLINE_CHARS = 48  # a longer line is prose, however it ends
_CLOSED = re.compile(r"[。！？!?：:…][”’」』）)》\"']*$")
_ENDS_ABRUPTLY = re.compile(r"[,，、;；(（《“「—-]$")
_PROSE = re.compile(r"[。！？；;]")
_COMMA = re.compile(r"[,，]")
_PAUSED = re.compile(r"[,，、。！？；;]")
_DATELINE = re.compile(
    r"(本报|本刊|本台|本网)?[^,。:;\s]{0,10}(讯(?=[\s(（])|(?<=日)电(?=[\s(（]))|本报讯|本报\S{0,8}[日月]讯|新华社\S{0,14}电"
    r"|中新社\S{0,14}电|人民网\S{0,14}电"
)
_BYLINE = re.compile(
    r"[□■◎\s]*(本报|本刊|本台|新华社)?(首席|见习|特约|全媒体|融媒体)?(记者|通讯员|评论员)[:：\s/]*\S{1,6}(\s\S{1,10}){0,6}$"
)
_DATE_LINE = re.compile(
    r"[(（]?[\d〇零一二三四五六七八九十]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日[)）]?$"
)
_CAPTION = re.compile(
    r"^(图为|图片|上图|下图|左图|右图|[▲△▼])|([(（](资料图片?|本报记者.{1,12}摄|.{2,8}摄)[)）]|.{2,10}\s摄)。?$"
)
_CAPTION_CHARS = 80
_PHOTO_GAP = 3  # blank lines that a photo leaves
_MARKDOWN = re.compile(
    r"^\s{0,3}(?:#{1,6}\s+|>\s?)|\s+#+\s*$|^\s{0,3}(?:-{3,}|\*{3,}|={3,})\s*$|\*\*|(?<!\w)__|__(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its text, how many columns it took in print, whether it is indented, the blank lines above it."""

    text: str
    width: int
    indented: bool
    blanks: int
    heading: bool = False  # marked up as one (Markdown #)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A healed paragraph. ``standalone``: a short line that is no sentence (headline, byline, signature)."""

    text: str
    marker: Marker | None = None
    standalone: bool = False
    caption: bool = False

    @property
    def dateline(self) -> bool:
        """Whether it opens as a report does: 本报讯, 新华社…电."""
        return bool(_DATELINE.match(self.text)) and not self.standalone

    @property
    def byline(self) -> bool:
        """Whether it only names the reporters."""
        return self.standalone and bool(_BYLINE.match(self.text))

    @property
    def dated(self) -> bool:
        """Whether it is a date on its own line, as under a signature."""
        return self.standalone and bool(_DATE_LINE.match(fold(self.text)))


@dataclass(frozen=True, slots=True)
class Style:
    """How the page sets paragraphs apart: by indent, by blank lines, and the column at which lines wrap, if any."""

    wrap: int | None
    indented: bool
    blank_separated: bool

    @classmethod
    def of(cls, lines: list[Line]) -> "Style":
        """Read the habits off ``lines``."""
        tight = sorted(above.width for above, below in pairwise(lines) if not below.blanks)
        indents = sum(line.indented for line in lines)
        wrap = None
        if len(tight) >= 6:
            widest = tight[int(0.9 * (len(tight) - 1))]
            if widest <= 160 and sum(abs(width - widest) <= 6 for width in tight) >= 0.5 * len(tight):
                wrap = widest
        return cls(
            wrap=wrap,
            indented=3 <= indents < 0.9 * len(lines),
            blank_separated=sum(line.blanks > 0 for line in lines) >= 0.15 * len(lines),
        )

    def full(self, line: Line) -> bool:
        """Whether ``line`` reaches the column at which this page wraps."""
        return self.wrap is not None and line.width >= self.wrap - 6


def read_lines(text: str, *, markdown: bool = False) -> list[Line]:
    """Split ``text`` into its printed lines; blank ones are counted, mark-up of Markdown is layout."""
    lines: list[Line] = []
    blanks = 0
    for raw in text.removeprefix("\ufeff").splitlines():
        heading = markdown and raw.lstrip().startswith("#")
        shown = _MARKDOWN.sub("", raw) if markdown else raw
        body = tidy(shown)
        if not body:
            blanks += 1
            continue
        indented = shown.startswith(("\u3000", "  ", "\t"))
        lines.append(Line(body, _columns(shown), indented, blanks, heading))
        blanks = 0
    return lines


def _columns(printed: str) -> int:
    """Columns that a line takes with its indent and inner blanks; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in printed.rstrip())


def tidy(line: str) -> str:
    """Return ``line`` without layout white space: none beside Chinese characters, single blanks elsewhere."""
    words = line.split()
    out = words[0] if words else ""
    for word in words[1:]:
        out = joined(out, word, blank=" ")
    return out


def joined(left: str, right: str, *, blank: str = "") -> str:
    """Put ``right`` after ``left``: with a blank only between words of a script that needs one."""
    if not left or not right:
        return left + right
    a, b = left[-1], right[0]
    if is_cjk(a) or is_cjk(b):
        return left + right
    return left + (" " if blank or (a.isalpha() and b.isalpha() and a.isascii() and b.isascii()) else "") + right


def read_paragraphs(text: str, *, markdown: bool = False) -> list[Paragraph]:
    """Return the paragraphs of ``text`` in reading order; a caption stands after the paragraph that it interrupts."""
    lines = read_lines(text, markdown=markdown)
    style = Style.of(lines)
    return list(_heal(lines, style))


def _heal(lines: list[Line], style: Style) -> Iterator[Paragraph]:
    sequence = Sequence()
    at = 0
    while at < len(lines):
        first = last = lines[at]
        text, captions = first.text, list[Paragraph]()
        marker = parse_marker(text)
        if marker:
            sequence.take(marker)
        at += 1
        while at < len(lines):
            if _interrupts(text, lines, at):
                captions.append(Paragraph(lines[at].text, caption=True))
                at += 1
            if at == len(lines) or not _continues(text, first, last, lines[at], style, sequence):
                break
            last = lines[at]
            text = joined(text, last.text)
            at += 1
        following = lines[at] if at < len(lines) else None
        yield Paragraph(text, marker, standalone=_standalone(text, first, last, following, style))
        yield from captions


def _continues(text: str, first: Line, last: Line, line: Line, style: Style, sequence: Sequence) -> bool:
    """Whether ``line`` goes on with the paragraph ``text``, whose printed lines run from ``first`` to ``last``."""
    if line.heading or first.heading or (style.indented and line.indented):
        return False
    tight = style.full(last) and not line.blanks  # a wrapped line above, nothing between
    marker = parse_marker(line.text)
    if _CLOSED.search(text):
        return tight and (style.indented or style.blank_separated) and not (marker and sequence.expects(marker))
    if marker and marker.level is Level.ARTICLE and not _standalone(text, first, last, line, style):
        return True
    if (marker and sequence.expects(marker)) or _DATELINE.match(line.text) or _BYLINE.match(line.text):
        return False
    if _ENDS_ABRUPTLY.search(text) or tight:
        return True
    return not _standalone(text, first, last, line, style)


def _standalone(text: str, first: Line, last: Line, following: Line | None, style: Style) -> bool:
    """Whether ``text`` is complete without being a sentence: a headline, a heading, a byline, a signature."""
    if first.heading or _BYLINE.match(text):
        return True
    if len(text) > HEADLINE_CHARS * (2 if first is not last else 1) or _PROSE.search(text):
        return False
    if _ENDS_ABRUPTLY.search(text) or len(_COMMA.findall(text)) > 1:
        return False
    return following is None or following.blanks > 0 or following.indented or not style.full(last)


def _interrupts(text: str, lines: list[Line], at: int) -> bool:
    """Whether ``lines[at]`` is a photo caption: marked as one, or a short line in the gap of a sentence that goes on."""
    line = lines[at]
    if len(line.text) > _CAPTION_CHARS or parse_marker(line.text):
        return False
    if _CAPTION.search(line.text):
        return True
    if _CLOSED.search(text) or not _PAUSED.search(text) or at + 1 == len(lines):
        return False
    after = lines[at + 1]
    if not line.blanks or not after.blanks or parse_marker(after.text) or _word_across(text, line.text):
        return False
    return line.blanks >= _PHOTO_GAP or _word_across(text, after.text)


def _word_across(left: str, right: str) -> bool:
    """Whether a dictionary word runs from the end of ``left`` into ``right``."""
    import jieba  # loads a dictionary: only pages with a possible caption pay for it

    jieba.setLogLevel("ERROR")
    tail = left[-6:]
    edge = 0
    for word in jieba.cut(tail + right[:6], HMM=False):
        if edge < len(tail) < edge + len(word):
            return True
        edge += len(word)
    return False
