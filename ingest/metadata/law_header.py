"""The lines under a law's title: who adopted, amended and published it when, with which decree, and since when it is in force.

2019年10月8日 国务院第66次常务会议通过            → adopted
2019年10月22日 中华人民共和国国务院令第722号公布   → the number, the newest step
2020年1月1日 施行                               → effective
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.metadata.bodies import named_bodies, without_term
from ingest.metadata.days import PRINTED, iso
from vectorstore.text import fold

_BODY = re.compile(
    r"(?:[\u4e00-\u9fff]{1,8}?(?:省|市|自治区|自治州|自治县|县))?(?:第[\d一二三四五六七八九十]+届)?(?:全国)?人民代表大会(?:常务委员会)?"
    r"|全国人大(?:常委会)?|国务院|最高人民(?:法院|检察院)|中央军事委员会|[\u4e00-\u9fff]{2,12}人民政府"
)
_ACT = re.compile(r"通过|修订|修正|修改|公布|发布|颁布|批准")
_APPROVAL = re.compile(r"批准")
_IN_FORCE = re.compile(r"施行|实施|生效")
_DECREE = re.compile(
    r"(?:国务院|主席|[\u4e00-\u9fff]{2,10}(?:人民政府|部|委员会|总局))令(?:第?\s*\d+\s*号|第[一二三四五六七八九十百]+号)"
    r"|(?:[\u4e00-\u9fff]{2,20}(?:大会|委员会|院))?公告(?:第[\d一二三四五六七八九十]+号|\[[^\]]{2,6}\]第?\d+号)"
)
_OPENS = re.compile(r"^[(\[]?(?:根据)?(?:19|20)\d{2}年")
_MINISTRIES = re.compile(r"([\u4e00-\u9fff、,\s]{3,60}?)(?:令|公告|发布|公布|颁布)")
_SESSION = re.compile(r"会议上")
_NATION = "中华人民共和国"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a law's making: the ISO day, the body, what it did, and the decree."""

    day: str
    body: str | None
    approval: bool
    adoption: bool
    number: str | None


@dataclass(frozen=True, slots=True)
class LawHeader:
    """The steps in order of their days, and the day of which the header says that the law is in force since."""

    steps: tuple[Step, ...] = field(default=())
    effective: str | None = None

    @property
    def newest(self) -> Step | None:
        """The newest step: its day is that of this text."""
        return self.steps[-1] if self.steps else None

    @property
    def adopted(self) -> str | None:
        """The day of the first adoption, of the first step where none is called so."""
        return next((step.day for step in self.steps if step.adoption), self.steps[0].day if self.steps else None)

    @property
    def body(self) -> str | None:
        """Who made the newest text; approving is no making."""
        return next((step.body for step in reversed(self.steps) if step.body and not step.approval), None)

    @property
    def number(self) -> str | None:
        """The newest decree."""
        return next((step.number for step in reversed(self.steps) if step.number), None)


def read_law_header(lines: Iterable[str]) -> LawHeader:
    """Read the steps from the ``lines`` between a title and the first article."""
    steps: list[Step] = []
    effective = None
    for line in lines:
        folded = fold(line)
        if not _OPENS.match(folded) or _SESSION.search(folded):
            continue
        matches = list(PRINTED.finditer(folded))
        ends = [*(match.start() for match in matches[1:]), len(folded)]
        for match, until in zip(matches, ends, strict=False):  # without a day there is no step
            said, day = folded[match.end() : until], iso(match)
            body = _who(said)
            acts = bool(_ACT.search(said)) or (body is not None and len(folded) <= 60)
            if day and _IN_FORCE.search(said) and not acts:
                effective = day
            elif day and acts:
                offset = match.end()
                number = _DECREE.search(said.replace(_NATION, " " * len(_NATION)))
                steps.append(
                    Step(
                        day,
                        body,
                        bool(_APPROVAL.search(said)),
                        "通过" in said,
                        line[offset + number.start() : offset + number.end()] if number else None,
                    )
                )
    return LawHeader(tuple(sorted(steps, key=lambda step: step.day)), effective)


def _who(said: str) -> str | None:
    """Return who acts: a congress, a government, a court, else the ministries before 令 or 发布."""
    if body := _BODY.search(said):
        return _whole(body[0])
    ministries = _MINISTRIES.match(said.strip())
    return "、".join(named_bodies(ministries[1].replace(_NATION, ""))) or None if ministries else None


def _whole(body: str) -> str:
    named = without_term(body).replace("全国人大", "全国人民代表大会").replace("常委会", "常务委员会")
    return f"全国{named}" if named.startswith("人民代表大会") else named


def is_step(line: str) -> bool:
    """Whether ``line`` is one of a law's header."""
    header = read_law_header([line])
    return bool(header.steps or header.effective)
