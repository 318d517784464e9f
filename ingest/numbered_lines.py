"""Which lines of a document open with a label, judged over the whole of it.

1 范围  4 要求  4.1 布局  4.1.1 选址      a heading where its number is the next; else a figure
附件1                                     an attachment begins; 附件:1.任务分工表 before the signature only names it
第一条高速公路建成通车                     no article in a text that has no other
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from ingest.numbering import DECIMALS, Level, Marker, parse_marker
from vectorstore.numerals import NUMERAL, parse_numeral
from vectorstore.text import fold

_NUMBERED_ONCE = (Level.ARTICLE, Level.CLAUSE, Level.POINT)  # one alone is a thing that is counted
_OF_ITSELF = re.compile(r"本(?:法典?|条例|办法|规定|规则|规章|细则|章程|准则|决定)")
_PARTS = (Level.PART, Level.SUBPART, Level.CHAPTER, Level.SECTION)
_RUN = 3  # parts that open with a sentence, from which on they are no accident
_OVER_DECIMALS = (Level.PART, Level.CHAPTER, Level.HEADING, Level.NUMBER)
_DEEP = 3  # parts of a number that is hardly a figure
_MISSING = 2  # so many numbers may be left out of a run of decimals that is one all the same
_DIVISION_CHARS = 20
_OPENING = (
    Level.CHAPTER,
    Level.ARTICLE,
    Level.HEADING,
    Level.SUBHEADING,
    Level.NUMBER,
)  # what an attachment opens with
_HEADS = (Level.CHAPTER, Level.ARTICLE, Level.HEADING, Level.SUBHEADING)
_PLAIN_CHARS = 25  # of the title of an attachment without a number and without a mark behind the label
_UNIT = (
    r"[\d%‰倍℃亿万]|[千百](?=[万元亿人吨瓦米])|个(?![人体])|元(?!数据)|吨|公里|平方|立方|米(?=[,。以])|小时|亩|人次"
    r"|年(?=[,。以的内])|[~—-]\d"
)
_DECIMAL = re.compile(rf"(\d{{1,2}}(?:\.\d{{1,2}}){{1,4}})(?!\.\d)(?!{_UNIT})[.、]?")
_DIVISION = re.compile(
    r"(\d{1,2})(?=[\u4e00-\u9fff])(?![年月日时分秒个亿万千百倍人家项条次种类大是名处批号元度届岁吨米级])"
)
_OPEN_END = re.compile(r"[,、;:(]$|[为约至达到增的]$")
_SENTENCE = re.compile(r"[。,;:!?]")

_LETTER = rf"{NUMERAL}{{1,3}}|\d{{1,2}}|[a-z](?![a-z])"
_ATTACHMENT = re.compile(rf"(附件|附表|附录|附(?=:))({_LETTER})?(?:[:.、]|$|(?=[\u4e00-\u9fff(《]))")
_NO_TITLE = re.compile(r"[的所中和及与至或规并式份起同页张套个项]|执行|要求|明确|列|[、,]附|$")
_SAYS = re.compile(  # a sentence that speaks of 附件1, without a mark behind the number
    r"是(?!否)|系(?![统列])|即(?!时)|[均仅也须]|都(?!市)|为(?:本|准|该|[\u4e00-\u9fff]{0,12}(?:组成部分|内容|样式|依据))|应当|不得|不再|可[以由按在从]"
    r"|已经?[^公]|将[于由按]|另行|一并|同时|随文|随本|废止|作废|无[需须]|有效期|适用于|包括|由.{2,20}(?:负责|组织|制定|牵头|另行|解释|填写|印发)|自.{2,16}起"
    r"|[^,;]*[,;]|.*。$"
)
_DATED = re.compile(rf"(?:\d|{NUMERAL}|○){{4}}年.{{1,3}}月.{{1,3}}日$")
_TITLE_CHARS = 45
_TO_SIGNATURE = 5  # lines from the last attachment that is named to the date under the text


def read_markers(texts: Sequence[str], outside: Collection[int] = ()) -> list[Marker | None]:
    """Return the label that each of ``texts`` opens with, None for most; those ``outside`` have none."""
    found = [None if at in outside else parse_marker(text) for at, text in enumerate(texts)]
    counts = Counter(marker.level for marker in found if marker)
    for at, marker in enumerate(found):
        once = marker and marker.level in _NUMBERED_ONCE and counts[marker.level] == 1
        if once and not _OF_ITSELF.search(fold(texts[at])):  # the last part of a code may be a single article
            found[at] = None
    folded = ["" if at in outside else fold(text) for at, text in enumerate(texts)]
    _unmark_sentences(folded, found)
    _mark_attachments(texts, folded, found)
    _mark_decimals(folded, found)
    return found


def _unmark_sentences(folded: Sequence[str], found: list[Marker | None]) -> None:
    """Take the labels off sentences that only speak of a part: 第二节用于检查材料。 A run of them are parts all the same."""
    sentences: dict[Level, list[int]] = {}
    for at, marker in enumerate(found):
        if marker and marker.level in _PARTS and "。" in folded[at][marker.length :]:
            sentences.setdefault(marker.level, []).append(at)
    for lines in sentences.values():
        numbers = [marker.number for at in lines if (marker := found[at])]
        if len(numbers) < _RUN or numbers != list(range(1, len(numbers) + 1)):
            for at in lines:
                found[at] = None


def _mark_attachments(texts: Sequence[str], folded: Sequence[str], found: list[Marker | None]) -> None:
    """Mark the lines at which an attachment begins; the items of a list that only names attachments lose their labels."""
    alone = {line.rstrip(":") for line in folded if (match := _ATTACHMENT.match(line)) and match.end() == len(line)}
    at = 0
    while at < len(folded):
        match = _ATTACHMENT.match(folded[at])
        if not match or not _titled(folded[at][match.end() :], match) or _plain(folded, found, at, match):
            at += 1
            continue
        end = _list_end(folded, found, at, match)
        below = found[end] if end == at + 1 and end < len(found) else None
        if _only_names(folded, at, end, match, alone, below):
            found[at:end] = [None] * (end - at)
        else:
            found[at] = _attachment(texts[at], match)
            end = at + 1
        at = end


def _titled(title: str, match: re.Match[str]) -> bool:
    """Whether ``title``, what stands behind 附件, is one, or nothing: no sentence that speaks of the attachment."""
    if not title:
        return True
    if len(title) > _TITLE_CHARS * (1 if match[2] else 2) or "。" in title[:-1]:
        return False
    if match[0].endswith((":", ".", "、")):
        return not _ATTACHMENT.match(title)
    if not match[2] and (len(title) > _PLAIN_CHARS or _SENTENCE.search(title)):
        return False
    return not _NO_TITLE.match(title) and not _SAYS.match(title)


def _plain(folded: Sequence[str], found: Sequence[Marker | None], at: int, match: re.Match[str]) -> bool:
    """Whether 附件任务分工 only is words: it has neither number nor mark, and no first heading stands below."""
    if match[2] or match[0].endswith((":", ".", "、")) or match.end() == len(folded[at]):
        return False
    below = found[at + 1] if at + 1 < len(found) else None
    return below is None or below.number != 1 or below.level not in _HEADS


def _list_end(folded: Sequence[str], found: Sequence[Marker | None], at: int, match: re.Match[str]) -> int:
    """Where the list of attachments that opens at ``at`` ends: 附件:1.甲 / 2.乙, or 附件1:甲 / 附件2:乙."""
    rest = folded[at][match.end() :]
    first = parse_marker(rest)
    number = parse_numeral(match[2]) if match[2] and not match[2].isalpha() else (first.number if first else 0)
    end = at + 1
    while end < len(folded):
        follow = next((n for n in (end, end + 1) if _is_item(folded, found, n, number + 1)), None)
        if follow is None or (follow > end and (found[end] or len(folded[end]) > _TITLE_CHARS)):
            break
        end, number = follow + 1, number + 1
    return end


def _is_item(folded: Sequence[str], found: Sequence[Marker | None], at: int, number: int) -> bool:
    if at >= len(folded) or len(folded[at]) > 2 * _TITLE_CHARS:
        return False
    marker = found[at]
    if marker and marker.level in (Level.NUMBER, Level.BRACKET):
        return marker.number == number and "。" not in folded[at][:-1]
    again = _ATTACHMENT.match(folded[at])
    return bool(again and again[2] == str(number) and again.end() < len(folded[at]))


def _only_names(
    folded: Sequence[str], at: int, end: int, match: re.Match[str], alone: Collection[str], below: Marker | None
) -> bool:
    """Whether the lines from ``at`` to ``end`` name attachments rather than begin one, with the label ``below``."""
    titled = match.end() < len(folded[at])
    signed = any(_DATED.search(line) for line in folded[end : end + _TO_SIGNATURE])
    if titled and not match[2]:
        return signed or not below or below.number != 1 or below.level not in _OPENING
    if titled:
        return end > at + 1 or signed or folded[at][: match.end()].rstrip(":.、") in alone
    return not match[2] and end > at + 1 and signed


def _attachment(text: str, match: re.Match[str]) -> Marker:
    sign = match[2] or ""
    label = match[1] + (sign.upper() if sign.isalpha() and sign.isascii() else sign)
    number = 0
    if sign:
        number = ord(sign) - ord("a") + 1 if sign.isascii() and sign.isalpha() else parse_numeral(sign)
    return Marker(Level.ATTACHMENT, label, number, min(match.end(), len(text)))


def _mark_decimals(folded: Sequence[str], found: list[Marker | None]) -> None:
    """Mark 4.1 and 4.1.1, and the 4 above them, where the numbers of the document make a run."""
    last: tuple[int, ...] = ()
    above: Marker | None = None
    run: dict[int, tuple[int, ...]] = {}
    under_numbers = False
    deep = {parts for line in folded if (parts := _decimal(line)) and len(parts) >= _DEEP}
    for at, line in enumerate(folded):
        marker = found[at]
        if marker:
            if marker.level in _OVER_DECIMALS:
                above = marker
            if marker.level is Level.ATTACHMENT:
                last, above = (), None
            continue
        parts = _decimal(line)
        inside = at and at - 1 not in run and not found[at - 1] and _OPEN_END.search(folded[at - 1])
        if not parts or inside:
            continue
        below = above is not None and parts == (above.number, 1)
        begins = parts in deep and parts > last and (*parts[:-1], parts[-1] + 1) in deep  # an excerpt begins anywhere
        if below or begins or _follows(last, parts):
            under_numbers |= below and above is not None and above.level is Level.NUMBER
            run[at], last = parts, parts
    if sum(len(parts) > 1 for parts in run.values()) < 2:
        return
    for at, parts in run.items():
        label = ".".join(map(str, parts))
        match = _DECIMAL.match(folded[at])
        length = match.end() if match else len(label)
        found[at] = Marker(DECIMALS[len(parts) - 1], label, parts[-1], length)
    highest = min(marker.level for marker in found if marker)
    if under_numbers and highest in (Level.NUMBER, Level.ATTACHMENT):
        for at, marker in enumerate(found):
            if marker and marker.level is Level.NUMBER:
                found[at] = Marker(Level.DIVISION, marker.label, marker.number, marker.length)


def _decimal(line: str) -> tuple[int, ...] | None:
    """Return the parts of the decimal number that ``line`` opens with: (4, 1) for 4.1, (4,) for a short line 4 要求."""
    if match := _DECIMAL.match(line):
        return tuple(map(int, match[1].split(".")))
    if (match := _DIVISION.match(line)) and len(line) <= _DIVISION_CHARS and not _SENTENCE.search(line):
        return (int(match[1]),)
    return None


def _follows(last: tuple[int, ...], parts: tuple[int, ...]) -> bool:
    """Whether ``parts`` may come after ``last``: 4.2 → 4.2.1, 4.3 or 5; also 5.1, where 5 itself is not printed."""
    if 0 in parts:
        return False
    if parts[:-1] == last and parts[-1] == 1:
        return True
    if parts == ((last[0] if last else 0) + 1, 1):
        return True
    depth = len(parts)
    if depth > len(last) or parts[:-1] != last[: depth - 1]:
        return False
    return 0 < parts[-1] - last[depth - 1] <= (1 + _MISSING if depth > 1 else 1)
