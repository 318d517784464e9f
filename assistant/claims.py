"""Whether a sentence that a model wrote is what the offered evidence says.

In: a claim (a sentence with the ids it cites) and the evidence that was offered to the model. Out: the claim with ids
that hold it, or unsupported with the reason. Checked, in this order: the ids are offered ones; every figure stands in
the cited text, with its unit, in a clause about the same thing; every name stands there; nothing is negated or turned
from "at least" to "at most"; every clause has its words there, or nearly the same meaning. A claim whose ids do not
hold it is moved to an offered sentence that does; ids that add nothing are dropped.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Support
from assistant.figures import Figure, figures
from assistant.nearness import Nearness
from vectorstore.lexical import Analyzer, bigrams
from vectorstore.text import fold

CLAUSE_COVERS = 0.60  # share of a clause's content that the cited text must hold in words
MEANING_COVERS = 0.40  # the same where the whole sentence is as near in meaning as MEANING
MEANING = 0.92  # nearness
BOUND = 0.50  # share of a figure's surroundings that its source clause must hold
REBOUND = 0.15  # how much better another clause must fit before its figure is the one that was meant

_CLAUSE = re.compile(r"[^,。;:!?、\n]+")
_SENTENCE_PART = re.compile(r"[^,。;!?\n]+")
_LIMITS = (  # what stands before a figure, and what stands behind it
    (
        "least",
        re.compile(r"不低于|不少于|不小于|(?<!不)超过|突破|(?<!不)高于|至少|(?<!不)大于|(?<!不)多于"),
        re.compile("以上"),
    ),
    (
        "most",
        re.compile(r"不超过|不高于|不多于|不大于|(?<!不)低于|(?<!不)少于|(?<!不)小于|至多|压缩到|缩小到"),
        re.compile("以下|以内"),
    ),
    ("about", re.compile(r"约|力争|争取|原则上"), re.compile("左右|上下")),
)
_HEDGE = re.compile(r"左右|约|力争|争取|原则上|大约")
_RANGE = re.compile(r"[至到~—-]+\d")
_FROM = re.compile(r"[从由自][^,。;]{0,4}$")
_NOT = re.compile(
    r"不得|不再|不能|不会|不予|不允许|禁止|没有|取消|停止|未(?!来|成年|办)|无需|无须|并非|不是|免(?=予|收|缴)"
)
_OPPOSITES = (
    ("以上", "以下"), ("扩大", "缩小"), ("增加", "减少"), ("提高", "降低"), ("上升", "下降"), ("增长", "下降"), ("允许", "禁止"), ("之前", "之后"),
)  # fmt: skip
_QUOTED = re.compile(r'["《]([^"《》]{2,40})["》]')
_LATIN = re.compile(r"[a-z][a-z0-9+.-]*")
_PROPER = frozenset(("ns", "nr", "nt", "nz", "nrt", "nrfg"))
_FRAME = re.compile(  # 方案提出, 根据第九条, 据报道: says where, not what
    r"^\s*(?:根据|按照|依据|据|在)?(?:该|本|这份|上述)?(?:《[^》]*》|方案|文件|政策|规划|计划|纲要|通知|条例|办法|意见|措施|报道|来源|原文|资料"
    r"|重点任务\d*|任务\d+|工作目标|保障措施|第.{1,5}[条项段款])+(?:的规定|的要求|中|里)?(?:还|也|同时|明确|具体)?"
    r"(?:提出|明确|规定|要求|指出|显示|写明|写道|写的是|介绍|称|提到|强调)?[:]?\s*$"
)
_LINK = re.compile(  # joins sentences and says nothing
    r"^\s*(?:同时|此外|另外|其中|并且|而且|因此|所以|总之|对此|为此|例如|比如|首先|其次|最后|一是|二是|三是|具体来[说看讲]|具体而言|也就是说|综上|总的来[说看讲]"
    r"|在?(?:这|此|该|上述)(?:个|一)?方面|是的?|对的?|不是|不对|可以)\s*$"
)
_LEADING = re.compile(r"^\s*(?:同时|此外|另外|其中|并且|而且|并|还|也|将|会|可以|可|要|应当|应)+")
_LABEL = re.compile(r"(?:任务|第)\d+[条项段款]?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence offered to the model under ``id``; ``about`` names its place: label, headings, title, issuer."""

    id: int
    text: str
    about: str
    document: str = ""  # a claim rests on one document: what two say together, neither says


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a draft, with the ids it cites as the model wrote them."""

    text: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim after checking. ``support`` is verbatim, supported or unsupported; ``why`` says what is wrong."""

    claim: Claim
    support: Support
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether the evidence says it."""
        return self.support != "unsupported"


Judge = Callable[[str, str], bool]


class Checker:
    """Checks claims against one set of offered evidence."""

    def __init__(
        self,
        evidence: Sequence[Evidence],
        analyzer: Analyzer,
        near: Nearness,
        judge: Judge | None = None,
    ) -> None:
        self._evidence = {one.id: one for one in evidence}
        self._analyzer = analyzer
        self._near = near
        self._judge = judge

    def check(self, claim: Claim) -> Checked:
        """Return ``claim`` with the ids that hold it, or as unsupported."""
        offered = tuple(dict.fromkeys(n for n in claim.ids if n in self._evidence))
        if not _content(claim.text):
            return Checked(replace(claim, ids=()), "unsupported", "says nothing")
        why = "no offered id"
        for ids in self._by_document(offered):
            why = self._refuted(claim.text, ids)
            if not why:
                return self._held(claim, self._needed(claim.text, ids))
        for other in self._others(claim.text, offered):
            if not self._refuted(claim.text, other):
                return self._held(claim, other)
        return Checked(replace(claim, ids=()), "unsupported", why)

    def _by_document(self, ids: Sequence[int]) -> list[tuple[int, ...]]:
        documents = dict.fromkeys(self._evidence[n].document for n in ids)
        return [tuple(n for n in ids if self._evidence[n].document == document) for document in documents]

    def _held(self, claim: Claim, ids: tuple[int, ...]) -> Checked:
        verbatim = any(bare(claim.text) in bare(self._evidence[n].text) for n in ids)
        if not verbatim and self._judge and not self._judge(claim.text, self._text(ids)):
            return Checked(replace(claim, ids=()), "unsupported", "the judge does not find it")
        return Checked(replace(claim, ids=ids), "verbatim" if verbatim else "supported")

    def _needed(self, text: str, ids: tuple[int, ...]) -> tuple[int, ...]:
        """Drop the ids without which the others still hold ``text``."""
        for number in ids if len(ids) > 1 else ():
            rest = tuple(n for n in ids if n != number)
            if rest and not self._refuted(text, rest):
                return self._needed(text, rest)
        return ids

    def _others(self, text: str, tried: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The offered sentences that may hold ``text`` instead: each alone, best words first, then the best with each."""
        order = sorted(self._evidence, key=lambda n: _share(_content(text), fold(self._evidence[n].text)), reverse=True)
        singles = [(n,) for n in order if (n,) != tried]
        pairs = [(order[0], n) for n in order[1:4] if self._evidence[n].document == self._evidence[order[0]].document]
        return [*singles[:6], *pairs]

    def _text(self, ids: Sequence[int]) -> str:
        return "\n".join(self._evidence[n].text for n in ids)

    def _refuted(self, text: str, ids: Sequence[int]) -> str:
        """Return why the sentences ``ids`` do not hold ``text``, or an empty string."""
        source = self._text(ids)
        about = " ".join(self._evidence[n].about for n in ids)
        if bare(text) in bare(source) and len(bare(text)) > 3:
            return ""
        return (
            _wrong_figure(text, source, about)
            or self._unknown_name(text, source, about)
            or _turned(text, source)
            or self._other_content(text, source, about, ids)
        )

    def _unknown_name(self, text: str, source: str, about: str) -> str:
        known = fold(source + about)
        folded = fold(text)
        named = [*_QUOTED.findall(folded), *_LATIN.findall(folded)]
        named += [word for word in self._analyzer.words(text) if self._analyzer.word_class(word) in _PROPER]
        unknown = next((name for name in named if name not in known), "")
        return f"name {unknown}" if unknown else ""

    def _other_content(self, text: str, source: str, about: str, ids: Sequence[int]) -> str:
        known = fold(source + about)
        least = min((_share(_content(clause), known) for clause in _saying(text)), default=0.0)
        if least >= CLAUSE_COVERS:
            return ""
        if least >= MEANING_COVERS and self._nearness(text, ids) >= MEANING:
            return ""
        return "content"

    def _nearness(self, text: str, ids: Sequence[int]) -> float:
        return max((self._near(text, self._evidence[n].text) for n in ids), default=0.0)


def bare(text: str) -> str:
    """Return ``text`` without white space and punctuation, but with what belongs to figures: 7.5 is not 75, % is not ‰."""
    return re.sub(r"[\s,。;、:!?\"'()\[\]《》「」『』…]|\.(?!\d)", "", fold(text))


def _content(text: str) -> list[str]:
    """The character pairs of ``text``; those of figures are compared elsewhere."""
    return bigrams(fold(text))


def _share(content: Sequence[str], known: str) -> float:
    return sum(pair in known for pair in content) / len(content) if content else 0.0


def _wrong_figure(text: str, source: str, about: str) -> str:
    """Return the first figure of ``text`` that ``source`` does not give for the same thing, or an empty string."""
    there = figures(source, ordinals=True)
    named = {figure.value for figure in figures(about, ordinals=True)}
    places = [match.span() for match in _LABEL.finditer(fold(text))]
    for figure in figures(text, ordinals=True):
        if any(start <= figure.start < end for start, end in places) and figure.value in named:
            continue
        same = [one for one in there if one.value == figure.value and (one.unit == figure.unit or not figure.unit)]
        if not same:
            return f"figure {figure.text}"
        if not _bound(figure, text, same, there, source):
            return f"figure {figure.text} of something else"
        mine = _limit(text, figure)
        if all(_limit(source, one) != mine for one in same):
            return f"limit of {figure.text}"
    return ""


def _bound(figure: Figure, text: str, same: Sequence[Figure], there: Sequence[Figure], source: str) -> bool:
    """Whether ``figure`` is said of what ``source`` says it of: its clause fits no other figure's clause clearly better."""
    content = _content(_around(text, figure))
    if len(content) < 2:
        return True
    fits = max(_share(content, fold(_around(source, one))) for one in same)
    rivals = [one for one in there if one.unit == figure.unit and one.value != figure.value]
    rival = max((_share(content, fold(_around(source, one))) for one in rivals), default=0.0)
    return rival <= fits or (fits >= BOUND and rival < min(1.0, fits + REBOUND))


def _limit(text: str, figure: Figure) -> tuple[str, str]:
    """How ``figure`` is limited where it stands (least, most, about), and whether a change starts from it."""
    folded = fold(text)
    before = re.split(r"[,。;、:]", folded[max(0, figure.start - 10) : figure.start])[-1]
    before = re.split(r"\d", before)[-1]
    behind = folded[figure.end : figure.end + 3]
    limit = next((name for name, first, last in _LIMITS if first.search(before) or last.match(behind)), "")
    return limit, "from" if _FROM.search(before) or _RANGE.match(behind) else ""


def _around(text: str, figure: Figure) -> str:
    """The clause that ``figure`` stands in, with the clause before where little stands in front of the figure."""
    folded = fold(text)
    clauses = [match.span() for match in _CLAUSE.finditer(folded)]
    at = next((i for i, (start, end) in enumerate(clauses) if start <= figure.start < end), None)
    if at is None:
        return ""
    start, end = clauses[at]
    before = folded[start : figure.start]
    if len(bigrams(before)) < 2 and at:
        return folded[clauses[at - 1][0] : end]
    return folded[start:end]


def _turned(text: str, source: str) -> str:
    """Return what ``text`` turns round, clause by clause: a negation that it adds or leaves out, a hedge that it adds."""
    mine, theirs = fold(text), fold(source)
    if _HEDGE.search(mine) and not _HEDGE.search(theirs):
        return "hedge added"
    clauses = _SENTENCE_PART.findall(theirs)
    for clause in _saying(mine):
        best = max(clauses, key=lambda one: _share(_content(clause), one), default="")
        if bool(_NOT.search(clause)) is not bool(_NOT.search(best)):
            return "negation"
        for one, other in _OPPOSITES:
            if (one in clause and one not in theirs and other in best) or (
                other in clause and other not in theirs and one in best
            ):
                return f"{one} for {other}"
    return ""


def _saying(text: str) -> list[str]:
    """The clauses of ``text`` that say something, without what only joins them or names the source."""
    parts = (part for part in _SENTENCE_PART.findall(fold(text)) if not _FRAME.match(part) and not _LINK.match(part))
    return [clause for part in parts if _content(clause := _LEADING.sub("", part))]
