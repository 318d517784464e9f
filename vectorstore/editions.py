"""Editions of one policy, and what is no longer in force: told from the records of documents, never from their texts.

In: the records in order of first ingest, which documents are copies of each other, and which of one name are made from
each other. Out: a History: for every document its Standing, for a copy the document that is cited instead, for a policy
its editions, oldest first. Two documents are editions of one policy where their titles agree but for edition words in
brackets, issuers and regions agree where both name one, neither is a news report, and much of one text is in the other.
One takes the place of another only where days or edition words put them in order. What is alike but not proven stays
in force, and ``Standing.maybe`` names what it may be an edition of.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from vectorstore.records import Kind, Named, Record
from vectorstore.text import fold

_YEAR = r"(?:19|20)\d{2}"
_EDITION = (
    rf"(?:{_YEAR}(?=年?(?:版|本|修|试行|暂行))|年|第?[\d一二三四五六七八九十]+(?:次|版|稿)|修订草案|修订|修正|修改|新修|重新印发"
    r"|[版本稿]|试行|暂行|征求意见稿|公开征求意见|草案|送审稿|讨论稿|审议稿|最新|新版|现行|废止|已失效|全文|[、,·\s])"
)
_BRACKETED = re.compile(rf"\({_EDITION}+\)")
_DRAFT = re.compile(r"征求意见|草案|送审稿|讨论稿|审议稿")
_PASSED_ON = re.compile(r"^.*?关于(?:印发|发布|公布|转发|批转)《?(?P<title>.{4,}?)》?的(?:通知|公告|通告)$")
_MARKS = re.compile(r"[\s《》<>\"',。·]+")
_TELLING = 6  # characters; a shorter title (通知, 公告) names no policy
_LAST_DAY = "-12-31"  # what a year or a month that ends a span is filled up with: dates compare as text


class Status(StrEnum):
    """Whether a document is what answers rest on, and why not."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    REPEALED = "repealed"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"  # its own term has run out; it is answered from, and the answer says so


@dataclass(frozen=True, slots=True)
class Standing:
    """The status of a document: the id of the edition or document that took its place, or of the one it is a copy of.

    ``maybe`` are the ids of documents of which it may be an edition, without proof of it.
    """

    status: Status = Status.CURRENT
    superseded_by: str | None = None
    duplicate_of: str | None = None
    maybe: tuple[str, ...] = ()


CURRENT = Standing()


def last_day(day: str) -> str:
    """Return the last day of the ISO year, month or day ``day``, to be compared as text."""
    return day + _LAST_DAY[len(day) - len("2024") :]


def edition_words(title: str) -> frozenset[str]:
    """Return the brackets of ``title`` that say which edition it is, folded."""
    return frozenset(_BRACKETED.findall(fold(title)))


def policy_name(title: str, *, without_edition: bool = True) -> str:
    """Return what a policy is called whoever passes it on, without edition words, marks and white space; folded."""
    name = fold(title).strip()
    if passed_on := _PASSED_ON.match(name):
        name = passed_on["title"]
    if without_edition:
        name = _BRACKETED.sub("", name)
    return _MARKS.sub("", name)


class History:
    """The editions, repeals and copies among ``records``, which come in order of first ingest."""

    def __init__(
        self,
        records: Sequence[Record],
        copies: Iterable[tuple[str, str]] = (),
        kin: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._records = {record.id: record for record in records}
        self._original = _originals(self._records, copies)
        single = [record for record in records if record.id not in self._original]
        alike = list(_policies(single))
        near: dict[str, set[str]] = {}
        for one, other in kin:
            near.setdefault(one, set()).add(other)
        self._groups = [group for some in alike for group in _made_from_each_other(some, near) if len(group) > 1]
        self._group_of = {record.id: group for group in self._groups for record in group}
        self._repeals = list(self._find_repeals(single))
        self._maybe = dict(self._unproven(alike))

    def editions(self, document_id: str) -> list[str]:
        """Return the ids of the editions of a document, itself among them, oldest first; of a copy, its original's."""
        original = self._original.get(document_id, document_id)
        return [record.id for record in self._group_of.get(original, ())] or [original]

    def standing(self, document_id: str) -> Standing:
        """Return how a document stands today; what is not replaced by another may have expired by its own words."""
        if found := self._today.get(document_id):
            return found
        maybe = self._maybe.get(document_id, ())
        record = self._records.get(document_id)
        expired = record is not None and has_expired(record.expires)
        return Standing(Status.EXPIRED if expired else Status.CURRENT, maybe=maybe) if expired or maybe else CURRENT

    def hidden(self, as_of: str | None = None) -> frozenset[str]:
        """Return the ids of the documents that no answer may rest on today, or on the ISO date ``as_of``.

        Then nothing later counts, and each policy stands as its last edition until then.
        """
        if as_of is None:
            return self._hidden_today
        return self.later(as_of) | self._standings(last_day(as_of)).keys()

    def later(self, as_of: str | None) -> frozenset[str]:
        """Return the ids of the documents that are dated after ``as_of``, none where that is None."""
        day = last_day(as_of) if as_of else None
        return frozenset(record.id for record in self._records.values() if not _until(record, day))

    @cached_property
    def _hidden_today(self) -> frozenset[str]:
        return frozenset(self._today)

    @cached_property
    def _today(self) -> Mapping[str, Standing]:
        return self._standings(None)

    def _standings(self, day: str | None) -> Mapping[str, Standing]:
        """Return how every document stands that is not in force on ``day``, seen from the documents until then."""
        found: dict[str, Standing] = {}
        for group in self._groups:
            until = [record for record in group if _until(record, day)]
            for record in until[:-1]:
                if _is_older(record, until[-1]):
                    found[record.id] = Standing(Status.SUPERSEDED, superseded_by=until[-1].id)
        for target, by in self._repeals:
            if _until(by, day):
                found[target.id] = Standing(Status.REPEALED, superseded_by=by.id)
        for copy, original in self._original.items():
            found[copy] = Standing(Status.DUPLICATE, duplicate_of=original)
        return found

    def _unproven(self, alike: Iterable[Sequence[Record]]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the documents in force of one name and issuer, each with the others."""
        for group in alike:
            left = [record for record in group if record.id not in self._today]
            for record in left:
                others = tuple(one.id for one in left if one is not record and one.source != record.source)
                if others:
                    yield record.id, others

    def _find_repeals(self, single: Sequence[Record]) -> Iterator[tuple[Record, Record]]:
        """Yield every document that a later one repeals, with that one; a draft and a news report repeal nothing."""
        repealing = [by for by in single if by.repeals and by.kind is not Kind.NEWS and not _is_draft(by)]
        if not repealing:
            return
        exact, loose = _by_name(single, without_edition=False), _by_name(single)
        for by in repealing:
            for named in by.repeals:
                same = exact.get(policy_name(named.title, without_edition=False), ())
                for target in _meant(named, same) or _meant(named, loose.get(policy_name(named.title), ())):
                    if self._before(target, by):
                        yield target, by

    def _before(self, target: Record, by: Record) -> bool:
        if target is by or target.kind is Kind.NEWS:
            return False
        group = self._group_of.get(by.id, [])
        if target in group:
            return group.index(target) < group.index(by)
        return not (target.date and by.date) or target.date <= by.date


def _originals(records: Mapping[str, Record], copies: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return, per copy, the document that is cited: one with issuer and number before others, then the first ingested."""
    cluster: dict[str, set[str]] = {}
    for pair in copies:
        joined = set(pair).union(*(cluster.get(one, ()) for one in pair))
        cluster.update(dict.fromkeys(joined, joined))
    order = {document_id: at for at, document_id in enumerate(records)}
    originals: dict[str, str] = {}
    for document_id, joined in cluster.items():
        best = min(joined, key=lambda one: (-_known(records[one]), order[one]))
        if best != document_id:
            originals[document_id] = best
    return originals


def _known(record: Record) -> int:
    return bool(record.issuer) + bool(record.number)


def _policies(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield the documents of each policy, oldest first and drafts before all."""
    for name, same in _by_name(records).items():
        official = [record for record in same if record.kind is not Kind.NEWS]
        if len(name) < _TELLING or len(official) < 2 or name.endswith("…"):
            continue
        for group in _agreeing(official):
            yield sorted(group, key=_age)  # a stable sort: what is of one date stays in order of ingest


def _by_name(records: Iterable[Record], *, without_edition: bool = True) -> dict[str, list[Record]]:
    named: dict[str, list[Record]] = {}
    for record in records:
        named.setdefault(policy_name(record.title, without_edition=without_edition), []).append(record)
    return named


def _agreeing(records: Sequence[Record]) -> list[list[Record]]:
    """Part documents of one title by issuer and region; one that fits several policies stands for itself."""
    groups: list[list[Record]] = []
    for record in sorted(records, key=lambda one: not one.issuer):  # those that name their issuer part the others
        fitting = [group for group in groups if all(_agree(record, other) for other in group)]
        if len(fitting) == 1:
            fitting[0].append(record)
        else:
            groups.append([record])
    order = {record.id: at for at, record in enumerate(records)}
    return [sorted(group, key=lambda one: order[one.id]) for group in groups]


def _agree(one: Record, other: Record) -> bool:
    """Whether issuer and region are the same where both name one; an office speaks for its government."""
    for mine, its in ((one.issuer, other.issuer), (one.region, other.region)):
        first, second = (_MARKS.sub("", fold(value or "")) for value in (mine, its))
        if not (first in second or second in first):
            return False
    return True


def _age(record: Record) -> tuple[bool, str]:
    return not _is_draft(record), _when(record)


def _when(record: Record) -> str:
    """The date, else the year that the title gives for the edition; nothing is before all."""
    year = re.search(_YEAR, "".join(sorted(edition_words(record.title))))
    return record.date or (year[0] if year else "")


def _until(record: Record, day: str | None) -> bool:
    return day is None or _when(record) <= day


def _is_draft(record: Record) -> bool:
    return bool(_DRAFT.search(fold(record.title)))


def _is_older(one: Record, other: Record) -> bool:
    """Whether ``one`` is an earlier edition than ``other``: a draft of it, or both are dated and so say the days."""
    if _is_draft(one) != _is_draft(other):
        return _is_draft(one)
    return bool(_when(one)) and _when(one) < _when(other)


def _made_from_each_other(records: Sequence[Record], near: Mapping[str, set[str]]) -> list[list[Record]]:
    """Part ``records`` into those whose texts are bound to each other, in the same order."""
    bound: dict[str, set[str]] = {record.id: {record.id} for record in records}
    for one, other in ((record.id, other) for record in records for other in near.get(record.id, ())):
        if other in bound and bound[one] is not bound[other]:
            joined = bound[one] | bound[other]
            bound.update(dict.fromkeys(joined, joined))
    parts = {id(part): part for part in bound.values()}
    return [[record for record in records if record.id in part] for part in parts.values()]


def has_expired(expires: str | None, day: str | None = None) -> bool:
    """Whether the last day ``expires`` is over on the ISO date ``day``, today where that is None."""
    return expires is not None and expires < (last_day(day) if day else date.today().isoformat())


def _meant(named: Named, candidates: Sequence[Record]) -> list[Record]:
    """Return the ``candidates`` that ``named`` means: those of its number, where both give one."""
    if named.number is None:
        return list(candidates)
    number = bare_number(named.number)
    numbered = [record for record in candidates if record.number and bare_number(record.number) == number]
    return numbered or [record for record in candidates if not record.number]


def bare_number(number: str) -> str:
    """Return a 文号 folded, without white space and 第: 云政发〔2024〕第3号 and 云政发[2024]3号 are one."""
    return re.sub(r"\s|第(?=\d)", "", fold(number)).replace("(", "[").replace(")", "]")
