"""Which figures of a clause are targets, of what, and what limits them.

A figure is a target where something is to reach it (达到, 不低于, …以上), where something of that number is to be made or
done (新建…座, 推出…条), where it is the size of works to be built, or where it follows such a figure in a list. It is none
where it tells one case from others (…以上的企业), what is granted (给予…元), what a thing is like (12英寸), or when.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.desk import target_wording as wording
from assistant.desk.target_dates import Clause
from assistant.desk.target_quantities import Quantity, is_date, quantities

_LIKE = frozenset(
    ["毫米", "厘米", "g", "分", "时", "周岁", "岁", "号", "步", "届", "条款", "级", "层", "批", "期", "季度", "个季度"]
)
_SCALE = re.compile("^[十百千万亿]*[余多来]?")
_SIZES = frozenset(("weight", "volume", "power", "energy"))
_BOUNDARY = re.compile("[、,;。和及与并等]|以及|$")
_PARTED = re.compile("[、,;。和及与并等]|以及")
_WORD = re.compile(r"[^\W\d_]|□")
_CHANGE = "提高|提升|增加|增长|扩大|下降|降低|降|减少|压缩|压减|缩短|缩小|发展|调整"
_BASE = re.compile(rf"(?:从|由)(?P<base>[^,]{{0,30}}?\d[^,]{{0,12}}?)(?:{_CHANGE})[到至为]")
_AGAINST = re.compile(f"(?:比|较)(?P<base>[^,、]{{2,14}}?)(?={_CHANGE}|翻|净增|累计|有)")
_MANY = 10  # smaller numbers that are spelled out mostly say how many were named before (…三个基地)
_FEW = 4  # characters that are too few for a verb and what it makes
_LONGEST = 1000  # characters of a clause: beyond, it is none
_MOST_LISTED = 200  # figures of one clause that are read


@dataclass(frozen=True, slots=True)
class Aim:
    """A target of a clause.

    ``subject`` and ``baseline`` are spans of the clause, None where it does not say.
    """

    subject: tuple[int, int] | None
    quantity: Quantity
    comparator: str
    baseline: tuple[int, int] | None = None


def aims(clause: Clause, *, listed: bool) -> list[Aim]:
    """Return the targets of ``clause`` in order; ``listed``: the clause before gave one, which a bare one continues."""
    text = clause.masked
    if len(text) > _LONGEST or wording.DEFINING.search(text) or text.rstrip().endswith("的"):
        return []
    base = _BASE.search(text) or _AGAINST.search(text)
    found: list[Aim] = []
    all_of_them = quantities(text)[:_MOST_LISTED]
    for at, quantity in enumerate(all_of_them):
        if base and base.start() <= quantity.start < base.end("base"):
            continue
        following = all_of_them[at + 1].start if at + 1 < len(all_of_them) else len(text)
        begin = max(found[-1].quantity.limited, (found[-1].subject or (0, 0))[1]) if found else 0
        if quantity.start < begin:
            continue
        aim = _Reading(clause, begin, quantity, following, listed or bool(found)).aim()
        if aim and aim.subject is None and found:
            aim = replace(aim, subject=found[-1].subject, comparator=aim.comparator or found[-1].comparator)
        if aim and base:
            aim = replace(aim, baseline=base.span("base"), subject=_outside(aim.subject, base.start()))
        if aim:
            found.append(aim)
    return found


def _outside(subject: tuple[int, int] | None, base: int) -> tuple[int, int] | None:
    """Return ``subject`` without what it is counted from."""
    if subject is None or subject[0] >= base:
        return None if subject and subject[0] == base else subject
    return subject[0], min(subject[1], base)


@dataclass
class _Reading:
    """One figure read within its part of a clause, which begins at ``begin``; another figure may stand at ``following``."""

    clause: Clause
    begin: int
    quantity: Quantity
    following: int
    listed: bool

    @cached_property
    def text(self) -> str:
        return self.clause.masked

    @cached_property
    def head(self) -> tuple[int, int]:
        """What stands before the figure, without a date and what binds it to the clause before."""
        start = self.begin
        if start and (listed := self.text.find("、", start, self.quantity.start)) >= 0:
            start = listed + 1  # what stands before it is told of the figure before
        date = self.clause.date
        if date and self.begin <= date[0] and date[1] <= self.quantity.start:
            before = wording.LEADING.sub("", self.text[self.begin : date[0]])
            if not _WORD.search(before) or date[0] - self.begin <= 1:
                start = date[1]
        leading = wording.LEADING.match(self.text[start : self.quantity.start])
        return start + (leading.end() if leading else 0), self.quantity.start

    @cached_property
    def before(self) -> str:
        """The text of ``head``."""
        start, end = self.head
        return self.text[start:end]

    @cached_property
    def after(self) -> str:
        """What follows the figure and its limit, up to a mark or a conjunction."""
        rest = self.text[self.quantity.limited :]
        end = _BOUNDARY.search(rest)
        return rest[: end.start()] if end else rest

    @cached_property
    def counted(self) -> tuple[int, int]:
        """What stands behind the figure as the name of what it counts: a list too, where no other figure follows."""
        start = self.quantity.limited
        listed = wording.LISTED.match(self.text, start)
        if self.following < len(self.text) or listed is None:
            return start, start + len(self.after)
        return start, listed.end()

    def aim(self) -> Aim | None:
        """Return the target that the figure is, None where it is none."""
        if self._is_none():
            return None
        reached = self._reached()
        if self.after.startswith("的"):
            return self._founded()
        if reached:
            return self._reaching(*reached)
        if self._counts():
            return self._counted()
        return None

    def _is_none(self) -> bool:
        quantity = self.quantity
        unit = _SCALE.sub("", self.text[slice(*quantity.unit)])
        if not unit and not self._reached():
            return True
        if (
            is_date(self.text, quantity)
            or unit in _LIKE
            or unit.endswith(("英寸", "纳米", "伏"))
            or self.text[: quantity.start].endswith("每")
        ):
            return True
        if quantity.dimension == "duration" and not quantity.limit and not self._reached():
            return True
        if wording.AREA.match(self.text, quantity.end) or self._granted():
            return True
        # it tells what the next figure counts, or which one is meant: 5000吨级泊位6个, 10亿元以上项目
        next_part = self.text[quantity.limited : self.following]
        if self.following < len(self.text) and _WORD.match(next_part) and not _PARTED.search(next_part):
            return quantity.dimension != "duration"
        return bool(
            quantity.limit and _WORD.match(self.after) and quantity.dimension != "duration" and not self._done()
        )

    def _done(self) -> bool:
        return bool(wording.BUILDING.match(self.after))

    def _granted(self) -> bool:
        if self.quantity.dimension not in ("money", "percent", "ratio", "area", "duration"):
            return False
        return bool(wording.GRANTING.search(self.text)) and not wording.FUND.search(self.text)

    def _reached(self) -> tuple[str, int] | None:
        """Return what limits the figure, in front of it and behind, and where the subject ends."""
        before = wording.AROUND.sub("", self._undated())
        verb = wording.REACHING.search(before)
        if not verb and not self.quantity.limit and before == self.before:
            return None
        start = verb.start() if verb else len(before)
        words = [before[start:]] if verb else [self.before[start:].strip()]
        return "…".join(filter(None, (*words, self.quantity.limit))), start

    def _undated(self) -> str:
        """``before`` without a date between what is to reach and the figure (提高到2030年的98%)."""
        date = self.clause.date
        if date and date[0] > self.head[0] and self.text[date[1] : self.quantity.start] in ("", "的"):
            return self.text[self.head[0] : date[0] + (self.text[date[0]] in "到至")]
        return wording.PER.sub("", self.before)

    def _reaching(self, comparator: str, end: int) -> Aim | None:
        start, _ = self.head
        subject = self.before[:end]
        aim = wording.AIM.search(subject)
        if aim:
            near = aim.end() == len(subject)
            comparator = aim[0] + ("" if near else "…") + comparator
            subject, start = (subject[: aim.start()], start) if near else (subject[aim.end() :], start + aim.end())
        offset = 0
        if comparator == self.quantity.limit and (self._unit_counts() or wording.BUILDING.match(subject)):
            offset, repeated = self._promised(subject)
            comparator = "…".join(filter(None, (repeated, comparator)))
        elif self._unit_counts() and (often := wording.OFTEN.match(subject)):
            offset = self._object(subject)
            comparator = f"{often[0]}…{comparator}" if offset else comparator
        elif lead := (self._unit_counts() and wording.BUILDING.match(subject)) or wording.LEADING.match(subject):
            offset = lead.end()
        return self._named(start + offset, start + len(subject), comparator)

    def _unit_counts(self) -> bool:
        return self.quantity.dimension.startswith("count:") or self.quantity.dimension in ("area", "length", "weight")

    def _ends(self) -> bool:
        """Whether the clause ends with the figure and does not just state it: what is made may be told by any verb."""
        stated = len(self.before) < _FEW or wording.STATED.search(self.before)
        return self._unit_counts() and not stated and not self.text[self.quantity.limited :].strip("、 ")

    def _repeated(self) -> bool:
        """Whether it tells how often, or how many at least."""
        return bool(wording.REPEATED.search(self.before))

    def _object(self, subject: str) -> int:
        """Return where the object of the first verb of making begins, 0 where there is none."""
        told = wording.TOLD.match(subject)
        verb = (told and wording.BUILDING.search(subject, told.end())) or wording.BUILDING.search(subject)
        if not verb or (verb.start() and wording.ADDED.match(verb[0]) and not wording.PLACED.match(subject)):
            return 0
        return verb.end()

    def _counts(self) -> bool:
        """Whether the figure counts what is to be made or done."""
        verb = wording.BUILDING.search(self.text[: self.quantity.start])
        if self.quantity.spelled and self.quantity.value < _MANY:
            return bool(verb and verb.end() == self.quantity.start)
        return bool(
            verb
            or self.listed
            or self.clause.deadline
            or wording.LED_BY.search(self.text[: self.quantity.start])
            or self._repeated()
            or self._ends()
            or (
                (self.quantity.dimension in _SIZES or wording.PIVOT.match(self.text))
                and wording.WORKS.search(self.text)
            )
        )

    def _counted(self) -> Aim | None:
        start, end = self.head
        if sized := wording.SIZED.search(self.before):
            end -= len(sized[0])
        offset, comparator = self._promised(self.before)
        if comparator and offset == len(self.before) and not _WORD.match(self.after):
            offset, end = 0, start + self.before.index(comparator)
        return self._named(start + offset, end, comparator)

    def _promised(self, subject: str) -> tuple[int, str]:
        """Return where the object of what is promised begins, and how often or how much at least is said of it."""
        offset = self._object(subject)
        repeated = wording.REPEATED.search(subject)
        if not repeated or (repeated.start() and wording.ADDED.match(repeated[0])):
            return offset, ""
        return max(offset, repeated.end()), repeated[0]

    def _founded(self) -> Aim | None:
        """Return the size of what is to be founded (设立规模5亿元的基金), None where it only tells which."""
        verb = wording.FOUNDING.search(self.text[: self.quantity.start])
        if wording.TERMS.match(self.text, self.quantity.limited):
            return None
        if not verb or (self.following < len(self.text) and self.following < self.quantity.limited + len(self.after)):
            return None
        start = self.quantity.limited + 1
        return Aim((start, self.quantity.limited + len(self.after)), self.quantity, self.quantity.limit)

    def _named(self, start: int, end: int, comparator: str) -> Aim | None:
        """Return the aim with its subject: what stands before the figure, or, where that is nothing, behind it."""
        date = self.clause.date
        if date and start <= date[0] and date[1] <= end:
            start, end = (date[1], end) if _WORD.search(self.text[date[1] : end]) else (start, date[0])
        trailing = wording.TRAILING.search(self.text[start:end])
        if trailing:
            end = start + trailing.start()
        if pivot := wording.PIVOT.match(self.text[start:end]):
            start += pivot.end()
        named = bool(_WORD.search(self.text[start:end])) and not wording.UNNAMED.search(self.text[start:end])
        noun = bool(_WORD.match(self.after))
        last = self.quantity.limited + len(self.after)
        if named and noun and not self.quantity.limit and not comparator:
            return self._works(start, last)
        if named:
            return Aim((start, end), self.quantity, comparator)
        return Aim(self._owner() if noun else None, self.quantity, comparator)

    def _owner(self) -> tuple[int, int]:
        """Return what the figure counts, without what is done about it: 新增2万个学位的信息公开 counts 学位."""
        start, end = self.counted
        of = self.text.find("的", start + 2, end) if wording.PIVOT.match(self.text) else -1
        return start, end if of < 0 else of

    def _works(self, start: int, last: int) -> Aim | None:
        """Return the aim of a figure within a name: the size of works, or how many of what is named (…等50个场景)."""
        if wording.LED_BY.search(self.text[start : self.quantity.start]):
            return Aim(self.counted, self.quantity, "")
        if self.quantity.dimension in _SIZES and not wording.WORKS.search(self.text):
            return None
        return Aim((max(start, self.text.rfind("、", start, self.quantity.start) + 1), last), self.quantity, "")
