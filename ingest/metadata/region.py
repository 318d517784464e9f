"""The place that a document speaks for, read off its issuer, its title or the dateline of a report.

    中共天津市委、天津市人民政府 → 天津市      浙江省杭州市人民政府 → 杭州市      国务院办公厅 → 全国
    新华社北京3月5日电 → 北京市               市工业和信息化局 → None

A place is taken as it is printed, without the province above a city; provinces are called by their full name.
"""

import re
from collections.abc import Iterator

from vectorstore.records import Kind
from vectorstore.regions import MUNICIPALITIES, NATIONAL, PROVINCES, full_name
from vectorstore.text import fold

_HAN = r"[\u4e00-\u9fff]"
_NAME = r"[^\W\d_省市县区]"  # a character of a name: none that ends one
_ORGAN = (
    r"(?=人民政府|政府|党委|党工委|工委|委|人大|人民代表大会|政协|管委会|管理委员会|行政公署|行署|公署|办事处|办公室"
    rf"|{_HAN}{{2,16}}(?:局|厅|中心|院|处)(?:$|关于))"
)
# What ends like the name of a place and is none: 智慧城市, 农贸市场, 老旧小区, 贫困县, 小城镇.
_STAND_IN = "[甲乙丙丁戊己庚辛壬癸某]"  # a place of a sample
_CITY = rf"(?:{_STAND_IN}|{_NAME}{{2}}|{_NAME}{{3,5}}(?<![城都]))(?<!^[全新大小古老首该各本每]城)(?<![全各本我该股上县])市(?!场|容(?!县))"
_DISTRICT = (
    rf"(?!自贸|保税|开发|高新|示范|试验|功能|合作|保护|产业|工业|商务|旅游|风景|生活|居住|地|无人)"
    rf"(?:{_NAME}{{2}}|{_NAME}{{3}}(?<![老农郊牧库林])(?<!(?<!石景)山))(?<![小社片街园景校灾辖])区(?![域间块划位别分])"
)
_PROVINCE = (
    # 吉林市, 河北区 and 海南藏族自治州 are no provinces
    rf"(?:{'|'.join(PROVINCES.values())}|(?:{'|'.join(PROVINCES)})(?![市区州县]|藏族)|{_NAME}{{2}}省|{_STAND_IN}省|{_NAME}{{2,8}}自治区)"
)
_PREFECTURE = (
    rf"(?:{_NAME}{{2,9}}自治州|{_NAME}{{2}}州{_ORGAN}|{_NAME}{{2,5}}盟{_ORGAN}|{_NAME}{{2,4}}地区{_ORGAN}|{_CITY})"
)
_COUNTY = (
    rf"(?:{_NAME}{{2,9}}自治县|{_NAME}{{2,6}}自治旗|{_NAME}{{1,4}}(?<![全各该本某困强大范点产])县(?!域|级|乡|城)"
    rf"|{_NAME}{{1,6}}旗{_ORGAN}|{_NAME}{{2,6}}新区|{_DISTRICT})"
)
_TOWN = rf"(?:{_NAME}{{2,5}}(?:镇|乡|街道){_ORGAN})"
_CHAIN = re.compile(
    rf"(?P<province>{_PROVINCE})?(?P<local>{_PREFECTURE}?(?:(?!委|人民|政府|政协|党委|办公)(?:{_COUNTY}|{_CITY}(?={_HAN})))?{_TOWN}?)"
)
_ZONE = re.compile(
    rf"{_HAN}{{2,14}}?(?:新区|开发区|高新区|产业园区|园区|示范区|试验区|合作区|保税区)(?=管委会|管理委员会|党工委)"
)
# Bodies whose branches are called by their place: 国家税务总局天津市税务局 speaks for 天津市.
_ABOVE = re.compile(
    r"^(?:中国共产党|中共|共青团|中国人民政治协商会议|政协|中华人民共和国|国家税务总局|中国人民银行|国家金融监督管理总局)"
)
_STATE = re.compile(
    r"^(?:中共中央|中国共产党中央|中央|国务院|中华人民共和国|全国人大|全国人民代表大会|全国政协|最高人民|中国人民银行|中国证监会"
    r"|共青团中央|海关总署|审计署)|^国家[^省县]{2,20}(?:委|委员会|局|总局|署|办公室|办公厅|部)$|^[^省县]{2,12}(?:总局|总署)$"
    r"|^[^省市区县州盟旗党团]{2,10}(?<!组织)(?<!宣传)(?<!统战)(?<!事业)(?<!项目)(?<!武装)(?<![支总干全本学乐令])部(?:办公厅)?$"
)
_AND = re.compile(r"[、,;\s]+|(?<=[委府厅局部会])和")
_FRONT = re.compile(r"^(?:关于(?:印发|发布|公布|同意|批准|批转|转发)?)?[《\"(]*(?:\d{4}年?度?)?")
_DATELINE = re.compile(
    rf"^[(\[【]?(?:本报|本台|本刊|本网|新华社|新华网|中新社|中新网|人民网|央广网|央视网|光明网|{_HAN}{{2,6}}(?:日报|晚报|时报|社|网))"
    rf"(?P<place>(?!记者|通讯员|特约|评论|综合|独家|最新|快讯|专讯){_HAN}{{2,8}}?)(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:电|讯|消息)"
)


def read_region(kind: Kind, issuer: str | None, title: str, opening: str) -> str | None:
    """Return the place that a document speaks for, 全国 for the state; None where it is unclear.

    ``opening`` is how its text begins. A report is placed by its dateline unless its headline opens with a place.
    """
    if issuer and (place := next(_of_bodies(issuer), None)):
        return place  # of several issuers, the first leads
    head = _FRONT.sub("", fold(title))
    if kind is not Kind.NEWS:
        return _place(head) or _of_state(head.split("关于")[0]) or (NATIONAL if _law_of_state(head) else None)
    return _place(head, short=False) or _of_dateline(fold(opening))


def _of_bodies(issuer: str) -> Iterator[str]:
    for body in filter(None, _AND.split(fold(issuer).strip())):
        region = _of_body(body)
        if region:
            yield region


def _of_body(body: str) -> str | None:
    rest = _ABOVE.sub("", body)
    if place := _place(rest):
        return place
    if zone := _ZONE.match(rest):
        return zone[0]
    return _of_state(body)


def _of_state(body: str) -> str | None:
    return NATIONAL if any(_STATE.search(one) for one in _AND.split(body) if one) else None


def _law_of_state(title: str) -> bool:
    return title.startswith(("中华人民共和国", "中国共产党"))


def _place(text: str, *, short: bool = True) -> str | None:
    """Return the place that ``text`` opens with; ``short`` allows 浙江 for 浙江省."""
    if free_trade := re.match(r"中国\((?P<place>[\u4e00-\u9fff]{2,3})\)", text):
        return PROVINCES.get(free_trade["place"])
    found = _CHAIN.match(text)
    if not found or not found[0]:
        return None
    province, local = found["province"] or "", found["local"]
    if province in PROVINCES and not local and not short:
        return None
    return _joined(full_name(province), local)


def _joined(province: str, local: str) -> str:
    """A city is known without its province; a district of 天津市 is not known without 天津市."""
    if not local:
        return province
    return province + local if province in MUNICIPALITIES else local


def _of_dateline(opening: str) -> str | None:
    found = _DATELINE.match(opening.strip())
    if not found:
        return None
    place = found["place"]
    for name in (*PROVINCES.values(), *PROVINCES):
        if place.startswith(name):
            return _joined(full_name(name), place.removeprefix(name))
    return place
