"""The decision on what a document is, from all evidence at once; see the package for the order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.articles import Article
from ingest.layout import Paragraph
from ingest.lines import NOTHING_SAID, Said
from ingest.metadata.days import PRINTED, first_day, iso
from ingest.metadata.file_name import read_file_name
from ingest.metadata.issuers import read_issuers
from ingest.metadata.kinds import read_kind
from ingest.metadata.law_header import LawHeader, read_law_header
from ingest.metadata.numbers import read_number
from ingest.metadata.region import read_region
from ingest.metadata.signature import Signature, read_signature
from ingest.metadata.titles import completed, read_title
from ingest.metadata.validity import read_validity
from ingest.numbering import Level
from vectorstore.records import Kind
from vectorstore.text import fold

SURE = 0.5
_FRONT = 24  # paragraphs above the first label that a law's header may take
_SESSION = re.compile(
    rf"(?P<day>{PRINTED.pattern})\s*在(?P<place>[\u4e00-\u9fff]{{1,9}}?(?:省|市|自治区|自治州|自治县|县|区|旗))第?[一二三四五六七八九十]+届人民代表大会"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document is; days are ISO 8601, ``date`` is that of this text, ``doubts`` are Chinese sentences."""

    kind: Kind
    title: str
    issuer: str | None
    date: str | None
    number: str | None
    region: str | None = None
    issuers: tuple[str, ...] = ()
    adopted: str | None = None
    effective: str | None = None
    expires: str | None = None
    url: str | None = None
    doubts: tuple[str, ...] = ()

    def beside(self) -> dict[str, Any]:
        """Return the optional fields of a document by name."""
        return {name: getattr(self, name) for name in ("issuers", "adopted", "effective", "expires", "url")}


def read_metadata(article: Article, kind: Kind | None = None, said: Said = NOTHING_SAID, source: str = "") -> Metadata:
    """Read the metadata of ``article``; ``kind``, where given, is the user's word and wins, then what the file ``said``.

    ``source`` is the path of the file, whose name is evidence; empty for what is only a part of it.
    """
    lines = [p.text for p in article.head if not p.byline]
    front = _front(article)
    opening = "".join(p.text for p in article.body[:2])
    law = read_law_header(front)
    signature = read_signature(article.body)
    number = said.number or read_number([text for text in front if len(text) <= 120]) or law.number
    called = read_file_name(source)
    found = kind or read_kind(
        article,
        [said.title or "", *(lines or [called.title])],
        law,
        official=bool(number or said.issuer or signature.bodies),
    )
    official = found is not Kind.NEWS
    date = _date(article, said, law, signature, front, official=official) or called.date
    text = "".join(p.text for p in article.body[:60])
    title = read_title(said, lines, opening, text, called, official=official)
    session = _session(front)
    place = session["place"] if session else None
    region = place or read_region(found, None, title.text, opening) or read_region(found, None, called.title, "")
    issuers, _sure = read_issuers(found, said.issuer, title.text, lines, opening, signature, law, region)
    issuers = issuers or ((said.body,) if said.body and official else ())
    name = completed(title.text, issuers[0] if issuers else None, region, date)
    issuer = "、".join(issuers) or None
    validity = read_validity((p.text for p in article.body), date)
    return Metadata(
        kind=found,
        title=name,
        issuer=issuer,
        date=date,
        number=number if official else None,
        region=place or read_region(found, issuer, name, opening) or region,
        issuers=issuers,
        adopted=law.adopted,
        effective=said.effective or law.effective or validity.effective,
        expires=said.expires or validity.expires,
        url=said.url,
        doubts=_doubts(title.confidence, name, said, validity.expires),
    )


def _front(article: Article) -> list[str]:
    """Return the texts above the first label of the body: the headline block, a decree, a law's header."""
    texts = [p.text for p in article.head]
    for paragraph in article.body[:_FRONT]:
        if paragraph.contents or (paragraph.marker and paragraph.marker.level is not Level.DASH):
            break
        texts.append(paragraph.text)
    return texts


def _date(
    article: Article,
    said: Said,
    law: LawHeader,
    signature: Signature,
    front: Sequence[str],
    *,
    official: bool,
) -> str | None:
    """Return the day of this text: said, of the newest step, of the signature, below the title, of the dateline."""
    steps = law.newest.day if law.newest else None
    closing = signature.date if official or signature.bodies else None
    return (
        said.date
        or steps
        or closing
        or next((day for p in article.head if (day := _own_day(p))), None)
        or next((day for p in article.body[:2] if fold(p.text).startswith(("(", "—")) and (day := _own_day(p))), None)
        or (first_day(session["day"]) if (session := _session(front)) else None)
        or (_dateline_day(article) if not official else None)
        or signature.date
        or signature.printed
        or said.day
        or said.published
    )


def _own_day(paragraph: Paragraph) -> str | None:
    return first_day(fold(paragraph.text)) if len(paragraph.text) <= 60 else None


def _dateline_day(article: Article) -> str | None:
    for paragraph in article.body[:1]:
        if paragraph.dateline and (match := PRINTED.search(fold(paragraph.text)[:24])):
            return iso(match)
    return None


def _session(front: Sequence[str]) -> re.Match[str] | None:
    """Return where the headline says that a report was given; it may run over two lines."""
    return _SESSION.search(fold("".join(text for text in front[:12] if len(text) <= 80)))


def _doubts(confidence: float, title: str, said: Said, expires: str | None) -> tuple[str, ...]:
    doubts = []
    if confidence < SURE:
        doubts.append(f"标题不能确定,暂记作“{title}”;请核对")
    if said.expires and expires and said.expires != expires:
        doubts.append(f"页面所列失效日期 {said.expires} 与正文所说的有效期(至 {expires})不一致,按页面所列记")
    return tuple(doubts)
