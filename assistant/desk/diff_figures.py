"""Figures, dates and limits of two wordings: which stayed, and which changed into which."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate

from assistant.desk.wording import Run
from assistant.figures import Figure, figures
from vectorstore.lexical import bigrams
from vectorstore.text import fold

SAME_SPOT = 0.5  # what standing in one and the same replaced run adds to the likeness of two figures
SAME_VALUE = 0.2
OTHER_DIMENSION = 0.4  # what measuring another thing takes from it
PAIRED = 0.3  # likeness from which a figure became another
_MOST = 200  # figures of a unit that are weighed against each other
_SUBJECT, _FEW = 30, 3  # characters of what a figure is said of: at most, and too few
_BEHIND = 80  # characters behind a date in which that is looked for

_BREAK = re.compile(r"[,，。;；:：!！?？\n]")
_RANGE = re.compile(r"(?:[—~:-]|至|到)$")
_NO_TARGET = re.compile(r"《[^》]*》|[\[(](?:19|20)\d\d[\])]\s*第?\d+号|[(]\d{1,2}[)]|(?m:^)\s*\d{1,3}(?:[、.)](?!\d))")
_SENSES = (
    ("most", "不得超过|不超过|不高于|不多于|不大于|不突破|至多|最高|最多|上限为?|控制在|压缩[到至]|缩[小短][到至]"),
    ("least", "不得低于|不得少于|不低于|不少于|不小于|至少|最低|下限为?"),
    ("more", "超过|突破|高于|多于|大于|超"),
    ("less", "低于|少于|小于"),
    ("about", "大约|约|接近"),
    ("aim", "力争|争取|原则上|努力"),
    ("down", "下降|减少|降低"),
)
_BEFORE = re.compile("|".join(f"(?P<{sense}>{words})" for sense, words in _SENSES))
_AFTER = re.compile("(?P<least>及?以上)|(?P<most>及?以下|以内|之内)|(?P<about>左右|上下)")
_FAR = frozenset(("aim",))  # said of all that follows in the clause; the others stand close to their figure
_CLOSE = 8  # characters between a limit and its figure
_MEASURED = re.compile("工作日|自然日|小时|月|季度|年度|百分点")  # what a figure in 个 counts, where that is a unit
_PART = re.compile("(?P<end>年?[底末])|(?P<begin>年?初)|(?P<half>[上下]半年)|(?P<quarter>第?[一二三四]季度)")
_TO = re.compile("^(?:[之以]?前|起|止|内)")
_NONE = "零〇"  # opens words: 零部件, 零碳
_ROUNDED = re.compile("[余多来]")
_FRINGE = re.compile(
    r"^(?:[、\s的并且和及其按照为将在对以]|以及|其中)+|(?:[、\s的为到至从由按]|达到?|实现|累计|合计|给予)+$"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure, a date or a range at ``[start:end]``; ``subject`` is what it is said of.

    ``limited`` is the text with what limits it. ``context`` are the pairs of characters around.
    """

    start: int
    end: int
    text: str
    limited: str
    values: tuple[tuple[Decimal, str], ...]
    limits: frozenset[str]
    dimension: str
    subject: str
    context: frozenset[str]

    def same(self, other: "Quantity") -> bool:
        """Whether both say the same, however it is written."""
        return self.values == other.values and self.limits == other.limits


def quantities(text: str, shift: int = 0) -> list[Quantity]:
    """Return the figures of ``text``, which has no label, in order; their places are shifted by ``shift``.

    Names of documents, their numbers and the labels within the text hold none.
    """
    bare = _NO_TARGET.sub(lambda match: " " * len(match[0]), fold(text))
    found = [one for one in figures(bare) if one.text[0] not in _NONE]
    groups = list(_ranges(text, found))
    edges = [0, *(group[-1].end for group in groups)], [*(group[0].start for group in groups[1:]), len(text)]
    made = (_quantity(text, group, floor, ceiling) for group, floor, ceiling in zip(groups, *edges, strict=False))
    return [replace(one, start=one.start + shift, end=one.end + shift) for one in made]


def _ranges(text: str, found: Sequence[Figure]) -> Iterator[list[Figure]]:
    """Yield the figures, those of one date or one range together: 2024年10月28日, 2万元至5万元, 2024—2028年."""
    group: list[Figure] = []
    for one in found:
        between = fold(text[group[-1].end : one.start]) if group else " "
        date = not between and group[-1].dimension == "date" == one.dimension
        ranged = _RANGE.fullmatch(between) and group[-1].unit in ("", one.unit)
        if group and not date and not ranged:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _quantity(text: str, group: Sequence[Figure], floor: int, ceiling: int) -> Quantity:
    """Return the quantity of ``group``; other figures end at ``floor`` and begin at ``ceiling``."""
    start, end = group[0].start, group[-1].end
    first = max((match.end() for match in _BREAK.finditer(text, floor, start)), default=floor)
    stop = _BREAK.search(text, end, ceiling)
    last = stop.start() if stop else ceiling
    words = _limits(text, first, start)
    dated = group[-1].dimension == "date"
    longer = _PART.match(text, end, last) if dated else None
    if text[end - 1] == "个":
        longer = _MEASURED.match(text, end, last)
    whole = text[start : longer.end() if longer else end]
    after = _AFTER.match(text, start + len(whole), last)
    closing = after.end() if after else start + len(whole)
    opening = min((word.start() for word in words if start - word.start() <= _CLOSE), default=start)
    far = next((f"{word[0]}…" for word in words if word.start() < opening), "")
    before, behind = text[first:start], text[closing:last]
    return Quantity(
        start,
        end,
        whole,
        far + text[opening:closing],
        tuple((one.value, one.unit) for one in group),
        frozenset(_senses((*words, after, longer), group)),
        group[-1].dimension,
        _of_date(before, text[closing : min(ceiling, closing + _BEHIND)]) if dated else _of_figure(before, behind),
        frozenset(bigrams(fold(before.rpartition("、")[2][-20:] + "|" + behind.partition("、")[0][:12]))),
    )


def _senses(words: Sequence[re.Match[str] | None], group: Sequence[Figure]) -> Iterator[str]:
    """Yield how a quantity is limited; of what only its own word tells, which half or which measure, the word."""
    for word in words:
        if word:
            yield word[0] if word.lastgroup in ("half", "quarter", None) else word.lastgroup
    if any(_ROUNDED.search(one.text) for one in group):
        yield "about"


def _limits(text: str, first: int, start: int) -> list[re.Match[str]]:
    """Return the words that limit the figure at ``start``, whose clause begins at ``first``."""
    return [
        match
        for match in _BEFORE.finditer(text, first, start)
        if match.lastgroup in _FAR or start - match.end() <= (_CLOSE if match.lastgroup != "down" else 2)
    ]


def _of_figure(before: str, behind: str) -> str:
    """Return what a figure is said of: the words before it in its clause, those behind it where these are few."""
    named = _trimmed(_BEFORE.sub("", before))
    return (named if len(named) > _FEW else _trimmed(behind) or named)[-_SUBJECT:]


def _of_date(before: str, behind: str) -> str:
    """Return what a date is said of: the first words behind it, with those before it where these are few."""
    clauses = (_trimmed(_BEFORE.sub("", _TO.sub("", clause))) for clause in _BREAK.split(behind))
    later = next((clause for clause in clauses if len(clause) > 1), "")
    return (later if len(later) > _FEW else _trimmed(before) + later)[:_SUBJECT]


def _trimmed(words: str) -> str:
    return _FRINGE.sub("", words.strip())


@dataclass(frozen=True, slots=True)
class Changed:
    """A quantity that became another; one of them is None where it came or went."""

    old: Quantity | None
    new: Quantity | None

    def wordings(self) -> tuple[str | None, str | None]:
        """Return how both stand: with their limits only where these differ."""
        if self.old and self.new and self.old.limits == self.new.limits:
            return self.old.text, self.new.text
        return self.old.limited if self.old else None, self.new.limited if self.new else None

    @property
    def subject(self) -> str:
        """What it is said of: in the new edition, where it stands there."""
        one = self.new or self.old
        return one.subject if one else ""


def changed(old: Sequence[Quantity], new: Sequence[Quantity], wording: Sequence[Run]) -> list[Changed]:
    """Return what became of the quantities of two texts whose runs are ``wording``, in the order of the new one."""
    spots = _Spots(wording)
    starts = {one.start: one for one in new}
    kept = [(one, starts[to]) for one in old if (to := spots.kept(one)) in starts]
    rest = _without(old, [one for one, _other in kept]), _without(new, [other for _one, other in kept])
    pairs = kept + _paired(*rest, spots)
    found = [Changed(one, other) for one, other in pairs if not one.same(other)]
    found += [Changed(one, None) for one in _without(rest[0], [one for one, _other in pairs])]
    found += [Changed(None, one) for one in _without(rest[1], [other for _one, other in pairs])]
    return sorted(found, key=lambda one: one.new.start if one.new else spots.near(one.old.start if one.old else 0))


def _without(all_: Sequence[Quantity], some: Sequence[Quantity]) -> list[Quantity]:
    starts = {one.start for one in some}
    return [one for one in all_ if one.start not in starts]


def _paired(old: Sequence[Quantity], new: Sequence[Quantity], spots: "_Spots") -> list[tuple[Quantity, Quantity]]:
    """Pair the quantities that were not kept where they stood, the most alike first."""
    scored = sorted(
        (
            (-_likeness(one, other, spots), at, to)
            for at, one in enumerate(old[:_MOST])
            for to, other in enumerate(new[:_MOST])
        ),
    )
    olds: set[int] = set()
    news: set[int] = set()
    found = []
    for score, at, to in scored:
        if -score >= PAIRED and at not in olds and to not in news:
            olds.add(at)
            news.add(to)
            found.append((old[at], new[to]))
    return found


def _likeness(one: Quantity, other: Quantity, spots: "_Spots") -> float:
    sizes = sorted((len(one.context), len(other.context)))
    shared = len(one.context & other.context)
    said = (2 * shared / sum(sizes) + shared / sizes[0]) / 2 if sizes[0] else float(not sizes[1])
    return (
        said / 2
        + SAME_SPOT * (spots.of_old(one.start) == spots.of_new(other.start))
        + SAME_VALUE * one.same(other)
        - OTHER_DIMENSION * (one.dimension != other.dimension)
    )


class _Spots:
    """Where a place of the old text is in the new one."""

    def __init__(self, wording: Sequence[Run]) -> None:
        self._runs = wording
        self._old = [0, *accumulate(len(run.old) for run in wording)]
        self._new = [0, *accumulate(len(run.new) for run in wording)]

    def of_old(self, at: int) -> int:
        """Return the run that holds the character at ``at`` of the old text."""
        return bisect_right(self._old, at) - 1

    def of_new(self, at: int) -> int:
        """Return the run that holds the character at ``at`` of the new text."""
        return bisect_right(self._new, at) - 1

    def kept(self, one: Quantity) -> int:
        """Return where ``one`` begins in the new text if it stands there unchanged, else -1."""
        run = self.of_old(one.start)
        return self.near(one.start) if self._runs[run].same and one.end <= self._old[run + 1] else -1

    def near(self, at: int) -> int:
        """Return the place of the new text where the character at ``at`` of the old text stands, or stood."""
        run = min(self.of_old(at), len(self._runs) - 1)
        return self._new[run] + (at - self._old[run] if self._runs[run].same else 0)
