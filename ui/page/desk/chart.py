"""The targets of a ledger as bars: one chart for each dimension and unit, since only those can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.desk.targets import Target

FULL = 100.0  # how long the longest bar is
_BETWEEN = "…"  # in a comparator: where the figure stands, or another word
_BEHIND = frozenset(("左右", "上下", "以上", "以下", "以内", "之内", "内", "之间"))  # what stands behind a figure


@dataclass(frozen=True, slots=True)
class Bar:
    """A target with the length of its bar."""

    target: Target
    length: float

    @property
    def said(self) -> str:
        """The figure with what limits it, as it is read: 达到3万亿元左右."""
        limits = self.target.comparator.split(_BETWEEN)
        before = "".join(one for one in limits if one not in _BEHIND)
        behind = "".join(one for one in limits if one in _BEHIND)
        return f"{before}{self.target.value}{self.target.unit}{behind}"


@dataclass(frozen=True, slots=True)
class Chart:
    """Targets of one unit, the largest first."""

    unit: str
    bars: tuple[Bar, ...]


def charts(targets: Sequence[Target]) -> list[Chart]:
    """Return a chart for each unit in which there are several targets, the fullest chart first."""

    def measured(target: Target) -> tuple[str, str]:
        return target.dimension, target.unit

    counted = sorted((one for one in targets if one.value is not None), key=measured)
    grouped = [tuple(group) for _, group in groupby(counted, measured)]
    made = [Chart(group[0].unit, tuple(_bars(group))) for group in grouped if len(group) > 1]
    return sorted(made, key=lambda chart: -len(chart.bars))


def _bars(group: Sequence[Target]) -> list[Bar]:
    longest = max(abs(one.value or 0) for one in group) or 1
    bars = [Bar(one, round(abs(one.value or 0) / longest * FULL, 2)) for one in group]
    return sorted(bars, key=lambda bar: -bar.length)
