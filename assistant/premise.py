"""Whether a question takes for granted what the source does not say: a wrong count, a wrong year, a wrong place."""

from collections.abc import Iterable

from assistant.figures import Figure, figures
from vectorstore.records import Unit

_YEAR_FROM = 1900


def conflicting_figure(asserted: Iterable[Figure], unit: Unit) -> tuple[Figure, Figure] | None:
    """Return a figure that the question asserts and the figure that ``unit`` has instead, or None.

    They conflict where ``unit`` never has the asserted value but has another of the same unit. Dates are judged by
    ``unknown_year``.
    """
    present = figures(unit.text)
    for claim in asserted:
        if claim.dimension in ("date", "bare") or any(claim.value == figure.value for figure in present):
            continue
        for figure in present:
            if figure.unit == claim.unit:
                return claim, figure
    return None


def unknown_year(asserted: Iterable[Figure], text: str) -> Figure | None:
    """Return a year that the question asserts and ``text`` never names, where ``text`` names years at all."""
    years = {figure.value for figure in figures(text) if figure.unit == "年" and figure.value >= _YEAR_FROM}
    for claim in asserted:
        if claim.unit == "年" and claim.value >= _YEAR_FROM and years and claim.value not in years:
            return claim
    return None
