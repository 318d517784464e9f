"""From the paragraphs of an article to its outline: a tree of numbered nodes, each with its own paragraphs.

A task (``1.``) is the smallest node of a policy and keeps its (1), ① and dash lists inside; an article (第五条) keeps
its paragraphs and items. What stands before the first label belongs to the root.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.layout import Paragraph
from ingest.numbering import Level, Marker
from vectorstore.records import Kind


@dataclass(slots=True)
class Node:
    """A numbered part. ``paragraphs[0]`` opens with the label, except in the root, which has none."""

    marker: Marker | None
    label: str = ""
    paragraphs: list[Paragraph] = field(default_factory=list)
    asides: list[Paragraph] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def level(self) -> int:
        """Depth of the label; the root is above all."""
        return self.marker.level if self.marker else 0

    @property
    def titled(self) -> bool:
        """Whether its first paragraph is only a heading."""
        return self.marker is not None and self.paragraphs[0].standalone

    def walk(self) -> Iterator["Node"]:
        """Yield the node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_outline(body: tuple[Paragraph, ...], kind: Kind) -> tuple[Node, list[Paragraph]]:
    """Return the root of the outline of ``body`` and the closing paragraphs (attachments, signature, date)."""
    closing = _closing(body)
    root = Node(None)
    stack = [root]
    tasks_are = _task_level(body)
    for paragraph in body[: len(body) - closing]:
        if paragraph.aside and stack[-1] is not root:
            stack[-1].asides.append(paragraph)
            continue
        marker = paragraph.marker if kind is not Kind.NEWS else None
        if marker is None or not _opens_node(marker, stack, tasks_are):
            stack[-1].paragraphs.append(paragraph)
            continue
        while stack[-1].level >= marker.level or _dash_sibling(stack, marker):
            stack.pop()
        node = Node(marker, _label(marker, stack[-1]), [paragraph])
        stack[-1].children.append(node)
        stack.append(node)
    return root, list(body[len(body) - closing :])


def _task_level(body: tuple[Paragraph, ...]) -> Level:
    """The level that numbers tasks: ``1.``, or ``(1)`` in a document that has no ``1.``."""
    numbered = any(p.marker and p.marker.level is Level.NUMBER for p in body)
    return Level.NUMBER if numbered else Level.BRACKET


def _opens_node(marker: Marker, stack: list[Node], tasks_are: Level) -> bool:
    """Whether ``marker`` opens a node rather than a list inside the innermost task or article."""
    if marker.level <= Level.ARTICLE:
        return True
    for node in stack:
        if node.level == Level.ARTICLE:
            return False
        if node.level == tasks_are and marker.level > tasks_are:
            return False
    return marker.level <= tasks_are or marker.level is Level.DASH


def _dash_sibling(stack: list[Node], marker: Marker) -> bool:
    return marker.level is Level.DASH and stack[-1].level == Level.DASH


def _label(marker: Marker, parent: Node) -> str:
    if marker.level is not Level.DASH:
        return marker.label
    return f"——{sum(child.level == Level.DASH for child in parent.children) + 1}"


def _closing(body: tuple[Paragraph, ...]) -> int:
    """How many paragraphs at the end are attachments, signature and date rather than text of the last unit."""
    count = 0
    for paragraph in reversed(body):
        if not paragraph.standalone or paragraph.marker:
            break
        count += 1
    tail = body[len(body) - count :]
    signed = any(p.dated or p.text.startswith(("附件", "(此件", "（此件")) for p in tail)
    return count if signed and count < len(body) else 0
