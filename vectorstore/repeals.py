"""What a text repeals: 《…》同时废止, 废止《…》, and what a decision to repeal lists. In: units. Out: the named documents.

Only what stands next to the words of repealing counts: 依据《甲条例》制定的《乙办法》同时废止 leaves 甲条例 in force, and a
repealed article (《甲条例》第三条废止) its law.
"""

import re
from collections.abc import Iterable, Iterator

from vectorstore.records import Named, Unit, UnitType
from vectorstore.text import fold

# A title may hold titles: 《关于印发〈…〉的通知》, folded or not.
_TITLE = r"《(?:[^《》]|《[^《》]*》)+》"
_ONE = rf"{_TITLE}(?:\([^()]{{1,40}}\))?"
_ORDINAL = r"\d{1,3}[.、]|\([\d一二三四五六七八九十]{1,3}\)|[①-⑳]"  # of a list within a sentence
_RUN = rf"(?:{_ONE}(?:[、,;]|和|及|以及|与|\s|{_ORDINAL})*)+"
_NAMED = re.compile(rf"(?P<title>{_TITLE})(?:\((?P<beside>[^()]{{1,40}})\))?")
_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,14}\s*[\[(]\d{4}[\])]\s*第?\d{1,4}号|[\u4e00-\u9fff]{0,14}(?:令|公告)第?\d{1,4}号"
)
_GAP = r"(?:(?!第[\d一二三四五六七八九十百]+[条款项章])[^。;《》不未]){0,30}?"
_VERB = r"(?:同时|即行|即|相应|自行|予以|一并|自动|均|起|同步|全部)(?:废止|失效|停止执行|停止施行|终止执行)|不再执行"
_LISTED = re.compile(_RUN)
_BEHIND = re.compile(rf"{_GAP}(?:{_VERB})")
_AFTER = re.compile(
    rf"(?<![不未或者和])(?<!(?:修改|修订|制定|清理)、)废止(?:以下|下列)?[^。;《》,的]{{0,12}}?:?\s*(?:{_ORDINAL})?(?P<run>{_RUN})(?!第[\d一二三四五六七八九十百]+[条款项章])"
)
_DECISION = re.compile(r"废止|宣布失效")
_CHANGES = re.compile(r"修改|修订|修正|清理|继续有效")
_GROUNDS = re.compile(rf"(?:根据|依据|依照|按照|遵照){_RUN}")


def read_repeals(title: str, units: Iterable[Unit]) -> tuple[Named, ...]:
    """Return the documents that the text of ``units``, called ``title``, says are no longer in force, each once."""
    head = fold(title)
    decides = bool(_DECISION.search(head)) and not _CHANGES.search(head)
    found: dict[Named, None] = {}
    for unit in units:
        text = fold(unit.text)
        if "《" not in text:
            continue
        for run in _decided(text) if decides and unit.type is not UnitType.TITLE else _said(text):
            found.update(dict.fromkeys(_names(run)))
    if decides:
        found.update(dict.fromkeys(_names(head)))
    return tuple(found)


def _said(text: str) -> Iterator[str]:
    if "废止" in text or "失效" in text or "执行" in text or "施行" in text:
        # a list is looked at once: one pattern for list and verb would try each list anew from each of its titles
        yield from (match[0] for match in _LISTED.finditer(text) if _BEHIND.match(text, match.end()))
        yield from (match["run"] for match in _AFTER.finditer(text))


def _decided(text: str) -> Iterator[str]:
    """Yield what a decision to repeal lists: every title that is not what it rests on."""
    yield _GROUNDS.sub("", text)


def _names(run: str) -> Iterator[Named]:
    for match in _NAMED.finditer(run):
        number = _NUMBER.search(match["beside"] or "")
        beside = match["beside"] if match["beside"] and not number else None
        bare = match["title"][1:-1].strip()
        # what stands in brackets and is no number is a part of the title: 《…办法》(试行)
        yield Named(f"{bare}({beside})" if beside and len(beside) <= 8 else bare, number[0] if number else None)
