"""HTML as government sites and newspapers publish it: main text → whole lines, table rows, printed list numbers.

    bytes → text → tree without what is not shown → metadata taken out → the element that holds the main text → lines

Trafilatura says where the main text is; what it says is read off the page itself, as a library that cleans text may
drop or move some of it. Where it finds nothing, everything on the page that is not navigation is the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from ingest.bounds import bounded, check_page
from ingest.furniture import CHROME_LINE
from ingest.lines import Extracted, Line, Role, columns, raised, tidy, whole_line
from ingest.numbering import parse_marker
from ingest.readers.grid import Cell, spread
from ingest.readers.html_hidden import Hidden
from ingest.readers.html_metadata import (
    PROSE_CHARS,
    bare,
    decode_page,
    find_title,
    printed_alone,
    take_metadata,
    without_chrome,
)
from ingest.readers.plain import read_lines
from ingest.readers.table import table_lines
from vectorstore.errors import ReadError
from vectorstore.numerals import to_chinese

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NOT_SHOWN = (
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "audio", "video", "map",
    "nav", "footer", "button", "select", "input", "textarea", "datalist", "dialog",
)  # fmt: skip
_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_CHROME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|bread|breadcrumbs?|crumbs?|share|bdsharebuttonbox|social|footer|copyright"
    r"|toolbar|sidebar|comments?|recommend|related|pager|pagination|qrcode|login|searchbar|friendlinks?)(?:$|[\s_\d-])"
)
_LISTS = ("ul", "ol", "dl", "div", "section", "aside")
_LEAST_LINKS = 3
_ATTACHED = re.compile(r"\.(?:docx?|wps|pdf|ofd|xlsx?|et|zip|rar|pptx?|jpe?g|png)\b", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"[(（]?[\d〇○零一二三四五六七八九十]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日[)）]?$"
)
_MOST_DIGITS = 6  # of a number that the page gives
_OUTSIDE = 0.2  # prose beside the found element, by that in it, that shows it to be too small
_LARGE = 5000  # elements from which on trafilatura asks no second library: that one takes the square of them
_WINDOW = 100_000  # characters around the last match that are searched for the next
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend",
    "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read_html(data: bytes) -> Extracted:
    """Return the main text of a web page as whole lines, and what its metadata says. Raises ReadError."""
    root = _tree(decode_page(data))
    known = take_metadata(root)
    printed = printed_alone(root)
    lines, bar = without_chrome(list(bounded(read_element(_main_text(root)))))
    if not lines:
        raise ReadError("网页里没有正文;若正文由脚本载入,请在浏览器中另存为完整网页或 PDF")
    known = replace(known, block={**bar, **known.block})
    title = find_title(root, known, printed)
    if title and bare(title) in printed and bare(title) not in bare("".join(line.text for line in lines[:10])):
        lines.insert(0, Line(title, columns(title), False, 0, heading=True, whole=True))
    dated = any(_DATE_LINE.match(line.text) for line in lines[-6:])
    return Extracted(tuple(lines), known.said(title, dated=dated))


def read_whole_page(data: bytes) -> list[Line]:
    """Return all text of a page that is nothing but its text, as that of a mail. Raises ReadError."""
    return list(bounded(read_element(_tree(decode_page(data)))))


def _tree(page: str) -> "HtmlElement":
    """Parse ``page`` and leave out what a reader of the page does not see."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    check_page(page.count("<") - page.count("</"))
    page = _END.sub("", page)  # a parser would leave out what follows an end that came too early
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        root = document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise ReadError("网页结构已损坏,无法解析;请在浏览器中打开后另存") from None
    check_page(0, _depth(root))
    hidden = Hidden(root)
    for element in list(root.iter(etree.Element)):
        if element.tag in _NOT_SHOWN and element.getparent() is not None:
            element.drop_tree()
    return hidden.dropped_from(root)


def _depth(root: "HtmlElement") -> int:
    """Return how deep the elements under ``root`` stand within each other."""
    from lxml.etree import iterwalk

    deepest = depth = 0
    for event, _element in iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _main_text(root: "HtmlElement") -> "HtmlElement":
    """Return the element that holds the main text, without the navigation in it."""
    body = root.find("body")
    top = root if body is None else body
    size = len(bare(top.text_content()))
    for element in list(top.iterdescendants()):
        named = f"{element.get('class', '')} {element.get('id', '')}".lower()
        if not (_CHROME.search(named) or (element.tag in _LISTS and _only_links(element))):
            continue
        if len(bare(element.text_content())) < size / 3:
            element.drop_tree()
    element = _holder(top, _located(root))
    while element is not top and (
        _prose(element.getparent()) > (1 + _OUTSIDE) * _prose(element) or _beside_table(element)
    ):
        element = element.getparent()
    return element


def _beside_table(element: "HtmlElement") -> bool:
    """Whether a table of data stands beside ``element``: its cells are no prose, so the main text is told without it."""
    beside = (*element.itersiblings("table"), *element.itersiblings("table", preceding=True))
    return any(_is_data(table) and not _only_links(table) for table in beside)


def _only_links(element: "HtmlElement") -> bool:
    """Whether it is a list of other pages; links to files are attachments, links in a table are data."""
    links = element.findall(".//a")
    if len(links) < _LEAST_LINKS or element.find(".//table") is not None:
        return False
    linked = sum(len(bare(link.text_content())) for link in links)
    files = any(_ATTACHED.search(link.get("href", "")) for link in links)
    return not files and linked >= 0.85 * len(bare(element.text_content()))


def _located(root: "HtmlElement") -> str:
    """Return the main text as trafilatura sees it, without white space; empty where it sees none."""
    from copy import deepcopy

    from trafilatura import bare_extraction

    try:
        large = sum(1 for _ in root.iter()) > _LARGE
        found = bare_extraction(
            deepcopy(root), fast=large, include_comments=False, deduplicate=False, favor_recall=True
        )
    except Exception:  # noqa: BLE001 - it only says where to look: without it the whole page is the text
        return ""
    body = getattr(found, "body", None)
    return bare("".join(body.itertext())) if body is not None else ""


def _holder(top: "HtmlElement", found: str) -> "HtmlElement":
    """Return the innermost element under ``top`` that holds every paragraph that is in ``found``."""
    holder: list[HtmlElement] = []
    at = 0
    for element in top.iter():
        text = bare(_own_text(element))
        if len(text) < 12 or CHROME_LINE.match(text):
            continue
        here = found.find(text, max(at - _WINDOW, 0), at + _WINDOW)
        if here < 0:
            continue
        at = here
        lineage = [element, *element.iterancestors()][::-1]
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(holder, lineage, strict=False)))
        holder = holder[:shared] if holder else lineage
        if holder[-1] is top:
            break
    return holder[-1] if top in holder else top


def _prose(element: "HtmlElement") -> int:
    """Characters of prose under ``element``: text that is no link, in pieces as long as sentences."""
    pieces = (len(bare(_own_text(e))) for e in element.iter() if e.tag != "a")
    return sum(size for size in pieces if size >= PROSE_CHARS)


def _own_text(element: "HtmlElement") -> str:
    return "".join([element.text or "", *(child.tail or "" for child in element)])


def read_element(root: "HtmlElement") -> Iterator[Line]:
    """Yield the lines under ``root``: one for each paragraph and each part between line breaks."""
    from lxml.etree import iterwalk

    parts: list[str] = []
    inside: HtmlElement | None = None  # what has been read as a whole and is passed over
    heading = False
    numbers: dict[HtmlElement, int] = {}
    for event, element in iterwalk(root, events=("start", "end")):
        if inside is not None and not (event == "end" and element is inside):
            continue
        if element.tag in _BLOCKS:
            if line := whole_line("".join(parts), heading=heading):
                yield line
            parts = []
        if element.tag in _HEADINGS:
            heading = event == "start"
        if event == "end":
            inside = None
            parts.append((element.tail or "") if element is not root else "")
        elif (lines := _as_a_whole(element)) is not None:
            inside = element
            yield from lines
        else:
            above = element.getparent()
            is_raised = element.tag == "sup" or (above is not None and above.tag == "sup")
            parts.append(raised(element.text or "") if is_raised else element.text or "")
            if element.tag == "li" and (number := _number(element, numbers)):
                parts.insert(0, number)
    if line := whole_line("".join(parts)):
        yield line


def _as_a_whole(element: "HtmlElement") -> Iterable[Line] | None:
    """Return the lines of what is printed line by line, not by paragraphs; None for all else."""
    if element.tag == "pre":
        return read_lines(element.text_content())
    return _rows(element) if element.tag == "table" and _is_data(element) else None


def _number(item: "HtmlElement", numbers: dict["HtmlElement", int]) -> str:
    """Return the number that a browser prints before a list item; none where its text brings its own.

    ``numbers`` keeps those of the lists that were seen.
    """
    above = item.getparent()
    styles = "".join(e.get("style", "") for e in (above, item)).replace(" ", "").lower()
    if above.tag != "ol" or "list-style:none" in styles or "list-style-type:none" in styles:
        return ""
    if parse_marker(tidy(item.text_content())):
        return ""
    if item not in numbers:
        number = _counted(above.get("start", ""), 1)
        for other in above.iterchildren("li"):
            numbers[other] = number = _counted(other.get("value", ""), number)
            number += 1
    number = numbers[item]
    if "chinese" in styles or "cjk" in styles:
        return f"{to_chinese(number)}、"
    letters = {"a": chr(96 + number), "A": chr(64 + number)} if number <= 26 else {}
    return f"{letters.get(above.get('type', ''), number)}."


def _counted(given: str, otherwise: int) -> int:
    return int(given) if given.isdecimal() and len(given) <= _MOST_DIGITS else otherwise


def _is_data(table: "HtmlElement") -> bool:
    """Whether ``table`` holds rows of cells; many sites lay out a whole page with one."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    rows = [row.xpath("td|th") for row in table.iter("tr")]
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return False
    sizes = [len(bare(cell.text_content())) for row in rows for cell in row]
    return max(sizes) < 500 or max(sizes) < 0.7 * sum(sizes)


def _rows(table: "HtmlElement") -> Iterator[Line]:
    """Yield the lines of ``table``, its caption first."""
    caption = table.find("caption")
    if caption is not None and (line := whole_line(caption.text_content(), role=Role.CAPTION)):
        yield line
    rows = [row.xpath("td|th") for row in table.iter("tr")]
    grid = spread(
        [(Cell(_cell_text(cell)), _span(cell, "rowspan"), _span(cell, "colspan")) for cell in row] for row in rows
    )
    marked = sum(1 for _ in takewhile(lambda row: row and all(cell.tag == "th" for cell in row), rows))
    yield from table_lines(grid, marked if marked < len(rows) else 0)


def _cell_text(cell: "HtmlElement") -> str:
    return " ".join(line.text for line in read_element(cell))


def _span(cell: "HtmlElement", name: str) -> int:
    return _counted(cell.get(name, "1").strip(), 1)
