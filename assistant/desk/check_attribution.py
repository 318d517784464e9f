"""Where a sentence of a draft says that it stands: 方案任务9提出…, 根据《…办法》第五条…, …(任务9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.references import read_pointer, resolve
from vectorstore.lexical import bigrams
from vectorstore.numerals import NUMERAL
from vectorstore.records import Document, Unit
from vectorstore.sources import Sources
from vectorstore.text import fold

_N = rf"(?:\d{{1,4}}|{NUMERAL}{{1,7}})"
_TITLE = r"《[^《》\n]{2,80}》(?:\([^()\n]{1,40}\))?"
_KIND = r"(?:行动|实施|工作)?(?:方案|计划|规划)|文件|政策|纲要|通知|条例|办法|意见|措施|报道|新闻|决定"
_PLACE = rf"(?:(?:重点|主要|工作)?任务|措施|举措)第?\s*(?:[(]{_N}[)]|{_N})(?:[条项])?|第\s*[(]?{_N}[)]?\s*[条款项]|第{NUMERAL}{{1,3}}(?:部分|章|节)"
_SAYS = r"(?:还|也|又|同时|进一步|中|里|则|就|已|均|都|特别|专门)*(?:明确|具体|着重)?(?:提出要?|明确|规定|要求|指出|显示|写明|写道|写的是|强调|部署|表示|提到|介绍|载明|称|说)了?"
_FRAME = re.compile(
    rf"\s*(?:根据|按照|依照|依据|参照|据|按|在)?(?:该|本|这份|上述)?"
    rf"(?:(?:{_TITLE}|{_PLACE}|{_KIND})(?:的|中|里|之|[,、])?)+"
    rf"(?:规定|要求|精神|部署|安排)?(?:{_SAYS}\s*[,:]?|[,:])\s*"
)
_TAIL = re.compile(
    rf"\s*[(](?:详?见|参见|出自|引自|来源:?|摘自)?(?:{_TITLE}|{_PLACE}|{_KIND}|的|[,、])+[)]\s*(?=[。;!?.]*\s*$)"
)
_NAMES_PLACE = re.compile(_PLACE)
_NAMES_TITLE = re.compile(r"《([^《》\n]{2,80})》(?:[(][^()\n]{1,40}[)])?")
_LABEL = re.compile(  # what numbers a paragraph, in front of what it says
    rf"\s*(?:——|—|[-·●■◆*]\s+|[(]{NUMERAL}{{1,3}}[)]|[(]\d{{1,3}}[)]|{NUMERAL}{{1,3}}、|\d{{1,3}}(?:[.、](?!\d)|\s+(?=[\u4e00-\u9fff]))"
    rf"|第{NUMERAL}{{1,5}}条(?:之{NUMERAL}{{1,2}})?[\s、:]*|[①-⑳⑴-⒛㈠-㈩])\s*"
)
_ALIKE = 0.8  # share of the pairs of characters that two titles of one document have in common


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a sentence says of its origin. ``[start:end]`` of the sentence is what it says itself."""

    said: str
    start: int
    end: int

    @property
    def place(self) -> str | None:
        """The place as the sentence writes it: 任务9."""
        found = list(_NAMES_PLACE.finditer(fold(self.said)))
        return self.said[found[0].start() : found[-1].end()].strip() if found else None

    @property
    def titles(self) -> list[str]:
        """The titles named, without their marks."""
        folded = fold(self.said)
        return [self.said[m.start(1) : m.end(1)] for m in _NAMES_TITLE.finditer(folded)]


def read_attribution(sentence: str) -> Attribution:
    """Return what ``sentence`` says of its origin; ``said`` is "" where it says nothing of it."""
    folded = fold(sentence)
    start = label_end(sentence)
    # 第五条 numbers an article, and names it in 第五条规定
    frame = _FRAME.match(folded) or _FRAME.match(folded, start)
    end = len(sentence)
    said = ""
    if frame and frame.end() < end:
        said, start = sentence[frame.start() : frame.end()], frame.end() + label_end(sentence[frame.end() :])
    if tail := _TAIL.search(folded, start):
        said += sentence[tail.start() : tail.end()]
        end = tail.start()
    return Attribution(said, start, end)


def label_end(text: str) -> int:
    """Return where the text behind a paragraph's number begins: 3 for 9.加快, 0 where there is none."""
    label = _LABEL.match(fold(text[:24]))
    return label.end() if label else 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """The units and documents that an attribution names; None where it names none, empty where there is no such one."""

    units: frozenset[tuple[str, int]] | None
    documents: frozenset[str] | None
    labels: tuple[str, ...] = ()

    def holds(self, unit: Unit) -> bool:
        """Whether ``unit`` is where the attribution says."""
        return self.right_document(unit) and (self.units is None or (unit.document_id, unit.ordinal) in self.units)

    def right_document(self, unit: Unit) -> bool:
        """Whether ``unit`` is in a document that the attribution names, or it names none."""
        return self.documents is None or unit.document_id in self.documents


NOTHING_CLAIMED = Claimed(None, None)


def claimed_by(attribution: Attribution, sources: Sources, documents: Sequence[Document]) -> Claimed:
    """Return what ``attribution`` names in ``sources``, of which ``documents`` are all."""
    if not attribution.said:
        return NOTHING_CLAIMED
    titles = attribution.titles
    named = frozenset(d.id for d in documents if any(_same_title(title, d.title) for title in titles))
    pointer = read_pointer(_NAMES_TITLE.sub("", fold(attribution.said)))
    if not pointer:
        return Claimed(None, named if titles else None)
    found = resolve(pointer, attribution.said, sources)
    # 第五条第一款: the last that is in the others
    groups = [{(u.document_id, u.ordinal): u for u in group} for group in found]
    units = {key: unit for group in groups for key, unit in group.items()}
    common = set(units).intersection(*groups) if groups else set()
    kept = common or set(units)
    labels = dict.fromkeys(units[key].label for key in sorted(kept) if not titles or key[0] in named)
    return Claimed(frozenset(kept), named if titles else None, tuple(labels))


def _same_title(said: str, title: str) -> bool:
    a, b = (re.sub(r"[\s()《》\"'—-]", "", fold(one)) for one in (said, title))
    if a in b or b in a:
        return len(a) > 2 and len(b) > 2
    mine, theirs = set(bigrams(a)), set(bigrams(b))
    return len(mine & theirs) >= _ALIKE * max(len(mine), len(theirs), 1)
