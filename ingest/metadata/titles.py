"""The title: a headline that the file's name confirms, else the headline block, else the name, else the first words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.lines import HEADLINE_CHARS, Said
from ingest.metadata.bodies import is_body
from ingest.metadata.days import PRINTED
from ingest.metadata.file_name import FileName, bare, mentioned
from ingest.metadata.kinds import GENRE, GENRE_TITLE
from ingest.metadata.law_header import is_step
from ingest.metadata.numbers import NUMBER_LINE
from vectorstore.text import fold

_NAMED = re.compile(rf"《([^《》]{{4,80}}?(?:{GENRE})(?:\([^《》]{{1,14}}\))?)》")
_KICKER = re.compile(r"(系列(报道|评论|谈)|专栏|特刊|专题)|之[一二三四五六七八九十]+$")
_MASTHEAD = re.compile(r"(印发|发布|出台|公布)(《[^》]*》)?$|.文件$")
_PASSES_ON = re.compile(r"关于(?:印发|转发|发布|公布|批转)$")
_DECREE = re.compile(
    r"(?:中华人民共和国)?[\u4e00-\u9fff]{2,20}(?:令|公告)$|\(?第\s*[\d〇零一二三四五六七八九十百]+\s*号\)?$|\[\S{2,6}届\]第\d+号$"
)
_SESSION = re.compile(r"^[—\-\s(]*.{0,24}(?:会议|大会|全会|全体会议)上.{0,24}$")
_SPEAKER = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,12}(?:政府)?(?:代)?(?:省长|市长|主席|县长|区长|州长|院长|检察长|主任|委员长|总理))[\u4e00-\u9fff·\s]{2,14}$"
)
_CREDIT = re.compile(r"(?:摄|摄影|供图|制图)[)）]?$|记者\s*\S{2,4}$")
_REPRINT = re.compile(r"^[(\[【（](?:转载|转发|转|原创|摘编)[)\]】）]\s*")
_SITE = re.compile(r"\s*[-_|—]+\s*[^-_|—]{0,24}(?:门户网站|政府网|官网|网站)$")
_POINTS = re.compile(r"^(?:这[份些个篇]|以下|下面|上述|如下|点击)|[:：]$|如下$")
_PROSE_START = re.compile(r"^(?:为|根据|按照|依据|经|现将|遵照|近日|日前)")
_PART = re.compile(
    r"(?:第[一二三四五六七八九十]+(?:编|分编|卷|篇|册|部分)\s*)?[\u4e00-\u9fff]{1,12}(?:编|分编|卷|篇|分册)|总则|分则|附则|通则|[上中下][册卷篇]|第[一二三四五六七八九十]+(?:册|卷|部分)"
)
_REPORT = re.compile(
    r"^(?:(?P<year>(?:19|20)\d{2})年?)?(?P<place>(?!年)[\u4e00-\u9fff]{1,8}(?:省|市|自治区|自治州|县|区|旗))?(?P<name>(?:人民)?政府工作报告)$"
)
_GENERIC = re.compile(rf"^(?:{GENRE})$")
_MENTIONED, _SURELY = 0.4, 0.6
_LEAST_NAME, _CUT_NAME = 8, 20  # letters of a file's name that confirm a headline, whole and cut
_GROUNDS = re.compile(r"(?:根据|按照|依据|依照|落实|贯彻|执行|按)[^。;《]{0,30}$")
_PASSING = re.compile(r"印发|转发|批转|现将|现予|公布")
_EXCERPT = 30


@dataclass(frozen=True, slots=True)
class Title:
    """The title and how sure it is."""

    text: str
    confidence: float


def is_headline(text: str, called: str) -> bool:
    """Whether the line ``text`` before a text is a headline for sure, though it may be long; ``called``: the file's name."""
    folded = fold(text)
    if NUMBER_LINE.fullmatch(folded):
        return True
    letters, name = bare(text), bare(called)
    if len(letters) >= 6 and name and (letters in name or (len(name) >= _CUT_NAME and letters.startswith(name))):
        return True
    if re.search(r"[。;]|:$", folded) or _PROSE_START.match(folded):
        return False
    return len(text) <= 4 * HEADLINE_CHARS and "关于" in folded and bool(re.search(rf"[的》](?:{GENRE})$", folded))


def is_part(title: str) -> bool:
    """Whether ``title`` ends with the name of a part of a work in several: 某法典 总则编."""
    _whole, blank, part = title.rpartition(" ")
    return bool(blank and _PART.fullmatch(fold(part)))


def plain_lines(lines: Sequence[str]) -> list[str]:
    """Return the ``lines`` of a headline block that may be title: no numbers, days, decrees, sessions, speakers, credits."""
    kept: list[str] = []
    for line in lines:
        folded = fold(line)
        aside = (
            NUMBER_LINE.fullmatch(folded)
            or _DECREE.fullmatch(folded)
            or PRINTED.search(folded)
            or is_step(line)
            or _SESSION.match(folded)
            or (len(folded) <= 24 and _SPEAKER.match(folded))
            or _CREDIT.search(folded)
        )
        if not aside:
            kept.append(_REPRINT.sub("", _SITE.sub("", line)))
    letters = [bare(line) for line in kept]
    return [
        line
        for at, line in enumerate(kept)
        if not any(
            letters[at] in other and (len(letters[at]) < len(other) or place < at) and not is_body(line)
            for place, other in enumerate(letters)
            if place != at
        )
    ]


def read_title(said: Said, head: Sequence[str], opening: str, text: str, called: FileName, *, official: bool) -> Title:
    """Return the title: ``head`` are the lines of the headline block, ``opening`` and ``text`` what follows."""
    lines = plain_lines(head)
    name = "" if _PART.fullmatch(fold(called.title)) else called.title
    if said.title:
        return Title(_with_part(_REPRINT.sub("", said.title), lines, head, called), 0.95)
    if confirmed := _confirmed(lines, name) or _confirmed(lines, said.named or ""):
        return Title(_with_part(confirmed, lines, head, called), 0.95)
    name = name or said.named or ""
    found = _headline(lines, opening, official)
    if found and not _POINTS.search(fold(found)):
        if (
            name
            and not GENRE_TITLE.search(fold(found))
            and GENRE_TITLE.search(fold(name))
            and bare(name).startswith(bare(found))
        ):
            return Title(name, 0.7)  # the headline is cut
        return Title(_with_part(found, lines, head, called), 0.9)
    share = mentioned(name, text[:20_000]) if name else 0.0
    if said.linked:
        return Title(said.linked, 0.6)
    if name and (share >= _MENTIONED or not found):
        return Title(name, 0.6 if share >= _SURELY else 0.45)
    if found:
        return Title(found, 0.5)
    if (
        official
        and _PASSING.search(fold(opening))
        and (named := _NAMED.search(fold(opening)))
        and not _GROUNDS.search(fold(opening)[: named.start()])
    ):
        return Title(opening[named.start(1) : named.end(1)], 0.6)
    first = next((line for line in head if not NUMBER_LINE.fullmatch(fold(line))), "") or opening
    return Title(first if len(first) <= _EXCERPT else first[:_EXCERPT] + "…", 0.3)


def completed(title: str, issuer: str | None, region: str | None, date: str | None) -> str:
    """Return ``title``, with place or issuer and year where it is one that many documents have."""
    folded = fold(title)
    if report := _REPORT.match(folded):
        year = report["year"] or (date or "")[:4]
        place = report["place"] or region
        return f"{year}年{place}{report['name']}" if year and place else title
    if _GENERIC.match(folded) and issuer:
        return f"{issuer}{title}" + (f"（{date[:4]}年）" if date else "")
    return title


def _confirmed(lines: Sequence[str], name: str) -> str | None:
    """Return the run of lines that is the file's name, or that it is the beginning of."""
    wanted = bare(name)
    if len(wanted) < _LEAST_NAME:
        return None
    for start in range(len(lines)):
        for end in range(start + 1, min(len(lines), start + 5) + 1):
            run = "".join(lines[start:end])
            letters = bare(run)
            if letters == wanted:
                return run
            if len(wanted) >= _CUT_NAME and letters.startswith(wanted) and GENRE_TITLE.search(fold(run)):
                return run
    return None


def _headline(lines: Sequence[str], opening: str, official: bool) -> str | None:
    if official:
        named = _NAMED.search(fold(opening))
        for start in range(len(lines)):
            for end in range(len(lines), start, -1):
                run = "".join(lines[start:end])
                if named and fold(run) == named[1]:
                    return run
        for at, line in enumerate(lines):
            if GENRE_TITLE.search(fold(line)):
                return "".join(lines[_first(lines, at) : at + 1])
    for at, line in enumerate(lines[:-1]):
        if line.endswith((":", "：")):  # the person, then what is said of him: one headline over two lines
            return line + lines[at + 1]
    left = [line for line in lines if not (_MASTHEAD.search(line) if official else _KICKER.search(line))] or lines
    return left[0] if left else None


def _first(lines: Sequence[str], at: int) -> int:
    """Return where the headline begins that ends with the line ``at``."""
    first = at
    while first and not is_body(lines[first - 1]) and not _MASTHEAD.search(lines[first - 1]):
        first -= 1
    if first and lines[first].startswith("关于") and not _MASTHEAD.search(lines[first - 1]):
        first -= 1
    if first and lines[first].startswith("《") and _PASSES_ON.search(lines[first - 1]):
        first -= 1
    return first


def _with_part(title: str, lines: Sequence[str], head: Sequence[str], called: FileName) -> str:
    """Return ``title`` with the name of the part that this is of a work in several."""
    for at, line in enumerate(lines):
        if not _PART.fullmatch(fold(line)) or bare(line) in bare(title):
            continue
        below = next((head[n + 1] for n, one in enumerate(head[:-1]) if one == line), "")
        if (at and bare(lines[at - 1]) == bare(title) and is_step(below)) or bare(called.title) == bare(line):
            return f"{title} {line}"
    return title
