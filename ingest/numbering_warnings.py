"""What is odd about the numbers of a document: left out, given twice, going back. It is told, never mended.

    编号不连续:重点任务 7 之后是 9(缺 8)      编号重复:第五条出现两次      编号不连续:第三章从第二节开始(缺第一节)

Numbers may start anew under each heading, and may as well run on over several (articles over chapters, tasks 1–25 over
the parts of a plan): neither is odd.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ingest.layout import Paragraph
from ingest.numbering import DECIMALS, LAW_LEVELS, Level, Marker
from ingest.outline import Node, Outline, name_of
from vectorstore.numerals import to_chinese

MOST = 30  # warnings of one document; a text with more has no numbering to speak of
_NAMED = 3  # numbers left out that are named one by one
_TIMES = {2: "两"}
_UNJUDGED = (Level.DASH, Level.CONTENTS, Level.UNNUMBERED)


def numbering_warnings(outline: Outline, *, part: bool = False) -> tuple[str, ...]:
    """Return what is odd about the numbers of ``outline``, in order, as sentences for its owner.

    The articles of a ``part`` of a work go on from those of the part before it, which is another file.
    """
    found: list[str] = []
    for scope in (outline.root, *outline.attachments):
        found += _Scope(anywhere=LAW_LEVELS if part and scope is outline.root else ()).judge(scope)
    labels = [node.marker for node in outline.attachments if node.marker and node.marker.number]
    found += _in_row(labels, "")
    found = list(dict.fromkeys(found))
    more = len(found) - MOST
    return (*found[:MOST], f"编号问题还有 {more} 处") if more > 0 else tuple(found)


class _Scope:
    """The text or one attachment: the last number of each level in it, as numbers may run on over headings."""

    def __init__(self, anywhere: Collection[Level] = ()) -> None:
        self._last: dict[Level, Marker] = {}
        self._anywhere = anywhere  # levels whose first number may be any

    def judge(self, node: Node, above: str = "") -> Iterator[str]:
        """Yield what is odd about the numbers of what stands under ``node``; ``above`` names its first heading."""
        met: dict[Level, Counter[str]] = {}
        times = Counter((child.level, child.label) for child in node.children)
        for child in node.children:
            marker = child.marker
            if marker is None or marker.level in _UNJUDGED:
                continue
            labels = met.setdefault(marker.level, Counter())
            labels[marker.label] += 1
            yield from self._judge_child(marker, node, labels, times[child.level, marker.label], above)
            self._last[marker.level] = marker
            yield from self.judge(child, above or name_of(child.heading))
            yield from _items(child)

    def _judge_child(self, marker: Marker, parent: Node, labels: Counter[str], times: int, above: str) -> Iterator[str]:
        last = self._last.get(marker.level)
        if last and _next(last, marker):
            return
        first = sum(labels.values()) == 1
        if not last and marker.level in self._anywhere:
            return
        if first and marker.number == 1 and not marker.branch:
            return  # numbers start anew under this heading
        if labels[marker.label] > 1:
            if labels[marker.label] > 2:
                return  # told at the second, with the number of all
            yield f"编号重复:{_shown(marker, above)}出现{_TIMES.get(times, times)}次"
        elif last and (not first or _runs_on(last, marker)):
            yield _break(last, marker, above)
        else:
            place = name_of(parent.heading) if parent.marker else "正文"
            missing = _missing(0, marker)
            yield f"编号不连续:{place}从 {marker.label} 开始" + (f"(缺 {missing})" if missing else "")


def _items(node: Node) -> Iterator[str]:
    """Yield what is odd about the lists inside ``node``: they start anew at 1 whenever they like."""
    runs: dict[Level, list[Marker]] = {}
    for paragraph in node.paragraphs[1:]:
        marker = _item(paragraph)
        if marker is None:
            continue
        for lower in [level for level in runs if level > marker.level]:
            del runs[lower]
        run = runs.setdefault(marker.level, [])
        if run and marker.number != 1:
            yield from _in_row([run[-1], marker], f"{node.label} ")
        run.append(marker)


def _item(paragraph: Paragraph) -> Marker | None:
    marker = paragraph.marker
    return marker if marker and marker.level not in (*_UNJUDGED, *LAW_LEVELS, *DECIMALS) else None


def _in_row(markers: Sequence[Marker], above: str) -> Iterator[str]:
    for last, marker in pairwise(markers):
        if last.number == marker.number:
            yield f"编号重复:{above}{marker.label}出现两次"
        elif not _next(last, marker):
            yield _break(last, marker, above)


def _next(last: Marker, marker: Marker) -> bool:
    if marker.branch:
        return (marker.number, marker.branch) == (last.number, last.branch + 1)
    return marker.number == last.number + 1


def _runs_on(last: Marker, marker: Marker) -> bool:
    """Whether the first number under a heading goes on, with a gap, from that under the heading before."""
    return marker.number > last.number and marker.level in (Level.ARTICLE, Level.CHAPTER, Level.NUMBER)


def _break(last: Marker, marker: Marker, above: str) -> str:
    missing = _missing(last.number, marker)
    tail = f"(缺 {missing})" if missing else ""
    return f"编号不连续:{_shown(last, above)} 之后是 {marker.label}{tail}"


def _shown(marker: Marker, above: str) -> str:
    """A number with the heading above it; an article or chapter says itself what it is."""
    if not above or marker.level in (*LAW_LEVELS, Level.ATTACHMENT):
        return marker.label
    return f"{above.strip()} {marker.label}"


def _missing(last: int, marker: Marker) -> str:
    """The labels left out between ``last`` and ``marker``, as the document would print them."""
    numbers = range(last + 1, marker.number)
    if not numbers:
        return ""
    if len(numbers) <= _NAMED:
        return "、".join(_like(marker, number) for number in numbers)
    return f"{_like(marker, numbers[0])}至{_like(marker, numbers[-1])}"


def _like(marker: Marker, number: int) -> str:
    """The label of ``marker`` with another number."""
    if marker.level is Level.CIRCLE:
        return str(number)
    if marker.level in DECIMALS:
        return ".".join([*marker.label.split(".")[:-1], str(number)])
    label = marker.label.partition("之")[0]
    if any(c.isdecimal() for c in label):
        return label.replace(str(marker.number), str(number))
    numeral = to_chinese(marker.number)
    return label.replace(numeral, to_chinese(number)) if numeral in label else str(number)
