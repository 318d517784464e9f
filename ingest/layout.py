"""From the lines of a file to its paragraphs: line wraps healed, captions set apart, no character changed.

In: the lines that a reader found. Out: paragraphs in reading order, each a single line without layout white space. A line is joined to
the paragraph before it when that one is open (ends in mid-sentence) and the line does not itself open something: a
label that fits the numbering, a dateline, an indented paragraph. Whether full lines are wraps or paragraphs is read
off the page's own habit (``Style``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.bounds import check_paragraph
from ingest.contents import contents_lines
from ingest.lines import HEADLINE_CHARS, Line, Role, joined
from ingest.numbered_lines import read_markers
from ingest.numbering import LAW_LEVELS, Level, Marker, parse_marker
from ingest.numbering import Sequence as Numbers
from ingest.run_on import unrolled
from vectorstore.segmenter import jieba
from vectorstore.text import fold

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
    r"^(图为|图片(?:[:：]|来源|说明|提供|由)|[上下左右]图(?:[:：]|[为是系])|[▲△▼])|([(（](资料图片?|本报记者.{1,12}摄|.{2,8}摄)[)）]|.{2,10}\s摄)。?$"
)
_NOTICE = re.compile(r"[(（]此[件文](?:[^()（）]{2,14})[)）]$")  # 此件公开发布
_CAPTION_CHARS = 80
_TABULAR = (Role.CAPTION, Role.HEADER, Role.GROUP, Role.ROW)
_TABLE_NAME = re.compile(
    r"^附?表\s*[\d一二三四五六七八九十]{1,3}(?:[-—.．]\d{1,2})?|(?:[^代发列外报图]表|清单|台账|一览|名单|名录|明细)(?:[(（][^()（）]{1,12}[)）])?$"
)
_TABLE_UNIT = re.compile(r"[(（]?(?:计量)?单位[:：].{1,12}?[)）]?")
_SENTENCE = 500  # characters within which a sentence pauses
_TAIL = 20  # characters that tell how a text ends; a paragraph of a whole book is not searched for each of its lines
_REFERS = re.compile(  # ends such that a label in the next line is one that is referred to
    r"(?:依照|按照|依据|根据|参照|违反|符合|适用|遵守|执行|除|[见和及与至到或、]|以及|或者|本[法编章节条款项]|本(?:条例|办法|规定|细则|决定))$"
)
_REFERRED = (Level.ATTACHMENT, *LAW_LEVELS)
_NARROWEST = 22  # columns; lines that all are shorter are headings and short sentences, not a page that wraps there
_SENTENCE_MARK = re.compile(r"[,，。！？；;:：]")
_HEADINGS = (Level.PART, Level.SUBPART, Level.CHAPTER, Level.SECTION, Level.HEADING, Level.SUBHEADING)
_GOES_ON = re.compile(r"(?:以?及(?![时格])|[和与](?![平谐睦会])|并(?![购网])|或|的|等(?![级候待]))[\u4e00-\u9fff]")
_BINDS = re.compile(r"[\u4e00-\u9fff](?:[、和与及的或]|以及)$")
_REST_CHARS = 24  # of the second line of a heading
_LONG_HEADING = 14  # characters from which on a heading may want room
_PHOTO_GAP = 3  # blank lines that a photo leaves


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A healed paragraph. ``standalone``: a short line that is no sentence (headline, byline, signature).

    ``page`` is that on which it begins. ``contents``: a line of a table of contents.
    """

    text: str
    marker: Marker | None = None
    standalone: bool = False
    caption: bool = False
    page: int | None = None
    role: Role = Role.TEXT
    contents: bool = False

    @property
    def aside(self) -> bool:
        """Whether it stands beside the text rather than in it: a caption, a row of a table, a note."""
        return self.caption or self.role is not Role.TEXT

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
            if _NARROWEST <= widest <= 160 and sum(abs(width - widest) <= 6 for width in tight) >= 0.5 * len(tight):
                wrap = widest
        return cls(
            wrap=wrap,
            indented=3 <= indents < 0.9 * len(lines),
            blank_separated=sum(line.blanks > 0 for line in lines) >= 0.15 * len(lines),
        )

    def full(self, line: Line) -> bool:
        """Whether ``line`` reaches the column at which this page wraps."""
        return self.wrap is not None and line.width >= self.wrap - 6


def heal(lines: list[Line]) -> list[Paragraph]:
    """Return the paragraphs of ``lines`` in reading order; a caption stands after the paragraph that it interrupts.

    Raises ReadError where one is longer than may be.
    """
    lines = list(unrolled(lines))
    return list(_heal(lines, Style.of([line for line in lines if not line.whole])))


def _heal(lines: list[Line], style: Style) -> Iterator[Paragraph]:
    sequence = Numbers()
    begun = False  # whether the text has, below its headlines or those of an attachment
    contents, markers = _read_labels(lines)
    at = 0
    while at < len(lines):
        first = last = lines[at]
        text, captions = first.text, list[Paragraph]()
        if first.role is not Role.TEXT or at in contents:
            yield Paragraph(text, page=first.page, role=first.role, contents=at in contents)
            at += 1
            continue
        marker = markers[at]
        if marker:
            sequence.take(marker)
        at += 1
        while at < len(lines):
            if _interrupts(text, lines, at):
                captions.append(Paragraph(lines[at].text, caption=True, page=lines[at].page))
                at += 1
            if at == len(lines) or at in contents:
                break
            if not _continues(text, first, last, lines[at], markers[at], style, sequence):
                break
            last = lines[at]
            text = joined(text, last.text)
            check_paragraph(len(text))  # each line that is joined copies what is there
            at += 1
        following = lines[at] if at < len(lines) else None
        if first.whole and len(text) <= _CAPTION_CHARS and marker is None and _CAPTION.search(text):
            yield Paragraph(text, caption=True, page=first.page)
            continue
        standalone = _standalone(text, first, last, following, style)
        if begun and standalone and not marker and _names_table(text, lines[at : at + 2]):
            yield Paragraph(text, page=first.page, role=Role.CAPTION)
        else:
            begun = marker.level is not Level.ATTACHMENT if marker else begun or not standalone
            yield Paragraph(text, marker, standalone=standalone, page=first.page)
        yield from captions


def _names_table(text: str, below: Sequence[Line]) -> bool:
    """Whether ``text`` stands over a table as its name or as the unit that it counts in."""
    tabular = [line.role in _TABULAR for line in below]
    if not any(tabular) or len(text) > HEADLINE_CHARS:
        return False
    if tabular[0]:
        plain = below[0].role is Role.HEADER and not _PAUSED.search(text) and not _DATE_LINE.match(fold(text))
        return plain or bool(_TABLE_NAME.search(text) or _TABLE_UNIT.fullmatch(text))
    return bool(_TABLE_NAME.search(text) and _TABLE_UNIT.fullmatch(below[0].text))


def _read_labels(lines: list[Line]) -> tuple[frozenset[int], list[Marker | None]]:
    """Return which of ``lines`` are a table of contents, and the label of each of the others."""
    texts = [line.text if line.role is Role.TEXT else "" for line in lines]
    contents = contents_lines(texts)
    return contents, read_markers(texts, contents)


def _continues(
    text: str, first: Line, last: Line, line: Line, marker: Marker | None, style: Style, sequence: Numbers
) -> bool:
    """Whether ``line`` goes on with the paragraph ``text``, whose printed lines run from ``first`` to ``last``."""
    if _NOTICE.match(line.text) or _NOTICE.match(text):
        return False
    if marker is None and line.blanks <= 1 and _halves(text, line):
        return True
    if line.whole or first.whole or line.heading or first.heading or (style.indented and line.indented):
        return False
    tight = style.full(last) and not line.blanks  # a wrapped line above, nothing between
    if _CLOSED.search(text[-_TAIL:]):
        return tight and (style.indented or style.blank_separated) and not (marker and sequence.expects(marker))
    if marker and marker.level in _REFERRED and not line.blanks and _REFERS.search(text[-_TAIL:]):
        return True
    if marker and marker.level is Level.ARTICLE and not _standalone(text, first, last, line, style):
        return not (text.endswith((";", "；")) and sequence.expects(marker))  # the last of a list, not ended properly
    if (marker and sequence.expects(marker)) or _DATELINE.match(line.text) or _BYLINE.match(line.text):
        return False
    if marker and text.endswith((";", "；")) and not tight and sequence.skips(marker):
        return False
    if _ENDS_ABRUPTLY.search(text[-1:]) or tight:
        return True
    return not _standalone(text, first, last, line, style)


def _halves(text: str, line: Line) -> bool:
    """Whether ``text`` is a heading with a label of which ``line`` is the rest: set in two lines for want of room."""
    if len(text) > HEADLINE_CHARS or len(line.text) > _REST_CHARS or line.role is not Role.TEXT:
        return False
    marker = parse_marker(text)
    if marker is None or marker.level not in _HEADINGS or _SENTENCE_MARK.search(text[marker.length :] + line.text):
        return False
    if _CLOSED.search(text[-_TAIL:]) or _CLOSED.search(line.text) or _DATE_LINE.match(fold(line.text)):
        return False
    if _GOES_ON.match(line.text) or _BINDS.search(text[marker.length :]):
        return True
    return len(text) >= _LONG_HEADING and not line.heading and not line.blanks and _word_across(text, line.text)


def _standalone(text: str, first: Line, last: Line, following: Line | None, style: Style) -> bool:
    """Whether ``text`` is complete without being a sentence: a headline, a heading, a byline, a signature."""
    if first.heading or _BYLINE.match(text) or _NOTICE.match(text):
        return True
    if len(text) > HEADLINE_CHARS * (2 if first is not last else 1) or _PROSE.search(text):
        return False
    if _ENDS_ABRUPTLY.search(text[-1:]) or len(_COMMA.findall(text)) > 1:
        return False
    return following is None or following.blanks > 0 or following.indented or not style.full(last)


def _interrupts(text: str, lines: list[Line], at: int) -> bool:
    """Whether ``lines[at]`` is a photo caption: marked as one, or a short line in the gap of a sentence that goes on."""
    line = lines[at]
    if line.whole or len(line.text) > _CAPTION_CHARS or parse_marker(line.text):
        return False
    if _CAPTION.search(line.text):
        return True
    if _CLOSED.search(text[-_TAIL:]) or not _PAUSED.search(text[-_SENTENCE:]) or at + 1 == len(lines):
        return False
    after = lines[at + 1]
    if after.whole or not line.blanks or not after.blanks or parse_marker(after.text) or _word_across(text, line.text):
        return False
    return line.blanks >= _PHOTO_GAP or _word_across(text, after.text)


def _word_across(left: str, right: str) -> bool:
    """Whether a dictionary word runs from the end of ``left`` into ``right``."""
    tail = left[-6:]
    edge = 0
    for word in jieba().cut(tail + right[:6], HMM=False):  # loads a dictionary: only pages with a possible caption pay
        if edge < len(tail) < edge + len(word):
            return True
        edge += len(word)
    return False
