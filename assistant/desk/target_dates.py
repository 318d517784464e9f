"""The clauses of a sentence, each with the date by which it is to be done."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.desk.target_wording import REACHED
from vectorstore.text import fold

_HIDDEN = re.compile(r'"[^"\n]{0,200}"|《[^》\n]{0,200}》|\[[^\]\n]{0,200}\]|\([^)\n]{0,200}\)')
_HOLE = "□"  # stands where a name, a title or a bracket was: nothing is read in it
_YEAR = "(?:20[0-9]{2}|二[〇零○][〇零○一二三四五六七八九]{2})年"
_PART = "(?:[上下]半年|第?[一二三四]季度|年?[底末初中])"
_MONTH = "(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2})月"
_DAY = f"{_MONTH}(?:[0-9]{{1,2}}日|[上中下]旬|[底末初])?"
_BEFORE = "(?:之?前|以前)"
_SEASON = r"[^,、。;的比较达建成\d]{1,5}前(?![\d名列])"
_DATE = re.compile(
    f"(?P<lead>(?:力争|确保|争取)?(?:到|至|截至|截止|于|在)?)(?P<date>{_YEAR}(?:(?:{_DAY}|{_PART})?{_BEFORE}|{_SEASON}|{_DAY}|{_PART}|)|(?:[今明后]年)?{_DAY}{_BEFORE}"
    f'|"[一二三四五六七八九十]{{1,3}}五"(?:规划)?(?:时期)?期?末)(?!以来|起|至|—|-|度|版|第|批|，?自)'
)
_WHEN = f"(?:{_YEAR}(?:{_DAY}|{_PART})?|{_DAY}|年底){_BEFORE}?"
_COUNTED_FROM = re.compile("(?:比|较|与|自|从|由|每(?:年|月|季度|学期)?|相比|印发|通过|发布)$")
_CLAUSE = re.compile("[^,;:。!?;\n]+")
_LISTED_DATE = re.compile(f"、(?={_YEAR})")
_COMMA = re.compile(r",(?=\d{3}(?!\d))")
_RATIO = re.compile(r"(?<=\d):(?=\d)")
_ALL_OF_THEM = re.compile(
    "^(?:[、]|确保|力争|争取|全部|基本|如期|建成|投产|投用|投入使用|完工|完成|竣工|落地|见效|通车|并|到位)+$"
)
_PLANNED_YEAR = re.compile(f"(?P<year>{_YEAR})[^,]*(?:目标|重点|任务|安排|打算|计划$)")
_TERM = re.compile(
    rf"\((?:[^()]*[,;、\s])?(?:(?:完成|办结|办理|落实|整改)?(?:时限|期限|时间)\s*[:为]\s*(?P<term>{_WHEN})|(?P<by>{_WHEN})(?:完成|办结|落实|到位))(?:[,;、][^()]*)?\)[。;]?\s*$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause at ``[start:end]`` of a sentence.

    ``masked`` is its folded text without names in quotes, titles and brackets; ``deadline`` as printed, with the
    offsets of the date where it stands in the clause itself. ``promises``: a date reaches it, so that it is a
    commitment without any figure. ``sums_up``: it says when all that was listed before is to be done. ``past``: it
    tells what has been reached.
    """

    start: int
    end: int
    masked: str
    deadline: str | None = None
    date: tuple[int, int] | None = None
    promises: bool = False
    sums_up: bool = False
    past: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the date that opens a sentence or a paragraph reaches: ``wide`` to what has no figure too.

    A year before ``since`` is past.
    """

    deadline: str | None = None
    wide: bool = False
    since: int = 0


def masked(text: str) -> str:
    """Return the folded ``text`` with what stands in quotes, titles and brackets hidden; the length stays the same."""
    return _HIDDEN.sub(lambda match: _HOLE * len(match[0]), fold(text))


def opening_date(text: str) -> str | None:
    """Return the last date that opens a clause of ``text`` with a comma after it (到2027年,…)."""
    found = [clause for clause in clauses(text, Reach()) if clause.date and not clause.past and not _said(clause)]
    return found[-1].deadline if found else None


def closing_date(text: str) -> tuple[str, int] | None:
    """Return the date by which all of ``text`` is to be done, as the bracket that closes it says, and where that begins.

    （市人社局负责，完成时限：2026年9月）
    """
    at = fold(text).rfind("(")
    match = _TERM.match(fold(text)[at:]) if at >= 0 else None
    if match is None:
        return None
    start, end = match.span("term" if match["term"] else "by")
    return text[at + start : at + end], at


def heading_date(headings: Sequence[str]) -> str | None:
    """Return the year that the innermost heading with one plans for (2026年重点工作)."""
    found = [match["year"] for heading in headings if (match := _PLANNED_YEAR.search(fold(heading)))]
    return found[-1] if found else None


def clauses(text: str, reach: Reach) -> list[Clause]:
    """Return the clauses of a sentence in order, under the date that reaches into it."""
    found: list[Clause] = []
    past = False
    for clause in _pieces(text):
        dated = _dated(text, clause)
        if dated.date or not past:  # what has been reached is told up to the next date
            past = bool(REACHED.search(clause.masked)) or year_of(dated.deadline) < reach.since
        if past:
            found.append(replace(clause, past=True))
            continue
        if dated.date and dated.date[0] <= 1:
            reach = replace(reach, deadline=dated.deadline, wide=not _said(dated))
        elif not dated.date:
            dated = replace(clause, deadline=reach.deadline, promises=reach.wide)
        found.append(dated)
    return found


def _pieces(text: str) -> Iterator[Clause]:
    shown = masked(text)
    hidden = _COMMA.sub("_", shown)
    hidden = _RATIO.sub("_", _LISTED_DATE.sub(",", hidden))
    for match in _CLAUSE.finditer(hidden):
        yield Clause(match.start(), match.end(), shown[match.start() : match.end()])


def _dated(text: str, clause: Clause) -> Clause:
    folded = fold(text[clause.start : clause.end])
    for match in _DATE.finditer(folded):
        if folded[match.end() : match.end() + 1] == "的" and not match["lead"]:
            continue
        if _COUNTED_FROM.search(folded[: match.start()]) or (
            _HOLE in clause.masked[match.start() : match.end()] and '"' not in match[0]
        ):
            continue
        date = match.start(), match.end()
        printed = text[clause.start + match.start("date") : clause.start + match.end("date")]
        rest = (clause.masked[: date[0]] + clause.masked[date[1] :]).strip()
        return replace(clause, deadline=printed, date=date, promises=True, sums_up=bool(_ALL_OF_THEM.match(rest)))
    return clause


def year_of(deadline: str | None) -> int:
    """Return the year of a date in figures; one that names none is not past."""
    year = deadline and re.match("20[0-9]{2}", fold(deadline))
    return int(year[0]) if year else 9999


def _said(clause: Clause) -> bool:
    """Whether a dated clause says more than its date."""
    first, last = clause.date or (0, 0)
    return bool((clause.masked[:first] + clause.masked[last:]).strip())
