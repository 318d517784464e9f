"""Provisions: the sentences of policies and laws that a sheet may quote, and how they fit an enterprise.

The units are found by their words (BM25) and, where a region is preferred, read whole; news are never among them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from assistant.desk.match_terms import Industry, any_of, industries, industry_names, industry_of, sector_words
from assistant.desk.sentences import Sentences, sentence
from vectorstore.embedding import Vector
from vectorstore.lexical import bigram_tokens
from vectorstore.records import Address, Document, Kind, Span, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

MOST_UNITS = 160  # that words bring for one part of a sheet
MOST_DOCUMENTS = 40  # of a preferred region that are read whole
SAID, CALLED, PARTLY, WIDER = 1.0, 0.8, 0.6, 0.4  # how well a sentence fits by what it names

_TITLED = (UnitType.TASK, UnitType.ITEM, UnitType.MEASURE)
_HEADING = re.compile(
    r"第[一二三四五六七八九十百零]+条\s*(?:(?!应当|可以|不得|禁止)[^，,；;]){2,14}。"
)  # of an article
_COMMON = frozenset(
    [
        "产品",
        "设备",
        "材料",
        "技术",
        "服务",
        "系统",
        "产业",
        "行业",
        "加工",
        "制造",
        "生产",
        "研发",
        "公司",
        "企业",
        "项目",
        "工程",
        "科技",
        "管理",
        "经营",
        "贸易",
        "开发",
        "平台",
        "业务",
        "零件",
        "部件",
        "高端",
        "商业",
        "智能",
        "精密",
        "现代",
        "专业",
        "综合",
    ]
)
_FARMERS = re.compile(r"农户|合作社|种植户|承包户|牧民|渔民|脱贫户")


@dataclass(frozen=True, slots=True)
class Provision:
    """A sentence of a policy; ``folded`` is its text, ``titles`` what stands over it, ``titling`` whether it heads its unit."""

    unit: Unit
    document: Document
    span: Span
    part: int
    folded: str
    titles: str
    titling: bool

    @property
    def address(self) -> Address:
        return self.unit.document_id, self.unit.ordinal

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others: its document and where it begins there."""
        return self.document.id, self.span.start


@dataclass(frozen=True)
class Sector:
    """What an enterprise does, in its ``word``, and how policies may call it. ``parts`` are the telling words in it."""

    word: str
    industries: tuple[Industry, ...]
    parts: tuple[str, ...]

    @classmethod
    def of(cls, word: str, cut: Callable[[str], Sequence[str]]) -> "Sector":
        """Read the name of a sector; ``cut`` makes words of it."""
        folded = fold(word)
        inner = [match[0] for match in sector_words().finditer(folded)]
        named = tuple(dict.fromkeys(one for name in inner for one in industry_of()[name]))
        bare = sector_words().sub("", folded)  # where an industry is called all of it, its words say less than it does
        parts = [part for part in (*inner, *(cut(folded) if len(bare) > 1 or not inner else ())) if len(part) > 1]
        return cls(folded, named, tuple(part for part in dict.fromkeys(parts) if part not in _COMMON))

    @cached_property
    def called(self) -> re.Pattern[str]:
        """The names of its industries."""
        return any_of(name for one in self.industries for name in one.official)

    @cached_property
    def fields(self) -> re.Pattern[str]:
        """The names of the wider fields."""
        return any_of(name for one in self.industries for name in one.fields)

    @property
    def names(self) -> tuple[str, ...]:
        """All that it may be called, for a search."""
        called = (name for one in self.industries for name in (*one.official, *one.fields))
        return tuple(dict.fromkeys((self.word, *self.parts, *called)))

    def fit(self, folded: str) -> float:
        """Return how well a sentence fits: by the sector's own word, its industry, part of the word, the wider field."""
        if self.word in folded or any(part in folded for part in self.parts if part in industry_of()):
            return SAID
        if self.called.search(folded):
            return CALLED
        held = sum(len(part) for part in self.parts if part in folded)
        if held * 2 >= len(self.word):
            return PARTLY
        return WIDER if self.fields.search(folded) else 0.0


class Pool:
    """The provisions of ``sources`` that a sheet is made from. ``allowed`` limits them to some documents, if given."""

    def __init__(self, sources: Sources, sentences: Sentences, allowed: frozenset[str] | None) -> None:
        self._sources = sources
        self._sentences = sentences
        self._allowed = allowed
        self._read: dict[Address, list[Provision]] = {}

    def about(self, words: Iterable[str]) -> list[Provision]:
        """Return the provisions of the units that hold most of ``words``, in document order of each."""
        tokens = list(dict.fromkeys(token for word in words for token in bigram_tokens(word)))
        found = dict.fromkeys(self._sources.matching(tokens, MOST_UNITS))
        if self._allowed is not None and len(self._allowed) <= MOST_DOCUMENTS:
            units = (unit for one in sorted(self._allowed) for unit in self._sources.units(one))
            found |= {(unit.document_id, unit.ordinal): None for unit in units}
        return [provision for address in found for provision in self._of(address)]

    def beside(self, provision: Provision) -> list[Provision]:
        """Return all provisions of the unit in which ``provision`` stands."""
        return self._of(provision.address)

    def at(self, document_id: str, start: int) -> list[Provision]:
        """Return the provision of a document in which the character ``start`` stands, if it is one."""
        units = self._sources.units(document_id)
        unit = next((one for one in units if one.start <= start < one.end), None)
        found = self._of((document_id, unit.ordinal)) if unit else []
        return [one for one in found if one.span.start <= start < one.span.end]

    def cosines(self, provisions: Sequence[Provision], vector: Vector) -> dict[tuple[str, int], float]:
        """Return how near each provision is to ``vector``, scaled to 0–1 over all of them, by its key."""
        rows = self._sentences.vectors([sentence(one.unit, one.span) for one in provisions])
        near = {one.key: float(row @ vector) for one, row in zip(provisions, rows, strict=True)}
        low, high = min(near.values(), default=0.0), max(near.values(), default=0.0)
        return {key: (value - low) / (high - low or 1.0) for key, value in near.items()}

    def _of(self, address: Address) -> list[Provision]:
        if address not in self._read:
            self._read[address] = self._provisions(address)
        return self._read[address]

    def _provisions(self, address: Address) -> list[Provision]:
        document = self._sources.document(address[0])
        unit = self._sources.unit(address)
        kept = document.kind in (Kind.POLICY, Kind.LAW) and unit.type.citable and unit.type is not UnitType.CAPTION
        if not kept or (self._allowed is not None and document.id not in self._allowed):
            return []
        texts = [sentence(unit, span) for span in unit.sentences]
        headed = len(texts) > 1 and (unit.type in _TITLED or bool(_HEADING.fullmatch(texts[0])))
        above = fold(" ".join((document.title, *unit.heading_path, texts[0] if headed else "")))
        return [
            Provision(unit, document, span, part, fold(text), above, headed and part == 0)
            for part, (span, text) in enumerate(zip(unit.sentences, texts, strict=True))
        ]


def is_for_others(provision: Provision, sectors: Sequence[Sector]) -> bool:
    """Whether a provision is for another industry than ``sectors``: its titles say so, or whom it supports.

    Where the sectors are not known, nothing is. A unit that names a sector by more than the wider field never is.
    """
    if not sectors or any(sector.fit(fold(provision.unit.text)) > WIDER for sector in sectors):
        return False
    ours = _industries(sectors)
    if any(_named_in(provision.titles, one) for one in ours):
        return False
    if _FARMERS.search(provision.folded) and not any("现代农业" in one.fields for one in ours):
        return True
    return any(
        any(name in provision.titles for name in one.official) or _receives(names).search(provision.folded)
        for one, names in industry_names()
        if not _is_among(one, ours)
    )


def names_others(folded: str, sectors: Sequence[Sector]) -> bool:
    """Whether a text names an industry that is none of ``sectors``."""
    ours = _industries(sectors)
    others = (one for one in industries() if not _is_among(one, ours))
    return bool(sectors) and any(name in folded for one in others for name in one.official)


def _industries(sectors: Sequence[Sector]) -> set[Industry]:
    return {one for sector in sectors for one in sector.industries}


def _is_among(industry: Industry, ours: set[Industry]) -> bool:
    shared = industry.wide and any(set(industry.fields) & set(one.fields) for one in ours)
    return industry in ours or shared


def _named_in(folded: str, industry: Industry) -> bool:
    return any(name in folded for name in (*industry.official, *industry.said))


@cache
def _receives(names: re.Pattern[str]) -> re.Pattern[str]:
    """Return the pattern of ``names`` as whom support is for: 养老服务企业, 农产品加工项目."""
    return re.compile(rf"(?:{names.pattern})[^,。;、]{{0,4}}(?:企业|机构|项目|单位|主体|基地|经营户|产业)")
