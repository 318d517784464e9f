"""From the paragraphs of an article to its outline: a tree of numbered nodes, each with its own paragraphs.

A task (``1.``) is the smallest node of a policy and keeps its (1), ① and dash lists inside; an article (第五条) keeps
its paragraphs and items. What stands before the first label belongs to the root. An attachment is a node that holds
all that follows, up to the next one; the signature stands before the first.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.layout import Paragraph
from ingest.numbering import DECIMALS, TASK_LEVELS, Level, Marker
from vectorstore.records import Kind, Span
from vectorstore.text import fold, sentence_spans

_NAME_CHARS = 10  # a longer heading is no name for a label
_TITLE_LINES = 3  # an attachment may have a title of so many lines
_PART = re.compile(r"[^:：]{2,30}")  # a longer line is no heading of a part without a number
_SAYS = re.compile(
    r"\w[:;。]$|^(?:为了?|根据|按照|依据|经|现将|兹)[^,]*,|^(?:本|该|此)[表附件清单]{1,2}(?:[是为由自适中]|仅|所)"
)
_HEADING_LABEL = re.compile(
    r"(附(?:[件表录]|(?=[:：]))[\dA-Z一-十]*[:：]?|第.{1,9}(?:编|篇|章|节|部分)|专栏.{1,3}?(?=\D|$)|[一二三四五六七八九十百]+[、.．]|[(（].{1,5}[)）]"
    r"|[㈠-㈩⑴-⒛①-⑳]|\d+(?:\.\d+)+|\d+[.．、]|\d{1,2}(?=[\u4e00-\u9fff])(?![年月日个项]))?\s*(.*?)[。:：]?$"
)


@dataclass(slots=True)
class Node:
    """A numbered part. ``paragraphs[0]`` opens with the label, except in the root, which has none.

    ``headings`` of the paragraphs, from the first, are the heading: more than one where an attachment has a title, which
    may have a signature and a date of its own, ``closing``.
    """

    marker: Marker | None
    label: str = ""
    paragraphs: list[Paragraph] = field(default_factory=list)
    asides: list[Paragraph] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    closing: tuple[Paragraph, ...] = ()
    headings: int = 1
    _last: dict[int, int] = field(default_factory=dict)
    _dashes: int = 0

    def adopt(self, marker: Marker, paragraph: Paragraph) -> "Node":
        """Hang a new child that opens with ``marker`` below the node, and return it."""
        label = marker.label
        if marker.level is Level.DASH:
            self._dashes += 1
            label = f"——{self._dashes}"
        self._last[marker.level] = marker.number
        self.children.append(Node(marker, label, [paragraph]))
        return self.children[-1]

    def last_number(self, level: Level) -> int:
        """Return the number of its last child of this ``level``, 0 where it has none."""
        return self._last.get(level, 0)

    @property
    def level(self) -> int:
        """Depth of the label; the root is above all."""
        return self.marker.level if self.marker else 0

    @property
    def titled(self) -> bool:
        """Whether its first paragraph is only a heading."""
        return self.marker is not None and (self.framing or self.paragraphs[0].standalone)

    @property
    def framing(self) -> bool:
        """Whether it only frames what it holds: an attachment, a box, a part without a number, a table of contents."""
        return self.level in (Level.ATTACHMENT, Level.BOX, Level.UNNUMBERED, Level.CONTENTS)

    @property
    def heading(self) -> str:
        """Its heading: the lines of it, or the first sentence where the text goes on behind it."""
        line = self.paragraphs[0].text
        if self.titled:
            return " ".join(p.text for p in self.paragraphs[: self.headings]).replace("： ", "：")
        first = next(sentence_spans(line), Span(0, len(line)))
        return line[first.start : first.end]

    def walk(self) -> Iterator["Node"]:
        """Yield the node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Outline:
    """The tree of an article, the closing paragraphs of its text (signature, date), the attachments behind them."""

    root: Node
    closing: tuple[Paragraph, ...]
    attachments: tuple[Node, ...]


def read_outline(body: tuple[Paragraph, ...], kind: Kind) -> Outline:
    """Return the outline of ``body``; a report has none and is all in the root."""
    if kind is Kind.NEWS:
        return Outline(Node(None, paragraphs=list(body)), (), ())
    starts = [at for at, p in enumerate(body) if p.marker and p.marker.level is Level.ATTACHMENT]
    main = body[: starts[0]] if starts else body
    closing = _closing(main)
    root = Node(None)
    _grow(root, main[: len(main) - closing])
    attachments = []
    for start, end in pairwise([*starts, len(body)] if starts else []):
        marker = body[start].marker
        node = Node(marker, marker.label if marker else "", [body[start]])
        rest = body[start + 1 : end]
        while len(rest) >= node.headings and node.headings <= _TITLE_LINES and _title_line(rest[node.headings - 1]):
            node.paragraphs.append(rest[node.headings - 1])
            node.headings += 1
        own = rest[node.headings - 1 :]
        ends = len(own) - _closing(own)
        node.closing = own[ends:]
        _grow(node, own[:ends])
        attachments.append(node)
    return Outline(root, main[len(main) - closing :], tuple(attachments))


def name_of(heading: str) -> str:
    """What a heading calls its part (一、工作目标 → 工作目标); a long one is called by its label."""
    match = _HEADING_LABEL.match(heading)
    label, name = (match[1] or "", match[2]) if match else ("", heading)
    return name if 0 < len(name) <= _NAME_CHARS else label.strip("、.．:：") or name[:_NAME_CHARS]


def _title_line(paragraph: Paragraph) -> bool:
    plain = paragraph.standalone and not paragraph.marker and not paragraph.dated
    return plain and not paragraph.aside and not paragraph.contents and not _SAYS.search(fold(paragraph.text))


def _grow(root: Node, body: tuple[Paragraph, ...]) -> None:
    """Hang the paragraphs of ``body`` under ``root``."""
    stack = [root]
    tasks_are = _task_level(body)
    parts = _unnumbered_parts(body)
    for at, paragraph in enumerate(body):
        if paragraph.aside and stack[-1].marker and not stack[-1].framing:
            stack[-1].asides.append(paragraph)
            continue
        marker = Marker(Level.UNNUMBERED, paragraph.text, 0, 0) if at in parts else paragraph.marker
        if paragraph.contents and len(stack) > 1 and stack[-1].level != Level.CONTENTS:
            del stack[1:]
            marker = Marker(Level.CONTENTS, "目录", 0, 0)
        if marker is None or not _opens_node(marker, stack, tasks_are):
            stack[-1].paragraphs.append(paragraph)
            continue
        while len(stack) > 1 and (
            stack[-1].level >= marker.level or _dash_sibling(stack, marker) or _ends_box(stack, marker)
        ):
            stack.pop()
        stack.append(stack[-1].adopt(marker, paragraph))


def _unnumbered_parts(body: tuple[Paragraph, ...]) -> frozenset[int]:
    """The headings without a label under which 一、 starts anew, and their like."""
    first = [at for at, p in enumerate(body) if p.marker and (p.marker.level, p.marker.number) == (Level.HEADING, 1)]
    if len(first) < 2 or any(p.marker and p.marker.level < Level.HEADING for p in body):
        return frozenset()
    plain = [at for at, p in enumerate(body) if _title_line(p) and _PART.fullmatch(p.text)]
    if any(bisect_left(plain, start) == bisect_left(plain, end) for start, end in pairwise(first)):
        return frozenset()  # 一、 starts anew without a heading of its own
    return frozenset(at for at in plain if at + 1 < len(body) and not _title_line(body[at + 1]))


def _task_level(body: tuple[Paragraph, ...]) -> Level:
    """The level that numbers tasks: ``1.``, or ``(1)`` in a document that has no ``1.``, or ``1)``."""
    levels = {p.marker.level for p in body if p.marker}
    return next((level for level in TASK_LEVELS if level in levels), Level.BRACKET)


def _opens_node(marker: Marker, stack: list[Node], tasks_are: Level) -> bool:
    """Whether ``marker`` opens a node rather than a list inside the innermost task or article."""
    if marker.level <= Level.ARTICLE or marker.level is Level.CONTENTS:
        return True
    box = next((at for at, node in enumerate(stack) if node.level == Level.BOX), None)
    if box is not None and marker.level in TASK_LEVELS:  # the items of a box are numbered in a way of their own
        return all(node.level >= marker.level for node in stack[box + 1 :])
    for node in stack:
        if node.level in (Level.ARTICLE, Level.CLAUSE):
            return False
        if node.level == tasks_are and marker.level > tasks_are:
            return False
        if node.level in DECIMALS and marker.level not in (*DECIMALS, Level.BOX, Level.HEADING, Level.SUBHEADING):
            return False
    return marker.level <= tasks_are or marker.level in (Level.DASH, *DECIMALS)


def _dash_sibling(stack: list[Node], marker: Marker) -> bool:
    return marker.level is Level.DASH and stack[-1].level == Level.DASH


def _ends_box(stack: list[Node], marker: Marker) -> bool:
    """Whether ``marker`` goes on with the numbers from before the box that is open, not with those inside it."""
    if marker.level not in TASK_LEVELS:
        return False
    at = next((at for at, node in enumerate(stack) if node.level == Level.BOX), None)
    if at is None:
        return False
    inside, outside = (stack[n].last_number(marker.level) for n in (at, at - 1))
    return marker.number != inside + 1 and marker.number == outside + 1


def _closing(body: tuple[Paragraph, ...]) -> int:
    """How many paragraphs at the end are attachments that are named, signature and date rather than text of the last unit."""
    count = 0
    for paragraph in reversed(body):
        if not paragraph.standalone or paragraph.marker:
            break
        count += 1
    tail = body[len(body) - count :]
    signed = any(p.dated or p.text.startswith(("附件", "附：", "附:", "(此件", "（此件")) for p in tail)
    return count if signed and count < len(body) else 0
