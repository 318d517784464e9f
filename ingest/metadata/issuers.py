"""Who issued a document: all that did, in order."""

import re
from collections.abc import Sequence

from ingest.metadata.bodies import is_body, named_bodies, split_bodies, without_term
from ingest.metadata.file_name import bare
from ingest.metadata.kinds import GENRE_TITLE
from ingest.metadata.law_header import LawHeader, is_step
from ingest.metadata.signature import Signature
from vectorstore.records import Kind
from vectorstore.text import fold

_BEFORE = re.compile(
    r"^(?P<issuer>[^《》。]{2,140}?)(?:关于|印发|转发|批转|发布|公布|公告|通告|(?=对[\u4e00-\u9fff]{0,6}(?:全国|十?[一二三四五六七八九十]届))|制定)"
)
_AND_MORE = re.compile(r"等(?:[\d一二三四五六七八九十]+(?:个)?)?(?:部门|单位|厅局|委办局|部委|局|委)?$")
_ISSUED = re.compile(r"^(?P<issuer>[^。,;:《》]{2,60}?)(日前|近日|联合|正式)*(印发|发布|出台|公布|制定)(?P<rest>.*)$")
_REPORTED = re.compile(
    r"(日前|近日|\S{0,12}日)?,?([^。,;:《》]{2,60}?)(日前|近日|联合|正式)*(印发|发布|出台|公布)[^。]{0,12}《"
)
_REPORT = re.compile(r"政府工作报告")
_OFFICE_REGIONS = re.compile(r"(?:省|市|自治区|县|区|州|盟|旗)$")


def read_issuers(
    kind: Kind,
    said: str | None,
    title: str,
    lines: Sequence[str],
    opening: str,
    signature: Signature,
    law: LawHeader,
    region: str | None,
) -> tuple[tuple[str, ...], float]:
    """Return the issuers and how sure that is; ``lines`` are those of the headline block."""
    if kind is Kind.NEWS:
        return (), 0.0
    if said:
        return tuple(dict.fromkeys(split_bodies(said))) or (said,), 0.95
    signed = tuple(without_term(body) for body in signature.bodies)
    titled, more = _of_title(title)
    if titled and not (more and signed and _same(titled[0], signed[0])):
        return (signed, 0.9) if len(signed) > len(titled) and _same(titled[0], signed[0]) else (titled, 0.9)
    if kind is Kind.LAW and law.body and not signed:
        return tuple(split_bodies(law.body)), 0.9
    for line in lines:
        if is_step(line):
            continue
        issued = _ISSUED.match(fold(line))
        if (
            issued
            and not issued["rest"].strip("的")
            and is_body(line[: issued.end("issuer")].split("、")[-1].split(" ")[-1])
        ):
            return tuple(split_bodies(line[: issued.end("issuer")])), 0.8
    if signed:
        return signed, 0.85
    if law.body:
        return tuple(split_bodies(law.body)), 0.8
    if _REPORT.search(title) and region and _OFFICE_REGIONS.search(region):
        return (f"{region}人民政府",), 0.8
    return _weakly(lines, opening, signature)


def _weakly(lines: Sequence[str], opening: str, signature: Signature) -> tuple[tuple[str, ...], float]:
    folded = re.sub(r"^本报讯(\([^)]*\))?", "", fold(opening))
    if issued := _REPORTED.match(folded):
        return tuple(split_bodies(issued[2])), 0.6
    for line in lines:
        if not GENRE_TITLE.search(fold(line)) and (bodies := named_bodies(line)):
            return tuple(bodies), 0.6
    if signature.printer and is_body(signature.printer):
        return (signature.printer,), 0.5
    return (), 0.0


def _of_title(title: str) -> tuple[tuple[str, ...], bool]:
    """Return the bodies before 关于 in ``title``, and whether it says that there are more."""
    found = _BEFORE.match(fold(title))
    if not found:
        return (), False
    before = title[: found.end("issuer")]
    more = _AND_MORE.search(before)
    bodies = split_bodies(before[: more.start()] if more else before)
    return (tuple(bodies), bool(more)) if bodies and all(is_body(body) for body in bodies) else ((), False)


def _same(one: str, other: str) -> bool:
    """Whether two names are one body, of which one may be short: 甲市卫生健康委 is 甲市卫生健康委员会."""
    first, second = sorted((bare(one), bare(other)), key=len)
    rest = iter(second)
    return first[:2] == second[:2] and all(letter in rest for letter in first)
