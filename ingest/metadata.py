"""What a document says of itself: kind, title, issuer, date, document number, region. None where it does not say.

Read from the headline block, the dateline and the signature; never guessed from a file name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.articles import Article
from ingest.layout import Paragraph
from ingest.lines import NOTHING_SAID, Said
from ingest.numbering import Level
from ingest.region import read_region
from vectorstore.numerals import parse_numeral
from vectorstore.records import Kind
from vectorstore.text import fold

_GENRE = "方案|规划|纲要|意见|办法|措施|条例|通知|细则|规定|决定|公告|通告|计划|要点|清单|报告|章程|规程|规则|批复|函|决议|法|标准|指南|政策"
_GENRE_TITLE = re.compile(rf"({_GENRE})(\(.{{1,14}}\))?$")
_ISSUED = re.compile(r"^(?P<issuer>[^。,;:《》]{2,60}?)(日前|近日|联合|正式)*(印发|发布|出台|公布|制定)(?P<rest>.*)$")
_NAMED = re.compile(rf"《([^《》]{{4,80}}?(?:{_GENRE})(?:\([^《》]{{1,14}}\))?)》")
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}[\[(]\d{4}[\])]第?\d{1,4}号")
_DATE = re.compile(
    r"((?:19|20)\d{2}|[二〇零○一九八七六五四三]{4})年(\d{1,2}|[一二三四五六七八九十]{1,3})月(\d{1,2}|[一二三四五六七八九十]{1,3})日"
)
_BODY = re.compile(r"(?:政府|委员会|人大常委会|办公[厅室]|[委局厅部院署]|法院|检察院|协会|集团|公司|管委会)$")
_NUMBERED = (Level.HEADING, Level.SUBHEADING, Level.NUMBER, Level.DIVISION, Level.DECIMAL)
_KICKER = re.compile(r"(系列(报道|评论|谈)|专栏|特刊|专题)|之[一二三四五六七八九十]+$")
_REPORTERS = re.compile(r"^(本报|新华社|中新社)|记者|通讯员")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the text gives of a document; ``date`` is ISO 8601."""

    kind: Kind
    title: str
    issuer: str | None
    date: str | None
    number: str | None
    region: str | None = None


def read_metadata(article: Article, kind: Kind | None = None, said: Said = NOTHING_SAID) -> Metadata:
    """Read the metadata of ``article``; ``kind``, where given, is the user's word and wins, then what the file ``said``."""
    lines = [p.text for p in article.head if not p.byline]
    opening = "".join(p.text for p in article.body[:2])
    found = kind or _kind(article, lines)
    official = found is not Kind.NEWS
    title = said.title or _title(lines, opening, official) or _excerpt(article)
    issuer = (said.issuer or _issuer(article, lines, opening)) if official else None
    return Metadata(
        kind=found,
        title=title,
        issuer=issuer,
        date=said.date or _date(article, official),
        number=(said.number or _number(article)) if official else None,
        region=read_region(found, issuer, title, opening),
    )


def _kind(article: Article, lines: list[str]) -> Kind:
    levels = [p.marker.level for p in article.body if p.marker]
    if levels.count(Level.ARTICLE) >= 3:
        return Kind.LAW
    genre = any(_GENRE_TITLE.search(fold(line)) for line in lines)
    numbered = sum(level in _NUMBERED for level in levels)
    if numbered >= 3 or (genre and numbered):
        return Kind.POLICY
    if any(p.byline for p in article.head) or any(p.dateline or p.byline for p in article.body):
        return Kind.NEWS
    return Kind.POLICY if genre else Kind.OTHER


def _title(lines: list[str], opening: str, official: bool) -> str | None:
    plain = [line for line in lines if not _NUMBER.fullmatch(fold(line)) and not _DATE.search(fold(line))]
    if official:
        named = _NAMED.search(fold(opening))
        for start in range(len(plain)):
            for end in range(len(plain), start, -1):
                candidate = "".join(plain[start:end])
                if named and fold(candidate) == named[1]:
                    return candidate
        for at, line in enumerate(plain):
            if _GENRE_TITLE.search(fold(line)):
                first = at
                while first and not _BODY.search(plain[first - 1]) and not _masthead(plain[first - 1]):
                    first -= 1
                if (
                    first
                    and "关于" in plain[first]
                    and plain[first].startswith("关于")
                    and not _masthead(plain[first - 1])
                ):
                    first -= 1
                return "".join(plain[first : at + 1])
        if named and not plain:
            return named[1]
    for at, line in enumerate(plain[:-1]):
        if line.endswith((":", "：")):  # the person, then what is said of him: one headline over two lines
            return line + plain[at + 1]
    headlines = [line for line in plain if not (_masthead(line) if official else _KICKER.search(line))] or plain
    return headlines[0] if headlines else None


def _masthead(line: str) -> bool:
    return bool(re.search(r"(印发|发布|出台|公布)(《[^》]*》)?$|.文件$", line))


def _excerpt(article: Article) -> str:
    """A document without a headline is called by its first words."""
    first = next((p.text for p in (*article.head, *article.body)), "")
    return first if len(first) <= 30 else first[:30] + "…"


def _issuer(article: Article, lines: Sequence[str], opening: str) -> str | None:
    for line in lines:
        if (issued := _ISSUED.match(fold(line))) and not issued["rest"].strip("的"):
            return line[: issued.end("issuer")]
    dateline = re.sub(r"^本报讯(\([^)]*\))?", "", fold(opening))
    if issued := re.match(
        r"(日前|近日|\S{0,12}日)?,?([^。,;:《》]{2,60}?)(日前|近日|联合|正式)*(印发|发布|出台|公布)[^。]{0,12}《",
        dateline,
    ):
        return issued[2]
    signature = _signature(article)
    if signature:
        return signature
    for line in lines:
        if about := re.match(r"(.{3,40}?(?:政府|委员会|办公[厅室]|[委局厅部院]))关于", line):
            return about[1]
        if _BODY.search(line) and not _GENRE_TITLE.search(fold(line)):
            return line
    return None


def _signature(article: Article) -> str | None:
    """The body named on the line above the date that closes a document."""
    tail = _main(article)[-6:]
    for above, line in pairwise(tail):
        if line.dated and above.standalone and not above.marker and not _REPORTERS.search(above.text):
            return above.text
    return None


def _main(article: Article) -> Sequence[Paragraph]:
    """The body before its attachments, which are dated and signed for themselves, if at all."""
    starts = (at for at, p in enumerate(article.body) if p.marker and p.marker.level is Level.ATTACHMENT)
    return article.body[: next(starts, len(article.body))]


def _number(article: Article) -> str | None:
    for paragraph in (*article.head, *article.body[:3]):
        if paragraph.standalone and (match := _NUMBER.search(fold(paragraph.text))):
            return paragraph.text[match.start() : match.end()]
    return None


def _date(article: Article, official: bool) -> str | None:
    """The date under a signature or a title; for a report, the date in its dateline."""
    candidates: list[Paragraph] = [p for p in reversed(_main(article)) if p.dated]
    candidates += [p for p in article.head if _DATE.search(fold(p.text))]
    candidates += [p for p in article.body[:1] if p.dated or fold(p.text).startswith("(")]
    if not official:
        candidates += [p for p in article.body[:1] if p.dateline and _DATE.search(fold(p.text)[:24])]
    for paragraph in candidates:
        if match := _DATE.search(fold(paragraph.text)):
            return _iso(match)
    return None


def _iso(match: re.Match[str]) -> str | None:
    year, month, day = (parse_numeral(part.replace("○", "〇")) for part in match.groups())
    if 1 <= month <= 12 and 1 <= day <= 31:
        return f"{year:04d}-{month:02d}-{day:02d}"
    return None
