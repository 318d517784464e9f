"""Bodies that issue documents: whether a line names one, and where one ends that stands right before the next.

中共甲市委甲市人民政府 → 中共甲市委, 甲市人民政府      国家税务总局甲市税务局 → itself: a branch is called by its place
"""

import re
from collections.abc import Iterator

from vectorstore.regions import PROVINCES
from vectorstore.text import fold

_END = (
    r"(?:人民政府|政府|委员会|委|常委会|办公[厅室]|办|[局厅部院署司处所队站]|[小领]?导?小组|法院|检察院|协会|学会|联合会|总工会|集团|公司"
    r"|管委会|中心|军委|国务院|银行|营业管理部|指挥部|联席会议|大学|学院|研究院|人民代表大会|大会|政协|审改办|会)"
)
IS_BODY = re.compile(rf"(?!\d)[^。;:!,《》\"]{{2,40}}?{_END}$")
_PLACE = r"(?![全本各我该城都超集门夜])[\u4e00-\u9fff]{1,3}[省市县州]|[\u4e00-\u9fff]{2,3}[区盟旗]|[\u4e00-\u9fff]{2,8}自治[区州县旗]"
_NEXT = rf"(?:{_PLACE}|中共|国家(?!级)|中国|中央|中华|国务院|最高人民|共青团|{'|'.join(PROVINCES)})"
_BREAK = re.compile(rf"(?<=[委局厅部院署司处心室府办会队行])(?!员会|公室)(?={_NEXT}[\u4e00-\u9fff]{{0,30}}{_END})")
# 国家税务总局甲市税务局: one body, the branch of a body of the state
_HAS_BRANCHES = re.compile(
    r"(?:国家税务总局|中国人民银行|中国证监会|海关总署|国家统计局|(?:监督|安全|能源)[\u4e00-\u9fff]{0,6}(?:总局|委员会|局))$"
)
_BRANCH = re.compile(r"(?:税务|监管|证监|海关|统计|监察|能源|金融|调查总)[局队]|分行|支行|营业管理部")
_INNER = re.compile(r"(?:人民)?政府$")
_BY_PROXY = re.compile(r"[(][^()]*(?:代章|代拟|代印|盖章)[)]")
_AND = re.compile(r"[、,;\s]+")
_NO_BODY = re.compile(r"^(?:[各有]|本[^市])|怎么|怎样|如何|什么|哪[里些]")
_TERM = re.compile(r"第[\d一二三四五六七八九十]+届|第[\d一二三四五六七八九十]+次.*$")


def split_bodies(text: str) -> list[str]:
    """Return the bodies that ``text`` names one behind the other, as printed; what is only named in 代章 is none of them."""
    kept = _without_proxies(text)
    return [body for piece in _AND.split(kept) if piece for body in _cut(piece)]


def named_bodies(text: str) -> list[str]:
    """Return the bodies of ``text``, nothing where a part of it is none; spaces may stand within a name, too."""
    bodies = split_bodies(text)
    if bodies and all(is_body(body) for body in bodies):
        return bodies
    return [text] if is_body(text) and not re.search("[、,;]", fold(text)) else []


def is_body(text: str) -> bool:
    """Whether ``text`` is the name of a body."""
    folded = fold(text)
    return len(folded) <= 40 and bool(IS_BODY.fullmatch(folded)) and not _NO_BODY.search(folded)


def without_term(body: str) -> str:
    """Return a congress without the number of its term: 甲市第十五届人民代表大会 is the congress of 甲市."""
    return _TERM.sub("", body)


def _without_proxies(text: str) -> str:
    out, last = [], 0
    for match in _BY_PROXY.finditer(fold(text)):
        out.append(text[last : match.start()])
        last = match.end()
    out.append(text[last:])
    return "" if out[0].strip() == "" and len(out) > 1 else "".join(out)


def _cut(piece: str) -> Iterator[str]:
    start = 0
    for match in _BREAK.finditer(piece):
        left, right = piece[start : match.start()], piece[match.start() :]
        if not is_body(left) or (_HAS_BRANCHES.search(left) and _BRANCH.search(right)):
            continue
        if _INNER.search(left) and not re.match(rf"(?:{_PLACE}|中共)", right):
            continue  # 甲市人民政府国有资产监督管理委员会 is one body
        yield left
        start = match.start()
    yield piece[start:]
