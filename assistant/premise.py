"""Whether a question takes for granted what the source does not say: a wrong count, year or place, a claim, a result."""

import re
from collections.abc import Callable, Iterable

from assistant.figures import Figure, figures
from assistant.lexicon import places
from vectorstore.records import Document, Kind, Unit
from vectorstore.text import fold

_YEAR_FROM = 1900
_SUPPOSES = re.compile(
    r"(?:是不是|是否|有没有)(?:真的?|已经?|明确)?(?:说|写|提出|要求|规定|要把?|把|会把?)|听说[^?]*(?:吗|是不是)|对吗|对不对|真的吗|是真的|属实"
)
_RESULT = re.compile(r"实际(?!使用|利用|到位)|去年|前年|上个?月|截至目前|迄今|已经(?:完成|达到|实现|建成|用了|花了)")
_ORIGIN_BEFORE = re.compile(r"(?:来自|从|在|由|离开|我们?是?|老家|籍贯)$")
_ORIGIN_AFTER = re.compile(r"人|一家|的?(?:公司|企业|厂|团队|老板|客户|学生|居民|姑娘|小伙)|来的|过来|出来|搬|迁|转")


def conflicting_figure(asserted: Iterable[Figure], unit: Unit) -> tuple[Figure, Figure] | None:
    """Return a figure that the question asserts and the figure that ``unit`` has instead, or None.

    They conflict where ``unit`` never has the asserted value but has another of the same unit. Dates are judged by
    ``unknown_year``.
    """
    claims = [claim for claim in asserted if claim.dimension not in ("date", "bare")]
    present = figures(unit.text) if claims else []
    for claim in claims:
        if any(claim.value == figure.value for figure in present):
            continue
        for figure in present:
            if figure.unit == claim.unit:
                return claim, figure
    return None


def unknown_year(asserted: Iterable[Figure], text: str) -> Figure | None:
    """Return a year that the question asserts and ``text`` never names, where ``text`` names years at all."""
    claims = [claim for claim in asserted if _is_year(claim)]
    years = {figure.value for figure in figures(text) if _is_year(figure)} if claims else set()
    return next((claim for claim in claims if years and claim.value not in years), None)


def _is_year(figure: Figure) -> bool:
    return figure.unit == "年" and figure.value >= _YEAR_FROM


def supposes(question: str) -> bool:
    """Whether ``question`` puts a claim to the sources (方案是不是说要把…) rather than asking what they say."""
    return bool(_SUPPOSES.search(fold(question)))


def wants_result(question: str, document: Document) -> bool:
    """Whether ``question`` asks for what has been achieved and ``document`` is a plan, which names what is to be."""
    found = _RESULT.search(fold(question))
    return found is not None and document.kind is not Kind.NEWS and found.group() not in fold(document.text)


def place_elsewhere(question: str, known: Callable[[str], bool]) -> str | None:
    """Return a province or city that ``question`` asks about and the sources do not know; the asker's own is none."""
    folded = fold(question)
    named = [
        (place, at)
        for place in places()
        if (at := folded.find(place)) >= 0
        and not _ORIGIN_BEFORE.search(folded[:at])
        and not _ORIGIN_AFTER.match(folded[at + len(place) :])
    ]
    return next((place for place, _at in sorted(named, key=lambda one: one[1]) if not known(place)), None)
