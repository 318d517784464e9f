"""The close of a document: the bodies above its date, and what is printed below (某办公室2026年3月1日印发)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.layout import Paragraph
from ingest.metadata.bodies import is_body, split_bodies
from ingest.metadata.days import PRINTED, first_day, iso
from vectorstore.text import fold

_REPORTERS = re.compile(r"^(?:本报|新华社|中新社)|记者|通讯员|摄影")
_PERSON = re.compile(r"^(?:总理|主席|省长|市长|县长|区长|部长|局长|主任|主任委员|州长|委员长|院长|检察长)")
_PROXY = re.compile(r"代章|代拟|盖章")
_AGREED = re.compile(r"^[(].{0,20}[)]$")
_PRINTED_BY = re.compile(
    rf"^(?P<body>[\u4e00-\u9fff]{{4,40}}?)(?:秘书处|综合处|办公室秘书处)?\s*(?=\d{{4}}年){PRINTED.pattern}印发$"
)
_MOST = 30  # bodies that sign one document


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, in order, and when; ``printed`` is the day of the line on printing, ``printer`` the body there."""

    bodies: tuple[str, ...] = ()
    date: str | None = None
    printer: str | None = None
    printed: str | None = None


def read_signature(body: Sequence[Paragraph]) -> Signature:
    """Return the first signature in ``body``: what a notice passes on or attaches is signed for itself, if at all."""
    printer, printed = _printing(body)
    last = None
    for at, paragraph in enumerate(body):
        if not paragraph.dated:
            continue
        date = first_day(fold(paragraph.text))
        if bodies := _above(body[:at]):
            return Signature(bodies, date, printer, printed)
        last = last or date
    return Signature((), last, printer, printed)


def _above(lines: Sequence[Paragraph]) -> tuple[str, ...]:
    """Return the bodies on the lines that end ``lines``."""
    found: list[str] = []
    for line in reversed(lines[-_MOST:]):
        folded = fold(line.text)
        if (_PROXY.search(folded) and _AGREED.match(folded)) or (_PROXY.search(folded) and not split_bodies(line.text)):
            continue
        if line.marker or line.aside or not line.standalone or _REPORTERS.search(folded):
            break
        if _PERSON.match(folded) and len(folded) <= 12:
            continue
        if re.search(r"[(]代章[)]$", folded):
            continue
        bodies = split_bodies(line.text)
        if not bodies or not all(is_body(one) for one in bodies):
            break
        found[:0] = bodies
    return tuple(dict.fromkeys(found))


def _printing(body: Sequence[Paragraph]) -> tuple[str | None, str | None]:
    for paragraph in reversed(body[-6:]):
        if match := _PRINTED_BY.match(fold(paragraph.text)):
            found = PRINTED.search(fold(paragraph.text))
            return paragraph.text[: match.end("body")], iso(found) if found else None
    return None, None
