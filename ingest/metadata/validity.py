"""Since when and until when a text is in force, by its own words: 自2026年3月1日起施行，有效期5年; 至2027年12月31日止."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.metadata.days import PRINTED, iso, last_of
from vectorstore.numerals import parse_numeral
from vectorstore.text import fold

_SELF = re.compile(
    r"本(?:办法|规定|细则|实施细则|条例|法|通知|意见|方案|措施|公告|通告|决定|规则|指引|解释|标准|政策|指南|规程|章程|清单|实施意见|实施办法|实施方案|若干措施|文件|规范|试行办法|修正案|法典)"
)
_FROM = re.compile(rf"自?(?:{PRINTED.pattern})(?:起|开始)(?:正式)?(?:施行|实施|执行|生效|实行|试行)")
_FROM_ISSUE = re.compile(
    r"自(?:公布|发布|印发|颁布|下发|签发|通过|发文)之日(?:起|开始)(?:正式)?(?:施行|实施|执行|生效|实行|试行)?"
)
_AFTER_ISSUE = re.compile(r"自(?:公布|发布|印发|颁布)之日起\d+日后")
_TERM = re.compile(
    r"(?:有效期|试行期|执行期限?|实施期限?)(?:限)?(?:为|是)?(?P<count>\d{1,2}|[一二两三四五六七八九十]{1,2})(?P<unit>个?年|个月)"
)
_UNTIL = re.compile(
    rf"(?:有效期(?:限)?(?:至|到|截至|截止到?)|(?:施行|实施|执行|有效|试行)至|起至|(?:期限?为?[^。;]{{0,24}}|日)至)(?:{PRINTED.pattern})(?:止|失效|$|[,。;])?"
)
_LAST = 400  # paragraphs from the end that are searched: rules on validity close a text


@dataclass(frozen=True, slots=True)
class Validity:
    """The first and the last day, ISO 8601."""

    effective: str | None = None
    expires: str | None = None


def read_validity(paragraphs: Iterable[str], issued: str | None) -> Validity:
    """Read validity from the sentences of ``paragraphs`` in which the text speaks of itself; ``issued`` is its date."""
    effective = expires = None
    term: tuple[int, int] | None = None
    for text in paragraphs:
        if "本" not in text:
            continue
        for sentence in re.split(r"[。;]", fold(text)):
            said = _SELF.search(sentence)
            if not said:
                continue
            about = sentence[said.start() : said.start() + 80]
            if match := _FROM.search(about):
                effective = iso(match)
            elif _FROM_ISSUE.search(about) and not _AFTER_ISSUE.search(about):
                effective = issued or effective
            if match := _TERM.search(about):
                count = parse_numeral(match["count"])
                term = (count, 0) if "年" in match["unit"] else (0, count)
            elif match := _UNTIL.search(about):
                expires = iso(match)
    begins = effective or issued
    if term and begins and not expires:
        expires = last_of(begins, *term)
    return Validity(effective, expires)
