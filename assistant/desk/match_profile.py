"""What an enterprise says of itself: its sectors, size, place, where it wants to go, and its needs.

Commands in a description are set aside, as they are in a question.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from assistant.desk.match_terms import EVERY_NEED, need_of, need_words, sector_words
from assistant.lexicon import places
from vectorstore.errors import DeskError
from vectorstore.lexical import Analyzer
from vectorstore.text import fold

LONGEST = 4000  # characters of a description that are read
MOST_SECTORS = 8
_LONGEST_SECTOR = 12

_CLAUSE = re.compile(r"[^,;。!?\n]+")
# what stands before the name of a business, and what ends it
_DOES = re.compile(
    r"(?:专门|专业|专注于?|主要|主营业务是|主营|主业是|从事|经营|生产|制造|研发|开发|加工|销售|搞|做|属于|是一?[家个间]?)+"
    r"(?P<what>[^,;。!?\n]{2,24}?)"
    r"(?:的?(?:中小微?|小微|小型|微型|中型|大型|科技型|初创|民营|高新技术|专精特新|创业|龙头|老牌)*"
    r"(?:企业|公司|(?<!加)工厂|厂家|厂|行业|产业|领域|合作社|团队|制造商|服务商|供应商|生意|业务|工作室|集团|门店|店|个体户)|的(?=$|[,;。!?\n])|$|(?=[,;。!?\n]))"
)
_NO_BUSINESS = re.compile(
    r"企业|公司|我们|员工|职工|规模|中小|小微|初创|专精特新|小巨人|注册|成立|想|希望|需要|关心|左右|落户|落地|入驻|搬|迁|疏解|外地|外省|外市|外埠|贷款|怎么|如何|什么|[0-9做搞]|从事|专注|政策|情况|有限|平台|支持"
)
_ADDRESSED = re.compile(r"你|您")  # said of the reader, not of the enterprise
_CLAUSE_BEFORE = re.compile(r"[^,;。!?\n]*$")
_HIRES = re.compile(r"(?:缺|招|招聘|招收)[一-龥]{0,4}(?:员|工|师|人手|人员)(?!业)")
_VERBS = re.compile(r"^.*(?:从事|生产|制造|研发|经营|专注于?|专业|[做搞])(?=(?!研发|生产|制造|销售|加工)[^,]{2})")
_FILLER = re.compile(
    r"^(?:[的和与及在、一各种些]|一?[家个间]|相关|有关|国内|本地)+|(?:[的和与及在、等]|相关|有关|产品|业务|研发|生产|制造|销售|加工(?<!食品加工)(?<!产品加工)(?<!机械加工)(?<!金属加工))+$"
)
_TYPE = re.compile(
    r"国家级专精特新(?:重点)?[\"]?小巨人[\"]?|专精特新[\"]?小巨人[\"]?|专精特新|小巨人|单项冠军|科技型中小企业|高新技术企业|中小微企业|小微企业|中小企业|中小型|微型|小型|中型|大型"
    r"|初创|个体户|个体工商户|规上|规模以上|龙头企业|链主|上市公司|瞪羚|独角兽|家庭农场|合作社|民营企业"
)
_HEADS = re.compile(
    r"(?:员工|职工|团队|人员|上下|总共|一共|共有|现有|约|有|不到|近|大概|大约)*[0-9零一二两三四五六七八九十百千]{1,6}(?:来|多|余|几)?(?:个|名|位|号)?(?:员工|职工|工人|研发人员|人)(?:左右|以上|上下|规模)?"
)
_TURNOVER = re.compile(
    r"(?:年?(?:产值|营收|营业收入|销售额|收入)|年销)(?:约|超过|达到?|在|近|有|是)?[0-9.零一二两三四五六七八九十百千]+(?:多|余|来)?[万亿千]*元?(?:左右|以上)?"
)
_PLACE = r"(?P<place>[一-龥]{2,7}?)"
_EDGE = r"(?=$|[,;。!?\n的]|一[家个间]|这边|那边|发展|投资|办厂|建厂|设厂|落户|落地|开|设立|布局|做|找|去|来|建|扩|买|租|搬|迁|注册|经营|生产|有|入驻|创业|,)"
_GOES = re.compile(
    r"(?:(?:搬|迁|转移|转|外迁|搬迁|迁移|疏解|搬家|扩张|拓展|延伸)(?:到|去|往|至|来|入|进)|落户(?:到|在)?|落地(?:到|在)?|(?:想|要|打算|准备|计划|考虑|希望|拟)(?:去|到|来|在|进|往)|入驻|投资到|进入)"
    + _PLACE
    + _EDGE
)
_COMES = re.compile(
    r"(?:来自|从|位于|坐落于?|地处|总部设?在|注册在|注册地是?|(?<![现想要])在|(?:我们|企业|公司)?是)" + _PLACE + _EDGE
)
_FROM = re.compile(r"从" + _PLACE + r"(?=搬|迁|转|到|来|往|疏解|出发|过来)")
_NOT_NEEDED = re.compile(r"(?:不缺|不愁|不需要|不用|不想要|不考虑|暂不|不差|不关心|已经解决|都解决了|不是问题|没问题)")


@dataclass(frozen=True, slots=True)
class Reading:
    """A description as read: ``text`` is what was read of it; ``goes_to`` where the enterprise wants to go.

    ``needs`` are those that it names; ``wanted`` those that are looked for: all of ``EVERY_NEED`` where it names none.
    """

    text: str
    sectors: tuple[str, ...]
    size: str | None
    origin: str | None
    goes_to: str | None
    needs: tuple[str, ...]

    @property
    def wanted(self) -> tuple[str, ...]:
        return self.needs or EVERY_NEED


def read_description(
    description: str,
    analyzer: Analyzer,
    regions: Iterable[str] = (),
    mentioned: Callable[[str], bool] = lambda _place: False,
) -> Reading:
    """Read ``description``.

    ``regions`` are places that the sources speak for; ``mentioned`` tells whether they speak of another. Raises DeskError where it says nothing.
    """
    text = description[:LONGEST].strip()
    if not any(char.isalnum() for char in text):
        raise DeskError("请写几句企业自己的情况:做什么行业、多大规模、从哪里来、需要什么")
    folded = fold(text)
    known = {*places(), *(name for region in regions for name in {region, bare_place(region)})}
    sectors, taken = _sectors(folded, known)
    goes_to = _place(_GOES, folded, known, mentioned=mentioned)
    origin = next(
        (at for pattern in (_FROM, _COMES) if (at := _place(pattern, folded, known, goes_to))),
        next(
            (
                place
                for place in sorted(known, key=lambda name: (folded.find(name), -len(name)))
                if place in folded and bare_place(place) != bare_place(goes_to or "")
            ),
            None,
        ),
    )
    return Reading(
        text,
        tuple(_printed(text, folded, word) for word in sectors),
        _size(folded, text),
        origin,
        goes_to,
        _needs(folded, taken),
    )


def bare_place(region: str) -> str:
    """Return the name of a place without its rank: 云州 for 云州市."""
    return re.sub(r"(?<=[一-龥]{2})(?:市|省|县|区|新区|自治区|特别行政区)$", "", region)


def _sectors(folded: str, known: set[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the words that name what the enterprise does, and where they stand.

    They are the words of industries within what it says it does; what it says itself where no industry is called so.
    Where it does not say what it does, they are the words of industries anywhere in the description.
    """
    found: dict[str, None] = {}
    taken: list[tuple[int, int]] = []
    for match in _DOES.finditer(folded):
        if _ADDRESSED.search(_CLAUSE_BEFORE.findall(folded[: match.start()])[0]):
            continue
        for start, end in _parts(folded, *match.span("what")):
            start += max((len(place) for place in known if folded.startswith(place, start)), default=0)
            what = folded[start:end]
            if len(what) < 2:
                continue
            named = [m for m in sector_words().finditer(what) if len(m[0]) > 1]
            if named:
                rest = len(what) - sum(len(m[0]) for m in named)
                whole = rest > 1 and len(what) <= _LONGEST_SECTOR and not _NO_BUSINESS.search(what)
                found |= dict.fromkeys([what] if whole else [m[0] for m in named])
            elif _NO_BUSINESS.search(what) or need_words().search(what) or what in known:
                continue
            else:
                found[what] = None
            taken += [(start, end), match.span("what")]
    for match in _business().finditer(folded):
        found |= dict.fromkeys(one[0] for one in sector_words().finditer(match["named"]))
        taken.append(match.span("named"))
    if not any(sector_words().search(word) for word in found):
        for match in sector_words().finditer(folded):
            if match[0] not in need_of():
                found[match[0]] = None
                taken.append(match.span())
    return list(found)[:MOST_SECTORS], taken


@cache
def _business() -> re.Pattern[str]:
    """Return the pattern of an industry in what a business is called: 纺织厂, 食品加工企业."""
    called = "厂|企业|公司|合作社|农场|店|行业|集团|作坊|团队|创业者"
    return re.compile(rf"(?P<named>(?:{sector_words().pattern})+)[类等]?(?:{called})")


def _parts(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the businesses that are listed between ``start`` and ``end``, without empty words around."""
    spans = []
    for match in re.finditer(r"[^、和与及/的]+", folded[start:end]):
        word = match[0].strip()
        left = len(word) - len(word := _FILLER.sub("", word, count=1)) if _FILLER.match(word) else 0
        word = _FILLER.sub("", _VERBS.sub("", word))
        if len(word) > 1:
            at = folded.find(word, start + match.start() + left)
            spans.append((at, at + len(word)))
    return spans


def _printed(heard: str, folded: str, word: str) -> str:
    at = folded.find(word)
    return heard[at : at + len(word)]


def _size(folded: str, heard: str) -> str | None:
    found: dict[str, None] = {}
    for pattern in (_TYPE, _HEADS, _TURNOVER):
        found |= dict.fromkeys(heard[m.start() : m.end()] for m in pattern.finditer(folded))
    return "、".join(list(found)[:6]) or None


def _place(
    pattern: re.Pattern[str],
    folded: str,
    known: set[str],
    without: str | None = None,
    mentioned: Callable[[str], bool] = lambda _place: False,
) -> str | None:
    """Return the first place that ``pattern`` finds: one that is known or mentioned, or one called a town or the like."""
    for match in pattern.finditer(folded):
        at = match.start("place")
        place = max((name for name in known if folded.startswith(name, at)), key=len, default=None)
        named = match["place"]
        if place is None and (re.fullmatch(r"[一-龥]{2,6}(?:市|省|县|区|镇|州)", named) or mentioned(named)):
            place = named
        if place and bare_place(place) != bare_place(without or ""):
            return place
    return None


def _needs(folded: str, taken: list[tuple[int, int]]) -> tuple[str, ...]:
    """Return the needs that are named outside of what the enterprise does, unless it says that it has none of them."""
    found: dict[str, None] = {}
    for clause in _CLAUSE.finditer(folded):
        refused = _NOT_NEEDED.search(clause[0])
        for match in need_words().finditer(clause[0]):
            start, end = clause.start() + match.start(), clause.start() + match.end()
            if refused or any(first < end and start < last for first, last in taken):
                continue
            found[need_of()[match[0]]] = None
        if _HIRES.search(clause[0]) and not refused:
            found["人才"] = None
    return tuple(found)
