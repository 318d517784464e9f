"""What a web page says of the document that it shows: <meta> elements, and the block of labels above a policy.

Policy pages carry a block of 索引号, 发文机关, 文号, 成文日期 … as a table, a list or plain boxes. It is known by its
labels, whatever its mark-up; it is taken out of the page, as it is no content of the document.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ingest.decode import decode
from ingest.furniture import CHROME_LINE
from ingest.lines import Line, Role, Said, tidy
from vectorstore.numerals import parse_numeral

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PROSE = re.compile(r"[。;；:：]")
PROSE_CHARS = 40
_HEAD_LINES = 5  # above the text of a page without prose
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
_GB = ("gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk")
_LABELS = {
    "title": "标题 名称 信息名称 文件名称 文件标题 公文名称 公文标题 政策名称",
    "issuer": "发文机关 发文机构 发文单位 发文部门 发布机构 发布机关 发布单位 制发机关 制定机关 印发机关 印发单位 公开机构",
    "number": "文号 发文字号 发文文号 文件编号 文件字号 公文文号 发文号 文件号",
    "written": "成文日期 成文时间 生成日期 生成时间 印发日期 印发时间 发文日期 发文时间 制发日期 签发日期 形成日期",
    "published": "发布日期 发布时间 公开日期 公开时间 公布日期 发表时间 发稿时间",
    "effective": "实施日期 施行日期 生效日期 实施时间 施行时间 生效时间",
    "expires": "废止日期 失效日期 失效时间 废止时间 有效期至",
    "other": "索引号 主题分类 主题词 关键词 关键字 信息分类 分类 体裁分类 组配分类 公文种类 文种 公开方式 公开范围 公开形式"
    " 公开类别 公开目录 公开属性 有效性 时效性 时效 效力状态 效力 是否有效 文件状态 政策状态"
    " 有效期 有效期限 内容概述 内容摘要 服务对象 来源 信息来源 文件来源 稿源 作者 责任编辑"
    " 浏览次数 阅读次数 访问次数 点击数 点击率 浏览量 阅读量 字体 字号 字体大小 统一登记号 登记号 规范性文件编号 解读",
}
_FIELD = {label: field for field, labels in _LABELS.items() for label in labels.split()}
_IDENTIFYING = {"索引号", "主题分类", "成文日期", "发文机关", "发布机构", "文号", "发文字号"}
_WORDS = "|".join(sorted((r"\s*".join(label) for label in _FIELD), key=len, reverse=True))
_LABEL = re.compile(rf"[\[【〖]?({_WORDS})[\]】〗]?\s*[:：]?\s*")
_MARKED = re.compile(rf"[\[【〖]?({_WORDS})[\]】〗]?\s*[:：]\s*")
_BLOCK_CHARS = 1200
_LEAST_LABELS = 3
_VALUE_CHARS = 200
_META = {
    "title": ("articletitle", "og:title", "title", "dc.title", "citation_title"),
    "published": (
        "pubdate",
        "publishdate",
        "publish_date",
        "publishtime",
        "article:published_time",
        "firstpublishedtime",
    ),
    "source": ("contentsource", "source", "article:author"),
}
BODY_OF_STATE = re.compile(r"(?:政府|委员会|人大常委会|办公[厅室]|[委局厅部院署]|法院|检察院|管委会)$")
_DATE = re.compile(
    r"((?:19|20)\d{2}|[二〇零○一九八七六五四三]{4})\s*[年./-]\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[月./-]\s*"
    r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
)
_SITE = re.compile(r"[\s_|｜—–-]+")  # between a title and the name of its site
_SITE_NAME = re.compile(rf"{BODY_OF_STATE.pattern}|网站?$|首页$")
_MOST_TITLE = 500  # characters: a longer one has as many beginnings
_TITLE_CHARS = 8  # a shorter one is as likely the name of a column
_ALONE_CHARS = 120
_BAR_DATE = re.compile(rf"(?:{_DATE.pattern})日?(?:\s*\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?\s*")
_WEB = re.compile(r"https?://[^\s/]+\.[^\s]+$", re.IGNORECASE)
_NOTHING = re.compile(r"[-—/\s]*(?:无|暂无)?$")


@dataclass(frozen=True, slots=True)
class Known:
    """What the page says by its mark-up: ``meta`` elements by name, and the ``block`` of labels by field."""

    meta: dict[str, str]
    block: dict[str, str]
    address: str | None = None  # of the page itself

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles named, the surest first."""
        named = [self.block.get("title"), *(self.meta.get(name) for name in _META["title"])]
        return tuple(dict.fromkeys(tidy(title) for title in named if title and title.strip()))

    def said(self, title: str | None, *, dated: bool) -> Said:
        """Return what is said of the document; ``dated``: its text closes with a date, surer than that of the page."""
        source = next((self.meta[name] for name in _META["source"] if self.meta.get(name)), "")
        published = [self.block.get("published", ""), *(self.meta.get(name, "") for name in _META["published"])]
        written = iso_date(self.block.get("written", ""))
        return Said(
            title=title,
            issuer=self.block.get("issuer") or (source if BODY_OF_STATE.search(source) else None),
            number=self.block.get("number"),
            date=written or (None if dated else next(filter(None, map(iso_date, published)), None)),
            effective=iso_date(self.block.get("effective", "")),
            expires=iso_date(self.block.get("expires", "")),
            url=self.address,
        )


def decode_page(data: bytes) -> str:
    """Return the text of a page. Valid UTF-8 that reads as Chinese is UTF-8, whatever the page declares."""
    declared = _CHARSET.search(data[:4096])
    encoding = declared[1].decode("ascii").lower() if declared else ""
    try:
        if any(c >= "\u2e80" for c in data.decode("utf-8")):
            encoding = ""
    except UnicodeDecodeError:
        encoding = "gb18030" if encoding in _GB else encoding
    if encoding and not encoding.startswith(("utf", "ucs")) and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("gb18030" if encoding in _GB else encoding)
        except (UnicodeDecodeError, LookupError):
            pass  # a wrong declaration: the bytes decide
    return decode(data)


def take_metadata(root: "HtmlElement") -> Known:
    """Return what the page ``root`` says of its document, and take the block of labels out of it."""
    meta: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        meta.setdefault(name.strip().lower(), tidy(element.get("content") or ""))
    address = _address(root, meta)
    block = _block(root)
    if block is None:
        return Known(meta, {}, address)
    values: dict[str, str] = {}
    for label, value in _pairs(block):
        value = tidy(value)
        if value and len(value) <= _VALUE_CHARS and not _NOTHING.match(value):
            values.setdefault(_FIELD[label], value)
    block.drop_tree()
    return Known(meta, values, address)


def _address(root: "HtmlElement", meta: Mapping[str, str]) -> str | None:
    """Return the page's own address: its canonical link, what it says by name, or where a browser saved it from."""
    links = [
        link.get("href") or "" for link in root.iter("link") if (link.get("rel") or "").strip().lower() == "canonical"
    ]
    found = [*links, *(meta.get(name, "") for name in ("og:url", "url", "citation_public_url"))]
    return next((address.strip() for address in found if _WEB.match(address.strip())), None)


def iso_date(text: str) -> str | None:
    """Return the first date in ``text`` as ISO 8601; None where there is none."""
    if not (match := _DATE.search(text)):
        return None
    year, month, day = (parse_numeral(part.replace("○", "〇")) for part in match.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def printed_alone(root: "HtmlElement") -> set[str]:
    """Return what stands by itself on the page in one element, without white space: headings, lines, links."""
    texts = (bare(e.text_content()) for e in root.iter("h1", "h2", "h3", "p", "td", "span", "strong", "div", "center"))
    return {text for text in texts if 3 < len(text) <= _ALONE_CHARS}


def find_title(root: "HtmlElement", known: Known, printed: set[str]) -> str | None:
    """Return the title: one that the page prints as well, without the name of the site that stands behind it."""
    candidates = [
        title for title in (*known.titles, tidy(root.findtext(".//title") or "")) if 0 < len(title) <= _MOST_TITLE
    ]
    cuts = [title[:end] for title in candidates for end in _ends(title)]
    largest = [tidy(heading.text_content()) for heading in root.iter("h1")]
    among_largest = {bare(heading) for heading in largest}
    for places, least in ((among_largest, 0), (printed, _TITLE_CHARS)):
        for cut in cuts:
            if len(cut) >= least and bare(cut) in places and not _SITE_NAME.search(cut):
                return cut
    return largest[0] if len(largest) == 1 and largest[0] else next(iter(candidates), None)


def _ends(title: str) -> list[int]:
    """Where ``title`` may end: at its end, or before what stands behind a dash or bar, the longest first."""
    return [len(title), *(match.start() for match in reversed(list(_SITE.finditer(title))))]


def without_chrome(lines: list[Line]) -> tuple[list[Line], dict[str, str]]:
    """Leave out what sites print around a text, and return what its bar of labels (来源, 发布时间 …) says."""
    prose = [at for at, line in enumerate(lines) if len(line.text) >= PROSE_CHARS and _PROSE.search(line.text)]
    first, last = (prose[0], prose[-1]) if prose else (min(len(lines), _HEAD_LINES),) * 2
    kept: list[Line] = []
    bar: dict[str, str] = {}
    labelled = sum(bool(_label_fields(line.text)) for line in lines[:first]) >= _LEAST_LABELS
    for at, line in enumerate(lines):
        plain = line.role is Role.TEXT and not line.heading and len(line.text) <= _ALONE_CHARS
        if plain and (at < first or at > last) and CHROME_LINE.match(line.text):
            continue
        if plain and at <= first and (values := read_bar(line.text, alone=labelled)):
            bar = {**values, **bar}
            continue
        kept.append(line)
    return kept, bar


def read_bar(text: str, *, alone: bool) -> dict[str, str]:
    """Return what a bar of labels says. A single label may be how a document begins, but not where each has its line."""
    day = _BAR_DATE.match(text)
    values = _label_fields(text[day.end() :] if day else text)
    if day and (values or (day.end() == len(text) and ":" in text)):  # a day without an hour is a date of the document
        values.setdefault("published", iso_date(day[0]) or "")
    return values if alone or len(values) > 1 or values.keys() <= {"published", "other"} else {}


def bare(text: str) -> str:
    """Return ``text`` without white space."""
    return "".join(text.split())


def _label_fields(line: str) -> dict[str, str]:
    """Return the values of ``line`` by field where it is nothing but labels and their values, else an empty dict."""
    marks = list(_MARKED.finditer(line))
    if not marks or marks[0].start():
        return {}
    ends = [*(mark.start() for mark in marks[1:]), len(line)]
    values: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        values.setdefault(_FIELD[bare(mark[1])], line[mark.end() : end].strip(" |\xa0"))
    return values


def _block(root: "HtmlElement") -> "HtmlElement | None":
    """Return the innermost element that holds the whole block of labels and little else."""
    sizes: dict[HtmlElement, int] = {}
    for element in reversed(list(root.iter())):
        own = len(element.text or "") + sum(len(child.tail or "") + sizes.get(child, 0) for child in element)
        sizes[element] = own
    for element in root.iter("table", "dl", "ul", "ol", "div", "section", "header", "p", "tbody"):
        if not 12 <= sizes[element] <= _BLOCK_CHARS * 2 or not _is_block(element):
            continue
        labels = len(list(_pairs(element)))
        while True:
            inner = next((c for c in element if len(list(_pairs(c))) == labels), None)
            if inner is None:
                break
            element = inner
        return element
    return None


def _is_block(element: "HtmlElement") -> bool:
    """Whether ``element`` opens with a label, has enough of them, and no prose beside their values."""
    found = filter(None, map(tidy, _texts(element)))
    first = next(found, "")
    if not _LABEL.match(first):
        return False
    texts = [first, *found]
    if sum(map(len, texts)) > _BLOCK_CHARS:
        return False
    pairs = list(_pairs(element))
    labels = {label for label, _value in pairs}
    if len(labels & _IDENTIFYING) < (1 if len(labels) >= _LEAST_LABELS else 2):
        return False
    held = sum(len(label) + len("".join(value.split())) for label, value in pairs)
    return held >= 0.8 * sum(len("".join(text.split())) for text in texts) and all(
        len(value) <= _VALUE_CHARS for _label, value in pairs
    )


def _pairs(element: "HtmlElement") -> Iterator[tuple[str, str]]:
    """Yield the labels in ``element`` with their values: the rest of their text, and the texts up to the next label."""
    label, parts = None, list[str]()
    for text in _texts(element):
        match = _LABEL.match(text.strip())
        whole = match is not None and (match.end() == len(text.strip()) or match[0].rstrip()[-1] in ":：]】〗")
        if match and whole:
            if label:
                yield label, "".join(parts)
            label, parts = bare(match[1]), [text.strip()[match.end() :]]
        elif label:
            parts.append(text)
    if label:
        yield label, "".join(parts)


def _texts(element: "HtmlElement") -> Iterator[str]:
    """Yield the texts of ``element`` by its smallest boxes: a label may be cut into several inline elements."""
    boxes = (
        "td",
        "th",
        "dt",
        "dd",
        "li",
        "p",
        "div",
        "tr",
        "br",
        "span",
        "strong",
        "b",
        "em",
        "label",
        "h1",
        "h2",
        "h3",
    )
    from lxml.etree import iterwalk

    parts: list[str] = []
    for event, node in iterwalk(element, events=("start", "end")):
        if node.tag in boxes and "".join(parts).strip(" \t\r\n:：\xa0\u3000"):
            yield "".join(parts)
            parts = []
        text = node.text if event == "start" else (node.tail if node is not element else None)
        parts.append(text or "")
    if "".join(parts).strip():
        yield "".join(parts)
