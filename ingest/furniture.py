"""What a page prints around its text, in a file that somebody copied or saved: buttons, crumbs, bars, links, blocks.

    lines of a file → clear_page → lines of the document, and what the furniture said of it

It is known by its kind, never by its site: a line that is nothing but the words of buttons; a path of ``>``; a label with
its value (来源：…); a link to an explanation (【一图读懂】…); the block of a register, which is known by its code. Only what
stands before the first prose or after the last is looked at, so that no sentence of a text is ever left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.lines import HEADLINE_CHARS, Extracted, Line, Role, columns
from ingest.metadata.bodies import is_body, named_bodies
from ingest.metadata.days import DAY, PRINTED, iso
from ingest.metadata.numbers import NUMBER_LINE, glued_at
from ingest.metadata.titles import is_headline
from ingest.numbering import parse_marker
from vectorstore.text import fold

CHROME_LINE = re.compile(
    r"(?:您?(?:当前|现在)?所?在?的?位置)(?:是)?[:：]|分享(?:到|至)?[:：]?$|分享(?:到|至)[:：]|扫一扫|.{0,30}ICP备|.{0,40}公网安备"
    r"|(?:[\[【(（]?(?:打印|关闭|收藏|纠错)(?:本页|窗口|页面|此页|本文)?[\]】)）]?\s*)+$|[\[【(（]?字[体号](?:大小)?[:：]|(?:上|下)一[篇页条][:：]"
    r"|返回(?:顶部|首页)$|(?:浏览|阅读|点击|访问)(?:次数|量|数)?[:：]|版权所有|网站标识码|我要(?:纠错|打印|收藏)$"
)
_BUTTON = (
    r"下载|打印|全屏|收藏|关闭|关闭窗口|关闭本页|打印本页|加大|还原|减小|放大|缩小|大|中|小|字[体号](?:大小)?|分享|分享到|分享至|微信|微博|朋友圈|分享到微信"
    r"|首页|返回|返回顶部|返回首页|顶部|上一[篇页条]|下一[篇页条]|纠错|我要纠错|举报|点赞|复制链接|复制|听全文|无障碍|长者模式|繁体|简体|english|登录|注册"
    r"|政务(?:公开|服务|新媒体|动态)|政府信息公开|信息公开|政民互动|互动交流|公众参与|解读回应|回应关切|新闻(?:中心|动态|资讯)|要闻动态|通知公告|公示公告"
    r"|走进[\u4e00-\u9fff]{2,4}|数据(?:开放|发布)|网上办事|办事服务|便民服务|领导之窗|机构(?:职能|概况)|智能问答|返回列表|更多|相关附件|网站地图|联系我们|关于我们|公众号|客户端|扫码|手机版"
)
_BUTTONS = re.compile(rf"(?:[\s\W_]*(?:{_BUTTON}))*[\s\W_]*", re.IGNORECASE)
_BAR_LABEL = r"来源|稿源|信息来源|文章来源|发布时间|发表时间|发布日期|时间|日期|更新时间|作者|编辑|责任编辑|责编|阅读量|阅读次数|浏览量|浏览次数|点击数|点击量|发布机构|发布单位|字号|审核|校对"
_BAR = re.compile(rf"[(\[]?(?:{_BAR_LABEL})\s*:\s*[^。;]{{0,40}}$")
_BAR_EMPTY = re.compile(rf"(?:{_BAR_LABEL})\s*:?$")
_DAY_LABEL = re.compile(r"时间|日期")
_STAMP = re.compile(
    r"(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?$|(?:19|20)\d{2}年\d{1,2}月\d{1,2}日\s*\d{1,2}(?::\d{2}(?::\d{2})?|[时点]\d{1,2}分?)$"
)
_CRUMBS = re.compile(r"[^。;<>]{1,40}(?:\s*>+\s*[^。;<>]{1,40}){2,}$")  # no < among them: that would be mark-up
_FOLLOW = re.compile(r"(?:关注|订阅|欢迎关注)\s*·?\s*\S{2,16}$|快?转发给.{2,12}$")
_EXPLAINS = re.compile(
    r"(?:点击查看\S{0,8}:?\s*)?\[(?:[\u4e00-\u9fff]{0,4}(?:解读|图解)|一图(?:读懂|看懂|解读)|图解|视频|音频|动漫)\S{0,4}\]"
)
_LINKED = re.compile(r"《((?:[^《》]|《[^《》]*》){8,160})》")
_CLICK = re.compile(r"点击(?:查看|下载|阅读|进入|此处).{0,80}$")
_SITE_TITLE = re.compile(r".{4,}\s*[-_|—]\s*\S{0,20}(?:门户网站|政府网|官网|网站)$")
_HOST = re.compile(
    r"(?:主办|承办|技术支持|版权所有|网站标识码|备案编?号|icp备?|地址|邮编)(?:单位)?\s*:.*$|.{0,40}(?:icp备|公网安备).*$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->$|.{0,40}-->$|<!--.{0,80}$")
_RELATED = re.compile(r"(?:相关|推荐|热门|延伸|更多)(?:报道|文档|文章|链接|阅读|新闻|稿件|信息|解读|推荐)\s*:?$")
_CODE = re.compile(r"[a-z]{1,4}\d{8,}$|[0-9a-z]{9,20}/\d{4}-\d{3,6}$|索引号\s*:?\s*\S{0,30}$")
_BLOCK_DAY = re.compile(rf"{DAY.pattern}$")
_TEXT_LABEL = re.compile(r"(?:\[?\s*[\d年月日/:.\-\s]{8,22}\s*\]?\s*,?|,)\s*正文:\s*")
_PROSE = re.compile(r"[。;!?]|[,:].*[,:]")
_PROSE_CHARS = 40
_FRONT, _CRUMB_CHARS, _VALUE_CHARS = 60, 12, 16
_DAY_ALONE = re.compile(rf"{PRINTED.pattern}")
_SALUTATION = re.compile(r"^[^。;]{2,200}:$")


@dataclass(slots=True)
class _Found:
    """What the furniture says of the document."""

    number: str | None = None
    published: str | None = None
    expires: str | None = None
    linked: str | None = None


def clear_page(extracted: Extracted) -> Extracted:
    """Return ``extracted`` without the furniture, which is said of the document where it says anything."""
    found = _Found()
    lines = _without_label([line for line in extracted.lines if _seen(line)], found)
    dropped: set[int] = set()
    front = _front(lines)
    dropped |= _register(lines, front, found)
    dropped |= _loose(lines, range(front), found)
    tail = _tail(lines, front)
    dropped |= _loose(lines, range(tail, len(lines)), _Found())
    dropped |= _related(lines, tail)
    kept = tuple(line for at, line in enumerate(lines) if at not in dropped)
    if not any(line.role is Role.TEXT for line in kept):
        return extracted  # nothing but furniture: then it is the text
    said = extracted.said
    filled = replace(
        said,
        number=said.number or found.number,
        published=said.published or found.published,
        expires=said.expires or found.expires,
        linked=said.linked or found.linked,
    )
    return replace(extracted, lines=kept, said=filled)


def _seen(line: Line) -> bool:
    """Whether a reader sees anything of it: no comment of mark-up, no line of signs that have no width."""
    shown = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", line.text).strip()
    return bool(shown) and not re.fullmatch(r"<!--.*?-->|#{1,6}", shown)


def _without_label(lines: list[Line], found: _Found) -> list[Line]:
    """Return ``lines`` without the label that a collection of reports puts before each (2026-03-01 09:24，正文：)."""
    match = _TEXT_LABEL.match(fold(lines[0].text)) if lines else None
    if not match or match.end() == len(lines[0].text):
        return lines
    if day := DAY.search(match[0]):
        found.published = iso(day)
    text = lines[0].text[match.end() :]
    return [replace(lines[0], text=text, width=columns(text)), *lines[1:]]


def _front(lines: Sequence[Line]) -> int:
    """Where the text begins: at the first prose, the first label, or whom it is addressed to."""
    for at, line in enumerate(lines[:_FRONT]):
        folded = fold(line.text)
        if _is_furniture(folded) or _STAMP.fullmatch(folded) or line.role is not Role.TEXT:
            continue
        if len(folded) >= _PROSE_CHARS and _PROSE.search(folded):
            return at
        if parse_marker(line.text) or (_SALUTATION.match(folded) and not _BAR_EMPTY.match(folded)):
            return at
    return min(len(lines), _FRONT)


def _tail(lines: Sequence[Line], front: int) -> int:
    """Where the text ends: behind its last prose or signature."""
    for at in range(len(lines) - 1, front - 1, -1):
        folded = fold(lines[at].text)
        if lines[at].role is not Role.TEXT or (
            len(folded) >= _PROSE_CHARS and _PROSE.search(folded) and not _HOST.match(folded)
        ):
            return at + 1
    return front


def _is_furniture(folded: str) -> bool:
    return bool(
        CHROME_LINE.match(folded)
        or (len(folded) <= 40 and _BUTTONS.fullmatch(folded))
        or _CRUMBS.match(folded)
        or _FOLLOW.fullmatch(folded)
        or _EXPLAINS.match(folded)
        or _CLICK.match(folded)
        or _HOST.match(folded)
        or _COMMENT.fullmatch(folded)
    )


def _loose(lines: Sequence[Line], among: range, found: _Found) -> set[int]:
    """Return the furniture ``among`` the lines; a label alone takes its value on the next line with it."""
    dropped: set[int] = set()
    for at in among:
        line, folded = lines[at], fold(lines[at].text)
        if line.role is not Role.TEXT or at in dropped or (line.heading and not _is_furniture(folded)):
            continue
        if _is_furniture(folded) or _SITE_TITLE.fullmatch(folded):
            dropped.add(at)
            if _EXPLAINS.match(folded) and (linked := _LINKED.search(line.text)):
                found.linked = found.linked or linked[1]
        elif _STAMP.fullmatch(folded) or _BAR.fullmatch(folded) or _BAR_EMPTY.fullmatch(folded):
            dropped.add(at)
            value = folded
            if _BAR_EMPTY.fullmatch(folded) and at + 1 in among and _is_value(fold(lines[at + 1].text)):
                dropped.add(at + 1)
                value += fold(lines[at + 1].text)
            if (day := DAY.search(value)) and (_DAY_LABEL.search(value) or _STAMP.fullmatch(folded)):
                found.published = found.published or iso(day)
    return dropped | _crumbs(lines, among)


def _is_value(folded: str) -> bool:
    return len(folded) <= _VALUE_CHARS + 4 and not _is_furniture(folded) and not _PROSE.search(folded)


def _crumbs(lines: Sequence[Line], among: range) -> set[int]:
    """Return a path that is printed one step a line: the ``>`` and the short words between them."""
    signs = [at for at in among if re.fullmatch(r"[\\>›»\s]+", fold(lines[at].text)) and lines[at].text.strip("\\ ")]
    dropped = set(signs)
    for at in signs:
        for near in (at - 1, at + 1):
            if near in among and len(lines[near].text) <= _CRUMB_CHARS:
                dropped.add(near)
    words = {lines[at].text for at in dropped if len(lines[at].text) > 1}
    return dropped | {at for at in among if lines[at].text in words and len(lines[at].text) <= 8}


def _related(lines: Sequence[Line], tail: int) -> set[int]:
    """Return the list of other pages that ends a page."""
    for at in range(tail, len(lines)):
        if _RELATED.fullmatch(fold(lines[at].text)):
            return set(range(at, len(lines)))
    return set()


def _register(lines: Sequence[Line], front: int, found: _Found) -> set[int]:
    """Return the block of a register: its code, and the number, the days and the body right beside it."""
    codes = [at for at in range(front) if _CODE.fullmatch(fold(lines[at].text))]
    if not codes:
        return set()
    block = set(codes)
    first, last = codes[0], codes[-1]
    while first and is_body(lines[first - 1].text):
        first -= 1
        block.add(first)
    days: list[str] = []
    while last + 1 < front:
        folded = fold(lines[last + 1].text)
        if _BLOCK_DAY.fullmatch(folded) and (day := DAY.search(folded)):
            days += [value] if (value := iso(day)) else []
        elif NUMBER_LINE.fullmatch(folded) and not found.number:
            found.number = lines[last + 1].text
        elif not is_body(lines[last + 1].text):
            break
        last += 1
        block.add(last)
    if len(days) == 2 and days[0] < days[1]:  # since when it holds, and until when
        found.published, found.expires = days
    return block


def mark_headlines(lines: Sequence[Line], called: str) -> tuple[Line, ...]:
    """Return ``lines`` with headlines and signatures marked: they stand by themselves, however long, whatever is around.

    ``called`` is the title that the file's name gives: what it repeats is a headline.
    """
    front = _front(lines)
    lines = [*(part for line in lines[:front] for part in _unglued(line)), *lines[front:]]
    marked = list(lines)
    for at in range(_front(lines)):
        above_number = at + 1 < len(lines) and bool(NUMBER_LINE.fullmatch(fold(lines[at + 1].text)))
        if above_number or is_headline(lines[at].text, called) or (not at and _calls_out(lines[at].text)):
            marked[at] = _as_headline(lines[at])
    for at in range(1, len(lines)):
        if _DAY_ALONE.fullmatch(fold(lines[at].text)):
            first = at
            while first and named_bodies(lines[first - 1].text):  # all who sign
                first -= 1
            for signed in range(first, at + 1) if first < at else ():
                marked[signed] = _as_headline(lines[signed])
    return tuple(marked)


def _unglued(line: Line) -> tuple[Line, ...]:
    """Return ``line``, in two where a headline runs into its number."""
    at = glued_at(line.text) if line.role is Role.TEXT else None
    if at is None:
        return (line,)
    title, number = line.text[:at].rstrip(), line.text[at:]
    return replace(line, text=title, width=columns(title)), replace(line, text=number, width=columns(number), blanks=0)


def _as_headline(line: Line) -> Line:
    return replace(line, heading=True) if line.role is Role.TEXT else line


def _calls_out(text: str) -> bool:
    """Whether the first line of a file is a headline that asks or exclaims: 居住证如何申领？一文说清."""
    folded = fold(text)
    return (
        len(text) <= HEADLINE_CHARS and bool(re.search(r"[!?]", folded)) and not re.search(r"[。;]|^(?:问|答)", folded)
    )
