"""References to places of a document in a question: 任务9, 第十五条, (三)里的第10条, 保障措施第(一)条.

In: a question. Out: what it points at, as numbers and labels; ``resolve`` finds the units by key, without a model.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Turn
from vectorstore.numerals import NUMERAL, parse_numeral, to_chinese
from vectorstore.records import Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

_N = rf"(?:\d{{1,30}}|{NUMERAL}{{1,7}})"
_MEASURE_WORD = "(?:条|项|款|个|点|号|则)"
_NUMBERED = re.compile(
    rf"(?:任务|措施|举措)\s*(?:第\s*)?(?P<task>[(]{_N}[)]|(?!一[共个些样直起定般种下项条批系览律旦]){_N}(?![个项条]任务|[0-9.%年月]|\d*[万亿]))"
    rf"|第\s*(?P<ordinal>{_N})\s*{_MEASURE_WORD}(?!以[上下内])"
    rf"|(?<=[\u4e00-\u9fff]{{2}})(?P<measure>[(]{NUMERAL}{{1,3}}[)])(?![里中下内第])"
    rf"|(?<=[\u4e00-\u9fff])(?P<labelled>\d{{1,3}})(?=(?:的|里的?)(?:原文|原话|原句|内容|措辞|表述|全文)|(?:写|讲|说)(?:了|的是)?什么)"
    rf"|第\s*(?P<bracketed>[(]{_N}[)])\s*{_MEASURE_WORD}?"
    rf"|(?P<plain>{_N})号任务|(?<![\d.])(?P<bare>\d{{1,3}})条(?=里|的原|写|讲|说)"
)
_HEADING_LABEL = re.compile(r"(?<!第)(?P<sub>[(][一二三四五六七八九十]{1,3}[)])")
_PLACE = re.compile(
    r"《(?P<title>.+)》(?P<label>.{1,40}?)的?(?:原文|全文|原话|原句)(?:是什么|是怎么写的|怎么写的?|如下)?[?。]?",
    re.DOTALL,
)
_THAT_PLACE = re.compile(
    r"(?:那|这|该|上述|上面那?|刚才那?|前面那?)(?:一)?(?:条任务|项任务|个任务|条|项|款|段)(?!链|线|路|河|街|目)"
)
_NEIGHBOUR = re.compile(r"(?P<step>[下上])一?(?:条任务|项任务|个任务|条|项|款)(?!月|年|阶段|步)")
_TITLE = re.compile(r"《([^《》]+)》")
_TITLE_CHARS = 4  # from which part of a title names a document
MOST_NUMBER = 10_000
_PART = re.compile(rf"第(?P<part>{NUMERAL}{{1,3}})(?:部分|大部分|大点|大项|章)")


@dataclass(frozen=True, slots=True)
class Reference:
    """One number that a question names, e.g. 9. ``label`` is set where it stood in brackets, e.g. (一)."""

    number: int
    label: str | None
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """All that a question says about places: numbers, labels of headings above them."""

    references: tuple[Reference, ...]
    subheading: str | None
    part: str | None

    def __bool__(self) -> bool:
        return bool(self.references)


def read_pointer(question: str) -> Pointer:
    """Return the references in ``question``."""
    folded = fold(question)
    references = []
    for match in _NUMBERED.finditer(folded):
        printed = next(group for group in match.groups() if group)
        number = parse_numeral(printed.strip("()"))
        label = f"({to_chinese(number)})" if printed.startswith("(") and number else None
        references.append(Reference(number, label, question[match.start() : match.end()], match.start()))
    sub = _HEADING_LABEL.search(folded)
    part = _PART.search(folded)
    return Pointer(tuple(references), sub["sub"] if sub else None, part["part"] if part else None)


def resolve(pointer: Pointer, question: str, store: Sources) -> list[list[Unit]]:
    """Return, per reference, the units it may mean (one per document at best), or an empty list where there is none."""
    return [_resolve(reference, pointer, fold(question), store) for reference in pointer.references]


def _resolve(reference: Reference, pointer: Pointer, question: str, store: Sources) -> list[Unit]:
    if not 0 < reference.number < MOST_NUMBER:
        return []
    chinese = to_chinese(reference.number)
    measures = [u for label in (f"({chinese})", f"——{reference.number}") for u in store.called(label)]
    named = [u for u in measures if u.heading_path and heading_named(u.heading_path[0], question)]
    if named:
        return named
    if reference.label:
        return [u for u in measures if u.type is UnitType.MEASURE]
    found = store.numbered(reference.number) + store.labelled(f"第{chinese}条")
    meant = documents_named(question, store)
    if meant and not any(unit.document_id in meant for unit in found):  # 四十九、 may be what a rule calls an article
        found = [unit for unit in store.called(chinese) if unit.document_id in meant] or found
    for label in (pointer.subheading, pointer.part):
        inside = [unit for unit in found if label and label in unit.locator]
        found = inside or found
    return found


def named_place(question: str, store: Sources) -> Unit | None:
    """Return the unit whose wording ``question`` asks for by title and label, 《…行动方案》第3段的原文是什么; else None."""
    asked = _PLACE.fullmatch(fold(question).strip())
    if asked is None:
        return None
    documents = [d.id for d in store.records() if fold(d.title).strip() == asked["title"].strip()]
    units = (unit for document in documents for unit in store.units(document))
    return next((u for u in units if u.type.citable and fold(u.label) == asked["label"].strip()), None)


def in_place_of(question: str, history: Sequence[Turn]) -> Pointer | None:
    """Return the place that 那条 or 下一条 stands for: the last that was named before, or the one beside it."""
    folded = fold(question)
    step = _NEIGHBOUR.search(folded)
    if not step and not _THAT_PLACE.search(folded):
        return None
    for turn in reversed(history):
        if (pointer := read_pointer(turn.content)) and (last := pointer.references[-1]):
            moved = 0 if not step else 1 if step["step"] == "下" else -1
            number = last.number + moved
            label = f"({to_chinese(number)})" if last.label and 0 < number < MOST_NUMBER else None
            return replace(pointer, references=(replace(last, number=number, label=label),))
    return None


def documents_named(text: str, sources: Sources) -> frozenset[str]:
    """Return the ids of the documents whose title or number stands in ``text``, or of whose title 《…》 in it is a part."""
    folded = fold(text)
    quoted = [name for name in _TITLE.findall(folded) if len(name) >= _TITLE_CHARS]
    return frozenset(
        record.id
        for record in sources.records()
        if (title := fold(record.title)) in folded
        or any(name in title for name in quoted)
        or (record.number and fold(record.number) in folded)
    )


def heading_named(heading: str, question: str) -> bool:
    """Whether ``question`` names the heading (一、工作目标 is named by 工作目标)."""
    name = re.sub(
        r"^(第.{1,7}[编篇章节条]|[一二三四五六七八九十百]+[、.]|\(.{1,5}\)|\d+[.、])\s*", "", fold(heading)
    ).strip("。:")
    return len(name) >= 2 and name in question
