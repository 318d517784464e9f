"""ODT, EPUB and RTF: Pandoc reads them, shut off from everything else, and its tree is walked into lines.

Where Pandoc does not say how the number of a list item is printed, the item is left without one rather than given a
wrong one.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

from ingest.lines import Extracted, Line, Role, whole_line
from ingest.readers.docx_numbering import write_number
from ingest.readers.grid import Cell, filled, spread
from ingest.readers.office import PASSWORD, damaged, open_package, text_lines
from ingest.readers.rtf import plainer
from ingest.readers.table import table_lines
from vectorstore.errors import ReadError

SECONDS = 60.0
MEMORY = "1G"
_FONTS_ONLY = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_METHOD = re.compile(rb"EncryptionMethod[^>]*?Algorithm=[\"']([^\"']*)")
# what Pandoc gives no number for: lists in other formats than these, and headings in any
_UNNUMBERED = re.compile(
    rb"<text:list-level-style-number\b[^>]*\bnum-format=\"(?![1aAiI]?\")|<text:outline-level-style\b[^>]*\bnum-format=\"[^\"]"
)
_FORMATS = {
    "Decimal": "decimal",
    "LowerAlpha": "lowerLetter",
    "UpperAlpha": "upperLetter",
    "LowerRoman": "lowerRoman",
    "UpperRoman": "upperRoman",
}
_DELIMITERS = {"Period": "{}. ", "OneParen": "{}) ", "TwoParens": "({}) "}
_QUOTES = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}
_NUMBERS_LOST = "文件中有读不到写法的自动编号,正文里可能缺少编号;要按编号引用,请另存为 .docx"

Node = Any  # an element of Pandoc's tree: a mapping with its type ``t`` and its content ``c``


def read_odt(data: bytes) -> Extracted:
    """Return the lines of an .odt file. Raises ReadError."""
    with open_package(data, "ODT") as package:
        names = package.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise ReadError(PASSWORD)
        styles = b"".join(package.read(name) for name in ("content.xml", "styles.xml") if name in names)
    tree = _Tree()
    lines = tuple(tree.lines(_blocks("odt", data, "ODT")))
    lost = tree.unknown or _UNNUMBERED.search(styles)
    return Extracted(lines, warnings=(_NUMBERS_LOST,) if lost else ())


def read_epub(data: bytes) -> Extracted:
    """Return the lines of an .epub file. Raises ReadError."""
    with open_package(data, "EPUB", doctype=True) as package:
        locked = package.read("META-INF/encryption.xml") if "META-INF/encryption.xml" in package.namelist() else b""
    if any(method not in _FONTS_ONLY for method in _METHOD.findall(locked)):
        raise ReadError("电子书有版权保护(DRM),无法读取;请换用没有保护的文件")
    return Extracted(tuple(_Tree(number="{}. ").lines(_blocks("epub", data, "EPUB"))))


def read_rtf(data: bytes) -> Extracted:
    """Return the lines of an .rtf file. Raises ReadError."""
    return Extracted(tuple(_Tree().lines(_blocks("rtf", plainer(data), "RTF"))))


def _blocks(format_: str, data: bytes, what: str) -> list[Node]:
    """Return the blocks that Pandoc finds in ``data``. Raises ReadError."""
    import pypandoc

    try:
        program = pypandoc.get_pandoc_path()
        done = subprocess.run(  # noqa: S603 - the program that pypandoc brings, no shell, no argument from outside
            [program, "+RTS", f"-M{MEMORY}", "-RTS", "--sandbox", f"--from={format_}", "--to=json"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        )
        blocks: list[Node] = json.loads(done.stdout)["blocks"]
    except OSError as error:
        raise ReadError(f"读 {what} 文件需要 pandoc;请运行 pip install pypandoc_binary 后重试") from error
    except subprocess.TimeoutExpired as error:
        raise ReadError(f"读取 {what} 文件超过 {SECONDS:g} 秒,已停止;请拆成小文件或另存为 .docx 后重试") from error
    except (subprocess.CalledProcessError, ValueError, RecursionError) as error:
        raise ReadError(damaged(what)) from error
    return blocks


class _Tree:
    """Walks a tree of Pandoc's, keeping the notes and inner tables until what they stand in is read.

    ``number``: how a list prints its numbers that does not say so; None where that cannot be known.
    """

    def __init__(self, number: str | None = None) -> None:
        self._number = number
        self.unknown = False  # whether a number was left out
        self._notes: list[list[Node]] = []
        self._inner: list[Node] = []

    def lines(self, blocks: list[Node], label: str = "") -> Iterator[Line]:
        """Yield the lines of ``blocks``, with the label of the list item that they are in front of the first."""
        for block in blocks:
            yield from self._block(block["t"], block.get("c"), label)
            yield from self._kept()
            label = ""

    def _kept(self) -> Iterator[Line]:
        notes, self._notes = self._notes, []
        for note in notes:
            if line := whole_line(" ".join(line.text for line in self.lines(note)), role=Role.NOTE):
                yield line
        inner, self._inner = self._inner, []
        yield from self.lines(inner)

    def _block(self, kind: str, content: Node, label: str) -> Iterator[Line]:
        if kind in ("Para", "Plain"):
            yield from self._paragraph(content, label)
        elif kind == "Header":
            yield from self._paragraph(content[2], label, heading=True)
        elif kind.endswith("List"):
            yield from self._list(kind, content, label)
        elif kind == "LineBlock":
            for line in content:
                yield from self._paragraph(line, label)
        elif kind == "CodeBlock":
            yield from text_lines(label + content[1])
        elif kind == "Table":
            yield from self._table(content)
        elif kind == "Figure":
            yield from self.lines(content[2], label)
            yield from self.lines(content[1][1])
        elif kind in ("Div", "BlockQuote"):
            yield from self.lines(content[1] if kind == "Div" else content, label)

    def _list(self, kind: str, content: Node, label: str) -> Iterator[Line]:
        """Yield the lines of a list that is numbered, has bullets (which are layout) or says what terms mean."""
        if kind == "OrderedList":
            for at, item in enumerate(content[1]):
                yield from self.lines(item, label + self._label(content[0], at))
        elif kind == "BulletList":
            for item in content:
                yield from self.lines(item, label)
                label = ""
        else:
            for term, meanings in content:
                yield from self._paragraph(term, label)
                for meaning in meanings:
                    yield from self.lines(meaning)

    def _paragraph(self, inlines: list[Node], label: str, *, heading: bool = False) -> Iterator[Line]:
        text = self._text(inlines)
        if text.strip():
            yield from text_lines(label + text.lstrip(" "), heading=heading)

    def _text(self, inlines: list[Node]) -> str:
        return "".join(self._inline(one["t"], one.get("c")) for one in inlines)

    def _inline(self, kind: str, content: Node) -> str:
        if kind in ("Space", "SoftBreak", "LineBreak"):
            return "\n" if kind == "LineBreak" else " "
        if kind == "Note":
            self._notes.append(content)
            return ""
        if kind == "Str":
            return str(content)
        if kind in ("Code", "Math"):
            return str(content[1])
        if kind in ("Image", "RawInline"):
            return ""
        if kind == "Quoted":
            left, right = _QUOTES[content[0]["t"]]
            return left + self._text(content[1]) + right
        return self._text(content[1] if kind in ("Span", "Link", "Cite") else content)

    def _label(self, attributes: Node, at: int) -> str:
        """Return the label of item ``at`` of a list."""
        start, style, delimiter = attributes
        format_ = _FORMATS.get(style["t"]) or (self._number and "decimal")
        shown = _DELIMITERS.get(delimiter["t"], self._number)
        if not format_ or not shown:
            self.unknown = True
            return ""
        return shown.format(write_number(start + at, format_))

    def _table(self, content: Node) -> Iterator[Line]:
        _, caption, columns, head, bodies, foot = content
        yield from self.lines(caption[1])
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        if len(columns) <= 1:  # a frame around text
            for _, cells in rows:
                for cell in cells:
                    yield from self.lines(cell[4])
            return
        grid = spread([(Cell(self._cell(c[4])), c[2], c[3]) for c in cells] for _, cells in rows)
        named = sum(bool(filled(row)) for row in grid[: len(head[1])])
        yield from table_lines(grid if named else grid[len(head[1]) :], named)

    def _cell(self, blocks: list[Node]) -> str:
        notes, self._notes = self._notes, []
        inner = [block for block in blocks if block["t"] == "Table"]
        found = list(self.lines([block for block in blocks if block["t"] != "Table"]))
        self._inner += inner
        self._notes = notes
        return " ".join(line.text for line in found)
