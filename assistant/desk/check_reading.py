"""A sentence read for comparison: its words with figures whole, its figures with what limits each, its names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from math import prod

from assistant.desk.check_names import Lexicon, Name
from assistant.figures import Figure, figures
from vectorstore.numerals import NUMERAL, parse_numeral
from vectorstore.text import fold

_CLAUSE = re.compile(r"[^,。;:!?\n]+")
_BEFORE = {  # what limits the figure behind it
    "least": r"不低于|不少于|不小于|不下于|(?<!不)超过|(?<!不)超出|超(?=\d)|突破|(?<![不提新])高于|至少|最低|(?<!不)大于|(?<!不)多于|逾(?=\d)",
    "most": r"不超过|不高于|不多于|不大于|不突破|(?<![不降])低于|(?<!不)少于|(?<!不)小于|至多|最多|最高|控制在|压缩[至到在]|缩[小短][至到]",
    "about": r"大约|(?<![条节公合契大集制预签])约|大概|大致",
    "near": r"接近|将近|近(?=[\d一二三四五六七八九十百千])",
    "effort": r"力争|争取|努力|力求|原则上|预计|有望|计划|拟",
    "firm": r"必须|确保|务必",
    "rate": r"年均|月均|日均|人均|户均|平均|每年|每月|每[周日天]",
    "sum": r"累计|新增|净增|新建",
}
_BEHIND = {  # what limits the figure before it
    "least": r"及?以上|[(]含[)]以上",
    "most": r"及?以[下内]",
    "about": r"左右|上下",
    "end": r"年?底|年?末",
    "start": r"年?初",
    "before": r"之?前|以前",
    "after": r"之后|以后|后|起|以来",
    "half": r"上半年|下半年",
}
_LIMIT_BEFORE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _BEFORE.items()))
_LIMIT_BEHIND = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _BEHIND.items()))
_MORE = re.compile(r"[余多来]")
_SCALED = re.compile(rf"({NUMERAL}{{1,7}})([万亿]{{1,2}})")
_SCALES = {"万": 10**4, "亿": 10**8}
_COUNTED_TIME = re.compile(r"工作日|自然日|小时|月|季度|学期|学年|星期")
_FIRST_STEP = re.compile(r"力争|力求|原则上")  # limits what is said also where no figure stands
_REACH = {"effort": 60, "firm": 60, "rate": 16, "sum": 12}  # characters between a limit and its figure
_NEAR = 6
TURNS = re.compile(
    r"不得|不再|不予|不能|不可|不应|不准|严禁|禁止|无需|无须|不需要?|免于|未(?!来|成年|办)|没有|取消|停止|暂停|非(?=首都|公)"
)
OPPOSITES = (
    ("扩大", "缩小"), ("增加", "减少"), ("提高", "降低"), ("提升", "降低"), ("上升", "下降"), ("增长", "下降"), ("上调", "下调"), ("允许", "禁止"),
    ("鼓励", "限制"), ("支持", "限制"), ("应当", "可以"), ("必须", "可以"), ("放宽", "收紧"), ("新增", "减少"), ("引进", "输出"), ("流入", "流出"),
    ("强化", "弱化"), ("加强", "减弱"), ("加快", "放缓"), ("之前", "之后"), ("以上", "以下"), ("进口", "出口"), ("国内", "国外"), ("免费", "收费"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """A word at ``[start:end]`` that limits a figure, or a whole statement; ``kind`` is what words for it have in common."""

    kind: str
    start: int
    end: int
    text: str


class Reading:
    """One sentence, or a run of them, as it is compared. Offsets are those of ``text``."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.folded = fold(text)
        self._lexicon = lexicon

    @cached_property
    def figures(self) -> list[Figure]:
        """The figures, in order."""
        found = [self._measured(figure) for figure in figures(self.text, ordinals=True)]
        taken = {at for figure in found for at in range(figure.start, figure.end)}
        for match in _SCALED.finditer(self.folded):  # 两万尾: of what no measure word is known
            if taken.isdisjoint(range(*match.span())):
                value = Decimal(parse_numeral(match[1])) * prod(_SCALES[char] for char in match[2])
                found.append(Figure(value.normalize(), "", *match.span(), self.text[match.start() : match.end()]))
        return sorted(found, key=lambda figure: figure.start)

    def _measured(self, figure: Figure) -> Figure:
        """Give 15个工作日 and 3个月 the unit that 个 only counts."""
        behind = _COUNTED_TIME.match(self.folded, figure.end) if figure.unit == "个" else None
        if not behind:
            return figure
        text = self.text[figure.start : behind.end()]
        return replace(figure, unit=f"个{behind.group()}", end=behind.end(), text=text)

    @cached_property
    def words(self) -> list[str]:
        """The words, figures whole, punctuation kept: joined, they are the text."""
        found: list[str] = []
        at = 0
        for figure in self.figures:
            found += self._lexicon.analyzer.cut(self.text[at : figure.start])
            found.append(figure.text)
            at = figure.end
        return found + self._lexicon.analyzer.cut(self.text[at:])

    @cached_property
    def names(self) -> list[Name]:
        """The names; they may lie within one another."""
        return self._lexicon.names(self.text, self.words)

    @cached_property
    def clauses(self) -> list[tuple[int, int]]:
        """Where the clauses are."""
        return [match.span() for match in _CLAUSE.finditer(self.folded)]

    def clause(self, at: int) -> tuple[int, int]:
        """Return the clause that the character at ``at`` belongs to."""
        return next(((start, end) for start, end in self.clauses if start <= at < end), (at, at))

    def around(self, figure: Figure) -> str:
        """Return what ``figure`` is said of: its clause without it, with the clause before where that is little."""
        start, end = self.clause(figure.start)
        text = self.folded[start : figure.start] + self.folded[figure.end : end]
        before = next((self.folded[a:b] for a, b in reversed(self.clauses) if b <= start), "")
        return text if len(text) > 4 else before + text

    def limits(self, figure: Figure) -> list[Limit]:
        """Return what limits ``figure``, in order."""
        return sorted(self._limits(figure), key=lambda limit: limit.start)

    def _limits(self, figure: Figure) -> Iterator[Limit]:
        start, end = self.clause(figure.start)
        others = [one for one in self.figures if start <= one.start < figure.start]
        for match in _LIMIT_BEFORE.finditer(self.folded, start, end):
            if match.end() > figure.start:
                break
            kind = match.lastgroup or ""
            # what reaches one figure only stops at the next
            between = kind not in ("effort", "firm") and any(match.end() <= one.start for one in others)
            if not between and figure.start - match.end() <= _REACH.get(kind, _NEAR):
                yield self._limit(kind, *match.span())
        if behind := _LIMIT_BEHIND.match(self.folded, figure.end, end):
            yield self._limit(behind.lastgroup or "", *behind.span())
        if more := _MORE.search(figure.text):
            yield self._limit("more", figure.start + more.start(), figure.start + more.end())

    def hedges(self) -> list[Limit]:
        """Return what hedges statements, with a figure or without."""
        return [self._limit("effort", *match.span()) for match in _FIRST_STEP.finditer(self.folded)]

    def _limit(self, kind: str, start: int, end: int) -> Limit:
        return Limit(kind, start, end, self.text[start:end])
